/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parser: precedence climbing over the lexer's tokens. An error inside
 * brackets ends the element it stands in; what follows is parsed on, so that
 * one look shows all there is to mend. Long chains of && and || become
 * balanced trees; any other nesting is capped by CEL_DEPTH_MAX.
 */
#include "cel/parse.h"

#include "base/limits.h"
#include "base/utf8.h"
#include "cel/parse_impl.h"

/* --- Tokens and nodes --- */

void
parser_next(struct parser *p)
{
	p->token = cel_lex(&p->lexer);
}

bool
parser_take(struct parser *p, enum cel_token_kind kind)
{
	if (!parser_is(p, kind))
		return false;
	parser_next(p);
	return true;
}

/* What people write who come from other languages. */
static const char *
hint_of(struct kg_slice word)
{
	static const char *const hints[][2] = {
		{ "and", "; did you mean '&&'?" },
		{ "AND", "; did you mean '&&'?" },
		{ "or", "; did you mean '||'?" },
		{ "OR", "; did you mean '||'?" },
		{ "is", "; did you mean '=='?" },
		{ "not", "; did you mean '!'?" },
	};

	for (size_t i = 0; i < sizeof(hints) / sizeof(*hints); i++) {
		if (slice_is(word, hints[i][0]))
			return hints[i][1];
	}
	return "";
}

struct ast *
parser_unexpected(struct parser *p, const char *expected)
{
	if (parser_is(p, TOKEN_END))
		cel_issue_add(p->issues, p->token.pos,
		    "Syntax error: the expression ends here; expected %s",
		    expected);
	else
		cel_issue_add(p->issues, p->token.pos,
		    "Syntax error: unexpected '%.*s'; expected %s%s",
		    SLICE_ARG(slice_upto(p->token.text, QUOTE_MAX)), expected,
		    hint_of(p->token.text));
	return NULL;
}

bool
parser_expect(struct parser *p, enum cel_token_kind kind, const char *what)
{
	if (parser_take(p, kind))
		return true;
	(void)parser_unexpected(p, what);
	return false;
}

struct ast *
parser_too_deep(struct parser *p)
{
	if (!p->too_deep)
		cel_issue_add(p->issues, p->token.pos,
		    "expression recursion limit exceeded: %u", CEL_DEPTH_MAX);
	p->too_deep = true;
	return NULL;
}

struct ast *
parser_node(struct parser *p, enum ast_kind kind, uint32_t pos, uint32_t end)
{
	struct ast *node = arena_alloc(p->arena, sizeof(*node));

	if (node == NULL)
		return NULL;
	node->kind = (uint8_t)kind;
	node->pos = node->operator_pos = pos;
	node->end = end;
	node->height = 1;
	return node;
}

/* The node stands above this child. False: the tree is too high. */
bool
parser_above(struct parser *p, struct ast *node, const struct ast *child)
{
	if (child->height >= node->height)
		node->height = (uint16_t)(child->height + 1);
	if (node->height <= CEL_DEPTH_MAX)
		return true;
	(void)parser_too_deep(p);
	return false;
}

void
ast_list_add(struct parser *p, struct ast_list *list, struct ast *node)
{
	const size_t size = sizeof(*list->items);

	if (node == NULL)
		return;
	if (list->count == list->cap) {
		const size_t cap = list->cap == 0 ? 2 : 2 * list->cap;
		struct ast **items = arena_grow(
		    p->arena, list->items, list->cap * size, cap * size);

		if (items == NULL)
			return;
		list->items = items;
		list->cap = cap;
	}
	list->items[list->count++] = node;
}

/* After an error: on to the comma or bracket that ends the element, or, in a
 * chain, to the next && or ||. */
static void
recover(struct parser *p, bool chain)
{
	unsigned open = 0;

	for (; !parser_is(p, TOKEN_END); parser_next(p)) {
		const enum cel_token_kind kind = p->token.kind;
		const bool opens = kind == TOKEN_LPAREN ||
		    kind == TOKEN_LBRACKET || kind == TOKEN_LBRACE;
		const bool closes = kind == TOKEN_RPAREN ||
		    kind == TOKEN_RBRACKET || kind == TOKEN_RBRACE;

		if (open == 0 && (closes || kind == TOKEN_COMMA))
			return;
		if (open == 0 && chain &&
		    (kind == TOKEN_AND || kind == TOKEN_OR))
			return;
		if (opens)
			open++;
		if (closes)
			open--;
	}
}

