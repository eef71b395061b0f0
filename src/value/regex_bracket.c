/* SPDX-License-Identifier: Apache-2.0 */
/* Classes and escapes within patterns: [a-z], [[:alpha:]], \d, \pL, \x41. */
#include "base/ascii.h"
#include "base/utf8.h"
#include "value/regex_parse.h"

/* --- Escaped characters --- */

/* The digit here, or -1; moves past it either way, so that the error shows
 * what was no digit. */
static int
take_digit(struct regex_parser *p)
{
	const int v = ascii_hex(rx_peek(p, 0));
	uint32_t rune;

	if (p->at < p->text.len && !utf8_next(p->text, &p->at, &rune))
		p->at++;
	return v;
}

/* Past the x: two digits, or any number of them in braces. */
static bool
take_hex(struct regex_parser *p, uint32_t *rune)
{
	int v, w;

	*rune = 0;
	if (rx_peek(p, 0) != '{') {
		v = take_digit(p);
		w = take_digit(p);
		*rune = (uint32_t)(v * 16 + w);
		return v >= 0 && w >= 0;
	}
	p->at++;
	for (size_t digits = 0;; digits++) {
		if (rx_peek(p, 0) == '}') {
			p->at++;
			return digits > 0;
		}
		v = take_digit(p);
		if (v < 0)
			return false;
		*rune = *rune * 16 + (uint32_t)v;
		if (*rune > RUNE_MAX)
			return false;
	}
}

static void
take_octal(struct regex_parser *p, uint32_t *rune)
{
	for (unsigned i = 0; i < 2; i++) {
		const char c = rx_peek(p, 0);

		if (c < '0' || c > '7')
			return;
		*rune = *rune * 8 + (uint32_t)(c - '0');
		p->at++;
	}
}

/* A letter that stands for a control character; 0: it does not. */
static uint32_t
control_escape(uint32_t c)
{
	static const char letters[] = "afnrtv", codes[] = "\a\f\n\r\t\v";
	const char *at = c > 0 && c < 128 ? strchr(letters, (int)c) : NULL;

	return at == NULL ? 0 : (uint32_t)codes[at - letters];
}

enum kg_status
rx_escape(struct regex_parser *p, uint32_t *rune)
{
	const size_t start = p->at++;
	bool ok = false;
	uint32_t c;

	if (p->at == p->text.len)
		return rx_refuse(
		    p, "trailing backslash at end of expression", p->at, p->at);
	if (!rx_rune(p, &c))
		return p->status;
	*rune = c;
	if (c < 128 && !rx_alnum(c)) {
		ok = true;
	} else if (c == '0' ||
	    (c >= '1' && c <= '7' && rx_peek(p, 0) >= '0' &&
		rx_peek(p, 0) <= '7')) {
		*rune = c - '0';
		take_octal(p, rune);
		ok = true;
	} else if (c == 'x') {
		ok = take_hex(p, rune);
	} else if (control_escape(c) != 0) {
		*rune = control_escape(c);
		ok = true;
	}
	if (!ok)
		return rx_refuse(p, "invalid escape sequence", start, p->at);
	return KG_OK;
}

/* --- Classes by name --- */

/* Adds `add`, folded where letter case is ignored, or all but it. */
static void
add_group(struct regex_parser *p, struct rune_builder *b,
    struct rune_builder *add, bool negated)
{
	if ((p->flags & RX_FOLD) != 0)
		runes_fold(add);
	if (negated)
		runes_negate(add);
	runes_add_all(b, add);
}

/* The name after \p, with or without braces; false: refused. */
static bool
take_unicode_name(struct regex_parser *p, size_t start, struct kg_slice *name)
{
	uint32_t c;

	p->at = start + 2;
	*name = slice_of(NULL, 0);
	if (p->at == p->text.len)
		return true;
	if (rx_peek(p, 0) != '{') {
		const size_t at = p->at;

		if (!rx_rune(p, &c))
			return false;
		*name = slice_of(p->text.ptr + at, p->at - at);
		return true;
	}
	*name = slice_from(p->text, p->at + 1);
	name->len = slice_find(*name, '}');
	if (name->len == p->text.len - p->at - 1) {
		(void)rx_refuse(
		    p, "invalid character class range", start, p->text.len);
		return false;
	}
	p->at += name->len + 2;
	return true;
}

