/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a builtin is called. It gets as many arguments as its overload has
 * parameters, each of a kind that the overload's types allow (dyn: any), none
 * of them an error. It gives a value: its own, or one of kind CEL_ERROR for
 * what went wrong. Memory, limits, cost, zones and the authorizer it reaches
 * through the evaluation (see the evaluator's header).
 */
#ifndef KG_CEL_FUNCTION_H
#define KG_CEL_FUNCTION_H

#include "cel/value.h"

struct cel_eval;

typedef struct value cel_function(
    struct cel_eval *eval, const struct value *args);

/* cel_fn_*: the implementations that builtin.def names. */
#define OVERLOAD(id, function, style, args, result, impl, ...) \
	cel_function cel_fn_##impl;
#include "cel/builtin.def"
#undef OVERLOAD

/* Of what is declared only: an error that says so. */
cel_function cel_fn_missing;

#endif