void
parser_recover(struct parser *p)
{
	recover(p, false);
}

bool
parser_close(struct parser *p, enum cel_token_kind kind, const char *what)
{
	if (parser_take(p, kind))
		return true;
	(void)parser_unexpected(p, what);
	do {
		recover(p, false);
	} while (parser_take(p, TOKEN_COMMA));
	(void)parser_take(p, kind);
	return false;
}

/* An expression within brackets; NULL after an error, then at a place where
 * the list of such can go on. */
struct ast *
parser_element(struct parser *p)
{
	struct ast *node = parser_expr(p);

	if (node == NULL)
		parser_recover(p);
	return node;
}

/* --- Calls --- */

static struct ast *
new_call(struct parser *p, const char *function, uint32_t operator_pos,
    struct ast *const *args, size_t count)
{
	struct ast *call =
	    parser_node(p, AST_CALL, args[0]->pos, args[count - 1]->end);
	struct ast_list list = { NULL, 0, 0 };

	if (call == NULL)
		return NULL;
	call->operator_pos = operator_pos;
	for (size_t i = 0; i < count; i++) {
		if (!parser_above(p, call, args[i]))
			return NULL;
		ast_list_add(p, &list, args[i]);
	}
	if (list.count != count)
		return NULL;
	call->u.call.function = slice_str(function);
	call->u.call.args = list.items;
	call->u.call.arg_count = count;
	return call;
}

static struct ast *
new_binary(struct parser *p, const char *function, uint32_t operator_pos,
    struct ast *left, struct ast *right)
{
	struct ast *args[2] = { left, right };

	if (left == NULL || right == NULL)
		return NULL;
	return new_call(p, function, operator_pos, args, 2);
}

/* --- Member access --- */

/* a.b.c or .a.b.c, as the name of a message type; false for anything else. */
static bool
put_name(struct buf *name, const struct ast *node)
{
	if ((node->flags & (AST_PARENS | AST_OPTIONAL)) != 0)
		return false;
	if (node->kind == AST_IDENT) {
		if ((node->flags & AST_ROOTED) != 0)
			buf_putc(name, '.');
		buf_put(name, node->u.ident.name);
		return true;
	}
	if (node->kind != AST_SELECT || !put_name(name, node->u.select.operand))
		return false;
	buf_putc(name, '.');
	buf_put(name, node->u.select.field);
	return true;
}

/* Name{field: value}: at the brace. */
static struct ast *
parse_struct(struct parser *p, const struct ast *type)
{
	struct ast *node = parser_node(p, AST_STRUCT, type->pos, p->token.end);
	struct buf name;

	buf_init(&name, p->arena, CEL_SOURCE_MAX * 4);
	if (node == NULL)
		return NULL;
	if (!put_name(&name, type))
		return parser_unexpected(p, "an operator");
	node->operator_pos = p->token.pos;
	node->u.map.type_name = buf_slice(&name);
	return parser_entries(p, node);
}

/* .field, .?field, .method(args): at the dot. */
static struct ast *
parse_select(struct parser *p, struct ast *operand)
{
	const uint32_t dot = p->token.pos;
	struct cel_token field;
	bool optional;
	struct ast *node;

	parser_next(p);
	optional = parser_take(p, TOKEN_QUESTION);
	field = p->token;
	if (parser_is(p, TOKEN_QUOTED) && !p->env->quoted_fields)
		cel_issue_add(p->issues, field.pos,
		    "unsupported syntax: '`'; write ['%.*s']",
		    SLICE_ARG(slice_upto(field.text, QUOTE_MAX)));
	else if (!parser_is(p, TOKEN_IDENT) && !parser_is(p, TOKEN_QUOTED))
		return parser_unexpected(p, "a field's name");
	parser_next(p);
	if (parser_is(p, TOKEN_LPAREN) && !optional &&
	    field.kind == TOKEN_IDENT) {
		node = parser_node(p, AST_CALL, operand->pos, field.end);
		if (node == NULL || !parser_above(p, node, operand))
			return NULL;
		node->u.call.function = field.text;
		node->u.call.target = operand;
		return parser_finish_call(p, node);
	}
	node = parser_node(p, AST_SELECT, operand->pos, field.end);
	if (node == NULL || !parser_above(p, node, operand))
		return NULL;
	node->flags = optional ? AST_OPTIONAL : 0;
	node->operator_pos = dot;
	node->u.select.operand = operand;
	node->u.select.field = field.text;
	node->u.select.field_pos = field.pos;
	return node;
}

