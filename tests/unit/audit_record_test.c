/* SPDX-License-Identifier: Apache-2.0 */
/* Records: their form, what is redacted, times, and broken chains. */
#include "audit/verify.h"
#include "base/limits.h"
#include "unit/engine.h"
#include "unit/unit.h"

#define BODY                                                                   \
	"{\"apiVersion\":\"admission.k8s.io/"                                  \
	"v1\",\"kind\":\"AdmissionReview\","                                   \
	"\"request\":{\"uid\":\"u1\",\"kind\":{\"group\":\"\",\"version\":"    \
	"\"v1\","                                                              \
	"\"kind\":\"Pod\"},\"resource\":{\"group\":\"\",\"version\":\"v1\","   \
	"\"resource\":\"pods\"},\"operation\":\"CREATE\",\"namespace\":"       \
	"\"ns\","                                                              \
	"\"userInfo\":{\"username\":\"al\",\"groups\":[\"g\"]},\"object\":{"   \
	"\"metadata\":{\"name\":\"p\",\"managedFields\":[1],\"annotations\":{" \
	"\"kubectl.kubernetes.io/last-applied-configuration\":\"SECRET\","     \
	"\"keep\":\"me\"}},\"spec\":{\"containers\":[{\"name\":\"a\",\"env\":" \
	"["                                                                    \
	"{\"name\":\"PASSWORD\",\"value\":\"SECRET\"},{\"name\":"              \
	"\"SGX_AESM_ADDR\",\"value\":\"1\"}]}],\"initContainers\":[{\"env\":[" \
	"{\"name\":\"T\",\"value\":\"SECRET\"}]}]}}}}"

static struct kg_slice
record_of(struct kg_slice body, const struct audit_policy *policy)
{
	const struct record_context context = { .time_us = 1764000600123456,
		.latency_us = 41 };
	const struct kg_call call = { .phase = KG_VALIDATE, .recorded = true };
	const struct kg_decision *d;
	struct kg_slice out;

	arena_reset(&arena);
	(void)!kg_review(reviewer, set, &call, body, &d);
	assert_int_equal(
	    record_decision(&arena, policy, set, d, &context, &out), KG_OK);
	return out;
}

static const char *
text_of(struct kg_slice s)
{
	struct kg_slice copy = arena_printf(&arena, "%.*s", SLICE_ARG(s));

	return copy.ptr;
}

static void
a_record_has_its_members_in_order(void **state)
{
	static const char *const members[] = {
		"\"time\":"
		"\"2025-11-24T16:10:00.123456Z\"",
		"\"type\":\"decision\"",
		"\"engine\":", "\"ruleset\":", "\"phase\":\"validate\"",
		"\"uid\":\"u1\"", "\"dryRun\":false",
		"\"operation\":\"CREATE\"", "\"kind\":{\"group\":\"\"",
		"\"resource\":{", "\"subResource\":\"\"",
		"\"namespace\":\"ns\"", "\"name\":",
		"\"user\":{\"username\":\"al\",\"groups\":[\"g\"]}",
		"\"verdict\":\"deny\"", "\"code\":403",
		"\"profile\":", "\"findings\":[", "\"latencyUs\":41",
		"\"object\":{", "\"redacted\":["
	};
	const struct audit_policy policy = { .objects = AUDIT_FULL };
	const char *at = text_of(record_of(SLICE(BODY), &policy));

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(members); i++) {
		const char *next = strstr(at, members[i]);

		if (next == NULL)
			fail_msg("%s is missing or out of order", members[i]);
		else
			at = next;
	}
}

static void
secrets_stay_out_and_are_listed(void **state)
{
	static const char *const pointers[] = {
		"/object/metadata/managedFields",
		"/object/metadata/annotations/"
		"kubectl.kubernetes.io~1last-applied-configuration",
		"/object/spec/containers/0/env/0/value",
		"/object/spec/initContainers/0/env/0/value"
	};
	const struct audit_policy policy = { .objects = AUDIT_FULL };
	const char *text = text_of(record_of(SLICE(BODY), &policy));

	(void)state;
	assert_null(strstr(text, "SECRET"));
	assert_non_null(strstr(text, "\"keep\":\"me\""));
	/* A profile reads this one. */
	assert_non_null(
	    strstr(text, "\"name\":\"SGX_AESM_ADDR\",\"value\":\"1\""));
	for (size_t i = 0; i < ARRAY_LEN(pointers); i++)
		assert_non_null(strstr(text, pointers[i]));
}

