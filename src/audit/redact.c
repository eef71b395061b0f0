/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secrets hide in env values and in kubectl's copy of the object; the rest is
 * what an auditor needs. Values are found first and skipped while writing, so
 * the object is never copied.
 */
#include "audit/redact.h"

#include "base/limits.h"
#include "policy/podkind.h"

#define LAST_APPLIED "kubectl.kubernetes.io/last-applied-configuration"

static void
leave_out(struct redaction *r, const struct value *v, const struct buf *where)
{
	if (r->count == r->cap) {
		const size_t cap = r->cap == 0 ? 32 : r->cap * 2;
		const struct value **values = arena_grow(r->arena, r->values,
		    r->cap * sizeof(*values), cap * sizeof(*values));
		struct kg_slice *pointers = arena_grow(r->arena, r->pointers,
		    r->cap * sizeof(*pointers), cap * sizeof(*pointers));

		if (values == NULL || pointers == NULL)
			return; /* the arena remembers: no record is made */
		r->values = values;
		r->pointers = pointers;
		r->cap = cap;
	}
	r->values[r->count] = v;
	r->pointers[r->count++] = arena_copy(r->arena, buf_slice(where));
}

/* One env entry: its value stays when a profile or policy reads it. */
static void
redact_env(struct redaction *r, const struct kg_ruleset *set,
    const struct value *entry, struct buf *where)
{
	const struct value *value = value_get(entry, KEY_value);
	const struct kg_slice name = value_str(value_get(entry, KEY_name));
	const size_t len = where->len;

	if (value == NULL || catalog_mentions_env(&set->catalog, name))
		return;
	buf_puts(where, "/value");
	leave_out(r, value, where);
	where->len = len;
}

static void
redact_pod(struct redaction *r, const struct kg_ruleset *set,
    const struct value *spec, struct buf *where)
{
	static const struct {
		enum key_id key;
		const char *name;
	} lists[] = {
		{ KEY_initContainers, "/initContainers" },
		{ KEY_containers, "/containers" },
		{ KEY_ephemeralContainers, "/ephemeralContainers" },
	};
	const size_t len = where->len;

	for (size_t l = 0; l < 3; l++) {
		const struct value *list = value_get(spec, lists[l].key);

		for (size_t i = 0; i < value_len(list); i++) {
			const struct value *env =
			    value_get(value_at(list, i), KEY_env);

			for (size_t k = 0; k < value_len(env); k++) {
				buf_puts(where, lists[l].name);
				buf_put_index(where, i);
				buf_puts(where, "/env");
				buf_put_index(where, k);
				redact_env(r, set, value_at(env, k), where);
				where->len = len;
			}
		}
	}
}

static void
redact_metadata(
    struct redaction *r, const struct value *object, struct buf *where)
{
	const struct value *metadata = value_get(object, KEY_metadata);
	const struct value *managed = value_get(metadata, KEY_managedFields);
	const struct value *applied = value_find(
	    value_get(metadata, KEY_annotations), SLICE(LAST_APPLIED));
	const size_t len = where->len;

	if (managed != NULL) {
		buf_puts(where, "/metadata/managedFields");
		leave_out(r, managed, where);
		where->len = len;
	}
	if (applied != NULL) {
		buf_puts(where, "/metadata/annotations");
		buf_put_step(where, SLICE(LAST_APPLIED));
		leave_out(r, applied, where);
		where->len = len;
	}
}

/*
 * Follows a pointer of the policy; "*" goes into every member or element.
 * Recursion: at most one level a step, and steps are as deep as the value.
 */
static void
redact_steps(struct redaction *r, const struct value *v, struct kg_slice rest,
    struct buf *where)
{
	const struct kg_slice all = rest;
	const struct kg_slice step = slice_cut(&rest, '/');
	const size_t n = v->kind >= VALUE_LIST ? v->count : 0, len = where->len;

