/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the exam sets of the expression language share: values and types as
 * the cases write them, and compiling and evaluating one expression.
 */
#ifndef KG_TESTS_EXAM_CEL_CASE_H
#define KG_TESTS_EXAM_CEL_CASE_H

#include "cel/cel.h"
#include "cel/check.h"
#include "cel/parse.h"
#include "exam/exam.h"

struct cel_case {
	struct exam *exam;
	struct arena *arena; /* of the case */
	struct cel_env env;
	struct kg_slice expr;
	bool no_macros, no_check, check_only;
	const struct value **slots; /* by variable */
	size_t slot_count;
};

enum case_end {
	CASE_VALUE,
	CASE_REFUSED, /* by parser, checker or compiler */
	CASE_ERROR,   /* the value is one */
	CASE_BROKEN,  /* out of memory and the like */
};

struct case_result {
	enum case_end end;
	struct value value; /* good until the next run */
	const struct cel_type *type;
	uint64_t cost;
	struct kg_slice text; /* of an error or refusal */
};

/* A case of Kubernetes' environment at this level. */
void cel_case_init(
    struct cel_case *c, struct exam *e, struct kg_slice expr, unsigned compat);

/* Declares a variable and gives it a value; NULL: none. */
void cel_case_bind(struct cel_case *c, struct kg_slice name,
    const struct cel_type *type, const struct value *v);

/* The state of evaluations is made once and kept. */
void cel_case_run(struct cel_case *c, const struct cel_build_options *options,
    struct cel_eval *eval, struct case_result *out);

/* {"int":"1"}, {"list":[...]} ...: a value; kind error: it is none. */
struct value cel_case_value(struct arena *a, const struct value *json);

/* "int", {"list":"int"} ...; NULL: none of ours. */
const struct cel_type *cel_case_type(
    struct arena *a, const struct cel_env *env, const struct value *json);

/* Exactly: types as well, maps in any order, NaN is NaN. */
bool cel_case_same(const struct value *a, const struct value *b);

/* For messages. */
void cel_case_put(struct buf *out, const struct value *v);

/* With zones from the system's tzdata and an authorizer that denies. */
const struct cel_host *cel_case_host(void);

/* The one state of evaluations that all cases share, with that host. */
struct cel_eval *cel_case_eval(void);

#endif
