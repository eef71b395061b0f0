/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Comprehensions. Each macro has instructions of its own instead of the
 * general loop that cel-go makes of it; the costs are those of that loop, so
 * that budgets last as long.
 */
#include "cel/emit_impl.h"

/* What cel-go's expansion costs: to start (with its result), for every
 * element (condition and step), and for one that is kept. */
static const struct {
	int8_t start, element, kept;
	bool list, map; /* it starts from a literal: 10, 30 unless folded */
} costs[] = {
	[MACRO_ALL] = { .start = 1, .element = 3 },
	[MACRO_EXISTS] = { .start = 1, .element = 4 },
	[MACRO_EXISTS_ONE] = { .start = 2, .kept = 2 },
	[MACRO_MAP] = { .start = 1, .kept = 12, .list = true },
	[MACRO_FILTER] = { .start = 1, .kept = 13, .list = true },
	[MACRO_TRANSFORM_LIST] = { .start = 1, .kept = 12, .list = true },
	[MACRO_TRANSFORM_MAP] = { .start = 1, .kept = 3, .map = true },
	[MACRO_TRANSFORM_MAP_ENTRY] = { .start = 1, .kept = 2, .map = true },
	[MACRO_OPT_MAP] = { .kept = 0 },
	[MACRO_OPT_FLAT_MAP] = { .kept = 0 },
	[MACRO_SORT_BY] = { .start = 1, .kept = 12, .list = true },
};

static void
bind(struct emitter *e, const struct cel_node *n, uint16_t var)
{
	e->locals[e->local_count++] = var;
	if ((n->flags & NODE_TWO) != 0)
		e->locals[e->local_count++] = (uint16_t)(var + 1);
}

static void
unbind(struct emitter *e, const struct cel_node *n)
{
	e->local_count -= (n->flags & NODE_TWO) != 0 ? 2 : 1;
}

static bool
folds_literals(const struct emitter *e)
{
	return !e->b->options.plain;
}

/* A list of one constant is a constant to cel-go. */
static int8_t
kept_cost(const struct emitter *e, const struct cel_node *n, uint32_t value)
{
	const int8_t cost = costs[n->op].kept;

	if (folds_literals(e) && costs[n->op].list &&
	    cel_is_free_constant(e->b, value) && n->op != MACRO_FILTER)
		return (int8_t)(cost - 10);
	return cost;
}

static void
emit_condition(struct emitter *e, const struct cel_node *n,
    struct cel_insn insn, uint32_t predicate)
{
	const uint32_t mark = e->next;

	(void)n;
	insn.a = emit_operand(e, predicate);
	e->next = mark;
	emit_insn(e, insn);
}

/* The element, or what the transform makes of it, is kept. */
static void
emit_keep(struct emitter *e, const struct cel_node *n, struct cel_insn insn,
    uint32_t transform)
{
	const uint32_t mark = e->next;

	insn.op = OP_APPEND;
	if (n->op == MACRO_FILTER) {
		insn.a = e->locals[e->local_count - 1];
	} else if (n->op == MACRO_TRANSFORM_MAP) {
		insn.op = OP_INSERT;
		insn.a = emit_register(e);
		(void)emit_register(e);
		emit_insn(e,
		    (struct cel_insn){ .op = OP_MOVE,
			.dst = insn.a,
			.a = e->locals[e->local_count - 2] });
		emit_to(e, transform, (uint16_t)(insn.a + 1));
	} else {
		if (n->op == MACRO_TRANSFORM_MAP_ENTRY)
			insn.op = OP_MERGE;
		insn.a = emit_operand(e, transform);
	}
	insn.cost = kept_cost(e, n, transform);
	e->next = mark;
	emit_insn(e, insn);
}

static void
emit_body(struct emitter *e, const struct cel_node *n, struct cel_insn insn)
{
	const uint32_t *kids = cel_kids(e->b, n);
	const bool guarded = (n->flags & NODE_PREDICATE) != 0;
	const uint32_t predicate = guarded ? kids[1] : 0;
	const uint32_t transform = kids[n->kid_count - 1];

	if (n->op == MACRO_ALL || n->op == MACRO_EXISTS ||
	    n->op == MACRO_EXISTS_ONE) {
		insn.op = n->op == MACRO_ALL ? OP_ALL
		    : n->op == MACRO_EXISTS  ? OP_EXISTS
					     : OP_COUNT;
		emit_condition(e, n, insn, predicate);
		return;
	}
	if (guarded) {
		insn.op = OP_GUARD;
		emit_condition(e, n, insn, predicate);
	}
	emit_keep(e, n, insn, transform);
}

