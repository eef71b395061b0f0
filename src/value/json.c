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

struct decoder {
	const char *p, *start, *end;
	uint32_t base; /* of positions */
	struct builder b;
	struct json_error *error;
};

/* --- Errors --- */

static enum kg_status
fail(struct decoder *d, const char *at, const char *message)
{
	*d->error = (struct json_error){ .message = message,
		.offset = (size_t)(at - d->start) };
	return KG_SYNTAX;
}

static enum kg_status
say_builder(struct decoder *d, const char *at, enum builder_status why)
{
	switch (why) {
	case BUILDER_OK:
		return KG_OK;
	case BUILDER_DUPLICATE:
		(void)fail(d, d->start + (d->b.duplicate_pos - d->base),
		    "duplicate member name");
		d->error->name = d->b.duplicate;
		return KG_SYNTAX;
	case BUILDER_DEPTH:
		(void)fail(d, at, "nested deeper than 250 levels");
		return KG_LIMIT;
	case BUILDER_NODES:
		(void)fail(d, at, "too many values");
		return KG_LIMIT;
	case BUILDER_NOMEM:
		(void)fail(d, at, "out of memory for this document");
		return d->b.arena->failure;
	}
	return KG_SYNTAX;
}

static inline enum kg_status
fail_builder(struct decoder *d, const char *at, enum builder_status why)
{
	return why == BUILDER_OK ? KG_OK : say_builder(d, at, why);
}

static uint32_t
pos_of(const struct decoder *d, const char *at)
{
	return d->base + (uint32_t)(at - d->start);
}

static void
skip_space(struct decoder *d)
{
	while (d->p < d->end &&
	    (*d->p == ' ' || *d->p == '\n' || *d->p == '\t' || *d->p == '\r'))
		d->p++;
}

/* --- Strings --- */

#define EACH_BYTE(c) (0x0101010101010101u * (uint64_t)(c))

/* Bit 7 of each byte that is a quote, backslash, control or not ASCII. The
 * lowest one set is exact; those above it may be borrows. */
static inline uint64_t
special_bytes(uint64_t w)
{
	const uint64_t quote = w ^ EACH_BYTE('"');
	const uint64_t slash = w ^ EACH_BYTE('\\');

	return (((quote - EACH_BYTE(1)) & ~quote) |
		   ((slash - EACH_BYTE(1)) & ~slash) |
		   ((w - EACH_BYTE(0x20)) & ~w) | w) &
	    EACH_BYTE(0x80);
}

/* First byte from p on that ends a run of plain ASCII; end if none. */
static inline const char *
skip_plain(const char *p, const char *end)
{
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	while (end - p >= 8) {
		const uint64_t hit = special_bytes(hash_load(p, 8));

		if (hit != 0)
			return p + ((unsigned)__builtin_ctzll(hit) >> 3);
		p += 8;
	}
#endif
	while (p < end && (unsigned char)*p >= 0x20 &&
	    (unsigned char)*p < 0x80 && *p != '"' && *p != '\\')
		p++;
	return p;
}

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

/* The \u escape whose backslash is at *p, a surrogate pair included. */
static enum kg_status
unescape_unicode(struct decoder *d, const char **p, char **out)
{
	const char *at = *p;
	uint32_t code, low;

	if (!read_hex4(at + 2, d->end, &code))
		return fail(d, at, "bad \\u escape: four hex digits wanted");
	*p = at + 6;
	if (code >= 0xdc00 && code <= 0xdfff)
		return fail(d, at, "lone surrogate in a \\u escape");
	if (code >= 0xd800 && code <= 0xdbff) {
		if (d->end - *p < 6 || (*p)[0] != '\\' || (*p)[1] != 'u' ||
		    !read_hex4(*p + 2, d->end, &low) || low < 0xdc00 ||
		    low > 0xdfff)
			return fail(d, at, "lone surrogate in a \\u escape");
		code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
		*p += 6;
	}
	*out += utf8_encode(code, *out);
	return KG_OK;
}

/* The escape whose backslash is at *p. The result is never longer. */
static enum kg_status
unescape(struct decoder *d, const char **p, char **out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *found;

	if (d->end - *p < 2)
		return fail(d, d->end, "text ends inside a string");
	if ((*p)[1] == 'u')
		return unescape_unicode(d, p, out);
	found = (*p)[1] == '\0' ? NULL : strchr(from, (*p)[1]);
	if (found == NULL)
		return fail(d, *p, "unknown escape");
	*(*out)++ = to[found - from];
	*p += 2;
	return KG_OK;
}

/*
 * What stopped a run of plain bytes at p, when it is no quote and no
 * backslash: a UTF-8 sequence (its length is given), or an error (0).
 */
