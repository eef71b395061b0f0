/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TZif: a header, a block with 32-bit times, and from version 2 on a second
 * header and block with 64-bit times, and a rule for what comes after the
 * last of them. Every size is checked against what is there.
 */
#include "value/zone.h"

#include "base/civil.h"
#include "base/limits.h"
#include "value/zone_rule.h"

#define HEADER 44

struct block {
	const unsigned char *times, *types; /* [time_count] */
	const unsigned char *infos;         /* [info_count], 6 bytes each */
	uint32_t time_count, info_count;
	unsigned width; /* bytes of a time */
	struct kg_slice rest;
};

static int64_t
big_endian(const unsigned char *p, unsigned width)
{
	uint64_t n = (p[0] & 0x80) != 0 ? UINT64_MAX : 0;

	for (unsigned i = 0; i < width; i++)
		n = n << 8 | p[i];
	return (int64_t)n;
}

static uint64_t
count_at(const unsigned char *header, unsigned i)
{
	return (uint64_t)big_endian(header + 20 + 4 * i, 4) & 0xffffffffu;
}

/* Reads one header and finds the parts of its block. */
static bool
read_block(struct kg_slice data, unsigned width, struct block *out)
{
	const unsigned char *p = (const unsigned char *)data.ptr;
	uint64_t utc, standard, leaps, times, infos, chars, size;

	if (data.len < HEADER || memcmp(p, "TZif", 4) != 0)
		return false;
	utc = count_at(p, 0);
	standard = count_at(p, 1);
	leaps = count_at(p, 2);
	times = count_at(p, 3);
	infos = count_at(p, 4);
	chars = count_at(p, 5);
	size = times * width + times + infos * 6 + chars + leaps * (width + 4) +
	    standard + utc;
	if (size > data.len - HEADER)
		return false;
	out->width = width;
	out->time_count = (uint32_t)times;
	out->info_count = (uint32_t)infos;
	out->times = p + HEADER;
	out->types = out->times + times * width;
	out->infos = out->types + times;
	out->rest = slice_from(data, HEADER + (size_t)size);
	return true;
}

static bool
info_offset(const struct block *b, unsigned type, int64_t *offset)
{
	if (type >= b->info_count)
		return false;
	*offset = big_endian(b->infos + 6 * (size_t)type, 4);
	return true;
}

/* What holds before the first change: the first that is no summer time. */
static bool
first_offset(const struct block *b, int64_t *offset)
{
	for (unsigned i = 0; i < b->info_count; i++) {
		if (b->infos[6 * (size_t)i + 4] == 0)
			return info_offset(b, i, offset);
	}
	return info_offset(b, 0, offset);
}

/* Number of changes at or before the moment. */
static uint32_t
changes_until(const struct block *b, int64_t seconds)
{
	uint32_t low = 0, high = b->time_count;

	while (low < high) {
		const uint32_t mid = low + (high - low) / 2;

		if (big_endian(b->times + (size_t)mid * b->width, b->width) <=
		    seconds)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* The rule in the last line: "\nCET-1CEST,M3.5.0,M10.5.0/3\n" */
static struct kg_slice
rule_text(struct kg_slice rest)
{
	if (rest.len < 2 || rest.ptr[0] != '\n')
		return slice_of(NULL, 0);
	rest = slice_from(rest, 1);
	return slice_upto(rest, slice_find(rest, '\n'));
}

bool
zone_offset(struct kg_slice tzif, int64_t seconds, int64_t *offset)
{
	struct block b;
	uint32_t n;

	if (tzif.len > ZONE_DATA_MAX || !read_block(tzif, 4, &b))
		return false;
	if (tzif.ptr[4] >= '2' && !read_block(b.rest, 8, &b))
		return false;
	n = changes_until(&b, seconds);
	if (n == b.time_count && b.width == 8 &&
	    zone_rule_offset(rule_text(b.rest), seconds, offset))
		return true;
	if (n == 0)
		return first_offset(&b, offset);
	return info_offset(&b, b.types[n - 1], offset);
}

/* --- Names and fixed offsets --- */

/* A whole number with an optional sign. */
static bool
read_int(struct kg_slice text, int64_t *out)
{
	bool negative = false;
	int64_t n = 0;
	size_t i = 0;

	if (text.len > 0 && (text.ptr[0] == '+' || text.ptr[0] == '-'))
		negative = text.ptr[i++] == '-';
	if (i == text.len || text.len > 9)
		return false;
	for (; i < text.len; i++) {
		if (text.ptr[i] < '0' || text.ptr[i] > '9')
			return false;
		n = n * 10 + (text.ptr[i] - '0');
	}
	*out = negative ? -n : n;
	return true;
}

bool
zone_fixed(struct kg_slice text, int64_t *offset)
{
	const size_t colon = slice_find(text, ':');
	int64_t hours, minutes;

	if (colon == text.len || !read_int(slice_upto(text, colon), &hours) ||
	    !read_int(slice_from(text, colon + 1), &minutes))
		return false;
	*offset = hours * 3600;
	*offset += text.ptr[0] == '-' ? -minutes * 60 : minutes * 60;
	return true;
}

bool
zone_name_ok(struct kg_slice name)
{
	if (name.len == 0 || name.len > ZONE_NAME_MAX || name.ptr[0] == '/' ||
	    name.ptr[name.len - 1] == '/')
		return false;
	for (size_t i = 0; i < name.len; i++) {
		const char c = name.ptr[i];

		if ((c < '0' || c > '9') && (c < 'A' || c > 'Z') &&
		    (c < 'a' || c > 'z') && strchr("/_+-", c) == NULL)
			return false;
		if (c == '\0')
			return false;
	}
	return true;
}
