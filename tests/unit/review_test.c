/* SPDX-License-Identifier: Apache-2.0 */
/* Reviews: malformed bodies, answers, memory, rule sets and their hash. */
#include "base/limits.h"
#include "review/reviewer.h"
#include "unit/unit.h"

static struct kg_ruleset *strict;
static struct kg_reviewer *reviewer;

static struct kg_ruleset *
compile(const char *policy, size_t *errors)
{
	const struct kg_source source = { SLICE("p.yaml"), slice_str(policy) };
	const struct kg_options options = { 0 };
	struct kg_diags *diags = kg_diags_new();
	struct kg_ruleset *set = NULL;

	assert_non_null(diags);
	(void)!kg_ruleset_compile(
	    &source, policy[0] != '\0' ? 1 : 0, &options, diags, &set);
	*errors = kg_diags_errors(diags);
	kg_diags_free(diags);
	return set;
}

static int
setup(void **state)
{
	size_t errors;

	(void)state;
	strict = compile("", &errors);
	return strict != NULL && kg_reviewer_new(&reviewer) == KG_OK ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	kg_reviewer_free(reviewer);
	kg_ruleset_unref(strict);
	return 0;
}

#define HEAD(version, uid, object)                                        \
	"{\"apiVersion\":\"admission.k8s.io/" version                     \
	"\",\"kind\":\"AdmissionReview\",\"request\":{\"uid\":" uid       \
	",\"kind\":{\"group\":\"\",\"version\":\"v1\",\"kind\":\"Pod\"}," \
	"\"resource\":{\"group\":\"\",\"version\":\"v1\",\"resource\":"   \
	"\"pods\"},"                                                      \
	"\"operation\":\"CREATE\",\"object\":" object "}}"
#define EPC_POD                                                             \
	"{\"spec\":{\"containers\":[{\"name\":\"a\\u001b\",\"resources\":{" \
	"\"limits\":{\"sgx.intel.com/epc\":\"10Mi\"}}}]}}"

static const struct kg_decision *
review(const struct kg_ruleset *set, const char *body, enum kg_status want)
{
	const struct kg_call call = { .phase = KG_VALIDATE };
	const struct kg_decision *d;

	assert_int_equal(
	    kg_review(reviewer, set, &call, slice_str(body), &d), want);
	return d;
}

static const char *
reply(const struct kg_decision *d)
{
	static char text[64 * 1024];
	struct kg_slice out;

	assert_int_equal(kg_decision_reply(reviewer, d, &out), KG_OK);
	assert_true(out.len < sizeof(text));
	memcpy(text, out.ptr, out.len);
	text[out.len] = '\0';
	return text;
}

