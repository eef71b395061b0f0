/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Guards are taken by their words: has(a.b.c) anywhere in an expression
 * guards every a.b.c in it. That lets some errors pass, and accuses nobody
 * who has thought of them.
 */
#include "cel/lint.h"

#include "base/limits.h"
#include "cel/env.h"

struct lint {
	struct kg_slice text;
	struct cel_issues *issues;
	const struct ast **guards; /* has() selects */
	size_t guard_count, guard_cap;
};

/* --- Paths --- */

/* Both name the same field of the same thing. */
static bool
same_path(const struct ast *a, const struct ast *b)
{
	while (a->kind == AST_SELECT && b->kind == AST_SELECT) {
		if (!slice_eq(a->u.select.field, b->u.select.field))
			return false;
		a = a->u.select.operand;
		b = b->u.select.operand;
	}
	if (a->kind != AST_IDENT || b->kind != AST_IDENT)
		return false;
	return slice_eq(a->u.ident.name, b->u.ident.name);
}

static void
note_guard(void *context, struct ast *node)
{
	struct lint *l = context;
	const size_t size = sizeof(*l->guards);

	if (node->kind != AST_SELECT || (node->flags & AST_TEST_ONLY) == 0)
		return;
	if (l->guard_count == l->guard_cap) {
		const size_t cap = l->guard_cap == 0 ? 8 : 2 * l->guard_cap;
		const struct ast **guards = arena_grow(l->issues->arena,
		    l->guards, l->guard_cap * size, cap * size);

		if (guards == NULL)
			return;
		l->guards = guards;
		l->guard_cap = cap;
	}
	l->guards[l->guard_count++] = node;
}

static bool
is_guarded(const struct lint *l, const struct ast *node)
{
	for (size_t i = 0; i < l->guard_count; i++) {
		if (same_path(l->guards[i], node))
			return true;
	}
	return false;
}

/* Fields that the API server puts or demands wherever they can be. */
static bool
is_always_there(struct kg_slice field)
{
	static const char *const names[] = { "apiVersion", "kind", "metadata",
		"spec", "containers", "name", "template", "jobTemplate" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (slice_is(field, names[i]))
			return true;
	}
	return false;
}

/* a.?b.c: the chain is an optional from there on. */
static bool
is_optional(const struct ast *node)
{
	for (;;) {
		if (node->type != NULL && node->type->kind == CEL_TYPE_OPTIONAL)
			return true;
		if (node->kind == AST_SELECT &&
		    (node->flags & AST_OPTIONAL) == 0)
			node = node->u.select.operand;
		else
			return (node->flags & AST_OPTIONAL) != 0;
	}
}

/* --- What is reported --- */

static struct kg_slice
source(const struct lint *l, const struct ast *node)
{
	return slice_upto(slice_from(slice_upto(l->text, node->end), node->pos),
	    QUOTE_MAX / 2);
}

static void
lint_select(struct lint *l, const struct ast *node)
{
	const struct ast *operand = node->u.select.operand;
	const struct kg_slice field = node->u.select.field;

	if ((node->flags & (AST_TEST_ONLY | AST_OPTIONAL)) != 0 ||
	    operand->type == NULL ||
	    (operand->type->kind != CEL_TYPE_DYN &&
		operand->type->kind != CEL_TYPE_MAP) ||
	    is_optional(operand) || is_always_there(field) ||
	    is_guarded(l, node))
		return;
	cel_issue_add(l->issues, node->operator_pos,
	    "an error when there is no field '%.*s'; guard it with "
	    "has(%.*s), or write %.*s.?%.*s.orValue(...)",
	    SLICE_ARG(field), SLICE_ARG(source(l, node)),
	    SLICE_ARG(source(l, operand)), SLICE_ARG(field));
}

/* The same whatever the object: nothing in it is a variable. */
static void
note_name(void *context, struct ast *node)
{
	bool *constant = context;

	if (node->kind == AST_IDENT)
		*constant = false;
}

static bool
is_constant(struct ast *node)
{
	bool constant = true;

	cel_ast_walk(node, note_name, &constant);
	return constant;
}

static void
lint_condition(struct lint *l, struct ast *node)
{
	if (is_constant(node))
		cel_issue_add(l->issues, node->operator_pos,
		    "this condition is the same for every object");
}

static void
lint_call(struct lint *l, const struct ast *node)
{
	const struct kg_slice name = node->u.call.function;
	const struct ast *target = node->u.call.target;

	if (slice_is(name, "_?_:_")) {
		lint_condition(l, node->u.call.args[0]);
	} else if (slice_is(name, "_&&_") || slice_is(name, "_||_")) {
		lint_condition(l, node->u.call.args[0]);
		lint_condition(l, node->u.call.args[1]);
	} else if (slice_is(name, "orValue") && target != NULL &&
	    target->type != NULL && target->type->kind == CEL_TYPE_DYN &&
	    !is_optional(target)) {
		cel_issue_add(l->issues, node->operator_pos,
		    ".orValue() on what is no optional: an error from "
		    "Kubernetes 1.37 on; write .?field before it");
	}
}

static void
visit(void *context, struct ast *node)
{
	if (node->kind == AST_SELECT)
		lint_select(context, node);
	else if (node->kind == AST_CALL)
		lint_call(context, node);
}

void
cel_lint(struct ast *tree, struct kg_slice text, struct cel_issues *issues)
{
	struct lint l = { .text = text, .issues = issues };

	cel_ast_walk(tree, note_guard, &l);
	cel_ast_walk(tree, visit, &l);
	if (tree->type != NULL && tree->type->kind == CEL_TYPE_BOOL &&
	    tree->kind != AST_CALL)
		lint_condition(&l, tree);
	cel_issues_sort(issues);
}
