/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One request: review, record, answer. No answer leaves before its record is
 * in the journal, unless audit.onFailure says so. The records of one turn of
 * the loop are written together, at its end, as its answers leave.
 */
#include "base/limits.h"
#include "io/file.h"
#include "io/log.h"
#include "review/reviewer.h"
#include "server/worker.h"

/* Only where it is sure that there will be room for it. */
static bool
may_wait(const struct worker *w, struct kg_slice body)
{
	const struct server *s = w->server;

	return w->waiting_count < JOURNAL_APPEND_MAX &&
	    w->waiting_bytes + body.len <= JOURNAL_ROOM / s->worker_count &&
	    journal_has_room(s->journal);
}

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
	if (w->waiting_count == 0)
		arena_reset(&w->records);
	st = record_decision(
	    &w->records, &w->server->options->audit, set, d, &context, &body);
	if (st != KG_OK)
		return st;
	if (!may_wait(w, body))
		return journal_append(w->server->journal, &body, 1);
	w->waiting[w->waiting_count++] = body;
	w->waiting_bytes += body.len;
	return KG_OK;
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

bool
judge_settle(struct worker *w)
{
	const size_t count = w->waiting_count;

	if (count == 0)
		return true;
	w->waiting_count = w->waiting_bytes = 0;
	if (journal_append(w->server->journal, w->waiting, count) == KG_OK)
		return true;
	if (!w->server->options->audit_fail_open)
		return false;
	for (size_t i = 0; i < count; i++)
		journal_count_lost(w->server->journal);
	return true;
}

void
judge_forget(struct worker *w)
{
	if (w->reviewer->arena.total > ARENA_KEEP_MAX)
		arena_reset(&w->reviewer->arena);
	if (w->records.total > ARENA_KEEP_MAX && w->waiting_count == 0)
		arena_reset(&w->records);
}
