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
	uint32_t cost; /* at most CEL_COST_MAX */
	uint32_t tag;  /* the epoch that it was worked out in */
	uint32_t paid; /* the scope that has paid, or owes, what it used */
	uint32_t next; /* of the debts: function + 1 */
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
vm_run(struct cel_eval *e, uint32_t function, struct value *r)
{
	const struct cel_code *code = &e->program->codes[function];
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

/* Does what is remembered of the function still hold? */
static inline bool
is_known(const struct cel_eval *e, uint32_t function)
{
	const bool changing = e->program->codes[function].changing;

	return e->memos[function].tag >= e->since[changing];
}

/*
 * Whoever takes what is remembered owes what was used to work it out. That is
 * noted; what it comes to matters when a budget is nearly spent.
 */
static inline void
owe(struct cel_eval *e, uint32_t function)
{
	struct cel_memo *memo = &e->memos[function];

	if (e->program->codes[function].use_count == 0 ||
	    memo->paid == e->scope)
		return;
	memo->paid = e->scope;
	memo->next = e->debts;
	e->debts = function + 1;
}

/* May what is remembered be taken? */
static inline bool
recall(struct cel_eval *e, uint32_t function)
{
	if (!is_known(e, function))
		return false;
	owe(e, function);
	return true;
}

/* The policy pays for a variable when it first uses it. */
static inline void
charge(struct cel_eval *e, uint32_t variable, uint64_t cost)
{
	if (e->charged[variable] == e->scope)
		return;
	e->charged[variable] = e->scope;
	e->variables_cost += cost;
	e->charges += cost;
}

/* Short circuits may have kept the function from some uses: those cost
 * nothing. */
static void
settle(struct cel_eval *e, uint32_t function)
{
	const struct cel_program *p = e->program;
	const struct cel_code *code = &p->codes[function];
	const uint32_t tag = e->memos[function].tag;

	for (uint32_t i = code->uses; i < code->uses + code->use_count; i++) {
		const struct cel_insn *use = &p->insns[p->uses[i]];
		uint32_t callee = use->k;

		if (e->used[i] != tag)
			continue;
		if (use->op == OP_VARIABLE) {
			callee = p->variables[use->k].code;
			charge(e, use->k, e->memos[callee].cost);
		}
		owe(e, callee);
	}
}

/* Whatever was used, somebody was charged for it in this request. */
uint64_t
cel_eval_owed(const struct cel_eval *e)
{
	return e->debts != 0 ? e->charges : 0;
}

uint64_t
cel_eval_settle(struct cel_eval *e)
{
	const uint64_t before = e->variables_cost;

	while (e->debts != 0) {
		const uint32_t function = e->debts - 1;

		e->debts = e->memos[function].next;
		settle(e, function);
	}
	return e->variables_cost - before;
}

/* Notes that this use of the function takes place. */
static inline void
note_use(const struct vm *vm, vm_next i)
{
	vm->e->used[vm->code->uses + i->a] = vm->e->epoch;
}

/* A budget that ended belongs to who ran out of it: that is not remembered. */
static void
remember(
    struct cel_eval *e, uint32_t function, const struct value *v, uint64_t cost)
{
	const struct cel_code *code = &e->program->codes[function];
	struct cel_memo *memo = &e->memos[function];

	if (cel_is_spent(v)) {
		memset(e->used + code->uses, 0,
		    code->use_count * sizeof(*e->used));
		return;
	}
	memo->value = *v;
	memo->cost = (uint32_t)cost;
	memo->tag = e->epoch;
	memo->paid = e->scope;
}

static struct value
run_anew(struct cel_eval *e, uint32_t function, struct value *r)
{
	const uint64_t before = e->cost;
	const struct value v = vm_run(e, function, r);

	if (e->program->codes[function].once)
		remember(e, function, &v, e->cost - before);
	return v;
}

static vm_next
op_MEMO(struct vm *vm, vm_next i)
{
	struct cel_eval *e = vm->e;

	if (vm->p->codes[i->k].use_count > 0)
		note_use(vm, i);
	if (!recall(e, i->k))
		return vm_set(
		    vm, i, run_anew(e, i->k, vm->r + vm->code->registers));
	e->cost += e->memos[i->k].cost;
	return vm_set(vm, i, e->memos[i->k].value);
}

/* A variable is an expression of its own, with a budget of its own. */
static struct value
run_variable(
    struct cel_eval *e, uint32_t function, struct value *r, uint64_t *cost)
{
	const uint64_t before = e->cost;
	struct value v;

	if (recall(e, function)) {
		*cost = e->memos[function].cost;
		return e->memos[function].value;
	}
	e->cost = 0;
	v = run_anew(e, function, r);
	*cost = e->cost;
	e->cost = before;
	return v;
}

static struct value
variable_error(
    struct vm *vm, const struct value *error, const struct value *name)
{
	struct value v;
	struct buf text;

	buf_init(&text, vm->e->arena, DIAG_MESSAGE_MAX);
	buf_puts(&text, "composited variable \"");
	buf_put(&text, cel_slice(name));
	buf_puts(&text, "\" fails to evaluate: ");
	buf_put(&text, cel_error_text(vm->e->arena, error));
	v = cel_error_built(&text);
	if (error->flags == CEL_ERROR_SPENT)
		v.flags = CEL_ERROR_SPENT;
	return v;
}

static vm_next
op_VARIABLE(struct vm *vm, vm_next i)
{
	const struct cel_program_variable *variable = &vm->p->variables[i->k];
	struct cel_eval *e = vm->e;
	uint64_t cost;
	struct value v =
	    run_variable(e, variable->code, vm->r + vm->code->registers, &cost);

	note_use(vm, i);
	charge(e, i->k, cost);
	if (v.kind != CEL_ERROR)
		return vm_set(vm, i, v);
	/* Who uses what ran out of a budget is out of it, too. */
	if (cel_is_spent(&v))
		e->cost = e->cost_limit + 1;
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
	    p->code_count <= e->memo_count &&
	    p->variable_count <= e->charged_count &&
	    p->use_count <= e->used_count)
		return KG_OK;
	arena_reset(&e->state);
	e->registers =
	    arena_alloc(&e->state, (p->registers + 1) * sizeof(struct value));
	e->memos = arena_alloc(
	    &e->state, (p->code_count + 1) * sizeof(struct cel_memo));
	e->charged =
	    arena_alloc(&e->state, (p->variable_count + 1) * sizeof(uint32_t));
	e->used = arena_alloc(&e->state, (p->use_count + 1) * sizeof(uint32_t));
	if (e->registers == NULL || e->memos == NULL || e->charged == NULL ||
	    e->used == NULL) {
		e->registers = NULL;
		return e->state.failure;
	}
	e->register_count = p->registers;
	e->memo_count = p->code_count;
	e->charged_count = p->variable_count;
	e->used_count = p->use_count;
	return KG_OK;
}

/* Numbers start again long after nobody can remember the old ones. */
static void
next_epoch(struct cel_eval *e)
{
	if (++e->epoch == UINT32_MAX || e->scope == UINT32_MAX) {
		for (size_t i = 0; i < e->memo_count; i++)
			e->memos[i].tag = e->memos[i].paid = 0;
		for (size_t i = 0; i < e->charged_count; i++)
			e->charged[i] = 0;
		for (size_t i = 0; i < e->used_count; i++)
			e->used[i] = 0;
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
	cel_eval_scope(e);
	e->charges = 0;
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
	e->debts = 0;
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
	uint32_t function;

	e->cost = e->variables_cost = 0;
	e->records.count = 0;
	e->records.full = false;
	if (root >= e->program->root_count)
		return cel_no_overload();
	function = e->program->roots[root];
	/* What is remembered kept to its budgets. */
	if (recall(e, function)) {
		e->cost = e->memos[function].cost;
		return e->memos[function].value;
	}
	e->work.left = CEL_WORK_MAX;
	refill(e);
	return run_anew(e, function, e->registers);
}
