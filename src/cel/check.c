/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The checker: a walk over the tree that gives each node its type, and a
 * second one that puts in what type variables have turned out to be. An error
 * gives the node a type that fits everything, so that one error is reported
 * once and the others still are.
 */
#include "cel/check.h"

#include "base/limits.h"
#include "cel/check_impl.h"

/* --- Constants, names, fields --- */

static const struct cel_type *
constant_type(const struct value *v)
{
	static const struct cel_type *const types[] = {
		[CEL_NULL] = &cel_t_null,
		[CEL_BOOL] = &cel_t_bool,
		[CEL_INT] = &cel_t_int,
		[CEL_DOUBLE] = &cel_t_double,
		[CEL_STRING] = &cel_t_string,
		[CEL_LIST] = &cel_t_dyn,
		[CEL_MAP] = &cel_t_dyn,
		[CEL_UINT] = &cel_t_uint,
		[CEL_BYTES] = &cel_t_bytes,
	};

	return v->kind <= CEL_BYTES ? types[v->kind] : &cel_t_dyn;
}

static void
check_ident(struct checker *c, struct ast *node)
{
	const struct kg_slice name = checker_qualified(c, node);

	if (checker_name(c, node, name))
		return;
	node->type = &cel_t_error;
	checker_undeclared(c, node, node->u.ident.name);
}

/* The type of a field of this operand, which is no optional here. */
static const struct cel_type *
field_type(
    struct checker *c, const struct ast *node, const struct cel_type *operand)
{
	const struct cel_field *field;

	if (operand->kind == CEL_TYPE_MAP)
		return operand->params[1];
	if (operand->kind == CEL_TYPE_OBJECT) {
		field = cel_type_field(operand, node->u.select.field);
		if (field != NULL)
			return field->type;
		checker_undefined_field(c, node, operand);
		return &cel_t_error;
	}
	if (operand->kind == CEL_TYPE_PARAM) {
		(void)checker_assignable(c, &cel_t_dyn, operand);
	} else if (!type_is_dyn(operand)) {
		cel_issue_add(c->issues, node->operator_pos,
		    "type '%.*s' does not support field selection",
		    SLICE_ARG(checker_type_text(c, operand)));
	}
	return &cel_t_dyn;
}

static void
check_select(struct checker *c, struct ast *node)
{
	const bool optional = (node->flags & AST_OPTIONAL) != 0;
	const bool test = (node->flags & AST_TEST_ONLY) != 0;
	const struct cel_type *operand, *result;
	bool unwrapped;

	if (!optional && !test) {
		const struct kg_slice name = checker_qualified(c, node);

		if (name.len > 0 && checker_name(c, node, name))
			return;
	}
	checker_check(c, node->u.select.operand);
	operand = checker_substitute(c, node->u.select.operand->type, false);
	unwrapped = type_unwrap(&operand);
	result = field_type(c, node, operand);
	if (unwrapped || optional)
		result = cel_type_optional(c->arena, result);
	node->type = test ? &cel_t_bool : checker_substitute(c, result, false);
}

/* --- Literals of lists and maps --- */

/* What holds both; so far NULL: nothing yet. */
static const struct cel_type *
join(struct checker *c, const struct cel_type *so_far, const struct cel_type *t)
{
	if (so_far == NULL)
		return t;
	if (checker_assignable(c, so_far, t))
		return checker_general(c, so_far, t);
	return &cel_t_dyn;
}

/* The type inside an element or entry that is written with a ?. */
static const struct cel_type *
optional_part(struct checker *c, const struct ast *node)
{
	const struct cel_type *t = checker_substitute(c, node->type, false);
	const struct cel_type *inner = t;

	if (!type_unwrap(&inner) && !type_is_dyn(t))
		checker_mismatch(c, node, cel_type_optional(c->arena, t), t);
	return inner;
}

static void
check_list(struct checker *c, struct ast *node)
{
	const struct cel_type *all = NULL;

	for (size_t i = 0; i < node->u.list.count; i++) {
		struct ast *item = node->u.list.items[i];
		const struct cel_type *t;

		checker_check(c, item);
		t = (item->flags & AST_ELEMENT) != 0 ? optional_part(c, item)
						     : item->type;
		all = join(c, all, t);
	}
	if (all == NULL)
		all = checker_variable(c);
	node->type = cel_type_list(c->arena, all);
}

static void
check_map(struct checker *c, struct ast *node)
{
	const struct cel_type *keys = NULL, *values = NULL;

	for (size_t i = 0; i < node->u.map.count; i++) {
		const struct ast_entry *e = &node->u.map.entries[i];

		checker_check(c, e->key);
		keys = join(c, keys, e->key->type);
		checker_check(c, e->value);
		values = join(c, values,
		    e->optional ? optional_part(c, e->value) : e->value->type);
	}
	if (keys == NULL)
		keys = checker_variable(c);
	if (values == NULL)
		values = checker_variable(c);
	node->type = cel_type_map(c->arena, keys, values);
}

