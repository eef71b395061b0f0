/* SPDX-License-Identifier: Apache-2.0 */
/* Which overloads a call may mean, and what comes out of it. */
#include "base/limits.h"
#include "cel/check_impl.h"

/* --- Messages --- */

void
checker_mismatch(struct checker *c, const struct ast *node,
    const struct cel_type *want, const struct cel_type *have)
{
	cel_issue_add(c->issues, node->operator_pos,
	    "expected type '%.*s' but found '%.*s'",
	    SLICE_ARG(checker_type_text(c, want)),
	    SLICE_ARG(checker_type_text(c, have)));
}

/* The first argument is a member's target. */
static void
put_types(struct checker *c, struct buf *out, bool member,
    const struct cel_type *const *args, size_t count)
{
	size_t i = 0;

	if (member) {
		buf_put(out, checker_type_text(c, args[i++]));
		buf_putc(out, '.');
	}
	buf_putc(out, '(');
	for (const size_t first = i; i < count; i++) {
		if (i > first)
			buf_puts(out, ", ");
		buf_put(out, checker_type_text(c, args[i]));
	}
	buf_putc(out, ')');
}

void
checker_no_overload(struct checker *c, const struct ast *node,
    struct kg_slice function, const struct cel_type *const *args, size_t count)
{
	const bool member = node->kind == AST_FOLD
	    ? function.ptr[0] != '_'
	    : node->kind == AST_CALL && node->u.call.target != NULL;
	struct buf text;

	buf_init(&text, c->arena, DIAG_MESSAGE_MAX);
	buf_printf(&text, "found no matching overload for '%.*s' applied to '",
	    SLICE_ARG(function));
	put_types(c, &text, member, args, count);
	buf_putc(&text, '\'');
	cel_issue_add(
	    c->issues, node->operator_pos, "%.*s", SLICE_ARG(buf_cut(&text)));
}

/* --- Overloads --- */

/* Type parameters of one overload, and the variables that stand for them. */
struct instance {
	struct {
		struct kg_slice name;
		const struct cel_type *variable;
	} params[CEL_TYPE_PARAMS_MAX];
	size_t count;
};

static const struct cel_type *
instance_param(
    struct checker *c, struct instance *in, const struct cel_type *param)
{
	for (size_t i = 0; i < in->count; i++) {
		if (slice_eq(in->params[i].name, param->name))
			return in->params[i].variable;
	}
	if (in->count == CEL_TYPE_PARAMS_MAX)
		return &cel_t_dyn;
	in->params[in->count].name = param->name;
	in->params[in->count].variable = checker_variable(c);
	return in->params[in->count++].variable;
}

/* A declared type with its parameters made variables. They are not deep. */
static const struct cel_type *
instantiate(struct checker *c, struct instance *in, const struct cel_type *t,
    unsigned depth)
{
	const struct cel_type *params[CEL_TYPE_PARAMS_MAX];
	bool changed = false;

	if (t->kind == CEL_TYPE_PARAM && t->variable == 0)
		return instance_param(c, in, t);
	if (t->param_count == 0 || t->param_count > CEL_TYPE_PARAMS_MAX ||
	    depth == 0)
		return t;
	for (size_t i = 0; i < t->param_count; i++) {
		params[i] = instantiate(c, in, t->params[i], depth - 1);
		changed = changed || params[i] != t->params[i];
	}
	if (!changed)
		return t;
	return cel_type_with(c->arena, t, params, t->param_count);
}

struct resolution {
	const struct cel_type *args[1 + CEL_ARGS_MAX];
	size_t arg_count;
	const struct cel_overload **matched;
	size_t match_count;
	const struct cel_type *result; /* NULL: none fits */
};

/* One overload against the arguments. */
static void
try_overload(
    struct checker *c, struct resolution *r, const struct cel_overload *o)
{
	const struct cel_type *params[CEL_PARAMS_MAX], *result;
	struct instance in = { .count = 0 };

