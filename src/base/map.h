/* SPDX-License-Identifier: Apache-2.0 */
/*
 * String to pointer, in an arena, with a seeded hash. Entries keep the order
 * in which they were added; nothing is removed. Readers may share it.
 */
#ifndef KG_BASE_MAP_H
#define KG_BASE_MAP_H

#include "base/arena.h"

struct map_entry {
	struct kg_slice key; /* borrowed: must outlive the map */
	void *value;
};

struct map {
	struct arena *arena;
	struct map_entry *entries; /* [count], in order of arrival */
	uint32_t *slots;           /* entry index + 1, or 0; size is 2^bits */
	size_t count, cap;
	unsigned bits;
	uint64_t seed;
	uint64_t lengths; /* of the keys, see slice_length_bit() */
};

/* Allocates nothing yet. */
void map_init(struct map *m, struct arena *arena);

/* The same as map_get(), of a map that has some key of this length. */
void *map_search(const struct map *m, struct kg_slice key);

/* The value of the key, or NULL. */
static inline void *
map_get(const struct map *m, struct kg_slice key)
{
	return (m->lengths & slice_length_bit(key)) != 0 ? map_search(m, key)
							 : NULL;
}

/*
 * The place of the key's value, made (as NULL) when it was not there; valid
 * until the next put. NULL when the arena failed.
 */
void **map_put(struct map *m, struct kg_slice key) KG_MUST_CHECK;

#endif
