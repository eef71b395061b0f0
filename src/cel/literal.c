/* SPDX-License-Identifier: Apache-2.0 */
/* What literals mean: numbers with their limits, strings with escapes. */
#include <stdlib.h>

#include "base/ascii.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "cel/lex.h"

/* False: it does not fit 64 bits. */
static bool
read_integer(struct kg_slice text, uint64_t *out)
{
	const bool hex = text.len > 2 && text.ptr[1] == 'x';
	const uint64_t base = hex ? 16 : 10;

	*out = 0;
	for (size_t i = hex ? 2 : 0; i < text.len; i++) {
		const uint64_t digit = (uint64_t)ascii_hex(text.ptr[i]);

		if (*out > (UINT64_MAX - digit) / base)
			return false;
		*out = *out * base + digit;
	}
	return true;
}

static bool
read_int(struct kg_slice text, bool negative, struct value *out)
{
	const uint64_t most = (uint64_t)INT64_MAX + (negative ? 1 : 0);
	uint64_t n;

	if (!read_integer(text, &n) || n > most)
		return false;
	*out = (struct value){ .kind = CEL_INT };
	if (negative && n > 0)
		out->u.integer = -(int64_t)(n - 1) - 1;
	else
		out->u.integer = (int64_t)n;
	return true;
}

static bool
read_uint(struct kg_slice text, struct value *out)
{
	uint64_t n;

	if (!read_integer(slice_upto(text, text.len - 1), &n))
		return false;
	*out = (struct value){ .kind = CEL_UINT };
	out->u.integer = (int64_t)n;
	return true;
}

static bool
read_double(struct kg_slice text, bool negative, struct value *out)
{
	char copy[NUMBER_TEXT_MAX + 1];
	double d;

	if (text.len > NUMBER_TEXT_MAX)
		return false;
	memcpy(copy, text.ptr, text.len);
	copy[text.len] = '\0';
	d = strtod(copy, NULL);
	if (d > 0x1.fffffffffffffp1023)
		return false;
	*out = (struct value){ .kind = CEL_DOUBLE };
	out->u.real = negative ? -d : d;
	return true;
}

/* --- Strings --- */

struct unescape {
	struct cel_issues *issues;
	struct kg_slice text; /* between the quotes */
	uint32_t pos;         /* where text stands in the source */
	bool bytes;
	char *out;
	size_t len;
};

/* Up to `count` digits at text[at]; false when there are fewer. */
static bool
read_digits(struct kg_slice text, size_t at, size_t count, uint32_t *code)
{
	const bool octal = count == 3;

	*code = 0;
	if (text.len - at < count)
		return false;
	for (size_t i = 0; i < count; i++) {
		const int digit = ascii_hex(text.ptr[at + i]);

		if (digit < 0 || (octal && digit > 7))
			return false;
		*code = *code * (octal ? 8 : 16) + (uint32_t)digit;
	}
	return true;
}

/* The digits that the letter after a backslash asks for, and where they are.
 */
static size_t
escape_digits(char c, bool bytes, size_t *skip)
{
	*skip = 1;
	if (c == 'x' || c == 'X')
		return 2;
	if (!bytes && c == 'u')
		return 4;
	if (!bytes && c == 'U')
		return 8;
	*skip = 0;
	return c >= '0' && c <= '3' ? 3 : 0;
}

static const char *
simple_escape(char c)
{
	static const char pairs[] = "a\ab\bf\fn\nr\rt\tv\v\\\\??\"\"''``";

	for (const char *p = pairs; *p != '\0'; p += 2) {
		if (*p == c)
			return p + 1;
	}
	return NULL;
}

static void
put_code(struct unescape *u, uint32_t code)
{
	if (u->bytes)
		u->out[u->len++] = (char)code;
	else
		u->len += utf8_encode(code, u->out + u->len);
}

