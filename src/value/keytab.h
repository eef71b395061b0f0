/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of members as small integers, so that a lookup compares integers.
 * Every table holds the names of key.def under fixed ids; a rule set may add
 * the names that its policies read.
 */
#ifndef KG_VALUE_KEYTAB_H
#define KG_VALUE_KEYTAB_H

#include "base/arena.h"
#include "base/hash.h"

enum key_id {
	KEY_NONE = 0,
#define KEY(id) KEY_##id,
#define KEY_AS(id, text) KEY_##id,
#include "value/key.def"
#undef KEY
#undef KEY_AS
	KEY_BUILTIN_END
};

struct keytab {
	struct keytab_slot *slots; /* 2^bits, at most a quarter full */
	struct kg_slice *names;    /* by id */
	size_t count, cap;         /* ids given, KEY_NONE included */
	struct arena *arena;
	uint64_t seed;
	unsigned bits;
};

struct keytab_slot {
	uint64_t hash;
	uint16_t id; /* 0: free */
};

/* Makes a table of the built-in names, in an arena that outlives it. */
enum kg_status keytab_init(struct keytab *t, struct arena *arena) KG_MUST_CHECK;

/* Adds a name (borrowed, must outlive the table); gives its id, 0: failed. */
uint16_t keytab_add(struct keytab *t, struct kg_slice name);

/* The id of a name, or 0. *hash is the name's hash, for duplicate checks. */
static inline uint16_t
keytab_lookup(const struct keytab *t, struct kg_slice name, uint64_t *hash)
{
	const uint64_t h = hash_bytes(t->seed, name.ptr, name.len);
	const size_t mask = ((size_t)1 << t->bits) - 1;
	size_t at = (size_t)(h >> (64 - t->bits));

	*hash = h;
	while (t->slots[at].id != 0) {
		const struct kg_slice known = t->names[t->slots[at].id];

		if (t->slots[at].hash == h && known.len == name.len &&
		    hash_same(known.ptr, name.ptr, name.len))
			return t->slots[at].id;
		at = (at + 1) & mask;
	}
	return 0;
}

/* The text of an id. */
struct kg_slice keytab_name(const struct keytab *t, uint16_t id);

#endif
