/* SPDX-License-Identifier: Apache-2.0 */
/* Policies' expressions in reviews: verdicts, messages, errors, budgets. */
#include "base/limits.h"
#include "policy/custom.h"
#include "review/reviewer.h"
#include "unit/unit.h"

static struct kg_reviewer *reviewer;

static struct kg_ruleset *
compile(const char *spec)
{
	static char text[64 * 1024];
	const struct kg_source source = { SLICE("p.yaml"),
		{ text,
		    (size_t)snprintf(text, sizeof(text),
			"apiVersion: keepgate.dev/v1alpha1\n"
			"kind: EnclavePolicy\n"
			"metadata: {name: p}\n"
			"spec:\n%s",
			spec) } };
	const struct kg_options options = { 0 };
	struct kg_diags *diags = kg_diags_new();
	struct kg_ruleset *set = NULL;

	assert_non_null(diags);
	if (kg_ruleset_compile(&source, 1, &options, diags, &set) != KG_OK)
		for (size_t i = 0; i < kg_diags_count(diags); i++)
			print_error("%.*s\n",
			    SLICE_ARG(kg_diags_get(diags, i)->message));
	kg_diags_free(diags);
	assert_non_null(set);
	return set;
}

static bool
compiles(const char *spec)
{
	const struct kg_source source = { SLICE("p.yaml"),
		arena_printf(&arena,
		    "apiVersion: keepgate.dev/v1alpha1\n"
		    "kind: EnclavePolicy\n"
		    "metadata: {name: p}\n"
		    "spec:\n%s",
		    spec) };
	const struct kg_options options = { 0 };
	struct kg_diags *diags = kg_diags_new();
	struct kg_ruleset *set = NULL;
	const bool good =
	    kg_ruleset_compile(&source, 1, &options, diags, &set) == KG_OK;

	kg_diags_free(diags);
	if (set != NULL)
		kg_ruleset_unref(set);
	return good;
}

static const char *const any_match =
    "  match:\n"
    "    resourceRules:\n"
    "    - {apiGroups: ['*'], apiVersions: ['*'], operations: ['*'],\n"
    "       resources: ['*']}\n";

static const struct kg_decision *
review(const struct kg_ruleset *set, const char *operation, const char *object,
    const char *old)
{
	static char body[256 * 1024];
	const struct kg_call call = { .phase = KG_VALIDATE };
	const struct kg_decision *d;

	(void)snprintf(body, sizeof(body),
	    "{\"apiVersion\":\"admission.k8s.io/v1\","
	    "\"kind\":\"AdmissionReview\",\"request\":{\"uid\":\"u\","
	    "\"kind\":{\"group\":\"\",\"version\":\"v1\","
	    "\"kind\":\"ConfigMap\"},"
	    "\"resource\":{\"group\":\"\",\"version\":\"v1\","
	    "\"resource\":\"configmaps\"},"
	    "\"name\":\"n\",\"namespace\":\"d\",\"operation\":\"%s\","
	    "\"userInfo\":{\"username\":\"u\",\"groups\":[\"g\"]},"
	    "\"object\":%s,\"oldObject\":%s}}",
	    operation, object, old);
	assert_int_equal(
	    kg_review(reviewer, set, &call, slice_str(body), &d), KG_OK);
	return d;
}

struct row {
	const char *spec;
	const char *object;
	enum kg_verdict verdict;
	const char *message; /* of the first finding or error */
};

