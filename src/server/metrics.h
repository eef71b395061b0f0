/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counters of one worker, written by its thread alone and read by the admin
 * thread: relaxed atomics, no lock. The admin thread adds them up.
 */
#ifndef KG_SERVER_METRICS_H
#define KG_SERVER_METRICS_H

#include <stdatomic.h>

#include "base/buf.h"
#include "base/limits.h"
#include "enclave/enclave.h"

#define METRIC_OPERATIONS 5 /* the four, and none */
#define METRIC_RESOURCES 12 /* those that carry pods, other, and none */
#define METRIC_BUCKETS 18

/* Uses of exceptions against one rule of one policy. The names are written
 * before `used` counts the series in, and never again. */
struct exception_series {
	char policy[256]; /* a Kubernetes name is shorter; else it is cut */
	char rule[16];
	atomic_uint_fast64_t count;
};

struct exception_metrics {
	struct exception_series series[EXCEPTION_SERIES_MAX];
	atomic_size_t used;
	atomic_uint_fast64_t others; /* past the cap */
};

struct metrics {
	atomic_uint_fast64_t requests[2][4][METRIC_OPERATIONS]
				     [METRIC_RESOURCES];
	atomic_uint_fast64_t buckets[METRIC_BUCKETS + 1]; /* the last: +Inf */
	atomic_uint_fast64_t duration_us;
	atomic_uint_fast64_t findings[RULE_COUNT][KG_ACTION_DENY + 1];
	struct exception_metrics exceptions;
};

/* Counts one decision that took so long. */
void metrics_count(
    struct metrics *m, const struct kg_decision *d, int64_t duration_us);

struct metrics_gauges {
	struct kg_slice ruleset;
	uint64_t journal_failures;
	int64_t certificate_expiry_s; /* from now; may be negative */
	bool has_client_ca;
	int64_t client_ca_expiry_s; /* of the first to expire */
};

/* # HELP and # TYPE. */
void metrics_header(
    struct buf *out, const char *name, const char *type, const char *help);

/* Prometheus text format, over all workers. */
void metrics_put(struct buf *out, const struct metrics *const *workers,
    size_t count, const struct metrics_gauges *gauges);

/* metrics_exception.c: the part that those two leave to it. */
void exception_metrics_count(
    struct exception_metrics *m, const struct kg_decision *d);
void exception_metrics_put(
    struct buf *out, const struct metrics *const *workers, size_t count);

#endif
