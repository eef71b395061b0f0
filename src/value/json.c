/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The JSON decoder: a loop over tokens with the builder's stack, so no input
 * can exhaust the thread's. It is the first thing that touches untrusted
 * bytes, and most of what a review costs: the common cases (short names,
 * plain strings, small integers) take the straight path.
 */
#include "value/json.h"

#include "base/diag.h"
#include "base/utf8.h"
#include "value/builder.h"
#include "value/number.h"
#include "value/plain.h"

/*
 * A reader takes where to begin and gives where it has ended; NULL when it
 * failed, and then status and error say why.
 */
struct decoder {
	const char *start, *end;
	uint32_t base; /* of positions */
	bool drop_managed_fields;
	struct builder b;
	enum kg_status status;
	struct json_error *error;
};

/* --- Errors --- */

static const char *
fail(struct decoder *d, const char *at, enum kg_status status,
    const char *message)
{
	*d->error = (struct json_error){ .message = message,
		.offset = (size_t)(at - d->start) };
	d->status = status;
	return NULL;
}

static const char *
wrong(struct decoder *d, const char *at, const char *message)
{
	return fail(d, at, KG_SYNTAX, message);
}

static const char *
fail_builder(struct decoder *d, const char *at, enum builder_status why)
{
	switch (why) {
	case BUILDER_DUPLICATE:
		(void)wrong(d, d->start + (d->b.duplicate_pos - d->base),
		    "duplicate member name");
		d->error->name = d->b.duplicate;
		return NULL;
	case BUILDER_DEPTH:
		return fail(d, at, KG_LIMIT, "nested deeper than 250 levels");
	case BUILDER_NODES:
		return fail(d, at, KG_LIMIT, "too many values");
	case BUILDER_NOMEM:
		return fail(d, at, d->b.arena->failure,
		    "out of memory for this document");
	case BUILDER_OK:
		break;
	}
	return at;
}

static uint32_t
pos_of(const struct decoder *d, const char *at)
{
	return d->base + (uint32_t)(at - d->start);
}

static inline const char *
skip_space(const char *p, const char *end)
{
	while (p < end && (unsigned char)*p <= ' ' &&
	    (*p == ' ' || *p == '\n' || *p == '\t' || *p == '\r'))
		p++;
	return p;
}

static inline bool
is_at(const struct decoder *d, const char *p, char c)
{
	return p < d->end && *p == c;
}

/* --- Strings --- */

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Four hex digits at p; false when they are not. */
static bool
read_hex4(const char *p, const char *end, uint32_t *out)
{
	uint32_t n = 0;

	if (end - p < 4)
		return false;
	for (int i = 0; i < 4; i++) {
		const int digit = hex_digit(p[i]);

		if (digit < 0)
			return false;
		n = n << 4 | (uint32_t)digit;
	}
	*out = n;
	return true;
}

/* The \u escape whose backslash is at p, a surrogate pair included. */
static const char *
unescape_unicode(struct decoder *d, const char *p, char **out)
{
	const char *at = p;
	uint32_t code, low;

	if (!read_hex4(at + 2, d->end, &code))
		return wrong(d, at, "bad \\u escape: four hex digits wanted");
	p += 6;
	if (code >= 0xdc00 && code <= 0xdfff)
		return wrong(d, at, "lone surrogate in a \\u escape");
	if (code >= 0xd800 && code <= 0xdbff) {
		if (d->end - p < 6 || p[0] != '\\' || p[1] != 'u' ||
		    !read_hex4(p + 2, d->end, &low) || low < 0xdc00 ||
		    low > 0xdfff)
			return wrong(d, at, "lone surrogate in a \\u escape");
		code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
		p += 6;
	}
	*out += utf8_encode(code, *out);
	return p;
}

/* The escape whose backslash is at p. The result is never longer. */
static const char *
unescape(struct decoder *d, const char *p, char **out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *found;

	if (d->end - p < 2)
		return wrong(d, d->end, "text ends inside a string");
	if (p[1] == 'u')
		return unescape_unicode(d, p, out);
	found = p[1] == '\0' ? NULL : strchr(from, p[1]);
	if (found == NULL)
		return wrong(d, p, "unknown escape");
	*(*out)++ = to[found - from];
	return p + 2;
}

/* Behind what stopped a run of plain bytes and is neither quote nor
 * backslash: a UTF-8 sequence, or an error. */
