/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nodes to bytecode. Registers are a stack: whoever needs one takes the next
 * and gives it back. Each root is a function, as is each node that has more
 * than one user and no variables of comprehensions around it: those are
 * evaluated once a request, whoever asks first.
 */
#include "base/limits.h"
#include "cel/emit_impl.h"

uint32_t
emit_here(const struct emitter *e)
{
	return e->b->program->insn_count - e->start;
}

static void
append(struct emitter *e, struct cel_insn insn)
{
	struct cel_builder *b = e->b;
	struct cel_program *p = b->program;

	if (!b->failed &&
	    cel_grow(b, b->scratch, (void **)&p->insns, p->insn_count,
		&b->insn_cap, sizeof(*p->insns)))
		p->insns[p->insn_count++] = insn;
}

uint32_t
emit_insn(struct emitter *e, struct cel_insn insn)
{
	int cost = insn.cost + e->pending;

	e->pending = 0;
	if (cost > INT8_MAX || cost < INT8_MIN) {
		append(e,
		    (struct cel_insn){ .op = OP_CHARGE, .k = (uint32_t)cost });
		cost = 0;
	}
	insn.cost = (int8_t)cost;
	append(e, insn);
	return emit_here(e) - 1;
}

void
emit_land(struct emitter *e, uint32_t at)
{
	if (!e->b->failed)
		e->b->program->insns[e->start + at].k = emit_here(e);
}

uint16_t
emit_register(struct emitter *e)
{
	const uint32_t r = e->next++;

	if (e->next > e->most)
		e->most = e->next;
	if (e->most >= CEL_REGISTERS_MAX) {
		e->b->failed = true;
		e->next = e->most = 1;
		return 0;
	}
	return (uint16_t)r;
}

uint16_t
emit_rk(struct emitter *e, uint32_t constant)
{
	uint16_t r;

	if (constant < RK_CONST)
		return (uint16_t)(RK_CONST | constant);
	r = emit_register(e);
	emit_insn(
	    e, (struct cel_insn){ .op = OP_CONST, .dst = r, .k = constant });
	return r;
}

/* An error's constant as well as any other's. */
static void
emit_constant(struct emitter *e, const struct cel_node *n, uint16_t dst)
{
	e->pending += (int)n->charge;
	emit_insn(
	    e, (struct cel_insn){ .op = OP_CONST, .dst = dst, .k = n->a });
}

static uint16_t
local_register(const struct emitter *e, const struct cel_node *n)
{
	return e->locals[e->local_count - 1 - n->a];
}

uint16_t
emit_operand(struct emitter *e, uint32_t node)
{
	const struct cel_node *n = &e->b->nodes[node];
	uint16_t r;

	if (n->kind == NODE_CONST && n->a < RK_CONST) {
		e->pending += (int)n->charge;
		return emit_rk(e, n->a);
	}
	if (n->kind == NODE_LOCAL && !e->b->options.record) {
		e->pending += n->cost;
		return local_register(e, n);
	}
	r = emit_register(e);
	emit_to(e, node, r);
	return r;
}

/* --- Kinds of nodes --- */

static void
emit_op(struct emitter *e, const struct cel_node *n, uint16_t dst)
{
	struct cel_insn insn = { .op = n->op,
		.cost = n->cost,
		.dst = dst,
		.k = (n->flags & NODE_TEXT_COST) != 0 };
	const uint32_t *kids = cel_kids(e->b, n);
	const uint32_t mark = e->next;

	if (n->op == OP_NOT && e->b->nodes[kids[0]].kind == NODE_HAS &&
	    emit_is_part(e, kids[0])) {
		insn.op = OP_HAS;
		insn.b = 1;
		emit_path(e, kids[0], insn);
		return;
	}
	insn.a = emit_operand(e, kids[0]);
	if (n->kid_count > 1)
		insn.b = emit_operand(e, cel_kids(e->b, n)[1]);
	e->next = mark;
	emit_insn(e, insn);
}

static bool
set_slots(struct cel_builder *b, struct cel_set *set)
{
	uint32_t size = 4, *slots;

	while (size < set->count * 2)
		size *= 2;
	slots = arena_alloc(b->keep, size * sizeof(*slots));
	if (slots == NULL)
		return false;
	for (uint32_t i = 0; i < set->count; i++) {
		uint32_t at =
		    (uint32_t)cel_hash(&set->items[i], b->program->seed) &
		    (size - 1);

		while (slots[at] != 0)
			at = (at + 1) & (size - 1);
		slots[at] = i + 1;
	}
	set->slots = slots;
	set->mask = size - 1;
	return true;
}

