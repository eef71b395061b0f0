/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The instructions of the VM, one function each; vm.c makes one switch of
 * them. Each gets its instruction and gives the next one.
 */
#ifndef KG_CEL_VM_OPS_H
#define KG_CEL_VM_OPS_H

#include "base/limits.h"
#include "cel/vm.h"

struct vm {
	struct cel_eval *e;
	const struct cel_program *p;
	const struct cel_code *code;
	const struct cel_insn *start; /* of the function */
	struct value *r;              /* its registers */
	const struct value *constants;
};

typedef const struct cel_insn *vm_next;

/* Spoils the result when the budget is gone; false then. */
static inline bool
vm_charge(struct vm *vm, uint64_t cost)
{
	vm->e->cost += cost;
	return vm->e->cost <= vm->e->cost_limit && vm->e->work.left > 0;
}

static inline const struct value *
vm_rk(const struct vm *vm, uint16_t x)
{
	return (x & RK_CONST) != 0 ? &vm->constants[x & ~RK_CONST] : &vm->r[x];
}

static inline vm_next
vm_set(struct vm *vm, vm_next i, struct value v)
{
	vm->r[i->dst] = v;
	return i + 1;
}

static inline vm_next
vm_go(const struct vm *vm, vm_next i)
{
	return vm->start + i->k;
}

static inline bool
vm_is(const struct value *v, bool b)
{
	return v->kind == CEL_BOOL && v->u.boolean == b;
}

/* What a value that should be a bool makes of && and conditions. */
static inline struct value
vm_not_bool(const struct value *v)
{
	return v->kind == CEL_ERROR ? *v : cel_no_overload();
}

/* The operator's error: the first operand's before the second's. */
static inline bool
vm_failed(const struct value *x, const struct value *y, struct value *error)
{
	if (x->kind != CEL_ERROR && y->kind != CEL_ERROR)
		return false;
	*error = x->kind == CEL_ERROR ? *x : *y;
	return true;
}

struct value vm_spent(void);

/* --- Moves and jumps --- */

static inline vm_next
op_CONST(struct vm *vm, vm_next i)
{
	return vm_set(vm, i, vm->constants[i->k]);
}

static inline vm_next
op_MOVE(struct vm *vm, vm_next i)
{
	return vm_set(vm, i, *vm_rk(vm, i->a));
}

struct value vm_no_variable(struct vm *vm, const struct value *name);

/* What a variable of the request holds, or NULL. */
static inline const struct value *
vm_slot(const struct vm *vm, uint32_t slot)
{
	return slot < vm->e->slot_count ? vm->e->slots[slot] : NULL;
}

static inline vm_next
op_SLOT(struct vm *vm, vm_next i)
{
	const struct value *v = vm_slot(vm, i->k);

	if (v != NULL)
		return vm_set(vm, i, *v);
	return vm_set(vm, i, vm_no_variable(vm, vm_rk(vm, i->a)));
}

static inline vm_next
op_CHARGE(struct vm *vm, vm_next i)
{
	vm->e->cost += (uint64_t)(int64_t)(int32_t)i->k;
	return i + 1;
}

static inline vm_next
op_JUMP(struct vm *vm, vm_next i)
{
	return vm_go(vm, i);
}

static inline vm_next
op_IF_FALSE(struct vm *vm, vm_next i)
{
	return vm_is(vm_rk(vm, i->a), false) ? vm_go(vm, i) : i + 1;
}

static inline vm_next
op_IF_TRUE(struct vm *vm, vm_next i)
{
	return vm_is(vm_rk(vm, i->a), true) ? vm_go(vm, i) : i + 1;
}

/* A spent budget is no value that the other side could decide over. */
static inline struct value
vm_logic(const struct value *x, const struct value *y, bool deciding)
{
	if (cel_is_spent(x) || cel_is_spent(y))
		return vm_spent();
	if (vm_is(x, deciding) || vm_is(y, deciding))
		return cel_bool(deciding);
	if (x->kind != CEL_BOOL)
		return vm_not_bool(x);
	if (y->kind != CEL_BOOL)
		return vm_not_bool(y);
	return cel_bool(!deciding);
}

static inline vm_next
vm_combine(struct vm *vm, vm_next i, bool deciding)
{
	const struct value *x = vm_rk(vm, i->a), *y = vm_rk(vm, i->b);
	struct value *dst = &vm->r[i->dst];

	/* After IF_FALSE and IF_TRUE a bool on the left decides nothing. */
	*dst = x->kind == CEL_BOOL && y->kind == CEL_BOOL
	    ? *y
	    : vm_logic(x, y, deciding);
	return vm_is(dst, deciding) ? vm_go(vm, i) : i + 1;
}

