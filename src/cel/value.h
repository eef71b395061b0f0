/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values of the expression language. A value of a decoded document *is* one:
 * the kinds below go on where those of value/value.h end, in the same 16
 * bytes, so that looking into an object copies and converts nothing.
 *
 * A list is VALUE_LIST whatever is in it. A map is VALUE_OBJECT; the names of
 * its members are then any key the language allows (strings from documents,
 * ints, uints and bools from literals).
 */
#ifndef KG_CEL_VALUE_H
#define KG_CEL_VALUE_H

#include "value/value.h"

enum cel_kind {
	CEL_NULL = VALUE_NULL,
	CEL_BOOL = VALUE_BOOL,
	CEL_INT = VALUE_INT,
	CEL_DOUBLE = VALUE_DOUBLE,
	CEL_STRING = VALUE_STRING,
	CEL_LIST = VALUE_LIST,
	CEL_MAP = VALUE_OBJECT,
	CEL_UINT,      /* u.integer, as uint64_t */
	CEL_BYTES,     /* as a string */
	CEL_TIMESTAMP, /* u.integer seconds since 1970, count nanoseconds */
	CEL_DURATION,  /* u.integer nanoseconds */
	CEL_TYPE,      /* a type's name, as a string */
	CEL_OPTIONAL,  /* u.items: one value, or NULL for none */
	CEL_OPAQUE,    /* of a library */
	CEL_ERROR,     /* never inside another value */
};

#endif
