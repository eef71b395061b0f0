/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The expressions of a ValidatingAdmissionPolicy of the exams, compiled into
 * a program of one or many policies, and evaluated for a request. Matching
 * and bindings are not looked at.
 */
#ifndef KG_TESTS_EXAM_VAP_POLICY_H
#define KG_TESTS_EXAM_VAP_POLICY_H

#include "cel/authorizer.h"
#include "cel/cel.h"
#include "cel/check.h"
#include "cel/parse.h"
#include "value/json.h"

enum {
	VAP_OBJECT,
	VAP_OLD_OBJECT,
	VAP_REQUEST,
	VAP_PARAMS,
	VAP_NAMESPACE,
	VAP_AUTHORIZER,
	VAP_VARIABLES,
	VAP_SLOTS,
};

#define VAP_NONE UINT32_MAX

struct vap_validation {
	uint32_t root;
	uint32_t message; /* of messageExpression; VAP_NONE */
};

struct vap_policy {
	uint32_t *conditions;
	struct vap_validation *validations;
	size_t condition_count, validation_count;
	size_t expression_count; /* of all kinds */
};

enum vap_verdict { VAP_ALLOW, VAP_DENY, VAP_ERROR };

struct vap_result {
	enum vap_verdict verdict;
	uint64_t cost;         /* less what cel_eval_settle() tells */
	struct kg_slice error; /* of the last one */
};

/* The environment of all policies. */
void vap_env_init(struct cel_env *env, struct arena *a, unsigned compat);

/* Adds the policy's expressions; KG_INVALID: issues say why, in the arena
 * that serves the build. */
enum kg_status vap_build(struct cel_builder *b, const struct cel_env *base,
    const struct value *policy, struct cel_issues *issues,
    struct vap_policy *out);

/*
 * Values of the variables of a case, in their slots, as if they had been
 * decoded with the keys that the program has added.
 */
void vap_slots(struct arena *a, const struct keytab *keys,
    const struct value *json, const struct value *slots[VAP_SLOTS]);

/* Between cel_eval_begin() and the next. */
void vap_judge(struct cel_eval *e, const struct vap_policy *policy,
    struct vap_result *out);

#endif
