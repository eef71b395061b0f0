/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Audit records: one JSON object a line, each with the SHA-256 of the line
 * before it, so that a line that was changed, lost or added shows. Here
 * records are formatted and chained; io/journal.h writes them.
 *
 * A record falls into two parts. The deciding thread builds its body, outside
 * any lock: all that does not depend on the chain, from `,"time":` to the
 * closing brace. The head, {"v":1,"seq":42,"prev":"...", is put before it
 * when the record takes its place in the chain.
 */
#ifndef KG_AUDIT_RECORD_H
#define KG_AUDIT_RECORD_H

#include "base/buf.h"
#include "base/time.h"
#include "policy/ruleset.h"

enum audit_objects {
	AUDIT_NONE,
	AUDIT_METADATA,
	AUDIT_FULL,
};

/* What of a request is recorded. Borrowed, immutable. */
struct audit_policy {
	enum audit_objects objects;
	struct string_list redact; /* JSON pointers; "*" is any member */
};

/* What the deciding thread knows besides the decision. */
struct record_context {
	int64_t time_us; /* since the epoch, UTC */
	int64_t latency_us;
};

/*
 * The body of a decision's record, in the arena. Redacted values are left out
 * and their pointers listed; the rest of the objects is the body's own text.
 * KG_OK, or what made the arena fail; KG_INVALID when objects are asked for and
 * the call of the review did not say that it would be recorded.
 */
enum kg_status record_decision(struct arena *arena,
    const struct audit_policy *policy, const struct kg_ruleset *set,
    const struct kg_decision *decision, const struct record_context *context,
    struct kg_slice *body) KG_MUST_CHECK;

struct record_open {
	int64_t time_us;
	struct kg_slice previous; /* name of the file before; "" none */
	uint64_t recovered_bytes; /* of a torn last line, cut off */
	struct kg_slice ruleset;
};

enum kg_status record_open_body(struct arena *arena,
    const struct record_open *open, struct kg_slice *body) KG_MUST_CHECK;

/* Something the server works with was loaded anew, or could not be. */
struct record_reload {
	int64_t time_us;
	struct kg_slice what;    /* "policies", "certificate", "client-ca" */
	struct kg_slice ruleset; /* in force from here on */
	struct kg_slice error;   /* ""; or why what was there stays */
};

enum kg_status record_reload_body(struct arena *arena,
    const struct record_reload *reload, struct kg_slice *body) KG_MUST_CHECK;
enum kg_status record_close_body(
    struct arena *arena, int64_t time_us, struct kg_slice *body) KG_MUST_CHECK;

/* Where a chain stands. Guarded by its owner. */
struct chain {
	struct sha256 *hash;
	uint64_t seq;          /* of the next record; the first is 1 */
	char prev[SHA256_HEX]; /* of the line before it; zeros at the start */
};

/* KG_NOMEM when there is no digest to be had. */
enum kg_status chain_init(struct chain *chain) KG_MUST_CHECK;
void chain_release(struct chain *chain);

/* The head of the next record; `lost` records before it could not be written
 * (0: not mentioned). `head` holds RECORD_HEAD_MAX bytes; gives the length. */
#define RECORD_HEAD_MAX 192
size_t chain_head(const struct chain *chain, uint64_t lost, char *head);

/*
 * A line (head and body, no newline) takes its place: the next one follows
 * it. Before it is written, because a line that stands must not find the
 * chain unable to go on; when it cannot be written, the owner puts back the
 * copy of the chain that he took before.
 */
enum kg_status chain_add(struct chain *chain, struct kg_slice head,
    struct kg_slice body) KG_MUST_CHECK;

/* Continues behind a line that was read: its seq, and its hash. */
enum kg_status chain_resume(
    struct chain *chain, struct kg_slice line, uint64_t seq) KG_MUST_CHECK;

#endif
