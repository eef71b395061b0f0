/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON out. Whatever bytes come in, valid JSON comes out: what is not UTF-8
 * turns into U+FFFD.
 */
#include "value/writer.h"

#include "base/utf8.h"
#include "value/number.h"
#include "value/plain.h"

void
writer_init(struct writer *w, struct buf *out)
{
	w->out = out;
	w->depth = 0;
	w->comma = false;
}

/* Before a value or a name: the comma, when one stands before it. */
static void
begin(struct writer *w)
{
	if (w->comma)
		buf_putc(w->out, ',');
	w->comma = true;
}

static void
open(struct writer *w, char opener, uint8_t closer)
{
	begin(w);
	buf_putc(w->out, opener);
	/* Deeper than any document: a fault of ours, stopped by the buffer. */
	if (w->depth == sizeof(w->closers))
		w->out->failed = true;
	else
		w->closers[w->depth++] = closer;
	w->comma = false;
}

void
writer_object(struct writer *w)
{
	open(w, '{', '}');
}

void
writer_list(struct writer *w)
{
	open(w, '[', ']');
}

void
writer_end(struct writer *w)
{
	if (w->depth > 0)
		buf_putc(w->out, (char)w->closers[--w->depth]);
	w->comma = true;
}

static void
put_escaped(struct buf *out, unsigned char c)
{
	static const char digits[] = "0123456789abcdef";
	static const char from[] = "\b\f\n\r\t\"\\", to[] = "bfnrt\"\\";
	const char *found = c == '\0' ? NULL : strchr(from, c);

	if (found != NULL) {
		const char escape[2] = { '\\', to[found - from] };

		buf_put(out, slice_of(escape, sizeof(escape)));
	} else {
		const char escape[6] = { '\\', 'u', '0', '0', digits[c >> 4],
			digits[c & 15] };

		buf_put(out, slice_of(escape, sizeof(escape)));
	}
}

/* What is not plain at *at: an escape, a UTF-8 sequence, or a bad byte. */
static size_t
put_special(struct buf *out, struct kg_slice s, size_t at)
{
	const unsigned char c = (unsigned char)s.ptr[at];
	size_t n;

	if (c < 0x80) {
		put_escaped(out, c);
		return 1;
	}
	n = utf8_sequence(s.ptr + at, s.ptr + s.len);
	if (n == 0) {
		buf_puts(out, "\xef\xbf\xbd");
		return 1;
	}
	buf_put(out, slice_of(s.ptr + at, n));
	return n;
}

static void
put_special_string(struct buf *out, struct kg_slice s)
{
	const char *end = s.ptr + s.len;
	size_t at = 0;

	buf_putc(out, '"');
	while (at < s.len && !out->failed) {
		const size_t start = at;

		at = (size_t)(plain_end(s.ptr + start, end) - s.ptr);
		buf_put(out, slice_of(s.ptr + start, at - start));
		if (at < s.len)
			at += put_special(out, s, at);
	}
	buf_putc(out, '"');
}

/* Plain text in quotes; gives its end. */
static char *
quote_plain(char *to, struct kg_slice s)
{
	*to++ = '"';
	if (s.len > 0)
		memcpy(to, s.ptr, s.len);
	to[s.len] = '"';
	return to + s.len + 1;
}

static void
put_string(struct buf *out, struct kg_slice s)
{
	char *room;

	if (!plain_all(s.ptr, s.len)) {
		put_special_string(out, s);
		return;
	}
	room = buf_room(out, s.len + 2);
	if (room == NULL)
		return;
	(void)quote_plain(room, s);
	out->len += s.len + 2;
}

void
writer_name_slice(struct writer *w, struct kg_slice name)
{
	begin(w);
	put_string(w->out, name);
	buf_putc(w->out, ':');
	w->comma = false;
}

/* Comma, name and colon. */
static char *
name_plain(const struct writer *w, char *to, struct kg_slice name)
{
	if (w->comma)
		*to++ = ',';
	to = quote_plain(to, name);
	*to++ = ':';
	return to;
}

void
writer_name_plain(struct writer *w, struct kg_slice name)
{
	const size_t size = w->comma + name.len + 3;
	char *room = buf_room(w->out, size);

	if (room == NULL)
		return;
	(void)name_plain(w, room, name);
	w->out->len += size;
	w->comma = false;
}

void
writer_member_plain(struct writer *w, struct kg_slice name, struct kg_slice s)
{
	const size_t size = w->comma + name.len + 3 + s.len + 2;
	char *room;

	if (!plain_all(s.ptr, s.len)) {
		writer_name_plain(w, name);
		writer_string(w, s);
		return;
	}
	room = buf_room(w->out, size);
	if (room == NULL)
		return;
	(void)quote_plain(name_plain(w, room, name), s);
	w->out->len += size;
	w->comma = true;
}

void
writer_raw(struct writer *w, struct kg_slice json)
{
	begin(w);
	buf_put(w->out, json);
}

void
writer_null(struct writer *w)
{
	writer_raw(w, SLICE("null"));
}

void
writer_bool(struct writer *w, bool b)
{
	writer_raw(w, b ? SLICE("true") : SLICE("false"));
}

void
writer_int(struct writer *w, int64_t n)
{
	begin(w);
	buf_put_int(w->out, n);
}

void
writer_uint(struct writer *w, uint64_t n)
{
	begin(w);
	buf_put_uint(w->out, n);
}

void
writer_string(struct writer *w, struct kg_slice s)
{
	begin(w);
	put_string(w->out, s);
}