static void
malformed_bodies_say_what_is_wrong(void **state)
{
	static const struct {
		const char *body, *reason;
	} cases[] = {
		{ "",
		    "invalid JSON at byte 0: text ends where a value is "
		    "expected" },
		{ "[]",
		    "malformed AdmissionReview: /: found list, want an "
		    "object" },
		{ "{}",
		    "malformed AdmissionReview: /kind: found nothing, want "
		    "\"AdmissionReview\"" },
		{ "{\"kind\":\"AdmissionReview\"}",
		    "malformed AdmissionReview: /apiVersion: found nothing, "
		    "want \"admission.k8s.io/v1\" or "
		    "\"admission.k8s.io/v1beta1\"" },
		{ HEAD("v1", "\"\"", "{}"),
		    "malformed AdmissionReview: /request/uid: found \"\", want "
		    "the uid of the request" },
		{ HEAD("v1", "7", "{}"),
		    "malformed AdmissionReview: /request/uid: found int, want "
		    "a string" },
		{ HEAD("v1", "\"u\"", "null"),
		    "malformed AdmissionReview: /request/object: found null, "
		    "want the object that is written" },
		{ HEAD("v1", "\"u\"", "[]"),
		    "malformed AdmissionReview: /request/object: found list, "
		    "want an object" },
		{ HEAD("v3", "\"u\"", "{}"),
		    "malformed AdmissionReview: /apiVersion: found "
		    "\"admission.k8s.io/v3\", want \"admission.k8s.io/v1\" or "
		    "\"admission.k8s.io/v1beta1\"" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct kg_call call = { .phase = KG_VALIDATE };
		const struct kg_decision *d;

		assert_int_not_equal(kg_review(reviewer, strict, &call,
					 slice_str(cases[i].body), &d),
		    KG_OK);
		assert_true(d->malformed);
		assert_false(d->allowed);
		assert_int_equal(d->code, 400);
		assert_string_equal(reply(d), cases[i].reason);
	}
}

static void
answers_speak_the_version_of_the_request(void **state)
{
	const char *text;

	(void)state;
	text = reply(
	    review(strict, HEAD("v1beta1", "\"\\u0075-1\"", "{}"), KG_OK));
	assert_non_null(
	    strstr(text, "\"apiVersion\":\"admission.k8s.io/v1beta1\""));
	assert_non_null(strstr(text, "\"uid\":\"u-1\",\"allowed\":true"));
	assert_null(strstr(text, "status"));
	assert_true(strlen(text) < 1024);
}

static void
a_denial_names_rule_place_and_fix_on_one_line_each(void **state)
{
	const struct kg_decision *d =
	    review(strict, HEAD("v1", "\"u\"", EPC_POD), KG_OK);
	const char *text = reply(d);

	(void)state;
	assert_int_equal(d->verdict, KG_DENY);
	assert_non_null(strstr(text, "\"code\":403"));
	assert_non_null(strstr(text, "\"reason\":\"Forbidden\""));
	assert_non_null(strstr(text, "\\nATT-001 /spec/containers/0: found "));
	assert_non_null(strstr(text, "; allowed "));
	assert_non_null(strstr(text, "; fix: "));
	/* The escape in the container's name never reaches a terminal. */
	assert_null(strstr(text, "a\\u001b"));
	assert_non_null(strstr(text, "\"rules\":\"CLS-001,ATT-001,NOD-001\""));
	assert_non_null(strstr(text, "\"verdict\":\"deny\""));
}

static void
many_findings_are_cut_with_their_number(void **state)
{
	char *body = malloc(200 * 1024);
	size_t n;
	const char *text, *message;

	(void)state;
	assert_non_null(body);
	n = (size_t)snprintf(body, 1000, "%s",
	    HEAD("v1", "\"u\"", "{\"spec\":{\"containers\":["));
	n -= 2; /* the closing braces of HEAD */
	for (int i = 0; i < 300; i++)
		n += (size_t)snprintf(body + n, 200,
		    "%s{\"name\":\"c%d\",\"resources\":{\"limits\":{"
		    "\"sgx.intel.com/epc\":\"1\"}}}",
		    i == 0 ? "" : ",", i);
	memcpy(body + n, "]}}}}", 6);
	text = reply(review(strict, body, KG_OK));
	message = strstr(text, "\"message\":\"");
	assert_non_null(message);
	assert_non_null(strstr(message, "\\nand "));
	assert_non_null(strstr(message, " more\",\"reason\""));
	assert_true(strstr(message, "\",\"reason\"") - message < 4600);
	free(body);
}

/* A review that does not fit its memory errs; it never allows in silence. */
static void
out_of_memory_is_an_error_of_the_policy(void **state)
{
	const struct kg_call call = { .phase = KG_VALIDATE };
	const struct kg_decision *d;
	const size_t cap = reviewer->arena.cap;
	size_t errors;
	struct kg_ruleset *ignore =
	    compile("apiVersion: keepgate.dev/v1alpha1\nkind: EnclavePolicy\n"
		    "metadata: {name: a}\nspec: {failurePolicy: Ignore}\n---\n"
		    "apiVersion: keepgate.dev/v1alpha1\nkind: EnclavePolicy\n"
		    "metadata: {name: b}\nspec: {}\n",
		&errors);

	(void)state;
	assert_non_null(ignore);
	for (size_t limit = 16 * KIB; limit <= 160 * KIB; limit += 4 * KIB) {
		arena_release(&reviewer->arena);
		reviewer->arena.cap = limit;
		(void)!kg_review(reviewer, ignore, &call,
		    slice_str(HEAD("v1", "\"u\"", EPC_POD)), &d);
		assert_false(d->allowed);
		(void)reply(d);
	}
	arena_release(&reviewer->arena);
	reviewer->arena.cap = cap;
	kg_ruleset_unref(ignore);
}

static void
the_hash_is_of_canonical_documents(void **state)
{
	size_t errors;
	struct kg_ruleset *a =
	    compile("{\"kind\":\"EnclavePolicy\",\"metadata\":{\"name\":\"p\"},"
		    "\"spec\":{},\"apiVersion\":\"keepgate.dev/v1alpha1\"}",
		&errors);
	struct kg_ruleset *b =
	    compile("# a comment\nspec: {}\napiVersion: keepgate.dev/v1alpha1\n"
		    "kind: EnclavePolicy\nmetadata:\n  name: p\n",
		&errors);
	struct kg_ruleset *c = compile(
	    "spec: {containers: All}\napiVersion: keepgate.dev/v1alpha1\n"
	    "kind: EnclavePolicy\nmetadata:\n  name: p\n",
	    &errors);

	(void)state;
	assert_non_null(a);
	assert_non_null(b);
	assert_non_null(c);
	assert_true(slice_eq(kg_ruleset_hash(a), kg_ruleset_hash(b)));
	assert_false(slice_eq(kg_ruleset_hash(a), kg_ruleset_hash(c)));
	/* printf '%s\n' '{"apiVersion":...}' | sha256sum */
	assert_slice(kg_ruleset_hash(a),
	    "4d356aefd2206911d8de76769faf3973285c63826385b2560d94a1462dd74a9c");
	kg_ruleset_unref(a);
	kg_ruleset_unref(b);
	kg_ruleset_unref(c);
}

static void
what_is_wrong_is_refused(void **state)
{
	static const char *const policies[] = {
		"kind: ConfigMap\napiVersion: v1\nmetadata: {name: c}",
		"kind: EnclavePolicy\napiVersion: keepgate.dev/v2\nmetadata: "
		"{name: p}\nspec: {}",
		"kind: EnclavePolicy\napiVersion: keepgate.dev/v1alpha1\nspec: "
		"{}",
		"kind: EnclavePolicy\napiVersion: keepgate.dev/v1alpha1\n"
		"metadata: {name: p}",
		"kind: List\napiVersion: v1\nitems:\n- &a {kind: "
		"EnclavePolicy, apiVersion: keepgate.dev/v1alpha1, metadata: "
		"{name: p}, spec: {}}\n- *a",
		"just text",
		"{",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(policies); i++) {
		size_t errors = 0;
		struct kg_ruleset *set = compile(policies[i], &errors);

		if (set != NULL || errors == 0)
			fail_msg("policy %zu was taken", i);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(malformed_bodies_say_what_is_wrong),
		cmocka_unit_test(answers_speak_the_version_of_the_request),
		cmocka_unit_test(
		    a_denial_names_rule_place_and_fix_on_one_line_each),
		cmocka_unit_test(many_findings_are_cut_with_their_number),
		cmocka_unit_test(out_of_memory_is_an_error_of_the_policy),
		cmocka_unit_test(the_hash_is_of_canonical_documents),
		cmocka_unit_test(what_is_wrong_is_refused),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
