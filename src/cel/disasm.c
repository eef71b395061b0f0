/* SPDX-License-Identifier: Apache-2.0 */
/* Bytecode as text, for people who wonder what their rules became. */
#include "cel/program.h"

static void
put_value(struct buf *out, const struct value *v)
{
	if (v->kind == CEL_INT || v->kind == CEL_UINT)
		buf_put_int(out, v->u.integer);
	else if (v->kind == CEL_BOOL)
		buf_puts(out, v->u.boolean ? "true" : "false");
	else if (v->kind == CEL_STRING)
		buf_put_quoted(out, cel_slice(v));
	else if (v->kind == CEL_DOUBLE)
		buf_printf(out, "%g", v->u.real);
	else if (v->kind == CEL_LIST || v->kind == CEL_MAP)
		buf_printf(out, "%.*s of %u", SLICE_ARG(cel_type_name(v)),
		    (unsigned)v->count);
	else
		buf_put(out, cel_type_name(v));
}

static void
put_path(
    struct buf *out, const struct cel_program *p, const struct cel_insn *insn)
{
	const struct cel_step *step = &p->steps[insn->k];
	bool more;

	do {
		buf_puts(out, step->optional ? ".?" : ".");
		buf_put_line(out, cel_slice(&p->constants[step->name]));
		more = step++->more;
	} while (more);
}

static void
put_operand(struct buf *out, const struct cel_program *p,
    const struct cel_insn *insn, uint8_t kind, uint32_t x)
{
	switch ((enum cel_operand)kind) {
	case OPERAND_NONE:
	case OPERAND_USE:
		return;
	case OPERAND_RK:
		if ((x & RK_CONST) != 0) {
			put_value(out, &p->constants[x & ~RK_CONST]);
			return;
		}
		buf_printf(out, "r%u", (unsigned)x);
		return;
	case OPERAND_ROOT:
		if ((x & ROOT_SLOT) != 0) {
			buf_printf(out, "%u", (unsigned)(x & ~ROOT_SLOT));
			return;
		}
		buf_printf(out, "r%u", (unsigned)x);
		return;
	case OPERAND_REG:
	case OPERAND_PAIR:
	case OPERAND_MANY:
		buf_printf(out, "r%u", (unsigned)x);
		return;
	case OPERAND_CONST:
		put_value(out, &p->constants[x]);
		return;
	case OPERAND_PATH:
		put_path(out, p, insn);
		return;
	case OPERAND_CALL:
		buf_put(out, p->calls[x].function);
		return;
	case OPERAND_SET:
		buf_printf(out, "set of %u", (unsigned)p->sets[x].count);
		return;
	case OPERAND_MEMO:
		buf_printf(out, "f%u", (unsigned)x);
		return;
	case OPERAND_VAR:
		buf_printf(out, "f%u ", (unsigned)p->variables[x].code);
		put_value(out, &p->constants[p->variables[x].name]);
		return;
	case OPERAND_JUMP:
	case OPERAND_BACK:
		buf_printf(out, "-> %u", (unsigned)x);
		return;
	case OPERAND_NUM:
	case OPERAND_SLOT:
		break;
	}
	buf_printf(out, "%d", (int)x);
}

static void
put_insn(struct buf *out, const struct cel_program *p,
    const struct cel_insn *insn, uint32_t at)
{
	const struct cel_op_info *info = &cel_op_info[insn->op];
	const uint8_t kinds[] = { info->dst, info->a, info->b, info->k };
	const uint32_t values[] = { insn->dst, insn->a, insn->b, insn->k };
	const char *comma = " ";

	buf_printf(out, "%6u %4d  %-9s", (unsigned)at, insn->cost, info->name);
	for (size_t i = 0; i < 4; i++) {
		if (kinds[i] == OPERAND_NONE || kinds[i] == OPERAND_USE)
			continue;
		buf_puts(out, comma);
		put_operand(out, p, insn, kinds[i], values[i]);
		comma = ", ";
	}
	buf_putc(out, '\n');
}

static void
put_code(struct buf *out, const struct cel_program *p, uint32_t index)
{
	const struct cel_code *code = &p->codes[index];

	buf_printf(out, "f%u: %u registers%s\n", (unsigned)index,
	    code->registers, code->once ? ", evaluated once" : "");
	for (uint32_t i = 0; i < code->count; i++)
		put_insn(out, p, &p->insns[code->start + i], i);
}

/* The function after those that it calls, each once. */
static void
put_with_callees(
    struct buf *out, const struct cel_program *p, uint32_t last, bool *seen)
{
	seen[last] = true;
	for (uint32_t f = last + 1; f-- > 0;) {
		const struct cel_code *code = &p->codes[f];

		for (uint32_t i = 0; seen[f] && i < code->count; i++) {
			const struct cel_insn *insn =
			    &p->insns[code->start + i];

			if (insn->op == OP_MEMO)
				seen[insn->k] = true;
			if (insn->op == OP_VARIABLE)
				seen[p->variables[insn->k].code] = true;
		}
	}
	for (uint32_t f = 0; f <= last; f++) {
		if (seen[f])
			put_code(out, p, f);
	}
}

void
cel_program_print(struct buf *out, const struct cel_program *p, uint32_t root)
{
	bool *seen;

	if (root == CEL_ALL_ROOTS) {
		for (uint32_t f = 0; f < p->code_count; f++)
			put_code(out, p, f);
		return;
	}
	seen = root < p->root_count ? arena_alloc(out->arena, p->code_count)
				    : NULL;
	if (seen != NULL)
		put_with_callees(out, p, p->roots[root], seen);
}
