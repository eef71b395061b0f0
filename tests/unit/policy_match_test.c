/* SPDX-License-Identifier: Apache-2.0 */
/* Matching: rules with wildcards, scopes, selectors, namespaces. */
#include "base/limits.h"
#include "policy/podkind.h"
#include "policy/match.h"
#include "unit/unit.h"

/* Gives whether it was read without an error. */
static bool
read_match(const char *yaml, struct match *m)
{
	struct kg_diags *diags = kg_diags_new();
	struct node_reader r = { .arena = &arena, .diags = diags };
	struct yaml_reader *reader;
	struct document doc;
	bool more;

	assert_int_equal(yaml_reader_new(&arena, &keys, SLICE("m"),
			     slice_str(yaml), NULL, diags, &reader),
	    KG_OK);
	assert_int_equal(yaml_read(reader, &doc, &more), KG_OK);
	match_read(&r, node_root(&doc), m);
	yaml_reader_free(reader);
	kg_diags_free(diags);
	return !r.failed;
}

static struct match
make_match(const char *yaml)
{
	struct match m;

	assert_true(read_match(yaml, &m));
	return m;
}

#define RULE(op, res)                                                         \
	"resourceRules: [{apiGroups: [\"\"], apiVersions: [v1], operations: " \
	"[" op "], resources: [" res "]}]"