/* The loop over the range that is in dst already. */
static void
emit_loop(struct emitter *e, const struct cel_node *n, uint16_t dst)
{
	const bool two = (n->flags & NODE_TWO) != 0;
	const uint16_t state = emit_register(e);
	const uint16_t var =
	    (uint16_t)(emit_register(e) + 1); /* the state is a pair */
	struct cel_insn insn = { .dst = dst, .b = state };
	const uint16_t outer = e->state;
	uint32_t fold, next;

	(void)emit_register(e);
	if (two)
		(void)emit_register(e);
	if (costs[n->op].list && !folds_literals(e))
		e->pending += 10;
	if (costs[n->op].map && !folds_literals(e))
		e->pending += 30;
	fold = emit_insn(e,
	    (struct cel_insn){ .op = OP_FOLD,
		.cost = costs[n->op].start,
		.dst = dst,
		.a = state,
		.b = n->op });
	next = emit_insn(e,
	    (struct cel_insn){ .op = two ? OP_NEXT2 : OP_NEXT,
		.dst = var,
		.a = state,
		.b = (uint16_t)costs[n->op].element });
	insn.k = next;
	bind(e, n, var);
	e->loops++;
	e->state = state;
	emit_body(e, n, insn);
	e->loops--;
	e->state = outer;
	unbind(e, n);
	emit_land(e, next);
	emit_land(e, fold);
	if (n->op == MACRO_EXISTS_ONE)
		emit_insn(e, (struct cel_insn){ .op = OP_ONE, .dst = dst });
}

static void
emit_sort(struct emitter *e, const struct cel_node *n, uint16_t dst)
{
	const uint16_t list = emit_register(e);
	const int bind_cost = folds_literals(e) ? 0 : 10;

	emit_to(e, cel_kids(e->b, n)[0], list);
	/* The binding, and the name of it before and within the map. */
	e->pending += bind_cost + 2;
	emit_insn(e, (struct cel_insn){ .op = OP_MOVE, .dst = dst, .a = list });
	emit_loop(e, n, dst);
	emit_insn(e,
	    (struct cel_insn){ .op = OP_SORT,
		.dst = dst,
		.a = list,
		.b = dst,
		.k = (n->flags & NODE_TYPED_KEYS) != 0 });
}

/* Whether the node looks at the fold's own variable. Recursion: as deep as
 * nodes nest, at most CEL_DEPTH_MAX. */
static bool
uses_variable(const struct emitter *e, uint32_t node, uint32_t distance)
{
	const struct cel_node *n = &e->b->nodes[node];
	const uint32_t bound = n->kind != NODE_FOLD ? 0
	    : (n->flags & NODE_TWO) != 0            ? 2
						    : 1;

	if (n->kind == NODE_LOCAL)
		return n->a == distance;
	if (n->free <= distance)
		return false;
	for (uint32_t i = 0; i < n->kid_count; i++) {
		if (uses_variable(e, cel_kids(e->b, n)[i],
			distance + (i > 0 ? bound : 0)))
			return true;
	}
	return false;
}

/* The target is evaluated once and, where the transform looks at it, paid for
 * twice, as hasValue() and value() of cel-go's expansion do. */
static void
emit_opt_map(struct emitter *e, const struct cel_node *n, uint16_t dst)
{
	const uint32_t transform = cel_kids(e->b, n)[1];
	const uint16_t target = emit_register(e);
	const uint16_t var = emit_register(e);
	uint32_t enter;

	emit_insn(e, (struct cel_insn){ .op = OP_MARK, .dst = dst });
	emit_to(e, cel_kids(e->b, n)[0], target);
	enter = emit_insn(e,
	    (struct cel_insn){
		.op = OP_OPT_ENTER, .dst = var, .a = target, .b = dst });
	if (uses_variable(e, transform, 0))
		emit_insn(e, (struct cel_insn){ .op = OP_AGAIN, .a = dst });
	if (!folds_literals(e))
		e->pending += 10;
	bind(e, n, var);
	emit_to(e, transform, dst);
	unbind(e, n);
	emit_insn(e,
	    (struct cel_insn){
		.op = n->op == MACRO_OPT_MAP ? OP_OPT_OF : OP_OPT_CHECK,
		.cost = n->op == MACRO_OPT_MAP ? 1 : 0,
		.dst = dst,
		.a = dst });
	emit_land(e, enter);
}

void
emit_fold(struct emitter *e, const struct cel_node *n, uint16_t dst)
{
	const uint32_t mark = e->next;

	if (n->op == MACRO_OPT_MAP || n->op == MACRO_OPT_FLAT_MAP) {
		emit_opt_map(e, n, dst);
	} else if (n->op == MACRO_SORT_BY) {
		emit_sort(e, n, dst);
	} else {
		emit_to(e, cel_kids(e->b, n)[0], dst);
		emit_loop(e, n, dst);
	}
	e->next = mark;
}
