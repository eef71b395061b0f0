/* SPDX-License-Identifier: Apache-2.0 */
/* The parser's lowest level: names, literals, brackets, arguments. */
#include "base/limits.h"
#include "cel/parse_impl.h"

/* (a, b): at the opening bracket; false after an error. */
static bool
parse_args(struct parser *p, struct ast *call)
{
	struct ast_list list = { NULL, 0, 0 };
	bool ok = true;

	call->operator_pos = p->token.pos;
	parser_next(p);
	while (!parser_is(p, TOKEN_RPAREN) || list.count > 0) {
		struct ast *arg = parser_element(p);

		ok = ok && arg != NULL && parser_above(p, call, arg);
		ast_list_add(p, &list, arg);
		if (!parser_take(p, TOKEN_COMMA))
			break;
	}
	call->end = p->token.end;
	call->u.call.args = list.items;
	call->u.call.arg_count = list.count;
	return parser_close(p, TOKEN_RPAREN, "',' or ')'") && ok;
}

struct ast *
parser_finish_call(struct parser *p, struct ast *call)
{
	if (!parse_args(p, call))
		return NULL;
	if (p->macros)
		macro_expand(p, call);
	return call->height <= CEL_DEPTH_MAX ? call : parser_too_deep(p);
}

/* --- Primaries --- */

bool
cel_is_reserved(struct kg_slice name)
{
	static const char *const words[] = { "as", "break", "const", "continue",
		"else", "false", "for", "function", "if", "import", "in", "let",
		"loop", "package", "namespace", "null", "return", "true", "var",
		"void", "while" };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (slice_is(name, words[i]))
			return true;
	}
	return false;
}

/* name, .name, name(args) */
static struct ast *
parse_name(struct parser *p)
{
	const uint32_t pos = p->token.pos;
	const bool rooted = parser_take(p, TOKEN_DOT);
	const struct cel_token name = p->token;
	struct ast *node;

	if (!parser_take(p, TOKEN_IDENT))
		return parser_unexpected(p, "a name");
	if (cel_is_reserved(name.text)) {
		cel_issue_add(p->issues, name.pos, "reserved identifier: %.*s",
		    SLICE_ARG(name.text));
	}
	if (parser_is(p, TOKEN_LPAREN)) {
		node = parser_node(p, AST_CALL, pos, name.end);
		if (node == NULL)
			return NULL;
		node->flags = rooted ? AST_ROOTED : 0;
		node->u.call.function = name.text;
		return parser_finish_call(p, node);
	}
	node = parser_node(p, AST_IDENT, pos, name.end);
	if (node == NULL)
		return NULL;
	node->flags = rooted ? AST_ROOTED : 0;
	node->u.ident.name = name.text;
	node->u.ident.local = AST_UNRESOLVED;
	return node;
}

struct ast *
parser_literal(struct parser *p, uint32_t pos, bool negative)
{
	const struct cel_token token = p->token;
	struct ast *node = parser_node(p, AST_CONST, pos, token.end);

	parser_next(p);
	if (node == NULL)
		return NULL;
	if (token.kind == TOKEN_TRUE || token.kind == TOKEN_FALSE) {
		node->u.constant.kind = CEL_BOOL;
		node->u.constant.u.boolean = token.kind == TOKEN_TRUE;
	} else if (token.kind == TOKEN_NULL) {
		node->u.constant.kind = CEL_NULL;
	} else {
		/* What is wrong with it is no reason to stop parsing. */
		(void)cel_literal(
		    p->issues, &token, negative, &node->u.constant);
	}
	return node;
}

/* [a, ?b] */
static struct ast *
parse_list(struct parser *p)
{
	struct ast *node = parser_node(p, AST_LIST, p->token.pos, p->token.end);
	struct ast_list list = { NULL, 0, 0 };
	bool ok = node != NULL;

	parser_next(p);
	while (ok && !parser_is(p, TOKEN_RBRACKET)) {
		const bool optional = parser_take(p, TOKEN_QUESTION);
		struct ast *item = parser_element(p);

		if (item != NULL && optional)
			item->flags |= AST_ELEMENT;
		if (item != NULL)
			ok = parser_above(p, node, item);
		ast_list_add(p, &list, item);
		if (!parser_take(p, TOKEN_COMMA))
			break;
	}
	if (!ok)
		return NULL;
	node->end = p->token.end;
	node->u.list.items = list.items;
	node->u.list.count = list.count;
	return parser_close(p, TOKEN_RBRACKET, "',' or ']'") ? node : NULL;
}

