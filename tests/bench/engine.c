/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the engine costs without I/O: decoding beside cJSON, facts and rules,
 * a whole review, a record. Prints name<TAB>value<TAB>unit; of several rounds
 * the quickest counts, because the machine's other work only adds.
 */
#include <cjson/cJSON.h>

#include "audit/record.h"
#include "base/limits.h"
#include "bench/bench.h"
#include "bench/input.h"
#include "policy/podkind.h"
#include "policy/ruleset.h"
#include "value/json.h"

#define ROUNDS 15
#define ROUND_NS 20000000.0

static const struct bench_shape shapes[] = {
	{ "pod3k", 1, 3100, false, true },
	{ "pod8k", 3, 8300, false, true },
	{ "pod60k-update", 3, 61000, true, true },
	{ "ordinary8k", 3, 8300, false, false },
};

struct bench {
	const char *shape;
	struct kg_slice body;
	struct arena arena, facts;
	struct keytab keys;
	struct kg_ruleset *set;
	struct kg_reviewer *reviewer;
	const struct value *pod; /* the decoded object */
	const struct kg_decision *decision;
};

/* CPU nanoseconds of one call, the least of all rounds. */
static double
measure(void (*call)(struct bench *), struct bench *b)
{
	double best = 0;
	unsigned long n = 1;

	for (unsigned round = 0; round < ROUNDS;) {
		const double start = bench_now_ns();
		double each;

		for (unsigned long i = 0; i < n; i++)
			call(b);
		each = (bench_now_ns() - start) / (double)n;
		if (each * (double)n < ROUND_NS / 2) {
			n = (unsigned long)(ROUND_NS / (each + 1)) + 1;
			continue;
		}
		if (round++ == 0 || each < best)
			best = each;
	}
	return best;
}

static void
report(const struct bench *b, const char *what, double value, const char *unit)
{
	printf("%s/%s\t%.2f\t%s\n", what, b->shape, value, unit);
}

static void
fatal(const char *what)
{
	fprintf(stderr, "bench: %s failed\n", what);
	exit(2);
}

static void
decode(struct bench *b)
{
	struct json_error error;
	const struct value *v;

	arena_reset(&b->arena);
	if (json_decode(&b->arena, &b->keys, b->body, NULL, &v, &error) !=
	    KG_OK)
		fatal("decode");
	b->pod = value_get(value_get(v, KEY_request), KEY_object);
}

static void
decode_cjson(struct bench *b)
{
	cJSON *root = cJSON_ParseWithLength(b->body.ptr, b->body.len);

	if (root == NULL)
		fatal("cJSON");
	cJSON_Delete(root);
}

static void
facts_and_rules(struct bench *b)
{
	const struct pod_call call = { .create = true,
		.username = SLICE("admin"),
		.ns = SLICE("team-a") };
	struct enclave_findings findings = { 0 };
	struct kg_slice profile;
	struct scan *scan;
	struct pod pod;

	arena_reset(&b->facts);
	pod_of(pod_kind_find(SLICE(""), SLICE("Pod")), b->pod, &pod);
	if (enclave_scan(&b->facts, &b->set->catalog, &pod, &call, &scan) !=
		KG_OK ||
	    enclave_judge(scan, &b->set->policies[0].params, &findings,
		&profile) != KG_OK)
		fatal("facts and rules");
}

static void
review(struct bench *b)
{
	const struct kg_call call = { .phase = KG_VALIDATE, .recorded = true };
	struct kg_slice reply;

	if (kg_review(b->reviewer, b->set, &call, b->body, &b->decision) !=
		KG_OK ||
	    kg_decision_reply(b->reviewer, b->decision, &reply) != KG_OK)
		fatal("review");
}

static void
record(struct bench *b)
{
	static const struct audit_policy policy = { .objects = AUDIT_FULL };
	const struct record_context context = { .time_us = 1,
		.latency_us = 41 };
	struct kg_slice body;

	arena_reset(&b->facts);
	if (record_decision(&b->facts, &policy, b->set, b->decision, &context,
		&body) != KG_OK)
		fatal("record");
}

static void
bench_shape_run(struct bench *b)
{
	double ours, theirs;

	report(b, "size", (double)b->body.len, "B");
	ours = measure(decode, b);
	theirs = measure(decode_cjson, b);
	report(b, "decode", ours / 1000, "us");
	report(b, "decode-rate", (double)b->body.len / ours * 1000, "MB/s");
	report(b, "decode-cjson", theirs / 1000, "us");
	report(b, "decode-cjson-ratio", theirs / ours, "x");
	report(b, "facts-and-rules", measure(facts_and_rules, b) / 1000, "us");
	report(b, "review", measure(review, b) / 1000, "us");
	report(b, "record", measure(record, b) / 1000, "us");
}

/* bench-engine --body NAME prints that review, for the server's part; --cel
 * measures the expression language alone. */
static int
print_body(const char *name)
{
	struct arena texts;
	int code = 2;

	arena_init(&texts, 16 * MIB);
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		struct kg_slice body;

		if (strcmp(shapes[i].name, name) != 0)
			continue;
		body = bench_review(&texts, &shapes[i]);
		code =
		    fwrite(body.ptr, 1, body.len, stdout) == body.len ? 0 : 2;
	}
	arena_release(&texts);
	return code;
}

int
main(int argc, char **argv)
{
	struct bench b = { 0 };
	struct kg_diags *diags = kg_diags_new();
	const struct kg_options options = { .live = true };
	struct arena texts;

	if (argc == 3 && strcmp(argv[1], "--body") == 0)
		return print_body(argv[2]);
	if (argc == 2 && strcmp(argv[1], "--cel") == 0) {
		bench_cel();
		return 0;
	}
	if (argc == 2 && strcmp(argv[1], "--regex") == 0) {
		bench_regex();
		return 0;
	}
	arena_init(&texts, 16 * MIB);
	arena_init(&b.arena, ARENA_REVIEW_MAX);
	arena_init(&b.facts, ARENA_REVIEW_MAX);
	if (diags == NULL || keytab_init(&b.keys, &texts) != KG_OK ||
	    kg_ruleset_compile(NULL, 0, &options, diags, &b.set) != KG_OK ||
	    kg_reviewer_new(&b.reviewer) != KG_OK)
		fatal("set-up");
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		b.shape = shapes[i].name;
		b.body = bench_review(&texts, &shapes[i]);
		bench_shape_run(&b);
	}
	bench_cel();
	bench_regex();
	kg_reviewer_free(b.reviewer);
	kg_ruleset_unref(b.set);
	arena_release(&b.facts);
	arena_release(&b.arena);
	arena_release(&texts);
	kg_diags_free(diags);
	return 0;
}
