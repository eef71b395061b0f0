/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Constants are worked out at compile. What cel-go folds (literal lists and
 * maps, conversions) is free of charge from then on, as it is there; what
 * only we fold keeps its price. An error is never folded into a value: of a
 * conversion it is a mistake in the policy, and said so; of anything else it
 * is left for the evaluation, which may never reach it.
 */
#include "base/limits.h"
#include "cel/node.h"
#include "cel/vm.h"

static bool
is_conversion(struct kg_slice function)
{
	static const char *const names[] = { "bool", "bytes", "double",
		"duration", "int", "string", "timestamp", "type", "uint" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (slice_is(function, names[i]))
			return true;
	}
	return false;
}

static uint32_t
folded(struct cel_builder *b, const struct value *v, uint64_t charge)
{
	struct cel_node n = { .kind = NODE_CONST,
		.charge = (uint32_t)charge,
		.a = cel_constant(b, v) };

	return cel_node_add(b, &n, NULL);
}

/* Values of all kids, in the arena that they live on in; NULL: failed. */
static struct value *
kid_values(struct cel_builder *b, const struct cel_node *n, uint64_t *charge)
{
	struct value *values =
	    arena_array(b->keep, n->kid_count, sizeof(*values));

	*charge = 0;
	for (uint32_t i = 0; i < n->kid_count && values != NULL; i++) {
		const uint32_t kid = cel_kids(b, n)[i];

		values[i] = *cel_node_value(b, kid);
		*charge += b->nodes[kid].charge;
	}
	b->failed = b->failed || values == NULL;
	return values;
}

static uint32_t
fold_list(struct cel_builder *b, uint32_t node)
{
	const struct cel_node *n = &b->nodes[node];
	uint64_t charge;
	struct value *items;
	struct value list;

	if (n->a != 0)
		return node;
	items = kid_values(b, n, &charge);
	if (items == NULL)
		return node;
	list = cel_list(items, n->kid_count);
	return folded(b, &list, charge == 0 ? 0 : charge + 10);
}

static uint32_t
fold_map(struct cel_builder *b, uint32_t node)
{
	const struct cel_node *n = &b->nodes[node];
	uint64_t charge;
	struct value *pairs, map;

	if (n->a != 0)
		return node;
	pairs = kid_values(b, n, &charge);
	if (pairs == NULL)
		return node;
	map = cel_make_map(b->folder, pairs, n->kid_count, NULL);
	if (map.kind == CEL_ERROR)
		return node;
	return folded(b, &map, charge == 0 ? 0 : charge + 30);
}

/* What the host answers is not known yet. */
static bool
asks_host(const struct cel_call *call, uint32_t count)
{
	return call->candidates[0].overload->library == CEL_LIB_AUTHORIZER ||
	    (count == 2 &&
		call->candidates[0].overload->params[0]->kind ==
		    CEL_TYPE_TIMESTAMP);
}

static uint32_t
fold_call(struct cel_builder *b, uint32_t node, const struct ast *tree)
{
	const struct cel_node *n = &b->nodes[node];
	const struct cel_call *call = &b->program->calls[n->a];
	const bool conversion = is_conversion(call->function);
	struct value *args, v;
	uint64_t charge;

	if (asks_host(call, n->kid_count) || n->kid_count == 0)
		return node;
	args = kid_values(b, n, &charge);
	if (args == NULL)
		return node;
	b->folder->cost = 0;
	v = cel_call_run(b->folder, call, args);
	if (v.kind == CEL_ERROR && conversion && charge == 0) {
		cel_issue_add(b->issues, tree->pos, "%.*s",
		    SLICE_ARG(cel_error_text(b->scratch, &v)));
		b->failed = true;
	}
	if (v.kind == CEL_ERROR || v.kind == CEL_OPTIONAL)
		return node;
	if (!conversion || charge != 0)
		charge += b->folder->cost + (uint64_t)n->cost;
	return folded(b, &v, charge);
}

uint32_t
cel_fold(struct cel_builder *b, uint32_t node, const struct ast *tree)
{
	const struct cel_node *n = &b->nodes[node];

	if (b->failed || b->options.plain)
		return node;
	for (uint32_t i = 0; i < n->kid_count; i++) {
		if (!cel_is_constant(b, cel_kids(b, n)[i]))
			return node;
		if (cel_node_value(b, cel_kids(b, n)[i])->kind == CEL_ERROR)
			return node;
	}
	if (n->kind == NODE_LIST)
		return fold_list(b, node);
	if (n->kind == NODE_MAP)
		return fold_map(b, node);
	if (n->kind == NODE_CALL)
		return fold_call(b, node, tree);
	if (n->kind == NODE_OP && n->op == OP_MOVE)
		return cel_kids(b, n)[0];
	return node;
}
