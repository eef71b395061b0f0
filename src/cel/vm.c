/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The VM: one switch over verified code. It allocates from the evaluation's
 * arena only, touches nothing outside its state, and is re-entrant: functions
 * that are evaluated once a request are calls of vm_run() within itself.
 */
#include "base/limits.h"
#include "cel/vm_fold.h"

struct cel_memo {
	struct value value;
	uint64_t cost;
	uint32_t tag; /* the epoch that it was worked out in */
};

/* A budget ended: no value counts any more. */
static inline bool
cel_is_over(const struct cel_eval *e)
{
	return e->cost > e->cost_limit || e->work.left == 0;
}

static vm_next op_MEMO(struct vm *vm, vm_next i);
static vm_next op_VARIABLE(struct vm *vm, vm_next i);

/* Only vm_run() looks at the result. */
static inline vm_next
op_RETURN(struct vm *vm, vm_next i)
{
	vm->r[0] = *vm_rk(vm, i->a);
	return NULL;
}

/* The value of a function; its registers begin at r. Recursion: functions
 * nest at most CEL_CALLS_MAX deep. */
static struct value
vm_run(struct cel_eval *e, const struct cel_code *code, struct value *r)
{
	struct vm vm = { .e = e,
		.p = e->program,
		.code = code,
		.start = e->program->insns + code->start,
		.r = r,
		.constants = e->program->constants };
	vm_next i = vm.start;

	while (i != NULL) {
		e->cost += (uint64_t)(int64_t)i->cost;
		switch ((enum cel_opcode)i->op) {
#define OP(name, ...)                  \
	case OP_##name:                \
		i = op_##name(&vm, i); \
		break;
#include "cel/opcode.def"
#undef OP
		case OP_END:
			return cel_no_overload();
		}
	}
	return cel_is_over(e) ? vm_spent() : r[0];
}

/* --- What is evaluated once a request --- */

static bool
is_good(const struct cel_eval *e, const struct cel_memo *memo,
    const struct cel_code *code)
{
	return memo->tag >= e->since[code->changing];
}

/* A budget that ended belongs to who ran out of it: not remembered. */
static void
remember(struct cel_eval *e, struct cel_memo *memo, const struct value *v,
    uint64_t cost)
{
	if (cel_is_spent(v))
		return;
	memo->value = *v;
	memo->cost = cost;
	memo->tag = e->epoch;
}

static struct value
run_memo(struct cel_eval *e, const struct cel_code *code, struct value *r)
{
	struct cel_memo *memo = &e->memos[code->memo];
	const uint64_t before = e->cost;
	struct value v;

	if (is_good(e, memo, code)) {
		e->cost += memo->cost;
		return memo->value;
	}
	v = vm_run(e, code, r);
	remember(e, memo, &v, e->cost - before);
	return v;
}

static vm_next
op_MEMO(struct vm *vm, vm_next i)
{
	struct cel_eval *e = vm->e;
	const struct cel_code *code = &vm->p->codes[i->k];
	const struct cel_memo *memo = &e->memos[code->memo];

	if (is_good(e, memo, code)) {
		e->cost += memo->cost;
		return vm_set(vm, i, memo->value);
	}
	return vm_set(vm, i, run_memo(e, code, vm->r + vm->code->registers));
}

/* A variable is an expression of its own, with a budget of its own; the
 * policy pays when it first uses it. */
static struct value
run_variable(struct cel_eval *e, uint32_t index, struct value *r)
{
	const struct cel_code *code =
	    &e->program->codes[e->program->variables[index].code];
	struct cel_memo *memo = &e->memos[code->memo];
	const uint64_t before = e->cost;
	struct value v = memo->value;
	uint64_t cost = memo->cost;

	if (!is_good(e, memo, code)) {
		e->cost = 0;
		v = vm_run(e, code, r);
		cost = e->cost;
		remember(e, memo, &v, cost);
		e->cost = before;
	}
	if (e->charged[index] != e->scope) {
		e->charged[index] = e->scope;
		e->variables_cost += cost;
	}
	return v;
}

static struct value
variable_error(
    struct vm *vm, const struct value *error, const struct value *name)
{
	const struct kg_slice text = cel_error_text(vm->e->arena, error);
	struct value v = cel_errorf(vm->e->arena,
	    "composited variable \"%.*s\" fails to evaluate: %.*s",
	    SLICE_ARG(cel_slice(name)), SLICE_ARG(text));

	if (error->flags == CEL_ERROR_SPENT)
		v.flags = CEL_ERROR_SPENT;
	return v;
}

