/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of interned names: open addressing, at most a quarter full, so
 * that a name nobody reads (most names of a request) misses at its first slot.
 */
#include "value/keytab.h"

#define KEYTAB_BITS_MIN 10u

static const struct kg_slice builtin[KEY_BUILTIN_END] = {
#define KEY(id) [KEY_##id] = SLICE_INIT(#id),
#define KEY_AS(id, text) [KEY_##id] = SLICE_INIT(text),
#include "value/key.def"
#undef KEY
#undef KEY_AS
};

static void
place(struct keytab *t, uint64_t hash, uint16_t id)
{
	const size_t mask = ((size_t)1 << t->bits) - 1;
	size_t at = (size_t)(hash >> (64 - t->bits));

	while (t->slots[at].id != 0)
		at = (at + 1) & mask;
	t->slots[at] = (struct keytab_slot){ hash, id };
}

static bool
keytab_resize(struct keytab *t, unsigned bits)
{
	const size_t cap = (size_t)1 << (bits - 2);
	struct kg_slice *names;
	struct keytab_slot *slots;

	names = arena_grow(
	    t->arena, t->names, t->cap * sizeof(*names), cap * sizeof(*names));
	slots = arena_alloc(t->arena, ((size_t)1 << bits) * sizeof(*slots));
	if (names == NULL || slots == NULL)
		return false;
	t->names = names;
	t->slots = slots;
	t->cap = cap;
	t->bits = bits;
	for (size_t id = 1; id < t->count; id++)
		place(t, hash_bytes(t->seed, names[id].ptr, names[id].len),
		    (uint16_t)id);
	return true;
}

enum kg_status
keytab_init(struct keytab *t, struct arena *arena)
{
	*t = (struct keytab){ .arena = arena, .seed = hash_seed(t) };
	if (!keytab_resize(t, KEYTAB_BITS_MIN))
		return arena->failure;
	t->names[KEY_NONE] = slice_of(NULL, 0);
	t->count = 1;
	for (size_t id = 1; id < KEY_BUILTIN_END; id++) {
		if (keytab_add(t, builtin[id]) == 0)
			return arena->failure;
	}
	return KG_OK;
}

uint16_t
keytab_add(struct keytab *t, struct kg_slice name)
{
	uint64_t hash;
	uint16_t id = keytab_lookup(t, name, &hash);

	if (id != 0)
		return id;
	if (t->count > UINT16_MAX ||
	    (t->count >= t->cap && !keytab_resize(t, t->bits + 1)))
		return 0;
	id = (uint16_t)t->count++;
	t->names[id] = name;
	place(t, hash, id);
	return id;
}

struct kg_slice
keytab_name(const struct keytab *t, uint16_t id)
{
	return id < t->count ? t->names[id] : slice_of(NULL, 0);
}
