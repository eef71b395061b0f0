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

/* The variable that a chain begins with is its first step. */
#define CHAIN_MAX 32u

/* Appends the path; gives its first step. */
static uint32_t
add_path(struct emitter *e, const struct cel_step *path, uint32_t count)
{
	struct cel_builder *b = e->b;
	struct cel_program *p = b->program;
	const uint32_t first = p->step_count;

	for (uint32_t i = 0; i < count; i++) {
		if (!cel_grow(b, b->scratch, (void **)&p->steps, p->step_count,
			&b->step_cap, sizeof(*p->steps)))
			return 0;
		p->steps[p->step_count] = path[i];
		p->steps[p->step_count++].key =
		    key_id(b->keys, cel_slice(&p->constants[path[i].name]));
	}
	return first;
}

static bool
same_path(const struct cel_step *x, const struct cel_step *y, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		if (x[i].name != y[i].name || x[i].optional != y[i].optional ||
		    x[i].more != y[i].more)
			return false;
	}
	return true;
}

/* A path that some function has already is used again. */
static uint32_t
find_path(struct emitter *e, const struct cel_step *path, uint32_t count)
{
	const struct cel_program *p = e->b->program;

	for (uint32_t end = p->step_count;
	     end >= count && end + CHAIN_MAX > p->step_count; end--) {
		if (same_path(&p->steps[end - count], path, count))
			return end - count;
	}
	return add_path(e, path, count);
}

/* Nodes of the chain that ends here, the last first. */
static uint32_t
chain_of(const struct emitter *e, uint32_t node, uint32_t *chain)
{
	const struct cel_builder *b = e->b;
	uint32_t count = 0;

	do {
		chain[count++] = node;
		node = cel_kids(b, &b->nodes[node])[0];
	} while (count < CHAIN_MAX && b->nodes[node].kind == NODE_SELECT &&
	    emit_is_part(e, node));
	return count;
}

/* The operand that the path starts from; a variable's name in *step. */
static uint16_t
emit_root(struct emitter *e, uint32_t node, struct cel_step *step)
{
	const struct cel_node *n = &e->b->nodes[node];
	uint16_t r;

	if (n->kind == NODE_SLOT && n->a < ROOT_SLOT && emit_is_part(e, node)) {
		e->pending += n->cost;
		*step = (struct cel_step){ .name = n->b, .more = true };
		return (uint16_t)(ROOT_SLOT | n->a);
	}
	if (n->kind != NODE_CONST)
		return emit_operand(e, node);
	r = emit_register(e);
	emit_to(e, node, r);
	return r;
}

void
emit_path(struct emitter *e, uint32_t node, struct cel_insn insn)
{
	const struct cel_builder *b = e->b;
	uint32_t chain[CHAIN_MAX];
	struct cel_step path[CHAIN_MAX + 1];
	const uint32_t count = chain_of(e, node, chain);
	const struct cel_node *first = &b->nodes[chain[count - 1]];
	const uint32_t mark = e->next;
	bool slot;

	for (uint32_t i = 0; i < count; i++) {
		const struct cel_node *n = &b->nodes[chain[count - 1 - i]];

		path[i + 1] = (struct cel_step){ .name = n->a,
			.optional = (n->flags & NODE_OPTIONAL) != 0,
			.more = i + 1 < count };
	}
	insn.cost = (int8_t)(insn.cost + b->nodes[node].cost);
	if (count > 1)
		insn.cost = (int8_t)(insn.cost + first->cost);
	insn.a = emit_root(e, cel_kids(b, first)[0], path);
	e->next = mark;
	slot = (insn.a & ROOT_SLOT) != 0;
	insn.k = find_path(e, slot ? path : path + 1, slot ? count + 1 : count);
	emit_insn(e, insn);
}
