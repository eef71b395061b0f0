/* SPDX-License-Identifier: Apache-2.0 */
/* Calls in trees: operators that have instructions, and functions. */
#include "base/limits.h"
#include "cel/node.h"
#include "cel/vm.h"

/* --- Functions --- */

/*
 * cel-go finds these costs by the overload that the checker chose, and takes
 * 1 where it left several.
 */
static uint8_t
cost_rule(const struct cel_builder *b, const struct ast *tree)
{
	const struct cel_overload *const *o = tree->u.call.overloads;
	const enum cel_cost rule = o[0]->cost;

	if (b->options.compat < CEL_COMPAT_137 && rule == CEL_COST_MATCHES &&
	    o[0]->style == CEL_GLOBAL)
		return CEL_COST_ONE; /* 1.36 knows the method's only */
	if (b->options.compat >= CEL_COMPAT_137 &&
	    (o[0]->impl == cel_fn_starts_with ||
		o[0]->impl == cel_fn_ends_with))
		return CEL_COST_ARGUMENT;

	for (size_t i = 1; i < tree->u.call.overload_count; i++) {
		if (o[i]->cost != rule || rule == CEL_COST_SORT)
			return CEL_COST_ONE;
	}
	return (uint8_t)rule;
}

static void
fill_candidate(
    struct cel_candidate *candidate, const struct cel_overload *overload)
{
	candidate->overload = overload;
	candidate->deep = false;
	for (size_t i = 0; i < overload->param_count; i++) {
		const struct cel_type *type = overload->params[i];

		candidate->kinds[i] = cel_type_kinds(type);
		candidate->deep = candidate->deep || type->param_count > 0 ||
		    type->kind == CEL_TYPE_OPAQUE;
	}
	/* sort() itself says what it cannot order. */
	if (overload->impl == cel_fn_list_sort)
		candidate->deep = false;
}

static bool
same_call(const struct cel_call *call, const struct ast *tree, uint8_t cost)
{
	if (call->count != tree->u.call.overload_count || call->cost != cost ||
	    call->prepared != NULL)
		return false;
	for (size_t i = 0; i < call->count; i++) {
		if (call->candidates[i].overload != tree->u.call.overloads[i])
			return false;
	}
	return true;
}

static uint32_t
add_call(struct cel_builder *b, const struct ast *tree, uint8_t cost)
{
	struct cel_program *p = b->program;
	const size_t count = tree->u.call.overload_count;
	struct cel_candidate *candidates =
	    arena_array(b->keep, count, sizeof(*candidates));

	if (candidates == NULL ||
	    !cel_grow(b, b->scratch, (void **)&b->call_links, p->call_count,
		&b->call_link_cap, sizeof(*b->call_links)) ||
	    !cel_grow(b, b->scratch, (void **)&p->calls, p->call_count,
		&b->call_cap, sizeof(*p->calls))) {
		b->failed = true;
		return 0;
	}
	for (size_t i = 0; i < count; i++)
		fill_candidate(&candidates[i], tree->u.call.overloads[i]);
	p->calls[p->call_count] = (struct cel_call){
		.function = slice_str(candidates[0].overload->function),
		.candidates = candidates,
		.count = (uint32_t)count,
		.cost = cost,
	};
	return p->call_count++;
}

/* The call with these overloads; equal ones are one. */
static uint32_t
find_call(struct cel_builder *b, const struct ast *tree)
{
	const struct cel_program *p = b->program;
	const uint8_t cost = cost_rule(b, tree);
	const struct kg_slice name =
	    slice_str(tree->u.call.overloads[0]->function);
	void **first = map_put(&b->calls, name);
	uint32_t index;

	if (first == NULL) {
		b->failed = true;
		return 0;
	}
	for (index = (uint32_t)(uintptr_t)*first; index != 0;
	     index = b->call_links[index - 1].next) {
		if (same_call(&p->calls[index - 1], tree, cost))
			return index - 1;
	}
	index = add_call(b, tree, cost);
	if (!b->failed) {
		b->call_links[index].next = (uint32_t)(uintptr_t)*first;
		*first = (void *)(uintptr_t)(index + 1);
	}
	return index;
}

/* --- Arguments --- */

static uint32_t
build_args(struct cel_builder *b, const struct ast *tree, uint32_t **kids)
{
	const bool member = tree->u.call.target != NULL;
	const size_t count = tree->u.call.arg_count + (member ? 1 : 0);

	*kids = arena_array(b->scratch, count + 1, sizeof(**kids));
	if (*kids == NULL) {
		b->failed = true;
		return 0;
	}
	for (size_t i = 0; i < count && !b->failed; i++) {
		const struct ast *arg = member && i == 0
		    ? tree->u.call.target
		    : tree->u.call.args[i - (member ? 1 : 0)];

		(*kids)[i] = cel_build(b, arg);
	}
	return (uint32_t)count;
}

