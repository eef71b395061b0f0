/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Length-carrying strings. A slice owns nothing; see whoever made it for how
 * long its bytes live.
 */
#ifndef KG_BASE_SLICE_H
#define KG_BASE_SLICE_H

#include <limits.h>
#include <string.h>

#include "base/banned.h"
#include "keepgate.h"

/* What is rarely called: the paths to it are kept away from the others. */
#define KG_COLD __attribute__((cold))

/* A slice of a string literal. */
#define SLICE(literal) ((struct kg_slice){ "" literal, sizeof(literal) - 1 })
/* The same in a static initialiser. */
#define SLICE_INIT(literal)                     \
	{                                       \
		"" literal, sizeof(literal) - 1 \
	}

/* printf("%.*s", SLICE_ARG(s)): for text whose length a cap has bounded. */
#define SLICE_ARG(s) slice_printf_len(s), ((s).ptr != NULL ? (s).ptr : "")

static inline int
slice_printf_len(struct kg_slice s)
{
	return s.len > INT_MAX ? INT_MAX : (int)s.len;
}

static inline struct kg_slice
slice_of(const char *ptr, size_t len)
{
	return (struct kg_slice){ ptr, len };
}

static inline struct kg_slice
slice_str(const char *text)
{
	return (struct kg_slice){ text, strlen(text) };
}

/* n bytes are the same. Names that differ mostly do so at one of their ends,
 * which costs less to see than a call does. */
static inline bool
slice_same(const char *a, const char *b, size_t n)
{
	return n == 0 ||
	    (a[n - 1] == b[n - 1] && a[0] == b[0] && memcmp(a, b, n) == 0);
}

static inline bool
slice_eq(struct kg_slice a, struct kg_slice b)
{
	return a.len == b.len && slice_same(a.ptr, b.ptr, a.len);
}

static inline bool
slice_is(struct kg_slice a, const char *text)
{
	return slice_eq(a, slice_str(text));
}

/* A bit for the length: those of many texts together tell in one step that
 * one more is not among them, as they mostly do. */
static inline uint64_t
slice_length_bit(struct kg_slice s)
{
	return (uint64_t)1 << (s.len & 63);
}

static inline bool
slice_starts(struct kg_slice s, struct kg_slice prefix)
{
	return s.len >= prefix.len && slice_same(s.ptr, prefix.ptr, prefix.len);
}

static inline bool
slice_ends(struct kg_slice s, struct kg_slice suffix)
{
	return s.len >= suffix.len &&
	    (suffix.len == 0 ||
		slice_same(s.ptr + s.len - suffix.len, suffix.ptr, suffix.len));
}

static inline struct kg_slice
slice_from(struct kg_slice s, size_t start)
{
	if (start >= s.len)
		return slice_of(NULL, 0);
	return slice_of(s.ptr + start, s.len - start);
}

static inline struct kg_slice
slice_upto(struct kg_slice s, size_t end)
{
	return slice_of(s.ptr, end < s.len ? end : s.len);
}

/* Bytewise order, the shorter first among equals: <0, 0, >0. */
int slice_cmp(struct kg_slice a, struct kg_slice b);

/* ASCII letter case ignored. */
bool slice_eq_nocase(struct kg_slice a, struct kg_slice b);

/* Without spaces, tabs, CR and LF at either end. */
struct kg_slice slice_trim(struct kg_slice s);

/*
 * Cuts *rest at the first `sep`: gives what stands before it and leaves what
 * follows. Without a separator it gives all and leaves {NULL, 0}; so loop
 * while rest.ptr != NULL.
 */
struct kg_slice slice_cut(struct kg_slice *rest, char sep);

/* First position of a byte, or s.len. */
static inline size_t
slice_find(struct kg_slice s, char c)
{
	const char *at = s.len == 0 ? NULL : memchr(s.ptr, c, s.len);

	return at == NULL ? s.len : (size_t)(at - s.ptr);
}

/* First position of a text, or SIZE_MAX. An empty one is at 0. */
size_t slice_search(struct kg_slice s, struct kg_slice part);

/*
 * Edit distance (insert, delete, replace, swap of neighbours), at most `max`
 * + 1; for "did you mean" hints. Slices over SLICE_DISTANCE_MAX bytes are
 * farther than any max.
 */
size_t slice_distance(struct kg_slice a, struct kg_slice b, size_t max);

#endif
