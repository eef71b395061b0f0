/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that dies together: one arena for each reviewing thread (reset
 * between requests), one for each rule set, one as scratch for each compile.
 *
 * Nothing is freed on its own. Past its cap, or when malloc fails, an
 * allocation gives NULL and the arena stays failed until it is reset, so a
 * builder may test arena_failed() once, at its end. Not thread-safe.
 */
#ifndef KG_BASE_ARENA_H
#define KG_BASE_ARENA_H

#include "base/slice.h"

struct arena_block;

struct arena {
	char *next, *end;           /* free room of the current block */
	struct arena_block *blocks; /* newest first */
	size_t cap;                 /* bytes of all blocks together, at most */
	size_t total;               /* bytes of all blocks now */
	enum kg_status failure;     /* KG_OK, KG_LIMIT or KG_NOMEM; sticky */
};

/* Allocates nothing yet. */
void arena_init(struct arena *a, size_t cap);
void arena_release(struct arena *a);

/* Forgets all allocations, keeps at most ARENA_KEEP_MAX bytes of blocks. */
void arena_reset(struct arena *a);

/* Zeroed memory, aligned to 16; NULL when failed. */
void *arena_alloc(struct arena *a, size_t size) KG_MUST_CHECK;

/* The same, uninitialised. `count * size` is checked for overflow. */
void *arena_array(struct arena *a, size_t count, size_t size) KG_MUST_CHECK;

/*
 * Grows an array made by arena_array(), or NULL with old == 0, to new bytes;
 * its content moves with it. The old memory may be lost until reset. New
 * bytes are uninitialised. NULL when failed (the old array stays as it was).
 */
void *arena_grow(
    struct arena *a, void *ptr, size_t old, size_t size) KG_MUST_CHECK;

/*
 * The same for an array that doubles whenever all *cap elements are in use:
 * gives it with room for one more behind `count`, and sets *cap. NULL when
 * failed (array and *cap stay as they were).
 */
void *arena_more(struct arena *a, void *list, size_t count, size_t *cap,
    size_t size) KG_MUST_CHECK;

/* A copy of the bytes; {NULL, 0} when failed or empty. */
struct kg_slice arena_copy(struct arena *a, struct kg_slice s);

static inline bool
arena_failed(const struct arena *a)
{
	return a->failure != KG_OK;
}

#endif