/* --- Operators --- */

/* a[i]: see build.c for what it costs. */
static void
index_cost(struct cel_builder *b, struct cel_node *n, const uint32_t *kids)
{
	const bool attribute =
	    cel_is_attribute(b, kids[1]) && b->nodes[kids[1]].kind != NODE_COND;

	n->cost = (int8_t)((cel_is_attribute(b, kids[0]) ? 0 : 1) +
	    (attribute ? 0 : 1));
}

/* a['name'] is a.name. */
static bool
index_is_select(struct cel_builder *b, struct cel_node *n, const uint32_t *kids)
{
	if (b->options.plain || !cel_is_free_constant(b, kids[1]) ||
	    cel_node_value(b, kids[1])->kind != CEL_STRING)
		return false;
	n->flags = n->op == OP_OPT_INDEX ? NODE_OPTIONAL : 0;
	n->kind = NODE_SELECT;
	n->op = 0;
	n->kid_count = 1;
	n->a = b->nodes[kids[1]].a;
	n->cost = cel_is_attribute(b, kids[0]) ? 0 : 1;
	return true;
}

/* A constant that nothing can be indexed with. */
static void
refuse_qualifier(struct cel_builder *b, uint32_t index, const struct ast *tree)
{
	struct value error;

	/* dyn() of a constant is one, folded or not. */
	while (b->nodes[index].kind == NODE_OP && b->nodes[index].op == OP_MOVE)
		index = cel_kids(b, &b->nodes[index])[0];
	if (b->failed || !cel_is_free_constant(b, index) ||
	    cel_is_error(cel_node_value(b, index)) ||
	    cel_is_qualifier(cel_node_value(b, index)))
		return;
	error = cel_bad_qualifier(b->scratch, cel_node_value(b, index));
	cel_issue_add(b->issues, tree->operator_pos, "%.*s",
	    SLICE_ARG(cel_error_text(b->scratch, &error)));
	b->failed = true;
}

static bool
fits_set(const struct value *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct value *item = &list->u.items[i];

		if (!cel_is_number(item) && item->kind != CEL_BOOL &&
		    item->kind != CEL_STRING)
			return false;
	}
	return true;
}

/* In a list of constants: a set, which cel-go does not charge for. */
static uint32_t
build_in(struct cel_builder *b, struct cel_node *n, const uint32_t *kids)
{
	const struct value no = cel_bool(false);
	const struct value *list;

	if (!b->options.plain && cel_is_free_constant(b, kids[1]) &&
	    (n->flags & NODE_TEXT_COST) != 0) {
		list = cel_node_value(b, kids[1]);
		if (list->kind == CEL_LIST && list->count == 0)
			return cel_build_error(b, &no);
		if (list->kind == CEL_LIST && fits_set(list)) {
			n->op = OP_IN_SET;
			n->flags = 0;
			n->cost = 0;
		}
	}
	return cel_node_add(b, n, kids);
}

struct operator
{
	const char *function;
	uint8_t kind, op;
	int8_t cost;
	enum cel_cost text; /* costs by its texts when the overload has this */
};

static const struct operator operators[] = {
	{ "_&&_", NODE_AND, 0, 0, 0 },
	{ "_||_", NODE_OR, 0, 0, 0 },
	{ "_?_:_", NODE_COND, 0, 0, 0 },
	{ "or", NODE_OPT_OR, 0, 0, 0 },
	{ "orValue", NODE_OR_VALUE, 0, 0, 0 },
	{ "!_", NODE_OP, OP_NOT, 1, 0 },
	{ "-_", NODE_OP, OP_NEG, 1, 0 },
	{ "_==_", NODE_OP, OP_EQ, 0, 0 },
	{ "_!=_", NODE_OP, OP_NE, 0, 0 },
	{ "_<_", NODE_OP, OP_LT, 0, CEL_COST_EQUAL },
	{ "_<=_", NODE_OP, OP_LE, 0, CEL_COST_EQUAL },
	{ "_>_", NODE_OP, OP_GT, 0, CEL_COST_EQUAL },
	{ "_>=_", NODE_OP, OP_GE, 0, CEL_COST_EQUAL },
	{ "_+_", NODE_OP, OP_ADD, 0, CEL_COST_CONCAT },
	{ "_-_", NODE_OP, OP_SUB, 1, 0 },
	{ "_*_", NODE_OP, OP_MUL, 1, 0 },
	{ "_/_", NODE_OP, OP_DIV, 1, 0 },
	{ "_%_", NODE_OP, OP_MOD, 1, 0 },
	{ "@in", NODE_OP, OP_IN, 0, CEL_COST_IN_LIST },
	{ "_[_]", NODE_OP, OP_INDEX, 0, 0 },
	{ "_[?_]", NODE_OP, OP_OPT_INDEX, 0, 0 },
	{ "dyn", NODE_OP, OP_MOVE, 1, 0 },
};