/* [index], [?index]: at the bracket. */
static struct ast *
parse_index(struct parser *p, struct ast *operand)
{
	const uint32_t bracket = p->token.pos;
	bool optional;
	struct ast *index, *node;
	uint32_t end;

	parser_next(p);
	optional = parser_take(p, TOKEN_QUESTION);
	index = parser_element(p);
	end = p->token.end;
	if (!parser_close(p, TOKEN_RBRACKET, "']'"))
		return NULL;
	node =
	    new_binary(p, optional ? "_[?_]" : "_[_]", bracket, operand, index);
	if (node != NULL)
		node->end = end;
	return node;
}

static struct ast *
parse_member(struct parser *p, struct ast *node)
{
	while (node != NULL) {
		if (parser_is(p, TOKEN_DOT))
			node = parse_select(p, node);
		else if (parser_is(p, TOKEN_LBRACKET))
			node = parse_index(p, node);
		else if (parser_is(p, TOKEN_LBRACE))
			node = parse_struct(p, node);
		else
			break;
	}
	return node;
}

/* --- Operators --- */

static bool
is_number(const struct parser *p)
{
	return parser_is(p, TOKEN_INT) || parser_is(p, TOKEN_DOUBLE);
}

/* What a run of signs stands before; -1 may follow a !. */
static struct ast *
parse_operand(struct parser *p)
{
	const uint32_t pos = p->token.pos;

	if (!parser_take(p, TOKEN_MINUS))
		return parser_primary(p);
	return is_number(p) ? parser_literal(p, pos, true)
			    : parser_unexpected(p, "a number");
}

/* A run of one sign before an operand: pairs of them cancel out. */
static struct ast *
parse_unary(struct parser *p)
{
	const enum cel_token_kind sign = p->token.kind;
	const uint32_t pos = p->token.pos;
	uint32_t last = pos;
	unsigned count = 0;
	struct ast *node;

	if (sign != TOKEN_NOT && sign != TOKEN_MINUS)
		return parse_member(p, parser_primary(p));
	for (; parser_is(p, sign); count++) {
		last = p->token.pos;
		parser_next(p);
	}
	/* One minus belongs to the number; several are all operators. */
	if (sign == TOKEN_MINUS && count == 1 && is_number(p)) {
		count--;
		node = parser_literal(p, last, true);
	} else {
		node = parse_operand(p);
	}
	node = parse_member(p, node);
	if (node == NULL || count % 2 == 0)
		return node;
	node = new_call(p, sign == TOKEN_NOT ? "!_" : "-_", pos, &node, 1);
	if (node != NULL)
		node->pos = pos;
	return node;
}

static const struct {
	uint8_t token, level;
	const char *function;
} binaries[] = {
	{ TOKEN_EQ, 1, "_==_" },
	{ TOKEN_NE, 1, "_!=_" },
	{ TOKEN_LT, 1, "_<_" },
	{ TOKEN_LE, 1, "_<=_" },
	{ TOKEN_GT, 1, "_>_" },
	{ TOKEN_GE, 1, "_>=_" },
	{ TOKEN_IN, 1, "@in" },
	{ TOKEN_PLUS, 2, "_+_" },
	{ TOKEN_MINUS, 2, "_-_" },
	{ TOKEN_STAR, 3, "_*_" },
	{ TOKEN_SLASH, 3, "_/_" },
	{ TOKEN_PERCENT, 3, "_%_" },
};

