/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The expression language: single expressions, the policies of the VAP exam
 * where they lie beside the project, a thousand policies on one pod, and what
 * compiling takes.
 */
#include "bench/bench.h"

#include "base/limits.h"
#include "exam/vap_policy.h"

#define CASES "../shared/exams/vap/cases.jsonl"
#define CASES_MAX 2000u
#define THOUSAND 1000u

static const char pod[] =
    "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"web-1\","
    "\"namespace\":\"prod\",\"labels\":{\"app\":\"web\",\"team\":\"pay\"}},"
    "\"spec\":{\"serviceAccountName\":\"web\",\"containers\":["
    "{\"name\":\"a\",\"image\":\"registry.example.com/a:1\",\"ports\":"
    "[{\"containerPort\":80},{\"containerPort\":443}],\"securityContext\":"
    "{\"allowPrivilegeEscalation\":false,\"capabilities\":{\"drop\":[\"ALL\"]"
    "}},\"resources\":{\"limits\":{\"cpu\":\"1\",\"memory\":\"1Gi\"}}},"
    "{\"name\":\"b\",\"image\":\"registry.example.com/b:1\",\"ports\":"
    "[{\"containerPort\":80}],\"securityContext\":"
    "{\"allowPrivilegeEscalation\":false,\"capabilities\":{\"drop\":[\"ALL\"]"
    "}}},{\"name\":\"c\",\"image\":\"registry.example.com/c:1\","
    "\"securityContext\":{\"allowPrivilegeEscalation\":false,\"capabilities\":"
    "{\"drop\":[\"ALL\"]}}}]}}";

static const struct {
	const char *name, *expr;
} rows[] = {
	{ "namespace", "object.metadata.namespace == 'prod'" },
	{ "label",
	    "has(object.metadata.labels) && 'team' in "
	    "object.metadata.labels" },
	{ "escalation",
	    "object.spec.containers.all(c, has(c.securityContext) && "
	    "has(c.securityContext.allowPrivilegeEscalation) && "
	    "c.securityContext.allowPrivilegeEscalation == false)" },
	{ "starts-with",
	    "object.spec.containers.all(c, "
	    "c.image.startsWith('registry.example.com/'))" },
	{ "matches",
	    "object.spec.containers.all(c, "
	    "c.image.matches('^registry.example.com/'))" },
	{ "capabilities",
	    "object.spec.containers.all(c, c.?securityContext.?capabilities."
	    "?drop.orValue([]).exists_one(d, d == 'ALL'))" },
	{ "ports",
	    "(object.spec.containers + object.spec.?initContainers.orValue("
	    "[])).all(c, c.?ports.orValue([]).all(p, p.containerPort in "
	    "[80, 443]))" },
	{ "map-filter",
	    "object.spec.containers.filter(c, has(c.ports)).map(c, "
	    "c.name).size() == 2" },
};

struct set {
	struct arena keep, scratch, docs;
	struct keytab keys;
	struct regex_set patterns;
	struct cel_builder *builder;
	const struct cel_program *program;
	struct cel_issues issues;
	struct cel_env env;
	size_t expressions;
};

static void
fatal(const char *what)
{
	fprintf(stderr, "bench: %s failed\n", what);
	exit(2);
}

static void
put(const char *what, const char *name, double value, const char *unit)
{
	printf("%s/%s\t%.2f\t%s\n", what, name, value, unit);
}

static void
set_begin(struct set *s)
{
	const struct cel_build_options options = { .compat = CEL_COMPAT_136,
		.patterns = &s->patterns };

	*s = (struct set){ 0 };
	arena_init(&s->keep, ARENA_RULESET_MAX);
	arena_init(&s->scratch, ARENA_COMPILE_MAX);
	arena_init(&s->docs, ARENA_COMPILE_MAX);
	regex_set_init(&s->patterns, &s->keep);
	if (keytab_init(&s->keys, &s->keep) != KG_OK)
		fatal("keys");
	s->builder = cel_builder_new(&s->keep, &s->scratch, &s->keys, &options);
	if (s->builder == NULL)
		fatal("builder");
	cel_issues_init(&s->issues, &s->scratch);
	vap_env_init(&s->env, &s->scratch, CEL_COMPAT_136);
}

static void
set_end(struct set *s)
{
	const enum kg_status st = cel_builder_finish(s->builder, &s->program);

	if (st != KG_OK) {
		fprintf(stderr, "status %d\n", (int)st);
		fatal("finish");
	}
}

