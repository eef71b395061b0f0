/* SPDX-License-Identifier: Apache-2.0 */
/* The checker: types and messages of tests/cel/check.test, and its caps. */
#include "cel/check.h"

#include "base/limits.h"
#include "cel/parse.h"
#include "golden.h"

static struct cel_env env;

static struct kg_slice
check_text(struct kg_slice expr)
{
	struct cel_issues issues;
	struct ast *root;
	struct buf b;

	buf_init(&b, &arena, MIB);
	cel_issues_init(&issues, &arena);
	if (cel_parse(&env, CEL_MACROS_ON, expr, &issues, &root) == KG_OK &&
	    cel_check(&env, root, NULL, &issues) == KG_OK)
		cel_type_put(&b, root->type);
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
	golden_open(&g, "tests/cel/check.test");
	while (golden_next(&g, &c))
		golden_compare(&g, &c, check_text(c.expr));
	assert_int_equal(g.failed, 0);
}

static void
compatibility(void **state)
{
	static const struct {
		unsigned compat;
		const char *expr, *want;
	} cases[] = {
		{ CEL_COMPAT_137, "m.`a-b`", "int" },
		{ CEL_COMPAT_136, "l.includes(1)",
		    "11: undeclared reference to 'includes' (in container "
		    "'')" },
		{ CEL_COMPAT_NEXT, "l.includes(1)", "bool" },
	};
	const struct cel_env before = env;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		cel_env_init(&env, &arena, cases[i].compat);
		env.variables = before.variables;
		env.variable_count = before.variable_count;
		assert_slice(
		    check_text(slice_str(cases[i].expr)), cases[i].want);
	}
	env = before;
}

/* The tree of a text that parses. */
static struct ast *
parsed(const char *text, struct cel_issues *issues)
{
	struct ast *root = NULL;

	cel_issues_init(issues, &arena);
	assert_int_equal(
	    cel_parse(&env, CEL_MACROS_ON, slice_str(text), issues, &root),
	    KG_OK);
	return root;
}

