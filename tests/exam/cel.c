/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sets "cel" and "celcost". Judged are the cases in which Kubernetes does
 * what the language says, and those that it refuses; each twice, compiled
 * plainly and optimised.
 */
#include "cel/authorizer.h"
#include "exam/cel_case.h"

static bool
is(const struct value *c, const char *member)
{
	return value_true(value_find(c, slice_str(member)));
}

static const struct value *
binding(struct cel_case *c, const struct value *given)
{
	struct value *v = arena_alloc(c->arena, sizeof(*v));

	if (v == NULL || given == NULL)
		return NULL;
	*v = cel_case_value(c->arena, given);
	return v;
}

static bool
add_function(struct cel_case *c, const char *name, const struct value *json)
{
	const struct value *params = value_find(json, SLICE("params"));
	struct cel_overload *o = arena_alloc(c->arena, sizeof(*o));

	if (o == NULL || value_len(params) > CEL_PARAMS_MAX)
		return false;
	o->id = o->function = name;
	o->style = is(json, "member") ? CEL_MEMBER : CEL_GLOBAL;
	o->param_count = value_len(params);
	for (size_t i = 0; i < o->param_count; i++)
		o->params[i] =
		    cel_case_type(c->arena, &c->env, value_at(params, i));
	o->result =
	    cel_case_type(c->arena, &c->env, value_find(json, SLICE("result")));
	o->impl = cel_fn_missing;
	o->cost = CEL_COST_ONE;
	o->library = CEL_LIB_DECLARED;
	o->doc = "";
	for (size_t i = 0; i < o->param_count; i++) {
		if (o->params[i] == NULL)
			return false;
	}
	cel_env_add_function(&c->env, o);
	return o->result != NULL;
}

static bool
add_functions(struct cel_case *c, const struct value *json)
{
	const struct value *list = value_find(json, SLICE("function"));
	const struct kg_slice name = arena_printf(c->arena, "%.*s%c",
	    SLICE_ARG(value_str(value_find(json, SLICE("name")))), '\0');

	for (size_t i = 0; i < value_len(list); i++) {
		if (!add_function(c, name.ptr, value_at(list, i)))
			return false;
	}
	return true;
}

/* Variables of type_env, then bindings that it does not name. */
static bool
declare(struct cel_case *c, const struct value *json)
{
	const struct value *types = value_find(json, SLICE("type_env"));
	const struct value *given = value_find(json, SLICE("bindings"));

	for (size_t i = 0; i < value_len(types); i++) {
		const struct value *row = value_at(types, i);
		const struct value *ident = value_find(row, SLICE("ident"));
		const struct kg_slice name =
		    value_str(value_find(row, SLICE("name")));
		const struct cel_type *type;

		if (ident == NULL && !add_functions(c, row))
			return false;
		if (ident == NULL)
			continue;
		type = cel_case_type(c->arena, &c->env, ident);
		if (type == NULL)
			return false;
		cel_case_bind(
		    c, name, type, binding(c, value_find(given, name)));
	}
	for (size_t i = 0; i < value_members(given); i++) {
		const struct member *m = value_member(given, i);

		if (cel_env_variable(&c->env, value_str(&m->name)) == NULL)
			cel_case_bind(c, value_str(&m->name), &cel_t_dyn,
			    binding(c, &m->value));
	}
	return true;
}

static bool
type_differs(
    struct cel_case *c, const struct value *expect, const struct cel_type *got)
{
	const struct cel_type *want =
	    cel_case_type(c->arena, &c->env, value_find(expect, SLICE("type")));

	return want == NULL || got == NULL || !cel_type_equal(want, got);
}

static void
put_result(struct buf *why, const struct case_result *r)
{
	static const char *const ends[] = { "value", "refused", "error",
		"broken" };

	buf_printf(why, "got %s ", ends[r->end]);
	if (r->end == CASE_VALUE)
		cel_case_put(why, &r->value);
	else
		buf_put(why, r->text);
}

static bool
meets(struct cel_case *c, const struct value *expect,
    const struct case_result *r, struct buf *why)
{
	const struct value *typed = value_find(expect, SLICE("typed_result"));
	const struct value *value = value_find(expect, SLICE("value"));
	struct value want;

	put_result(why, r);
	if (is(expect, "eval_error"))
		return r->end == CASE_ERROR || r->end == CASE_REFUSED;
	if (r->end != CASE_VALUE)
		return false;
	if (typed != NULL) {
		if (type_differs(c, typed, r->type)) {
			buf_puts(why, " type ");
			if (r->type != NULL)
				cel_type_put(why, r->type);
			return false;
		}
		value = value_find(typed, SLICE("value"));
	}
	if (value == NULL)
		return true;
	want = cel_case_value(c->arena, value);
	return cel_case_same(&want, &r->value);
}

static enum exam_result
judge(struct exam *e, const struct value *json, bool plain, struct buf *why)
{
	const struct cel_build_options options = { .compat = CEL_COMPAT_136,
		.plain = plain };
	const bool reject =
	    slice_is(value_str(value_find(json, SLICE("k8s"))), "rejected");
	struct case_result result;
	struct cel_case c;

	cel_case_init(
	    &c, e, value_str(value_find(json, SLICE("expr"))), CEL_COMPAT_136);
	c.env.container = value_str(value_find(json, SLICE("container")));
	c.no_macros = is(json, "disable_macros");
	c.no_check = is(json, "disable_check");
	c.check_only = is(json, "check_only");
	if (!declare(&c, json)) {
		buf_puts(why, "a declaration that is not understood");
		return EXAM_FAIL;
	}
	cel_case_run(&c, &options, cel_case_eval(), &result);
	if (!reject)
		return meets(
			   &c, value_find(json, SLICE("expect")), &result, why)
		    ? EXAM_PASS
		    : EXAM_FAIL;
	put_result(why, &result);
	return result.end == CASE_REFUSED ? EXAM_PASS : EXAM_FAIL;
}

enum exam_result
exam_cel(struct exam *e, const struct value *json, struct buf *why)
{
	const struct kg_slice k8s = value_str(value_find(json, SLICE("k8s")));
	enum exam_result result;

	if (is(json, "needs_proto") ||
	    (!slice_is(k8s, "same") && !slice_is(k8s, "rejected")))
		return EXAM_SKIP;
	result = judge(e, json, true, why);
	if (result != EXAM_PASS)
		return result;
	why->len = 0;
	buf_puts(why, "optimised: ");
	return judge(e, json, false, why);
}

/* --- Costs --- */

enum exam_result
exam_celcost(struct exam *e, const struct value *json, struct buf *why)
{
	const struct cel_build_options options = {
		.compat = CEL_COMPAT_NEXT, .plain = true, .presence_cost = true
	};
	const struct value *want = value_find(json, SLICE("runtime_cost"));
	struct case_result result;
	struct cel_case c;

	cel_case_init(
	    &c, e, value_str(value_find(json, SLICE("expr"))), CEL_COMPAT_NEXT);
	/* Those of sets mix the types of literals. */
	c.env.homogeneous = false;
	cel_case_bind(
	    &c, SLICE("authorizer"), &cel_t_authorizer, &cel_authorizer);
	cel_case_run(&c, &options, cel_case_eval(), &result);
	put_result(why, &result);
	buf_printf(why, ", cost %llu, not %lld",
	    (unsigned long long)result.cost, (long long)want->u.integer);
	return result.end == CASE_VALUE &&
		result.cost == (uint64_t)want->u.integer
	    ? EXAM_PASS
	    : EXAM_FAIL;
}
