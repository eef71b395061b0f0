/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8, checked by the table of well-formed sequences (Unicode, table 3-7). */
#include "base/utf8.h"

static bool
is_tail(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

size_t
utf8_sequence(const char *p, const char *end)
{
	const unsigned char *s = (const unsigned char *)p;
	const size_t room = (size_t)(end - p);

	if (room >= 2 && s[0] >= 0xc2 && s[0] <= 0xdf)
		return is_tail(s[1]) ? 2 : 0;
	if (room >= 3 && s[0] >= 0xe0 && s[0] <= 0xef) {
		if ((s[0] == 0xe0 && s[1] < 0xa0) ||
		    (s[0] == 0xed && s[1] > 0x9f))
			return 0;
		return is_tail(s[1]) && is_tail(s[2]) ? 3 : 0;
	}
	if (room >= 4 && s[0] >= 0xf0 && s[0] <= 0xf4) {
		if ((s[0] == 0xf0 && s[1] < 0x90) ||
		    (s[0] == 0xf4 && s[1] > 0x8f))
			return 0;
		return is_tail(s[1]) && is_tail(s[2]) && is_tail(s[3]) ? 4 : 0;
	}
	return 0;
}

bool
utf8_next(struct kg_slice text, size_t *at, uint32_t *code)
{
	static const unsigned char lead_mask[5] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	const char *p = text.ptr + *at;
	size_t n;
	uint32_t c;

	if (*at >= text.len)
		return false;
	n = (unsigned char)*p < 0x80 ? 1
				     : utf8_sequence(p, text.ptr + text.len);
	if (n == 0)
		return false;
	c = (unsigned char)*p & lead_mask[n];
	for (size_t i = 1; i < n; i++)
		c = c << 6 | ((unsigned char)p[i] & 0x3f);
	*code = c;
	*at += n;
	return true;
}

size_t
utf8_encode(uint32_t code, char out[4])
{
	if (code < 0x80) {
		out[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		out[0] = (char)(0xc0 | code >> 6);
		out[1] = (char)(0x80 | (code & 0x3f));
		return 2;
	}
	if (code < 0x10000) {
		out[0] = (char)(0xe0 | code >> 12);
		out[1] = (char)(0x80 | (code >> 6 & 0x3f));
		out[2] = (char)(0x80 | (code & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | code >> 18);
	out[1] = (char)(0x80 | (code >> 12 & 0x3f));
	out[2] = (char)(0x80 | (code >> 6 & 0x3f));
	out[3] = (char)(0x80 | (code & 0x3f));
	return 4;
}

bool
utf8_valid(struct kg_slice text)
{
	size_t at = 0;
	uint32_t code;

	while (at < text.len) {
		if (!utf8_next(text, &at, &code))
			return false;
	}
	return true;
}

/* Is the text ASCII? Short ones may be without being found out. */
static bool
is_ascii(struct kg_slice text)
{
	uint64_t word, all = 0;

	if (text.len < sizeof(word))
		return false;
	for (size_t i = 0; text.len - i >= sizeof(word); i += sizeof(word)) {
		memcpy(&word, text.ptr + i, sizeof(word));
		all |= word;
	}
	memcpy(&word, text.ptr + text.len - sizeof(word), sizeof(word));
	all |= word;
	return (all & UINT64_MAX / UINT8_MAX * 0x80) == 0;
}

/* What expressions cost is counted in code points: most texts are ASCII. */
size_t
utf8_length(struct kg_slice text)
{
	size_t n = text.len;

	if (is_ascii(text))
		return n;
	for (size_t i = 0; i < text.len; i++)
		n -= is_tail((unsigned char)text.ptr[i]);
	return n;
}

struct kg_slice
utf8_cut(struct kg_slice text, size_t max)
{
	if (text.len <= max)
		return text;
	while (max > 0 && is_tail((unsigned char)text.ptr[max]))
		max--;
	return slice_upto(text, max);
}

static bool
is_space(uint32_t c)
{
	return (c >= 9 && c <= 13) || c == ' ' || c == 0x85 || c == 0xa0 ||
	    c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 ||
	    c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

struct kg_slice
utf8_trim(struct kg_slice text)
{
	size_t at = 0, start = SIZE_MAX, end = 0, from;
	uint32_t code;

	for (from = 0; utf8_next(text, &at, &code); from = at) {
		if (is_space(code))
			continue;
		start = start == SIZE_MAX ? from : start;
		end = at;
	}
	if (start == SIZE_MAX)
		return slice_of("", 0);
	return slice_of(text.ptr + start, end - start);
}
