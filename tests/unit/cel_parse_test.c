/* SPDX-License-Identifier: Apache-2.0 */
/* The parser: trees and messages of tests/cel/parse.test, and its caps. */
#include "cel/parse.h"

#include "base/limits.h"
#include "cel/value.h"
#include "golden.h"

static struct cel_env env;

static void
put_constant(struct buf *b, const struct value *v)
{
	switch ((int)v->kind) {
	case CEL_NULL:
		buf_puts(b, "null");
		break;
	case CEL_BOOL:
		buf_puts(b, v->u.boolean ? "true" : "false");
		break;
	case CEL_INT:
		buf_put_int(b, v->u.integer);
		break;
	case CEL_UINT:
		buf_put_uint(b, (uint64_t)v->u.integer);
		buf_putc(b, 'u');
		break;
	case CEL_DOUBLE:
		buf_printf(b, "%g", v->u.real);
		break;
	default:
		buf_puts(b, v->kind == CEL_BYTES ? "b" : "");
		buf_put_quoted(b, slice_of(v->u.bytes, v->count));
		break;
	}
}

static void put(struct buf *b, const struct ast *n);

static void
put_all(struct buf *b, struct ast *const *nodes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			buf_puts(b, ", ");
		if ((nodes[i]->flags & AST_ELEMENT) != 0)
			buf_putc(b, '?');
		put(b, nodes[i]);
	}
}

static void
put_call(struct buf *b, const struct ast *n)
{
	if (n->u.call.target != NULL) {
		put(b, n->u.call.target);
		buf_putc(b, '.');
	}
	buf_put(b, n->u.call.function);
	buf_putc(b, '(');
	put_all(b, n->u.call.args, n->u.call.arg_count);
	buf_putc(b, ')');
}

static void
put_map(struct buf *b, const struct ast *n)
{
	if (n->kind == AST_STRUCT)
		buf_put(b, n->u.map.type_name);
	buf_putc(b, '{');
	for (size_t i = 0; i < n->u.map.count; i++) {
		const struct ast_entry *e = &n->u.map.entries[i];

		buf_puts(b, i > 0 ? ", " : "");
		buf_puts(b, e->optional ? "?" : "");
		if (e->key != NULL)
			put(b, e->key);
		else
			buf_put(b, e->field_name);
		buf_puts(b, ": ");
		put(b, e->value);
	}
	buf_putc(b, '}');
}

static void
put_fold(struct buf *b, const struct ast *n)
{
	static const char *const names[] = { "none", "all", "exists",
		"exists_one", "map", "filter", "transformList", "transformMap",
		"transformMapEntry", "optMap", "optFlatMap", "sortBy" };

	put(b, n->u.fold.range);
	buf_printf(
	    b, ".%s(%.*s", names[n->u.fold.macro], SLICE_ARG(n->u.fold.var));
	if (n->u.fold.var2.len > 0) {
		buf_putc(b, ' ');
		buf_put(b, n->u.fold.var2);
	}
	if (n->u.fold.predicate != NULL) {
		buf_puts(b, " | ");
		put(b, n->u.fold.predicate);
	}
	if (n->u.fold.transform != NULL) {
		buf_puts(b, " -> ");
		put(b, n->u.fold.transform);
	}
	buf_putc(b, ')');
}

static void
put(struct buf *b, const struct ast *n)
{
	switch ((enum ast_kind)n->kind) {
	case AST_CONST:
		put_constant(b, &n->u.constant);
		break;
	case AST_IDENT:
		buf_puts(b, (n->flags & AST_ROOTED) != 0 ? "." : "");
		buf_put(b, n->u.ident.name);
		break;
	case AST_SELECT:
		buf_puts(b, (n->flags & AST_TEST_ONLY) != 0 ? "has " : "");
		put(b, n->u.select.operand);
		buf_puts(b, (n->flags & AST_OPTIONAL) != 0 ? ".?" : ".");
		buf_put(b, n->u.select.field);
		break;
	case AST_CALL:
		put_call(b, n);
		break;
	case AST_LIST:
		buf_putc(b, '[');
		put_all(b, n->u.list.items, n->u.list.count);
		buf_putc(b, ']');
		break;
	case AST_MAP:
	case AST_STRUCT:
		put_map(b, n);
		break;
	case AST_FOLD:
		put_fold(b, n);
		break;
	}
}

