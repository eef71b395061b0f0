/* SPDX-License-Identifier: Apache-2.0 */
/* Open addressing with linear probing, at most half full. */
#include "base/map.h"

#include "base/hash.h"

#define MAP_BITS_MIN 4u

void
map_init(struct map *m, struct arena *arena)
{
	*m = (struct map){ .arena = arena, .seed = hash_seed(m) };
}

static size_t
first_slot(const struct map *m, struct kg_slice key)
{
	return (
	    size_t)(hash_bytes(m->seed, key.ptr, key.len) >> (64 - m->bits));
}

/* The slot of the key, or the free one where it belongs. */
static uint32_t *
find_slot(const struct map *m, struct kg_slice key)
{
	const size_t mask = ((size_t)1 << m->bits) - 1;
	size_t at = first_slot(m, key);

	while (m->slots[at] != 0 &&
	    !hash_same_text(m->entries[m->slots[at] - 1].key, key))
		at = (at + 1) & mask;
	return &m->slots[at];
}

void *
map_search(const struct map *m, struct kg_slice key)
{
	const uint32_t at = *find_slot(m, key);

	return at != 0 ? m->entries[at - 1].value : NULL;
}

static bool
map_grow(struct map *m)
{
	const unsigned bits = m->bits == 0 ? MAP_BITS_MIN : m->bits + 1;
	const size_t cap = (size_t)1 << (bits - 1);
	struct map_entry *entries;
	uint32_t *slots;

	entries = arena_grow(m->arena, m->entries, m->cap * sizeof(*entries),
	    cap * sizeof(*entries));
	slots = arena_alloc(m->arena, ((size_t)1 << bits) * sizeof(*slots));
	if (entries == NULL || slots == NULL)
		return false;
	m->entries = entries;
	m->slots = slots;
	m->cap = cap;
	m->bits = bits;
	for (size_t i = 0; i < m->count; i++)
		*find_slot(m, entries[i].key) = (uint32_t)i + 1;
	return true;
}

void **
map_put(struct map *m, struct kg_slice key)
{
	uint32_t *slot;

	if (m->count >= m->cap && !map_grow(m))
		return NULL;
	slot = find_slot(m, key);
	if (*slot == 0) {
		m->entries[m->count] = (struct map_entry){ key, NULL };
		*slot = (uint32_t)++m->count;
		m->lengths |= slice_length_bit(key);
	}
	return &m->entries[*slot - 1].value;
}
