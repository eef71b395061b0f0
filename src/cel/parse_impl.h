/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the parser share; nobody else includes this. */
#ifndef KG_CEL_PARSE_IMPL_H
#define KG_CEL_PARSE_IMPL_H

#include "cel/lex.h"
#include "cel/parse.h"

struct parser {
	const struct cel_env *env;
	struct cel_issues *issues;
	struct arena *arena;
	struct cel_lexer lexer;
	struct cel_token token; /* the one to be looked at next */
	bool macros;
	bool too_deep;
	unsigned depth;
};

/* A growing list of nodes, in the arena. */
struct ast_list {
	struct ast **items;
	size_t count, cap;
};

/* Adds a node; NULL is left out. */
void ast_list_add(struct parser *p, struct ast_list *list, struct ast *node);

static inline bool
parser_is(const struct parser *p, enum cel_token_kind kind)
{
	return p->token.kind == kind;
}

void parser_next(struct parser *p);

/* Moves past a token of this kind; false when another one is here. */
bool parser_take(struct parser *p, enum cel_token_kind kind);

/* The same, and another one is reported as unexpected. */
bool parser_expect(
    struct parser *p, enum cel_token_kind kind, const char *what);

/* The same of a closing bracket; after another token it is looked for. */
bool parser_close(struct parser *p, enum cel_token_kind kind, const char *what);

/* Report; both give NULL. */
struct ast *parser_unexpected(struct parser *p, const char *expected);
struct ast *parser_too_deep(struct parser *p);

/* The node stands above this child. False: the tree is too high. */
bool parser_above(struct parser *p, struct ast *node, const struct ast *child);

/* After an error within brackets: on to the comma or bracket that ends it. */
void parser_recover(struct parser *p);

/* Any expression; within brackets, with recovery; the lowest level. */
struct ast *parser_expr(struct parser *p);
struct ast *parser_element(struct parser *p);
struct ast *parser_primary(struct parser *p);

/* A literal here, as if this span and sign stood before it. */
struct ast *parser_literal(struct parser *p, uint32_t pos, bool negative);

/* The arguments of a call, at their bracket; then macros. */
struct ast *parser_finish_call(struct parser *p, struct ast *call);

/* The entries of a map or struct, at the brace. */
struct ast *parser_entries(struct parser *p, struct ast *map);

/*
 * A node over the span of the token and on; NULL when the arena failed. The
 * parser's functions give NULL after an error that they have reported.
 */
struct ast *parser_node(
    struct parser *p, enum ast_kind kind, uint32_t pos, uint32_t end);

/*
 * Puts a macro's meaning into a call that is one: a call node as parsed, of
 * this name, becomes a FOLD or a SELECT. A call that is none is left alone,
 * and so is one used wrongly, which is reported.
 */
void macro_expand(struct parser *p, struct ast *call);

#endif
