/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Series come from the rule set's exceptions, not from requests, and are
 * capped all the same: rule sets come and go while the server lives.
 */
#include <inttypes.h>

#include "server/metrics.h"

#define NAME "keepgate_exceptions_total"

static bool
series_is(
    const struct exception_series *s, const char *policy, const char *rule)
{
	return strcmp(s->policy, policy) == 0 && strcmp(s->rule, rule) == 0;
}

/* The series of these names, made when it is new; NULL past the cap. */
static struct exception_series *
find_series(struct exception_metrics *m, const struct kg_exception_use *use)
{
	struct exception_series wanted = { .count = 0 };
	const size_t used =
	    atomic_load_explicit(&m->used, memory_order_relaxed);
	size_t i = 0;

	(void)snprintf(wanted.policy, sizeof(wanted.policy), "%.*s",
	    SLICE_ARG(use->policy));
	(void)snprintf(
	    wanted.rule, sizeof(wanted.rule), "%.*s", SLICE_ARG(use->rule));
	while (
	    i < used && !series_is(&m->series[i], wanted.policy, wanted.rule))
		i++;
	if (i == EXCEPTION_SERIES_MAX)
		return NULL;
	if (i == used) {
		memcpy(
		    m->series[i].policy, wanted.policy, sizeof(wanted.policy));
		memcpy(m->series[i].rule, wanted.rule, sizeof(wanted.rule));
		atomic_store_explicit(&m->used, used + 1, memory_order_release);
	}
	return &m->series[i];
}

void
exception_metrics_count(
    struct exception_metrics *m, const struct kg_decision *d)
{
	for (size_t i = 0; i < d->exception_count; i++) {
		struct exception_series *s = find_series(m, &d->exceptions[i]);

		atomic_fetch_add_explicit(s != NULL ? &s->count : &m->others, 1,
		    memory_order_relaxed);
	}
}

static size_t
used_of(const struct metrics *m)
{
	return atomic_load_explicit(&m->exceptions.used, memory_order_acquire);
}

static bool
seen_before(const struct metrics *const *workers, size_t before,
    const struct exception_series *s)
{
	for (size_t w = 0; w < before; w++) {
		for (size_t i = 0; i < used_of(workers[w]); i++) {
			if (series_is(&workers[w]->exceptions.series[i],
				s->policy, s->rule))
				return true;
		}
	}
	return false;
}

static uint64_t
total_of(const struct metrics *const *workers, size_t count,
    const struct exception_series *s)
{
	uint64_t total = 0;

	for (size_t w = 0; w < count; w++) {
		for (size_t i = 0; i < used_of(workers[w]); i++) {
			const struct exception_series *other =
			    &workers[w]->exceptions.series[i];

			if (series_is(other, s->policy, s->rule))
				total += atomic_load_explicit(
				    &other->count, memory_order_relaxed);
		}
	}
	return total;
}

/* Label values: a policy's name may be anything that YAML can hold. */
static void
put_label(struct buf *out, const char *text)
{
	for (const char *p = text; *p != '\0'; p++) {
		if (*p == '\n')
			buf_puts(out, "\\n");
		else {
			if (*p == '"' || *p == '\\')
				buf_putc(out, '\\');
			buf_putc(out, *p);
		}
	}
}

static void
put_series(struct buf *out, const struct metrics *const *workers, size_t count,
    const struct exception_series *s)
{
	buf_puts(out, NAME "{policy=\"");
	put_label(out, s->policy);
	buf_puts(out, "\",rule=\"");
	put_label(out, s->rule);
	buf_printf(out, "\"} %" PRIu64 "\n", total_of(workers, count, s));
}

void
exception_metrics_put(
    struct buf *out, const struct metrics *const *workers, size_t count)
{
	uint64_t others = 0;

	buf_puts(out,
	    "# HELP " NAME " Findings that an exception took the action of.\n"
	    "# TYPE " NAME " counter\n");
	for (size_t w = 0; w < count; w++) {
		for (size_t i = 0; i < used_of(workers[w]); i++) {
			const struct exception_series *s =
			    &workers[w]->exceptions.series[i];

			if (!seen_before(workers, w, s))
				put_series(out, workers, count, s);
		}
		others += atomic_load_explicit(
		    &workers[w]->exceptions.others, memory_order_relaxed);
	}
	if (others > 0)
		buf_printf(out,
		    NAME "{policy=\"other\",rule=\"other\"} %" PRIu64 "\n",
		    others);
}
