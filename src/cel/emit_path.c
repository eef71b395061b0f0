/* SPDX-License-Identifier: Apache-2.0 */
/* Selections: a chain of them is one instruction. */
#include "cel/emit_impl.h"

/* The id of a name; the table keeps a copy of what it does not know. */
static uint16_t
key_id(struct keytab *keys, struct kg_slice name)
{
	uint64_t hash;
	const uint16_t id = keytab_lookup(keys, name, &hash);
	struct kg_slice copy;

	if (id != 0)
		return id;
	copy = arena_copy(keys->arena, name);
	return copy.len == name.len ? keytab_add(keys, copy) : 0;
}

static uint32_t
add_step(struct emitter *e, const struct cel_node *n)
{
	struct cel_builder *b = e->b;
	struct cel_program *p = b->program;
	const struct kg_slice name = cel_slice(&p->constants[n->a]);

	if (!cel_grow(b, b->scratch, (void **)&p->steps, p->step_count,
		&b->step_cap, sizeof(*p->steps)))
		return 0;
	p->steps[p->step_count] = (struct cel_step){
		.key = key_id(b->keys, name),
		.optional = (n->flags & NODE_OPTIONAL) != 0,
		.name = n->a,
	};
	return p->step_count++;
}

/* Nodes of the chain that ends here, the last first; at most max. */
static uint32_t
chain_of(const struct emitter *e, uint32_t node, uint32_t *chain, uint32_t max)
{
	const struct cel_builder *b = e->b;
	uint32_t count = 0;

	for (;;) {
		const struct cel_node *n = &b->nodes[node];

		if (count > 0 &&
		    (n->kind != NODE_SELECT || emit_is_call(e, node)))
			return count;
		chain[count++] = node;
		if (count == max || b->options.record)
			return count;
		node = cel_kids(b, n)[0];
	}
}

/* A chain that some function has already is used again. */
static uint32_t
find_steps(struct emitter *e, const uint32_t *chain, uint32_t count)
{
	const struct cel_builder *b = e->b;
	const struct cel_program *p = b->program;
	uint32_t first;

	for (first = p->step_count;
	     first >= count && first > 0 && first + 32 > p->step_count;
	     first--) {
		uint32_t same = 0;

		while (same < count &&
		    p->steps[first - count + same].name ==
			b->nodes[chain[count - 1 - same]].a &&
		    p->steps[first - count + same].optional ==
			((b->nodes[chain[count - 1 - same]].flags &
			     NODE_OPTIONAL) != 0))
			same++;
		if (same == count)
			return first - count;
	}
	first = p->step_count;
	for (uint32_t i = count; i > 0; i--)
		(void)add_step(e, &b->nodes[chain[i - 1]]);
	return first;
}

void
emit_path(struct emitter *e, uint32_t node, uint16_t dst)
{
	uint32_t chain[32];
	const uint32_t count = chain_of(e, node, chain, 32);
	const struct cel_node *first = &e->b->nodes[chain[count - 1]];
	const struct cel_node *n = &e->b->nodes[node];
	struct cel_insn insn = { .dst = dst,
		.op = n->kind == NODE_HAS ? OP_HAS : OP_SELECT,
		.cost = n->cost };
	const uint32_t mark = e->next;

	if (count > 1)
		insn.cost = (int8_t)(insn.cost + first->cost);
	insn.a = emit_operand(e, cel_kids(e->b, first)[0]);
	e->next = mark;
	insn.b = (uint16_t)count;
	insn.k = find_steps(e, chain, count);
	emit_insn(e, insn);
}