/* An operator, when all overloads are instructions of the VM. */
static const struct operator* find_operator(const struct ast *tree)
{
	for (size_t i = 0; i < tree->u.call.overload_count; i++) {
		if (tree->u.call.overloads[i]->impl != cel_fn_special)
			return NULL;
	}
	for (size_t i = 0; i < sizeof(operators) / sizeof(*operators); i++) {
		if (slice_is(tree->u.call.function, operators[i].function))
			return &operators[i];
	}
	return NULL;
}

static uint32_t
build_operator(struct cel_builder *b, const struct operator* o,
    const struct ast *tree, uint32_t *kids, uint32_t count)
{
	struct cel_node n = { .kind = o->kind,
		.op = o->op,
		.cost = o->cost,
		.kid_count = count,
		.tree = tree };

	if (o->text != 0 && tree->u.call.overload_count == 1 &&
	    tree->u.call.overloads[0]->cost == o->text)
		n.flags = NODE_TEXT_COST;
	if (o->op == OP_INDEX || o->op == OP_OPT_INDEX) {
		refuse_qualifier(b, kids[1], tree);
		index_cost(b, &n, kids);
		if (index_is_select(b, &n, kids))
			return cel_node_add(b, &n, kids);
	}
	if (o->op == OP_IN)
		return build_in(b, &n, kids);
	return cel_fold(b, cel_node_add(b, &n, kids), tree);
}

/* The call with this constant pattern compiled; `call` when it cannot be. */
static uint32_t
with_pattern(struct cel_builder *b, uint32_t call, uint32_t pattern)
{
	struct cel_program *p = b->program;
	const struct value *text = &p->constants[pattern];
	struct regex_error error;
	const struct regex *re;

	for (uint32_t i = p->call_count; i > 0; i--) {
		if (p->calls[i - 1].prepared != NULL &&
		    p->calls[i - 1].pattern == pattern)
			return i - 1;
	}
	if (text->kind != CEL_STRING ||
	    regex_compile(b->options.patterns, b->scratch, cel_slice(text),
		&error, &re) != KG_OK)
		return call;
	if (!cel_grow(b, b->scratch, (void **)&b->call_links, p->call_count,
		&b->call_link_cap, sizeof(*b->call_links)) ||
	    !cel_grow(b, b->scratch, (void **)&p->calls, p->call_count,
		&b->call_cap, sizeof(*p->calls)))
		return call;
	p->calls[p->call_count] = p->calls[call];
	p->calls[p->call_count].prepared = re;
	p->calls[p->call_count].pattern = pattern;
	return p->call_count++;
}

static bool
has_pattern(const struct cel_builder *b, uint32_t call, const uint32_t *kids)
{
	return b->options.patterns != NULL && !b->options.plain &&
	    b->program->calls[call].candidates[0].overload->impl ==
	    cel_fn_matches &&
	    cel_is_free_constant(b, kids[1]);
}

static uint32_t
build_function(struct cel_builder *b, const struct ast *tree,
    const uint32_t *kids, uint32_t count)
{
	struct cel_node n = { .kind = NODE_CALL,
		.kid_count = count,
		.tree = tree,
		.a = find_call(b, tree) };

	if (b->failed)
		return 0;
	if (has_pattern(b, n.a, kids))
		n.a = with_pattern(b, n.a, b->nodes[kids[1]].a);
	if (b->program->calls[n.a].cost == CEL_COST_ONE)
		n.cost = 1;
	return cel_fold(b, cel_node_add(b, &n, kids), tree);
}

uint32_t
cel_build_call(struct cel_builder *b, const struct ast *tree)
{
	const struct value unknown = cel_no_overload();
	const struct operator* o;
	uint32_t *kids, count;

	if (tree->u.call.overload_count == 0)
		return cel_build_error(b, &unknown);
	o = find_operator(tree);
	count = build_args(b, tree, &kids);
	if (b->failed)
		return 0;
	if (count > CEL_PARAMS_MAX ||
	    count != tree->u.call.overloads[0]->param_count)
		return cel_build_error(b, &unknown);
	if (o != NULL)
		return build_operator(b, o, tree, kids, count);
	return build_function(b, tree, kids, count);
}
