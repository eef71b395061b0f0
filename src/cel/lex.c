/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lexer. It knows where tokens end; what a literal means is worked out in
 * literal.c, when the parser asks.
 */
#include "cel/lex.h"

#include "base/ascii.h"
#include "base/utf8.h"

static bool
is_hex(char c)
{
	return ascii_hex(c) >= 0;
}

static bool
is_letter(char c)
{
	return ascii_lower(c) || ascii_upper(c) || c == '_';
}

static char
peek(const struct cel_lexer *l, uint32_t ahead)
{
	const size_t at = (size_t)l->at + ahead;

	return at < l->text.len ? l->text.ptr[at] : '\0';
}

static bool
at_end(const struct cel_lexer *l)
{
	return l->at >= l->text.len;
}

static void
skip_space(struct cel_lexer *l)
{
	while (!at_end(l)) {
		const char c = peek(l, 0);

		if (c == '/' && peek(l, 1) == '/') {
			while (!at_end(l) && peek(l, 0) != '\n')
				l->at++;
		} else if (c == ' ' || c == '\t' || c == '\r' || c == '\n' ||
		    c == '\f') {
			l->at++;
		} else {
			return;
		}
	}
}

static void
skip_digits(struct cel_lexer *l)
{
	while (ascii_digit(peek(l, 0)))
		l->at++;
}

/* e10, E-3; nothing when no digit follows. */
static bool
skip_exponent(struct cel_lexer *l)
{
	uint32_t n = 1;

	if (peek(l, 0) != 'e' && peek(l, 0) != 'E')
		return false;
	if (peek(l, 1) == '+' || peek(l, 1) == '-')
		n = 2;
	if (!ascii_digit(peek(l, n)))
		return false;
	l->at += n;
	skip_digits(l);
	return true;
}

static enum cel_token_kind
unsigned_suffix(struct cel_lexer *l)
{
	if (peek(l, 0) != 'u' && peek(l, 0) != 'U')
		return TOKEN_INT;
	l->at++;
	return TOKEN_UINT;
}

static enum cel_token_kind
lex_number(struct cel_lexer *l)
{
	bool real = false;

	if (peek(l, 0) == '0' && peek(l, 1) == 'x' && is_hex(peek(l, 2))) {
		l->at += 2;
		while (is_hex(peek(l, 0)))
			l->at++;
		return unsigned_suffix(l);
	}
	skip_digits(l);
	if (peek(l, 0) == '.' && ascii_digit(peek(l, 1))) {
		l->at++;
		skip_digits(l);
		real = true;
	}
	if (skip_exponent(l))
		real = true;
	return real ? TOKEN_DOUBLE : unsigned_suffix(l);
}

/* Where the quotes and content of a string stand: at its opening quote. */
static void
lex_string(struct cel_lexer *l, bool raw)
{
	const uint32_t start = l->at;
	const char quote = peek(l, 0);
	const bool triple = peek(l, 1) == quote && peek(l, 2) == quote;

	l->at += triple ? 3 : 1;
	while (!at_end(l)) {
		const char c = peek(l, 0);

		if (c == quote && !triple) {
			l->at++;
			return;
		}
		if (c == quote && peek(l, 1) == quote && peek(l, 2) == quote) {
			l->at += 3;
			return;
		}
		if (!triple && (c == '\n' || c == '\r'))
			break;
		if (c == '\\' && !raw && l->at + 1 < l->text.len)
			l->at++;
		l->at++;
	}
	if (l->at > l->text.len)
		l->at = (uint32_t)l->text.len;
	cel_issue_add(l->issues, start, "Syntax error: string is not closed%s",
	    !triple && !at_end(l)
		? " on its line; use three quotes for text of several lines"
		: "");
}

/* b, r, br before a quote: gives how many letters, 0 for no string. */
static uint32_t
string_prefix(const struct cel_lexer *l, bool *bytes, bool *raw)
{
	uint32_t n = 0;

	*bytes = *raw = false;
	if (peek(l, n) == 'b' || peek(l, n) == 'B') {
		*bytes = true;
		n++;
	}
	if (peek(l, n) == 'r' || peek(l, n) == 'R') {
		*raw = true;
		n++;
	}
	return peek(l, n) == '"' || peek(l, n) == '\'' ? n : 0;
}

static enum cel_token_kind
lex_word(struct cel_lexer *l)
{
	const uint32_t start = l->at;
	struct kg_slice word;

	while (is_letter(peek(l, 0)) || ascii_digit(peek(l, 0)))
		l->at++;
	word = slice_of(l->text.ptr + start, l->at - start);
	if (slice_is(word, "true"))
		return TOKEN_TRUE;
	if (slice_is(word, "false"))
		return TOKEN_FALSE;
	if (slice_is(word, "null"))
		return TOKEN_NULL;
	if (slice_is(word, "in"))
		return TOKEN_IN;
	return TOKEN_IDENT;
}

