/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Types as the checker sees them. Immutable; the simple ones are shared
 * constants, the others live in the arena of the environment or compile.
 */
#ifndef KG_CEL_TYPE_H
#define KG_CEL_TYPE_H

#include "base/buf.h"

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
	struct kg_slice
	    name; /* "int", "list"; of OBJECT, OPAQUE, PARAM: its own */
	const struct cel_type *const *params;
	size_t param_count;
	const struct cel_field *fields; /* of OBJECT */
	size_t field_count;
	struct cel_field *growing; /* the same while fields are added */
	/* PARAM: number of the checker's variable + 1. Of types made in an
	 * arena: holds such a one somewhere. */
	uint32_t variable;
};

/* cel_t_int, cel_t_list_string ...: the rows of type.def. */
#define TYPE(ident, kind, name, params) \
	extern const struct cel_type cel_t_##ident;
#include "cel/type.def"
#undef TYPE

#define CEL_TYPE_PARAMS_MAX 8

/*
 * A type like this one (a list, map, optional, type or opaque) of other
 * parameters, in the arena. Never NULL: cel_t_error when the arena failed.
 */
const struct cel_type *cel_type_with(struct arena *a,
    const struct cel_type *like, const struct cel_type *const *params,
    size_t count);

static inline const struct cel_type *
cel_type_list(struct arena *a, const struct cel_type *of)
{
	return cel_type_with(a, &cel_t_list_a, &of, 1);
}

static inline const struct cel_type *
cel_type_optional(struct arena *a, const struct cel_type *of)
{
	return cel_type_with(a, &cel_t_opt_a, &of, 1);
}

static inline const struct cel_type *
cel_type_map(
    struct arena *a, const struct cel_type *key, const struct cel_type *value)
{
	const struct cel_type *const params[2] = { key, value };

	return cel_type_with(a, &cel_t_map_ab, params, 2);
}

/* An object type without fields yet, in the arena; NULL when it failed. */
struct cel_type *cel_type_object(struct arena *a, struct kg_slice name);
void cel_type_add_field(
    struct arena *a, struct cel_type *object, struct cel_field field);

/* The field of this name, or NULL. */
const struct cel_field *cel_type_field(
    const struct cel_type *object, struct kg_slice name);

bool cel_type_equal(const struct cel_type *a, const struct cel_type *b);

/* As users read it: map(string, list(int)) */
void cel_type_put(struct buf *out, const struct cel_type *t);

#endif