static const char *
skip_special(struct decoder *d, const char *p)
{
	const size_t n = p == d->end ? 0 : utf8_sequence(p, d->end);

	if (n != 0)
		return p + n;
	if (p == d->end)
		return wrong(d, p, "text ends inside a string");
	return wrong(d, p,
	    (unsigned char)*p < 0x20 ? "control character in a string"
				     : "invalid UTF-8");
}

/* The closing quote of a string without escapes, or its first backslash. */
static const char *
scan_string(struct decoder *d, const char *p)
{
	for (;;) {
		p = plain_end(p, d->end);
		if (is_at(d, p, '"') || is_at(d, p, '\\'))
			return p;
		p = skip_special(d, p);
		if (p == NULL)
			return NULL;
	}
}

/* The first quote behind p that no backslash escapes: how much an unescaped
 * string may take. NULL when there is none. */
static const char *
closing_quote(const char *p, const char *end)
{
	while (p < end && *p != '"') {
		if (*p == '\\' && end - p > 1)
			p++;
		p++;
	}
	return p < end ? p : NULL;
}

/* A string with escapes: from its first byte, with `p` at the backslash. */
static const char *
copy_string(
    struct decoder *d, const char *first, const char *p, struct kg_slice *out)
{
	const char *close = closing_quote(p, d->end);
	char *text, *to;

	if (close == NULL)
		return wrong(d, d->end, "text ends inside a string");
	text = arena_array(d->b.arena, (size_t)(close - first), 1);
	if (text == NULL)
		return fail_builder(d, first, BUILDER_NOMEM);
	memcpy(text, first, (size_t)(p - first));
	to = text + (p - first);
	while (p != NULL && *p != '"') {
		const char *run = p;

		if (*p == '\\') {
			p = unescape(d, p, &to);
			continue;
		}
		p = scan_string(d, p);
		if (p == NULL)
			return NULL;
		memcpy(to, run, (size_t)(p - run));
		to += p - run;
	}
	*out = slice_of(text, (size_t)(to - text));
	return p != NULL ? p + 1 : NULL;
}

/* The same for a string that is not kept. */
static const char *
check_string(struct decoder *d, const char *p)
{
	char text[4], *to;

	while (p != NULL && *p != '"') {
		to = text;
		p = unescape(d, p, &to);
		if (p != NULL)
			p = scan_string(d, p);
	}
	return p != NULL ? p + 1 : NULL;
}

/* The rest of a string, from the first byte that is not plain. */
static const char *
read_special(
    struct decoder *d, const char *first, const char *p, struct kg_slice *out)
{
	p = scan_string(d, p);
	if (p == NULL)
		return NULL;
	*out = slice_of(first, (size_t)(p - first));
	if (*p == '"')
		return p + 1;
	return builder_drops(&d->b) ? check_string(d, p)
				    : copy_string(d, first, p, out);
}

/* At the opening quote. */
static inline const char *
read_string(struct decoder *d, const char *p, struct kg_slice *out)
{
	const char *first = p + 1;

	p = plain_end(first, d->end);
	if (!is_at(d, p, '"'))
		return read_special(d, first, p, out);
	*out = slice_of(first, (size_t)(p - first));
	return p + 1;
}

/* --- Numbers and words --- */

static const char *
skip_digits(const char *p, const char *end)
{
	while (p < end && *p >= '0' && *p <= '9')
		p++;
	return p;
}

/* End of the number that starts at p. */
static const char *
scan_number(struct decoder *d, const char *p, bool *integral)
{
	const char *digits;

	*integral = true;
	if (is_at(d, p, '-'))
		p++;
	digits = p;
	p = skip_digits(p, d->end);
	if (p == digits)
		return wrong(d, digits, "digit expected");
	if (*digits == '0' && p - digits > 1)
		return wrong(d, digits, "leading zero");
	if (is_at(d, p, '.')) {
		*integral = false;
		digits = ++p;
		p = skip_digits(p, d->end);
	}
	if (p != digits && (is_at(d, p, 'e') || is_at(d, p, 'E'))) {
		*integral = false;
		p++;
		if (is_at(d, p, '+') || is_at(d, p, '-'))
			p++;
		digits = p;
		p = skip_digits(p, d->end);
	}
	return p != digits ? p : wrong(d, p, "digit expected");
}