static void
rules_take_what_kubernetes_would(void **state)
{
	static const struct {
		const char *match, *resource, *subresource, *operation;
		bool yes;
	} cases[] = {
		{ RULE("CREATE", "pods"), "pods", "", "CREATE", true },
		{ RULE("CREATE", "pods"), "pods", "", "UPDATE", false },
		{ RULE("\"*\"", "pods"), "pods", "", "CONNECT", true },
		{ RULE("CREATE", "pods"), "pods", "status", "CREATE", false },
		{ RULE("CREATE", "pods/*"), "pods", "status", "CREATE", true },
		{ RULE("CREATE", "pods/*"), "pods", "", "CREATE", true },
		{ RULE("CREATE", "pods/exec"), "pods", "exec", "CREATE", true },
		{ RULE("CREATE", "pods/exec"), "pods", "", "CREATE", false },
		{ RULE("CREATE", "\"*\""), "pods", "", "CREATE", true },
		{ RULE("CREATE", "\"*\""), "pods", "status", "CREATE", false },
		{ RULE("CREATE", "\"*/*\""), "pods", "status", "CREATE", true },
		{ RULE("CREATE", "\"*/scale\""), "x", "scale", "CREATE", true },
		{ RULE("CREATE", "\"*/scale\""), "x", "", "CREATE", false },
		{ RULE("CREATE", "secrets"), "pods", "", "CREATE", false },
		{ "{}", "pods", "", "CREATE", true },
		{ "{}", "pods", "resize", "UPDATE", true },
		{ "{}", "pods", "status", "UPDATE", false },
		{ "{}", "pods", "", "DELETE", false },
		{ "{}", "secrets", "", "CREATE", false },
		{ "excludeResourceRules: [{apiGroups: [\"*\"], apiVersions: "
		  "[\"*\"], operations: [\"*\"], resources: [pods]}]",
		    "pods", "", "CREATE", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct match m = make_match(cases[i].match);
		const struct namespace_view ns = { .name = SLICE("ns") };
		struct kg_slice key = { NULL, 0 };
		const struct kg_request q = { .ns = SLICE("ns"),
			.operation = slice_str(cases[i].operation),
			.subresource = slice_str(cases[i].subresource),
			.resource = { SLICE(""), SLICE("v1"),
			    slice_str(cases[i].resource) } };

		if ((match_request(&m, &q, &ns, &key) == MATCH_YES) !=
		    cases[i].yes)
			fail_msg("case %zu", i);
	}
}

static void
selectors_over_namespaces_know_what_they_do_not_know(void **state)
{
	static const struct {
		const char *selector, *labels; /* NULL: unknown */
		enum match_result want;
	} cases[] = {
		{ "{}", NULL, MATCH_YES },
		{ "{matchLabels: {kubernetes.io/metadata.name: ns}}", NULL,
		    MATCH_YES },
		{ "{matchLabels: {kubernetes.io/metadata.name: other}}", NULL,
		    MATCH_NO },
		{ "{matchLabels: {env: prod}}", NULL, MATCH_ERROR },
		{ "{matchLabels: {env: prod, kubernetes.io/metadata.name: "
		  "other}}",
		    NULL, MATCH_NO },
		{ "{matchLabels: {env: prod}}", "{\"env\":\"prod\"}",
		    MATCH_YES },
		{ "{matchLabels: {env: prod}}", "{}", MATCH_NO },
		{ "{matchExpressions: [{key: env, operator: NotIn, values: "
		  "[dev]}]}",
		    "{}", MATCH_YES },
		{ "{matchExpressions: [{key: env, operator: Exists}]}",
		    "{\"env\":\"\"}", MATCH_YES },
		{ "{matchExpressions: [{key: env, operator: DoesNotExist}]}",
		    "{\"env\":\"\"}", MATCH_NO },
		{ "{matchExpressions: [{key: env, operator: In, values: [a, "
		  "b]}]}",
		    "{\"env\":\"b\"}", MATCH_YES },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct kg_slice text = arena_printf(
		    &arena, "namespaceSelector: %s", cases[i].selector);
		const struct match m = make_match(
		    arena_printf(&arena, "%.*s", SLICE_ARG(text)).ptr);
		struct namespace_view ns = { .name = SLICE("ns") };
		struct kg_slice key;
		struct json_error e;

		if (cases[i].labels != NULL)
			assert_int_equal(json_decode(&arena, &keys,
					     slice_str(cases[i].labels), NULL,
					     &ns.labels, &e),
			    KG_OK);
		if (match_namespace(&m.namespaces, &ns, &key) != cases[i].want)
			fail_msg("case %zu", i);
	}
}

/* What the API server refuses in a policy of its own. */
static void
rules_and_selectors_are_checked(void **state)
{
#define LISTS(groups, versions, operations, resources)                      \
	"resourceRules: [{apiGroups: [" groups "], apiVersions: [" versions \
	"], operations: [" operations "], resources: [" resources "]}]"
#define NAMES(names)                                                        \
	"resourceRules: [{apiGroups: [''], apiVersions: [v1], operations: " \
	"[CREATE], resources: [pods], resourceNames: [" names "]}]"
	static const struct {
		const char *match;
		bool good;
	} cases[] = {
		{ LISTS("''", "v1", "CREATE", "pods"), true },
		{ LISTS("", "v1", "CREATE", "pods"), false },
		{ LISTS("'', apps", "v1, v1", "CREATE, UPDATE", "pods, pods"),
		    true },
		{ LISTS("'*', apps", "v1", "CREATE", "pods"), false },
		{ LISTS("''", "", "CREATE", "pods"), false },
		{ LISTS("''", "v1, '*'", "CREATE", "pods"), false },
		{ LISTS("''", "''", "CREATE", "pods"), false },
		{ LISTS("''", "v1", "", "pods"), false },
		{ LISTS("''", "v1", "'*', CREATE", "pods"), false },
		{ LISTS("''", "v1", "CREATE", ""), false },
		{ LISTS("''", "v1", "CREATE", "''"), false },
		{ LISTS("''", "v1", "CREATE", "pods, '*'"), true },
		{ LISTS("''", "v1", "CREATE", "'*', pods"), false },
		{ LISTS("''", "v1", "CREATE", "'*', pods/status"), true },
		{ LISTS("''", "v1", "CREATE", "pods, '*/*'"), false },
		{ LISTS("''", "v1", "CREATE", "pods, 'pods/*'"), true },
		{ LISTS("''", "v1", "CREATE", "'pods/*', pods"), true },
		{ LISTS("''", "v1", "CREATE", "'pods/*', pods/exec"), false },
		{ LISTS("''", "v1", "CREATE", "pods/exec, 'pods/*'"), true },
		{ LISTS("''", "v1", "CREATE", "'*/scale', x/scale"), false },
		{ LISTS("''", "v1", "CREATE", "'*/scale', x/status"), true },
		{ NAMES(""), true },
		{ NAMES("a, ''"), true },
		{ NAMES("a, a"), false },
		{ NAMES(".."), false },
		{ NAMES("a/b"), false },
		{ NAMES("a%b"), false },
		{ "objectSelector: {matchLabels: {a.b/c: '', d: e_F.1}}",
		    true },
		{ "objectSelector: {matchLabels: {a b: c}}", false },
		{ "objectSelector: {matchLabels: {a: b c}}", false },
		{ "objectSelector: {matchLabels: {X.io/y: b}}", false },
		{ "namespaceSelector: {matchExpressions: "
		  "[{key: a, operator: In, values: ['']}]}",
		    true },
		{ "namespaceSelector: {matchExpressions: "
		  "[{key: '', operator: Exists}]}",
		    false },
		{ "namespaceSelector: {matchExpressions: "
		  "[{key: a, operator: NotIn, values: [-x]}]}",
		    false },
	};
	struct match m;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		if (read_match(cases[i].match, &m) != cases[i].good)
			fail_msg("%s", cases[i].match);
	}
}