/* The binary operator that stands here, when it binds that strongly. */
static const char *
binary_here(const struct parser *p, unsigned level, unsigned *found)
{
	for (size_t i = 0; i < sizeof(binaries) / sizeof(*binaries); i++) {
		*found = binaries[i].level;
		if (parser_is(p, (enum cel_token_kind)binaries[i].token))
			return *found >= level ? binaries[i].function : NULL;
	}
	return NULL;
}

static struct ast *
parse_binary(struct parser *p, unsigned level)
{
	struct ast *left = parse_unary(p);
	const char *function;
	unsigned found;

	while (left != NULL &&
	    (function = binary_here(p, level, &found)) != NULL) {
		const uint32_t pos = p->token.pos;

		parser_next(p);
		left = new_binary(
		    p, function, pos, left, parse_binary(p, found + 1));
	}
	return left;
}

/* Operands lo to hi of a chain, joined by the signs between them. */
static struct ast *
balance(struct parser *p, const char *function, struct ast *const *operands,
    size_t count)
{
	const size_t half = (count + 1) / 2;

	if (count == 1)
		return operands[0];
	return new_binary(p, function, operands[half]->sign_pos,
	    balance(p, function, operands, half),
	    balance(p, function, operands + half, count - half));
}

static struct ast *
parse_chain(struct parser *p, enum cel_token_kind sign)
{
	const bool is_or = sign == TOKEN_OR;
	struct ast_list list = { NULL, 0, 0 };
	uint32_t sign_pos = 0;
	bool ok = true;

	do {
		struct ast *node =
		    is_or ? parse_chain(p, TOKEN_AND) : parse_binary(p, 1);

		if (node == NULL) {
			recover(p, true);
			ok = false;
		} else {
			node->sign_pos = sign_pos;
			ast_list_add(p, &list, node);
		}
		sign_pos = p->token.pos;
	} while (parser_take(p, sign));
	if (!ok || list.count == 0)
		return NULL;
	return balance(p, is_or ? "_||_" : "_&&_", list.items, list.count);
}

/* condition ? a : b */
static struct ast *
parse_ternary(struct parser *p)
{
	struct ast *args[3];
	uint32_t pos;

	args[0] = parse_chain(p, TOKEN_OR);
	pos = p->token.pos;
	if (args[0] == NULL || !parser_take(p, TOKEN_QUESTION))
		return args[0];
	args[1] = parse_chain(p, TOKEN_OR);
	if (args[1] == NULL || !parser_expect(p, TOKEN_COLON, "':'"))
		return NULL;
	args[2] = parser_expr(p);
	if (args[2] == NULL)
		return NULL;
	return new_call(p, "_?_:_", pos, args, 3);
}

struct ast *
parser_expr(struct parser *p)
{
	struct ast *node;

	if (p->depth >= CEL_DEPTH_MAX || p->too_deep)
		return parser_too_deep(p);
	p->depth++;
	node = parse_ternary(p);
	p->depth--;
	return node;
}

/* --- The whole --- */

static bool
size_ok(struct kg_slice text, struct cel_issues *issues)
{
	const size_t n =
	    text.len <= 4 * CEL_SOURCE_MAX ? utf8_length(text) : text.len;

	if (n <= CEL_SOURCE_MAX)
		return true;
	cel_issue_add(issues, 0,
	    "expression code point size exceeds limit: size: %zu, limit %u", n,
	    CEL_SOURCE_MAX);
	return false;
}

enum kg_status
cel_parse(const struct cel_env *env, enum cel_macros macros,
    struct kg_slice text, struct cel_issues *issues, struct ast **out)
{
	struct parser p = { .env = env,
		.issues = issues,
		.arena = issues->arena,
		.lexer = { .text = text, .issues = issues },
		.macros = macros == CEL_MACROS_ON };
	const size_t before = issues->count;
	struct ast *root;

	*out = NULL;
	if (!size_ok(text, issues))
		return KG_LIMIT;
	parser_next(&p);
	root = parser_expr(&p);
	if (root != NULL && !parser_is(&p, TOKEN_END))
		(void)parser_unexpected(&p, "an operator or the end");
	cel_issues_sort(issues);
	if (arena_failed(p.arena))
		return p.arena->failure;
	if (p.too_deep)
		return KG_LIMIT;
	if (issues->count > before || root == NULL)
		return KG_INVALID;
	*out = root;
	return KG_OK;
}
