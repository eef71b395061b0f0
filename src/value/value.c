/* SPDX-License-Identifier: Apache-2.0 */
/* Lookups by name, equality, pointers. */
#include "value/value.h"

#include "base/diag.h"
#include "base/hash.h"

size_t
value_find_index(const struct value *object, struct kg_slice name)
{
	const size_t n = value_members(object);

	for (size_t i = 0; i < n; i++) {
		const struct value *own = &object->u.members[i].name;

		/* Maps of expressions have other names than strings. */
		if (own->count == name.len && own->kind == VALUE_STRING &&
		    hash_same(own->u.bytes, name.ptr, name.len))
			return i;
	}
	return SIZE_MAX;
}

const struct value *
value_find(const struct value *object, struct kg_slice name)
{
	const size_t i = value_find_index(object, name);

	return i == SIZE_MAX ? NULL : &object->u.members[i].value;
}

/* Offsets stand behind the children (builder.c). */
static uint32_t
entry_pos(const struct value *container, size_t entries, size_t i)
{
	const struct value *first = container->u.items;

	return ((const uint32_t *)(const void *)(first + entries))[i];
}

uint32_t
value_child_pos(const struct value *container, size_t i)
{
	if (container == NULL || (container->flags & VALUE_HAS_POS) == 0 ||
	    container->kind < VALUE_LIST || i >= container->count)
		return POS_NONE;
	if (container->kind == VALUE_OBJECT)
		return entry_pos(
		    container, 2 * (size_t)container->count, 2 * i + 1);
	return entry_pos(container, container->count, i);
}

uint32_t
value_name_pos(const struct value *object, size_t i)
{
	if (!value_is(object, VALUE_OBJECT) ||
	    (object->flags & VALUE_HAS_POS) == 0 || i >= object->count)
		return POS_NONE;
	return entry_pos(object, 2 * (size_t)object->count, 2 * i);
}

uint32_t
value_end_pos(const struct value *container)
{
	const bool object = value_is(container, VALUE_OBJECT);
	size_t entries;

	if ((!object && !value_is(container, VALUE_LIST)) ||
	    (container->flags & VALUE_HAS_POS) == 0 || container->count == 0)
		return POS_NONE;
	entries = (object ? 2 : 1) * (size_t)container->count;
	return entry_pos(container, entries, entries);
}

/* 2^63 as a double is exact; int64 beyond 2^53 may fall between doubles. */
static bool
int_equals_double(int64_t i, double d)
{
	return d >= -0x1p63 && d < 0x1p63 && (int64_t)d == i &&
	    (double)(int64_t)d == d;
}

static bool
scalar_equal(const struct value *a, const struct value *b)
{
	if (a->kind == VALUE_INT && b->kind == VALUE_DOUBLE)
		return int_equals_double(a->u.integer, b->u.real);
	if (a->kind == VALUE_DOUBLE && b->kind == VALUE_INT)
		return int_equals_double(b->u.integer, a->u.real);
	if (a->kind != b->kind)
		return false;
	switch ((enum value_kind)a->kind) {
	case VALUE_BOOL:
		return a->u.boolean == b->u.boolean;
	case VALUE_INT:
		return a->u.integer == b->u.integer;
	case VALUE_DOUBLE:
		return a->u.real >= b->u.real && a->u.real <= b->u.real;
	case VALUE_STRING:
		return hash_same_text(value_str(a), value_str(b));
	case VALUE_NULL:
		return true;
	case VALUE_LIST:
	case VALUE_OBJECT:
		break;
	}
	return false;
}

/* Nothing, or an object of nothing but that. */
static bool
is_empty(const struct value *v)
{
	if (value_is_null(v))
		return true;
	if (v->kind == VALUE_LIST)
		return v->count == 0;
	if (v->kind != VALUE_OBJECT)
		return false;
	for (size_t i = 0; i < v->count; i++) {
		if (!is_empty(&v->u.members[i].value))
			return false;
	}
	return true;
}

/* Where both sides came from one encoder the member stands at one index. */
static const struct value *
find_near(const struct value *object, const struct member *like, size_t i)
{
	const struct kg_slice name = value_str(&like->name);

	if (i < object->count &&
	    hash_same_text(value_str(&object->u.members[i].name), name))
		return &object->u.members[i].value;
	return value_find(object, name);
}

/* Recursion: bounded by the decoders' DEPTH_MAX. */
static bool equal(const struct value *a, const struct value *b, bool semantic);

static bool
list_equal(const struct value *a, const struct value *b, bool semantic)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		if (!equal(&a->u.items[i], &b->u.items[i], semantic))
			return false;
	}
	return true;
}

/* Every member of a has its equal in b. */
static bool
members_in(const struct value *a, const struct value *b, bool semantic)
{
	for (size_t i = 0; i < a->count; i++) {
		const struct value *other = find_near(b, &a->u.members[i], i);

		if (other == NULL && !semantic)
			return false;
		if (!equal(&a->u.members[i].value, other, semantic))
			return false;
	}
	return true;
}