/* The set of a constant list; found again by it. */
static uint32_t
find_set(struct cel_builder *b, uint32_t list)
{
	struct cel_program *p = b->program;
	const struct value *v = &p->constants[list];
	struct cel_set set = {
		.items = v->u.items, .count = v->count, .list = list
	};

	void **entry = cel_entry(b, list, CEL_ENTRY_SET);

	if (entry == NULL)
		return 0;
	if (*entry != NULL)
		return (uint32_t)(uintptr_t)*entry - 1;
	if (!set_slots(b, &set) ||
	    !cel_grow(b, b->scratch, (void **)&p->sets, p->set_count,
		&b->set_cap, sizeof(*p->sets))) {
		b->failed = true;
		return 0;
	}
	p->sets[p->set_count++] = set;
	*entry = (void *)(uintptr_t)p->set_count;
	return p->set_count - 1;
}

static void
emit_in_set(struct emitter *e, const struct cel_node *n, uint16_t dst)
{
	const uint32_t *kids = cel_kids(e->b, n);
	const uint32_t list = e->b->nodes[kids[1]].a;
	const uint32_t mark = e->next;
	struct cel_insn insn = { .op = OP_IN_SET, .dst = dst };

	insn.a = emit_operand(e, kids[0]);
	insn.k = find_set(e->b, list);
	e->next = mark;
	emit_insn(e, insn);
}

/* Is the node a link of the chain, the same operator? */
static bool
is_link(const struct emitter *e, uint32_t node, uint8_t kind)
{
	return e->b->nodes[node].kind == kind && emit_is_part(e, node);
}

#define NO_JUMP UINT32_MAX

/* a && b && c: what comes after one that decides is skipped. The jumps out
 * of the chain are linked by where they lead to, the last first. Recursion:
 * as deep as the tree. */
static void
emit_links(
    struct emitter *e, const struct cel_node *n, uint16_t dst, uint32_t *jumps)
{
	const bool and = n->kind == NODE_AND;
	struct cel_insn insn = { .dst = dst, .a = dst };
	const uint32_t mark = e->next;

	for (uint32_t i = 0; i < 2; i++) {
		const uint32_t kid = cel_kids(e->b, n)[i];

		if (is_link(e, kid, n->kind)) {
			emit_links(e, &e->b->nodes[kid], dst, jumps);
			continue;
		}
		if (*jumps == NO_JUMP) {
			emit_to(e, kid, dst);
			insn.op = and? OP_IF_FALSE : OP_IF_TRUE;
		} else {
			insn.op = and? OP_AND : OP_OR;
			insn.b = emit_operand(e, kid);
		}
		e->next = mark;
		insn.k = *jumps;
		*jumps = emit_insn(e, insn);
	}
}

static void
emit_logic(struct emitter *e, const struct cel_node *n, uint16_t dst)
{
	uint32_t jump = NO_JUMP;

	emit_links(e, n, dst, &jump);
	while (jump != NO_JUMP && !e->b->failed) {
		const uint32_t before = e->b->program->insns[e->start + jump].k;

		emit_land(e, jump);
		jump = before;
	}
}

/* What resolving the branch as a part of the conditional saves. */
static int
branch_saving(const struct emitter *e, uint32_t node)
{
	const struct cel_node *n = &e->b->nodes[node];

	if (n->kind == NODE_COND || !cel_is_attribute(e->b, node))
		return 0;
	return n->kind == NODE_HAS && !e->b->options.presence_cost ? 0 : 1;
}

static void
emit_branch(struct emitter *e, uint32_t node, uint16_t dst)
{
	const int saving = branch_saving(e, node);

	e->pending -= saving;
	emit_to(e, node, dst);
}

