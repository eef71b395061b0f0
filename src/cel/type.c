/* SPDX-License-Identifier: Apache-2.0 */
/* Types: the constants of type.def, types made in an arena, their text. */
#include "cel/type.h"

#include "base/limits.h"

#define P0 NULL, 0
#define P1(x) (const struct cel_type *const[]){ &cel_t_##x }, 1
#define P2(x, y) (const struct cel_type *const[]){ &cel_t_##x, &cel_t_##y }, 2
#define TYPE(ident, kind, name, params)                          \
	const struct cel_type cel_t_##ident = { CEL_TYPE_##kind, \
		SLICE_INIT(name), params, NULL, 0, NULL, 0 };
#include "cel/type.def"
#undef TYPE

const struct cel_type *
cel_type_with(struct arena *a, const struct cel_type *like,
    const struct cel_type *const *params, size_t count)
{
	const struct cel_type **copy = arena_array(a, count, sizeof(*copy));
	struct cel_type *t = arena_alloc(a, sizeof(*t));

	if (copy == NULL || t == NULL)
		return &cel_t_error;
	*t = *like;
	t->params = copy;
	t->param_count = count;
	t->variable = 0;
	for (size_t i = 0; i < count; i++) {
		copy[i] = params[i];
		t->variable |= params[i]->variable;
	}
	return t;
}

struct cel_type *
cel_type_object(struct arena *a, struct kg_slice name)
{
	struct cel_type *t = arena_alloc(a, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->kind = CEL_TYPE_OBJECT;
	t->name = name;
	return t;
}

void
cel_type_add_field(
    struct arena *a, struct cel_type *object, struct cel_field field)
{
	const size_t n = object->field_count;
	const size_t size = sizeof(field);
	struct cel_field *fields = object->growing;

	if ((n & (n - 1)) == 0)
		fields = arena_grow(
		    a, fields, n * size, (n == 0 ? 1 : 2 * n) * size);
	if (fields == NULL)
		return;
	fields[n] = field;
	object->growing = fields;
	object->fields = fields;
	object->field_count = n + 1;
}

const struct cel_field *
cel_type_field(const struct cel_type *object, struct kg_slice name)
{
	for (size_t i = 0; i < object->field_count; i++) {
		if (slice_eq(object->fields[i].name, name))
			return &object->fields[i];
	}
	return NULL;
}

static bool
same(const struct cel_type *a, const struct cel_type *b, unsigned *fuel)
{
	if (a == b)
		return true;
	if (*fuel == 0 || a->kind != b->kind ||
	    a->param_count != b->param_count || !slice_eq(a->name, b->name))
		return false;
	if (a->kind == CEL_TYPE_PARAM && a->variable != b->variable)
		return false;
	--*fuel;
	for (size_t i = 0; i < a->param_count; i++) {
		if (!same(a->params[i], b->params[i], fuel))
			return false;
	}
	return true;
}

bool
cel_type_equal(const struct cel_type *a, const struct cel_type *b)
{
	unsigned fuel = CEL_TYPE_EQUAL_FUEL;

	return same(a, b, &fuel);
}

static void
put(struct buf *out, const struct cel_type *t, unsigned depth)
{
	buf_put(out, t->name);
	if (t->param_count == 0 || depth == 0 || buf_failed(out))
		return;
	buf_putc(out, '(');
	for (size_t i = 0; i < t->param_count; i++) {
		if (i > 0)
			buf_puts(out, ", ");
		put(out, t->params[i], depth - 1);
	}
	buf_putc(out, ')');
}

void
cel_type_put(struct buf *out, const struct cel_type *t)
{
	put(out, t, CEL_DEPTH_MAX);
}
