/* SPDX-License-Identifier: Apache-2.0 */
/* Type variables: assignability, unification, substitution. */
#include "cel/check_impl.h"

#include "base/limits.h"

static bool assignable(struct checker *c, const struct cel_type *a,
    const struct cel_type *b, unsigned depth);

const struct cel_type *
checker_variable(struct checker *c)
{
	const size_t size = sizeof(*c->bindings);
	struct cel_type *t = arena_alloc(c->arena, sizeof(*t));

	if (t == NULL)
		return &cel_t_error;
	if (c->variable_count == c->variable_cap) {
		const size_t cap =
		    c->variable_cap == 0 ? 16 : 2 * c->variable_cap;
		const struct cel_type **bindings = arena_grow(
		    c->arena, c->bindings, c->variable_cap * size, cap * size);

		if (bindings == NULL)
			return &cel_t_error;
		c->bindings = bindings;
		c->variable_cap = cap;
	}
	c->bindings[c->variable_count++] = NULL;
	t->kind = CEL_TYPE_PARAM;
	t->name = SLICE("_var");
	t->variable = (uint32_t)c->variable_count;
	return t;
}

static const struct cel_type *
bound(const struct checker *c, const struct cel_type *variable)
{
	return c->bindings[variable->variable - 1];
}

static void
bind(struct checker *c, const struct cel_type *variable,
    const struct cel_type *t)
{
	const size_t size = sizeof(*c->trail);
	const uint32_t i = variable->variable - 1;

	if (c->trail_count == c->trail_cap) {
		const size_t cap = c->trail_cap == 0 ? 16 : 2 * c->trail_cap;
		struct trail *trail = arena_grow(
		    c->arena, c->trail, c->trail_cap * size, cap * size);

		if (trail == NULL)
			return;
		c->trail = trail;
		c->trail_cap = cap;
	}
	c->trail[c->trail_count++] = (struct trail){ i, c->bindings[i] };
	c->bindings[i] = t;
}

static void
undo(struct checker *c, size_t mark)
{
	while (c->trail_count > mark) {
		const struct trail *t = &c->trail[--c->trail_count];

		c->bindings[t->variable] = t->old;
	}
}

static bool
burn(struct checker *c)
{
	if (c->fuel > 0)
		c->fuel--;
	return c->fuel > 0;
}

static const struct cel_type *substitute(
    struct checker *c, const struct cel_type *t, bool to_dyn, unsigned depth);

static const struct cel_type *
substitute_params(
    struct checker *c, const struct cel_type *t, bool to_dyn, unsigned depth)
{
	const size_t n = t->param_count;
	const struct cel_type *params[CEL_TYPE_PARAMS_MAX];
	bool changed = false;

	if (n > CEL_TYPE_PARAMS_MAX)
		return t;
	for (size_t i = 0; i < n; i++) {
		params[i] = substitute(c, t->params[i], to_dyn, depth - 1);
		changed = changed || params[i] != t->params[i];
	}
	return changed ? cel_type_with(c->arena, t, params, n) : t;
}

static const struct cel_type *
substitute(
    struct checker *c, const struct cel_type *t, bool to_dyn, unsigned depth)
{
	if (t->variable == 0)
		return t;
	if (depth == 0 || !burn(c))
		return &cel_t_dyn;
	if (t->kind != CEL_TYPE_PARAM)
		return substitute_params(c, t, to_dyn, depth);
	if (bound(c, t) != NULL)
		return substitute(c, bound(c, t), to_dyn, depth - 1);
	return to_dyn ? &cel_t_dyn : t;
}

const struct cel_type *
checker_substitute(struct checker *c, const struct cel_type *t, bool to_dyn)
{
	return substitute(c, t, to_dyn, CEL_TYPE_DEPTH_MAX);
}

struct kg_slice
checker_type_text(struct checker *c, const struct cel_type *t)
{
	struct buf text;

	buf_init(&text, c->arena, CEL_TYPE_TEXT_MAX);
	cel_type_put(&text, checker_substitute(c, t, true));
	return buf_cut(&text);
}

/* Whether the variable does not stand inside the type. */
static bool
not_within(struct checker *c, const struct cel_type *variable,
    const struct cel_type *t, unsigned depth)
{
	if (t->variable == 0)
		return true;
	if (t == variable || depth == 0 || !burn(c))
		return false;
	if (t->kind == CEL_TYPE_PARAM)
		return t->variable != variable->variable &&
		    (bound(c, t) == NULL ||
			not_within(c, variable, bound(c, t), depth - 1));
	for (size_t i = 0; i < t->param_count; i++) {
		if (!not_within(c, variable, t->params[i], depth - 1))
			return false;
	}
	return true;
}

