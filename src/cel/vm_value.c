/* SPDX-License-Identifier: Apache-2.0 */
/* Instructions that make values, and what folding shares with them. */
#include "base/limits.h"
#include "base/utf8.h"
#include "cel/vm_ops.h"

struct value
vm_spent(void)
{
	struct value v =
	    cel_error("operation cancelled: actual cost limit exceeded");

	v.flags = CEL_ERROR_SPENT;
	return v;
}

struct value
vm_no_variable(struct vm *vm, const struct value *name)
{
	return cel_errorf(vm->e->arena, "no such attribute(s): %.*s",
	    SLICE_ARG(utf8_cut(cel_slice(name), QUOTE_MAX)));
}

/* A selection that found nothing: of a list it cannot. */
struct value
vm_no_member(struct vm *vm, const struct value *v, const struct value *name)
{
	if (v->kind == CEL_LIST)
		return cel_error("unsupported index type 'string' in list");
	return cel_no_key(vm->e->arena, name);
}

struct value
cel_optional_of(struct cel_eval *e, const struct value *v)
{
	struct value *copy = arena_array(e->arena, 1, sizeof(*copy));

	if (copy == NULL)
		return cel_no_memory();
	*copy = *v;
	return cel_optional(copy);
}

struct value
cel_equal_value(
    struct cel_eval *e, const struct value *a, const struct value *b)
{
	const bool same = cel_equal(a, b, &e->work);

	return e->work.left == 0 ? vm_spent() : cel_bool(same);
}

/* What optMap() says of anything else. */
struct value
vm_no_optional(struct vm *vm, const struct value *v)
{
	if (v->kind == CEL_ERROR)
		return *v;
	return cel_errorf(vm->e->arena, "no such overload: hasValue(%.*s)",
	    SLICE_ARG(cel_type_name(v)));
}

/* --- Index --- */

/* An integer of any numeric type. */
static bool
whole_number(const struct value *v, int64_t *n)
{
	if (v->kind == CEL_INT || v->kind == CEL_UINT) {
		*n = v->u.integer;
		if (v->kind == CEL_UINT && *n < 0)
			*n = INT64_MAX;
		return true;
	}
	if (v->kind != CEL_DOUBLE || !(v->u.real >= -0x1p63) ||
	    !(v->u.real < 0x1p63))
		return false;
	*n = (int64_t)v->u.real;
	return cel_compare_numbers(
		   v, &(struct value){ .kind = CEL_INT, .u.integer = *n }) ==
	    CEL_SAME;
}

static struct value
index_list(struct cel_eval *e, const struct value *list,
    const struct value *key, bool *absent)
{
	int64_t n;

	if (!whole_number(key, &n) && key->kind == CEL_DOUBLE)
		return cel_error_of_double(e->arena, "unsupported index value ",
		    key->u.real, " in list");
	if (!whole_number(key, &n))
		return cel_errorf(e->arena,
		    "unsupported index type '%.*s' in list",
		    SLICE_ARG(cel_type_name(key)));
	if (n >= 0 && n < (int64_t)list->count)
		return list->u.items[n];
	*absent = true;
	if (key->kind == CEL_DOUBLE)
		return cel_error_of_double(
		    e->arena, "index out of bounds: ", key->u.real, "");
	return cel_errorf(e->arena, "index out of bounds: %lld", (long long)n);
}

/* A document's map knows strings only: an error since 1.37. */
static bool
is_foreign_key(
    const struct cel_eval *e, const struct value *map, const struct value *key)
{
	return (map->flags & CEL_LOOSE) == 0 && key->kind != CEL_STRING &&
	    e->compat >= CEL_COMPAT_137;
}

static struct value
foreign_key(struct cel_eval *e, const struct value *key)
{
	return cel_errorf(
	    e->arena, "unsupported map key type: %s", cel_go_type_name(key));
}

static struct value
index_map(struct cel_eval *e, const struct value *map, const struct value *key,
    bool *absent)
{
	const struct value *found;

	*absent = true;
	if (is_foreign_key(e, map, key))
		return foreign_key(e, key);
	vm_scan(e, map);
	found = cel_map_find(map, key);
	if (found == NULL)
		return cel_no_key(e->arena, key);
	*absent = false;
	return *found;
}

bool
cel_is_qualifier(const struct value *v)
{
	return v->kind == CEL_STRING || v->kind == CEL_BOOL || cel_is_number(v);
}

struct value
cel_bad_qualifier(struct arena *a, const struct value *key)
{
	return cel_errorf(
	    a, "invalid qualifier type: %s", cel_go_type_name(key));
}

struct value
cel_index_present(struct cel_eval *e, const struct value *a,
    const struct value *key, bool *absent)
{
	*absent = false;
	if (!cel_is_qualifier(key))
		return cel_bad_qualifier(e->arena, key);
	if (a->kind == CEL_LIST)
		return index_list(e, a, key, absent);
	if (a->kind == CEL_MAP)
		return index_map(e, a, key, absent);
	*absent = true;
	return cel_no_key(e->arena, key);
}

