/* SPDX-License-Identifier: Apache-2.0 */
/* Calls of functions: which row of the table fits, and what it costs. */
#include "base/limits.h"
#include "cel/vm_ops.h"

#define KIND(k) (1u << (k))
#define KINDS_ANY ((1u << CEL_ERROR) - 1)

uint16_t
cel_type_kinds(const struct cel_type *type)
{
	static const uint16_t kinds[] = {
		[CEL_TYPE_DYN] = KINDS_ANY,
		[CEL_TYPE_NULL] = KIND(CEL_NULL),
		[CEL_TYPE_BOOL] = KIND(CEL_BOOL),
		[CEL_TYPE_INT] = KIND(CEL_INT),
		[CEL_TYPE_UINT] = KIND(CEL_UINT),
		[CEL_TYPE_DOUBLE] = KIND(CEL_DOUBLE),
		[CEL_TYPE_STRING] = KIND(CEL_STRING),
		[CEL_TYPE_BYTES] = KIND(CEL_BYTES),
		[CEL_TYPE_TIMESTAMP] = KIND(CEL_TIMESTAMP),
		[CEL_TYPE_DURATION] = KIND(CEL_DURATION),
		[CEL_TYPE_LIST] = KIND(CEL_LIST),
		[CEL_TYPE_MAP] = KIND(CEL_MAP),
		[CEL_TYPE_TYPE] = KIND(CEL_TYPE),
		[CEL_TYPE_OPTIONAL] = KIND(CEL_OPTIONAL),
		[CEL_TYPE_OBJECT] = KIND(CEL_MAP),
		[CEL_TYPE_OPAQUE] = KIND(CEL_OPAQUE),
		[CEL_TYPE_PARAM] = KINDS_ANY,
		[CEL_TYPE_ERROR] = KINDS_ANY,
	};

	return kinds[type->kind];
}

/* Like cel-go, a list by its first element only. Recursion: as deep as the
 * types of builtin.def. */
bool
cel_fits(const struct cel_type *type, const struct value *v)
{
	if ((cel_type_kinds(type) & KIND(v->kind)) == 0)
		return false;
	if (type->kind == CEL_TYPE_OPAQUE)
		return slice_eq(v->u.opaque->class->name, type->name);
	/* flatten() takes what is flat already. */
	if (type == &cel_t_list_list_a)
		return true;
	if (type->kind == CEL_TYPE_LIST && v->count > 0)
		return cel_fits(type->params[0], &v->u.items[0]);
	if (type->kind == CEL_TYPE_MAP && v->count > 0)
		return cel_fits(type->params[0], &v->u.members[0].name) &&
		    cel_fits(type->params[1], &v->u.members[0].value);
	if (type->kind == CEL_TYPE_OPTIONAL && v->u.items != NULL)
		return cel_fits(type->params[0], v->u.items);
	return true;
}

static bool
candidate_fits(const struct cel_candidate *c, const struct value *args)
{
	const size_t count = c->overload->param_count;

	for (size_t i = 0; i < count; i++) {
		if ((c->kinds[i] & KIND(args[i].kind)) == 0)
			return false;
	}
	for (size_t i = 0; c->deep && i < count; i++) {
		if (!cel_fits(c->overload->params[i], &args[i]))
			return false;
	}
	return true;
}

static const struct cel_overload *
find_overload(const struct cel_call *call, const struct value *args)
{
	for (uint32_t i = 0; i < call->count; i++) {
		if (candidate_fits(&call->candidates[i], args))
			return call->candidates[i].overload;
	}
	return NULL;
}

/* The first argument that is an error; what cel-go would have evaluated (all
 * of one or two, else up to the error) decides whether the call is charged. */
static const struct value *
failed_argument(const struct value *args, size_t count, bool *charged)
{
	for (size_t i = 0; i < count; i++) {
		*charged = count <= 2 || i + 1 == count;
		if (args[i].kind == CEL_ERROR)
			return &args[i];
	}
	*charged = true;
	return NULL;
}

/* "no such overload: split(string, int)", for the sake of whoever reads it;
 * Kubernetes names no types for some. */
static struct value
no_overload(
    struct cel_eval *e, const struct cel_overload *o, const struct value *args)
{
	static const char *const plain[] = { "contains", "endsWith", "find",
		"findAll", "matches", "startsWith" };
	struct buf text;