static void
escape_unicode(struct regex_parser *p, struct rune_builder *b, bool negated)
{
	struct rune_builder add = { .arena = p->arena };
	const size_t start = p->at;
	struct kg_slice name;

	if (!take_unicode_name(p, start, &name))
		return;
	if (name.len > 0 && name.ptr[0] == '^') {
		negated = !negated;
		name = slice_from(name, 1);
	}
	if (!utf8_valid(name))
		(void)rx_refuse(p, "invalid UTF-8", 0, p->text.len);
	else if (!runes_add_unicode(&add, name))
		(void)rx_refuse(
		    p, "invalid character class range", start, p->at);
	else
		add_group(p, b, &add, negated);
}

bool
rx_escape_class(struct regex_parser *p, struct rune_builder *b)
{
	struct rune_builder add = { .arena = p->arena };
	const char c = rx_peek(p, 1);
	const char lower = (char)(c | 0x20);

	if (rx_peek(p, 0) != '\\')
		return false;
	if (lower == 'p') {
		escape_unicode(p, b, c == 'P');
		return true;
	}
	if (lower != 'd' && lower != 's' && lower != 'w')
		return false;
	p->at += 2;
	(void)runes_add_class(&add, slice_of(&lower, 1));
	add_group(p, b, &add, c != lower);
	return true;
}

/* [:alpha:] or [:^alpha:]; false: there is no such form here. */
static bool
named_class(struct regex_parser *p, struct rune_builder *b)
{
	struct rune_builder add = { .arena = p->arena };
	const size_t start = p->at;
	struct kg_slice name = slice_from(p->text, start + 2);
	bool negated = false;
	size_t end = 0;

	if (rx_peek(p, 0) != '[' || rx_peek(p, 1) != ':')
		return false;
	while (end + 1 < name.len &&
	    (name.ptr[end] != ':' || name.ptr[end + 1] != ']'))
		end++;
	if (end + 1 >= name.len)
		return false;
	name.len = end;
	p->at = start + end + 4;
	if (name.len > 0 && name.ptr[0] == '^') {
		negated = true;
		name = slice_from(name, 1);
	}
	/* One letter is the name of \d and the like, not of this form. */
	if (name.len < 2 || !runes_add_class(&add, name))
		(void)rx_refuse(
		    p, "invalid character class range", start, p->at);
	else
		add_group(p, b, &add, negated);
	return true;
}

/* --- Brackets --- */

static enum kg_status
class_rune(struct regex_parser *p, size_t open, uint32_t *rune)
{
	if (p->at == p->text.len)
		return rx_refuse(p, "missing closing ]", open, p->text.len);
	if (rx_peek(p, 0) == '\\')
		return rx_escape(p, rune);
	return rx_rune(p, rune) ? KG_OK : p->status;
}

static enum kg_status
class_range(struct regex_parser *p, size_t open, struct rune_builder *b)
{
	struct rune_builder add = { .arena = p->arena };
	const size_t start = p->at;
	uint32_t first, last;

	if (class_rune(p, open, &first) != KG_OK)
		return p->status;
	last = first;
	if (rx_peek(p, 0) == '-' && p->text.len - p->at >= 2 &&
	    rx_peek(p, 1) != ']') {
		p->at++;
		if (class_rune(p, open, &last) != KG_OK)
			return p->status;
		if (last < first)
			return rx_refuse(
			    p, "invalid character class range", start, p->at);
	}
	runes_add(&add, first, last);
	add_group(p, b, &add, false);
	return KG_OK;
}

enum kg_status
rx_bracket(struct regex_parser *p, struct rune_builder *b)
{
	const size_t open = p->at++;
	bool negated = false, first = true;

	if (rx_peek(p, 0) == '^' && p->at < p->text.len) {
		negated = true;
		p->at++;
	}
	while (p->status == KG_OK && (rx_peek(p, 0) != ']' || first)) {
		first = false;
		if (!named_class(p, b) && !rx_escape_class(p, b))
			(void)class_range(p, open, b);
	}
	if (p->status != KG_OK)
		return p->status;
	p->at++;
	if (negated)
		runes_negate(b);
	else
		runes_clean(b);
	return KG_OK;
}