static size_t
check_special(struct decoder *d, const char *p)
{
	const size_t n = p == d->end ? 0 : utf8_sequence(p, d->end);

	if (n != 0)
		return n;
	if (p == d->end)
		(void)fail(d, p, "text ends inside a string");
	else if ((unsigned char)*p < 0x20)
		(void)fail(d, p, "control character in a string");
	else
		(void)fail(d, p, "invalid UTF-8");
	return 0;
}

/* Moves p to the closing quote of a string without escapes, or to its first
 * backslash; NULL on an error. */
static const char *
scan_string(struct decoder *d, const char *p)
{
	for (;;) {
		size_t n;

		p = skip_plain(p, d->end);
		if (p < d->end && (*p == '"' || *p == '\\'))
			return p;
		n = check_special(d, p);
		if (n == 0)
			return NULL;
		p += n;
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
static enum kg_status
copy_string(
    struct decoder *d, const char *first, const char *p, struct kg_slice *out)
{
	const char *close = closing_quote(p, d->end);
	enum kg_status st = KG_OK;
	char *text, *to;

	if (close == NULL)
		return fail(d, d->end, "text ends inside a string");
	text = arena_array(d->b.arena, (size_t)(close - first), 1);
	if (text == NULL)
		return fail_builder(d, first, BUILDER_NOMEM);
	memcpy(text, first, (size_t)(p - first));
	to = text + (p - first);
	while (st == KG_OK && *p != '"') {
		const char *run = p;

		if (*p == '\\') {
			st = unescape(d, &p, &to);
			continue;
		}
		p = scan_string(d, p);
		if (p == NULL)
			return KG_SYNTAX;
		memcpy(to, run, (size_t)(p - run));
		to += p - run;
	}
	*out = slice_of(text, (size_t)(to - text));
	d->p = p + 1;
	return st;
}

/* At the opening quote. */
static enum kg_status
read_string(struct decoder *d, struct kg_slice *out)
{
	const char *first = d->p + 1;
	const char *p = scan_string(d, first);

	if (p == NULL)
		return KG_SYNTAX;
	if (*p == '\\')
		return copy_string(d, first, p, out);
	*out = slice_of(first, (size_t)(p - first));
	d->p = p + 1;
	return KG_OK;
}

/* --- Numbers and words --- */

static const char *
skip_digits(const char *p, const char *end)
{
	while (p < end && *p >= '0' && *p <= '9')
		p++;
	return p;
}

/* End of the number that starts at p; NULL when the grammar is broken. */
static const char *
scan_number(struct decoder *d, const char *p, bool *integral)
{
	const char *digits;

	*integral = true;
	if (p < d->end && *p == '-')
		p++;
	digits = p;
	p = skip_digits(p, d->end);
	if (p == digits || (*digits == '0' && p - digits > 1)) {
		(void)fail(
		    d, digits, p == digits ? "digit expected" : "leading zero");
		return NULL;
	}
	if (p < d->end && *p == '.') {
		*integral = false;
		digits = ++p;
		p = skip_digits(p, d->end);
	}
	if (p != digits && p < d->end && (*p == 'e' || *p == 'E')) {
		*integral = false;
		p++;
		if (p < d->end && (*p == '+' || *p == '-'))
			p++;
		digits = p;
		p = skip_digits(p, d->end);
	}
	if (p == digits) {
		(void)fail(d, p, "digit expected");
		return NULL;
	}
	return p;
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

static enum kg_status
parse_double(struct decoder *d, const char *from, size_t len, double *out)
{
	char text[NUMBER_TEXT_MAX + 1];

	if (len > NUMBER_TEXT_MAX) {
		(void)fail(d, from, "number longer than 1024 characters");
		return KG_LIMIT;
	}
	if (double_read_short(slice_of(from, len), out))
		return KG_OK;
	memcpy(text, from, len);
	text[len] = '\0';
	/* No setlocale() anywhere: the point is a point. */
	*out = strtod(text, NULL);
	if (*out > 1.7976931348623157e308 || *out < -1.7976931348623157e308)
		return fail(d, from, "number out of range");
	return KG_OK;
}

static enum kg_status
read_number(struct decoder *d, struct value *out)
{
	const char *from = d->p;
	enum kg_status st = KG_OK;
	bool integral;
	const char *end = scan_number(d, from, &integral);

	if (end == NULL)
		return KG_SYNTAX;
	if (integral && parse_int(from, end, &out->u.integer)) {
		out->kind = VALUE_INT;
	} else {
		out->kind = VALUE_DOUBLE;
		st = parse_double(d, from, (size_t)(end - from), &out->u.real);
	}
	d->p = end;
	return st;
}

static enum kg_status
read_word(struct decoder *d, struct value *out)
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
	const struct kg_slice rest = slice_of(d->p, (size_t)(d->end - d->p));

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (slice_starts(rest, words[i].text)) {
			*out = words[i].value;
			d->p += words[i].text.len;
			return KG_OK;
		}
	}
	return fail(d, d->p,
	    d->p == d->end ? "text ends where a value is expected"
			   : "value expected");
}

/* --- Documents --- */

static enum kg_status
read_scalar(struct decoder *d)
{
	const uint32_t pos = pos_of(d, d->p);
	struct value v = { .kind = VALUE_NULL };
	struct kg_slice text;
	enum kg_status st;

	if (d->p < d->end && *d->p == '"') {
		st = read_string(d, &text);
		v = (struct value){ .kind = VALUE_STRING };
		if (st == KG_OK) {
			v.count = (uint32_t)text.len;
			v.u.bytes = text.ptr;
		}
	} else if (d->p < d->end &&
	    (*d->p == '-' || (*d->p >= '0' && *d->p <= '9'))) {
		st = read_number(d, &v);
	} else {
		st = read_word(d, &v);
	}
	if (st != KG_OK)
		return st;
	return fail_builder(d, d->p, builder_push(&d->b, v, pos));
}

/* A name and its colon. */
static enum kg_status
read_name(struct decoder *d)
{
	const uint32_t pos = pos_of(d, d->p);
	struct kg_slice name;
	enum kg_status st;

	if (d->p == d->end || *d->p != '"')
		return fail(d, d->p, "member name expected");
	st = read_string(d, &name);
	if (st != KG_OK)
		return st;
	if (name.len > KEY_TEXT_MAX) {
		(void)fail(d, d->p, "member name over 64 KiB");
		return KG_LIMIT;
	}
	skip_space(d);
	if (d->p == d->end || *d->p != ':')
		return fail(d, d->p, "':' expected");
	d->p++;
	return fail_builder(d, d->p, builder_push_name(&d->b, name, pos));
}

/* Closes what the last value completed; true when another value follows. */
static enum kg_status
after_value(struct decoder *d, bool *more)
{
	while (d->b.depth > 0) {
		const char close = builder_in_object(&d->b) ? '}' : ']';
		enum kg_status st;

		skip_space(d);
		if (d->p < d->end && *d->p == ',') {
			d->p++;
			*more = true;
			return KG_OK;
		}
		if (d->p == d->end || *d->p != close)
			return fail(d, d->p,
			    close == '}' ? "',' or '}' expected"
					 : "',' or ']' expected");
		d->p++;
		st = fail_builder(d, d->p - 1, builder_close(&d->b));
		if (st != KG_OK)
			return st;
	}
	*more = false;
	return KG_OK;
}

/* An opening bracket; an empty container is closed at once. */
static enum kg_status
open_container(struct decoder *d, bool *empty)
{
	const bool object = *d->p == '{';
	enum kg_status st;

	st =
	    fail_builder(d, d->p, builder_open(&d->b, object, pos_of(d, d->p)));
	if (st != KG_OK)
		return st;
	d->p++;
	skip_space(d);
	*empty = d->p < d->end && *d->p == (object ? '}' : ']');
	if (!*empty)
		return KG_OK;
	d->p++;
	return fail_builder(d, d->p - 1, builder_close(&d->b));
}

static enum kg_status
read_document(struct decoder *d)
{
	enum kg_status st = KG_OK;
	bool more = true;

	while (st == KG_OK && more) {
		bool complete = true;

		skip_space(d);
		if (d->b.depth > 0 && builder_in_object(&d->b)) {
			st = read_name(d);
			if (st != KG_OK)
				break;
			skip_space(d);
		}
		if (d->p < d->end && (*d->p == '{' || *d->p == '['))
			st = open_container(d, &complete);
		else
			st = read_scalar(d);
		if (st == KG_OK && complete)
			st = after_value(d, &more);
	}
	return st;
}

enum kg_status
json_decode_prefix(struct arena *arena, const struct keytab *keys,
    struct kg_slice text, const struct json_options *options,
    const struct value **out, size_t *used, struct json_error *error)
{
	struct decoder d; /* not zeroed: its frames are 4 KiB */
	enum kg_status st;
	uint32_t pos;

	*out = NULL;
	*used = 0;
	*error = (struct json_error){ 0 };
	d.error = error;
	d.base = options != NULL ? options->base : 0;
	d.p = d.start = text.len == 0 ? "" : text.ptr;
	d.end = d.start + text.len;
	if (text.len >= POS_NONE - d.base) {
		(void)fail(&d, d.start, "text over 4 GiB");
		return KG_LIMIT;
	}
	builder_init(&d.b, arena, keys, options != NULL && options->positions);
	st = read_document(&d);
	if (st != KG_OK)
		return st;
	*out = builder_root(&d.b, &pos);
	*used = (size_t)(d.p - d.start);
	return *out != NULL ? KG_OK : fail_builder(&d, d.p, BUILDER_NOMEM);
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