static inline vm_next
op_AND(struct vm *vm, vm_next i)
{
	return vm_combine(vm, i, false);
}

static inline vm_next
op_OR(struct vm *vm, vm_next i)
{
	return vm_combine(vm, i, true);
}

static inline vm_next
op_COND(struct vm *vm, vm_next i)
{
	const struct value *c = vm_rk(vm, i->a);
	vm_next other = vm_go(vm, i);

	if (c->kind == CEL_BOOL)
		return c->u.boolean ? i + 1 : other;
	vm->r[i->dst] = vm_not_bool(c);
	return vm_go(vm, other - 1);
}

/* --- Optionals --- */

static inline vm_next
op_OR_VALUE(struct vm *vm, vm_next i)
{
	const struct value *v = vm_rk(vm, i->a);

	if (v->kind == CEL_OPTIONAL) {
		if (v->u.items == NULL)
			return i + 1;
		vm->r[i->dst] = *v->u.items;
	} else if (v->kind == CEL_ERROR || vm->e->compat < CEL_COMPAT_137) {
		vm->r[i->dst] = *v;
	} else {
		vm->r[i->dst] = cel_no_overload();
	}
	return vm_go(vm, i);
}

/* Up to 1.36 nothing asks what kind of value it is. */
static inline struct value
vm_optional(const struct vm *vm, const struct value *v)
{
	if (v->kind == CEL_OPTIONAL || v->kind == CEL_ERROR ||
	    vm->e->compat < CEL_COMPAT_137)
		return *v;
	return cel_no_overload();
}

static inline vm_next
op_OPT_OR(struct vm *vm, vm_next i)
{
	const struct value *v = vm_rk(vm, i->a);

	if (v->kind == CEL_OPTIONAL && v->u.items == NULL)
		return i + 1;
	vm->r[i->dst] = vm_optional(vm, v);
	return vm_go(vm, i);
}

static inline vm_next
op_OPT_CHECK(struct vm *vm, vm_next i)
{
	return vm_set(vm, i, vm_optional(vm, vm_rk(vm, i->a)));
}

static inline vm_next
op_OPT_OF(struct vm *vm, vm_next i)
{
	const struct value *v = vm_rk(vm, i->a);

	return vm_set(
	    vm, i, v->kind == CEL_ERROR ? *v : cel_optional_of(vm->e, v));
}

static inline vm_next
op_PRESENT(struct vm *vm, vm_next i)
{
	const struct value *v = vm_rk(vm, i->a);

	return vm_set(vm, i, v->kind == CEL_ERROR ? *v : cel_bool(true));
}

static inline vm_next
op_MARK(struct vm *vm, vm_next i)
{
	return vm_set(vm, i, cel_int((int64_t)vm->e->cost));
}

struct value vm_no_optional(struct vm *vm, const struct value *v);

static inline vm_next
op_OPT_ENTER(struct vm *vm, vm_next i)
{
	const struct value *v = vm_rk(vm, i->a);

	vm->e->cost++; /* hasValue() */
	if (v->kind != CEL_OPTIONAL) {
		vm->r[i->b] = vm_no_optional(vm, v);
		return vm_go(vm, i);
	}
	if (v->u.items != NULL)
		return vm_set(vm, i, *v->u.items);
	vm->e->cost++; /* none() */
	vm->r[i->b] = *v;
	return vm_go(vm, i);
}

/* The value of the optional is worked out anew, by value() instead of
 * hasValue(), where the transform asks for it. */
static inline vm_next
op_AGAIN(struct vm *vm, vm_next i)
{
	vm->e->cost += vm->e->cost - (uint64_t)vm_rk(vm, i->a)->u.integer;
	return i + 1;
}

/* --- Selections --- */

/* A lookup goes through all members: in a large map that is work, which the
 * cost of 1 does not cover. */
static inline void
vm_scan(struct cel_eval *e, const struct value *map)
{
	const uint64_t work = map->count / 8;

	if (map->count > CEL_SCAN_FREE)
		e->work.left -= work < e->work.left ? work : e->work.left;
}

/* A member by the id of its name, or by the name in maps without ids. */
static inline const struct value *
vm_member(
    const struct vm *vm, const struct value *map, const struct cel_step *step)
{
	const struct member *m = map->u.members;
	const struct member *end = m + map->count;

	vm_scan(vm->e, map);
	if (step->key == 0 || (map->flags & CEL_LOOSE) != 0)
		return value_find(map, cel_slice(&vm->constants[step->name]));
	for (; m < end; m++) {
		if (m->name.key == step->key)
			return &m->value;
	}
	return NULL;
}

