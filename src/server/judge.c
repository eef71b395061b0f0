/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One request: review, record, answer, in that order. Nothing is answered
 * that is not in the journal, unless audit.onFailure says so.
 */
#include "base/limits.h"
#include "io/file.h"
#include "io/log.h"
#include "review/reviewer.h"
#include "server/worker.h"

static enum kg_status
write_record(struct worker *w, const struct kg_ruleset *set,
    const struct kg_decision *d, int64_t latency_us)
{
	const struct record_context context = { .time_us = clock_wall_us(),
		.latency_us = latency_us };
	struct kg_slice body;
	enum kg_status st;

	if (w->server->journal == NULL)
		return KG_OK;
	arena_reset(&w->scratch);
	st = record_decision(
	    &w->scratch, &w->server->options->audit, set, d, &context, &body);
	if (st == KG_OK)
		st = journal_append(w->server->journal, body);
	return st;
}

/* Records a decision; a decision that cannot be recorded is refused, or, if
 * the configuration wants that, answered and counted. */
static void
record(struct worker *w, const struct kg_ruleset *set, struct kg_decision *d,
    int64_t latency_us)
{
	if (write_record(w, set, d, latency_us) == KG_OK)
		return;
	if (w->server->options->audit_fail_open)
		journal_count_lost(w->server->journal);
	else if (!d->malformed)
		decision_refuse(d,
		    SLICE("the audit log cannot be written, so nothing is "
			  "admitted (audit.onFailure: deny)"));
}

/* The answer of last resort: the API server applies its failurePolicy. */
static void
no_answer(struct answer *out)
{
	*out = (struct answer){ .status = 500,
		.body = SLICE("out of memory for this review\n") };
}

void
judge_request(struct worker *w, enum kg_phase phase, bool selftest,
    struct kg_slice body, int64_t since_us, struct answer *out)
{
	const struct kg_call call = { .phase = phase,
		.recorded = w->server->journal != NULL &&
		    w->server->options->audit.objects != AUDIT_NONE,
		.now_us = clock_wall_us() };
	const struct kg_ruleset *set;
	const struct kg_decision *d;
	enum kg_status st;

	worker_refresh(w);
	set = w->set;
	st = kg_review(w->reviewer, set, &call, body, &d);
	if (st == KG_NOMEM || (st != KG_OK && !d->malformed))
		LOG(LOG_ERROR, "review", log_text("what", "out-of-memory"),
		    log_int("bytes", (int64_t)body.len));
	if (!selftest) {
		const int64_t took = clock_mono_us() - since_us;

		record(w, set, &w->reviewer->decision, took);
		metrics_count(w->metrics, d, took);
	}
	out->status = d->malformed ? (unsigned)d->code : 200;
	out->json = !d->malformed;
	if (kg_decision_reply(w->reviewer, d, &out->body) != KG_OK)
		no_answer(out);
}

void
judge_forget(struct worker *w)
{
	if (w->reviewer->arena.total > ARENA_KEEP_MAX)
		arena_reset(&w->reviewer->arena);
	if (w->scratch.total > ARENA_KEEP_MAX)
		arena_reset(&w->scratch);
}
