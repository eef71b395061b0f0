/* SPDX-License-Identifier: Apache-2.0 */
/* The overload table and environments. */
#include "cel/env.h"

#include "base/limits.h"
#include "cel/issue.h"
#include "unit.h"

static void
text_of_overloads(void **state)
{
	static const struct {
		enum cel_overload_id id;
		const char *text;
	} cases[] = {
		{ CEL_OVERLOAD_add_int64, "_+_(int, int) -> int" },
		{ CEL_OVERLOAD_string_split_string_int,
		    "<string>.split(string, int) -> list(string)" },
		{ CEL_OVERLOAD_url_get_query,
		    "<kubernetes.URL>.getQuery() -> map(string, "
		    "list(string))" },
		{ CEL_OVERLOAD_optional_none,
		    "optional.none() -> optional_type(A)" },
	};
	struct arena own;

	(void)state;
	arena_init(&own, MIB);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct buf b;

		buf_init(&b, &own, KIB);
		cel_overload_put(&b, &cel_builtins[cases[i].id]);
		assert_slice(buf_slice(&b), cases[i].text);
	}
	arena_release(&own);
}

static void
environment(void **state)
{
	struct arena own;
	struct cel_env env, child;

	(void)state;
	arena_init(&own, MIB);
	cel_env_init(&env, &own, CEL_COMPAT_136);
	assert_non_null(cel_env_function(&env, SLICE("size")));
	assert_int_equal(cel_env_function(&env, SLICE("size"))->count, 8);
	assert_null(cel_env_function(&env, SLICE("includes")));
	assert_non_null(
	    cel_env_add_variable(&env, SLICE("object"), &cel_t_dyn, NULL));
	cel_env_child(&child, &env, &own);
	assert_non_null(
	    cel_env_add_variable(&child, SLICE("request"), &cel_t_dyn, NULL));
	assert_int_equal(cel_env_variable(&child, SLICE("request"))->index, 1);
	assert_null(cel_env_variable(&env, SLICE("request")));
	cel_env_init_with(&env, &own, CEL_COMPAT_136, CEL_LIB_STANDARD);
	assert_null(cel_env_function(&env, SLICE("quantity")));
	assert_false(arena_failed(&own));
	arena_release(&own);
}

static void
carets(void **state)
{
	struct cel_issues issues;
	struct arena own;
	struct buf b;

	(void)state;
	arena_init(&own, MIB);
	cel_issues_init(&issues, &own);
	cel_issue_add(&issues, 9, "second");
	cel_issue_add(&issues, 4, "no '%s'", "x");
	cel_issues_sort(&issues);
	buf_init(&b, &own, KIB);
	cel_issues_render(&b, &issues, SLICE("1 +\tx\n\xc3\xa9 y"));
	assert_slice(buf_slice(&b),
	    "ERROR: <input>:1:5: no 'x'\n | 1 + x\n | ....^\n"
	    "ERROR: <input>:2:3: second\n | \xc3\xa9 y\n"
	    " | \xef\xbc\x8e.^");
	arena_release(&own);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_of_overloads),
		cmocka_unit_test(environment),
		cmocka_unit_test(carets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