struct value vm_no_member(
    struct vm *vm, const struct value *v, const struct value *name);

/* Where a path ends. NULL: at none, after an optional. An error is at the
 * instruction's dst already. */
struct vm_end {
	const struct value *at;
	bool optional;
};

static inline struct vm_end
vm_end_error(struct vm *vm, vm_next i, struct value error)
{
	vm->r[i->dst] = error;
	return (struct vm_end){ &vm->r[i->dst], false };
}

/* For what three instructions share: a call would save most registers of the
 * machine, for a step or two. */
#define VM_INLINE __attribute__((always_inline)) static inline

/* Follows the steps from *at, those before `stop` only. */
VM_INLINE struct vm_end
vm_follow(struct vm *vm, vm_next i, const struct value *at,
    const struct cel_step *step, const struct cel_step *stop)
{
	struct vm_end end = { at, false };

	if (at->kind == CEL_OPTIONAL)
		end = (struct vm_end){ at->u.items, true };
	for (bool more = true; more && step != stop && end.at != NULL; step++) {
		const struct value *in = end.at;

		more = step->more;
		end.optional = end.optional || step->optional;
		end.at = in->kind == CEL_MAP ? vm_member(vm, in, step) : NULL;
		if (end.at == NULL && end.optional && in->kind != CEL_LIST)
			break;
		vm->e->cost++;
		if (end.at == NULL)
			return vm_end_error(vm, i,
			    vm_no_member(vm, in, &vm->constants[step->name]));
	}
	return end;
}

VM_INLINE struct vm_end
vm_walk(struct vm *vm, vm_next i, const struct cel_step *stop)
{
	const struct cel_step *step = &vm->p->steps[i->k];
	const struct value *at;

	if ((i->a & ROOT_SLOT) == 0) {
		at = &vm->r[i->a];
	} else {
		at = vm_slot(vm, i->a & ~ROOT_SLOT);
		if (at == NULL)
			return vm_end_error(vm, i,
			    vm_no_variable(vm, &vm->constants[step->name]));
		step++;
	}
	if (at->kind == CEL_ERROR)
		return vm_end_error(vm, i, *at);
	return vm_follow(vm, i, at, step, stop);
}

static inline vm_next
op_SELECT(struct vm *vm, vm_next i)
{
	const struct vm_end end = vm_walk(vm, i, NULL);
	const struct value *v = end.at;

	if (!end.optional)
		return vm_set(vm, i, *v);
	if (v != NULL && v >= vm->r && v < vm->r + vm->code->registers)
		return vm_set(vm, i, cel_optional_of(vm->e, v));
	return vm_set(vm, i, cel_optional(v));
}

static inline vm_next
op_SELECT_OR(struct vm *vm, vm_next i)
{
	const struct vm_end end = vm_walk(vm, i, NULL);

	if (end.at == NULL)
		return vm_set(vm, i, *vm_rk(vm, i->b));
	if (!end.optional && end.at->kind != CEL_ERROR &&
	    vm->e->compat >= CEL_COMPAT_137)
		return vm_set(vm, i, cel_no_overload());
	return vm_set(vm, i, *end.at);
}

static inline vm_next
op_HAS(struct vm *vm, vm_next i)
{
	const bool no = i->b != 0;
	const struct cel_step *last = &vm->p->steps[i->k];
	const struct value *v;
	struct vm_end end;

	while (last->more)
		last++;
	end = vm_walk(vm, i, last);
	v = end.at;
	if (v != NULL && v->kind == CEL_ERROR)
		return vm_set(vm, i, *v);
	if (v != NULL && v->kind == CEL_MAP && vm_member(vm, v, last) != NULL)
		return vm_set(vm, i, cel_bool(!no));
	/* cel-go charges for what an optional holds when it is there. */
	vm->e->cost -= end.optional;
	if (v != NULL && v->kind == CEL_LIST)
		return vm_set(
		    vm, i, vm_no_member(vm, v, &vm->constants[last->name]));
	return vm_set(vm, i, cel_bool(no));
}

vm_next vm_index(struct vm *vm, vm_next i, bool optional);

static inline vm_next
op_INDEX(struct vm *vm, vm_next i)
{
	return vm_index(vm, i, false);
}

static inline vm_next
op_OPT_INDEX(struct vm *vm, vm_next i)
{
	return vm_index(vm, i, true);
}

