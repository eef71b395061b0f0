/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finding and taking apart. All numbers are little-endian; offsets are those
 * of the SDM. Whether signature and quotients hold is asked in sigverify.c.
 */
#include "enclave/sigstruct.h"

#include "base/limits.h"
#include "enclave/sigverify.h"

enum {
	AT_VENDOR = 16,
	AT_DATE = 20,
	AT_HEADER2 = 24,
	AT_RESERVED1 = 44, /* to the modulus */
	AT_MISC_SELECT = 900,
	AT_MISC_MASK = 904,
	AT_FLAGS = 928,
	AT_XFRM = 936,
	AT_FLAGS_MASK = 944,
	AT_XFRM_MASK = 952,
	AT_MRENCLAVE = 960,
	AT_RESERVED3 = 992, /* 16 bytes */
	AT_PRODUCT_ID = 1024,
	AT_SVN = 1026,
	AT_RESERVED4 = 1028, /* 12 bytes */
};

#define FLAG_DEBUG ((uint64_t)1 << 1)

static const char header1[16] = { 6, 0, 0, 0, (char)0xe1, 0, 0, 0, 0, 0, 1 };
static const char header2[16] = { 1, 1, 0, 0, 0x60, 0, 0, 0, 0x60, 0, 0, 0, 1 };
static const char exponent[4] = { 3 };

static uint64_t
number(struct kg_slice bytes, size_t at, size_t size)
{
	uint64_t n = 0;

	for (size_t i = size; i > 0; i--)
		n = n << 8 | (unsigned char)bytes.ptr[at + i - 1];
	return n;
}

static bool
all_zero(struct kg_slice bytes, size_t at, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (bytes.ptr[at + i] != 0)
			return false;
	}
	return true;
}

/* --- One of them --- */

static bool
looks_like_one(struct kg_slice s)
{
	return s.len >= SIGSTRUCT_SIZE &&
	    memcmp(s.ptr, header1, sizeof(header1)) == 0 &&
	    memcmp(s.ptr + AT_HEADER2, header2, sizeof(header2)) == 0 &&
	    memcmp(s.ptr + SIGSTRUCT_EXPONENT, exponent, sizeof(exponent)) == 0;
}

static enum kg_status
digest(struct kg_slice bytes, char hex[SHA256_HEX])
{
	struct sha256 *h = sha256_new();
	enum kg_status st = h != NULL ? sha256_begin(h) : KG_NOMEM;

	if (st == KG_OK)
		st = sha256_update(h, bytes);
	if (st == KG_OK)
		st = sha256_end(h, hex);
	sha256_free(h);
	return st;
}

static void
hex_of(struct kg_slice bytes, char *hex)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < bytes.len; i++) {
		const unsigned char c = (unsigned char)bytes.ptr[i];

		hex[2 * i] = digits[c >> 4];
		hex[2 * i + 1] = digits[c & 15];
	}
}

static bool
digits_are_date(uint32_t date)
{
	const unsigned month = date >> 8 & 255, day = date & 255;

	for (unsigned i = 0; i < 8; i++) {
		if ((date >> (4 * i) & 15) > 9)
			return false;
	}
	return month >= 1 && month <= 0x12 && day >= 1 && day <= 0x31;
}

static const char *
misfit(struct kg_slice s, const struct sigstruct *out)
{
	if (out->vendor != 0 && out->vendor != 0x8086)
		return "the vendor is neither 0 nor Intel's 0x8086";
	if (!all_zero(s, AT_RESERVED1, SIGSTRUCT_MODULUS - AT_RESERVED1) ||
	    !all_zero(s, AT_RESERVED3, 16) || !all_zero(s, AT_RESERVED4, 12))
		return "reserved bytes are not zero";
	return NULL;
}

static enum sigstruct_debug
debug_of(const struct sigstruct *s)
{
	if ((s->flags & FLAG_DEBUG) != 0)
		return DEBUG_SET;
	return (s->flags_mask & FLAG_DEBUG) != 0 ? DEBUG_REFUSED
						 : DEBUG_PERMITTED;
}

