/* SPDX-License-Identifier: Apache-2.0 */
/* The rarer halves of comprehensions: starting one, making maps. */
#include "cel/vm_fold.h"

#include "base/limits.h"

/* Room for as many results as there are elements. */
static bool
make_room(struct vm *vm, struct value *result, struct value *state, size_t size)
{
	const size_t n = state[0].count;
	void *room = arena_array(vm->e->arena, n, size);

	if (room == NULL) {
		*result = cel_no_memory();
		return false;
	}
	state[1].count = (uint32_t)n;
	result->u.items = room;
	return true;
}

static bool
start_result(
    struct vm *vm, uint16_t macro, struct value *result, struct value *state)
{
	switch ((enum ast_macro)macro) {
	case MACRO_ALL:
		*result = cel_bool(true);
		return true;
	case MACRO_EXISTS:
		*result = cel_bool(false);
		return true;
	case MACRO_EXISTS_ONE:
		*result = cel_int(0);
		return true;
	case MACRO_MAP:
	case MACRO_FILTER:
	case MACRO_TRANSFORM_LIST:
	case MACRO_SORT_BY:
		*result = cel_list(NULL, 0);
		return make_room(vm, result, state, sizeof(struct value));
	case MACRO_TRANSFORM_MAP:
	case MACRO_TRANSFORM_MAP_ENTRY:
		*result = cel_map(NULL, 0);
		return make_room(vm, result, state, sizeof(struct member));
	case MACRO_NONE:
	case MACRO_OPT_MAP:
	case MACRO_OPT_FLAT_MAP:
		break;
	}
	*result = cel_no_overload();
	return false;
}

bool
vm_fold(struct vm *vm, uint16_t macro, bool two, struct value *range,
    struct value *state)
{
	if (range->kind == CEL_ERROR)
		return false;
	if (range->kind != CEL_LIST && range->kind != CEL_MAP) {
		*range = cel_errorf(vm->e->arena,
		    two ? "unsupported comprehension range type: %s"
			: "got '%s', expected iterable type",
		    cel_go_type_name(range));
		return false;
	}
	state[0] = *range;
	state[1] = cel_int(0);
	return start_result(vm, macro, range, state);
}

static bool
grow_map(struct vm *vm, struct value *map, struct value *state, size_t more)
{
	const size_t want = (size_t)map->count + more;
	size_t cap = state[1].count;
	struct member *grown;

	if (want <= cap)
		return true;
	while (cap < want)
		cap = cap * 2 + 4;
	if (cap > CEL_ITEMS_MAX)
		return false;
	grown = arena_array(vm->e->arena, cap, sizeof(*grown));
	if (grown == NULL)
		return false;
	if (map->count > 0)
		memcpy(grown, map->u.members, map->count * sizeof(*grown));
	map->u.members = grown;
	state[1].count = (uint32_t)cap;
	return true;
}

static struct value
exists_already(struct cel_eval *e, const struct value *key)
{
	const struct value text = cel_fn_to_string(e, key);

	return cel_errorf(e->arena, "insert failed: key %.*s already exists",
	    SLICE_ARG(cel_slice(&text)));
}

/* Adds one entry; NULL, or the error. Keys are found by looking at all of
 * them, which the work budget pays. */
static bool
insert(struct vm *vm, struct value *map, const struct value *key,
    const struct value *value, struct value *error)
{
	struct member *members = (struct member *)(uintptr_t)map->u.members;
	struct cel_work *work = &vm->e->work;
	const uint64_t cost = map->count / 8;

	work->left -= cost < work->left ? cost : work->left;
	if (work->left == 0)
		*error = vm_spent();
	else if (key->kind == CEL_BYTES)
		*error = cel_bytes_key();
	else if (cel_map_find(map, key) != NULL)
		*error = exists_already(vm->e, key);
	else {
		members[map->count].name = *key;
		members[map->count].name.key = 0;
		members[map->count++].value = *value;
		return true;
	}
	return false;
}

vm_next
op_INSERT(struct vm *vm, vm_next i)
{
	const struct value *key = &vm->r[i->a], *value = &vm->r[i->a + 1];
	struct value *map = &vm->r[i->dst], *state = &vm->r[i->b];
	struct value error;

	if (vm_failed(key, value, &error))
		return vm_stop(vm, i, state, error);
	if (!grow_map(vm, map, state, 1))
		return vm_stop(vm, i, state, cel_no_memory());
	if (!insert(vm, map, key, value, &error))
		return vm_stop(vm, i, state, error);
	return vm_go(vm, i);
}

vm_next
op_MERGE(struct vm *vm, vm_next i)
{
	const struct value *from = vm_rk(vm, i->a);
	struct value *map = &vm->r[i->dst], *state = &vm->r[i->b];
	struct value error;

	if (from->kind != CEL_MAP)
		return vm_stop(vm, i, state, vm_not_bool(from));
	if (!grow_map(vm, map, state, from->count))
		return vm_stop(vm, i, state, cel_no_memory());
	for (size_t n = 0; n < from->count; n++) {
		const struct member *m = &from->u.members[n];

		if (!insert(vm, map, &m->name, &m->value, &error))
			return vm_stop(vm, i, state, error);
	}
	return vm_go(vm, i);
}