struct value
cel_index(struct cel_eval *e, const struct value *a, const struct value *key)
{
	bool absent;

	return cel_index_present(e, a, key, &absent);
}

vm_next
vm_index(struct vm *vm, vm_next i, bool optional)
{
	const struct value *v = vm_rk(vm, i->a), *key = vm_rk(vm, i->b);
	struct value found;
	bool absent;

	if (vm_failed(v, key, &found))
		return vm_set(vm, i, found);
	if (v->kind == CEL_OPTIONAL) {
		if (v->u.items == NULL) {
			vm->e->cost -= vm->e->cost > 0;
			return vm_set(vm, i, *v);
		}
		optional = true;
		v = v->u.items;
	}
	found = cel_index_present(vm->e, v, key, &absent);
	if (!optional)
		return vm_set(vm, i, found);
	if (absent) {
		/* cel-go charges for an element when there is one. */
		vm->e->cost -= vm->e->cost > 0;
		return vm_set(vm, i, cel_optional(NULL));
	}
	return vm_set(vm, i,
	    found.kind == CEL_ERROR ? found : cel_optional_of(vm->e, &found));
}

/* --- Comparison and membership --- */

static struct value
no_order(uint8_t op, const struct value *x)
{
	static const char *const messages[] = {
		[OP_LT] = "no such overload: _<_",
		[OP_LE] = "no such overload: _<=_",
		[OP_GT] = "no such overload: _>_",
		[OP_GE] = "no such overload: _>=_",
	};
	const unsigned ordered = 1u << CEL_BOOL | 1u << CEL_INT |
	    1u << CEL_UINT | 1u << CEL_DOUBLE | 1u << CEL_BYTES;

	return cel_no_operator(x, ordered, messages[op]);
}

vm_next
vm_compare(struct vm *vm, vm_next i, unsigned wanted)
{
	const struct value *x = vm_rk(vm, i->a), *y = vm_rk(vm, i->b);
	struct value error;
	enum cel_order order;

	vm->e->cost += i->k != 0 ? cel_equal_cost(x, y) : 1;
	if (vm_failed(x, y, &error))
		return vm_set(vm, i, error);
	order = cel_compare(x, y);
	if (order == CEL_NO_ORDER)
		return vm_set(vm, i, no_order(i->op, x));
	if (order == CEL_UNORDERED)
		return vm_set(vm, i, cel_error("NaN values cannot be ordered"));
	return vm_set(vm, i, cel_bool((wanted >> ((int)order + 1) & 1u) != 0));
}

static struct value
in_list(struct cel_eval *e, const struct value *v, const struct value *list)
{
	for (size_t i = 0; i < list->count; i++) {
		if (cel_equal(v, &list->u.items[i], &e->work))
			return cel_bool(true);
		if (e->work.left == 0)
			return vm_spent();
	}
	return cel_bool(false);
}

vm_next
op_IN(struct vm *vm, vm_next i)
{
	const struct value *x = vm_rk(vm, i->a), *y = vm_rk(vm, i->b);
	struct value error;

	vm->e->cost += i->k != 0 && y->kind == CEL_LIST ? y->count : 1;
	if (vm_failed(x, y, &error))
		return vm_set(vm, i, error);
	if (y->kind == CEL_LIST)
		return vm_set(vm, i, in_list(vm->e, x, y));
	if (y->kind == CEL_MAP && y->count > 0 && x->kind == CEL_BYTES &&
	    (y->flags & CEL_LOOSE) != 0)
		return vm_set(vm, i, cel_bytes_key());
	if (y->kind == CEL_MAP && is_foreign_key(vm->e, y, x))
		return vm_set(vm, i, foreign_key(vm->e, x));
	if (y->kind == CEL_MAP) {
		vm_scan(vm->e, y);
		return vm_set(vm, i, cel_bool(cel_map_find(y, x) != NULL));
	}
	return vm_set(vm, i, cel_no_overload());
}

vm_next
op_IN_SET(struct vm *vm, vm_next i)
{
	const struct value *x = vm_rk(vm, i->a);
	const struct cel_set *set = &vm->p->sets[i->k];
	struct cel_work work = { 2 };
	uint32_t at;

	if (x->kind == CEL_ERROR)
		return vm_set(vm, i, *x);
	if (!cel_is_number(x) && x->kind != CEL_STRING && x->kind != CEL_BOOL)
		return vm_set(vm, i, cel_bool(false));
	at = (uint32_t)cel_hash(x, vm->p->seed) & set->mask;
	for (; set->slots[at] != 0; at = (at + 1) & set->mask) {
		work.left = 2;
		if (cel_equal(x, &set->items[set->slots[at] - 1], &work))
			return vm_set(vm, i, cel_bool(true));
	}
	return vm_set(vm, i, cel_bool(false));
}

