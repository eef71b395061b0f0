/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The immutable JSON-like value that everything works on: the decoders make
 * it in an arena, nobody changes it. Strings are slices: of the source bytes
 * where it held no escape, else of the arena. A NUL inside is a byte like any
 * other.
 *
 * Looking up a member that is not there, or looking into something that is
 * no object, gives NULL; every reader takes NULL. So a chain of lookups needs
 * one check at its end, and absent maps are never a special case.
 */
#ifndef KG_VALUE_VALUE_H
#define KG_VALUE_VALUE_H

#include "base/arena.h"
#include "value/keytab.h"

enum value_kind {
	VALUE_NULL,
	VALUE_BOOL,
	VALUE_INT,
	VALUE_DOUBLE,
	VALUE_STRING,
	VALUE_LIST,
	VALUE_OBJECT,
};

/* A list or object that was read with positions (see value_child_pos()). */
#define VALUE_HAS_POS 1u

struct member;
struct cel_opaque;

struct value {
	uint8_t kind; /* enum value_kind */
	uint8_t flags;
	uint16_t key;   /* of a member's name: its id in the keytab, or 0 */
	uint32_t count; /* bytes of a string, elements, members */
	union {
		bool boolean;
		int64_t integer;
		double real;
		const char *bytes;
		const struct value *items;       /* [count] */
		const struct member *members;    /* [count], in source order */
		const struct cel_opaque *opaque; /* of cel/value.h */
	} u;
};

struct member {
	struct value name; /* VALUE_STRING */
	struct value value;
};

static inline bool
value_is(const struct value *v, enum value_kind kind)
{
	return v != NULL && v->kind == kind;
}

/* Absent and null are one to Kubernetes. */
static inline bool
value_is_null(const struct value *v)
{
	return v == NULL || v->kind == VALUE_NULL;
}

/* The bytes of a string; {NULL, 0} of anything else. */
static inline struct kg_slice
value_str(const struct value *v)
{
	if (!value_is(v, VALUE_STRING))
		return slice_of(NULL, 0);
	return slice_of(v->u.bytes, v->count);
}

static inline bool
value_true(const struct value *v)
{
	return value_is(v, VALUE_BOOL) && v->u.boolean;
}

/*
 * A switch that is not off: anything but false, null and nothing. A text or a
 * number there is refused by the API server, and must not pass before.
 */
static inline bool
value_on(const struct value *v)
{
	return !value_is_null(v) && (!value_is(v, VALUE_BOOL) || v->u.boolean);
}

/* Elements of a list; 0 for anything else. */
static inline size_t
value_len(const struct value *v)
{
	return value_is(v, VALUE_LIST) ? v->count : 0;
}

static inline const struct value *
value_at(const struct value *list, size_t i)
{
	return i < value_len(list) ? &list->u.items[i] : NULL;
}

/* Members of an object; 0 for anything else. */
static inline size_t
value_members(const struct value *v)
{
	return value_is(v, VALUE_OBJECT) ? v->count : 0;
}

static inline const struct member *
value_member(const struct value *object, size_t i)
{
	return i < value_members(object) ? &object->u.members[i] : NULL;
}

/*
 * The member with an interned name (KEY_spec ...), or NULL. The document must
 * have been decoded with a keytab; every decoder asks for one.
 */
static inline const struct value *
value_get(const struct value *object, enum key_id key)
{
	const size_t n = value_members(object);

	for (size_t i = 0; i < n; i++) {
		if (object->u.members[i].name.key == key)
			return &object->u.members[i].value;
	}
	return NULL;
}

/* The member with this name, interned or not; or NULL. */
const struct value *value_find(
    const struct value *object, struct kg_slice name);

/* Index of the member with this name, or SIZE_MAX. */
size_t value_find_index(const struct value *object, struct kg_slice name);

/*
 * Byte offset in the source of element or member i (a member's value), and of
 * a member's name; POS_NONE when the document was read without positions.
 */
uint32_t value_child_pos(const struct value *container, size_t i);
uint32_t value_name_pos(const struct value *object, size_t i);

/* ... and of its closing bracket. YAML's block style has none: where the next
 * token stands. An empty container does not know. */
uint32_t value_end_pos(const struct value *container);

/* Index of the element or member that a step of a pointer leads to. */
size_t value_find_step(const struct value *v, struct kg_slice step);

/*
 * Deep equality. Objects are equal whatever the order of their members; 1 and
 * 1.0 are equal numbers. Recursion is bounded by DEPTH_MAX of the decoder.
 */
bool value_equal(const struct value *a, const struct value *b);

/*
 * Kubernetes' equality: as above, but absent, null, empty list and an object
 * without members (or with only such) are the same thing.
 */
bool value_equal_semantic(const struct value *a, const struct value *b);

/*
 * Follows an RFC 6901 pointer; NULL when it leads nowhere. *pos, when not
 * NULL, is the offset of the deepest value that was reached.
 */
const struct value *value_pointer(
    const struct value *root, struct kg_slice pointer, uint32_t *pos);

/*
 * Which of two pointers stands first in the document: <0, 0, >0. A parent
 * comes before its children; what leads nowhere comes last.
 */
int value_pointer_cmp(
    const struct value *root, struct kg_slice a, struct kg_slice b);

/* "null", "bool", "int", "number", "string", "list", "object" */
const char *value_kind_name(const struct value *v);

#endif
