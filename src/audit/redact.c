/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secrets hide in env values and in kubectl's copy of the object; the rest is
 * what an auditor needs. Here is found what to leave out; cut.c copies what
 * stays.
 */
#include "audit/redact.h"

#include "base/limits.h"
#include "policy/podkind.h"

#define LAST_APPLIED "kubectl.kubernetes.io/last-applied-configuration"

static void
leave_out(struct redaction *r, const struct value *container,
    const struct value *v, const struct buf *where)
{
	struct kg_slice *pointers = arena_more(
	    r->arena, r->pointers, r->count, &r->cap, sizeof(*pointers));

	if (pointers == NULL)
		return; /* the arena remembers: no record is made */
	r->pointers = pointers;
	cuts_add(&r->cuts, container, v);
	r->pointers[r->count++] = arena_copy(r->arena, buf_slice(where));
}

/* Values stay when a profile or policy reads them. */
static void
redact_env(struct redaction *r, const struct kg_ruleset *set,
    const struct value *env, struct buf *where)
{
	const size_t len = where->len;

	for (size_t i = 0; i < value_len(env); i++) {
		const struct value *entry = value_at(env, i);
		const struct value *value = value_get(entry, KEY_value);
		const struct kg_slice name =
		    value_str(value_get(entry, KEY_name));

		if (value == NULL || catalog_mentions_env(&set->catalog, name))
			continue;
		buf_puts(where, "/env");
		buf_put_index(where, i);
		buf_puts(where, "/value");
		leave_out(r, entry, value, where);
		where->len = len;
	}
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
			buf_puts(where, lists[l].name);
			buf_put_index(where, i);
			redact_env(r, set,
			    value_get(value_at(list, i), KEY_env), where);
			where->len = len;
		}
	}
}

static void
redact_metadata(
    struct redaction *r, const struct value *object, struct buf *where)
{
	const struct value *metadata = value_get(object, KEY_metadata);
	const struct value *annotations = value_get(metadata, KEY_annotations);
	const struct value *managed = value_get(metadata, KEY_managedFields);
	const struct value *applied =
	    value_find(annotations, SLICE(LAST_APPLIED));
	const size_t len = where->len;

	/* In the order in which the API server writes them. */
	if (applied != NULL) {
		buf_puts(where, "/metadata/annotations");
		buf_put_step(where, SLICE(LAST_APPLIED));
		leave_out(r, annotations, applied, where);
		where->len = len;
	}
	if (managed != NULL) {
		buf_puts(where, "/metadata/managedFields");
		leave_out(r, metadata, managed, where);
		where->len = len;
	}
}

/*
 * Follows a pointer of the policy to child i; "*" goes into every member or
 * element. Recursion: at most one level a step, and steps are as deep as the
 * value.
 */
static void redact_steps(struct redaction *r, const struct value *v,
    struct kg_slice rest, struct buf *where);

static void
redact_child(struct redaction *r, const struct value *v, size_t i,
    struct kg_slice rest, struct buf *where)
{
	const size_t len = where->len;
	const struct value *child;

	if (v->kind == VALUE_LIST) {
		child = &v->u.items[i];
		buf_put_index(where, i);
	} else {
		child = &v->u.members[i].value;
		buf_put_step(where, value_str(&v->u.members[i].name));
	}
	if (rest.ptr == NULL)
		leave_out(r, v, child, where);
	else
		redact_steps(r, child, rest, where);
	where->len = len;
}

static void
redact_steps(struct redaction *r, const struct value *v, struct kg_slice rest,
    struct buf *where)
{
	const struct kg_slice step = slice_cut(&rest, '/');
	const bool all = slice_is(step, "*");
	const size_t one = all ? SIZE_MAX : value_find_step(v, step);
	const size_t n = all && v->kind >= VALUE_LIST ? v->count : 0;

	if (one != SIZE_MAX)
		redact_child(r, v, one, rest, where);
	for (size_t i = 0; i < n; i++)
		redact_child(r, v, i, rest, where);
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
		leave_out(r, object, v, where);
		where->len = len;
	}
}

/* What says which object it is stays, with its metadata. */
static void
keep_metadata(struct redaction *r, const struct value *object)
{
	for (size_t i = 0; i < object->count; i++) {
		const struct member *m = &object->u.members[i];

		if (m->name.key != KEY_apiVersion && m->name.key != KEY_kind &&
		    m->name.key != KEY_metadata)
			cuts_add(&r->cuts, object, &m->value);
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
	buf_init(&where, r->arena, RECORD_MAX);
	buf_puts(&where, prefix);
	redact_metadata(r, object, &where);
	for (size_t i = 0; i < policy->redact.count; i++) {
		const struct kg_slice pointer = policy->redact.items[i];

		if (pointer.len > 1 && pointer.ptr[0] == '/')
			redact_steps(r, object, slice_from(pointer, 1), &where);
		else if (slice_is(pointer, "/")) /* the member named "" */
			redact_steps(r, object, SLICE(""), &where);
	}
	if (slice_is(request->kind.kind, "Secret"))
		redact_secret(r, object, &where);
	if (policy->objects == AUDIT_METADATA)
		keep_metadata(r, object);
	if (kind == NULL || policy->objects == AUDIT_METADATA)
		return;
	pod_of(kind, object, &pod);
	buf_put(&where, pod.pointer);
	buf_puts(&where, "/spec");
	redact_pod(r, set, pod.spec, &where);
}
