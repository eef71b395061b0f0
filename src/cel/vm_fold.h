/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The instructions of comprehensions. The state of a loop is a pair of
 * registers: the range, and a count of the elements that were taken, whose
 * `count` is the room of the list or map that is being made.
 */
#ifndef KG_CEL_VM_FOLD_H
#define KG_CEL_VM_FOLD_H

#include "cel/vm_ops.h"

/* Starts the loop, of one variable or two; false: *range is the error. */
bool vm_fold(struct vm *vm, uint16_t macro, bool two, struct value *range,
    struct value *state);

/* The same for macros that make nothing. */
static inline bool
vm_fold_quickly(struct value *range, struct value *state, uint16_t macro)
{
	if ((macro != MACRO_ALL && macro != MACRO_EXISTS) ||
	    (range->kind != CEL_LIST && range->kind != CEL_MAP))
		return false;
	state[0] = *range;
	state[1] = cel_int(0);
	*range = cel_bool(macro == MACRO_ALL);
	return true;
}

static inline vm_next
op_FOLD(struct vm *vm, vm_next i)
{
	struct value *range = &vm->r[i->dst], *state = &vm->r[i->a];
	const bool two = i[1].op == OP_NEXT2;

	if (!vm_fold_quickly(range, state, i->b) &&
	    !vm_fold(vm, i->b, two, range, state)) {
		/* cel-go's loop never started. */
		vm->e->cost -= (uint64_t)(int64_t)i->cost;
		return vm_go(vm, i);
	}
	return state[0].count > 0 ? i + 1 : vm_go(vm, i);
}

static inline bool
vm_more(const struct value *state)
{
	return (uint64_t)state[1].u.integer < state[0].count;
}

/* No element after this one. */
static inline vm_next
vm_stop(struct vm *vm, vm_next i, struct value *state, struct value error)
{
	state[1].u.integer = state[0].count;
	vm->r[i->dst] = error;
	return vm_go(vm, i);
}

static inline vm_next
op_NEXT(struct vm *vm, vm_next i)
{
	struct value *state = &vm->r[i->a];
	const size_t at = (size_t)state[1].u.integer;

	if (at >= state[0].count)
		return vm_go(vm, i);
	if (!vm_charge(vm, i->b)) {
		state[1].u.integer = state[0].count;
		return vm_go(vm, i);
	}
	state[1].u.integer++;
	return vm_set(vm, i,
	    state[0].kind == CEL_LIST ? state[0].u.items[at]
				      : state[0].u.members[at].name);
}

static inline vm_next
op_NEXT2(struct vm *vm, vm_next i)
{
	struct value *state = &vm->r[i->a];
	const size_t at = (size_t)state[1].u.integer;

	if (at >= state[0].count)
		return vm_go(vm, i);
	if (!vm_charge(vm, i->b)) {
		state[1].u.integer = state[0].count;
		return vm_go(vm, i);
	}
	state[1].u.integer++;
	if (state[0].kind == CEL_LIST) {
		vm->r[i->dst] = cel_int((int64_t)at);
		vm->r[i->dst + 1] = state[0].u.items[at];
	} else {
		vm->r[i->dst] = state[0].u.members[at].name;
		vm->r[i->dst + 1] = state[0].u.members[at].value;
	}
	return i + 1;
}

/* The condition of cel-go's loop, once more, where elements are left. */
static inline vm_next
vm_decided(struct vm *vm, vm_next i, bool result, uint64_t cost)
{
	if (vm_more(&vm->r[i->b]))
		vm->e->cost += cost;
	vm->r[i->dst] = cel_bool(result);
	return i + 1;
}

/* The fold of && or || by one element that does not decide it. */
static inline vm_next
vm_undecided(struct vm *vm, vm_next i, const struct value *v)
{
	struct value *accu = &vm->r[i->dst];

	if (v->kind != CEL_BOOL && accu->kind == CEL_BOOL)
		*accu = vm_not_bool(v);
	if (cel_is_spent(v))
		return vm_stop(vm, i, &vm->r[i->b], *v);
	return vm_go(vm, i);
}

static inline vm_next
op_ALL(struct vm *vm, vm_next i)
{
	const struct value *v = vm_rk(vm, i->a);

	return vm_is(v, false) ? vm_decided(vm, i, false, 2)
			       : vm_undecided(vm, i, v);
}

static inline vm_next
op_EXISTS(struct vm *vm, vm_next i)
{
	const struct value *v = vm_rk(vm, i->a);

	return vm_is(v, true) ? vm_decided(vm, i, true, 3)
			      : vm_undecided(vm, i, v);
}

static inline vm_next
op_COUNT(struct vm *vm, vm_next i)
{
	const struct value *v = vm_rk(vm, i->a);

	if (v->kind != CEL_BOOL)
		return vm_stop(vm, i, &vm->r[i->b], vm_not_bool(v));
	if (v->u.boolean) {
		vm->e->cost += 2;
		vm->r[i->dst].u.integer++;
	}
	return vm_go(vm, i);
}

static inline vm_next
op_ONE(struct vm *vm, vm_next i)
{
	struct value *v = &vm->r[i->dst];

	if (v->kind == CEL_INT)
		*v = cel_bool(v->u.integer == 1);
	return i + 1;
}

static inline vm_next
op_GUARD(struct vm *vm, vm_next i)
{
	const struct value *v = vm_rk(vm, i->a);

	if (v->kind != CEL_BOOL)
		return vm_stop(vm, i, &vm->r[i->b], vm_not_bool(v));
	return v->u.boolean ? i + 1 : vm_go(vm, i);
}

/* Elements of the list that the loop makes: nobody else has seen it yet. */
static inline struct value *
vm_own_items(const struct value *list)
{
	return (struct value *)(uintptr_t)list->u.items;
}

static inline vm_next
op_APPEND(struct vm *vm, vm_next i)
{
	const struct value *v = vm_rk(vm, i->a);
	struct value *list = &vm->r[i->dst];

	if (v->kind == CEL_ERROR)
		return vm_stop(vm, i, &vm->r[i->b], *v);
	vm_own_items(list)[list->count++] = *v;
	return vm_go(vm, i);
}

vm_next op_INSERT(struct vm *vm, vm_next i);
vm_next op_MERGE(struct vm *vm, vm_next i);

#endif
