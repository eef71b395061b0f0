/* SPDX-License-Identifier: Apache-2.0 */
/* Operations on slices that are too long for the header. */
#include "base/slice.h"

#include "base/ascii.h"
#include "base/limits.h"

int
slice_cmp(struct kg_slice a, struct kg_slice b)
{
	const size_t n = a.len < b.len ? a.len : b.len;
	const int order = n == 0 ? 0 : memcmp(a.ptr, b.ptr, n);

	if (order != 0)
		return order;
	return (a.len > b.len) - (a.len < b.len);
}

static unsigned char
lower(char c)
{
	return (unsigned char)ascii_to_lower(c);
}

bool
slice_eq_nocase(struct kg_slice a, struct kg_slice b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++) {
		if (a.ptr[i] != b.ptr[i] && lower(a.ptr[i]) != lower(b.ptr[i]))
			return false;
	}
	return true;
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct kg_slice
slice_trim(struct kg_slice s)
{
	while (s.len > 0 && is_space(s.ptr[0])) {
		s.ptr++;
		s.len--;
	}
	while (s.len > 0 && is_space(s.ptr[s.len - 1]))
		s.len--;
	return s;
}

size_t
slice_search(struct kg_slice s, struct kg_slice part)
{
	size_t at = 0;

	if (part.len == 0)
		return 0;
	while (s.len >= at + part.len) {
		const char *first =
		    memchr(s.ptr + at, part.ptr[0], s.len - at - part.len + 1);

		if (first == NULL)
			break;
		if (memcmp(first, part.ptr, part.len) == 0)
			return (size_t)(first - s.ptr);
		at = (size_t)(first - s.ptr) + 1;
	}
	return SIZE_MAX;
}

struct kg_slice
slice_cut(struct kg_slice *rest, char sep)
{
	const struct kg_slice whole = *rest;
	const size_t at = slice_find(whole, sep);

	if (at == whole.len)
		*rest = slice_of(NULL, 0);
	else
		*rest = slice_of(whole.ptr + at + 1, whole.len - at - 1);
	return slice_upto(whole, at);
}

/* Optimal string alignment, three rows of the table at a time. */
size_t
slice_distance(struct kg_slice a, struct kg_slice b, size_t max)
{
	size_t row[3][SLICE_DISTANCE_MAX + 1];

	if (a.len > SLICE_DISTANCE_MAX || b.len > SLICE_DISTANCE_MAX)
		return max + 1;
	for (size_t j = 0; j <= b.len; j++)
		row[0][j] = j;
	for (size_t i = 1; i <= a.len; i++) {
		size_t *now = row[i % 3];
		const size_t *above = row[(i - 1) % 3];
		const size_t *two = row[(i + 1) % 3]; /* i - 2, modulo 3 */

		now[0] = i;
		for (size_t j = 1; j <= b.len; j++) {
			const bool same = a.ptr[i - 1] == b.ptr[j - 1];
			size_t best = above[j - 1] + (same ? 0 : 1);

			if (above[j] + 1 < best)
				best = above[j] + 1;
			if (now[j - 1] + 1 < best)
				best = now[j - 1] + 1;
			if (i > 1 && j > 1 && a.ptr[i - 1] == b.ptr[j - 2] &&
			    a.ptr[i - 2] == b.ptr[j - 1] &&
			    two[j - 2] + 1 < best)
				best = two[j - 2] + 1;
			now[j] = best;
		}
	}
	return row[a.len % 3][b.len] > max ? max + 1 : row[a.len % 3][b.len];
}