static const struct row rows[] = {
	{ "  validations:\n"
	  "  - {id: AB-001, expression: 'object.data.a == \"1\"'}\n",
	    "{\"data\":{\"a\":\"1\"}}", KG_ALLOW, NULL },
	{ "  validations:\n"
	  "  - {id: AB-001, expression: ' object.data.a == \"1\" '}\n",
	    "{\"data\":{\"a\":\"2\"}}", KG_DENY,
	    "failed expression: object.data.a == \"1\"" },
	{ "  validations:\n"
	  "  - {id: AB-001, expression: 'object.data.a == \"1\"'}\n",
	    "{\"data\":{}}", KG_VERDICT_ERROR,
	    "expression 'object.data.a == \"1\"' resulted in error: "
	    "no such key: a" },
	{ "  failurePolicy: Ignore\n"
	  "  validations:\n"
	  "  - {id: AB-001, expression: 'object.data.a == \"1\"'}\n",
	    "{\"data\":{}}", KG_ALLOW,
	    "expression 'object.data.a == \"1\"' resulted in error: "
	    "no such key: a" },
	{ "  validations:\n"
	  "  - {id: AB-001, action: Warn, expression: 'false',\n"
	  "     message: ' m ', messageExpression: '\" made \" + \"it\"'}\n",
	    "{}", KG_WARN, "made it" },
	{ "  validations:\n"
	  "  - {id: AB-001, expression: 'false', message: ' m ',\n"
	  "     messageExpression: 'string(object.a)'}\n",
	    "{}", KG_DENY, "m" },
	{ "  validations:\n"
	  "  - {id: AB-001, expression: 'false', message: m,\n"
	  "     messageExpression: '\"a\\nb\"'}\n",
	    "{}", KG_DENY, "m" },
	{ "  validations:\n"
	  "  - {id: AB-001, expression: 'false', message: m,\n"
	  "     messageExpression: '\"  \"'}\n",
	    "{}", KG_DENY, "m" },
	{ "  validations:\n"
	  "  - {id: AB-001, action: Off, expression: 'false'}\n",
	    "{}", KG_ALLOW, NULL },
	{ "  validations:\n"
	  "  - {id: AB-001, action: Audit, expression: 'false'}\n",
	    "{}", KG_ALLOW, "failed expression: false" },
	/* What errs counts for no more than its validation. */
	{ "  validations:\n"
	  "  - {id: AB-001, action: Warn, expression: 'object.nope == 1'}\n",
	    "{}", KG_WARN,
	    "expression 'object.nope == 1' resulted in error: "
	    "no such key: nope" },
	{ "  validations:\n"
	  "  - {id: AB-001, action: Audit, expression: 'object.nope == 1'}\n",
	    "{}", KG_ALLOW,
	    "expression 'object.nope == 1' resulted in error: "
	    "no such key: nope" },
	{ "  failurePolicy: Ignore\n"
	  "  validations:\n"
	  "  - {id: AB-001, action: Warn, expression: 'object.nope == 1'}\n",
	    "{}", KG_ALLOW,
	    "expression 'object.nope == 1' resulted in error: "
	    "no such key: nope" },
	{ "  validations:\n"
	  "  - {id: AB-001, action: Warn, expression: 'object.nope == 1'}\n"
	  "  - {id: AB-002, expression: 'object.no == 1'}\n",
	    "{}", KG_VERDICT_ERROR,
	    "expression 'object.nope == 1' resulted in error: "
	    "no such key: nope" },
	/* A false condition silences, one that errs does not. */
	{ "  matchConditions:\n"
	  "  - {name: a, expression: 'object.nope == 1'}\n"
	  "  - {name: b, expression: 'request.operation == \"DELETE\"'}\n"
	  "  validations:\n"
	  "  - {id: AB-001, expression: 'false'}\n",
	    "{}", KG_ALLOW, NULL },
	{ "  matchConditions:\n"
	  "  - {name: a, expression: 'object.nope == 1'}\n"
	  "  validations:\n"
	  "  - {id: AB-001, expression: 'false'}\n",
	    "{}", KG_VERDICT_ERROR,
	    "expression 'object.nope == 1' resulted in error: "
	    "no such key: nope" },
	/* Variables: lazy, in order, errors told with their name. */
	{ "  variables:\n"
	  "  - {name: bad, expression: 'object.nope'}\n"
	  "  - {name: two, expression: '1 + 1'}\n"
	  "  - {name: four, expression: 'variables.two * 2'}\n"
	  "  validations:\n"
	  "  - {id: AB-001, expression: 'variables.four == 4'}\n",
	    "{}", KG_ALLOW, NULL },
	{ "  variables:\n"
	  "  - {name: bad, expression: 'object.nope'}\n"
	  "  validations:\n"
	  "  - {id: AB-001, expression: 'variables.bad == 4'}\n",
	    "{}", KG_VERDICT_ERROR,
	    "expression 'variables.bad == 4' resulted in error: composited "
	    "variable \"bad\" fails to evaluate: no such key: nope" },
	/* What is always there. */
	{ "  validations:\n"
	  "  - id: AB-001\n"
	  "    expression: (namespaceObject == null ||\n"
	  "      namespaceObject.status.conditions.all(c, c.type == 'a'))\n"
	  "      && namespaceObject == null && oldObject == null\n"
	  "      && !enclave.present && enclave.epc == 0\n"
	  "      && request.userInfo.groups == ['g']\n"
	  "      && request.kind.kind == 'ConfigMap'\n"
	  "      && !has(request.subResource)\n",
	    "{}", KG_ALLOW, NULL },
	/* Nobody is there to ask: every check denies. */
	{ "  validations:\n"
	  "  - id: AB-001\n"
	  "    expression: \"!authorizer.group('').resource('pods')\n"
	  "      .check('get').allowed()\n"
	  "      && authorizer.requestResource.check('get').reason()\n"
	  "      == 'no authorizer is configured'\"\n"
	  "  - id: AB-002\n"
	  "    expression: authorizer.path('/x').check('get').allowed()\n",
	    "{}", KG_DENY,
	    "failed expression: authorizer.path('/x').check('get').allowed()" },
	/* An expression past its own limit silences no other. */
	{ "  variables:\n"
	  "  - {name: l, expression: 'lists.range(300)'}\n"
	  "  validations:\n"
	  "  - id: AB-001\n"
	  "    expression: variables.l.all(a, variables.l.all(b,\n"
	  "      variables.l.all(c, a + b + c >= 0)))\n"
	  "  - {id: AB-002, expression: 'false'}\n",
	    "{}", KG_DENY, "failed expression: false" },
	{ "  failurePolicy: Ignore\n"
	  "  validations:\n"
	  "  - id: AB-001\n"
	  "    expression: lists.range(1000).all(a,\n"
	  "      lists.range(1000).all(b, a + b >= 0))\n",
	    "{}", KG_ALLOW,
	    "expression 'lists.range(1000).all(a, lists.range(1000).all(b, "
	    "a + b >= 0))' resulted in error: operation cancelled: actual "
	    "cost limit exceeded" },
	{ "  matchConditions:\n"
	  "  - name: a\n"
	  "    expression: lists.range(1000).all(a,\n"
	  "      lists.range(1000).all(b, a + b >= 0))\n"
	  "  - {name: b, expression: 'false'}\n"
	  "  validations:\n"
	  "  - {id: AB-001, expression: 'false'}\n",
	    "{}", KG_ALLOW, NULL },
	/* White space is Unicode's. */
	{ "  validations:\n"
	  "  - {id: AB-001, expression: 'false', message: m,\n"
	  "     messageExpression: '\"\\u00a0made\\u2028\"'}\n",
	    "{}", KG_DENY, "made" },
};

