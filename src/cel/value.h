/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values of the expression language. A value of a decoded document *is* one:
 * the kinds below go on where those of value/value.h end, in the same 16
 * bytes, so that looking into an object copies and converts nothing.
 *
 * A list is VALUE_LIST whatever is in it. A map is VALUE_OBJECT; the names of
 * its members are then any value but bytes (strings from documents).
 */
#ifndef KG_CEL_VALUE_H
#define KG_CEL_VALUE_H

#include "base/buf.h"
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
	CEL_TIMESTAMP, /* u.integer seconds since 1970, count nanoseconds,
			* key the offset of its text: cel_offset() */
	CEL_DURATION,  /* u.integer nanoseconds */
	CEL_TYPE,      /* a type's name, as a string */
	CEL_OPTIONAL,  /* u.items: one value, or NULL for none */
	CEL_OPAQUE,    /* u.opaque: of a library */
	CEL_ERROR,     /* never inside another value; see cel_error_text() */
};

/*
 * Flag of a list or map that an expression made, not a decoder with the key
 * table of the rule set: a map's names then carry no ids, and may be of other
 * kinds than strings.
 */
#define CEL_LOOSE 2u

/* A value of a library begins with this; what follows is the library's. */
struct cel_opaque {
	const struct cel_opaque_class *class;
};

struct cel_opaque_class {
	struct kg_slice name; /* of the type, as type() shows it */
	const char *go_name;  /* as cel-go's own messages do */
	bool (*equal)(const struct cel_opaque *a, const struct cel_opaque *b);
	/* What costs count it as; NULL: 1. */
	int64_t (*size)(const struct cel_opaque *o);
};

/* What the text of an error stands for (its flags). */
enum cel_error_kind {
	CEL_ERROR_TEXT,   /* the message itself */
	CEL_ERROR_NO_KEY, /* a name: "no such key: " stands before it */
	CEL_ERROR_SPENT,  /* a budget ended: no operator absorbs this one */
};

/* --- Making values. Texts and items are borrowed. --- */

static inline struct value
cel_null(void)
{
	return (struct value){ .kind = CEL_NULL };
}

static inline struct value
cel_bool(bool b)
{
	return (struct value){ .kind = CEL_BOOL, .u.integer = b };
}

static inline struct value
cel_int(int64_t i)
{
	return (struct value){ .kind = CEL_INT, .u.integer = i };
}

static inline struct value
cel_uint(uint64_t u)
{
	return (struct value){ .kind = CEL_UINT, .u.integer = (int64_t)u };
}

static inline struct value
cel_double(double d)
{
	return (struct value){ .kind = CEL_DOUBLE, .u.real = d };
}

/* A value whose content is text: string, bytes, type, error. */
static inline struct value
cel_text(enum cel_kind kind, struct kg_slice s)
{
	return (struct value){ .kind = (uint8_t)kind,
		.count = (uint32_t)s.len,
		.u.bytes = s.ptr };
}

static inline struct value
cel_string(struct kg_slice s)
{
	return cel_text(CEL_STRING, s);
}

static inline struct value
cel_bytes(struct kg_slice s)
{
	return cel_text(CEL_BYTES, s);
}

static inline struct value
cel_list(const struct value *items, size_t count)
{
	return (struct value){ .kind = CEL_LIST,
		.flags = CEL_LOOSE,
		.count = (uint32_t)count,
		.u.items = items };
}

static inline struct value
cel_map(const struct member *members, size_t count)
{
	return (struct value){ .kind = CEL_MAP,
		.flags = CEL_LOOSE,
		.count = (uint32_t)count,
		.u.members = members };
}

static inline struct value
cel_timestamp(int64_t seconds, uint32_t nanos)
{
	return (struct value){
		.kind = CEL_TIMESTAMP, .count = nanos, .u.integer = seconds
	};
}

/* Minutes east of UTC that the text of a timestamp said: string() shows the
 * moment so, and nothing else depends on it. */
static inline int
cel_offset(const struct value *timestamp)
{
	return (int16_t)timestamp->key;
}

static inline struct value
cel_duration(int64_t nanos)
{
	return (struct value){ .kind = CEL_DURATION, .u.integer = nanos };
}

/* An optional of *v, or none for NULL. */
static inline struct value
cel_optional(const struct value *v)
{
	return (struct value){ .kind = CEL_OPTIONAL, .u.items = v };
}

static inline struct value
cel_opaque(const struct cel_opaque *o)
{
	return (struct value){ .kind = CEL_OPAQUE, .u.opaque = o };
}

