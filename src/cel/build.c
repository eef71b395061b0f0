/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trees to nodes, and what evaluating each will cost.
 *
 * Costs follow cel-go's run time: a name and every selection, index or key
 * after it are one *attribute*; resolving it costs 1 and each step 1 more. A
 * selection from anything else (a call, a literal) resolves that first, which
 * costs the 1 as well. A conditional is an attribute too, but resolving it is
 * free, and a branch that is an attribute is resolved by it, for nothing.
 */
#include "base/limits.h"
#include "base/utf8.h"
#include "cel/node.h"

bool
cel_is_attribute(const struct cel_builder *b, uint32_t node)
{
	const struct cel_node *n = &b->nodes[node];

	switch ((enum cel_node_kind)n->kind) {
	case NODE_SLOT:
	case NODE_LOCAL:
	case NODE_VARIABLE:
	case NODE_SELECT:
	case NODE_HAS:
	case NODE_COND:
		return true;
	case NODE_OP:
		return n->op == OP_INDEX || n->op == OP_OPT_INDEX;
	case NODE_CONST:
	case NODE_AND:
	case NODE_OR:
	case NODE_OR_VALUE:
	case NODE_OPT_OR:
	case NODE_CALL:
	case NODE_LIST:
	case NODE_MAP:
	case NODE_FOLD:
		break;
	}
	return false;
}

/* The texts of a constant, where the program outlives them. */
static struct value
keep_value(struct cel_builder *b, const struct value *v)
{
	struct value copy = *v;
	const bool text = v->kind == CEL_STRING || v->kind == CEL_BYTES ||
	    v->kind == CEL_TYPE || v->kind == CEL_ERROR;

	if (text && v->count > 0) {
		copy.u.bytes =
		    arena_copy(b->keep, slice_of(v->u.bytes, v->count)).ptr;
		b->failed = b->failed || copy.u.bytes == NULL;
	}
	/* What selections compare is the id of the name. */
	if (v->kind != CEL_TIMESTAMP)
		copy.key = 0;
	return copy;
}

static uint32_t
constant(struct cel_builder *b, const struct value *v, uint32_t charge)
{
	const struct value copy = keep_value(b, v);
	const struct cel_node n = { .kind = NODE_CONST,
		.a = b->failed ? 0 : cel_constant(b, &copy),
		.charge = charge };

	return cel_node_add(b, &n, NULL);
}

uint32_t
cel_build_error(struct cel_builder *b, const struct value *error)
{
	return constant(b, error, 0);
}

static uint32_t
unresolved(struct cel_builder *b, struct kg_slice name)
{
	const struct value error = cel_errorf(b->scratch,
	    "no such attribute(s): %.*s", SLICE_ARG(utf8_cut(name, QUOTE_MAX)));

	return constant(b, &error, 1);
}

/* Distance of a fold's variable from here. */
static uint32_t
local_distance(const struct cel_builder *b, uint32_t slot)
{
	uint32_t i = b->local_count;

	while (i > 0 && b->locals[i - 1] != slot)
		i--;
	return i == 0 ? UINT32_MAX : b->local_count - i;
}

static uint32_t
build_ident(struct cel_builder *b, const struct ast *tree)
{
	const struct cel_variable *variable = tree->u.ident.variable;
	struct cel_node n = { .kind = NODE_SLOT, .cost = 1, .tree = tree };

	if (variable != NULL) {
		n.a = variable->index;
		n.b = cel_constant_text(b, arena_copy(b->keep, variable->name));
		n.slots = 1ull << (n.a < 63 ? n.a : 63);
		return cel_node_add(b, &n, NULL);
	}
	n.kind = NODE_LOCAL;
	n.a = tree->u.ident.local == AST_UNRESOLVED
	    ? UINT32_MAX
	    : local_distance(b, tree->u.ident.local);
	if (n.a == UINT32_MAX)
		return unresolved(b, tree->u.ident.name);
	n.free = (uint8_t)(n.a + 1);
	return cel_node_add(b, &n, NULL);
}

