/* SPDX-License-Identifier: Apache-2.0 */
/* The builder; growth doubles, inside the arena. */
#include "base/buf.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/limits.h"
#include "base/utf8.h"

#define BUF_MIN 64u

void
buf_init(struct buf *b, struct arena *arena, size_t max)
{
	*b = (struct buf){ .arena = arena, .max = max };
}

void
buf_init_over(struct buf *b, char *memory, size_t size)
{
	*b = (struct buf){ .ptr = memory, .cap = size, .max = size };
}

char *
buf_grow(struct buf *b, size_t n)
{
	size_t cap;
	char *ptr;

	if (b->failed)
		return NULL;
	if (n > b->max - b->len) {
		b->failed = true;
		return NULL;
	}
	cap = b->cap < BUF_MIN ? BUF_MIN : b->cap;
	while (cap < b->len + n)
		cap *= 2;
	if (cap > b->max)
		cap = b->max;
	ptr = arena_grow(b->arena, b->ptr, b->cap, cap);
	if (ptr == NULL) {
		b->failed = true;
		return NULL;
	}
	b->ptr = ptr;
	b->cap = cap;
	return b->ptr + b->len;
}

struct kg_slice
buf_cut(struct buf *b)
{
	const struct kg_slice more = SLICE("...");
	const struct kg_slice text = slice_of(b->ptr, b->len);
	struct kg_slice kept;

	if (!b->failed || b->len < more.len)
		return text;
	kept = utf8_cut(text, b->len - more.len);
	memcpy(b->ptr + kept.len, more.ptr, more.len);
	return slice_of(b->ptr, kept.len + more.len);
}

void
buf_puts(struct buf *b, const char *text)
{
	buf_put(b, slice_str(text));
}

void
buf_put_uint(struct buf *b, uint64_t n)
{
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + n % 10);
		n /= 10;
	} while (n != 0);
	buf_put(b, slice_of(digits + at, sizeof(digits) - at));
}

void
buf_put_int(struct buf *b, int64_t n)
{
	if (n < 0) {
		buf_putc(b, '-');
		buf_put_uint(b, (uint64_t)0 - (uint64_t)n);
	} else {
		buf_put_uint(b, (uint64_t)n);
	}
}

static void buf_vprintf(struct buf *b, const char *format, va_list args)
    KG_PRINTF(2, 0);

static void
buf_vprintf(struct buf *b, const char *format, va_list args)
{
	va_list again;
	char *room;
	int n;

	va_copy(again, args);
	n = vsnprintf(NULL, 0, format, args);
	if (n < 0)
		b->failed = true;
	room = n < 0 ? NULL : buf_room(b, (size_t)n + 1);
	if (room != NULL) {
		(void)vsnprintf(room, (size_t)n + 1, format, again);
		b->len += (size_t)n;
	}
	va_end(again);
}

void
buf_printf(struct buf *b, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	buf_vprintf(b, format, args);
	va_end(args);
}

static bool
is_control(uint32_t c)
{
	/* C0, DEL, C1, and what would turn a line around or break it. */
	return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x2028 ||
	    c == 0x2029 || (c >= 0x202a && c <= 0x202e) ||
	    (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

static void
put_escape(struct buf *b, uint32_t c)
{
	switch (c) {
	case '\n':
		buf_puts(b, "\\n");
		break;
	case '\t':
		buf_puts(b, "\\t");
		break;
	case '\r':
		buf_puts(b, "\\r");
		break;
	default:
		buf_printf(b, "\\u%04" PRIx32, c);
		break;
	}
}

static void
put_visible(struct buf *b, struct kg_slice text, bool quotes)
{
	size_t at = 0;

	while (at < text.len && !b->failed) {
		const size_t start = at;
		uint32_t c;

		if (!utf8_next(text, &at, &c)) {
			buf_printf(b, "\\x%02x", (unsigned char)text.ptr[at++]);
		} else if (is_control(c)) {
			put_escape(b, c);
		} else {
			if (quotes && (c == '"' || c == '\\'))
				buf_putc(b, '\\');
			buf_put(b, slice_of(text.ptr + start, at - start));
		}
	}
}

void
buf_put_quoted(struct buf *b, struct kg_slice text)
{
	const struct kg_slice shown = utf8_cut(text, QUOTE_MAX);

	buf_putc(b, '"');
	put_visible(b, shown, true);
	buf_puts(b, shown.len < text.len ? "...\"" : "\"");
}

void
buf_put_line(struct buf *b, struct kg_slice text)
{
	put_visible(b, text, false);
}

void
buf_put_step(struct buf *b, struct kg_slice name)
{
	buf_putc(b, '/');
	for (size_t i = 0; i < name.len; i++) {
		if (name.ptr[i] == '~')
			buf_puts(b, "~0");
		else if (name.ptr[i] == '/')
			buf_puts(b, "~1");
		else
			buf_putc(b, name.ptr[i]);
	}
}

void
buf_put_index(struct buf *b, size_t index)
{
	buf_putc(b, '/');
	buf_put_uint(b, index);
}

struct kg_slice
arena_printf(struct arena *a, const char *format, ...)
{
	struct buf b;
	va_list args;

	buf_init(&b, a, SIZE_MAX / 2);
	va_start(args, format);
	buf_vprintf(&b, format, args);
	va_end(args);
	return buf_slice(&b);
}
