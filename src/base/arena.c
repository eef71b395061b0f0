/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bump allocator over malloc'ed blocks. Requests of at least LARGE bytes
 * get a block of their own, which arena_grow() can realloc in place: so a
 * growing stack costs no second copy.
 */
#include "base/arena.h"

#include <stdlib.h>

#include "base/limits.h"

#define ALIGN 16u
#define LARGE (ARENA_BLOCK_MIN / 2)
#define ARRAY_FIRST 16u

struct arena_block {
	_Alignas(16) struct arena_block *next;
	size_t size; /* of the whole block, this header included */
	bool large;
};

static size_t
align_up(size_t size)
{
	return (size + (ALIGN - 1)) & ~(size_t)(ALIGN - 1);
}

static void *
fail(struct arena *a, enum kg_status why)
{
	if (a->failure == KG_OK)
		a->failure = why;
	return NULL;
}

void
arena_init(struct arena *a, size_t cap)
{
	*a = (struct arena){ .cap = cap };
}

static void
free_blocks(struct arena *a, struct arena_block *block)
{
	while (block != NULL) {
		struct arena_block *next = block->next;

		a->total -= block->size;
		free(block);
		block = next;
	}
}

void
arena_release(struct arena *a)
{
	free_blocks(a, a->blocks);
	arena_init(a, a->cap);
}

void
arena_reset(struct arena *a)
{
	struct arena_block *keep = NULL, *block = a->blocks;

	/* The largest block below the cap serves the next round alone. */
	for (struct arena_block *b = block; b != NULL; b = b->next) {
		if (b->size <= ARENA_KEEP_MAX &&
		    (keep == NULL || b->size > keep->size))
			keep = b;
	}
	while (block != NULL) {
		struct arena_block *next = block->next;

		if (block != keep) {
			a->total -= block->size;
			free(block);
		}
		block = next;
	}
	a->blocks = keep;
	a->failure = KG_OK;
	a->next = a->end = NULL;
	if (keep != NULL) {
		keep->next = NULL;
		keep->large = false;
		a->next = (char *)(keep + 1);
		a->end = (char *)keep + keep->size;
	}
}

static struct arena_block *
new_block(struct arena *a, size_t size, bool large)
{
	struct arena_block *block;

	if (a->total > a->cap || size > a->cap - a->total)
		return fail(a, KG_LIMIT);
	block = malloc(size);
	if (block == NULL)
		return fail(a, KG_NOMEM);
	*block = (struct arena_block){ a->blocks, size, large };
	a->blocks = block;
	a->total += size;
	return block;
}

/* A fresh current block, twice the last, so that few are ever made. */
static bool
refill(struct arena *a, size_t need)
{
	size_t size = ARENA_BLOCK_MIN;
	struct arena_block *block;

	while (size < ARENA_KEEP_MAX && size < a->total)
		size *= 2;
	if (size > a->cap - a->total)
		size = align_up(need + sizeof(*block));
	block = new_block(a, size, false);
	if (block == NULL)
		return false;
	a->next = (char *)(block + 1);
	a->end = (char *)block + block->size;
	return true;
}

/* The current block has no such room. */
static KG_COLD void *
take_beyond(struct arena *a, size_t need)
{
	struct arena_block *block;

	if (need >= LARGE) {
		block = new_block(a, need + sizeof(*block), true);
		return block != NULL ? block + 1 : NULL;
	}
	if (!refill(a, need))
		return NULL;
	a->next += need;
	return a->next - need;
}

static void *
take(struct arena *a, size_t size)
{
	size_t need;

	if (a->failure != KG_OK)
		return NULL;
	if (size > SIZE_MAX / 2)
		return fail(a, KG_LIMIT);
	need = align_up(size == 0 ? 1 : size);
	if (need > (size_t)(a->end - a->next))
		return take_beyond(a, need);
	a->next += need;
	return a->next - need;
}

void *
arena_alloc(struct arena *a, size_t size)
{
	void *ptr = take(a, size);

	if (ptr != NULL)
		memset(ptr, 0, size);
	return ptr;
}

void *
arena_array(struct arena *a, size_t count, size_t size)
{
	if (size != 0 && count > SIZE_MAX / size)
		return fail(a, KG_LIMIT);
	return take(a, count * size);
}

/* Grows the newest large block in place, if `ptr` is its content. */
static void *
grow_large(struct arena *a, void *ptr, size_t size)
{
	struct arena_block *block, **link = &a->blocks;
	size_t whole = align_up(size) + sizeof(*block);

	/* It is among the newest: growing arrays are few at any time. */
	while (*link != NULL && (void *)(*link + 1) != ptr)
		link = &(*link)->next;
	block = *link;
	if (block == NULL || !block->large || size > SIZE_MAX / 2)
		return NULL;
	if (whole > block->size && whole - block->size > a->cap - a->total)
		return fail(a, KG_LIMIT);
	block = realloc(block, whole);
	if (block == NULL)
		return fail(a, KG_NOMEM);
	a->total = a->total - block->size + whole;
	block->size = whole;
	*link = block;
	return block + 1;
}

void *
arena_grow(struct arena *a, void *ptr, size_t old, size_t size)
{
	void *grown;

	if (a->failure != KG_OK)
		return NULL;
	if (ptr != NULL && size <= old)
		return ptr;
	/* The last allocation of the current block just gets longer. */
	if (ptr != NULL && a->next != NULL &&
	    (char *)ptr + align_up(old) == a->next && size < SIZE_MAX / 2 &&
	    align_up(size) - align_up(old) <= (size_t)(a->end - a->next)) {
		a->next += align_up(size) - align_up(old);
		return ptr;
	}
	if (ptr != NULL && old >= LARGE) {
		grown = grow_large(a, ptr, size);
		if (grown != NULL || a->failure != KG_OK)
			return grown;
	}
	grown = take(a, size);
	if (grown != NULL && old != 0)
		memcpy(grown, ptr, old);
	return grown;
}

void *
arena_more(struct arena *a, void *list, size_t count, size_t *cap, size_t size)
{
	const size_t want = *cap == 0 ? ARRAY_FIRST : *cap * 2;
	void *grown;

	if (count < *cap)
		return list;
	grown = arena_grow(a, list, *cap * size, want * size);
	if (grown != NULL)
		*cap = want;
	return grown;
}

struct kg_slice
arena_copy(struct arena *a, struct kg_slice s)
{
	char *ptr;

	if (s.len == 0)
		return slice_of(NULL, 0);
	ptr = arena_array(a, s.len, 1);
	if (ptr == NULL)
		return slice_of(NULL, 0);
	memcpy(ptr, s.ptr, s.len);
	return slice_of(ptr, s.len);
}