static struct kg_slice
parse_text(struct kg_slice expr)
{
	struct cel_issues issues;
	struct ast *root;
	struct buf b;

	buf_init(&b, &arena, MIB);
	cel_issues_init(&issues, &arena);
	if (cel_parse(&env, CEL_MACROS_ON, expr, &issues, &root) == KG_OK) {
		put(&b, root);
		return buf_slice(&b);
	}
	for (size_t i = 0; i < issues.count; i++)
		buf_printf(&b, "%s%u: %.*s", i > 0 ? "\n" : "",
		    issues.items[i].pos + 1,
		    SLICE_ARG(issues.items[i].message));
	return buf_slice(&b);
}

static void
golden(void **state)
{
	struct golden_case c;
	struct golden g;

	(void)state;
	golden_open(&g, "tests/cel/parse.test");
	while (golden_next(&g, &c)) {
		const struct kg_slice got = parse_text(c.expr);

		golden_compare(&g, &c, got);
	}
	assert_int_equal(g.failed, 0);
}

/* n times `before`, then `core`, then n times `after`. */
static struct kg_slice
nested(const char *before, const char *core, const char *after, size_t n)
{
	struct buf b;

	buf_init(&b, &arena, 16 * MIB);
	for (size_t i = 0; i < n; i++)
		buf_puts(&b, before);
	buf_puts(&b, core);
	for (size_t i = 0; i < n; i++)
		buf_puts(&b, after);
	return buf_slice(&b);
}

static void
caps(void **state)
{
	static const struct {
		const char *before, *core, *after;
		size_t n;
		enum kg_status status;
	} cases[] = {
		{ "(", "1", ")", 240, KG_OK },
		{ "(", "1", ")", 10000, KG_LIMIT },
		{ "[", "1", "]", 10000, KG_LIMIT },
		{ "{1:", "1", "}", 10000, KG_LIMIT },
		{ "f(", "1", ")", 10000, KG_LIMIT },
		{ "[1].map(x,", "1", ")", 8000, KG_LIMIT },
		{ "a?b:", "1", "", 10000, KG_LIMIT },
		{ "!", "true", "", 99990, KG_OK },
		{ "", "a", ".b", 200, KG_OK },
		{ "", "a", ".b", 10000, KG_LIMIT },
		{ "", "a", "[0]", 10000, KG_LIMIT },
		{ "", "a", "+1", 10000, KG_LIMIT },
		{ "", "a", "&&b", 30000, KG_OK },
		{ "a||", "a", "", 30000, KG_OK },
		{ "", "1", " ", 99999, KG_OK },
		{ "", "1", " ", 100000, KG_LIMIT },
		{ "", "'", "\xc3\xa9", 100001, KG_LIMIT },
		{ "([{", "", "", 10000, KG_LIMIT },
		{ "", "x", ")", 10000, KG_INVALID },
		{ "#", "", "", 10000, KG_INVALID },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct cel_issues issues;
		struct ast *root;
		enum kg_status st;

		cel_issues_init(&issues, &arena);
		st = cel_parse(&env, CEL_MACROS_ON,
		    nested(cases[i].before, cases[i].core, cases[i].after,
			cases[i].n),
		    &issues, &root);
		if (st != cases[i].status)
			fail_msg("case %zu: %d", i, (int)st);
		if (st != KG_OK && issues.count == 0)
			fail_msg("case %zu: no message", i);
	}
}

/* Every allocation of a parse failed in turn. */
static void
no_memory(void **state)
{
	const struct kg_slice expr =
	    SLICE("[1, ?a.b].map(x, x + 'a\\n').all(y, {y: 1}[y] == f(y))");
	enum kg_status st = KG_LIMIT;

	(void)state;
	for (size_t cap = 1; st != KG_OK && cap < MIB; cap += 64) {
		struct cel_issues issues;
		struct arena small;
		struct ast *root;

		arena_init(&small, cap);
		cel_issues_init(&issues, &small);
		st = cel_parse(&env, CEL_MACROS_ON, expr, &issues, &root);
		assert_true(st == KG_OK || root == NULL);
		arena_release(&small);
	}
	assert_int_equal(st, KG_OK);
}

static int
setup(void **state)
{
	const int rc = unit_setup(state);

	cel_env_init(&env, &arena, CEL_COMPAT_136);
	return rc;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden),
		cmocka_unit_test(caps),
		cmocka_unit_test(no_memory),
	};

	return cmocka_run_group_tests(tests, setup, unit_teardown);
}
