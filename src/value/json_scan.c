/* SPDX-License-Identifier: Apache-2.0 */
/* Strings, numbers and words, and what is wrong with them. */
#include "value/json_scan.h"

#include "base/limits.h"
#include "base/utf8.h"
#include "value/number.h"

/* --- Errors --- */

const char *
json_fail(struct json_scan *s, const char *at, enum kg_status status,
    const char *message)
{
	*s->error = (struct json_error){ .message = message,
		.offset = (size_t)(at - s->start) };
	s->status = status;
	return NULL;
}

const char *
json_wrong(struct json_scan *s, const char *at, const char *message)
{
	return json_fail(s, at, KG_SYNTAX, message);
}

const char *
json_not_closed(struct json_scan *s, const char *p, char closer)
{
	return json_wrong(s, p,
	    closer == '}' ? "',' or '}' expected" : "',' or ']' expected");
}

/* --- Strings --- */

/* Four hex digits at p; false when they are not. */
static bool
read_hex4(const char *p, const char *end, uint32_t *out)
{
	uint32_t n = 0;

	if (end - p < 4)
		return false;
	for (int i = 0; i < 4; i++) {
		const int digit = ascii_hex(p[i]);

		if (digit < 0)
			return false;
		n = n << 4 | (uint32_t)digit;
	}
	*out = n;
	return true;
}

/* The \u escape whose backslash is at p, a surrogate pair included. */
static const char *
unescape_unicode(struct json_scan *s, const char *p, char **out)
{
	const char *at = p;
	uint32_t code, low;

	if (!read_hex4(at + 2, s->end, &code))
		return json_wrong(
		    s, at, "bad \\u escape: four hex digits wanted");
	p += 6;
	if (code >= 0xdc00 && code <= 0xdfff)
		return json_wrong(s, at, "lone surrogate in a \\u escape");
	if (code >= 0xd800 && code <= 0xdbff) {
		if (s->end - p < 6 || p[0] != '\\' || p[1] != 'u' ||
		    !read_hex4(p + 2, s->end, &low) || low < 0xdc00 ||
		    low > 0xdfff)
			return json_wrong(
			    s, at, "lone surrogate in a \\u escape");
		code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
		p += 6;
	}
	*out += utf8_encode(code, *out);
	return p;
}

/* What a backslash and this byte stand for; 0: nothing. */
static char
escaped(char c)
{
	switch (c) {
	case '"':
	case '\\':
	case '/':
		return c;
	case 'b':
		return '\b';
	case 'f':
		return '\f';
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	default:
		return '\0';
	}
}

/* The escape whose backslash is at p. The result is never longer. */
const char *
json_unescape(struct json_scan *s, const char *p, char **out)
{
	char c;

	if (s->end - p < 2)
		return json_wrong(s, s->end, "text ends inside a string");
	if (p[1] == 'u')
		return unescape_unicode(s, p, out);
	c = escaped(p[1]);
	if (c == '\0')
		return json_wrong(s, p, "unknown escape");
	*(*out)++ = c;
	return p + 2;
}

/* Behind what stopped a run of plain bytes and is neither quote nor
 * backslash: a UTF-8 sequence, or an error. */
const char *
json_after_special(struct json_scan *s, const char *p)
{
	const size_t n = p == s->end ? 0 : utf8_sequence(p, s->end);

	if (n != 0)
		return p + n;
	if (p == s->end)
		return json_wrong(s, p, "text ends inside a string");
	return json_wrong(s, p,
	    (unsigned char)*p < 0x20 ? "control character in a string"
				     : "invalid UTF-8");
}

/* The closing quote of a string without escapes, or its first backslash. */
static const char *
scan_string(struct json_scan *s, const char *p)
{
	for (;;) {
		p = plain_end(p, s->end);
		if (json_at(s, p, '"') || json_at(s, p, '\\'))
			return p;
		p = json_after_special(s, p);
		if (p == NULL)
			return NULL;
	}
}

/* The first quote behind p that no backslash escapes: how much an unescaped
 * string may take. NULL when there is none. */
