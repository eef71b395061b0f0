/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the decision share; nobody else includes this. */
#ifndef KG_REVIEW_DECIDE_IMPL_H
#define KG_REVIEW_DECIDE_IMPL_H

#include "policy/podkind.h"
#include "review/custom.h"
#include "review/exempt.h"
#include "review/reviewer.h"

struct decider {
	struct arena *arena;
	struct kg_decision *d;
	const struct kg_ruleset *set;
	const struct kg_call *call;
	struct namespace_view ns;
	const struct pod_kind *kind; /* NULL: no pod in it, or none to judge */
	struct pod pod, before;
	struct pod_call pod_call;
	struct access access;
	struct scan *scan; /* made when the first policy needs it */
	struct kg_finding *findings;
	size_t finding_count, finding_cap;
	struct kg_eval_error *errors;
	size_t error_cap;
	struct exempt_subject subject;
	struct kg_exception_use *uses;
	size_t use_cap;
	struct custom_run custom;
	struct kg_annotation *annotations;
};

/* Adds an evaluation error of the policy, which its failurePolicy weighs. */
void policy_error(
    struct decider *x, const struct policy *p, struct kg_slice message);

/* Adds a finding, or merges it with its equal of an earlier policy: those
 * before `mine`. False: there are too many. */
bool add_finding(struct decider *x, struct kg_finding *f, size_t mine);

/* The rules that are built in. */
enum kg_status judge_native(struct decider *x, const struct policy *p);

/* What a policy says of a request that its match lets through: its match
 * conditions, the built-in rules, its validations. */
enum kg_status judge_matched(struct decider *x, const struct policy *p);

#endif
