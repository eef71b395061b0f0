/* SPDX-License-Identifier: Apache-2.0 */
/* What the parser of patterns shares with that of bracketed classes. */
#ifndef KG_VALUE_REGEX_PARSE_H
#define KG_VALUE_REGEX_PARSE_H

#include "value/regex_impl.h"

enum {
	RX_FOLD = 1,        /* (?i) */
	RX_LINES = 2,       /* (?m) */
	RX_DOT_NEWLINE = 4, /* (?s) */
	RX_LAZY = 8,        /* (?U) */
};

struct regex_parser {
	struct arena *arena;
	struct kg_slice text;
	size_t at;
	unsigned flags;  /* RX_FOLD ... */
	unsigned depth;  /* open groups */
	bool lazy;       /* the operator just read */
	size_t repeated; /* where the operator just applied starts; or none */
	size_t ranges;   /* of all sets so far */
	struct regex_error *error;
	enum kg_status status; /* sticky */
};

/* The byte so far ahead; 0 at the end. */
static inline char
rx_peek(const struct regex_parser *p, size_t ahead)
{
	return ahead < p->text.len - p->at ? p->text.ptr[p->at + ahead] : '\0';
}

static inline bool
rx_alnum(uint32_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	    (c >= 'a' && c <= 'z');
}

/* Notes the first error; gives the status. */
enum kg_status rx_refuse(
    struct regex_parser *p, const char *what, size_t from, size_t to);
enum kg_status rx_too_large(struct regex_parser *p, const char *what);

/* The next code point; false when it is none, with the error noted. */
bool rx_rune(struct regex_parser *p, uint32_t *rune);

struct regex_node *rx_set_node(struct regex_parser *p, struct rune_builder *b);

/* regex_bracket.c */

/* A character by its escape: \n \x41 \. and the like. */
enum kg_status rx_escape(struct regex_parser *p, uint32_t *rune);

/* \d \W \pL \p{Greek}: false when there is no class; or p->status. */
bool rx_escape_class(struct regex_parser *p, struct rune_builder *b);

/* [...] */
enum kg_status rx_bracket(struct regex_parser *p, struct rune_builder *b);

#endif
