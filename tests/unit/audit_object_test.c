/* SPDX-License-Identifier: Apache-2.0 */
/* The objects in a record: the text that was sent, without what is redacted. */
#include "policy/ruleset.h"
#include "unit/engine.h"
#include "unit/random.h"
#include "unit/record_oracle.h"
#include "unit/unit.h"

#define REVIEWS 4000u
#define LAST_APPLIED "kubectl.kubernetes.io/last-applied-configuration"

static int
setup(void **state)
{
	random_start(&reviewer);
	return engine_setup(state);
}

/* The record of a body; checked by the oracle, which knows another way. */
static struct kg_slice
record_of(struct kg_slice body, const struct audit_policy *policy)
{
	const struct kg_call call = { .phase = KG_VALIDATE, .recorded = true };
	const struct record_context context = { 0 };
	struct oracle oracle = {
		.memory = &arena, .names = &keys, .rules = set, .policy = policy
	};
	const struct kg_decision *d;
	struct kg_slice record;
	const char *wrong;

	(void)!kg_review(reviewer, set, &call, body, &d);
	if (d->malformed)
		fail_msg("%.*s: %.*s", SLICE_ARG(d->error), SLICE_ARG(body));
	assert_int_equal(
	    record_decision(&arena, policy, set, d, &context, &record), KG_OK);
	wrong = oracle_check(&oracle, d, record);
	if (wrong == NULL)
		return record;
	for (size_t i = 0; i < policy->redact.count; i++)
		print_message(
		    "# redact %.*s\n", SLICE_ARG(policy->redact.items[i]));
	fail_msg("%s:\n%.*s\n%.*s", wrong, SLICE_ARG(body), SLICE_ARG(record));
	return record;
}

/* --- By hand --- */

static struct kg_slice
review_of(const char *kind, const char *objects)
{
	return arena_printf(&arena,
	    "{\"apiVersion\":\"admission.k8s.io/v1\","
	    "\"kind\":\"AdmissionReview\",\"request\":{\"uid\":\"u\","
	    "\"kind\":{\"group\":\"%s\",\"version\":\"v1\",\"kind\":\"%s\"},"
	    "\"resource\":{\"group\":\"\",\"version\":\"v1\","
	    "\"resource\":\"things\"},\"operation\":\"UPDATE\",%s}}",
	    strcmp(kind, "Deployment") == 0 ? "apps" : "", kind, objects);
}

/* From the member on, up to what follows the objects. */
static struct kg_slice
objects_in(struct kg_slice record)
{
	const size_t at = slice_search(record, SLICE("\"object\":"));
	const struct kg_slice rest = slice_from(record, at);
	const size_t end = slice_search(rest, SLICE(",\"redacted\""));

	return slice_upto(rest, end != SIZE_MAX ? end : rest.len - 1);
}

