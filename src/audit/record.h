/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Audit records: one JSON object a line, each with the SHA-256 of the line
 * before it, so that a line changed, lost or added shows. Formats lines and
 * checks chains; writing them is io/journal.h.
 */
#ifndef KG_AUDIT_RECORD_H
#define KG_AUDIT_RECORD_H

#include "base/buf.h"
#include "base/sha256.h"
#include "value/node.h"
#include "value/json.h"
#include "value/writer.h"

/* Where a chain stands. Guarded by its owner. */
struct chain {
	struct sha256 *hash;
	uint64_t seq;          /* of the next record */
	char prev[SHA256_HEX]; /* of the line before it; zeros at the start */
};

enum audit_objects {
	AUDIT_NONE,
	AUDIT_METADATA,
	AUDIT_FULL,
};

/* What of a request is recorded. Borrowed and immutable. */
struct audit_policy {
	enum audit_objects objects;
	struct string_list redact;   /* JSON pointers; "*" for any member */
	struct string_list env_keep; /* env names whose values stay */
};

/* What the deciding thread adds to a decision. */
struct record_context {
	int64_t time_us; /* since the epoch, UTC */
	int64_t latency_us;
	uint64_t lost; /* records lost before this one (onFailure: allow) */
};

/*
 * A record falls into two parts. Its body does not depend on the chain and is
 * built by the deciding thread, outside any lock: everything after "prev",
 * from `,"time":...` to the closing brace. record_seal() then puts
 * {"v":1,"seq":N,"prev":"..." before it and moves the chain on.
 */
enum kg_status record_decision(struct arena *arena,
    const struct audit_policy *policy, const struct kg_decision *decision,
    const struct record_context *context, struct kg_slice *body) KG_MUST_CHECK;

struct record_open {
	int64_t time_us;
	struct kg_slice previous; /* file name; "" none */
	uint64_t recovered_bytes;
	struct kg_slice ruleset;
};
enum kg_status record_open_body(struct arena *arena,
    const struct record_open *open, struct kg_slice *body) KG_MUST_CHECK;
enum kg_status record_close_body(
    struct arena *arena, int64_t time_us, struct kg_slice *body) KG_MUST_CHECK;

/* The head of a record into `head` (at least RECORD_HEAD_MAX bytes). */
#define RECORD_HEAD_MAX 160
size_t record_head(const struct chain *chain, char *head);

/* Hashes head and body, as one line without its newline, into the chain. */
enum kg_status chain_advance(struct chain *chain, struct kg_slice head,
    struct kg_slice body) KG_MUST_CHECK;

/* "2026-11-23T14:30:00.123456Z" */
#define TIME_TEXT_LEN 27
void time_text(int64_t time_us, char out[TIME_TEXT_LEN]);
/* RFC 3339, any offset, any fraction; false when it is not one. */
bool time_parse(struct kg_slice text, int64_t *time_us);

#endif
