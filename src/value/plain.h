/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plain bytes are those that stand for themselves in a JSON string: printable
 * ASCII but quote and backslash. Nearly all bytes are; the decoder and the
 * writer take runs of them at once.
 */
#ifndef KG_VALUE_PLAIN_H
#define KG_VALUE_PLAIN_H

#include "base/hash.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define PLAIN_EACH(c) (0x0101010101010101u * (uint64_t)(c))

/* Bit 7 of each byte that is not plain. The lowest one set is exact; those
 * above it may be borrows. */
static inline uint64_t
plain_not(uint64_t w)
{
	const uint64_t quote = w ^ PLAIN_EACH('"');
	const uint64_t slash = w ^ PLAIN_EACH('\\');

	return (((quote - PLAIN_EACH(1)) & ~quote) |
		   ((slash - PLAIN_EACH(1)) & ~slash) |
		   ((w - PLAIN_EACH(0x20)) & ~w) | w) &
	    PLAIN_EACH(0x80);
}

static inline bool
is_plain(char c)
{
	return (unsigned char)c >= 0x20 && (unsigned char)c < 0x80 &&
	    c != '"' && c != '\\';
}

#ifdef __SSE2__
/* Bit i: byte i of the 16 at p is not plain. */
static inline unsigned
plain_hits16(const char *p)
{
	const __m128i w = _mm_loadu_si128((const __m128i *)(const void *)p);

	/* Signed: what is not ASCII is below a blank, too. */
	return (unsigned)_mm_movemask_epi8(
	    _mm_or_si128(_mm_cmplt_epi8(w, _mm_set1_epi8(0x20)),
		_mm_or_si128(_mm_cmpeq_epi8(w, _mm_set1_epi8('"')),
		    _mm_cmpeq_epi8(w, _mm_set1_epi8('\\')))));
}
#endif

#define PLAIN_BLOCK 64

/* Bit i: byte i of the 64 at p is not plain. */
static inline uint64_t
plain_hits(const char *p)
{
#ifdef __SSE2__
	return plain_hits16(p) | (uint64_t)plain_hits16(p + 16) << 16 |
	    (uint64_t)plain_hits16(p + 32) << 32 |
	    (uint64_t)plain_hits16(p + 48) << 48;
#else
	uint64_t hits = 0;

	for (unsigned i = 0; i < PLAIN_BLOCK; i++)
		hits |= (uint64_t)!is_plain(p[i]) << i;
	return hits;
#endif
}

/* First byte from p on that is not plain; end if all are. */
static inline const char *
plain_end(const char *p, const char *end)
{
#if defined(__SSE2__)
	while (end - p >= 16) {
		const unsigned hit = plain_hits16(p);

		if (hit != 0)
			return p + __builtin_ctz(hit);
		p += 16;
	}
#elif defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	while (end - p >= 8) {
		const uint64_t hit = plain_not(hash_load(p, 8));

		if (hit != 0)
			return p + ((unsigned)__builtin_ctzll(hit) >> 3);
		p += 8;
	}
#endif
	while (p < end && is_plain(*p))
		p++;
	return p;
}

/* Whether all bytes are plain. Blocks and words overlap at the end. */
static inline bool
plain_all(const char *p, size_t n)
{
	uint64_t hit = 0;

#ifdef __SSE2__
	if (n >= 16) {
		unsigned hits = plain_hits16(p + n - 16);

		for (size_t i = 0; i + 16 < n; i += 16)
			hits |= plain_hits16(p + i);
		return hits == 0;
	}
#endif
	if (n < 4)
		return plain_end(p, p + n) == p + n;
	if (n < 8)
		return plain_not(hash_load(p, 4) |
			   hash_load(p + n - 4, 4) << 32) == 0;
	for (size_t i = 0; i + 8 < n; i += 8)
		hit |= plain_not(hash_load(p + i, 8));
	return (hit | plain_not(hash_load(p + n - 8, 8))) == 0;
}

#endif