static void
the_policy_redacts_more(void **state)
{
	static const struct kg_slice pointers[] = {
		SLICE_INIT("/spec/containers/*/name"),
		SLICE_INIT("/metadata/annotations/*"),
		SLICE_INIT("/nothing/here"),
	};
	const struct audit_policy policy = { .objects = AUDIT_FULL,
		.redact = { pointers, 3 } };
	const char *text = text_of(record_of(SLICE(BODY), &policy));

	(void)state;
	assert_non_null(strstr(text, "/object/spec/containers/0/name"));
	assert_null(strstr(text, "\"keep\":\"me\""));
}

static void
objects_can_be_left_out(void **state)
{
	const struct audit_policy metadata = { .objects = AUDIT_METADATA },
				  none = { .objects = AUDIT_NONE };

	(void)state;
	assert_null(strstr(
	    text_of(record_of(SLICE(BODY), &metadata)), "\"containers\""));
	assert_null(
	    strstr(text_of(record_of(SLICE(BODY), &metadata)), "/object/spec"));
	assert_non_null(strstr(
	    text_of(record_of(SLICE(BODY), &metadata)), "\"keep\":\"me\""));
	assert_null(
	    strstr(text_of(record_of(SLICE(BODY), &none)), "\"object\""));
}

static void
a_malformed_body_leaves_its_digest(void **state)
{
	const struct audit_policy policy = { .objects = AUDIT_FULL };
	const char *text = text_of(record_of(SLICE("abc"), &policy));

	(void)state;
	assert_non_null(strstr(text, "\"verdict\":\"error\",\"code\":400"));
	assert_non_null(strstr(text, "\"bodyBytes\":3"));
	assert_non_null(strstr(text, "ba7816bf8f01cfea414140de5dae2223"));
	assert_null(strstr(text, "\"uid\""));
}

static void
times_are_rfc_3339(void **state)
{
	static const struct {
		const char *text;
		int64_t us;
	} cases[] = {
		{ "1970-01-01T00:00:00.000000Z", 0 },
		{ "2000-02-29T23:59:59.999999Z", 951868799999999 },
		{ "2026-11-24T12:00:00.000001Z", 1795521600000001 },
		{ "1969-12-31T23:59:59.500000Z", -500000 },
	};
	static const char *const bad[] = { "", "2026", "2026-13-01T00:00:00Z",
		"2026-01-01", "2026-01-01T00:00:00", "2026-01-01T25:00:00Z",
		"2026-01-01T00:00:00Zx", "26-01-01T00:00:00Z" };
	int64_t us;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char text[TIME_TEXT_LEN];

		time_text(cases[i].us, text);
		assert_slice(slice_of(text, sizeof(text)), cases[i].text);
		assert_true(time_parse(slice_str(cases[i].text), &us));
		assert_int_equal(us, cases[i].us);
	}
	assert_true(time_parse(SLICE("2026-11-24T13:00:00+01:00"), &us));
	assert_int_equal(us, 1795521600000000);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(time_parse(slice_str(bad[i]), &us));
}

/* --- Chains --- */

#define LINES 6

static struct kg_slice lines[LINES];

static void
make_chain(void)
{
	struct chain chain;

	arena_reset(&arena);
	assert_int_equal(chain_init(&chain), KG_OK);
	for (size_t i = 0; i < LINES; i++) {
		char head[RECORD_HEAD_MAX];
		struct kg_slice body, top;

		assert_int_equal(
		    record_close_body(&arena, (int64_t)i * 1000000, &body),
		    KG_OK);
		top = slice_of(head, chain_head(&chain, i == 3 ? 7 : 0, head));
		lines[i] = arena_printf(
		    &arena, "%.*s%.*s", SLICE_ARG(top), SLICE_ARG(body));
		assert_int_equal(chain_add(&chain, top, body), KG_OK);
	}
	chain_release(&chain);
}

/* Index of the line that breaks the chain; LINES when none does. */
static size_t
verify(const struct kg_slice *list, size_t count)
{
	struct verifier v;
	size_t i = 0;

	assert_int_equal(verifier_init(&v), KG_OK);
	for (; i < count; i++) {
		struct buf why;

		buf_init(&why, &arena, 4 * KIB);
		if (verifier_line(&v, &arena, &keys, list[i], &why) != KG_OK)
			break;
	}
	verifier_release(&v);
	return i == count ? LINES : i;
}

static void
a_chain_verifies_from_any_start(void **state)
{
	(void)state;
	make_chain();
	assert_int_equal(verify(lines, LINES), LINES);
	assert_int_equal(verify(lines + 2, LINES - 2), LINES);
	assert_non_null(strstr(lines[3].ptr, "\"lost\":7"));
}