static void
set_release(struct set *s)
{
	regex_set_release(&s->patterns);
	arena_release(&s->keep);
	arena_release(&s->scratch);
	arena_release(&s->docs);
}

static const struct value *
decode(struct set *s, struct kg_slice text)
{
	struct json_error error;
	const struct value *v;

	if (json_decode(&s->docs, &s->keys, text, NULL, &v, &error) != KG_OK)
		fatal("decode");
	return v;
}

/* A policy of one validation, as the exam writes them. */
static void
add_expression(struct set *s, struct kg_slice expr, struct vap_policy *out)
{
	const struct member validation[] = { { cel_string(SLICE("expression")),
	    cel_string(expr) } };
	const struct value row = cel_map(validation, 1);
	const struct member spec_members[] = {
		{ cel_string(SLICE("validations")), cel_list(&row, 1) }
	};
	const struct member members[] = { { cel_string(SLICE("spec")),
	    cel_map(spec_members, 1) } };
	const struct value policy = cel_map(members, 1);

	if (vap_build(s->builder, &s->env, &policy, &s->issues, out) != KG_OK)
		fatal("expression");
	s->expressions += out->expression_count;
}

/* --- Time --- */

struct run {
	struct cel_eval eval;
	const struct set *set;
	const struct value *slots[VAP_SLOTS];
	const struct vap_policy *policies;
	size_t count;
};

/* One request: every policy judges it. */
static void
judge_all(struct run *r)
{
	struct vap_result result;

	if (cel_eval_begin(&r->eval, r->set->program, r->slots, VAP_SLOTS) !=
	    KG_OK)
		fatal("begin");
	for (size_t i = 0; i < r->count; i++)
		vap_judge(&r->eval, &r->policies[i], &result);
}

/* The least of some rounds, each of about that many nanoseconds. */
static double
measure(struct run *r, unsigned rounds, double round_ns)
{
	double best = 0;
	unsigned long n = 1;

	for (unsigned round = 0; round < rounds;) {
		const double start = bench_now_ns();
		double each;

		for (unsigned long i = 0; i < n; i++)
			judge_all(r);
		each = (bench_now_ns() - start) / (double)n;
		if (each * (double)n < round_ns / 2) {
			n = (unsigned long)(round_ns / (each + 1)) + 1;
			continue;
		}
		if (round++ == 0 || each < best)
			best = each;
	}
	return best;
}

static double
time_set(struct set *s, const struct value *json,
    const struct vap_policy *policies, size_t count, double round_ns)
{
	struct run r = { .set = s, .policies = policies, .count = count };
	double ns;

	cel_eval_init(&r.eval, NULL);
	vap_slots(&s->docs, &s->keys, json, r.slots);
	ns = measure(&r, 5, round_ns);
	cel_eval_release(&r.eval);
	return ns;
}

/* {"object": the pod} with the keys of the set. */
static const struct value *
pod_case(struct set *s)
{
	char text[sizeof(pod) + 32];

	snprintf(text, sizeof(text), "{\"object\":%s}", pod);
	return decode(s, arena_copy(&s->docs, slice_str(text)));
}

static void
bench_rows(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct vap_policy policy;
		struct set s;

		set_begin(&s);
		add_expression(&s, slice_str(rows[i].expr), &policy);
		set_end(&s);
		put("cel-eval", rows[i].name,
		    time_set(&s, pod_case(&s), &policy, 1, 5e6), "ns");
		set_release(&s);
	}
}

/* Policies that differ in a constant each, over the same paths. */
static void
bench_thousand(void)
{
	static struct vap_policy policies[THOUSAND];
	struct set s;
	double all, one;

	set_begin(&s);
	for (size_t i = 0; i < THOUSAND; i++)
		add_expression(&s,
		    arena_printf(&s.scratch,
			i % 2 == 0 ? "object.metadata.namespace != 'ns%zu'"
				   : "!object.spec.containers.exists(c, "
				     "c.image == 'registry.example.com/%zu')",
			i),
		    &policies[i]);
	set_end(&s);
	one = time_set(&s, pod_case(&s), policies, 1, 1e6);
	all = time_set(&s, pod_case(&s), policies, THOUSAND, 2e7);
	put("cel-thousand", "all", all / 1000, "us");
	put("cel-thousand", "marginal", (all - one) / (THOUSAND - 1), "ns");
	set_release(&s);
}

/* --- The policies of the exam --- */

struct exam_file {
	struct arena arena;
	struct kg_slice lines[CASES_MAX];
	size_t count;
};

