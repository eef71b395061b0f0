/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Regular expressions: as compiled at load (plain comparison or PCRE2's JIT)
 * beside our own matcher alone, patterns that are slow to backtrack among
 * them; and what compiling takes.
 */
#include "base/limits.h"
#include "bench/bench.h"
#include "value/regex.h"

#define ROUNDS 7
#define ROUND_NS 5e6
#define BATCH 200

static const struct {
	const char *name, *pattern, *text;
} rows[] = {
	{ "prefix", "^registry\\.example/", "registry.example/team/app:1.0" },
	{ "alternation", "^(docker\\.io|quay\\.io)/.+$",
	    "docker.io/library/nginx:1.25" },
	{ "digest", "^[^:@]+(:[^@]+)?@sha256:[a-f0-9]{64}$",
	    "registry.example/team/app:1.0@sha256:"
	    "0123456789abcdef0123456789abcdef"
	    "0123456789abcdef0123456789abcdef" },
	{ "subdomain",
	    "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*"
	    "[a-z0-9])?)*$",
	    "apiextensions.k8s.io" },
	{ "nested-plus", "(a+)+$",
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab" },
	{ "overlapping", "^(a|aa)+$",
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab" },
};

struct bench_row {
	struct arena arena;
	struct regex_set set;
	struct regex_scratch scratch;
	struct kg_slice pattern, text;
	const struct regex *re;
};

static void
fatal(const char *pattern)
{
	fprintf(stderr, "bench: %s failed\n", pattern);
	exit(2);
}

static void
match(struct bench_row *b)
{
	bool found;

	if (regex_match(b->re, &b->scratch, b->text, &found) != KG_OK)
		fatal(b->pattern.ptr);
}

static void
compile(struct bench_row *b)
{
	struct regex_error error;

	arena_reset(&b->arena);
	regex_set_init(&b->set, &b->arena);
	regex_scratch_init(&b->scratch, &b->arena);
	if (regex_compile(&b->set, &b->arena, b->pattern, &error, &b->re) !=
	    KG_OK)
		fatal(b->pattern.ptr);
}

static void
compile_and_drop(struct bench_row *b)
{
	compile(b);
	regex_set_release(&b->set);
}

static void
compile_once(struct bench_row *b)
{
	struct regex_error error;

	arena_reset(&b->arena);
	regex_scratch_init(&b->scratch, &b->arena);
	if (regex_compile_once(&b->arena, b->pattern, &error, &b->re) != KG_OK)
		fatal(b->pattern.ptr);
}

/* Nanoseconds of one call, the least of all rounds. */
static double
measure(struct bench_row *b, void (*call)(struct bench_row *b))
{
	double best = 1e18;

	for (unsigned round = 0; round < ROUNDS; round++) {
		const double start = bench_now_ns();
		double each = 0;
		unsigned long n = 0;

		while (each < ROUND_NS) {
			for (unsigned i = 0; i < BATCH; i++)
				call(b);
			n += BATCH;
			each = bench_now_ns() - start;
		}
		if (each / (double)n < best)
			best = each / (double)n;
	}
	return best;
}

void
bench_regex(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bench_row b = { .pattern = slice_str(rows[i].pattern),
			.text = slice_str(rows[i].text) };

		arena_init(&b.arena, 64 * MIB);
		printf("regex-load/%s\t%.1f\tus\n", rows[i].name,
		    measure(&b, compile_and_drop) / 1000);
		printf("regex-once/%s\t%.1f\tus\n", rows[i].name,
		    measure(&b, compile_once) / 1000);
		printf("regex-own/%s\t%.0f\tns\n", rows[i].name,
		    measure(&b, match));
		compile(&b);
		printf("regex-match/%s\t%.0f\tns\n", rows[i].name,
		    measure(&b, match));
		regex_set_release(&b.set);
		arena_release(&b.arena);
	}
}
