/* SPDX-License-Identifier: Apache-2.0 */
/* Walking a tree. */
#include "cel/ast.h"

static void
walk_all(
    struct ast *const *nodes, size_t count, cel_ast_visit *visit, void *context)
{
	for (size_t i = 0; i < count; i++)
		cel_ast_walk(nodes[i], visit, context);
}

static void
walk_call(struct ast *node, cel_ast_visit *visit, void *context)
{
	if (node->u.call.target != NULL)
		cel_ast_walk(node->u.call.target, visit, context);
	walk_all(node->u.call.args, node->u.call.arg_count, visit, context);
}

static void
walk_entries(struct ast *node, cel_ast_visit *visit, void *context)
{
	for (size_t i = 0; i < node->u.map.count; i++) {
		if (node->u.map.entries[i].key != NULL)
			cel_ast_walk(
			    node->u.map.entries[i].key, visit, context);
		cel_ast_walk(node->u.map.entries[i].value, visit, context);
	}
}

static void
walk_fold(struct ast *node, cel_ast_visit *visit, void *context)
{
	cel_ast_walk(node->u.fold.range, visit, context);
	if (node->u.fold.predicate != NULL)
		cel_ast_walk(node->u.fold.predicate, visit, context);
	if (node->u.fold.transform != NULL)
		cel_ast_walk(node->u.fold.transform, visit, context);
}

/* Recursion: a tree is no higher than CEL_DEPTH_MAX. */
void
cel_ast_walk(struct ast *node, cel_ast_visit *visit, void *context)
{
	switch ((enum ast_kind)node->kind) {
	case AST_CONST:
	case AST_IDENT:
		break;
	case AST_SELECT:
		cel_ast_walk(node->u.select.operand, visit, context);
		break;
	case AST_CALL:
		walk_call(node, visit, context);
		break;
	case AST_LIST:
		walk_all(
		    node->u.list.items, node->u.list.count, visit, context);
		break;
	case AST_MAP:
	case AST_STRUCT:
		walk_entries(node, visit, context);
		break;
	case AST_FOLD:
		walk_fold(node, visit, context);
		break;
	}
	visit(context, node);
}