/* Any change but to the last line is found; that needs --expect-head. */
static void
every_changed_byte_breaks_it(void **state)
{
	(void)state;
	make_chain();
	for (size_t n = 0; n < LINES - 1; n++) {
		const struct kg_slice whole = lines[n];

		for (size_t at = 0; at < whole.len; at += 5) {
			char *copy = malloc(whole.len);

			assert_non_null(copy);
			memcpy(copy, whole.ptr, whole.len);
			copy[at] ^= 1;
			lines[n] = slice_of(copy, whole.len);
			if (verify(lines, LINES) == LINES)
				fail_msg("line %zu, byte %zu", n, at);
			lines[n] = whole;
			free(copy);
		}
	}
}

static void
lines_cannot_be_dropped_added_or_swapped(void **state)
{
	struct kg_slice list[LINES + 1];

	(void)state;
	make_chain();
	memcpy(list, lines, sizeof(lines));
	memmove(list + 2, list + 3, 3 * sizeof(*list));
	assert_int_equal(verify(list, LINES - 1), 2);
	memcpy(list, lines, sizeof(lines));
	memmove(list + 3, list + 2, 4 * sizeof(*list));
	assert_int_equal(verify(list, LINES + 1), 3);
	memcpy(list, lines, sizeof(lines));
	list[1] = lines[2];
	list[2] = lines[1];
	assert_int_equal(verify(list, LINES), 1);
}

static void
records_are_picked_by_what_they_hold(void **state)
{
	static const struct {
		struct record_filter filter;
		bool fits;
	} cases[] = {
		{ { .until_us = INT64_MAX, .since_us = INT64_MIN }, true },
		{ { .verdict = SLICE_INIT("deny"),
		      .until_us = INT64_MAX,
		      .since_us = INT64_MIN },
		    true },
		{ { .verdict = SLICE_INIT("allow"),
		      .until_us = INT64_MAX,
		      .since_us = INT64_MIN },
		    false },
		{ { .rule = SLICE_INIT("cls-001"),
		      .until_us = INT64_MAX,
		      .since_us = INT64_MIN },
		    true },
		{ { .rule = SLICE_INIT("EPC-005"),
		      .until_us = INT64_MAX,
		      .since_us = INT64_MIN },
		    false },
		{ { .user = SLICE_INIT("al"),
		      .until_us = INT64_MAX,
		      .since_us = INT64_MIN },
		    true },
		{ { .user = SLICE_INIT("a"),
		      .until_us = INT64_MAX,
		      .since_us = INT64_MIN },
		    false },
		{ { .ns = SLICE_INIT("ns"),
		      .until_us = INT64_MAX,
		      .since_us = INT64_MIN },
		    true },
		{ { .kind = SLICE_INIT("pod"),
		      .until_us = INT64_MAX,
		      .since_us = INT64_MIN },
		    true },
		{ { .kind = SLICE_INIT("Job"),
		      .until_us = INT64_MAX,
		      .since_us = INT64_MIN },
		    false },
		{ { .since_us = 1764000600123456,
		      .until_us = 1764000600123457 },
		    true },
		{ { .since_us = 1764000600123457, .until_us = INT64_MAX },
		    false },
		{ { .since_us = 0, .until_us = 1764000600123456 }, false },
	};
	const struct audit_policy policy = { .objects = AUDIT_NONE };
	const struct kg_slice body = record_of(SLICE(BODY), &policy);
	const struct value *record;
	struct json_error error;
	struct kg_slice line =
	    arena_printf(&arena, "{\"v\":1%.*s", SLICE_ARG(body));

	(void)state;
	assert_int_equal(
	    json_decode(&arena, &keys, line, NULL, &record, &error), KG_OK);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		if (record_fits(&cases[i].filter, record) != cases[i].fits)
			fail_msg("case %zu", i);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_has_its_members_in_order),
		cmocka_unit_test(secrets_stay_out_and_are_listed),
		cmocka_unit_test(the_policy_redacts_more),
		cmocka_unit_test(objects_can_be_left_out),
		cmocka_unit_test(a_malformed_body_leaves_its_digest),
		cmocka_unit_test(times_are_rfc_3339),
		cmocka_unit_test(a_chain_verifies_from_any_start),
		cmocka_unit_test(every_changed_byte_breaks_it),
		cmocka_unit_test(lines_cannot_be_dropped_added_or_swapped),
		cmocka_unit_test(records_are_picked_by_what_they_hold),
	};

	return cmocka_run_group_tests(tests, engine_setup, engine_teardown);
}
