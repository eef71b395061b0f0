/* SPDX-License-Identifier: Apache-2.0 */
/* The starts of all lines, in one pass. */
#include "value/lines.h"

#include "base/utf8.h"

/* Bytes of a line break at p; 0: none. */
static size_t
line_break(const char *p, const char *end)
{
	const unsigned char *s = (const unsigned char *)p;

	if (s[0] == '\n')
		return 1;
	if (s[0] == '\r')
		return end - p > 1 && s[1] == '\n' ? 2 : 1;
	if (end - p > 1 && s[0] == 0xc2 && s[1] == 0x85)
		return 2;
	if (end - p > 2 && s[0] == 0xe2 && s[1] == 0x80 &&
	    (s[2] == 0xa8 || s[2] == 0xa9))
		return 3;
	return 0;
}

static bool
add_line(struct arena *arena, struct line_table *t, size_t *cap, size_t start)
{
	if (t->count == *cap) {
		const size_t more = *cap == 0 ? 1024 : *cap * 2;
		uint32_t *starts = arena_grow(arena, t->starts,
		    *cap * sizeof(*starts), more * sizeof(*starts));

		if (starts == NULL)
			return false;
		t->starts = starts;
		*cap = more;
	}
	t->starts[t->count++] = (uint32_t)start;
	return true;
}

enum kg_status
line_table_build(
    struct arena *arena, struct kg_slice text, struct line_table *out)
{
	size_t at = slice_starts(text, SLICE("\xef\xbb\xbf")) ? 3 : 0;
	const char *end = text.ptr + text.len;
	size_t cap = 0;

	*out = (struct line_table){ 0 };
	for (;;) {
		size_t n = 0;

		if (!add_line(arena, out, &cap, at))
			return arena->failure;
		while (
		    at < text.len && (n = line_break(text.ptr + at, end)) == 0)
			at++;
		if (at == text.len)
			return KG_OK;
		at += n;
	}
}

uint32_t
line_table_pos(const struct line_table *table, struct kg_slice text,
    size_t line, size_t column)
{
	uint32_t code;
	size_t at;

	if (line >= table->count)
		return (uint32_t)text.len;
	at = table->starts[line];
	for (; column > 0 && at < text.len; column--) {
		if ((unsigned char)text.ptr[at] < 0x80 ||
		    !utf8_next(text, &at, &code))
			at++;
	}
	return (uint32_t)at;
}
