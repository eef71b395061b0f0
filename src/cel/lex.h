/* SPDX-License-Identifier: Apache-2.0 */
/* Source text to tokens, one at a time. */
#ifndef KG_CEL_LEX_H
#define KG_CEL_LEX_H

#include "cel/issue.h"
#include "cel/value.h"

enum cel_token_kind {
	TOKEN_END,
	TOKEN_IDENT,
	TOKEN_QUOTED, /* `a-b`: a field's name, without its quotes */
	TOKEN_INT,
	TOKEN_UINT,
	TOKEN_DOUBLE,
	TOKEN_STRING,
	TOKEN_BYTES,
	TOKEN_TRUE,
	TOKEN_FALSE,
	TOKEN_NULL,
	TOKEN_IN,
	TOKEN_OR,
	TOKEN_AND,
	TOKEN_EQ,
	TOKEN_NE,
	TOKEN_LE,
	TOKEN_GE,
	TOKEN_LT,
	TOKEN_GT,
	TOKEN_PLUS,
	TOKEN_MINUS,
	TOKEN_STAR,
	TOKEN_SLASH,
	TOKEN_PERCENT,
	TOKEN_NOT,
	TOKEN_QUESTION,
	TOKEN_COLON,
	TOKEN_DOT,
	TOKEN_COMMA,
	TOKEN_LPAREN,
	TOKEN_RPAREN,
	TOKEN_LBRACKET,
	TOKEN_RBRACKET,
	TOKEN_LBRACE,
	TOKEN_RBRACE,
};

struct cel_token {
	enum cel_token_kind kind;
	uint32_t pos, end;
	struct kg_slice text; /* as written; of QUOTED without the quotes */
};

struct cel_lexer {
	struct kg_slice text;
	uint32_t at;
	struct cel_issues *issues; /* borrowed */
};

/* The next token; what is none is reported and skipped. */
struct cel_token cel_lex(struct cel_lexer *lexer);

/*
 * The value of a literal token. A number takes the minus sign before it.
 * False: it is out of range or holds a bad escape; issues say so.
 */
bool cel_literal(struct cel_issues *issues, const struct cel_token *token,
    bool negative, struct value *out);

#endif