/* `content-type` */
static enum cel_token_kind
lex_quoted(struct cel_lexer *l)
{
	const uint32_t start = l->at++;

	while (is_letter(peek(l, 0)) || ascii_digit(peek(l, 0)) ||
	    (peek(l, 0) != '\0' && strchr(".-/ ", peek(l, 0)) != NULL))
		l->at++;
	if (peek(l, 0) != '`' || l->at == start + 1)
		cel_issue_add(l->issues, start,
		    "Syntax error: a quoted field name holds letters, "
		    "digits and _ . - / only, up to a second `");
	if (peek(l, 0) == '`')
		l->at++;
	return TOKEN_QUOTED;
}

static const struct {
	char text[3];
	uint8_t kind;
} signs[] = {
	{ "||", TOKEN_OR },
	{ "&&", TOKEN_AND },
	{ "==", TOKEN_EQ },
	{ "!=", TOKEN_NE },
	{ "<=", TOKEN_LE },
	{ ">=", TOKEN_GE },
	{ "<", TOKEN_LT },
	{ ">", TOKEN_GT },
	{ "+", TOKEN_PLUS },
	{ "-", TOKEN_MINUS },
	{ "*", TOKEN_STAR },
	{ "/", TOKEN_SLASH },
	{ "%", TOKEN_PERCENT },
	{ "!", TOKEN_NOT },
	{ "?", TOKEN_QUESTION },
	{ ":", TOKEN_COLON },
	{ ".", TOKEN_DOT },
	{ ",", TOKEN_COMMA },
	{ "(", TOKEN_LPAREN },
	{ ")", TOKEN_RPAREN },
	{ "[", TOKEN_LBRACKET },
	{ "]", TOKEN_RBRACKET },
	{ "{", TOKEN_LBRACE },
	{ "}", TOKEN_RBRACE },
};

static bool
lex_sign(struct cel_lexer *l, enum cel_token_kind *kind)
{
	const struct kg_slice rest = slice_from(l->text, l->at);

	for (size_t i = 0; i < sizeof(signs) / sizeof(*signs); i++) {
		const struct kg_slice sign = slice_str(signs[i].text);

		if (slice_starts(rest, sign)) {
			*kind = (enum cel_token_kind)signs[i].kind;
			l->at += (uint32_t)sign.len;
			return true;
		}
	}
	return false;
}

/* No token begins here: says so, with a hint for the common slips. */
static void
skip_unknown(struct cel_lexer *l)
{
	static const char *const hints[][2] = {
		{ "=", "; did you mean '=='?" },
		{ "&", "; did you mean '&&'?" },
		{ "|", "; did you mean '||'?" },
		{ ";", "; an expression has no ';'" },
	};
	const uint32_t start = l->at;
	const char *hint = "";
	size_t at = start;
	uint32_t code;

	for (size_t i = 0; i < sizeof(hints) / sizeof(*hints); i++) {
		if (peek(l, 0) == hints[i][0][0])
			hint = hints[i][1];
	}
	if (!utf8_next(l->text, &at, &code))
		at++;
	l->at = (uint32_t)at;
	cel_issue_add(l->issues, start,
	    "Syntax error: token recognition error at: '%.*s'%s",
	    SLICE_ARG(slice_of(l->text.ptr + start, at - start)), hint);
}

static bool
lex_one(struct cel_lexer *l, enum cel_token_kind *kind)
{
	const char c = peek(l, 0);
	bool bytes, raw;
	const uint32_t prefix = string_prefix(l, &bytes, &raw);

	if (prefix > 0 || c == '"' || c == '\'') {
		l->at += prefix;
		lex_string(l, raw);
		*kind = bytes ? TOKEN_BYTES : TOKEN_STRING;
	} else if (is_letter(c)) {
		*kind = lex_word(l);
	} else if (ascii_digit(c) || (c == '.' && ascii_digit(peek(l, 1)))) {
		*kind = lex_number(l);
	} else if (c == '`') {
		*kind = lex_quoted(l);
	} else {
		return lex_sign(l, kind);
	}
	return true;
}

struct cel_token
cel_lex(struct cel_lexer *l)
{
	struct cel_token token = { .kind = TOKEN_END };

	for (;;) {
		skip_space(l);
		token.pos = l->at;
		if (at_end(l))
			break;
		if (lex_one(l, &token.kind))
			break;
		skip_unknown(l);
	}
	token.end = l->at;
	token.text = slice_of(l->text.ptr + token.pos, token.end - token.pos);
	if (token.kind == TOKEN_QUOTED && token.text.len >= 2)
		token.text = slice_of(token.text.ptr + 1, token.text.len - 2);
	return token;
}
