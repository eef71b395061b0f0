/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The facts as a value for expressions: the variable `enclave`. Members carry
 * the ids of key.def, so that an expression finds them as it finds any other.
 */
#include "enclave/facts.h"

#include "base/limits.h"

/* An object that is filled member by member. */
struct object {
	struct member *members;
	size_t count;
};

static void
put(struct object *o, enum key_id key, const char *name, struct value v)
{
	o->members[o->count++] = (struct member){
		.name = { .kind = VALUE_STRING,
		    .key = (uint16_t)key,
		    .count = (uint32_t)strlen(name),
		    .u.bytes = name },
		.value = v,
	};
}
#define PUT(o, name, v) put(o, KEY_##name, #name, v)

static struct value
text(struct kg_slice s)
{
	return (struct value){ .kind = VALUE_STRING,
		.count = (uint32_t)s.len,
		.u.bytes = s.ptr != NULL ? s.ptr : "" };
}

static struct value
boolean(bool b)
{
	return (struct value){ .kind = VALUE_BOOL, .u.boolean = b };
}

static struct value
integer(int64_t n)
{
	return (struct value){ .kind = VALUE_INT, .u.integer = n };
}

static struct value
list_of(const struct value *items, size_t count)
{
	return (struct value){
		.kind = VALUE_LIST, .count = (uint32_t)count, .u.items = items
	};
}

static struct value
object_of(const struct object *o)
{
	return (struct value){ .kind = VALUE_OBJECT,
		.count = (uint32_t)o->count,
		.u.members = o->members };
}

/* --- Containers --- */

static const char *
kind_name(enum container_kind kind)
{
	switch (kind) {
	case CONTAINER_INIT:
		return "init";
	case CONTAINER_RESTARTABLE:
		return "restartableInit";
	case CONTAINER_EPHEMERAL:
		return "ephemeral";
	case CONTAINER_APP:
		break;
	}
	return "app";
}

static struct kg_slice
container_wiring(const struct facts *f, const struct container *c)
{
	for (size_t w = 0; w < f->wiring_count; w++) {
		if (wiring_complete(f, f->wirings[w], c))
			return f->wirings[w]->name;
	}
	return SLICE("");
}

static struct value
container_view(
    struct arena *arena, const struct facts *f, const struct container *c)
{
	struct object o = { arena_array(arena, 5, sizeof(*o.members)), 0 };
	const struct kg_slice outer = f->scan->pod->pointer;

	if (o.members == NULL)
		return (struct value){ 0 };
	PUT(&o, name, text(c->name));
	PUT(&o, kind, text(slice_str(kind_name(c->kind))));
	PUT(&o, pointer,
	    text(arena_printf(arena, "%.*s%s/%u", SLICE_ARG(outer),
		container_list(c->kind), c->index)));
	PUT(&o, epc, integer(facts_epc(f, c)));
	PUT(&o, wiring, text(container_wiring(f, c)));
	return object_of(&o);
}

static struct value
containers_view(struct arena *arena, const struct facts *f)
{
	struct value *items =
	    arena_array(arena, f->enclave_count, sizeof(*items));
	size_t n = 0;

	for (size_t i = 0; f->enclave_count > 0 && items != NULL &&
	     i < f->scan->container_count;
	     i++) {
		if (f->enclave_container[i])
			items[n++] =
			    container_view(arena, f, &f->scan->containers[i]);
	}
	return list_of(items, n);
}

/* --- The pod --- */

static struct value
types_view(struct arena *arena, const struct facts *f)
{
	struct string_list types = { 0 };
	struct value *items;

	if (f->profile != NULL)
		placement_types(arena, f->scan->pod->spec, f->profile, &types);
	items = arena_array(arena, types.count, sizeof(*items));
	if (items == NULL)
		return list_of(NULL, 0);
	for (size_t i = 0; i < types.count; i++)
		items[i] = text(types.items[i]);
	return list_of(items, types.count);
}

static const struct value *
facts_view(struct arena *arena, const struct facts *f)
{
	struct object o = { arena_array(arena, 9, sizeof(*o.members)), 0 };
	struct value *v = arena_alloc(arena, sizeof(*v));
	const struct wiring *wiring = facts_wiring(f);
	const struct scan *s = f->scan;

	if (o.members == NULL || v == NULL)
		return NULL;
	PUT(&o, present,
	    boolean(s != NULL &&
		(s->signals != 0 || f->declaration != DECLARED_NOTHING)));
	PUT(&o, declared, text(f->declared));
	PUT(&o, profile,
	    text(f->profile != NULL ? f->profile->name : SLICE("")));
	PUT(&o, wiring, text(wiring != NULL ? wiring->name : SLICE("")));
	PUT(&o, attested, boolean(wiring != NULL && !wiring->silent));
	PUT(&o, epc, integer(f->effective_epc));
	PUT(&o, placementProven,
	    boolean(f->profile != NULL && f->placement.proven));
	PUT(&o, nodeTypes, types_view(arena, f));
	PUT(&o, containers, containers_view(arena, f));
	*v = object_of(&o);
	return v;
}

enum kg_status
enclave_view(struct arena *arena, struct scan *scan,
    const struct enclave_params *params, const struct value **out)
{
	static const struct facts nothing = { 0 };
	const struct facts *f = &nothing;
	enum kg_status st = KG_OK;

	*out = NULL;
	if (scan != NULL && scan->pod->spec != NULL)
		st = facts_of(scan, params, &f);
	if (st != KG_OK)
		return st;
	*out = facts_view(arena, f);
	return *out != NULL && !arena_failed(arena) ? KG_OK : arena->failure;
}