static void
check_row(const struct row *row)
{
	static char spec[64 * 1024];
	const struct kg_decision *d;
	struct kg_ruleset *set;

	(void)snprintf(spec, sizeof(spec), "%s%s", any_match, row->spec);
	set = compile(spec);
	d = review(set, "CREATE", row->object, "null");
	if (d->verdict != row->verdict)
		fail_msg(
		    "%s: verdict %s", row->spec, kg_verdict_name(d->verdict));
	if (row->message == NULL)
		assert_int_equal(d->finding_count + d->error_count, 0);
	else if (d->finding_count > 0)
		assert_slice(d->findings[0].found, row->message);
	else
		assert_slice(d->errors[0].message, row->message);
	kg_ruleset_unref(set);
}

static void
verdicts(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		check_row(&rows[i]);
}

/* So many validations that are dear to judge, and as dear to explain; six
 * of each are more than a policy may spend. */
static struct kg_ruleset *
dear_validations(unsigned count, const char *action)
{
	static char spec[16 * 1024];
	int at = snprintf(spec, sizeof(spec), "%s  validations:\n", any_match);

	for (unsigned i = 0; i < count; i++)
		at += snprintf(spec + at, sizeof(spec) - (size_t)at,
		    "  - id: AB-%03u\n"
		    "    action: %s\n"
		    "    expression: lists.range(330).all(a,\n"
		    "      lists.range(330).all(b, a + b >= -%u)) && false\n"
		    "    message: given\n"
		    "    messageExpression: \"lists.range(330).all(a,\n"
		    "      lists.range(330).all(b, a + b > -1 - %u))\n"
		    "      ? 'made' : ''\"\n",
		    i, action, i, i);
	return compile(spec);
}