/* False when it does not fit int64. The text is of the grammar. */
static bool
parse_int(const char *p, const char *end, int64_t *out)
{
	const bool negative = *p == '-';
	uint64_t n = 0;

	p += negative;
	if (end - p > 19)
		return false;
	for (; p < end; p++)
		n = n * 10 + (uint64_t)(*p - '0');
	if (n > (uint64_t)INT64_MAX + negative)
		return false;
	*out = negative ? (int64_t)(0 - n) : (int64_t)n;
	return true;
}

/* False: an error. The text is of the grammar. */
static bool
parse_double(struct decoder *d, const char *from, size_t len, double *out)
{
	char text[NUMBER_TEXT_MAX + 1];

	if (len > NUMBER_TEXT_MAX) {
		(void)fail(
		    d, from, KG_LIMIT, "number longer than 1024 characters");
		return false;
	}
	if (double_read_short(slice_of(from, len), out))
		return true;
	memcpy(text, from, len);
	text[len] = '\0';
	/* No setlocale() anywhere: the point is a point. */
	*out = strtod(text, NULL);
	if (*out <= 1.7976931348623157e308 && *out >= -1.7976931348623157e308)
		return true;
	(void)wrong(d, from, "number out of range");
	return false;
}

static const char *
read_number(struct decoder *d, const char *p, struct value *out)
{
	bool integral;
	const char *end = scan_number(d, p, &integral);

	if (end == NULL)
		return NULL;
	if (integral && parse_int(p, end, &out->u.integer)) {
		out->kind = VALUE_INT;
		return end;
	}
	out->kind = VALUE_DOUBLE;
	return parse_double(d, p, (size_t)(end - p), &out->u.real) ? end : NULL;
}

static const char *
read_word(struct decoder *d, const char *p, struct value *out)
{
	static const struct {
		struct kg_slice text;
		struct value value;
	} words[] = {
		{ SLICE_INIT("true"),
		    { .kind = VALUE_BOOL, .u.boolean = true } },
		{ SLICE_INIT("false"),
		    { .kind = VALUE_BOOL, .u.boolean = false } },
		{ SLICE_INIT("null"), { .kind = VALUE_NULL } },
	};
	const struct kg_slice rest = slice_of(p, (size_t)(d->end - p));

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (slice_starts(rest, words[i].text)) {
			*out = words[i].value;
			return p + words[i].text.len;
		}
	}
	return wrong(d, p,
	    p == d->end ? "text ends where a value is expected"
			: "value expected");
}

/* --- Documents --- */

static inline const char *
read_scalar(struct decoder *d, const char *p)
{
	const uint32_t pos = pos_of(d, p);
	struct value v = { .kind = VALUE_NULL };
	enum builder_status pushed;
	struct kg_slice text;

	if (is_at(d, p, '"')) {
		p = read_string(d, p, &text);
		if (p == NULL)
			return NULL;
		v = (struct value){ .kind = VALUE_STRING,
			.count = (uint32_t)text.len,
			.u.bytes = text.ptr };
	} else if (p < d->end && (*p == '-' || (*p >= '0' && *p <= '9'))) {
		p = read_number(d, p, &v);
	} else {
		p = read_word(d, p, &v);
	}
	if (p == NULL)
		return NULL;
	pushed = builder_push(&d->b, v, pos);
	return pushed == BUILDER_OK ? p : fail_builder(d, p, pushed);
}

/* Was the name just pushed that of /request/object/metadata/managedFields, or
 * of oldObject's? */
static bool
at_managed_fields(const struct builder *b)
{
	return b->depth == 4 &&
	    b->stack[b->top - 1].value.key == KEY_managedFields &&
	    builder_key(b, 3) == KEY_metadata &&
	    (builder_key(b, 2) == KEY_object ||
		builder_key(b, 2) == KEY_oldObject) &&
	    builder_key(b, 1) == KEY_request;
}

/* A name, its colon, and the space around that. */
static inline const char *
read_name(struct decoder *d, const char *p)
{
	const uint32_t pos = pos_of(d, p);
	enum builder_status pushed;
	struct kg_slice name;

	if (!is_at(d, p, '"'))
		return wrong(d, p, "member name expected");
	p = read_string(d, p, &name);
	if (p == NULL)
		return NULL;
	if (name.len > KEY_TEXT_MAX)
		return fail(d, p, KG_LIMIT, "member name over 64 KiB");
	p = skip_space(p, d->end);
	if (!is_at(d, p, ':'))
		return wrong(d, p, "':' expected");
	p++;
	if (builder_drops(&d->b))
		return skip_space(p, d->end);
	pushed = builder_push_name(&d->b, name, pos);
	if (pushed != BUILDER_OK)
		return fail_builder(d, p, pushed);
	if (d->drop_managed_fields && at_managed_fields(&d->b))
		builder_drop(&d->b);
	return skip_space(p, d->end);
}

