/* SPDX-License-Identifier: Apache-2.0 */
/* cel-go's extension functions over strings (version 2). Positions are in
 * code points. */
#include "base/limits.h"
#include "base/utf8.h"
#include "cel/eval.h"

static struct value
out_of_range(struct cel_eval *e, int64_t index)
{
	return cel_errorf(
	    e->arena, "index out of range: %lld", (long long)index);
}

/* Bytes of the first n code points; SIZE_MAX when there are fewer. */
static size_t
offset_of(struct kg_slice text, int64_t n)
{
	size_t at = 0;
	uint32_t code;

	if (n < 0)
		return SIZE_MAX;
	while (n-- > 0) {
		if (!utf8_next(text, &at, &code))
			return SIZE_MAX;
	}
	return at;
}

static int64_t
points(struct kg_slice text, size_t bytes)
{
	return (int64_t)utf8_length(slice_upto(text, bytes));
}

struct value
cel_fn_char_at(struct cel_eval *e, const struct value *args)
{
	const struct kg_slice text = cel_slice(&args[0]);
	const size_t start = offset_of(text, args[1].u.integer);
	size_t end = start;
	uint32_t code;

	if (start == SIZE_MAX)
		return out_of_range(e, args[1].u.integer);
	(void)utf8_next(text, &end, &code);
	return cel_string(slice_of(text.ptr + start, end - start));
}

/* --- indexOf, lastIndexOf --- */

static struct value
index_from(
    struct cel_eval *e, struct kg_slice text, struct kg_slice part, int64_t n)
{
	size_t start, found;

	if (part.len == 0)
		return cel_int(n);
	if (n < 0)
		return out_of_range(e, n);
	start = offset_of(text, n);
	if (start == SIZE_MAX)
		return cel_int(-1);
	found = slice_search(slice_from(text, start), part);
	return cel_int(found == SIZE_MAX ? -1 : points(text, start + found));
}

struct value
cel_fn_index_of(struct cel_eval *e, const struct value *args)
{
	return index_from(e, cel_slice(&args[0]), cel_slice(&args[1]), 0);
}

struct value
cel_fn_index_of_from(struct cel_eval *e, const struct value *args)
{
	return index_from(
	    e, cel_slice(&args[0]), cel_slice(&args[1]), args[2].u.integer);
}

/* The last place at or before a byte offset. */
static int64_t
last_before(struct kg_slice text, struct kg_slice part, size_t at)
{
	if (part.len > text.len)
		return -1;
	if (at > text.len - part.len)
		at = text.len - part.len;
	for (size_t i = at + 1; i-- > 0;) {
		if (slice_starts(slice_from(text, i), part))
			return points(text, i);
	}
	return -1;
}

struct value
cel_fn_last_index_of(struct cel_eval *e, const struct value *args)
{
	const struct kg_slice text = cel_slice(&args[0]);
	const struct kg_slice part = cel_slice(&args[1]);

	(void)e;
	if (part.len == 0)
		return cel_int(points(text, text.len));
	return cel_int(last_before(text, part, text.len));
}

struct value
cel_fn_last_index_of_from(struct cel_eval *e, const struct value *args)
{
	const struct kg_slice text = cel_slice(&args[0]);
	const struct kg_slice part = cel_slice(&args[1]);
	const int64_t n = args[2].u.integer;
	size_t at;

	if (part.len == 0)
		return cel_int(n);
	if (n < 0)
		return out_of_range(e, n);
	at = offset_of(text, n);
	if (at == SIZE_MAX || at >= text.len)
		return cel_int(-1);
	return cel_int(last_before(text, part, at));
}

/* --- join, split, replace --- */

static struct value
join(struct cel_eval *e, const struct value *list, struct kg_slice between)
{
	struct buf out;

	buf_init(&out, e->arena, CEL_TEXT_MAX);
	for (size_t i = 0; i < list->count && !buf_failed(&out); i++) {
		if (list->u.items[i].kind != CEL_STRING)
			return cel_no_overload();
		if (i > 0)
			buf_put(&out, between);
		buf_put(&out, cel_slice(&list->u.items[i]));
	}
	return cel_string_built(&out);
}

struct value
cel_fn_join(struct cel_eval *e, const struct value *args)
{
	return join(e, &args[0], slice_of(NULL, 0));
}

struct value
cel_fn_join_with(struct cel_eval *e, const struct value *args)
{
	return join(e, &args[0], cel_slice(&args[1]));
}

/* Length of the piece before the next separator; the empty one stands behind
 * every code point. SIZE_MAX: no further piece. */
static size_t
next_piece(struct kg_slice text, struct kg_slice sep)
{
	size_t at = 0;
	uint32_t code;

	if (sep.len > 0)
		return slice_search(text, sep);
	if (!utf8_next(text, &at, &code) || at == text.len)
		return SIZE_MAX;
	return at;
}

static struct value
split(
    struct cel_eval *e, struct kg_slice text, struct kg_slice sep, int64_t max)
{
	size_t count = 0, cap = 0, piece = 0;
	struct value *items = NULL;