static void
emit_cond(struct emitter *e, const struct cel_node *n, uint16_t dst)
{
	const uint32_t *kids = cel_kids(e->b, n);
	const uint32_t yes = kids[1], no = kids[2];
	const uint32_t mark = e->next;
	struct cel_insn insn = { .op = OP_COND, .dst = dst };
	uint32_t other, end;

	insn.a = emit_operand(e, kids[0]);
	e->next = mark;
	other = emit_insn(e, insn);
	emit_branch(e, yes, dst);
	end = emit_insn(e, (struct cel_insn){ .op = OP_JUMP });
	emit_land(e, other);
	emit_branch(e, no, dst);
	emit_land(e, end);
}

/* a.?x.orValue(constant) is one instruction. */
static bool
is_path_or(const struct emitter *e, const struct cel_node *n)
{
	const uint32_t *kids = cel_kids(e->b, n);
	const struct cel_node *other = &e->b->nodes[kids[1]];

	return n->kind == NODE_OR_VALUE &&
	    e->b->nodes[kids[0]].kind == NODE_SELECT &&
	    emit_is_part(e, kids[0]) && other->kind == NODE_CONST &&
	    other->a < RK_CONST && other->charge == 0;
}

/* a.orValue(b), a.or(b): b is evaluated when a holds nothing. */
static void
emit_or_value(struct emitter *e, const struct cel_node *n, uint16_t dst)
{
	const bool or = n->kind == NODE_OPT_OR;
	const uint32_t other = cel_kids(e->b, n)[1];
	const uint32_t mark = e->next;
	struct cel_insn insn = { .op = or ? OP_OPT_OR : OP_OR_VALUE,
		.dst = dst };
	uint32_t at;

	if (is_path_or(e, n)) {
		insn.op = OP_SELECT_OR;
		insn.b = emit_rk(e, e->b->nodes[other].a);
		emit_path(e, cel_kids(e->b, n)[0], insn);
		return;
	}
	insn.a = emit_operand(e, cel_kids(e->b, n)[0]);
	e->next = mark;
	at = emit_insn(e, insn);
	emit_to(e, other, dst);
	if (or)
		emit_insn(e,
		    (struct cel_insn){
			.op = OP_OPT_CHECK, .dst = dst, .a = dst });
	emit_land(e, at);
}

/* Kids in registers one after another. */
static uint16_t
emit_many(struct emitter *e, const struct cel_node *n)
{
	const uint32_t first = e->next;

	for (uint32_t i = 0; i < n->kid_count && !e->b->failed; i++) {
		const uint16_t r = emit_register(e);

		emit_to(e, cel_kids(e->b, n)[i], r);
		e->next = (uint32_t)r + 1;
	}
	return (uint16_t)first;
}

static void
emit_container(struct emitter *e, const struct cel_node *n, uint16_t dst)
{
	const uint32_t mark = e->next;
	struct cel_insn insn = {
		.cost = n->cost, .dst = dst, .b = (uint16_t)n->kid_count
	};

	if (n->kind == NODE_LIST)
		insn.op = n->a != 0 ? OP_LIST_OPT : OP_LIST;
	else
		insn.op = n->a != 0 ? OP_MAP_OPT : OP_MAP;
	insn.k = n->a != 0 ? n->a - 1 : 0;
	insn.a = emit_many(e, n);
	e->next = mark;
	emit_insn(e, insn);
}

static uint8_t
call_op(const struct cel_call *call, uint32_t args)
{
	if (call->prepared != NULL)
		return OP_MATCHES;
	return args == 1 ? OP_CALL1 : args == 2 ? OP_CALL2 : OP_CALL;
}

static void
emit_call(struct emitter *e, const struct cel_node *n, uint16_t dst)
{
	const uint32_t *kids = cel_kids(e->b, n);
	const uint32_t mark = e->next;
	struct cel_insn insn = { .op = call_op(
				     &e->b->program->calls[n->a], n->kid_count),
		.cost = n->cost,
		.dst = dst,
		.k = n->a };

	if (insn.op == OP_CALL) {
		insn.a = emit_many(e, n);
		insn.b = (uint16_t)n->kid_count;
	} else {
		insn.a = emit_operand(e, kids[0]);
		if (n->kid_count > 1)
			insn.b = emit_operand(e, kids[1]);
	}
	e->next = mark;
	emit_insn(e, insn);
}

static void
emit_slot(struct emitter *e, const struct cel_node *n, uint16_t dst)
{
	emit_insn(e,
	    (struct cel_insn){ .op = OP_SLOT,
		.cost = n->cost,
		.dst = dst,
		.a = emit_rk(e, n->b),
		.k = n->a });
}

