/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Evaluating what users wrote: match conditions, validations, audit
 * annotations. Values of variables and of all that policies share are kept
 * for the whole request.
 */
#ifndef KG_REVIEW_CUSTOM_H
#define KG_REVIEW_CUSTOM_H

#include "policy/ruleset.h"

/* One request's evaluations. */
struct custom_run {
	struct arena *arena;   /* of the review */
	struct cel_eval *eval; /* of the reviewer */
	const struct kg_ruleset *set;
	const struct kg_request *request;
	const struct value *slots[SLOT_COUNT];
	bool begun;
};

/* What one policy's expressions say. Lists live in the arena. */
struct custom_outcome {
	struct kg_finding *findings;
	struct kg_slice *errors; /* messages, in order */
	struct kg_annotation *annotations;
	size_t finding_count, error_count, annotation_count;
};

/* Which of them this request's object goes to. */
enum custom_match {
	CUSTOM_MATCH,
	CUSTOM_SKIP,  /* a condition is false */
	CUSTOM_ERROR, /* one could not be evaluated; outcome->errors says why */
};

/*
 * Starts on a policy, whose enclave facts these are (NULL: it has no use for
 * them), and asks its match conditions.
 */
enum custom_match custom_conditions(struct custom_run *run,
    const struct policy *policy, const struct value *enclave,
    struct custom_outcome *outcome);

/* Runs validations, then audit annotations. The outcome is added to. */
void custom_validate(struct custom_run *run, const struct policy *policy,
    struct custom_outcome *outcome);

#endif