static bool
equal(const struct value *a, const struct value *b, bool semantic)
{
	if (a != NULL && b != NULL && a->kind == b->kind &&
	    a->kind < VALUE_LIST)
		return scalar_equal(a, b);
	if (semantic && (is_empty(a) || is_empty(b)))
		return is_empty(a) && is_empty(b);
	if (a == NULL || b == NULL)
		return a == b;
	if (a->kind < VALUE_LIST || b->kind < VALUE_LIST)
		return scalar_equal(a, b);
	if (a->kind != b->kind)
		return false;
	if (a->kind == VALUE_LIST)
		return list_equal(a, b, semantic);
	if (!semantic)
		return a->count == b->count && members_in(a, b, false);
	/* Both ways: either may have empty members that the other lacks. */
	return members_in(a, b, true) &&
	    (a->count == b->count || members_in(b, a, true));
}

bool
value_equal(const struct value *a, const struct value *b)
{
	return equal(a, b, false);
}

bool
value_equal_semantic(const struct value *a, const struct value *b)
{
	return equal(a, b, true);
}

/* One reference token, ~1 and ~0 undone while it is compared. */
static bool
step_is(struct kg_slice step, struct kg_slice name)
{
	size_t at = 0;

	for (size_t i = 0; i < step.len; i++, at++) {
		char c = step.ptr[i];

		if (c == '~' && i + 1 < step.len)
			c = step.ptr[++i] == '1' ? '/' : '~';
		if (at >= name.len || name.ptr[at] != c)
			return false;
	}
	return at == name.len;
}

static size_t
step_index(struct kg_slice step)
{
	size_t n = 0;

	if (step.len == 0 || step.len > 9)
		return SIZE_MAX;
	for (size_t i = 0; i < step.len; i++) {
		if (step.ptr[i] < '0' || step.ptr[i] > '9')
			return SIZE_MAX;
		n = n * 10 + (size_t)(step.ptr[i] - '0');
	}
	return n;
}

size_t
value_find_step(const struct value *v, struct kg_slice step)
{
	const size_t n = value_members(v);

	if (value_is(v, VALUE_LIST)) {
		const size_t i = step_index(step);

		return i < v->count ? i : SIZE_MAX;
	}
	for (size_t i = 0; i < n; i++) {
		if (step_is(step, value_str(&v->u.members[i].name)))
			return i;
	}
	return SIZE_MAX;
}

const struct value *
value_pointer(const struct value *root, struct kg_slice pointer, uint32_t *pos)
{
	const struct value *v = root;
	struct kg_slice rest = slice_from(pointer, 1);

	if (pointer.len == 0)
		return v;
	if (pointer.ptr[0] != '/')
		return NULL;
	if (rest.ptr == NULL) /* "/": the member named "" */
		rest = slice_of("", 0);
	while (v != NULL && rest.ptr != NULL) {
		const struct kg_slice step = slice_cut(&rest, '/');
		const size_t i = value_find_step(v, step);

		if (i == SIZE_MAX)
			return NULL;
		if (pos != NULL && (v->flags & VALUE_HAS_POS) != 0)
			*pos = value_child_pos(v, i);
		v = v->kind == VALUE_LIST ? &v->u.items[i]
					  : &v->u.members[i].value;
	}
	return v;
}

int
value_pointer_cmp(
    const struct value *root, struct kg_slice a, struct kg_slice b)
{
	const struct value *v = root;
	struct kg_slice x = a.len > 0 ? slice_from(a, 1) : a;
	struct kg_slice y = b.len > 0 ? slice_from(b, 1) : b;

	if (a.len == 0 || b.len == 0)
		return (a.len > 0) - (b.len > 0);
	while (x.ptr != NULL && y.ptr != NULL) {
		const struct kg_slice one = slice_cut(&x, '/');
		const struct kg_slice two = slice_cut(&y, '/');
		const size_t i = value_find_step(v, one),
			     j = value_find_step(v, two);

		if (i != j)
			return i < j ? -1 : 1;
		if (i == SIZE_MAX)
			return slice_cmp(one, two);
		v = v->kind == VALUE_LIST ? &v->u.items[i]
					  : &v->u.members[i].value;
	}
	return (x.ptr != NULL) - (y.ptr != NULL);
}

const char *
value_kind_name(const struct value *v)
{
	static const char *const names[] = {
		[VALUE_NULL] = "null",
		[VALUE_BOOL] = "bool",
		[VALUE_INT] = "int",
		[VALUE_DOUBLE] = "number",
		[VALUE_STRING] = "string",
		[VALUE_LIST] = "list",
		[VALUE_OBJECT] = "object",
	};

	return v == NULL ? "nothing" : names[v->kind];
}