/* The variable's place in the program's table. */
static uint32_t
find_variable(struct cel_builder *b, struct cel_program_variable v)
{
	struct cel_program *p = b->program;
	void **entry = cel_entry(b, v.code, v.name);

	if (entry == NULL)
		return 0;
	if (*entry == NULL) {
		if (!cel_grow(b, b->scratch, (void **)&p->variables,
			p->variable_count, &b->variable_cap, sizeof(v)))
			return 0;
		p->variables[p->variable_count++] = v;
		*entry = (void *)(uintptr_t)p->variable_count;
	}
	return (uint32_t)(uintptr_t)*entry - 1;
}

static void
emit_variable(struct emitter *e, const struct cel_node *n, uint16_t dst)
{
	const struct cel_program_variable v = { e->b->nodes[n->a].code - 1,
		n->b };
	const uint32_t index = find_variable(e->b, v);

	if (e->b->totals[v.code] > e->callee)
		e->callee = e->b->totals[v.code];
	emit_insn(e,
	    (struct cel_insn){
		.op = OP_VARIABLE, .cost = n->cost, .dst = dst, .k = index });
}

static void
emit_memo(struct emitter *e, const struct cel_node *n, uint16_t dst)
{
	const uint32_t code = n->code - 1;

	if (e->b->totals[code] > e->callee)
		e->callee = e->b->totals[code];
	emit_insn(e, (struct cel_insn){ .op = OP_MEMO, .dst = dst, .k = code });
}

static void
emit_node(struct emitter *e, uint32_t node, uint16_t dst)
{
	const struct cel_node *n = &e->b->nodes[node];

	switch ((enum cel_node_kind)n->kind) {
	case NODE_CONST:
		emit_constant(e, n, dst);
		break;
	case NODE_SLOT:
		emit_slot(e, n, dst);
		break;
	case NODE_LOCAL:
		emit_insn(e,
		    (struct cel_insn){ .op = OP_MOVE,
			.cost = n->cost,
			.dst = dst,
			.a = local_register(e, n) });
		break;
	case NODE_VARIABLE:
		emit_variable(e, n, dst);
		break;
	case NODE_SELECT:
	case NODE_HAS:
		emit_path(e, node,
		    (struct cel_insn){
			.op = n->kind == NODE_HAS ? OP_HAS : OP_SELECT,
			.dst = dst });
		break;
	case NODE_OP:
		if (n->op == OP_IN_SET)
			emit_in_set(e, n, dst);
		else
			emit_op(e, n, dst);
		break;
	case NODE_AND:
	case NODE_OR:
		emit_logic(e, n, dst);
		break;
	case NODE_COND:
		emit_cond(e, n, dst);
		break;
	case NODE_OR_VALUE:
	case NODE_OPT_OR:
		emit_or_value(e, n, dst);
		break;
	case NODE_CALL:
		emit_call(e, n, dst);
		break;
	case NODE_LIST:
	case NODE_MAP:
		emit_container(e, n, dst);
		break;
	case NODE_FOLD:
		emit_fold(e, n, dst);
		break;
	}
}

static void
emit_record(struct emitter *e, const struct cel_node *n, uint16_t dst)
{
	struct cel_builder *b = e->b;
	struct cel_program *p = b->program;

	if (n->tree == NULL ||
	    !cel_grow(b, b->scratch, (void **)&p->spans, p->span_count,
		&b->span_cap, sizeof(*p->spans)))
		return;
	p->spans[p->span_count] = (struct cel_span){ .root = n->root,
		.pos = n->tree->pos,
		.end = n->tree->end,
		.tree = n->tree };
	emit_insn(e,
	    (struct cel_insn){ .op = OP_RECORD,
		.dst = e->loops,
		.a = dst,
		.b = (uint16_t)(e->loops > 0 ? e->state + 1 : 0),
		.k = p->span_count++ });
}

void
emit_to(struct emitter *e, uint32_t node, uint16_t dst)
{
	const struct cel_node *n = &e->b->nodes[node];

	if (e->b->failed)
		return;
	if (emit_is_call(e, node))
		emit_memo(e, n, dst);
	else
		emit_node(e, node, dst);
	if (e->b->options.record)
		emit_record(e, &e->b->nodes[node], dst);
}