/* An error with a constant message. */
static inline struct value
cel_error(const char *message)
{
	return cel_text(CEL_ERROR, slice_str(message));
}

/* An error with a built message; of the arena, which may have failed. */
struct value cel_errorf(struct arena *a, const char *format, ...)
    KG_PRINTF(2, 3);

/* An error whose message was built; the builder may have failed. */
struct value cel_error_built(const struct buf *message);

/* The same for a text, which may be empty. */
struct value cel_string_built(const struct buf *text);

/* One that quotes a double, as Go prints it. */
struct value cel_error_of_double(
    struct arena *a, const char *before, double d, const char *after);

struct value cel_no_overload(void);

/*
 * An operator that x is no left operand of: the message, "no such overload:
 * _+_"; where x is of one of these kinds (bits), or of one that has methods,
 * the other operand is what does not fit, and cel-go says no more.
 */
struct value cel_no_operator(
    const struct value *x, unsigned kinds, const char *message);
/* Bytes are no key: cel-go panics, and says so. */
struct value cel_bytes_key(void);
struct value cel_no_key(struct arena *a, const struct value *key);
struct value cel_no_memory(void);

/* --- Reading values --- */

static inline bool
cel_is_error(const struct value *v)
{
	return v->kind == CEL_ERROR;
}

static inline bool
cel_is_number(const struct value *v)
{
	return v->kind == CEL_INT || v->kind == CEL_UINT ||
	    v->kind == CEL_DOUBLE;
}

/* The content of a string, bytes or type; {NULL, 0} of anything else. */
static inline struct kg_slice
cel_slice(const struct value *v)
{
	if (v->kind == CEL_STRING || v->kind == CEL_BYTES ||
	    v->kind == CEL_TYPE)
		return slice_of(v->u.bytes, v->count);
	return slice_of(NULL, 0);
}

/* The message of an error; made in the arena where it has to be. */
struct kg_slice cel_error_text(struct arena *a, const struct value *error);

/* "int", "string", "google.protobuf.Timestamp", "optional_type" ... */
struct kg_slice cel_type_name(const struct value *v);

/* The names that cel-go's own messages use: "types.Int" ... */
const char *cel_go_type_name(const struct value *v);

/* --- Equality and order --- */

/*
 * What comparisons may still spend, by compared value: they recurse through
 * documents, which the cost of an operator does not count. At 0 the answer
 * is false, and whoever asked makes an error of it.
 */
struct cel_work {
	uint64_t left;
};

/* Total: values of different types are not equal, numbers are one line. */
bool cel_equal(
    const struct value *a, const struct value *b, struct cel_work *work);

/* Members of an enum, because not everything has an order. */
enum cel_order {
	CEL_LESS = -1,
	CEL_SAME = 0,
	CEL_GREATER = 1,
	CEL_UNORDERED = 2, /* a NaN is one of them */
	CEL_NO_ORDER = 3,  /* "no such overload" */
};

enum cel_order cel_compare(const struct value *a, const struct value *b);

/* Numbers of any two types on one line. An int or uint against a double is
 * rounded to one, as cel-go does it: 9007199254740993 == 9007199254740992.0. */
enum cel_order cel_compare_numbers(
    const struct value *a, const struct value *b);

/*
 * The value under a key, or NULL. Where none is of the key's own type,
 * numeric keys are found by their value: 1, 1u and 1.0.
 */
const struct value *cel_map_find(
    const struct value *map, const struct value *key);

/* The same by the key's own type alone, in a map that an expression made:
 * that is what makes two entries of a literal one. */
const struct value *cel_map_find_exact(
    const struct value *map, const struct value *key);

/* size(): code points, octets, elements, entries; -1 of anything else. */
int64_t cel_size(const struct value *v);

/* A value that hashes as its equals do; for sets of constants. */
uint64_t cel_hash(const struct value *v, uint64_t seed);

/* --- Arithmetic: "_+_" and so on. Errors are values. --- */

struct value cel_add(
    struct arena *a, const struct value *x, const struct value *y);
struct value cel_subtract(const struct value *x, const struct value *y);
struct value cel_multiply(const struct value *x, const struct value *y);
struct value cel_divide(const struct value *x, const struct value *y);
struct value cel_modulo(const struct value *x, const struct value *y);
struct value cel_negate(const struct value *x);

/* A duration or a timestamp, or the error of one out of range. */
struct value cel_timestamp_checked(int64_t seconds, int64_t nanos);

#endif
