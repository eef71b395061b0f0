/* SPDX-License-Identifier: Apache-2.0 */
/* Containers out of a stack of children; duplicate names are found here. */
#include "value/builder.h"

/* Up to here names are compared pair by pair, beyond by a table. */
#define PAIRWISE_MAX 12u
#define STACK_MIN 256u

void
builder_init(struct builder *b, struct arena *arena, const struct keytab *keys,
    size_t nodes_max, bool positions)
{
	/* The frames are written before they are read. */
	b->arena = arena;
	b->keys = keys;
	b->stack = NULL;
	b->top = b->cap = b->nodes = 0;
	b->depth = 0;
	b->nodes_max = nodes_max;
	b->positions = positions;
	b->duplicate = slice_of(NULL, 0);
	b->duplicate_pos = 0;
}

enum builder_status
builder_grow(struct builder *b)
{
	size_t cap = b->cap == 0 ? STACK_MIN : b->cap * 2;
	struct builder_entry *stack;

	if (b->cap == b->nodes_max)
		return BUILDER_NODES;
	if (cap > b->nodes_max)
		cap = b->nodes_max;
	stack = arena_grow(
	    b->arena, b->stack, b->cap * sizeof(*stack), cap * sizeof(*stack));
	if (stack == NULL)
		return BUILDER_NOMEM;
	b->stack = stack;
	b->cap = cap;
	return BUILDER_OK;
}

static bool
same_name(const struct builder_entry *a, const struct builder_entry *b)
{
	return a->hash == b->hash &&
	    slice_eq(value_str(&a->value), value_str(&b->value));
}

/*
 * The first name that repeats an earlier one, by index of its member. Most
 * names differ in the six bits of their hash that `seen` remembers; only
 * others are compared.
 */
static size_t
find_duplicate_pairwise(const struct builder_entry *entries, size_t count)
{
	uint64_t seen = 0;

	for (size_t i = 0; i < count; i++) {
		const uint64_t bit = (uint64_t)1 << (entries[2 * i].hash & 63);

		if ((seen & bit) == 0) {
			seen |= bit;
			continue;
		}
		for (size_t j = 0; j < i; j++) {
			if (same_name(&entries[2 * i], &entries[2 * j]))
				return i;
		}
	}
	return SIZE_MAX;
}

/* The same through a table of member numbers; the hash is seeded. */
static enum builder_status
find_duplicate_table(struct builder *b, const struct builder_entry *entries,
    size_t count, size_t *found)
{
	size_t size = 32;
	uint32_t *table;

	while (size < 2 * count)
		size *= 2;
	table = arena_alloc(b->arena, size * sizeof(*table));
	if (table == NULL)
		return BUILDER_NOMEM;
	for (size_t i = 0; i < count; i++) {
		size_t at = (size_t)entries[2 * i].hash & (size - 1);

		while (table[at] != 0 &&
		    !same_name(&entries[2 * i], &entries[2 * (table[at] - 1)]))
			at = (at + 1) & (size - 1);
		if (table[at] != 0) {
			*found = i;
			return BUILDER_OK;
		}
		table[at] = (uint32_t)i + 1;
	}
	return BUILDER_OK;
}

static enum builder_status
check_duplicates(
    struct builder *b, const struct builder_entry *entries, size_t count)
{
	enum builder_status st = BUILDER_OK;
	size_t found = SIZE_MAX;

	if (count <= PAIRWISE_MAX)
		found = find_duplicate_pairwise(entries, count);
	else
		st = find_duplicate_table(b, entries, count, &found);
	if (st != BUILDER_OK || found == SIZE_MAX)
		return st;
	b->duplicate = value_str(&entries[2 * found].value);
	b->duplicate_pos = entries[2 * found].pos;
	return BUILDER_DUPLICATE;
}

/* Copies n entries side by side; behind them, when kept, their offsets and
 * that of the end. */
static void *
gather(struct builder *b, const struct builder_entry *entries, size_t n,
    uint32_t end)
{
	const size_t offsets = b->positions ? (n + 1) * sizeof(uint32_t) : 0;
	struct value *values =
	    arena_array(b->arena, n * sizeof(*values) + offsets, 1);
	uint32_t *pos;

	if (values == NULL)
		return NULL;
	for (size_t i = 0; i < n; i++)
		values[i] = entries[i].value;
	if (b->positions) {
		pos = (uint32_t *)(void *)(values + n);
		for (size_t i = 0; i < n; i++)
			pos[i] = entries[i].pos;
		pos[n] = end;
	}
	return values;
}

enum builder_status
builder_close(struct builder *b, uint32_t end)
{
	const struct builder_frame *frame = &b->frames[b->depth - 1];
	const size_t n = b->top - frame->base;
	/* An empty root has no stack yet. */
	const struct builder_entry *entries =
	    n > 0 ? b->stack + frame->base : NULL;
	struct value v = {
		.kind = frame->object ? VALUE_OBJECT : VALUE_LIST,
		.flags = b->positions ? VALUE_HAS_POS : 0,
		.count = (uint32_t)(frame->object ? n / 2 : n),
	};
	enum builder_status st = BUILDER_OK;

	if (frame->object && n > 2)
		st = check_duplicates(b, entries, n / 2);
	if (st != BUILDER_OK)
		return st;
	b->nodes += n;
	if (b->nodes > b->nodes_max)
		return BUILDER_NODES;
	if (n > 0) {
		v.u.items = gather(b, entries, n, end);
		if (v.u.items == NULL)
			return BUILDER_NOMEM;
	}
	b->top = frame->base;
	b->depth--;
	return builder_push(b, v, frame->pos);
}

const struct value *
builder_root(struct builder *b, uint32_t *pos)
{
	struct value *root = arena_array(b->arena, 1, sizeof(*root));

	if (root == NULL)
		return NULL;
	*root = b->stack[0].value;
	*pos = b->stack[0].pos;
	return root;
}