static const char *
closing_quote(const char *p, const char *end)
{
	p = plain_end(p, end);
	while (p < end && *p != '"')
		p = plain_end(p + (*p == '\\' && end - p > 1 ? 2 : 1), end);
	return p < end ? p : NULL;
}

/* A string with escapes: from its first byte, with `p` at the backslash. */
static const char *
copy_string(
    struct json_scan *s, const char *first, const char *p, struct kg_slice *out)
{
	const char *close = closing_quote(p, s->end);
	char *text, *to;

	if (close == NULL)
		return json_wrong(s, s->end, "text ends inside a string");
	text = arena_array(s->arena, (size_t)(close - first), 1);
	if (text == NULL)
		return json_fail(s, first, s->arena->failure, JSON_NO_MEMORY);
	memcpy(text, first, (size_t)(p - first));
	to = text + (p - first);
	while (p != NULL && *p != '"') {
		const char *run = p;

		if (*p == '\\') {
			p = json_unescape(s, p, &to);
			continue;
		}
		p = scan_string(s, p);
		if (p == NULL)
			return NULL;
		memcpy(to, run, (size_t)(p - run));
		to += p - run;
	}
	*out = slice_of(text, (size_t)(to - text));
	return p != NULL ? p + 1 : NULL;
}

/* The rest of a string, from the first byte that is not plain. */
const char *
json_string_rest(
    struct json_scan *s, const char *first, const char *p, struct kg_slice *out)
{
	p = scan_string(s, p);
	if (p == NULL)
		return NULL;
	if (*p == '\\')
		return copy_string(s, first, p, out);
	*out = slice_of(first, (size_t)(p - first));
	return p + 1;
}

/* --- Numbers and words --- */

static const char *
skip_digits(const char *p, const char *end)
{
	while (p < end && ascii_digit(*p))
		p++;
	return p;
}

/* End of the number that starts at p. */
const char *
json_scan_number(struct json_scan *s, const char *p, bool *integral)
{
	const char *digits;

	*integral = true;
	if (json_at(s, p, '-'))
		p++;
	digits = p;
	p = skip_digits(p, s->end);
	if (p == digits)
		return json_wrong(s, digits, "digit expected");
	if (*digits == '0' && p - digits > 1)
		return json_wrong(s, digits, "leading zero");
	if (json_at(s, p, '.')) {
		*integral = false;
		digits = ++p;
		p = skip_digits(p, s->end);
	}
	if (p != digits && (json_at(s, p, 'e') || json_at(s, p, 'E'))) {
		*integral = false;
		p++;
		if (json_at(s, p, '+') || json_at(s, p, '-'))
			p++;
		digits = p;
		p = skip_digits(p, s->end);
	}
	return p != digits ? p : json_wrong(s, p, "digit expected");
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
parse_double(struct json_scan *s, const char *from, size_t len, double *out)
{
	char text[NUMBER_TEXT_MAX + 1];

	if (len > NUMBER_TEXT_MAX) {
		(void)json_fail(
		    s, from, KG_LIMIT, "number longer than 1024 characters");
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
	(void)json_wrong(s, from, "number out of range");
	return false;
}

const char *
json_number(struct json_scan *s, const char *p, struct value *out)
{
	bool integral;
	const char *end = json_scan_number(s, p, &integral);

	if (end == NULL)
		return NULL;
	if (integral && parse_int(p, end, &out->u.integer)) {
		out->kind = VALUE_INT;
		return end;
	}
	out->kind = VALUE_DOUBLE;
	return parse_double(s, p, (size_t)(end - p), &out->u.real) ? end : NULL;
}

const char *
json_word(struct json_scan *s, const char *p, struct value *out)
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
	const struct kg_slice rest = slice_of(p, (size_t)(s->end - p));

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (slice_starts(rest, words[i].text)) {
			*out = words[i].value;
			return p + words[i].text.len;
		}
	}
	return json_wrong(s, p,
	    p == s->end ? "text ends where a value is expected"
			: "value expected");
}