/* Whether a says no more than b: dyn and variables say least. */
static bool
less_specific(struct checker *c, const struct cel_type *a,
    const struct cel_type *b, unsigned depth)
{
	if (a == b || type_is_dyn(a) || a->kind == CEL_TYPE_PARAM)
		return true;
	if (depth == 0 || !burn(c) || type_is_dyn(b) ||
	    b->kind == CEL_TYPE_PARAM || a->kind != b->kind)
		return false;
	if (a->kind == CEL_TYPE_TYPE)
		return true;
	if (!slice_eq(a->name, b->name) || a->param_count != b->param_count)
		return false;
	for (size_t i = 0; i < a->param_count; i++) {
		if (!less_specific(c, a->params[i], b->params[i], depth - 1))
			return false;
	}
	return true;
}

const struct cel_type *
checker_general(
    struct checker *c, const struct cel_type *a, const struct cel_type *b)
{
	return less_specific(c, a, b, CEL_TYPE_DEPTH_MAX) ? a : b;
}

/* The variable takes the type, or what it stands for fits. *known: it stood
 * for something already. */
static bool
fits_variable(struct checker *c, const struct cel_type *t,
    const struct cel_type *variable, bool *known, unsigned depth)
{
	const struct cel_type *now = bound(c, variable);
	const struct cel_type *wide;

	*known = true;
	if (t == variable ||
	    (t->variable == variable->variable && t->kind == CEL_TYPE_PARAM))
		return true;
	if (now == NULL) {
		*known = false;
		if (!not_within(c, variable, t, depth))
			return false;
		bind(c, variable, t);
		return true;
	}
	if (t == now)
		return true;
	if (!assignable(c, t, now, depth - 1))
		return false;
	wide = checker_general(c, t, now);
	if (not_within(c, variable, wide, depth))
		bind(c, variable, wide);
	return true;
}

static bool
takes_null(const struct cel_type *t)
{
	return t->kind == CEL_TYPE_NULL || t->kind == CEL_TYPE_OPAQUE ||
	    t->kind == CEL_TYPE_OPTIONAL || t->kind == CEL_TYPE_OBJECT ||
	    t->kind == CEL_TYPE_DURATION || t->kind == CEL_TYPE_TIMESTAMP;
}

static bool
assignable_params(struct checker *c, const struct cel_type *a,
    const struct cel_type *b, unsigned depth)
{
	if (a->kind != b->kind || !slice_eq(a->name, b->name) ||
	    a->param_count != b->param_count)
		return false;
	if (a->kind == CEL_TYPE_TYPE)
		return true;
	for (size_t i = 0; i < a->param_count; i++) {
		if (!assignable(c, a->params[i], b->params[i], depth - 1))
			return false;
	}
	return true;
}

static bool
assignable(struct checker *c, const struct cel_type *a,
    const struct cel_type *b, unsigned depth)
{
	bool known;

	if (depth == 0 || !burn(c))
		return false;
	if (b->kind == CEL_TYPE_PARAM) {
		if (fits_variable(c, a, b, &known, depth))
			return true;
		if (known)
			return false;
	}
	if (a->kind == CEL_TYPE_PARAM)
		return fits_variable(c, b, a, &known, depth);
	if (type_is_dyn(a) || type_is_dyn(b))
		return true;
	if (a->kind == CEL_TYPE_NULL)
		return takes_null(b);
	if (b->kind == CEL_TYPE_NULL)
		return takes_null(a);
	return assignable_params(c, a, b, depth);
}

bool
checker_assignable(
    struct checker *c, const struct cel_type *a, const struct cel_type *b)
{
	return checker_assignable_all(c, &a, &b, 1);
}

bool
checker_assignable_all(struct checker *c, const struct cel_type *const *a,
    const struct cel_type *const *b, size_t count)
{
	const size_t mark = c->trail_count;

	for (size_t i = 0; i < count; i++) {
		if (!assignable(c, a[i], b[i], CEL_TYPE_DEPTH_MAX)) {
			undo(c, mark);
			return false;
		}
	}
	return true;
}

bool
type_unwrap(const struct cel_type **t)
{
	if ((*t)->kind != CEL_TYPE_OPTIONAL)
		return false;
	*t = (*t)->params[0];
	return true;
}
