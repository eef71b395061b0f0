/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a function or operator takes and gives: the rows of builtin.def. The
 * checker picks those that can apply to a call, the VM the one that does.
 */
#ifndef KG_CEL_OVERLOAD_H
#define KG_CEL_OVERLOAD_H

#include "cel/function.h"
#include "cel/type.h"

enum cel_style {
	CEL_OPERATOR, /* "_+_", "@in": a global call with a sign of its own */
	CEL_GLOBAL,   /* size(x), optional.of(x) */
	CEL_MEMBER,   /* x.size(): x is params[0] */
};

/* Libraries an environment may have or not; bits of cel_env.libraries. */
enum cel_library {
	CEL_LIB_STANDARD = 1 << 0,
	CEL_LIB_OPTIONALS = 1 << 1,
	CEL_LIB_STRINGS = 1 << 2,
	CEL_LIB_LISTS = 1 << 3,
	CEL_LIB_SETS = 1 << 4,
	CEL_LIB_REGEX = 1 << 5,
	CEL_LIB_URL = 1 << 6,
	CEL_LIB_IP = 1 << 7,
	CEL_LIB_CIDR = 1 << 8,
	CEL_LIB_QUANTITY = 1 << 9,
	CEL_LIB_SEMVER = 1 << 10,
	CEL_LIB_FORMAT = 1 << 11,
	CEL_LIB_AUTHORIZER = 1 << 12,
	CEL_LIB_DECLARED = 1 << 13, /* added by cel_env_add_function() */
	CEL_LIB_ALL = (1 << 14) - 1,
};

/*
 * How many units a call costs, as Kubernetes counts them (cost.c). Sizes are
 * those of size(): code points of a string, elements of a list.
 */
enum cel_cost {
	CEL_COST_ZERO,
	CEL_COST_ONE,
	CEL_COST_STRING,   /* a tenth of the first argument's size */
	CEL_COST_ARGUMENT, /* ... of the second's */
	CEL_COST_SPLIT,    /* ... two tenths */
	CEL_COST_JOIN,     /* ... two tenths of the result's */
	CEL_COST_CONCAT,   /* ... a tenth of both arguments' together */
	CEL_COST_EQUAL,    /* ... of the smaller one's */
	CEL_COST_CONTAINS, /* ... of the first's times ... of the second's */
	CEL_COST_MATCHES,
	CEL_COST_IN_LIST,  /* the list's elements */
	CEL_COST_TRAVERSE, /* every element of the first argument, deeply */
	CEL_COST_OUTPUT,   /* the result's elements, and a list */
	CEL_COST_FLATTEN,
	CEL_COST_SORT, /* twice the square of the elements */
	CEL_COST_SETS, /* the elements of one times those of the other */
	CEL_COST_SETS_TWICE,
	CEL_COST_CONTAINS_IP,
	CEL_COST_CONTAINS_CIDR,
	CEL_COST_VALIDATE,
	CEL_COST_SELECTOR,
	CEL_COST_AUTHORIZE,
};

#define CEL_PARAMS_MAX 4

struct cel_overload {
	const char *id;       /* "add_int64" */
	const char *function; /* "_+_", "size" */
	enum cel_style style;
	const struct cel_type *params[CEL_PARAMS_MAX];
	size_t param_count;
	const struct cel_type *result;
	cel_function *impl;
	enum cel_cost cost;
	enum cel_library library;
	unsigned since; /* compatibility level that brings it; 0: all */
	const char *doc;
};

extern const struct cel_overload cel_builtins[];
extern const size_t cel_builtin_count;

/* CEL_OVERLOAD_add_int64 ...: indexes into cel_builtins. */
enum cel_overload_id {
#define OVERLOAD(id, ...) CEL_OVERLOAD_##id,
#include "cel/builtin.def"
#undef OVERLOAD
	CEL_OVERLOAD_COUNT
};

/* As documentation has it: <string>.split(string, int) -> list(string) */
void cel_overload_put(struct buf *out, const struct cel_overload *overload);

#endif