static bool
read_cases(struct exam_file *f)
{
	FILE *file = fopen(CASES, "r");
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;

	if (file == NULL)
		return false;
	arena_init(&f->arena, ARENA_COMPILE_MAX);
	while (f->count < CASES_MAX && (n = getline(&line, &cap, file)) != -1)
		f->lines[f->count++] =
		    arena_copy(&f->arena, slice_of(line, (size_t)n));
	free(line);
	(void)fclose(file);
	return f->count > 0;
}

static int
by_size(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void
put_quantiles(const char *what, double *values, size_t count)
{
	qsort(values, count, sizeof(*values), by_size);
	put(what, "p10", values[count / 10], "ns");
	put(what, "p50", values[count / 2], "ns");
	put(what, "p90", values[count * 9 / 10], "ns");
	put(what, "p99", values[count * 99 / 100], "ns");
}

static const struct value *
add_case(struct set *s, struct kg_slice line, struct vap_policy *out)
{
	const struct value *json = decode(s, line);

	if (vap_build(s->builder, &s->env, value_find(json, SLICE("policy")),
		&s->issues, out) != KG_OK)
		fatal("policy");
	s->expressions += out->expression_count;
	return json;
}

static void
bench_alone(const struct exam_file *f)
{
	static double times[CASES_MAX];

	for (size_t i = 0; i < f->count; i++) {
		struct vap_policy policy;
		const struct value *json;
		struct set s;

		set_begin(&s);
		json = add_case(&s, f->lines[i], &policy);
		set_end(&s);
		times[i] = time_set(&s, json, &policy, 1, 2e5);
		set_release(&s);
	}
	put_quantiles("cel-policy", times, f->count);
}

/* All policies of pods in one program, on one pod. */
static void
bench_together(const struct exam_file *f)
{
	static struct vap_policy policies[CASES_MAX];
	struct set s;
	const struct value *json = NULL;
	size_t count = 0;
	double all, one;

	set_begin(&s);
	for (size_t i = 0; i < f->count; i++) {
		const struct value *v = decode(&s, f->lines[i]);
		const struct value *kind =
		    value_find(value_find(v, SLICE("object")), SLICE("kind"));

		if (!slice_is(value_str(kind), "Pod"))
			continue;
		json = add_case(&s, f->lines[i], &policies[count++]);
	}
	set_end(&s);
	one = time_set(&s, json, policies, 1, 1e6);
	all = time_set(&s, json, policies, count, 2e7);
	put("cel-together", "policies", (double)count, "");
	put("cel-together", "all", all / 1000, "us");
	put("cel-together", "marginal", (all - one) / (double)(count - 1),
	    "ns");
	set_release(&s);
}

static void
bench_compile(const struct exam_file *f)
{
	double best = 0;

	for (unsigned round = 0; round < 5; round++) {
		struct vap_policy policy;
		double start, ns;
		struct set s;

		set_begin(&s);
		for (size_t i = 0; i < f->count; i++)
			(void)decode(&s, f->lines[i]);
		start = bench_now_ns();
		for (size_t i = 0; i < f->count; i++)
			(void)add_case(&s, f->lines[i], &policy);
		set_end(&s);
		ns = (bench_now_ns() - start) / (double)s.expressions;
		if (round == 0 || ns < best)
			best = ns;
		if (round == 0)
			put("cel-size", "shared",
			    (double)cel_program_size(s.program) /
				(double)s.expressions,
			    "B");
		set_release(&s);
	}
	put("cel-compile", "expression", best / 1000, "us");
}

/* Bytes of an expression of a policy that stands alone. */
static void
bench_size(const struct exam_file *f)
{
	double bytes = 0, expressions = 0;

	for (size_t i = 0; i < f->count; i++) {
		struct vap_policy policy;
		struct set s;

		set_begin(&s);
		(void)add_case(&s, f->lines[i], &policy);
		set_end(&s);
		bytes += (double)cel_program_size(s.program);
		expressions += (double)s.expressions;
		set_release(&s);
	}
	put("cel-size", "alone", bytes / expressions, "B");
}

void
bench_cel(void)
{
	static struct exam_file file;

	bench_rows();
	bench_thousand();
	if (!read_cases(&file)) {
		fprintf(stderr, "bench: no %s here\n", CASES);
		return;
	}
	bench_alone(&file);
	bench_together(&file);
	bench_compile(&file);
	bench_size(&file);
	arena_release(&file.arena);
}