/* --- Arithmetic --- */

vm_next
op_ADD(struct vm *vm, vm_next i)
{
	const struct value *x = vm_rk(vm, i->a), *y = vm_rk(vm, i->b);
	struct value error;

	vm->e->cost += i->k != 0 ? cel_concat_cost(x, y) : 1;
	if (vm_failed(x, y, &error))
		return vm_set(vm, i, error);
	return vm_set(vm, i, cel_add(vm->e->arena, x, y));
}

#define ARITHMETIC(name, function)                                             \
	vm_next op_##name(struct vm *vm, vm_next i)                            \
	{                                                                      \
		const struct value *x = vm_rk(vm, i->a), *y = vm_rk(vm, i->b); \
		struct value error;                                            \
                                                                               \
		if (vm_failed(x, y, &error))                                   \
			return vm_set(vm, i, error);                           \
		return vm_set(vm, i, function(x, y));                          \
	}

ARITHMETIC(SUB, cel_subtract)
ARITHMETIC(MUL, cel_multiply)
ARITHMETIC(DIV, cel_divide)
ARITHMETIC(MOD, cel_modulo)

vm_next
op_NEG(struct vm *vm, vm_next i)
{
	const struct value *v = vm_rk(vm, i->a);

	return vm_set(vm, i, v->kind == CEL_ERROR ? *v : cel_negate(v));
}

/* --- Lists and maps --- */

static struct value
unwrap_entry(const struct value *v, bool *absent)
{
	*absent = false;
	if (v->kind != CEL_OPTIONAL)
		return vm_not_bool(v);
	if (v->u.items != NULL)
		return *v->u.items;
	*absent = true;
	return cel_null();
}

struct value
cel_make_list(struct cel_eval *e, const struct value *items, uint32_t count,
    const char *optional)
{
	struct value *copy = arena_array(e->arena, count, sizeof(*copy));
	uint32_t kept = 0;
	bool absent = false;

	if (copy == NULL)
		return cel_no_memory();
	for (uint32_t i = 0; i < count; i++) {
		copy[kept] = items[i];
		if (optional != NULL && optional[i] != 0)
			copy[kept] = unwrap_entry(&items[i], &absent);
		if (copy[kept].kind == CEL_ERROR)
			return copy[kept];
		kept += !absent;
		absent = false;
	}
	return cel_list(copy, kept);
}

/* Adds the entry, in the place of one with that key as Go's maps do; the
 * error that forbids it, or null. */
static struct value
add_entry(struct value *map, struct member *members, const struct value *pair,
    bool optional)
{
	const struct value *known;
	struct value v = pair[1];
	bool absent = false;

	if (pair[0].kind == CEL_ERROR)
		return pair[0];
	if (optional)
		v = unwrap_entry(&pair[1], &absent);
	if (v.kind == CEL_ERROR)
		return v;
	if (pair[0].kind == CEL_BYTES)
		return cel_bytes_key();
	if (absent)
		return cel_null();
	known = cel_map_find_exact(map, &pair[0]);
	if (known != NULL) { /* one of members */
		*(struct value *)(uintptr_t)known = v;
		return cel_null();
	}
	members[map->count].name = pair[0];
	members[map->count].name.key = 0;
	members[map->count++].value = v;
	return cel_null();
}

struct value
cel_make_map(struct cel_eval *e, const struct value *pairs, uint32_t count,
    const char *optional)
{
	struct member *members =
	    arena_array(e->arena, count / 2, sizeof(*members));
	struct value map = cel_map(members, 0), error;

	if (members == NULL)
		return cel_no_memory();
	for (uint32_t i = 0; i + 1 < count; i += 2) {
		error = add_entry(&map, members, &pairs[i],
		    optional != NULL && optional[i / 2] != 0);
		if (error.kind == CEL_ERROR)
			return error;
	}
	return map;
}

vm_next
op_LIST(struct vm *vm, vm_next i)
{
	return vm_set(vm, i, cel_make_list(vm->e, &vm->r[i->a], i->b, NULL));
}

vm_next
op_LIST_OPT(struct vm *vm, vm_next i)
{
	return vm_set(vm, i,
	    cel_make_list(
		vm->e, &vm->r[i->a], i->b, vm->constants[i->k].u.bytes));
}

vm_next
op_MAP(struct vm *vm, vm_next i)
{
	return vm_set(vm, i, cel_make_map(vm->e, &vm->r[i->a], i->b, NULL));
}

vm_next
op_MAP_OPT(struct vm *vm, vm_next i)
{
	return vm_set(vm, i,
	    cel_make_map(
		vm->e, &vm->r[i->a], i->b, vm->constants[i->k].u.bytes));
}
