/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RFC 1952 around RFC 1951. The trailer says how long the content is, so the
 * room is taken once, and every step that takes or gives a byte is checked.
 */
#include "value/gunzip.h"

#include "base/limits.h"

enum {
	HEADER = 10,
	TRAILER = 8,
	CODE_BITS = 15, /* of the longest code */
	LITERALS = 288,
	DISTANCES = 30,
	END_OF_BLOCK = 256,
};

/* Bits come from the low end of each byte. */
struct unpack {
	const unsigned char *in, *in_end;
	uint32_t hold;
	unsigned held;
	unsigned char *out;
	size_t len, size;
	bool bad;
};

/* A canonical Huffman code: how many codes of each length, and what they
 * stand for in their order. */
struct code {
	uint16_t count[CODE_BITS + 1];
	uint16_t symbol[LITERALS];
};

static uint32_t
take_bits(struct unpack *u, unsigned n)
{
	uint32_t bits;

	while (u->held < n) {
		if (u->in == u->in_end) {
			u->bad = true;
			return 0;
		}
		u->hold |= (uint32_t)*u->in++ << u->held;
		u->held += 8;
	}
	bits = u->hold & (((uint32_t)1 << n) - 1);
	u->hold >>= n;
	u->held -= n;
	return bits;
}

static void
put_byte(struct unpack *u, unsigned c)
{
	if (u->len == u->size)
		u->bad = true;
	else
		u->out[u->len++] = (unsigned char)c;
}

/* More codes of a length than there can be make it bad; fewer do not: a code
 * that nobody has is found when it is met. */
static void
make_code(struct unpack *u, struct code *c, const uint8_t *lengths, size_t n)
{
	uint16_t next[CODE_BITS + 1];
	int32_t left = 1;

	*c = (struct code){ .count = { 0 } };
	for (size_t i = 0; i < n; i++)
		c->count[lengths[i]]++;
	c->count[0] = 0;
	next[0] = 0;
	for (unsigned bits = 1; bits <= CODE_BITS; bits++) {
		left = left * 2 - c->count[bits];
		if (left < 0) {
			u->bad = true;
			return;
		}
		next[bits] = (uint16_t)(next[bits - 1] + c->count[bits - 1]);
	}
	for (size_t i = 0; i < n; i++) {
		if (lengths[i] != 0)
			c->symbol[next[lengths[i]]++] = (uint16_t)i;
	}
}

/* The next symbol; END_OF_BLOCK of what is bad. */
static unsigned
take_symbol(struct unpack *u, const struct code *c)
{
	uint32_t read = 0, first = 0, index = 0;

	for (unsigned bits = 1; bits <= CODE_BITS && !u->bad; bits++) {
		read = read << 1 | take_bits(u, 1);
		first <<= 1;
		if (read - first < c->count[bits])
			return c->symbol[index + read - first];
		first += c->count[bits];
		index += c->count[bits];
	}
	u->bad = true;
	return END_OF_BLOCK;
}

/* Lengths 3 to 258: four to each number of extra bits, from 11 on. */
static size_t
take_length(struct unpack *u, unsigned symbol)
{
	const unsigned extra = symbol / 4 - 1;

	if (symbol < 8)
		return 3 + symbol;
	if (symbol == 28)
		return 258;
	return 3 + ((4 + symbol % 4) << extra) + take_bits(u, extra);
}

/* Distances from 1: two to each number of extra bits, from 5 on. */
static size_t
take_distance(struct unpack *u, unsigned symbol)
{
	const unsigned extra = symbol / 2 - 1;

	if (symbol < 4)
		return 1 + symbol;
	return 1 + ((2 + symbol % 2) << extra) + take_bits(u, extra);
}

static void
copy_back(struct unpack *u, unsigned symbol, const struct code *distances)
{
	size_t length, back;
	unsigned d;

	if (symbol > 28) {
		u->bad = true;
		return;
	}
	length = take_length(u, symbol);
	d = take_symbol(u, distances);
	if (u->bad || d >= DISTANCES) {
		u->bad = true;
		return;
	}
	back = take_distance(u, d);
	if (back > u->len)
		u->bad = true;
	for (; length > 0 && !u->bad; length--)
		put_byte(u, u->out[u->len - back]);
}

static void
take_codes(
    struct unpack *u, const struct code *literals, const struct code *distances)
{
	while (!u->bad) {
		const unsigned symbol = take_symbol(u, literals);

		if (symbol < END_OF_BLOCK)
			put_byte(u, symbol);
		else if (symbol == END_OF_BLOCK)
			return;
		else
			copy_back(u, symbol - END_OF_BLOCK - 1, distances);
	}
}

static void
stored_block(struct unpack *u)
{
	uint32_t n;

	u->held = 0;
	u->hold = 0;
	n = take_bits(u, 16);
	if (take_bits(u, 16) != (n ^ 0xffff))
		u->bad = true;
	for (; n > 0 && !u->bad; n--)
		put_byte(u, take_bits(u, 8));
}

