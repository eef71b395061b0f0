/* SPDX-License-Identifier: Apache-2.0 */
/* The state of one reviewing thread, and the steps of a review. */
#ifndef KG_REVIEW_REVIEWER_H
#define KG_REVIEW_REVIEWER_H

#include "policy/ruleset.h"

struct kg_reviewer {
	struct arena arena;   /* reset at the start of each review */
	struct arena out;     /* of the answer: it must be possible even when
				 the review ran out of memory */
	struct cel_eval eval; /* of expressions; keeps its memory */
	struct cel_host host; /* what they may ask for */
	struct kg_decision decision;
};

/*
 * Judges a request that was read: fills in verdict, code, findings, errors
 * and profile of the decision, whatever happens. KG_OK, or what made the
 * arena fail (the decision then is an error).
 */
enum kg_status decide(struct kg_reviewer *r, const struct kg_ruleset *set,
    const struct kg_call *call) KG_MUST_CHECK;

/*
 * One line for people: "RULE POINTER: found ...; allowed ...; fix: ...",
 * control characters escaped.
 */
void finding_put_line(struct buf *out, const struct kg_finding *f);

/*
 * Turns a decision into a refusal for a reason of the server's own (the audit
 * log cannot be written): verdict error, code 500, `error` (borrowed).
 */
void decision_refuse(struct kg_decision *d, struct kg_slice error);

#endif