/* One entry of {k: v} or Type{field: v}; false after an error. */
static bool
parse_entry(struct parser *p, struct ast *map, struct ast_entry *entry)
{
	*entry =
	    (struct ast_entry){ .optional = parser_take(p, TOKEN_QUESTION) };
	if (map->kind == AST_STRUCT) {
		entry->field_name = p->token.text;
		if (!parser_is(p, TOKEN_IDENT) &&
		    !(parser_is(p, TOKEN_QUOTED) && p->env->quoted_fields)) {
			(void)parser_unexpected(p, "a field's name");
			return false;
		}
		parser_next(p);
	} else {
		entry->key = parser_expr(p);
		if (entry->key == NULL || !parser_above(p, map, entry->key))
			return false;
	}
	if (!parser_expect(p, TOKEN_COLON, "':'"))
		return false;
	entry->value = parser_expr(p);
	return entry->value != NULL && parser_above(p, map, entry->value);
}

/* The entries and the closing brace; at the opening one. */
struct ast *
parser_entries(struct parser *p, struct ast *map)
{
	const size_t size = sizeof(struct ast_entry);
	size_t cap = 0, n = 0;
	struct ast_entry entry, *entries = NULL;

	parser_next(p);
	while (!parser_is(p, TOKEN_RBRACE)) {
		if (!parse_entry(p, map, &entry)) {
			parser_recover(p);
		} else {
			if (n == cap) {
				cap = cap == 0 ? 2 : 2 * cap;
				entries = arena_grow(
				    p->arena, entries, n * size, cap * size);
			}
			if (entries == NULL)
				return NULL;
			entries[n++] = entry;
		}
		if (!parser_take(p, TOKEN_COMMA))
			break;
	}
	map->end = p->token.end;
	map->u.map.entries = entries;
	map->u.map.count = n;
	return parser_close(p, TOKEN_RBRACE, "',' or '}'") ? map : NULL;
}

static struct ast *
parse_map(struct parser *p)
{
	struct ast *node = parser_node(p, AST_MAP, p->token.pos, p->token.end);

	return node != NULL ? parser_entries(p, node) : NULL;
}

/* (a): its span takes the brackets in. */
static struct ast *
parse_parens(struct parser *p)
{
	const uint32_t pos = p->token.pos;
	uint32_t end;
	struct ast *node;

	parser_next(p);
	node = parser_element(p);
	end = p->token.end;
	if (!parser_close(p, TOKEN_RPAREN, "')'") || node == NULL)
		return NULL;
	node->pos = pos;
	node->end = end;
	node->flags |= AST_PARENS;
	return node;
}

struct ast *
parser_primary(struct parser *p)
{
	switch (p->token.kind) {
	case TOKEN_IDENT:
	case TOKEN_DOT:
		return parse_name(p);
	case TOKEN_INT:
	case TOKEN_UINT:
	case TOKEN_DOUBLE:
	case TOKEN_STRING:
	case TOKEN_BYTES:
	case TOKEN_TRUE:
	case TOKEN_FALSE:
	case TOKEN_NULL:
		return parser_literal(p, p->token.pos, false);
	case TOKEN_LPAREN:
		return parse_parens(p);
	case TOKEN_LBRACKET:
		return parse_list(p);
	case TOKEN_LBRACE:
		return parse_map(p);
	case TOKEN_END:
	case TOKEN_QUOTED:
	case TOKEN_IN:
	case TOKEN_OR:
	case TOKEN_AND:
	case TOKEN_EQ:
	case TOKEN_NE:
	case TOKEN_LE:
	case TOKEN_GE:
	case TOKEN_LT:
	case TOKEN_GT:
	case TOKEN_PLUS:
	case TOKEN_MINUS:
	case TOKEN_STAR:
	case TOKEN_SLASH:
	case TOKEN_PERCENT:
	case TOKEN_NOT:
	case TOKEN_QUESTION:
	case TOKEN_COLON:
	case TOKEN_COMMA:
	case TOKEN_RPAREN:
	case TOKEN_RBRACKET:
	case TOKEN_RBRACE:
		break;
	}
	return parser_unexpected(p, "an expression");
}