	if (strcmp(o->function, "sort") == 0)
		return cel_no_operator(&args[0], 0, "no such overload: sort");
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
		if (strcmp(o->function, plain[i]) == 0)
			return cel_no_overload();
	}
	if (strcmp(o->function, "size") == 0)
		return cel_no_operator(&args[0], 0, "no such overload: size");
	buf_init(&text, e->arena, DIAG_MESSAGE_MAX);
	buf_printf(&text, "no such overload: %s", o->function);
	for (size_t n = 0; n < o->param_count; n++) {
		buf_puts(&text, n == 0 ? "(" : ", ");
		buf_put(&text, cel_type_name(&args[n]));
	}
	buf_putc(&text, ')');
	return cel_error_built(&text);
}

struct value
cel_call_run(
    struct cel_eval *e, const struct cel_call *call, const struct value *args)
{
	const struct cel_overload *o = call->candidates[0].overload;
	bool charged;
	const struct value *failed =
	    failed_argument(args, o->param_count, &charged);
	const struct cel_overload *fits =
	    failed != NULL ? NULL : find_overload(call, args);
	const struct value v = failed != NULL ? *failed
	    : fits != NULL                    ? fits->impl(e, args)
					      : no_overload(e, o, args);

	if (charged && call->cost != CEL_COST_ONE)
		e->cost += cel_call_cost((enum cel_cost)call->cost,
		    fits != NULL ? fits : o, args, &v);
	return e->work.left == 0 ? vm_spent() : v;
}

vm_next
op_CALL(struct vm *vm, vm_next i)
{
	return vm_set(
	    vm, i, cel_call_run(vm->e, &vm->p->calls[i->k], &vm->r[i->a]));
}

vm_next
op_CALL1(struct vm *vm, vm_next i)
{
	return vm_set(
	    vm, i, cel_call_run(vm->e, &vm->p->calls[i->k], vm_rk(vm, i->a)));
}

vm_next
op_CALL2(struct vm *vm, vm_next i)
{
	const struct value args[] = { *vm_rk(vm, i->a), *vm_rk(vm, i->b) };

	return vm_set(vm, i, cel_call_run(vm->e, &vm->p->calls[i->k], args));
}

vm_next
op_MATCHES(struct vm *vm, vm_next i)
{
	const struct value *v = vm_rk(vm, i->a), *pattern = vm_rk(vm, i->b);
	const struct cel_call *call = &vm->p->calls[i->k];
	const struct value args[] = { *v, *pattern };
	struct value result;
	bool found;

	if (vm_failed(v, pattern, &result))
		return vm_set(vm, i, result);
	if (v->kind != CEL_STRING)
		return vm_set(vm, i, cel_no_overload());
	result = cel_bool(false);
	if (regex_match(call->prepared, &vm->e->regex, cel_slice(v), &found) !=
	    KG_OK)
		result = vm_spent();
	else
		result.u.integer = found;
	vm->e->cost += cel_call_cost(CEL_COST_MATCHES, NULL, args, &result);
	return vm_set(vm, i, result);
}

/* --- sortBy --- */

vm_next
op_SORT(struct vm *vm, vm_next i)
{
	const struct value *list = vm_rk(vm, i->a), *keys = vm_rk(vm, i->b);
	struct value v;

	if (vm_failed(keys, list, &v))
		return vm_set(vm, i, v);
	if (list->kind != CEL_LIST)
		return vm_set(vm, i,
		    cel_no_operator(
			list, 0, "no such overload: @sortByAssociatedKeys"));
	vm->e->cost +=
	    i->k != 0 ? cel_call_cost(CEL_COST_SORT, NULL, keys, NULL) : 1;
	return vm_set(vm, i, cel_sort_by(vm->e, list, keys));
}

/* --- Explain --- */

static bool
grow_records(struct cel_eval *e)
{
	struct cel_records *records = &e->records;
	const size_t want = records->cap == 0 ? 64 : records->cap * 2;
	struct cel_record *items;

	if (records->count < records->cap)
		return true;
	items = want <= CEL_RECORDS_MAX
	    ? arena_grow(e->arena, records->items,
		  records->cap * sizeof(*items), want * sizeof(*items))
	    : NULL;
	if (items == NULL) {
		records->full = true;
		return false;
	}
	records->items = items;
	records->cap = want;
	return true;
}

vm_next
op_RECORD(struct vm *vm, vm_next i)
{
	struct cel_eval *e = vm->e;

	if (grow_records(e))
		e->records.items[e->records.count++] = (struct cel_record){
			.node = i->k,
			.depth = i->dst,
			.iteration = i->dst == 0
			    ? 0
			    : (uint32_t)vm->r[i->b].u.integer - 1,
			.value = *vm_rk(vm, i->a),
		};
	return i + 1;
}