	if (o->param_count != r->arg_count)
		return;
	for (size_t i = 0; i < o->param_count; i++)
		params[i] =
		    instantiate(c, &in, o->params[i], CEL_DECLARED_DEPTH_MAX);
	result = instantiate(c, &in, o->result, CEL_DECLARED_DEPTH_MAX);
	if (!c->unchecked &&
	    !checker_assignable_all(c, r->args, params, r->arg_count))
		return;
	r->matched[r->match_count++] = o;
	result = checker_substitute(c, result, false);
	if (r->result == NULL)
		r->result = result;
	else if (r->result->kind != CEL_TYPE_DYN &&
	    !cel_type_equal(r->result, result))
		r->result = &cel_t_dyn;
}

static void
resolve(struct checker *c, struct ast *call,
    const struct cel_function_decl *function)
{
	struct resolution r = { .arg_count = 0 };
	const bool member = call->u.call.target != NULL;

	call->type = &cel_t_error;
	if (member)
		r.args[r.arg_count++] =
		    checker_substitute(c, call->u.call.target->type, false);
	for (size_t i = 0;
	     i < call->u.call.arg_count && r.arg_count <= CEL_ARGS_MAX; i++)
		r.args[r.arg_count++] = call->u.call.args[i]->type;
	r.matched = arena_array(c->arena, function->count, sizeof(*r.matched));
	if (r.matched == NULL)
		return;
	for (size_t i = 0; i < function->count; i++) {
		const struct cel_overload *o = function->overloads[i];

		if ((o->style == CEL_MEMBER) == member)
			try_overload(c, &r, o);
	}
	if (r.result == NULL) {
		checker_no_overload(
		    c, call, call->u.call.function, r.args, r.arg_count);
		return;
	}
	call->u.call.overloads = r.matched;
	call->u.call.overload_count = r.match_count;
	call->type = r.result;
}

/* Each operand of && and || is judged alone. */
static void
check_logic(struct checker *c, struct ast *call,
    const struct cel_function_decl *function)
{
	for (size_t i = 0; i < call->u.call.arg_count; i++) {
		const struct ast *arg = call->u.call.args[i];

		if (!checker_assignable(c, arg->type, &cel_t_bool))
			checker_mismatch(c, arg, &cel_t_bool, arg->type);
	}
	call->u.call.overloads =
	    (const struct cel_overload *const *)function->overloads;
	call->u.call.overload_count = function->count;
	call->type = &cel_t_bool;
}

/* optional.of(x): the target is the beginning of a name. */
static const struct cel_function_decl *
namespaced(struct checker *c, const struct ast *call)
{
	struct kg_slice prefix = checker_qualified(c, call->u.call.target);

	if (prefix.len == 0)
		return NULL;
	return checker_function(c,
	    arena_printf(c->arena, "%.*s.%.*s", SLICE_ARG(prefix),
		SLICE_ARG(call->u.call.function)));
}

static struct kg_slice
rooted(struct checker *c, const struct ast *call)
{
	const struct kg_slice name = call->u.call.function;

	if ((call->flags & AST_ROOTED) == 0)
		return name;
	return arena_printf(c->arena, ".%.*s", SLICE_ARG(name));
}

void
checker_call(struct checker *c, struct ast *call)
{
	const struct cel_function_decl *f = NULL;
	const struct kg_slice name = rooted(c, call);

	for (size_t i = 0; i < call->u.call.arg_count; i++)
		checker_check(c, call->u.call.args[i]);
	if (call->u.call.target != NULL) {
		f = namespaced(c, call);
		if (f != NULL)
			call->u.call.target = NULL;
		else
			checker_check(c, call->u.call.target);
	}
	if (f == NULL)
		f = checker_function(c, name);
	call->type = &cel_t_error;
	if (f == NULL) {
		checker_undeclared_function(c, call, call->u.call.function);
		return;
	}
	call->u.call.function = f->name;
	if (slice_is(f->name, "_&&_") || slice_is(f->name, "_||_"))
		check_logic(c, call, f);
	else
		resolve(c, call, f);
}
