/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fast seeded hash of short byte strings, for tables in memory. Not for
 * security beyond making collisions unpredictable: the seed is random.
 */
#ifndef KG_BASE_HASH_H
#define KG_BASE_HASH_H

#include "base/slice.h"

#define HASH_MUL 0x9e3779b97f4a7c15u

static inline uint64_t
hash_mix(uint64_t a, uint64_t b)
{
	__extension__ const unsigned __int128 wide =
	    (unsigned __int128)a * (b | 1);

	return (uint64_t)wide ^ (uint64_t)(wide >> 64);
}

static inline uint64_t
hash_load(const char *p, size_t n)
{
	uint64_t word = 0;

	memcpy(&word, p, n);
	return word;
}

/* Two overlapping words cover 8 to 16 bytes; two halves 4 to 7. */
static inline uint64_t
hash_bytes(uint64_t seed, const char *p, size_t len)
{
	uint64_t h = seed ^ (len * HASH_MUL);

	while (len > 16) {
		h = hash_mix(
		    h ^ hash_load(p, 8), hash_load(p + 8, 8) ^ HASH_MUL);
		p += 16;
		len -= 16;
	}
	if (len >= 8)
		return hash_mix(
		    h ^ hash_load(p, 8), hash_load(p + len - 8, 8) ^ HASH_MUL);
	if (len >= 4)
		return hash_mix(
		    h ^ hash_load(p, 4), hash_load(p + len - 4, 4) ^ HASH_MUL);
	if (len > 0)
		h ^= (uint64_t)(unsigned char)p[0] << 32 |
		    (uint64_t)(unsigned char)p[len / 2] << 8 |
		    (unsigned char)p[len - 1];
	return hash_mix(h, HASH_MUL);
}

/* Are these bytes, whose hashes are equal, the same? They nearly always are,
 * so this looks at all of them, by overlapping words, and calls nothing. */
static inline bool
hash_same(const char *a, const char *b, size_t len)
{
	uint64_t differ = 0;

	if (len < 4) {
		for (size_t i = 0; i < len; i++)
			differ |= (uint64_t)(a[i] ^ b[i]);
		return differ == 0;
	}
	if (len < 8)
		return hash_load(a, 4) == hash_load(b, 4) &&
		    hash_load(a + len - 4, 4) == hash_load(b + len - 4, 4);
	for (size_t i = 0; i + 8 < len; i += 8)
		differ |= hash_load(a + i, 8) ^ hash_load(b + i, 8);
	a += len - 8;
	b += len - 8;
	return (differ | (hash_load(a, 8) ^ hash_load(b, 8))) == 0;
}

/* The same of texts, for searches that mostly end at an equal one. */
static inline bool
hash_same_text(struct kg_slice a, struct kg_slice b)
{
	return a.len == b.len && hash_same(a.ptr, b.ptr, a.len);
}

/* A seed for one table, from the system; the table's address when refused. */
uint64_t hash_seed(const void *table);

#endif