static void
expected(void **state)
{
	static const struct {
		const char *expr;
		const struct cel_type *type;
		const char *message; /* NULL: fits */
	} cases[] = {
		{ "x == 1", &cel_t_bool, NULL },
		{ "d", &cel_t_bool, NULL },
		{ "x", &cel_t_bool, "expected type 'bool' but found 'int'" },
		{ "'a' + s", &cel_t_string, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct cel_issues issues;
		struct ast *root = parsed(cases[i].expr, &issues);

		if (cases[i].message == NULL) {
			assert_int_equal(
			    cel_check(&env, root, cases[i].type, &issues),
			    KG_OK);
			continue;
		}
		assert_int_equal(
		    cel_check(&env, root, cases[i].type, &issues), KG_INVALID);
		assert_slice(issues.items[0].message, cases[i].message);
	}
}

/* Names without types: nothing is an error until it is evaluated. */
static void
unchecked(void **state)
{
	struct cel_issues issues;
	struct ast *root = parsed(
	    "nowhere || [1, 'a'].all(y, f(y) == x) || optional.of(1)", &issues);

	(void)state;
	assert_int_equal(cel_resolve(&env, root, &issues), KG_OK);
	assert_int_equal(issues.count, 0);
	assert_ptr_equal(root->type, &cel_t_dyn);
	root = root->u.call.args[0];
	assert_int_equal(root->u.call.args[0]->u.ident.local, AST_UNRESOLVED);
	root = root->u.call.args[1];
	assert_int_equal(root->kind, AST_FOLD);
	root = root->u.fold.predicate;
	assert_int_equal(root->u.call.overload_count, 1);
	assert_non_null(root->u.call.args[1]->u.ident.variable);
	assert_int_equal(root->u.call.args[0]->u.call.overload_count, 0);
}

/* But a function that is never called with so many arguments. */
static void
counts(void **state)
{
	static const struct {
		const char *text, *message; /* NULL: fine */
	} cases[] = {
		{ "'a'.namespace()", "no such overload: namespace(arg)" },
		{ "sets.contains([1])",
		    "no such overload: sets.contains(arg)" },
		{ "'a'.contains('b', 'c')", "no such overload: contains(...)" },
		{ "nowhere()", "no such overload: nowhere()" },
		{ "nowhere(1) || 'a'.contains(1)", NULL },
		{ "int(1, 2)", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct cel_issues issues;
		struct ast *root = parsed(cases[i].text, &issues);

		assert_int_equal(cel_resolve(&env, root, &issues),
		    cases[i].message == NULL ? KG_OK : KG_INVALID);
		if (cases[i].message != NULL)
			assert_slice(issues.items[0].message, cases[i].message);
	}
}

/* A type that doubles with every level. */
static void
bombs(void **state)
{
	struct cel_issues issues;
	struct ast *root;
	struct buf b;

	(void)state;
	buf_init(&b, &arena, MIB);
	buf_puts(&b, "[x]");
	for (int i = 0; i < 120; i++)
		buf_puts(&b, ".map(a, {a: a})");
	buf_puts(&b, " == [[1].map(b, b == 'a')]");
	cel_issues_init(&issues, &arena);
	assert_int_equal(
	    cel_parse(&env, CEL_MACROS_ON, buf_slice(&b), &issues, &root),
	    KG_OK);
	assert_int_not_equal(cel_check(&env, root, NULL, &issues), KG_OK);
	assert_true(issues.count > 0);
}

static void
no_memory(void **state)
{
	const struct kg_slice expr = SLICE(
	    "l.map(y, y + x).all(z, {'a': z}.a == 1 && s.split(',') != [])");
	enum kg_status st = KG_LIMIT;

	(void)state;
	for (size_t cap = 1; st != KG_OK && cap < MIB; cap += 64) {
		struct cel_issues issues;
		struct arena small;
		struct ast *root;

		arena_init(&small, cap);
		cel_issues_init(&issues, &small);
		st = cel_parse(&env, CEL_MACROS_ON, expr, &issues, &root);
		if (st == KG_OK)
			st = cel_check(&env, root, NULL, &issues);
		arena_release(&small);
	}
	assert_int_equal(st, KG_OK);
}

static int
setup(void **state)
{
	const int rc = unit_setup(state);
	struct cel_type *o = cel_type_object(&arena, SLICE("Thing"));

	cel_type_add_field(
	    &arena, o, (struct cel_field){ SLICE("name"), &cel_t_string, "" });
	cel_type_add_field(
	    &arena, o, (struct cel_field){ SLICE("count"), &cel_t_int, "" });
	cel_type_add_field(&arena, o,
	    (struct cel_field){ SLICE("tags"), &cel_t_list_string, "" });
	cel_env_init(&env, &arena, CEL_COMPAT_136);
	(void)cel_env_add_variable(&env, SLICE("x"), &cel_t_int, NULL);
	(void)cel_env_add_variable(&env, SLICE("s"), &cel_t_string, NULL);
	(void)cel_env_add_variable(&env, SLICE("d"), &cel_t_dyn, NULL);
	(void)cel_env_add_variable(&env, SLICE("object"), &cel_t_dyn, NULL);
	(void)cel_env_add_variable(&env, SLICE("l"), &cel_t_list_int, NULL);
	(void)cel_env_add_variable(&env, SLICE("m"),
	    cel_type_map(&arena, &cel_t_string, &cel_t_int), NULL);
	(void)cel_env_add_variable(&env, SLICE("o"), o, NULL);
	(void)cel_env_add_variable(&env, SLICE("t"), &cel_t_timestamp, NULL);
	(void)cel_env_add_variable(&env, SLICE("p.q"), &cel_t_bool, NULL);
	return rc;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden),
		cmocka_unit_test(compatibility),
		cmocka_unit_test(expected),
		cmocka_unit_test(unchecked),
		cmocka_unit_test(counts),
		cmocka_unit_test(bombs),
		cmocka_unit_test(no_memory),
	};

	return cmocka_run_group_tests(tests, setup, unit_teardown);
}