/* Messages get what all validations left, and none of these waits for one. */
static void
messages_pay_last(void **state)
{
	struct kg_ruleset *set = dear_validations(7, "Deny");
	const struct kg_decision *d;

	(void)state;
	d = review(set, "CREATE", "{}", "null");
	assert_int_equal(d->verdict, KG_DENY);
	assert_int_equal(d->finding_count, 7);
	assert_slice(d->findings[0].found, "made");
	assert_slice(d->findings[6].found, "given");
	assert_int_equal(d->error_count, 1);
	assert_slice(d->errors[0].message,
	    "failed messageExpression: validation failed due to running out "
	    "of cost budget, no further validation rules will be run");
	kg_ruleset_unref(set);
}

/* Where no validation refuses, none does for want of budget. */
static void
spent_budget_only_warns(void **state)
{
	struct kg_ruleset *messages = dear_validations(7, "Warn");
	struct kg_ruleset *validations = dear_validations(14, "Warn");
	const struct kg_decision *d;

	(void)state;
	d = review(messages, "CREATE", "{}", "null");
	assert_int_equal(d->verdict, KG_WARN);
	assert_slice(d->findings[0].found, "made");
	assert_slice(d->findings[6].found, "given");
	assert_int_equal(d->error_count, 0);
	d = review(validations, "CREATE", "{}", "null");
	assert_int_equal(d->verdict, KG_WARN);
	assert_slice(d->findings[d->finding_count - 1].found,
	    "validation failed due to running out of cost budget, no further "
	    "validation rules will be run");
	assert_int_equal(d->error_count, 0);
	kg_ruleset_unref(validations);
	kg_ruleset_unref(messages);
}

/* Deletion is judged where it is matched; what is leaving is not held up. */
static void
operations(void **state)
{
	static const char spec[] =
	    "  match:\n"
	    "    resourceRules:\n"
	    "    - {apiGroups: ['*'], apiVersions: ['*'],\n"
	    "       operations: ['*'], resources: ['*']}\n"
	    "  validations:\n"
	    "  - id: AB-001\n"
	    "    expression: object != null && !has(object.metadata.bad)\n"
	    "    reason: Invalid\n";
	struct kg_ruleset *set = compile(spec);
	const struct kg_decision *d;

	(void)state;
	d = review(set, "DELETE", "null", "{}");
	assert_int_equal(d->verdict, KG_DENY);
	assert_int_equal(d->code, 422);
	d = review(set, "UPDATE", "{\"metadata\":{\"bad\":1}}", "{}");
	assert_int_equal(d->verdict, KG_DENY);
	d = review(set, "UPDATE", "{\"metadata\":{\"bad\":1}}",
	    "{\"metadata\":{\"deletionTimestamp\":\"x\"}}");
	assert_int_equal(d->verdict, KG_ALLOW);
	kg_ruleset_unref(set);
}

static void
annotations(void **state)
{
	static const char spec[] =
	    "  auditAnnotations:\n"
	    "  - {key: a, valueExpression: '\" x \" + request.name'}\n"
	    "  - {key: b, valueExpression: 'null'}\n"
	    "  - {key: c, valueExpression: '\"\"'}\n";
	static char all[1024];
	struct kg_ruleset *set;
	const struct kg_decision *d;
	struct kg_slice out;

	(void)state;
	(void)snprintf(all, sizeof(all), "%s%s", any_match, spec);
	set = compile(all);
	d = review(set, "CREATE", "{}", "null");
	assert_int_equal(d->annotation_count, 1);
	assert_slice(d->annotations[0].value, "x n");
	assert_int_equal(kg_decision_reply(reviewer, d, &out), KG_OK);
	assert_non_null(strstr(out.ptr, "\"p.a\":\"x n\""));
	kg_ruleset_unref(set);
}

