/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the VM takes for granted is proved here once: operands are registers
 * of the frame or entries of the tables, jumps stay within the function, and
 * every function ends.
 */
#include "cel/program.h"

const struct cel_op_info cel_op_info[OP_END] = {
#define OP(name, dst, a, b, k, meaning)                                 \
	[OP_##name] = { #name, OPERAND_##dst, OPERAND_##a, OPERAND_##b, \
		OPERAND_##k },
#include "cel/opcode.def"
#undef OP
};

struct check {
	const struct cel_program *p;
	const struct cel_code *code;
	const struct cel_insn *insn;
	uint32_t at; /* of the instruction in the function */
};

static bool
operand_ok(const struct check *c, uint8_t kind, uint32_t x)
{
	const uint32_t registers = c->code->registers;

	switch ((enum cel_operand)kind) {
	case OPERAND_NONE:
	case OPERAND_NUM:
	case OPERAND_USE:
		return true;
	case OPERAND_REG:
		return x < registers;
	case OPERAND_RK:
		return (x & RK_CONST) != 0
		    ? (x & ~RK_CONST) < c->p->constant_count
		    : x < registers;
	case OPERAND_ROOT:
		return (x & ROOT_SLOT) != 0 || x < registers;
	case OPERAND_PAIR:
		return x + 1 < registers;
	case OPERAND_MANY:
		return x + c->insn->b <= registers;
	case OPERAND_SLOT:
		return x < UINT16_MAX;
	case OPERAND_CONST:
		return x < c->p->constant_count;
	case OPERAND_PATH:
		return x < c->p->step_count;
	case OPERAND_CALL:
		return x < c->p->call_count;
	case OPERAND_SET:
		return x < c->p->set_count;
	case OPERAND_MEMO:
		return x < (uint32_t)(c->code - c->p->codes);
	case OPERAND_VAR:
		return x < c->p->variable_count &&
		    c->p->variables[x].code < (uint32_t)(c->code - c->p->codes);
	case OPERAND_JUMP:
		return x > c->at && x < c->code->count;
	case OPERAND_BACK:
		return x < c->at;
	}
	return false;
}

/* Octets by element stand in the constant of the _OPT instructions. */
static bool
mask_ok(const struct check *c)
{
	const struct cel_insn *i = c->insn;
	const uint32_t entries = i->op == OP_MAP_OPT ? i->b / 2u : i->b;

	if (i->op != OP_LIST_OPT && i->op != OP_MAP_OPT)
		return true;
	return c->p->constants[i->k].kind == CEL_STRING &&
	    c->p->constants[i->k].count == entries;
}

/* As many arguments as the function takes. */
static bool
call_ok(const struct check *c)
{
	const struct cel_insn *i = c->insn;
	const struct cel_call *call = &c->p->calls[i->k];
	const uint32_t count = i->op == OP_CALL1 ? 1
	    : i->op == OP_CALL2                  ? 2
						 : i->b;

	return call->count > 0 &&
	    call->candidates[0].overload->param_count == count;
}

/* What begins with a variable goes on after its name. */
static bool
path_ok(const struct check *c)
{
	return (c->insn->a & ROOT_SLOT) == 0 || c->p->steps[c->insn->k].more;
}

/* What uses variables is noted as a use. */
static bool
use_ok(const struct check *c)
{
	const struct cel_insn *i = c->insn;

	if (i->op == OP_MEMO && c->p->codes[i->k].use_count == 0)
		return true;
	return i->a < c->code->use_count &&
	    c->p->uses[c->code->uses + i->a] == c->code->start + c->at;
}

/* COND needs a jump before its target. */
static bool
shape_ok(const struct check *c)
{
	const struct cel_insn *i = c->insn;

	if (i->op == OP_COND)
		return i->k > c->at + 1 &&
		    c->insn[i->k - 1 - c->at].op == OP_JUMP;
	if (i->op == OP_CALL || i->op == OP_CALL1 || i->op == OP_CALL2)
		return call_ok(c);
	if (i->op == OP_SELECT || i->op == OP_SELECT_OR || i->op == OP_HAS)
		return path_ok(c);
	if (i->op == OP_RECORD)
		return i->b < c->code->registers && i->k < c->p->span_count;
	if (i->op == OP_MATCHES)
		return c->p->calls[i->k].prepared != NULL;
	if (i->op == OP_MEMO)
		return c->p->codes[i->k].once && use_ok(c);
	if (i->op == OP_VARIABLE)
		return c->p->codes[c->p->variables[i->k].code].once &&
		    use_ok(c);
	return mask_ok(c);
}

static bool
insn_ok(const struct check *c)
{
	const struct cel_insn *i = c->insn;
	const struct cel_op_info *info;

	if (i->op >= OP_END)
		return false;
	info = &cel_op_info[i->op];
	return operand_ok(c, info->dst, i->dst) &&
	    operand_ok(c, info->a, i->a) && operand_ok(c, info->b, i->b) &&
	    operand_ok(c, info->k, i->k) && shape_ok(c);
}

/* Nothing else is one. */
static bool
uses_ok(const struct cel_program *p, const struct cel_code *code)
{
	if ((uint64_t)code->uses + code->use_count > p->use_count)
		return false;
	for (uint32_t i = 0; i < code->use_count; i++) {
		const uint32_t at = p->uses[code->uses + i];

		if (at < code->start || at - code->start >= code->count ||
		    (p->insns[at].op != OP_MEMO &&
			p->insns[at].op != OP_VARIABLE))
			return false;
	}
	return true;
}

static bool
code_ok(const struct cel_program *p, const struct cel_code *code)
{
	struct check c = { .p = p, .code = code };

	if (code->count == 0 ||
	    (uint64_t)code->start + code->count > p->insn_count ||
	    !uses_ok(p, code))
		return false;
	for (c.at = 0; c.at < code->count; c.at++) {
		c.insn = &p->insns[code->start + c.at];
		if (!insn_ok(&c))
			return false;
	}
	return p->insns[code->start + code->count - 1].op == OP_RETURN;
}

bool
cel_program_verify(const struct cel_program *p)
{
	if (p->step_count > 0 && p->steps[p->step_count - 1].more)
		return false;
	for (uint32_t i = 0; i < p->code_count; i++) {
		if (!code_ok(p, &p->codes[i]))
			return false;
	}
	for (uint32_t i = 0; i < p->root_count; i++) {
		if (p->roots[i] >= p->code_count)
			return false;
	}
	return true;
}