static void
fixed_block(struct unpack *u)
{
	uint8_t lengths[LITERALS];
	struct code literals, distances;

	for (unsigned i = 0; i < LITERALS; i++)
		lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
	make_code(u, &literals, lengths, LITERALS);
	memset(lengths, 5, DISTANCES);
	make_code(u, &distances, lengths, DISTANCES);
	take_codes(u, &literals, &distances);
}

/* The lengths of both codes, in a code of their own. */
static void
take_lengths(
    struct unpack *u, const struct code *c, uint8_t *lengths, size_t count)
{
	for (size_t n = 0; n < count && !u->bad;) {
		const unsigned symbol = take_symbol(u, c);
		uint8_t length = 0;
		size_t times = 1;

		if (symbol < 16)
			length = (uint8_t)symbol;
		else if (symbol == 16 && n > 0) {
			length = lengths[n - 1];
			times = 3 + take_bits(u, 2);
		} else if (symbol == 17)
			times = 3 + take_bits(u, 3);
		else if (symbol == 18)
			times = 11 + take_bits(u, 7);
		else
			u->bad = true;
		if (times > count - n)
			u->bad = true;
		for (; times > 0 && !u->bad; times--)
			lengths[n++] = length;
	}
}

static void
dynamic_block(struct unpack *u)
{
	static const uint8_t order[] = { 16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11,
		4, 12, 3, 13, 2, 14, 1, 15 };
	uint8_t lengths[LITERALS + 32] = { 0 };
	const size_t literal_count = 257 + take_bits(u, 5);
	const size_t distance_count = 1 + take_bits(u, 5);
	const size_t used = 4 + take_bits(u, 4);
	struct code literals, distances;

	if (literal_count > 286 || distance_count > DISTANCES)
		u->bad = true;
	for (size_t i = 0; i < used; i++)
		lengths[order[i]] = (uint8_t)take_bits(u, 3);
	make_code(u, &literals, lengths, sizeof(order));
	memset(lengths, 0, sizeof(lengths));
	if (!u->bad)
		take_lengths(
		    u, &literals, lengths, literal_count + distance_count);
	if (u->bad)
		return;
	make_code(u, &literals, lengths, literal_count);
	make_code(u, &distances, lengths + literal_count, distance_count);
	take_codes(u, &literals, &distances);
}

static void
inflate(struct unpack *u)
{
	bool last = false;

	while (!last && !u->bad) {
		last = take_bits(u, 1) == 1;
		switch (take_bits(u, 2)) {
		case 0:
			stored_block(u);
			break;
		case 1:
			fixed_block(u);
			break;
		case 2:
			dynamic_block(u);
			break;
		default:
			u->bad = true;
		}
	}
}

static uint32_t
crc32_of(const unsigned char *p, size_t n)
{
	uint32_t crc = 0xffffffff;

	for (size_t i = 0; i < n; i++) {
		crc ^= p[i];
		for (unsigned bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (0xedb88320 & (0U - (crc & 1)));
	}
	return ~crc;
}

static uint32_t
little_endian(const unsigned char *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[3] << 24;
}

/* What follows the header, or {NULL, 0}. */
static struct kg_slice
behind_header(struct kg_slice packed)
{
	enum {
		HEADER_CRC = 2,
		EXTRA = 4,
		NAME = 8,
		COMMENT = 16,
		OTHER = 0xe0
	};
	const unsigned char *p = (const unsigned char *)packed.ptr;
	struct kg_slice rest = slice_from(packed, HEADER);
	unsigned flags;

	if (packed.len < HEADER + TRAILER || p[0] != 0x1f || p[1] != 0x8b ||
	    p[2] != 8 || (p[3] & OTHER) != 0)
		return slice_of(NULL, 0);
	flags = p[3];
	if ((flags & EXTRA) != 0) {
		if (rest.len < 2)
			return slice_of(NULL, 0);
		p = (const unsigned char *)rest.ptr;
		rest = slice_from(rest, 2U + p[0] + 256U * p[1]);
	}
	if ((flags & NAME) != 0)
		rest = slice_from(rest, slice_find(rest, '\0') + 1);
	if ((flags & COMMENT) != 0)
		rest = slice_from(rest, slice_find(rest, '\0') + 1);
	if ((flags & HEADER_CRC) != 0)
		rest = slice_from(rest, 2);
	return rest.len < TRAILER ? slice_of(NULL, 0) : rest;
}

bool
gunzip(struct arena *arena, struct kg_slice packed, struct kg_slice *out)
{
	const struct kg_slice body = behind_header(packed);
	struct unpack u = { .in = (const unsigned char *)body.ptr };
	const unsigned char *end;

	if (body.ptr == NULL)
		return false;
	end = u.in + body.len - TRAILER;
	u.in_end = end;
	u.size = little_endian(end + 4);
	if (u.size > GUNZIP_MAX)
		return false;
	u.out = arena_array(arena, u.size + 1, 1);
	if (u.out == NULL)
		return false;
	inflate(&u);
	*out = slice_of((const char *)u.out, u.len);
	return !u.bad && u.in == end && u.len == u.size &&
	    crc32_of(u.out, u.len) == little_endian(end);
}