	if (max == 0 || (sep.len == 0 && text.len == 0))
		return cel_list(NULL, 0);
	while (piece != SIZE_MAX) {
		if (count == cap) {
			const size_t want = cap == 0 ? 8 : cap * 2;

			items = arena_grow(e->arena, items,
			    cap * sizeof(*items), want * sizeof(*items));
			if (items == NULL)
				return cel_no_memory();
			cap = want;
		}
		piece = (int64_t)count + 1 == max ? SIZE_MAX
						  : next_piece(text, sep);
		items[count++] = cel_string(
		    slice_of(text.ptr, piece == SIZE_MAX ? text.len : piece));
		if (piece != SIZE_MAX)
			text = slice_of(text.ptr + piece + sep.len,
			    text.len - piece - sep.len);
	}
	return cel_list(items, count);
}

struct value
cel_fn_split(struct cel_eval *e, const struct value *args)
{
	return split(e, cel_slice(&args[0]), cel_slice(&args[1]), -1);
}

struct value
cel_fn_split_n(struct cel_eval *e, const struct value *args)
{
	return split(
	    e, cel_slice(&args[0]), cel_slice(&args[1]), args[2].u.integer);
}

/* The empty text occurs before each code point and at the end. */
static void
replace_empty(
    struct buf *out, struct kg_slice text, struct kg_slice to, int64_t max)
{
	size_t at = 0, from = 0;
	uint32_t code;

	for (; max != 0; max--) {
		buf_put(out, to);
		if (!utf8_next(text, &at, &code))
			break;
		buf_put(out, slice_of(text.ptr + from, at - from));
		from = at;
	}
	buf_put(out, slice_from(text, from));
}

static struct value
replace(struct cel_eval *e, const struct value *args, int64_t max)
{
	struct kg_slice text = cel_slice(&args[0]);
	const struct kg_slice from = cel_slice(&args[1]);
	const struct kg_slice to = cel_slice(&args[2]);
	struct buf out;

	buf_init(&out, e->arena, CEL_TEXT_MAX);
	if (from.len == 0) {
		replace_empty(&out, text, to, max);
		return cel_string_built(&out);
	}
	for (; max != 0 && !buf_failed(&out); max--) {
		const size_t at = slice_search(text, from);

		if (at == SIZE_MAX)
			break;
		buf_put(&out, slice_upto(text, at));
		buf_put(&out, to);
		text = slice_from(text, at + from.len);
	}
	buf_put(&out, text);
	return cel_string_built(&out);
}

struct value
cel_fn_replace(struct cel_eval *e, const struct value *args)
{
	return replace(e, args, -1);
}

struct value
cel_fn_replace_n(struct cel_eval *e, const struct value *args)
{
	return replace(e, args, args[3].u.integer);
}

/* --- substring, trim, letter case --- */

static struct value
substring(struct cel_eval *e, struct kg_slice text, int64_t from, int64_t to)
{
	const size_t start = offset_of(text, from);
	const size_t end = offset_of(text, to);

	if (from > to)
		return cel_errorf(e->arena,
		    "invalid substring range. start: %lld, end: %lld",
		    (long long)from, (long long)to);
	if (start == SIZE_MAX)
		return out_of_range(e, from);
	if (end == SIZE_MAX)
		return out_of_range(e, to);
	return cel_string(slice_of(text.ptr + start, end - start));
}

struct value
cel_fn_substring(struct cel_eval *e, const struct value *args)
{
	const struct kg_slice text = cel_slice(&args[0]);
	const size_t start = offset_of(text, args[1].u.integer);

	if (start == SIZE_MAX)
		return out_of_range(e, args[1].u.integer);
	return cel_string(slice_of(text.ptr + start, text.len - start));
}

struct value
cel_fn_substring_to(struct cel_eval *e, const struct value *args)
{
	return substring(
	    e, cel_slice(&args[0]), args[1].u.integer, args[2].u.integer);
}

struct value
cel_fn_trim(struct cel_eval *e, const struct value *args)
{
	(void)e;
	return cel_string(utf8_trim(cel_slice(&args[0])));
}

/* Letters from `first` to `first` + 25 get the other case. */
static struct value
turn_case(struct cel_eval *e, const struct value *v, char first)
{
	char *text = arena_array(e->arena, v->count, 1);

	if (text == NULL)
		return cel_no_memory();
	for (size_t i = 0; i < v->count; i++) {
		const char c = v->u.bytes[i];

		text[i] = c >= first && c < first + 26 ? (char)(c ^ 0x20) : c;
	}
	return cel_string(slice_of(text, v->count));
}

struct value
cel_fn_lower_ascii(struct cel_eval *e, const struct value *args)
{
	return turn_case(e, &args[0], 'A');
}

struct value
cel_fn_upper_ascii(struct cel_eval *e, const struct value *args)
{
	return turn_case(e, &args[0], 'a');
}

struct value
cel_fn_quote(struct cel_eval *e, const struct value *args)
{
	static const char plain[] = "\a\b\f\n\r\t\v\\\"";
	static const char escape[] = "abfnrtv\\\"";
	const struct kg_slice text = cel_slice(&args[0]);
	struct buf out;

	buf_init(&out, e->arena, CEL_TEXT_MAX);
	buf_putc(&out, '"');
	for (size_t i = 0; i < text.len; i++) {
		const char *found =
		    text.ptr[i] != '\0' ? strchr(plain, text.ptr[i]) : NULL;

		if (found != NULL)
			buf_putc(&out, '\\');
		buf_putc(
		    &out, found != NULL ? escape[found - plain] : text.ptr[i]);
	}
	buf_putc(&out, '"');
	return cel_string_built(&out);
}