	if (all.ptr == NULL) {
		leave_out(r, v, where);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		const struct value *child;
		char index[24];

		if (v->kind == VALUE_LIST) {
			(void)snprintf(index, sizeof(index), "%zu", i);
			if (!slice_is(step, "*") && !slice_is(step, index))
				continue;
			buf_put_index(where, i);
			child = &v->u.items[i];
		} else {
			buf_put_step(where, value_str(&v->u.members[i].name));
			child = &v->u.members[i].value;
			if (!slice_is(step, "*") &&
			    !slice_eq(
				step, slice_from(buf_slice(where), len + 1))) {
				where->len = len;
				continue;
			}
		}
		redact_steps(r, child, rest, where);
		where->len = len;
	}
}

/* Webhooks are seldom asked about Secrets; then their content stays out. */
static void
redact_secret(
    struct redaction *r, const struct value *object, struct buf *where)
{
	static const char *const members[] = { "data", "stringData" };
	const size_t len = where->len;

	for (size_t i = 0; i < 2; i++) {
		const struct value *v =
		    value_find(object, slice_str(members[i]));

		if (v == NULL)
			continue;
		buf_put_step(where, slice_str(members[i]));
		leave_out(r, v, where);
		where->len = len;
	}
}

void
redact_object(struct redaction *r, const struct audit_policy *policy,
    const struct kg_ruleset *set, const struct kg_request *request,
    const struct value *object, const char *prefix)
{
	const struct pod_kind *kind =
	    ruleset_pod_kind(set, request->kind.group, request->kind.kind);
	struct buf where;
	struct pod pod;

	if (value_is_null(object))
		return;
	buf_init(&where, r->arena, 128 * KIB);
	buf_puts(&where, prefix);
	redact_metadata(r, object, &where);
	for (size_t i = 0; i < policy->redact.count; i++) {
		const struct kg_slice pointer = policy->redact.items[i];

		if (pointer.len > 0 && pointer.ptr[0] == '/')
			redact_steps(r, object, slice_from(pointer, 1), &where);
	}
	if (slice_is(request->kind.kind, "Secret"))
		redact_secret(r, object, &where);
	if (kind == NULL || policy->objects == AUDIT_METADATA)
		return;
	pod_of(kind, object, &pod);
	buf_put(&where, pod.pointer);
	buf_puts(&where, "/spec");
	redact_pod(r, set, pod.spec, &where);
}

static int
by_address(const void *left, const void *right)
{
	const uintptr_t a = (uintptr_t) * (const struct value *const *)left;
	const uintptr_t b = (uintptr_t) * (const struct value *const *)right;

	return (a > b) - (a < b);
}

void
redact_seal(struct redaction *r)
{
	if (r->count > 1)
		qsort(r->values, r->count, sizeof(*r->values), by_address);
}

static bool
is_left_out(const struct redaction *r, const struct value *v)
{
	size_t from = 0, to = r->count;

	while (from < to) {
		const size_t middle = from + (to - from) / 2;

		if (r->values[middle] == v)
			return true;
		if ((uintptr_t)r->values[middle] < (uintptr_t)v)
			from = middle + 1;
		else
			to = middle;
	}
	return false;
}

/* Recursion: bounded by the decoder's DEPTH_MAX. */
void
redact_write(const struct redaction *r, struct writer *w, const struct value *v)
{
	if (v == NULL || v->kind < VALUE_LIST) {
		writer_value(w, v);
		return;
	}
	if (v->kind == VALUE_LIST) {
		writer_list(w);
		for (size_t i = 0; i < v->count; i++) {
			/* An element keeps its place, or others would move. */
			if (is_left_out(r, &v->u.items[i]))
				writer_null(w);
			else
				redact_write(r, w, &v->u.items[i]);
		}
	} else {
		writer_object(w);
		for (size_t i = 0; i < v->count; i++) {
			const struct member *m = &v->u.members[i];

			if (is_left_out(r, &m->value))
				continue;
			writer_name_slice(w, value_str(&m->name));
			redact_write(r, w, &m->value);
		}
	}
	writer_end(w);
}