static vm_next
op_VARIABLE(struct vm *vm, vm_next i)
{
	const struct cel_program_variable *variable = &vm->p->variables[i->k];
	struct value v = run_variable(vm->e, i->k, vm->r + vm->code->registers);

	if (v.kind == CEL_ERROR)
		v = variable_error(vm, &v, &vm->constants[variable->name]);
	return vm_set(vm, i, v);
}

/* --- The state of evaluations --- */

void
cel_eval_init(struct cel_eval *e, const struct cel_host *host)
{
	*e = (struct cel_eval){ .host = host,
		.cost_limit = CEL_COST_MAX,
		.memory_limit = CEL_ARENA_MAX };
	arena_init(&e->memory, CEL_ARENA_MAX);
	arena_init(&e->state, CEL_STATE_MAX);
	e->arena = &e->memory;
	regex_scratch_init(&e->regex, &e->memory);
}

void
cel_eval_release(struct cel_eval *e)
{
	arena_release(&e->memory);
	arena_release(&e->state);
}

/* Registers and memos for the program; those of a smaller one are kept. */
static enum kg_status
make_state(struct cel_eval *e, const struct cel_program *p)
{
	if (e->registers != NULL && p->registers <= e->register_count &&
	    p->memo_count <= e->memo_count &&
	    p->variable_count <= e->charged_count)
		return KG_OK;
	arena_reset(&e->state);
	e->registers =
	    arena_alloc(&e->state, (p->registers + 1) * sizeof(struct value));
	e->memos = arena_alloc(
	    &e->state, (p->memo_count + 1) * sizeof(struct cel_memo));
	e->charged =
	    arena_alloc(&e->state, (p->variable_count + 1) * sizeof(uint32_t));
	if (e->registers == NULL || e->memos == NULL || e->charged == NULL) {
		e->registers = NULL;
		return e->state.failure;
	}
	e->register_count = p->registers;
	e->memo_count = p->memo_count;
	e->charged_count = p->variable_count;
	return KG_OK;
}

/* Numbers start again long after nobody can remember the old ones. */
static void
next_epoch(struct cel_eval *e)
{
	if (++e->epoch == UINT32_MAX || e->scope == UINT32_MAX) {
		for (size_t i = 0; i < e->memo_count; i++)
			e->memos[i].tag = 0;
		for (size_t i = 0; i < e->charged_count; i++)
			e->charged[i] = 0;
		e->epoch = e->scope = 1;
		e->since[0] = e->since[1] = 1;
	}
}

enum kg_status
cel_eval_begin(struct cel_eval *e, const struct cel_program *p,
    const struct value *const *slots, size_t count)
{
	const enum kg_status st = make_state(e, p);

	if (st != KG_OK)
		return st;
	arena_reset(&e->memory);
	regex_scratch_init(&e->regex, &e->memory);
	e->pattern_regex = NULL;
	e->records = (struct cel_records){ 0 };
	e->program = p;
	e->compat = p->compat;
	e->slots = slots;
	e->slot_count = count;
	next_epoch(e);
	e->since[0] = e->since[1] = e->epoch;
	e->scope++;
	return KG_OK;
}

void
cel_eval_changed(struct cel_eval *e)
{
	next_epoch(e);
	e->since[1] = e->epoch;
}

void
cel_eval_scope(struct cel_eval *e)
{
	e->scope++;
}

/* One evaluation may take so much more; what an earlier one could not have
 * does not fail this one. */
static void
refill(struct cel_eval *e)
{
	e->memory.failure = KG_OK;
	e->memory.cap = e->memory.total + CEL_ARENA_RUN_MAX;
	if (e->memory.cap > e->memory_limit)
		e->memory.cap = e->memory_limit;
}

struct value
cel_eval_run(struct cel_eval *e, uint32_t root)
{
	const struct cel_program *p = e->program;
	const struct cel_code *code;
	struct value v;

	e->cost = e->variables_cost = 0;
	e->records.count = 0;
	e->records.full = false;
	if (root >= p->root_count)
		return cel_no_overload();
	code = &p->codes[p->roots[root]];
	/* What is remembered kept to its budgets. */
	if (code->memo != MEMO_NONE &&
	    is_good(e, &e->memos[code->memo], code)) {
		e->cost = e->memos[code->memo].cost;
		return e->memos[code->memo].value;
	}
	e->work.left = CEL_WORK_MAX;
	refill(e);
	v = code->memo != MEMO_NONE ? run_memo(e, code, e->registers)
				    : vm_run(e, code, e->registers);
	return cel_is_over(e) ? vm_spent() : v;
}
