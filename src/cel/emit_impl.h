/* SPDX-License-Identifier: Apache-2.0 */
/* Between the files of the code generator (emit*.c). */
#ifndef KG_CEL_EMIT_IMPL_H
#define KG_CEL_EMIT_IMPL_H

#include "cel/node.h"

/* The function that is being made. */
struct emitter {
	struct cel_builder *b;
	uint32_t body;       /* its node */
	uint32_t start;      /* its first instruction */
	uint32_t next, most; /* registers in use now, and at most */
	int pending;         /* cost that the next instruction adds */
	uint32_t callee;     /* registers of the deepest function it calls */
	uint16_t locals[UINT8_MAX + 1]; /* registers of the folds around */
	uint32_t local_count;
	uint16_t loops; /* around here, and the state of the innermost */
	uint16_t state;
};

/* Is the node remembered by a function of its own, other than this one? */
static inline bool
emit_is_call(const struct emitter *e, uint32_t node)
{
	const uint32_t code = e->b->nodes[node].code;

	return code != 0 && node != e->body &&
	    e->b->program->codes[code - 1].once;
}

/* Appends an instruction; gives its index in the function. */
uint32_t emit_insn(struct emitter *e, struct cel_insn insn);

/* Lets the jump at `at` lead to the next instruction. */
void emit_land(struct emitter *e, uint32_t at);
uint32_t emit_here(const struct emitter *e);

/* One register more than in use; give back by restoring e->next. */
uint16_t emit_register(struct emitter *e);

/* Code that leaves the node's value in dst. Recursion: as deep as the tree. */
void emit_to(struct emitter *e, uint32_t node, uint16_t dst);

/* The register or constant that has the node's value; code for it. */
uint16_t emit_operand(struct emitter *e, uint32_t node);

/* A constant as an operand. */
uint16_t emit_rk(struct emitter *e, uint32_t constant);

void emit_fold(struct emitter *e, const struct cel_node *n, uint16_t dst);
/* Is the node worked out here, whole, by an instruction of others' too? */
static inline bool
emit_is_part(const struct emitter *e, uint32_t node)
{
	return !e->b->options.record && !emit_is_call(e, node);
}

/* The selections that end with the node, by the instruction: its operator,
 * dst and b are at hand. */
void emit_path(struct emitter *e, uint32_t node, struct cel_insn insn);

#endif