/* Closes what the last value completed; *more when another value follows. */
static inline const char *
after_value(struct decoder *d, const char *p, bool *more)
{
	while (d->b.depth > 0) {
		const bool object = builder_in_object(&d->b);
		enum builder_status closed;

		p = skip_space(p, d->end);
		if (is_at(d, p, ',')) {
			*more = true;
			return skip_space(p + 1, d->end);
		}
		if (!is_at(d, p, object ? '}' : ']'))
			return wrong(d, p,
			    object ? "',' or '}' expected"
				   : "',' or ']' expected");
		closed = builder_close(&d->b);
		if (closed != BUILDER_OK)
			return fail_builder(d, p, closed);
		p++;
	}
	*more = false;
	return p;
}

/* An opening bracket; an empty container is closed at once. */
static inline const char *
open_container(struct decoder *d, const char *p, bool *empty)
{
	const bool object = *p == '{';
	enum builder_status st;

	st = builder_open(&d->b, object, pos_of(d, p));
	if (st != BUILDER_OK)
		return fail_builder(d, p, st);
	p = skip_space(p + 1, d->end);
	*empty = is_at(d, p, object ? '}' : ']');
	if (!*empty)
		return p;
	st = builder_close(&d->b);
	return st == BUILDER_OK ? p + 1 : fail_builder(d, p, st);
}

static const char *
read_document(struct decoder *d, const char *p)
{
	bool more = true;

	p = skip_space(p, d->end);
	while (p != NULL && more) {
		bool complete = true;

		if (d->b.depth > 0 && builder_in_object(&d->b)) {
			p = read_name(d, p);
			if (p == NULL)
				return NULL;
		}
		if (is_at(d, p, '{') || is_at(d, p, '['))
			p = open_container(d, p, &complete);
		else
			p = read_scalar(d, p);
		if (p != NULL && complete)
			p = after_value(d, p, &more);
	}
	return p;
}

enum kg_status
json_decode_prefix(struct arena *arena, const struct keytab *keys,
    struct kg_slice text, const struct json_options *options,
    const struct value **out, size_t *used, struct json_error *error)
{
	struct decoder d; /* not zeroed: its frames are 4 KiB */
	const char *end;
	uint32_t pos;

	*out = NULL;
	*used = 0;
	*error = (struct json_error){ 0 };
	d.status = KG_OK;
	d.error = error;
	d.base = options != NULL ? options->base : 0;
	d.drop_managed_fields = options != NULL && options->drop_managed_fields;
	d.start = text.len == 0 ? "" : text.ptr;
	d.end = d.start + text.len;
	if (text.len >= POS_NONE - d.base) {
		(void)fail(&d, d.start, KG_LIMIT, "text over 4 GiB");
		return d.status;
	}
	builder_init(&d.b, arena, keys, options != NULL && options->positions);
	end = read_document(&d, d.start);
	if (end == NULL)
		return d.status;
	*out = builder_root(&d.b, &pos);
	if (*out == NULL)
		(void)fail_builder(&d, end, BUILDER_NOMEM);
	*used = (size_t)(end - d.start);
	return d.status;
}

enum kg_status
json_decode(struct arena *arena, const struct keytab *keys,
    struct kg_slice text, const struct json_options *options,
    const struct value **out, struct json_error *error)
{
	struct kg_slice rest;
	enum kg_status st;
	size_t used;

	st = json_decode_prefix(arena, keys, text, options, out, &used, error);
	if (st != KG_OK)
		return st;
	rest = slice_trim(slice_from(text, used));
	if (rest.len != 0) {
		*out = NULL;
		*error =
		    (struct json_error){ .message = "text after the document",
			    .offset = (size_t)(rest.ptr - text.ptr) };
		return KG_SYNTAX;
	}
	return KG_OK;
}

void
json_error_put(struct buf *out, const struct json_error *error)
{
	buf_printf(
	    out, "invalid JSON at byte %zu: %s", error->offset, error->message);
	if (error->name.ptr != NULL) {
		buf_putc(out, ' ');
		buf_put_quoted(out, error->name);
	}
}