/* --- Comparisons --- */

static inline struct value
vm_equal(
    struct vm *vm, const struct value *x, const struct value *y, uint64_t cost)
{
	struct value error;

	vm->e->cost += cost;
	if (x->kind == CEL_STRING && y->kind == CEL_STRING)
		return cel_bool(slice_eq(cel_slice(x), cel_slice(y)));
	if (vm_failed(x, y, &error))
		return error;
	return cel_equal_value(vm->e, x, y);
}

/* A document's list or map against another type: an error since 1.37. */
static inline bool
vm_uneven(const struct vm *vm, const struct value *x, const struct value *y)
{
	return vm->e->compat >= CEL_COMPAT_137 &&
	    (x->kind == CEL_LIST || x->kind == CEL_MAP) &&
	    (x->flags & CEL_LOOSE) == 0 && y->kind != x->kind &&
	    y->kind != CEL_NULL && y->kind != CEL_ERROR;
}

/* A value of a library knows none but its own kind. */
static inline bool
vm_foreign(const struct value *x, const struct value *y)
{
	return x->kind == CEL_OPAQUE && y->kind != CEL_NULL &&
	    y->kind != CEL_ERROR &&
	    (y->kind != CEL_OPAQUE || y->u.opaque->class != x->u.opaque->class);
}

static inline vm_next
op_EQ(struct vm *vm, vm_next i)
{
	const struct value *x = vm_rk(vm, i->a), *y = vm_rk(vm, i->b);

	if (vm_uneven(vm, x, y) || vm_foreign(x, y))
		return vm_set(vm, i, cel_no_overload());
	/* Only == knows the values of Kubernetes' own libraries. */
	return vm_set(vm, i,
	    vm_equal(
		vm, x, y, x->kind == CEL_OPAQUE ? 1 : cel_equal_cost(x, y)));
}

static inline vm_next
op_NE(struct vm *vm, vm_next i)
{
	const struct value *x = vm_rk(vm, i->a), *y = vm_rk(vm, i->b);
	struct value v = vm_equal(vm, x, y, cel_equal_cost(x, y));

	if (v.kind == CEL_BOOL)
		v.u.integer = !v.u.boolean;
	return vm_set(vm, i, v);
}

vm_next vm_compare(struct vm *vm, vm_next i, unsigned wanted);

/* The orders, as bits, that make the comparison true. */
#define VM_LESS 1u
#define VM_SAME 2u
#define VM_GREATER 4u

static inline vm_next
op_LT(struct vm *vm, vm_next i)
{
	return vm_compare(vm, i, VM_LESS);
}

static inline vm_next
op_LE(struct vm *vm, vm_next i)
{
	return vm_compare(vm, i, VM_LESS | VM_SAME);
}

static inline vm_next
op_GT(struct vm *vm, vm_next i)
{
	return vm_compare(vm, i, VM_GREATER);
}

static inline vm_next
op_GE(struct vm *vm, vm_next i)
{
	return vm_compare(vm, i, VM_GREATER | VM_SAME);
}

/* --- Arithmetic and the rest, in vm_value.c --- */

vm_next op_ADD(struct vm *vm, vm_next i);
vm_next op_SUB(struct vm *vm, vm_next i);
vm_next op_MUL(struct vm *vm, vm_next i);
vm_next op_DIV(struct vm *vm, vm_next i);
vm_next op_MOD(struct vm *vm, vm_next i);
vm_next op_NEG(struct vm *vm, vm_next i);
vm_next op_IN(struct vm *vm, vm_next i);
vm_next op_IN_SET(struct vm *vm, vm_next i);
vm_next op_CALL(struct vm *vm, vm_next i);
vm_next op_CALL1(struct vm *vm, vm_next i);
vm_next op_CALL2(struct vm *vm, vm_next i);
vm_next op_MATCHES(struct vm *vm, vm_next i);
vm_next op_LIST(struct vm *vm, vm_next i);
vm_next op_LIST_OPT(struct vm *vm, vm_next i);
vm_next op_MAP(struct vm *vm, vm_next i);
vm_next op_MAP_OPT(struct vm *vm, vm_next i);
vm_next op_SORT(struct vm *vm, vm_next i);
vm_next op_RECORD(struct vm *vm, vm_next i);

static inline vm_next
op_NOT(struct vm *vm, vm_next i)
{
	const struct value *v = vm_rk(vm, i->a);

	return vm_set(vm, i,
	    v->kind == CEL_BOOL ? cel_bool(!v->u.boolean) : vm_not_bool(v));
}

#endif
