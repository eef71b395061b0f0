/* SPDX-License-Identifier: Apache-2.0 */
/* What of an object does not go into the log, and where it stood. */
#ifndef KG_AUDIT_REDACT_H
#define KG_AUDIT_REDACT_H

#include "audit/cut.h"
#include "audit/record.h"
#include "value/writer.h"

/* What to leave out, and where it stood. */
struct redaction {
	struct cuts cuts;
	struct buf where;    /* the pointer of what is looked at */
	struct buf pointers; /* JSON strings, in order of discovery */
	struct writer list;  /* over them */
};

void redaction_init(struct redaction *r, struct arena *arena);

/*
 * Finds what to leave out of one object of a request: env values whose names
 * nobody mentions, the copy that kubectl keeps, managedFields, and what the
 * audit policy names. `prefix` is "/object" or "/oldObject". To be followed by
 * cuts_seal() when all objects were looked at.
 */
void redact_object(struct redaction *r, const struct audit_policy *policy,
    const struct kg_ruleset *set, const struct kg_request *request,
    const struct value *object, const char *prefix);

#endif