/* No messages are declared: the name of one is always unknown. */
static void
check_struct(struct checker *c, struct ast *node)
{
	cel_issue_add(c->issues, node->operator_pos,
	    "undeclared reference to '%.*s' (in container '%.*s')",
	    SLICE_ARG(slice_upto(node->u.map.type_name, QUOTE_MAX)),
	    SLICE_ARG(c->env->container));
	for (size_t i = 0; i < node->u.map.count; i++)
		checker_check(c, node->u.map.entries[i].value);
	node->type = &cel_t_error;
}

/* --- The walks --- */

void
checker_check(struct checker *c, struct ast *node)
{
	switch ((enum ast_kind)node->kind) {
	case AST_CONST:
		if (node->type == NULL)
			node->type = constant_type(&node->u.constant);
		break;
	case AST_IDENT:
		check_ident(c, node);
		break;
	case AST_SELECT:
		check_select(c, node);
		break;
	case AST_CALL:
		checker_call(c, node);
		break;
	case AST_LIST:
		check_list(c, node);
		break;
	case AST_MAP:
		check_map(c, node);
		break;
	case AST_STRUCT:
		check_struct(c, node);
		break;
	case AST_FOLD:
		checker_fold(c, node);
		break;
	}
}

static void
finish(void *context, struct ast *node)
{
	struct checker *c = context;

	if (node->type != NULL)
		node->type = checker_substitute(c, node->type, true);
}

static void
check_expected(
    struct checker *c, const struct ast *root, const struct cel_type *expected)
{
	if (!checker_assignable(c, expected, root->type))
		checker_mismatch(c, root, expected, root->type);
}

static struct checker
new_checker(const struct cel_env *env, struct cel_issues *issues)
{
	return (struct checker){ .env = env,
		.issues = issues,
		.arena = issues->arena,
		.fuel = CEL_CHECK_FUEL };
}

static enum kg_status
outcome(const struct checker *c, const struct ast *root, size_t before)
{
	if (arena_failed(c->arena))
		return c->arena->failure;
	if (c->fuel == 0) {
		cel_issue_add(c->issues, root->pos,
		    "the types in this expression are too large");
		return KG_LIMIT;
	}
	cel_issues_sort(c->issues);
	return c->issues->count > before ? KG_INVALID : KG_OK;
}

enum kg_status
cel_check(const struct cel_env *env, struct ast *root,
    const struct cel_type *expected, struct cel_issues *issues)
{
	struct checker c = new_checker(env, issues);
	const size_t before = issues->count;

	checker_check(&c, root);
	if (expected != NULL && issues->count == before)
		check_expected(&c, root, expected);
	cel_ast_walk(root, finish, &c);
	if (issues->count == before && !arena_failed(c.arena)) {
		checker_literals(&c, root);
		checker_texts(&c, root);
	}
	return outcome(&c, root, before);
}

/* --- Names without types --- */

static void
make_dyn(void *context, struct ast *node)
{
	(void)context;
	node->type = &cel_t_dyn;
}

/* Without types cel-go looks at the number of arguments, where there are no
 * overloads to choose from: those for one and two take no other. */
static bool
takes_count(const struct cel_function_decl *f, size_t count)
{
	const size_t n = f->overloads[0]->param_count;

	return f->count > 1 || n == count || n == 0 || n > 2;
}

static void
check_count(void *context, struct ast *node)
{
	static const char *const lists[] = { "", "arg", "lhs, rhs", "..." };
	struct checker *c = context;
	const struct cel_function_decl *f;
	size_t count;

	if (node->kind != AST_CALL)
		return;
	f = checker_function(c, node->u.call.function);
	count = node->u.call.arg_count + (node->u.call.target != NULL);
	if (f != NULL ? !takes_count(f, count) : count == 0)
		cel_issue_add(c->issues, node->operator_pos,
		    "no such overload: %.*s(%s)",
		    SLICE_ARG(node->u.call.function),
		    lists[count < 3 ? count : 3]);
}

enum kg_status
cel_resolve(
    const struct cel_env *env, struct ast *root, struct cel_issues *issues)
{
	struct checker c = new_checker(env, issues);
	const size_t before = issues->count;
	struct cel_issues quiet;

	c.unchecked = true;
	/* What is not declared is left as it is. */
	cel_issues_init(&quiet, c.arena);
	c.issues = &quiet;
	checker_check(&c, root);
	c.issues = issues;
	cel_ast_walk(root, check_count, &c);
	cel_ast_walk(root, make_dyn, NULL);
	return outcome(&c, root, before);
}