static enum kg_status
take_apart(struct kg_slice s, struct sigstruct *out)
{
	enum kg_status st;

	hex_of(slice_of(s.ptr + AT_MRENCLAVE, 32), out->mrenclave);
	out->vendor = (uint32_t)number(s, AT_VENDOR, 4);
	out->date = (uint32_t)number(s, AT_DATE, 4);
	out->misc_select = (uint32_t)number(s, AT_MISC_SELECT, 4);
	out->misc_mask = (uint32_t)number(s, AT_MISC_MASK, 4);
	out->flags = number(s, AT_FLAGS, 8);
	out->xfrm = number(s, AT_XFRM, 8);
	out->flags_mask = number(s, AT_FLAGS_MASK, 8);
	out->xfrm_mask = number(s, AT_XFRM_MASK, 8);
	out->product_id = (uint16_t)number(s, AT_PRODUCT_ID, 2);
	out->svn = (uint16_t)number(s, AT_SVN, 2);
	out->debug = debug_of(out);
	st = digest(slice_of(s.ptr + SIGSTRUCT_MODULUS, SIGSTRUCT_KEY_SIZE),
	    out->mrsigner);
	if (st == KG_OK)
		st = sigstruct_verify(s, &out->problem);
	if (st == KG_OK && out->problem == NULL)
		out->problem = misfit(s, out);
	return st;
}

void
sigstruct_date(const struct sigstruct *s, char text[11])
{
	text[0] = '\0';
	if (digits_are_date(s->date))
		(void)snprintf(text, 11, "%04x-%02x-%02x",
		    (unsigned)(s->date >> 16), (unsigned)(s->date >> 8 & 255),
		    (unsigned)(s->date & 255));
}

/* --- ELF sections, for their names only --- */

#define SECTION_NOBITS 8u

struct sections {
	struct kg_slice image, table, names;
	size_t entry_size, count;
};

/* The part of the image, or nothing when it does not lie in it. */
static struct kg_slice
part(struct kg_slice image, uint64_t offset, uint64_t size)
{
	if (offset > image.len || size > image.len - offset)
		return slice_of(NULL, 0);
	return slice_of(image.ptr + offset, (size_t)size);
}

static struct kg_slice
section_at(const struct sections *s, size_t index)
{
	return part(s->table, (uint64_t)index * s->entry_size, 64);
}

/* 64-bit little-endian ELF, as every enclave image is. */
static bool
sections_read(struct kg_slice image, struct sections *s)
{
	const size_t header = 64;
	struct kg_slice names;
	uint64_t size;

	*s = (struct sections){ .image = image };
	if (image.len < header || memcmp(image.ptr, "\177ELF\2\1", 6) != 0)
		return false;
	s->entry_size = (size_t)number(image, 58, 2);
	s->count = (size_t)number(image, 60, 2);
	size = (uint64_t)s->entry_size * s->count;
	s->table = part(image, number(image, 40, 8), size);
	if (s->table.ptr == NULL || s->entry_size < 64) {
		s->count = 0;
		return true;
	}
	names = section_at(s, (size_t)number(image, 62, 2));
	if (names.ptr != NULL)
		s->names =
		    part(image, number(names, 24, 8), number(names, 32, 8));
	return true;
}

static struct kg_slice
section_name(const struct sections *s, struct kg_slice header)
{
	const struct kg_slice name =
	    slice_from(s->names, (size_t)number(header, 0, 4));

	return slice_upto(name, slice_find(name, '\0'));
}

/* Of the section that holds all of the SIGSTRUCT at this offset. */
static struct kg_slice
section_of(const struct sections *s, uint64_t offset)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct kg_slice header = section_at(s, i);
		uint64_t start, size;

		if (header.ptr == NULL)
			break;
		start = number(header, 24, 8);
		size = number(header, 32, 8);
		if (number(header, 4, 4) != SECTION_NOBITS && start <= offset &&
		    size >= SIGSTRUCT_SIZE &&
		    offset - start <= size - SIGSTRUCT_SIZE)
			return section_name(s, header);
	}
	return slice_of(NULL, 0);
}

/* --- All of them --- */

enum kg_status
sigstruct_find(
    struct arena *arena, struct kg_slice bytes, struct sigstructs *out)
{
	struct sections sections;
	enum kg_status st = KG_OK;

	*out = (struct sigstructs){ .elf = sections_read(bytes, &sections) };
	for (size_t at = 0; at + SIGSTRUCT_SIZE <= bytes.len && st == KG_OK;
	     at++) {
		const struct kg_slice rest = slice_from(bytes, at);
		struct sigstruct *s;

		if (rest.ptr[0] != header1[0] || !looks_like_one(rest))
			continue;
		if (out->count == SIGSTRUCTS_MAX) {
			out->truncated = true;
			break;
		}
		if (out->list == NULL)
			out->list =
			    arena_alloc(arena, SIGSTRUCTS_MAX * sizeof(*s));
		if (out->list == NULL)
			return arena->failure;
		s = &out->list[out->count++];
		s->offset = at;
		s->section = section_of(&sections, at);
		st = take_apart(slice_upto(rest, SIGSTRUCT_SIZE), s);
	}
	return st;
}