/* Two policies over one reviewer, with the same variables: each its own. */
static void
two_policies(void **state)
{
	static const char text[] =
	    "---\n{apiVersion: keepgate.dev/v1alpha1, kind: EnclavePolicy,"
	    " metadata: {name: a}, spec: {variables: ["
	    "{name: v, expression: '1'}], validations: ["
	    "{id: AB-001, expression: 'variables.v == 1'}]}}\n"
	    "---\n"
	    "{apiVersion: keepgate.dev/v1alpha1, kind: EnclavePolicy,"
	    " metadata: {name: b}, spec: {variables: ["
	    "{name: v, expression: '2'}], validations: ["
	    "{id: AB-002, expression: 'variables.v == 2'},"
	    "{id: AB-003, expression: 'variables.v == 1'}]}}\n";
	const struct kg_source source = { SLICE("p.yaml"), SLICE("") };
	struct kg_source sources[1] = { source };
	const struct kg_options options = { 0 };
	const struct kg_call call = { .phase = KG_VALIDATE };
	struct kg_diags *diags = kg_diags_new();
	const struct kg_decision *d;
	struct kg_ruleset *set;

	(void)state;
	sources[0].text = slice_str(text);
	assert_int_equal(
	    kg_ruleset_compile(sources, 1, &options, diags, &set), KG_OK);
	kg_diags_free(diags);
	assert_int_equal(
	    kg_review(reviewer, set, &call,
		SLICE("{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":"
		      "\"AdmissionReview\",\"request\":{\"uid\":\"u\","
		      "\"kind\":{\"group\":\"\",\"version\":\"v1\","
		      "\"kind\":\"Pod\"},\"resource\":{\"group\":\"\","
		      "\"version\":\"v1\",\"resource\":\"pods\"},"
		      "\"operation\":\"CREATE\",\"object\":{}}}"),
		&d),
	    KG_OK);
	assert_int_equal(d->finding_count, 1);
	assert_slice(d->findings[0].rule, "AB-003");
	kg_ruleset_unref(set);
}

