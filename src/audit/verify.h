/* SPDX-License-Identifier: Apache-2.0 */
/* Checking a chain line by line, and picking records out of it. */
#ifndef KG_AUDIT_VERIFY_H
#define KG_AUDIT_VERIFY_H

#include "audit/record.h"

struct verifier {
	struct sha256 *hash;
	uint64_t records;
	uint64_t first, next;  /* seq of the first record; of the next */
	char prev[SHA256_HEX]; /* hash of the last line */
	bool started;
};

enum kg_status verifier_init(struct verifier *v) KG_MUST_CHECK;
void verifier_release(struct verifier *v);

/*
 * Takes the next line (without its newline). KG_INVALID with the reason in
 * `why` when the chain breaks here; the verifier then is of no more use.
 * KG_NOMEM: nothing is known of the line.
 */
enum kg_status verifier_line(struct verifier *v, struct arena *arena,
    const struct keytab *keys, struct kg_slice line,
    struct buf *why) KG_MUST_CHECK;

/* What `audit list` asks for; empty members ask for nothing. */
struct record_filter {
	struct kg_slice verdict, rule, user, ns, kind;
	int64_t since_us, until_us; /* INT64_MIN and INT64_MAX: any time */
};

/* True when a record (a decoded line) is a decision that fits. */
bool record_fits(const struct record_filter *f, const struct value *record);

/* One line for people, and an indented one for each finding. */
void record_put_text(struct buf *out, const struct value *record);

#endif