/* What is connected with are options, not an object without labels. */
static void
options_have_no_labels(void **state)
{
	static const struct {
		const char *selector, *operation;
		bool yes;
	} cases[] = {
		{ "{}", "CONNECT", true },
		{ "{matchExpressions: [{key: a, operator: DoesNotExist}]}",
		    "CONNECT", false },
		{ "{matchExpressions: [{key: a, operator: DoesNotExist}]}",
		    "CREATE", true },
	};
	const struct value *object;
	struct json_error e;

	(void)state;
	assert_int_equal(json_decode(&arena, &keys, SLICE("{\"command\":[]}"),
			     NULL, &object, &e),
	    KG_OK);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct match m = make_match(arena_printf(&arena,
		    RULE("\"*\"", "pods/exec") "\nobjectSelector: %s",
		    cases[i].selector)
						      .ptr);
		const struct namespace_view ns = { .name = SLICE("ns") };
		struct kg_slice key = { NULL, 0 };
		const struct kg_request q = { .ns = SLICE("ns"),
			.operation = slice_str(cases[i].operation),
			.subresource = SLICE("exec"),
			.resource = { SLICE(""), SLICE("v1"), SLICE("pods") },
			.object = object };

		if ((match_request(&m, &q, &ns, &key) == MATCH_YES) !=
		    cases[i].yes)
			fail_msg("case %zu", i);
	}
}

static void
every_kind_has_its_place(void **state)
{
	size_t count;
	const struct pod_kind *kinds = pod_kinds(&count);

	(void)state;
	assert_in_range(count, 9, 20);
	for (size_t i = 0; i < count; i++)
		assert_ptr_equal(
		    pod_kind_find(kinds[i].group, kinds[i].kind), &kinds[i]);
	assert_null(pod_kind_find(SLICE("example.com"), SLICE("Pod")));
	assert_slice(pod_kind_find(SLICE("batch"), SLICE("CronJob"))->pointer,
	    "/spec/jobTemplate/spec/template");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_take_what_kubernetes_would),
		cmocka_unit_test(
		    selectors_over_namespaces_know_what_they_do_not_know),
		cmocka_unit_test(rules_and_selectors_are_checked),
		cmocka_unit_test(options_have_no_labels),
		cmocka_unit_test(every_kind_has_its_place),
	};

	return cmocka_run_group_tests(tests, unit_setup, unit_teardown);
}