/* What the API server refuses, or takes, in a policy of its own. */
static void
policies_are_checked(void **state)
{
#define CONDITION(name) \
	"  matchConditions:\n  - {name: '" name "', expression: 'true'}\n"
#define VARIABLE(name, expression)                                             \
	"  variables:\n  - {name: '" name "', expression: \"" expression "\"}" \
	"\n"
#define VALIDATION(rest) \
	"  validations:\n  - {id: AB-001, expression: 'true', " rest "}\n"
#define ANNOTATION(key) \
	"  auditAnnotations:\n  - {key: '" key "', valueExpression: 'null'}\n"
	static const struct {
		const char *spec;
		bool good;
	} cases[] = {
		{ CONDITION("a.b/C_d"), true },
		{ CONDITION("a b"), false },
		{ CONDITION("A/b"), false },
		{ VARIABLE("__a1", "1"), true },
		{ VARIABLE("object", "1"), true },
		{ VARIABLE("namespace", "1"), false },
		{ VARIABLE("in", "1"), false },
		{ VARIABLE("true", "1"), false },
		{ VALIDATION("message: ''"), true },
		{ VALIDATION("message: ' '"), false },
		{ VALIDATION("message: \"a\\rb\""), false },
		{ VALIDATION("message: \" a\\n\""), true },
		{ VALIDATION("messageExpression: ''"), true },
		{ VALIDATION("messageExpression: ' '"), false },
		{ VALIDATION("messageExpression: 'object.a'"), false },
		{ VALIDATION("messageExpression: \"string(authorizer.path('/x')"
			     ".check('get').allowed())\""),
		    false },
		{ VALIDATION("messageExpression: \"[authorizer."
			     "requestResource].map(r, 'a')[0]\""),
		    false },
		{ ANNOTATION("a"), true },
		{ ANNOTATION("-a"), false },
		/* Only what is simple, a list or a map keeps its type. */
		{ VARIABLE("a", "[1]") "  - {name: b, expression: "
				       "\"variables.a[0] == 'x'\"}\n",
		    false },
		{ VARIABLE("a", "request") "  - {name: b, expression: "
					   "variables.a.nope}\n",
		    true },
		{ VARIABLE("a", "request.dryRun") "  validations:\n"
						  "  - {id: AB-001, "
						  "expression: variables.a}\n",
		    true },
		{ VARIABLE("a", "request") "  validations:\n"
					   "  - {id: AB-001, expression: "
					   "variables.a.dryRun}\n",
		    false },
		{ VARIABLE("a",
		      "{'k': [request.kind]}") "  - {name: b, expression: "
					       "'variables.a.k[0].nope'}\n",
		    true },
		{ VARIABLE("a", "optional.of(1)") "  - {name: b, expression: "
						  "'variables.a == 2'}\n",
		    true },
		{ VARIABLE("a", "quantity('1')") "  - {name: b, expression: "
						 "'variables.a == 2'}\n",
		    true },
		{ VARIABLE("a", "enclave") "  - {name: b, expression: "
					   "'variables.a.nope'}\n",
		    false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		if (compiles(cases[i].spec) != cases[i].good)
			fail_msg("%s", cases[i].spec);
	}
}

static void
lists_of_policies_end(void **state)
{
	static const struct {
		const char *list, *name, *text;
		unsigned max;
	} cases[] = {
		{ "matchConditions", "name", "expression: 'true'",
		    CUSTOM_CONDITIONS_MAX },
		{ "auditAnnotations", "key", "valueExpression: 'null'",
		    CUSTOM_ANNOTATIONS_MAX },
	};
	struct buf b;

	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_LEN(cases); i++) {
		const unsigned count = cases[i / 2].max + (unsigned)(i % 2);

		buf_init(&b, &arena, MIB);
		buf_printf(&b, "  %s:\n", cases[i / 2].list);
		for (unsigned k = 0; k < count; k++) {
			buf_printf(&b, "  - {%s: a%u, %s}\n", cases[i / 2].name,
			    k, cases[i / 2].text);
		}
		buf_putc(&b, '\0');
		assert_int_equal(compiles(buf_slice(&b).ptr), i % 2 == 0);
	}
}

/* A variable that does not compile is told once, however it is used. */
static void
broken_variables(void **state)
{
	static const char *const variables[] = { "int('x')", "1 + 'a'",
		"nothing", "1 +" };
	static const char *const uses[] = { "variables.a == 1",
		"variables.a >= null", "dyn([]).filter(v, variables.a >= null)",
		"has(variables.a)" };
	const struct kg_options options = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(variables) * ARRAY_LEN(uses); i++) {
		const struct kg_source source = { SLICE("p.yaml"),
			arena_printf(&arena,
			    "apiVersion: keepgate.dev/v1alpha1\n"
			    "kind: EnclavePolicy\n"
			    "metadata: {name: p}\n"
			    "spec:\n"
			    "  variables:\n"
			    "  - {name: a, expression: \"%s\"}\n"
			    "  - {name: b, expression: \"%s\"}\n",
			    variables[i / ARRAY_LEN(uses)],
			    uses[i % ARRAY_LEN(uses)]) };
		struct kg_diags *diags = kg_diags_new();
		struct kg_ruleset *set = NULL;

		assert_int_equal(
		    kg_ruleset_compile(&source, 1, &options, diags, &set),
		    KG_INVALID);
		assert_null(set);
		assert_int_equal(kg_diags_count(diags), 1);
		kg_diags_free(diags);
	}
}