/* variables.x: the root that it names, or NULL. */
static const struct cel_binding *
binding_of(const struct cel_builder *b, const struct ast *tree)
{
	const struct ast *operand = tree->u.select.operand;

	if (b->scope == NULL || operand->kind != AST_IDENT ||
	    operand->u.ident.variable == NULL ||
	    operand->u.ident.variable->index != b->scope->variable)
		return NULL;
	for (size_t i = b->scope->count; i > 0; i--) {
		if (slice_eq(
			b->scope->bindings[i - 1].name, tree->u.select.field))
			return &b->scope->bindings[i - 1];
	}
	return NULL;
}

/* tree: NULL where this is only part of what somebody wrote. */
static uint32_t
use_variable(struct cel_builder *b, const struct cel_binding *binding,
    int8_t cost, uint32_t pos, const struct ast *tree)
{
	struct cel_node n = { .kind = NODE_VARIABLE,
		.cost = cost,
		.a = b->roots[binding->root],
		.tree = tree };
	const struct cel_node *target = &b->nodes[n.a];

	n.b = cel_constant_text(b, arena_copy(b->keep, binding->name));
	n.slots = target->slots;
	n.calls = target->calls + 1;
	if (n.calls > CEL_CALLS_MAX) {
		cel_issue_add(b->issues, pos, "variables nest too deeply");
		b->failed = true;
	}
	return cel_node_add(b, &n, NULL);
}

/* Whoever asks whether a variable is there has it evaluated: it is, unless
 * it is an error. */
static uint32_t
build_variable(struct cel_builder *b, const struct cel_binding *binding,
    const struct ast *tree)
{
	const bool test = (tree->flags & AST_TEST_ONLY) != 0;
	const bool optional = (tree->flags & AST_OPTIONAL) != 0;
	const uint32_t variable = use_variable(b, binding, test ? 1 : 2,
	    tree->pos, test || optional ? NULL : tree);
	const struct cel_node n = { .kind = NODE_OP,
		.op = test ? OP_PRESENT : OP_OPT_OF,
		.kid_count = 1,
		.tree = tree };

	return test || optional ? cel_node_add(b, &n, &variable) : variable;
}

static uint32_t
build_select(struct cel_builder *b, const struct ast *tree)
{
	const struct cel_binding *binding = binding_of(b, tree);
	struct kg_slice name = tree->u.select.field;
	struct cel_node n = {
		.kind = NODE_SELECT, .kid_count = 1, .tree = tree
	};
	uint32_t operand;

	if (binding != NULL && binding->root == CEL_NO_ROOT)
		return unresolved(b, binding->name);
	if (binding != NULL)
		return build_variable(b, binding, tree);
	operand = cel_build(b, tree->u.select.operand);
	name = arena_copy(b->keep, name);
	n.a = cel_constant_text(b, name);
	if (b->failed)
		return 0;
	n.cost = cel_is_attribute(b, operand) ? 0 : 1;
	if ((tree->flags & AST_TEST_ONLY) != 0) {
		n.kind = NODE_HAS;
		n.cost = (int8_t)(n.cost + b->options.presence_cost);
	} else if ((tree->flags & AST_OPTIONAL) != 0) {
		n.flags = NODE_OPTIONAL;
	}
	return cel_fold(b, cel_node_add(b, &n, &operand), tree);
}

static uint32_t
build_list(struct cel_builder *b, const struct ast *tree)
{
	const size_t count = tree->u.list.count;
	struct cel_node n = { .kind = NODE_LIST,
		.cost = 10,
		.kid_count = (uint32_t)count,
		.tree = tree };
	uint32_t *kids = arena_array(b->scratch, count, sizeof(*kids));
	bool *optional = arena_alloc(b->keep, count);
	bool any = false;

	if (kids == NULL || optional == NULL)
		b->failed = true;
	for (size_t i = 0; i < count && !b->failed; i++) {
		const struct ast *item = tree->u.list.items[i];

		optional[i] = (item->flags & AST_ELEMENT) != 0;
		any = any || optional[i];
		kids[i] = cel_build(b, item);
	}
	if (any && !b->failed)
		n.a = cel_constant_text(
			  b, slice_of((const char *)optional, count)) +
		    1;
	return cel_fold(b, cel_node_add(b, &n, kids), tree);
}

