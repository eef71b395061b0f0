/* SPDX-License-Identifier: Apache-2.0 */
/* What of an object does not go into the log, and where it stood. */
#ifndef KG_AUDIT_REDACT_H
#define KG_AUDIT_REDACT_H

#include "audit/record.h"
#include "value/writer.h"

/* Values to leave out, by address, and their pointers. */
struct redaction {
	struct arena *arena;
	const struct value **values; /* sorted by address once complete */
	struct kg_slice *pointers;   /* in order of discovery */
	size_t count, cap;
};

/*
 * Finds what to leave out of one object of a request: env values whose names
 * nobody mentions, the copy that kubectl keeps, managedFields, and what the
 * audit policy names. `prefix` is "/object" or "/oldObject".
 */
void redact_object(struct redaction *r, const struct audit_policy *policy,
    const struct kg_ruleset *set, const struct kg_request *request,
    const struct value *object, const char *prefix);

/* To be called when all objects were looked at. */
void redact_seal(struct redaction *r);

/* The value without what is left out. */
void redact_write(
    const struct redaction *r, struct writer *w, const struct value *v);

#endif