/* Digits and a decimal point at `point` (may lie outside the digits). */
static size_t
place_point(const char *digits, int count, int point, char *out)
{
	size_t n = 0;

	if (point <= 0) {
		out[n++] = '0';
		out[n++] = '.';
		for (int i = point; i < 0; i++)
			out[n++] = '0';
	}
	for (int i = 0; i < count || i < point; i++) {
		if (i == point && i > 0)
			out[n++] = '.';
		out[n++] = i < count ? digits[i] : '0';
	}
	return n;
}

static size_t
place_exponent(const char *digits, int count, int exponent, char *out)
{
	size_t n = 0;

	out[n++] = digits[0];
	if (count > 1)
		out[n++] = '.';
	for (int i = 1; i < count; i++)
		out[n++] = digits[i];
	n += (size_t)snprintf(out + n, 8, "e%+d", exponent);
	return n;
}

size_t
double_text(double d, char text[32])
{
	struct double_digits shortest;
	size_t n = 0;

	if (d >= 0 && d <= 0) { /* both zeros are 0 */
		text[0] = '0';
		return 1;
	}
	double_shortest(d, &shortest);
	if (shortest.negative)
		text[n++] = '-';
	/* ECMAScript: plain from 1e-6 to below 1e21. */
	if (shortest.exponent >= -6 && shortest.exponent < 21)
		n += place_point(shortest.digits, shortest.count,
		    shortest.exponent + 1, text + n);
	else
		n += place_exponent(shortest.digits, shortest.count,
		    shortest.exponent, text + n);
	return n;
}

static void
put_double(struct writer *w, double d, bool ecmascript)
{
	char text[32];
	size_t n;

	if (!(d >= -1.7976931348623157e308 && d <= 1.7976931348623157e308)) {
		writer_null(w); /* no decoder of ours makes one */
		return;
	}
	begin(w);
	n = double_text(d, text);
	buf_put(w->out, slice_of(text, n));
	/* What reads back as an integer would be another value. */
	if (!ecmascript && memchr(text, '.', n) == NULL &&
	    memchr(text, 'e', n) == NULL)
		buf_puts(w->out, ".0");
}

void
writer_double(struct writer *w, double d)
{
	put_double(w, d, false);
}

/* --- Values --- */

static void
write_scalar(struct writer *w, const struct value *v)
{
	switch ((enum value_kind)v->kind) {
	case VALUE_BOOL:
		writer_bool(w, v->u.boolean);
		break;
	case VALUE_INT:
		writer_int(w, v->u.integer);
		break;
	case VALUE_DOUBLE:
		writer_double(w, v->u.real);
		break;
	case VALUE_STRING:
		writer_string(w, value_str(v));
		break;
	case VALUE_NULL:
	case VALUE_LIST:
	case VALUE_OBJECT:
		writer_null(w);
		break;
	}
}

/* Recursion: bounded by the decoders' DEPTH_MAX. */
void
writer_value(struct writer *w, const struct value *v)
{
	if (v == NULL || v->kind < VALUE_LIST) {
		write_scalar(w, v != NULL ? v : &(struct value){ 0 });
		return;
	}
	if (v->kind == VALUE_LIST) {
		writer_list(w);
		for (size_t i = 0; i < v->count; i++)
			writer_value(w, &v->u.items[i]);
	} else {
		writer_object(w);
		for (size_t i = 0; i < v->count; i++) {
			writer_name_slice(w, value_str(&v->u.members[i].name));
			writer_value(w, &v->u.members[i].value);
		}
	}
	writer_end(w);
}

/*
 * Order by UTF-16 code units: as by code points, but for those beyond the
 * BMP, whose surrogates (D800-DFFF) sort below E000-FFFF.
 */
static int
utf16_order(const void *left, const void *right)
{
	const struct kg_slice a =
	    value_str(&(*(const struct member *const *)left)->name);
	const struct kg_slice b =
	    value_str(&(*(const struct member *const *)right)->name);
	size_t i = 0, j = 0;
	uint32_t x, y;

	while (utf8_next(a, &i, &x) && utf8_next(b, &j, &y)) {
		if (x == y)
			continue;
		if ((x > 0xffff) != (y > 0xffff)) {
			if (x > 0xffff)
				return y < 0xe000 ? 1 : -1;
			return x < 0xe000 ? -1 : 1;
		}
		return x < y ? -1 : 1;
	}
	return (a.len > b.len) - (a.len < b.len);
}

static void
canonical_object(struct writer *w, const struct value *v)
{
	const struct member **sorted;

	sorted = arena_array(w->out->arena, v->count, sizeof(*sorted));
	if (sorted == NULL) {
		w->out->failed = true;
		return;
	}
	for (size_t i = 0; i < v->count; i++)
		sorted[i] = &v->u.members[i];
	qsort(sorted, v->count, sizeof(*sorted), utf16_order);
	for (size_t i = 0; i < v->count; i++) {
		writer_name_slice(w, value_str(&sorted[i]->name));
		writer_canonical(w, &sorted[i]->value);
	}
}

void
writer_canonical(struct writer *w, const struct value *v)
{
	if (value_is(v, VALUE_LIST)) {
		writer_list(w);
		for (size_t i = 0; i < v->count; i++)
			writer_canonical(w, &v->u.items[i]);
		writer_end(w);
	} else if (value_is(v, VALUE_OBJECT)) {
		writer_object(w);
		if (v->count > 0)
			canonical_object(w, v);
		writer_end(w);
	} else if (value_is(v, VALUE_DOUBLE)) {
		put_double(w, v->u.real, true);
	} else {
		writer_value(w, v);
	}
}