static void
the_text_stays_as_it_was_sent(void **state)
{
	static const struct {
		const char *redact, *sent, *want;
	} cases[] = {
		{ "/none", "{\"a\":1e2,\"b\":-0,\"c\":\"\\u0041\\/\"}",
		    "{\"a\":1e2,\"b\":-0,\"c\":\"\\u0041\\/\"}" },
		{ "/none", "{\n\t\"a\" :\r\n [ ]\n}", "{\"a\" : [ ]}" },
		{ "/none", "{}", "{}" },
		{ "/none", "{ }", "{}" },
		{ "/a", "{\"a\":1}", "{}" },
		{ "/a", "{ \"a\" : 1 }", "{ }" },
		{ "/a", "{\"a\":1,\"b\":2}", "{\"b\":2}" },
		{ "/b", "{\"a\":1,\"b\":2}", "{\"a\":1}" },
		{ "/b", "{ \"a\" : 1 , \"b\" : 2 }", "{ \"a\" : 1 }" },
		{ "/b", "{\"a\":\",\",\n \"b\":2}", "{\"a\":\",\"}" },
		{ "/b", "{\"a\":1,\"b\":2,\"c\":3}", "{\"a\":1,\"c\":3}" },
		{ "/*", "{\"a\":1,\"b\":{\"c\":[]},\"d\":3}", "{}" },
		{ "/a/*", "{\"a\":[1,{},\"x\"],\"b\":2}",
		    "{\"a\":[null,null,null],\"b\":2}" },
		{ "/a/1", "{\"a\":[1, [2,3] , 4 ]}", "{\"a\":[1, null,4 ]}" },
		{ "/a/0", "{\"a\":[ {\"b\":1} ]}", "{\"a\":[ null]}" },
		{ "/a/b", "{\"a\":{\"b\":{\"c\":1}}}", "{\"a\":{}}" },
		{ "/a/*/b", "{\"a\":[{\"b\":1},{\"c\":2,\"b\":[1]}]}",
		    "{\"a\":[{},{\"c\":2}]}" },
		{ "/", "{\"\":1,\"a\":2}", "{\"a\":2}" },
		{ "/a/", "{\"a\":{\"b\":1,\"\":2}}", "{\"a\":{\"b\":1}}" },
		{ "/~0~1", "{\"~/\":1,\"~0~1\":2}", "{\"~0~1\":2}" },
		{ "/ab", "{\"\\u0061b\":1,\"c\":2}", "{\"c\":2}" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct kg_slice pointer = slice_str(cases[i].redact);
		const struct audit_policy policy = { .objects = AUDIT_FULL,
			.redact = { &pointer, 1 } };
		struct kg_slice got;

		arena_reset(&arena);
		got = objects_in(record_of(
		    review_of("Thing",
			arena_printf(&arena, "\"object\": %s", cases[i].sent)
			    .ptr),
		    &policy));
		assert_slice(got,
		    arena_printf(&arena, "\"object\":%s", cases[i].want).ptr);
	}
}

/* One value inside another, and one that two pointers name. */
static void
cuts_may_lie_in_one_another(void **state)
{
	static const struct kg_slice pointers[] = {
		SLICE_INIT("/a/b/c"),
		SLICE_INIT("/a/b"),
		SLICE_INIT("/a/b"),
		SLICE_INIT("/d/0"),
		SLICE_INIT("/d/0/e"),
		SLICE_INIT("/a/0"),
	};
	const struct audit_policy policy = { .objects = AUDIT_FULL,
		.redact = { pointers, ARRAY_LEN(pointers) } };
	const struct kg_slice record = record_of(
	    review_of("Thing",
		"\"oldObject\":{\"a\":{\"b\":{\"c\":1},\"f\":2}},"
		"\"object\":{\"d\":[{\"e\":1,\"f\":2},3],\"a\":{\"b\":{}}}"),
	    &policy);

	(void)state;
	assert_slice(objects_in(record),
	    "\"object\":{\"d\":[null,3],\"a\":{}},"
	    "\"oldObject\":{\"a\":{\"f\":2}}");
}

static void
metadata_alone(void **state)
{
	const struct audit_policy policy = { .objects = AUDIT_METADATA };
	const struct kg_slice record =
	    record_of(review_of("Thing",
			  "\"object\":{\"spec\":1,\"kind\":\"Thing\",\"x\":[],"
			  "\"metadata\":{\"name\":\"n\",\"managedFields\":[1]},"
			  "\"apiVersion\":\"v1\",\"status\":{}}"),
		&policy);

	(void)state;
	assert_slice(objects_in(record),
	    "\"object\":{\"kind\":\"Thing\",\"metadata\":{\"name\":\"n\"},"
	    "\"apiVersion\":\"v1\"}");
}

/* Then nobody knows where their text stands. */
static void
objects_are_refused_when_the_review_was_not_told(void **state)
{
	const struct audit_policy full = { .objects = AUDIT_FULL },
				  none = { .objects = AUDIT_NONE };
	const struct kg_call call = { .phase = KG_VALIDATE };
	const struct record_context context = { 0 };
	const struct kg_decision *d;
	struct kg_slice record;

	(void)state;
	arena_reset(&arena);
	assert_int_equal(kg_review(reviewer, set, &call,
			     review_of("Thing", "\"object\":{\"a\":1}"), &d),
	    KG_OK);
	assert_int_equal(
	    record_decision(&arena, &full, set, d, &context, &record),
	    KG_INVALID);
	assert_int_equal(
	    record_decision(&arena, &none, set, d, &context, &record), KG_OK);
}

/* --- By chance --- */

static unsigned layout; /* of a body: how much space stands where it may */

typedef void put_fn(struct buf *b, unsigned depth);

struct part {
	const char *name; /* as JSON */
	put_fn *put;
};

static void
put_space(struct buf *b)
{
	static const char *const spaces[] = { "", " ", "  ", "\n", "\t", "\r",
		"\r\n ", " \n\t\t" };

	if (layout > 0 && below(2) == 0)
		buf_puts(b, layout == 1 ? " " : PICK(spaces));
}

static void
put_token(struct buf *b, const char *token)
{
	put_space(b);
	buf_puts(b, token);
	put_space(b);
}

static void
put_scalar(struct buf *b, unsigned depth)
{
	static const char *const scalars[] = { "0", "-0", "1e2", "1.50",
		"9223372036854775807", "9223372036854775808", "1E-7", "true",
		"false", "null", "\"\"", "\"x\"", "\",\"", "\"]},\"",
		"\"a\\u0062\\n\"", "\"\\\\\"", "\"\\\"\"", "\"\xc3\xa9 \"",
		"\"\x7f\"" };

	(void)depth;
	put_token(b, PICK(scalars));
}

static void
put_list(struct buf *b, unsigned depth, put_fn *put)
{
	const unsigned n = below(4);

	put_token(b, "[");
	for (unsigned i = 0; i < n; i++) {
		if (i > 0)
			put_token(b, ",");
		put(b, depth + 1);
	}
	put_token(b, "]");
}

/* Some of the parts, in any order. */
static void
put_object(
    struct buf *b, unsigned depth, const struct part *parts, size_t count)
{
	size_t order[16];
	bool first = true;

	for (size_t i = 0; i < count; i++) {
		const size_t k = below((unsigned)i + 1);

		order[i] = order[k];
		order[k] = i;
	}
	put_token(b, "{");
	for (size_t i = 0; i < count; i++) {
		if (below(4) == 0)
			continue;
		if (!first)
			put_token(b, ",");
		first = false;
		put_token(b, parts[order[i]].name);
		put_token(b, ":");
		parts[order[i]].put(b, depth + 1);
	}
	put_token(b, "}");
}

static void
put_any(struct buf *b, unsigned depth)
{
	static const struct part parts[] = {
		{ "\"a\"", put_any },
		{ "\"\"", put_any },
		{ "\"*\"", put_any },
		{ "\"~/\"", put_any },
		{ "\"\\u0062\"", put_any },
		{ "\"metadata\"", put_any },
		{ "\"0\"", put_any },
		{ "\",\\\"\"", put_any },
	};

	if (depth > 5 || below(3) == 0)
		put_scalar(b, depth);
	else if (below(3) == 0)
		put_list(b, depth, put_any);
	else
		put_object(b, depth, parts + below(5), 4);
}

static void
put_env_name(struct buf *b, unsigned depth)
{
	static const char *const names[] = { "\"PASSWORD\"",
		"\"SGX_AESM_ADDR\"", "\"SGX_\\u0041ESM_ADDR\"" };

	if (below(5) == 0)
		put_scalar(b, depth);
	else
		put_token(b, PICK(names));
}

static void
put_entry(struct buf *b, unsigned depth)
{
	static const struct part parts[] = {
		{ "\"name\"", put_env_name },
		{ "\"value\"", put_any },
		{ "\"valueFrom\"", put_any },
	};

	put_object(b, depth, parts, ARRAY_LEN(parts));
}

static void
put_env(struct buf *b, unsigned depth)
{
	put_list(b, depth, put_entry);
}

static void
put_container(struct buf *b, unsigned depth)
{
	static const struct part parts[] = {
		{ "\"name\"", put_scalar },
		{ "\"env\"", put_env },
		{ "\"args\"", put_any },
	};

	put_object(b, depth, parts, ARRAY_LEN(parts));
}

static void
put_containers(struct buf *b, unsigned depth)
{
	if (below(8) == 0)
		put_any(b, depth);
	else
		put_list(b, depth, put_container);
}

static void
put_annotations(struct buf *b, unsigned depth)
{
	static const struct part parts[] = {
		{ "\"" LAST_APPLIED "\"", put_scalar },
		{ "\"kubectl.kubernetes.io\\/restartedAt\"", put_scalar },
		{ "\"a\"", put_scalar },
	};

	put_object(b, depth, parts, ARRAY_LEN(parts));
}

static void
put_metadata(struct buf *b, unsigned depth)
{
	static const struct part parts[] = {
		{ "\"name\"", put_scalar },
		{ "\"labels\"", put_any },
		{ "\"annotations\"", put_annotations },
		{ "\"managedFields\"", put_any },
	};

	put_object(b, depth, parts, ARRAY_LEN(parts));
}

static void
put_spec(struct buf *b, unsigned depth)
{
	static const struct part parts[] = {
		{ "\"containers\"", put_containers },
		{ "\"initContainers\"", put_containers },
		{ "\"ephemeralContainers\"", put_containers },
		{ "\"a\"", put_any },
	};

	put_object(b, depth, parts, ARRAY_LEN(parts));
}

static void
put_template(struct buf *b, unsigned depth)
{
	static const struct part parts[] = {
		{ "\"metadata\"", put_metadata },
		{ "\"spec\"", put_spec },
	};

	put_object(b, depth, parts, ARRAY_LEN(parts));
}

static void
put_outer_spec(struct buf *b, unsigned depth)
{
	static const struct part parts[] = {
		{ "\"template\"", put_template },
		{ "\"containers\"", put_containers },
		{ "\"replicas\"", put_scalar },
	};

	put_object(b, depth, parts, ARRAY_LEN(parts));
}

static void
put_whole(struct buf *b)
{
	const struct part parts[] = {
		{ "\"apiVersion\"", put_scalar },
		{ "\"kind\"", put_scalar },
		{ "\"metadata\"", put_metadata },
		{ "\"spec\"", below(2) == 0 ? put_spec : put_outer_spec },
		{ "\"data\"", put_any },
		{ "\"stringData\"", put_any },
		{ "\"a\"", put_any },
		{ "\"0\"", put_any },
	};

	put_object(b, 0, parts, ARRAY_LEN(parts));
}

static struct kg_slice
any_review(void)
{
	static const char *const kinds[] = { "Pod", "Deployment", "Secret",
		"Thing" };
	const bool swapped = below(2) == 0;
	struct buf b;

	layout = below(3);
	buf_init(&b, &arena, MIB);
	for (unsigned i = 0; i < 2; i++) {
		const bool old = (i == 0) == swapped;

		put_token(&b, i > 0 ? "," : "");
		put_token(&b, old ? "\"oldObject\"" : "\"object\"");
		put_token(&b, ":");
		if (old && below(4) == 0)
			put_token(&b, "null");
		else
			put_whole(&b);
	}
	buf_putc(&b, '\0');
	return review_of(PICK(kinds), buf_slice(&b).ptr);
}

static struct kg_slice
any_pointer(void)
{
	static const char *const steps[] = { "*", "*", "a", "b", "", "~0~1",
		"0", "1", ",\"", "metadata", "labels", "annotations" };
	static const char *const starts[] = { "", "", "/spec", "/metadata",
		"/data", "/spec/containers", "/spec/containers/*/env",
		"/spec/template/spec/containers/0/env", "/*/managedFields" };
	const unsigned n = 1 + below(3);
	struct buf b;

	buf_init(&b, &arena, KIB);
	buf_puts(&b, PICK(starts));
	for (unsigned i = 0; i < n; i++) {
		buf_putc(&b, '/');
		buf_puts(&b, PICK(steps));
	}
	return buf_slice(&b);
}

static void
a_record_has_what_was_sent_but_what_is_redacted(void **state)
{
	static const enum audit_objects objects[] = { AUDIT_FULL, AUDIT_FULL,
		AUDIT_FULL, AUDIT_METADATA, AUDIT_NONE };

	(void)state;
	for (unsigned i = 0; i < REVIEWS; i++) {
		struct kg_slice pointers[4];
		const struct audit_policy policy = { .objects = PICK(objects),
			.redact = { pointers, below(5) } };

		arena_reset(&arena);
		for (size_t k = 0; k < policy.redact.count; k++)
			pointers[k] = any_pointer();
		(void)record_of(any_review(), &policy);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_text_stays_as_it_was_sent),
		cmocka_unit_test(cuts_may_lie_in_one_another),
		cmocka_unit_test(metadata_alone),
		cmocka_unit_test(
		    objects_are_refused_when_the_review_was_not_told),
		cmocka_unit_test(
		    a_record_has_what_was_sent_but_what_is_redacted),
	};

	return cmocka_run_group_tests(tests, setup, engine_teardown);
}
