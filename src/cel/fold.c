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

/* What the node costs in each evaluation, when it costs at all. */
static uint32_t
folded(struct cel_builder *b, const struct value *v, bool free, uint64_t charge)
{
	struct cel_node n = { .kind = NODE_CONST,
		.flags = free ? 0 : NODE_OURS,
		.charge = free ? 0 : (uint32_t)charge,
		.a = cel_constant(b, v) };

	return cel_node_add(b, &n, NULL);
}

struct folding {
	struct value *values; /* of all kids, in the arena they live on in */
	bool free;            /* all of them are constants to cel-go */
	uint64_t charge;      /* what they cost otherwise */
};

static bool
fold_kids(struct cel_builder *b, const struct cel_node *n, struct folding *f)
{
	*f = (struct folding){
		.values =
		    arena_array(b->keep, n->kid_count, sizeof(*f->values)),
		.free = true,
	};
	for (uint32_t i = 0; i < n->kid_count && f->values != NULL; i++) {
		const uint32_t kid = cel_kids(b, n)[i];

		f->values[i] = *cel_node_value(b, kid);
		f->charge += b->nodes[kid].charge;
		f->free = f->free && cel_is_free_constant(b, kid);
	}
	b->failed = b->failed || f->values == NULL;
	return f->values != NULL;
}

static uint32_t
fold_list(struct cel_builder *b, uint32_t node)
{
	const struct cel_node *n = &b->nodes[node];
	struct folding f;
	struct value list;

	if (n->a != 0 || !fold_kids(b, n, &f))
		return node;
	list = cel_list(f.values, n->kid_count);
	return folded(b, &list, f.free, f.charge + 10);
}

static uint32_t
fold_map(struct cel_builder *b, uint32_t node)
{
	const struct cel_node *n = &b->nodes[node];
	struct folding f;
	struct value map;

	if (n->a != 0 || !fold_kids(b, n, &f))
		return node;
	map = cel_make_map(b->folder, f.values, n->kid_count, NULL);
	if (map.kind == CEL_ERROR)
		return node;
	return folded(b, &map, f.free, f.charge + 30);
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
	struct folding f;
	struct value v;

	if (asks_host(call, n->kid_count) || n->kid_count == 0 ||
	    !fold_kids(b, n, &f))
		return node;
	f.free = f.free && conversion;
	b->folder->cost = 0;
	v = cel_call_run(b->folder, call, f.values);
	if (v.kind == CEL_ERROR && f.free) {
		cel_issue_add(b->issues, tree->pos, "%.*s",
		    SLICE_ARG(cel_error_text(b->scratch, &v)));
		b->failed = true;
	}
	f.charge += b->folder->cost + (uint64_t)n->cost;
	if (v.kind == CEL_ERROR || v.kind == CEL_OPTIONAL ||
	    f.charge > CEL_COST_MAX)
		return node;
	return folded(b, &v, f.free, f.charge);
}

/* dyn(): the constant itself. */
static uint32_t
fold_move(struct cel_builder *b, uint32_t node)
{
	const struct cel_node *n = &b->nodes[node];
	const uint32_t kid = cel_kids(b, n)[0];

	if (cel_is_free_constant(b, kid))
		return kid;
	return folded(b, cel_node_value(b, kid), false,
	    (uint64_t)b->nodes[kid].charge + (uint64_t)n->cost);
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
		return fold_move(b, node);
	return node;
}
