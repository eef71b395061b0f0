/* SPDX-License-Identifier: Apache-2.0 */
/* Labels are of fixed sets, so nothing a client sends can add a series. */
#include "server/metrics.h"

#include <inttypes.h>

#include "policy/podkind.h"

static const int64_t bucket_us[METRIC_BUCKETS] = { 10, 25, 50, 100, 250, 500,
	1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000,
	2500000, 5000000 };

static const char *const operations[METRIC_OPERATIONS] = { "CREATE", "UPDATE",
	"DELETE", "CONNECT", "" };

static const char *const resources[METRIC_RESOURCES] = { "pods", "podtemplates",
	"replicationcontrollers", "replicasets", "deployments", "statefulsets",
	"daemonsets", "jobs", "cronjobs", "namespaces", "other", "" };

static size_t
index_of(const char *const *names, size_t count, struct kg_slice name,
    size_t fallback)
{
	for (size_t i = 0; i < count; i++) {
		if (slice_is(name, names[i]))
			return i;
	}
	return fallback;
}

static void
add(atomic_uint_fast64_t *counter, uint64_t n)
{
	atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

void
metrics_count(
    struct metrics *m, const struct kg_decision *d, int64_t duration_us)
{
	const size_t operation = index_of(operations, METRIC_OPERATIONS,
	    d->request.operation, METRIC_OPERATIONS - 1);
	const size_t resource = index_of(resources, METRIC_RESOURCES,
	    d->request.resource.resource, METRIC_RESOURCES - 2);
	size_t bucket = 0;

	add(&m->requests[d->phase][d->verdict][operation][resource], 1);
	while (bucket < METRIC_BUCKETS && duration_us > bucket_us[bucket])
		bucket++;
	add(&m->buckets[bucket], 1);
	add(&m->duration_us, duration_us > 0 ? (uint64_t)duration_us : 0);
	for (size_t i = 0; i < d->finding_count; i++) {
		const enum rule rule = rule_find(d->findings[i].rule);

		if (rule != RULE_COUNT)
			add(&m->findings[rule][d->findings[i].action], 1);
	}
	exception_metrics_count(&m->exceptions, d);
}

/* One counter over all workers, by its place in the struct. */
static uint64_t
sum(const struct metrics *const *workers, size_t count,
    const atomic_uint_fast64_t *counter)
{
	const uintptr_t offset = (uintptr_t)counter - (uintptr_t)workers[0];
	uint64_t total = 0;

	for (size_t i = 0; i < count; i++) {
		const atomic_uint_fast64_t *c =
		    (const atomic_uint_fast64_t *)((uintptr_t)workers[i] +
			offset);

		total += atomic_load_explicit(c, memory_order_relaxed);
	}
	return total;
}

void
metrics_header(
    struct buf *out, const char *name, const char *type, const char *help)
{
	buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void
put_requests(struct buf *out, const struct metrics *const *w, size_t n)
{
	static const char *const phases[] = { "validate", "mutate" };

	metrics_header(out, "keepgate_admission_requests_total", "counter",
	    "Admission requests, by what was decided.");
	for (size_t p = 0; p < 2; p++)
		for (unsigned v = 0; v < 4; v++)
			for (size_t o = 0; o < METRIC_OPERATIONS; o++)
				for (size_t r = 0; r < METRIC_RESOURCES; r++) {
					const uint64_t count = sum(
					    w, n, &w[0]->requests[p][v][o][r]);

					if (count == 0)
						continue;
					buf_printf(out,
					    "keepgate_admission_requests_total"
					    "{phase=\"%s\",verdict=\"%s\","
					    "operation=\"%s\",resource=\"%s\"} "
					    "%" PRIu64 "\n",
					    phases[p],
					    kg_verdict_name((enum kg_verdict)v),
					    operations[o], resources[r], count);
				}
}

static void
put_durations(struct buf *out, const struct metrics *const *w, size_t n)
{
	static const char *const name = "keepgate_admission_duration_seconds";
	uint64_t total = 0;
	uint64_t us = sum(w, n, &w[0]->duration_us);

	metrics_header(out, name, "histogram",
	    "Time from the last byte of a request to its answer.");
	for (size_t i = 0; i < METRIC_BUCKETS; i++) {
		total += sum(w, n, &w[0]->buckets[i]);
		buf_printf(out, "%s_bucket{le=\"%g\"} %" PRIu64 "\n", name,
		    (double)bucket_us[i] / 1e6, total);
	}
	total += sum(w, n, &w[0]->buckets[METRIC_BUCKETS]);
	buf_printf(out, "%s_bucket{le=\"+Inf\"} %" PRIu64 "\n", name, total);
	buf_printf(out, "%s_sum %" PRIu64 ".%06" PRIu64 "\n", name,
	    us / 1000000, us % 1000000);
	buf_printf(out, "%s_count %" PRIu64 "\n", name, total);
}

static void
put_findings(struct buf *out, const struct metrics *const *w, size_t n)
{
	metrics_header(out, "keepgate_findings_total", "counter",
	    "Findings, by rule and action.");
	for (size_t r = 0; r < RULE_COUNT; r++)
		for (unsigned a = KG_ACTION_EXCEPTED; a <= KG_ACTION_DENY;
		     a++) {
			const uint64_t count = sum(w, n, &w[0]->findings[r][a]);

			if (count > 0)
				buf_printf(out,
				    "keepgate_findings_total{rule=\"%s\","
				    "action=\"%s\"} %" PRIu64 "\n",
				    rule_info[r].id,
				    kg_action_name((enum kg_action)a), count);
		}
}

void
metrics_put(struct buf *out, const struct metrics *const *workers, size_t count,
    const struct metrics_gauges *g)
{
	put_requests(out, workers, count);
	put_durations(out, workers, count);
	put_findings(out, workers, count);
	exception_metrics_put(out, workers, count);
	metrics_header(
	    out, "keepgate_ruleset_info", "gauge", "The rule set in force.");
	buf_printf(out, "keepgate_ruleset_info{hash=\"%.*s\"} 1\n",
	    SLICE_ARG(g->ruleset));
	metrics_header(out, "keepgate_journal_failures_total", "counter",
	    "Audit records that could not be written or synced.");
	buf_printf(out, "keepgate_journal_failures_total %" PRIu64 "\n",
	    g->journal_failures);
	metrics_header(out, "keepgate_certificate_expiry_seconds", "gauge",
	    "Seconds until the serving certificate expires, or the client CA.");
	buf_printf(out, "keepgate_certificate_expiry_seconds %" PRId64 "\n",
	    g->certificate_expiry_s);
	if (g->has_client_ca)
		buf_printf(out,
		    "keepgate_certificate_expiry_seconds"
		    "{certificate=\"client-ca\"} %" PRId64 "\n",
		    g->client_ca_expiry_s);
}