/* Where an expression's byte stands in its file, however it is written. */
static void
positions(void **state)
{
	static const struct {
		const char *file;
		const char *text;
	} cases[] = {
		{ "a && @b", "a && @b" },
		{ "'a == ''x'' && @b'", "a == 'x' && @b" },
		{ "\"a == \\\"x\\\" &&\\n @b\"", "a == \"x\" &&\n @b" },
		{ "|\n  a &&\n    @b\n", "a &&\n  @b\n" },
		{ ">-\n  a &&\n  @b\n", "a && @b" },
		{ "a &&\n  @b", "a && @b" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct kg_slice file = slice_str(cases[i].file);
		const struct kg_slice text = slice_str(cases[i].text);
		const struct place place = { .text = file };
		const struct node n = { .place = &place };

		assert_int_equal(
		    custom_position(&n, text, (uint32_t)slice_find(text, '@')),
		    slice_find(file, '@'));
	}
}

/* They are read for expressions that can see them, and for no others. */
static void
managed_fields(void **state)
{
	static const struct {
		const char *expression;
		bool sees;
	} cases[] = {
		{ "object.metadata.managedFields.size() == 1", true },
		{ "has(object.metadata.managedFields[0].manager)", true },
		{ "size(object.metadata.managedFields) > 0", true },
		{ "object['metadata'].managedFields[0].manager == 'm'", true },
		{ "object.metadata['managedFields'][0].manager == 'm'", true },
		{ "object[?'metadata'].managedFields.hasValue()", true },
		{ "object.?metadata.?managedFields.hasValue()", true },
		{ "object.metadata.exists(k, k == 'managedFields' && "
		  "object.metadata[k][0].manager == 'm')",
		    true },
		{ "[object].all(o, o.metadata.managedFields[0].manager == 'm')",
		    true },
		{ "(true ? object.metadata : oldObject).managedFields != []",
		    true },
		{ "object.metadata == object.metadata && "
		  "dyn(object).metadata.managedFields.size() == 1",
		    true },
		{ "variables.all.managedFields.size() == 1", true },
		{ "variables.whole.metadata.managedFields.size() == 1", true },
		{ "variables.?whole.metadata.?managedFields.hasValue()", true },
		{ "object.metadata.name == 'n'", false },
		{ "!has(object.metadata.labels)", false },
		{ "has(object.metadata) && object.kind != 'managedFields'",
		    false },
		{ "object.data.metadata.managedFields == 1", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *expression = cases[i].expression;
		const struct kg_decision *d;
		struct kg_ruleset *set;
		char spec[1024];
		bool allowed;

		(void)snprintf(spec, sizeof(spec),
		    "%s%s%s"
		    "  validations:\n"
		    "  - {id: AB-001, expression: \"%s\"}\n",
		    any_match,
		    strstr(expression, "variables.") != NULL ? "  variables:\n"
							     : "",
		    strstr(expression, ".all.") != NULL
			? "  - {name: all, expression: object.metadata}\n"
			: strstr(expression, "whole.") != NULL
			? "  - {name: whole, expression: object}\n"
			: "",
		    expression);
		set = compile(spec);
		assert_int_equal(set->sees_managed_fields, cases[i].sees);
		d = review(set, "CREATE",
		    "{\"kind\":\"C\",\"metadata\":{\"name\":\"n\","
		    "\"managedFields\":[{\"manager\":\"m\"}]},"
		    "\"data\":{\"metadata\":{\"managedFields\":1}}}",
		    "null");
		allowed = d->verdict == KG_ALLOW;
		kg_ruleset_unref(set);
		if (!allowed)
			fail_msg("%s", expression);
	}
}

static int
setup(void **state)
{
	return unit_setup(state) == 0 && kg_reviewer_new(&reviewer) == KG_OK
	    ? 0
	    : -1;
}

static int
teardown(void **state)
{
	kg_reviewer_free(reviewer);
	return unit_teardown(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verdicts),
		cmocka_unit_test(messages_pay_last),
		cmocka_unit_test(spent_budget_only_warns),
		cmocka_unit_test(operations),
		cmocka_unit_test(annotations),
		cmocka_unit_test(two_policies),
		cmocka_unit_test(policies_are_checked),
		cmocka_unit_test(lists_of_policies_end),
		cmocka_unit_test(broken_variables),
		cmocka_unit_test(positions),
		cmocka_unit_test(managed_fields),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