/* The escape at text[at], a backslash; gives the bytes it takes, or 0. */
static size_t
unescape_one(struct unescape *u, size_t at)
{
	const char c = at + 1 < u->text.len ? u->text.ptr[at + 1] : '\0';
	const char *simple = simple_escape(c);
	size_t skip;
	const size_t digits = escape_digits(c, u->bytes, &skip);
	uint32_t code;

	if (simple != NULL && c != '\0') {
		u->out[u->len++] = *simple;
		return 2;
	}
	if (digits == 0 ||
	    !read_digits(u->text, at + 1 + skip, digits, &code)) {
		cel_issue_add(u->issues, u->pos + (uint32_t)at,
		    "Syntax error: no such escape in a %s%s",
		    u->bytes ? "bytes literal" : "string",
		    "; write \\\\ for a backslash, or r'...'");
		return 0;
	}
	if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
		cel_issue_add(u->issues, u->pos + (uint32_t)at,
		    "Syntax error: U+%04X is no character", (unsigned)code);
		return 0;
	}
	put_code(u, code);
	return 1 + skip + digits;
}

/* A line break of any kind inside three quotes is one \n. */
static size_t
put_plain(struct unescape *u, size_t at)
{
	const char c = u->text.ptr[at];

	if (c != '\r') {
		u->out[u->len++] = c;
		return 1;
	}
	u->out[u->len++] = '\n';
	return at + 1 < u->text.len && u->text.ptr[at + 1] == '\n' ? 2 : 1;
}

static bool
unescape(struct unescape *u, bool raw)
{
	bool ok = true;
	size_t at = 0;

	while (at < u->text.len) {
		size_t n;

		if (u->text.ptr[at] == '\\' && !raw)
			n = unescape_one(u, at);
		else
			n = put_plain(u, at);
		ok = ok && n > 0;
		at += n > 0 ? n : 2;
	}
	return ok;
}

/* Nothing in it changes: the value may be the source's own bytes. */
static bool
is_plain(struct kg_slice text, bool raw)
{
	return (raw || slice_find(text, '\\') == text.len) &&
	    slice_find(text, '\r') == text.len;
}

static bool
read_string(
    struct cel_issues *issues, const struct cel_token *token, struct value *out)
{
	struct unescape u = { .issues = issues, .bytes = false };
	const char *p = token->text.ptr, *end = p + token->text.len;
	bool raw = false, ok;
	size_t quotes;

	for (; p < end && *p != '"' && *p != '\''; p++) {
		u.bytes = u.bytes || (*p | 0x20) == 'b';
		raw = raw || (*p | 0x20) == 'r';
	}
	quotes = end - p >= 6 && p[1] == p[0] && p[2] == p[0] ? 3 : 1;
	if ((size_t)(end - p) < 2 * quotes)
		return false; /* not closed: the lexer has said so */
	u.text = slice_of(p + quotes, (size_t)(end - p) - 2 * quotes);
	u.pos = token->pos + (uint32_t)(u.text.ptr - token->text.ptr);
	*out = (struct value){ .kind = u.bytes ? CEL_BYTES : CEL_STRING };
	if (is_plain(u.text, raw)) {
		out->u.bytes = u.text.ptr;
		out->count = (uint32_t)u.text.len;
		return true;
	}
	u.out = arena_array(issues->arena, u.text.len, 1);
	if (u.out == NULL)
		return false;
	ok = unescape(&u, raw);
	out->u.bytes = u.out;
	out->count = (uint32_t)u.len;
	return ok;
}

bool
cel_literal(struct cel_issues *issues, const struct cel_token *token,
    bool negative, struct value *out)
{
	const char *what;

	if (token->kind == TOKEN_STRING || token->kind == TOKEN_BYTES)
		return read_string(issues, token, out);
	if (token->kind == TOKEN_UINT) {
		if (read_uint(token->text, out))
			return true;
		what = "uint";
	} else if (token->kind == TOKEN_DOUBLE) {
		if (read_double(token->text, negative, out))
			return true;
		what = "double";
	} else {
		if (read_int(token->text, negative, out))
			return true;
		what = "int";
	}
	cel_issue_add(issues, token->pos, "invalid %s literal", what);
	return false;
}
