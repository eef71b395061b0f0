/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A compiled program: bytecode and the tables it points into, all in the
 * arena of the rule set, never changed after cel_builder_finish().
 */
#ifndef KG_CEL_PROGRAM_H
#define KG_CEL_PROGRAM_H

#include "cel/cel.h"

enum cel_opcode {
#define OP(name, ...) OP_##name,
#include "cel/opcode.def"
#undef OP
	OP_END
};

enum cel_operand {
	OPERAND_NONE,
	OPERAND_REG,
	OPERAND_RK,
	OPERAND_ROOT,
	OPERAND_NUM,
	OPERAND_USE,
	OPERAND_SLOT,
	OPERAND_CONST,
	OPERAND_PATH,
	OPERAND_CALL,
	OPERAND_SET,
	OPERAND_MEMO,
	OPERAND_VAR,
	OPERAND_JUMP,
	OPERAND_BACK,
	OPERAND_MANY,
	OPERAND_PAIR,
};

struct cel_op_info {
	const char *name;
	uint8_t dst, a, b, k; /* enum cel_operand */
};

extern const struct cel_op_info cel_op_info[OP_END];

/* An operand with this bit is a constant. */
#define RK_CONST 0x8000u
/* The root of a path with it is a variable of the request. */
#define ROOT_SLOT 0x8000u

struct cel_insn {
	uint8_t op;
	int8_t cost;
	uint16_t dst, a, b;
	uint32_t k;
};

/* One step of a path: a.name, a.?name. */
struct cel_step {
	uint16_t key; /* id of the name in the key table, or 0 */
	bool optional;
	bool more;     /* it is not the last */
	uint32_t name; /* constant */
};

/* A row of builtin.def as the VM tries it: kinds of its arguments as bits. */
struct cel_candidate {
	const struct cel_overload *overload;
	uint16_t kinds[CEL_PARAMS_MAX];
	bool deep; /* the kind is not all: see cel_fits() */
};

struct cel_call {
	struct kg_slice function;
	const struct cel_candidate *candidates;
	uint32_t count;
	uint8_t cost; /* enum cel_cost */
	/* matches() with a constant pattern: that constant, compiled. */
	const struct regex *prepared;
	uint32_t pattern;
};

/* A set of constants. */
struct cel_set {
	const struct value *items;
	const uint32_t *slots; /* [mask + 1]: index + 1, or 0 */
	uint32_t count, mask;
	uint32_t list; /* the constant that it was made of */
};

/*
 * Its uses are those of its instructions that a policy may have to pay for:
 * variables, and remembered functions that use some in their turn.
 */
struct cel_code {
	uint32_t start, count;
	uint32_t uses, use_count; /* in program.uses */
	uint16_t registers;
	bool once;     /* its value is remembered, for all of a request */
	bool changing; /* depends on variables that change in a request */
};

struct cel_program_variable {
	uint32_t code; /* its function */
	uint32_t name; /* constant */
};

struct cel_program {
	struct cel_insn *insns;
	struct value *constants;
	struct cel_step *steps;
	struct cel_call *calls;
	struct cel_set *sets;
	struct cel_code *codes;
	struct cel_program_variable *variables;
	uint32_t *uses;  /* instructions */
	uint32_t *roots; /* functions */
	struct cel_span *spans;
	uint32_t insn_count, constant_count, step_count, call_count, set_count;
	uint32_t code_count, variable_count, use_count, root_count, span_count;
	uint32_t registers; /* of the deepest chain of functions */
	uint64_t seed;      /* of the sets' hashes */
	unsigned compat;
	size_t size;
};

/* True when the code keeps to its tables, registers and jumps. */
bool cel_program_verify(const struct cel_program *p);

/* Whether a value is of the type, as far as run time tells. */
bool cel_fits(const struct cel_type *type, const struct value *v);

/* Kinds of values that may be of the type, as bits. */
uint16_t cel_type_kinds(const struct cel_type *type);

/* Cost of a call that took place. */
uint64_t cel_call_cost(enum cel_cost rule, const struct cel_overload *o,
    const struct value *args, const struct value *result);

/* Tenths of code points, rounded up: what most traversals cost. */
uint64_t cel_text_cost(const struct value *v);
uint64_t cel_equal_cost(const struct value *a, const struct value *b);
uint64_t cel_concat_cost(const struct value *a, const struct value *b);

#endif
