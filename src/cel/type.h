/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Types as the checker sees them. Immutable; the simple ones are shared
 * constants, the others live in the arena of the environment or compile.
 */
#ifndef KG_CEL_TYPE_H
#define KG_CEL_TYPE_H

#include "base/arena.h"

enum cel_type_kind {
	CEL_TYPE_DYN, /* checked at run time only */
	CEL_TYPE_NULL,
	CEL_TYPE_BOOL,
	CEL_TYPE_INT,
	CEL_TYPE_UINT,
	CEL_TYPE_DOUBLE,
	CEL_TYPE_STRING,
	CEL_TYPE_BYTES,
	CEL_TYPE_TIMESTAMP,
	CEL_TYPE_DURATION,
	CEL_TYPE_LIST,     /* params[0] */
	CEL_TYPE_MAP,      /* params[0] to params[1] */
	CEL_TYPE_TYPE,     /* the type of a type; params[0] */
	CEL_TYPE_OPTIONAL, /* params[0] */
	CEL_TYPE_OBJECT,   /* declared fields: request, variables, enclave */
	CEL_TYPE_OPAQUE,   /* of a library, by name: net.IP, a quantity */
	CEL_TYPE_PARAM,    /* a type parameter of an overload, by name */
	CEL_TYPE_ERROR,    /* already reported; fits everything */
};

struct cel_field {
	struct kg_slice name;
	const struct cel_type *type;
	const char *doc; /* one line; NULL: none */
};

struct cel_type {
	enum cel_type_kind kind;
	struct kg_slice name; /* of OBJECT, OPAQUE and PARAM */
	const struct cel_type *const *params;
	size_t param_count;
	const struct cel_field *fields; /* of OBJECT */
	size_t field_count;
};

#endif