static uint32_t
build_map(struct cel_builder *b, const struct ast *tree)
{
	const size_t count = tree->u.map.count;
	struct cel_node n = { .kind = NODE_MAP,
		.cost = 30,
		.kid_count = (uint32_t)(2 * count),
		.tree = tree };
	uint32_t *kids = arena_array(b->scratch, 2 * count, sizeof(*kids));
	bool *optional = arena_alloc(b->keep, count);
	bool any = false;

	if (kids == NULL || optional == NULL)
		b->failed = true;
	for (size_t i = 0; i < count && !b->failed; i++) {
		const struct ast_entry *entry = &tree->u.map.entries[i];

		optional[i] = entry->optional;
		any = any || entry->optional;
		kids[2 * i] = cel_build(b, entry->key);
		kids[2 * i + 1] = cel_build(b, entry->value);
	}
	if (any && !b->failed)
		n.a = cel_constant_text(
			  b, slice_of((const char *)optional, count)) +
		    1;
	return cel_fold(b, cel_node_add(b, &n, kids), tree);
}

/* --- Comprehensions --- */

static bool
push_local(struct cel_builder *b, uint32_t slot)
{
	if (b->local_count >= UINT8_MAX ||
	    !cel_grow(b, b->scratch, (void **)&b->locals, b->local_count,
		&b->local_cap, sizeof(*b->locals))) {
		b->failed = true;
		return false;
	}
	b->locals[b->local_count++] = slot;
	return true;
}

uint32_t
cel_build_fold(struct cel_builder *b, const struct ast *tree)
{
	const bool two = tree->u.fold.var2.len > 0;
	const struct ast *parts[] = { tree->u.fold.predicate,
		tree->u.fold.transform };
	struct cel_node n = { .kind = NODE_FOLD,
		.op = (uint8_t)tree->u.fold.macro,
		.flags = two ? NODE_TWO : 0,
		.kid_count = 1,
		.tree = tree };
	uint32_t kids[3];
	const uint32_t before = b->local_count;

	kids[0] = cel_build(b, tree->u.fold.range);
	(void)push_local(b, tree->u.fold.var_slot);
	if (two)
		(void)push_local(b, tree->u.fold.var2_slot);
	for (size_t i = 0; i < 2; i++) {
		if (parts[i] == NULL || b->failed)
			continue;
		n.flags |= i == 0 ? NODE_PREDICATE : NODE_TRANSFORM;
		kids[n.kid_count++] = cel_build(b, parts[i]);
	}
	b->local_count = before;
	if ((tree->flags & AST_TYPED_KEYS) != 0)
		n.flags |= NODE_TYPED_KEYS;
	return cel_node_add(b, &n, kids);
}

uint32_t
cel_build(struct cel_builder *b, const struct ast *tree)
{
	const struct value unsupported = cel_error("no such overload");

	if (b->failed)
		return 0;
	switch ((enum ast_kind)tree->kind) {
	case AST_CONST:
		return constant(b, &tree->u.constant, 0);
	case AST_IDENT:
		return build_ident(b, tree);
	case AST_SELECT:
		return build_select(b, tree);
	case AST_CALL:
		return cel_build_call(b, tree);
	case AST_LIST:
		return build_list(b, tree);
	case AST_MAP:
		return build_map(b, tree);
	case AST_FOLD:
		return cel_build_fold(b, tree);
	case AST_STRUCT:
		break;
	}
	return constant(b, &unsupported, 0);
}
