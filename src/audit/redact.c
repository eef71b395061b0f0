/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secrets hide in env values and in kubectl's copy of the object; the rest is
 * what an auditor needs. Here is found what to leave out; cut.c copies what
 * stays.
 */
#include "audit/redact.h"

#include "base/limits.h"
#include "policy/podkind.h"

/* As much as they mostly take. */
#define POINTERS_FIRST 256u

void
redaction_init(struct redaction *r, struct arena *arena)
{
	r->cuts = (struct cuts){ .arena = arena };
	buf_init(&r->where, arena, RECORD_MAX);
	buf_init(&r->pointers, arena, RECORD_MAX);
	(void)buf_room(&r->where, POINTERS_FIRST);
	(void)buf_room(&r->pointers, POINTERS_FIRST);
	writer_init(&r->list, &r->pointers);
}

/* It stands `below` where the redaction is. */
static void
leave_out(struct redaction *r, const struct value *container,
    const struct value *v, struct kg_slice below)
{
	const size_t len = r->where.len;

	cuts_add(&r->cuts, container, v);
	buf_put(&r->where, below);
	writer_string(&r->list, buf_slice(&r->where));
	r->where.len = len;
}

/* Values stay when a profile or policy reads them. */
static void
redact_env(
    struct redaction *r, const struct kg_ruleset *set, const struct value *env)
{
	const size_t len = r->where.len;

	for (size_t i = 0; i < value_len(env); i++) {
		const struct value *entry = value_at(env, i);
		const struct value *value = value_get(entry, KEY_value);
		const struct kg_slice name =
		    value_str(value_get(entry, KEY_name));

		if (value == NULL || catalog_mentions_env(&set->catalog, name))
			continue;
		buf_put(&r->where, SLICE("/env"));
		buf_put_index(&r->where, i);
		leave_out(r, entry, value, SLICE("/value"));
		r->where.len = len;
	}
}

static void
redact_pod(
    struct redaction *r, const struct kg_ruleset *set, const struct value *spec)
{
	static const struct {
		enum key_id key;
		struct kg_slice step;
	} lists[] = {
		{ KEY_initContainers, SLICE_INIT("/initContainers") },
		{ KEY_containers, SLICE_INIT("/containers") },
		{ KEY_ephemeralContainers, SLICE_INIT("/ephemeralContainers") },
	};
	const size_t len = r->where.len;

	for (size_t l = 0; l < 3; l++) {
		const struct value *list = value_get(spec, lists[l].key);

		for (size_t i = 0; i < value_len(list); i++) {
			buf_put(&r->where, lists[l].step);
			buf_put_index(&r->where, i);
			redact_env(
			    r, set, value_get(value_at(list, i), KEY_env));
			r->where.len = len;
		}
	}
}

static void
redact_metadata(struct redaction *r, const struct value *object)
{
	const struct value *metadata = value_get(object, KEY_metadata);
	const struct value *annotations = value_get(metadata, KEY_annotations);
	const struct value *managed = value_get(metadata, KEY_managedFields);
	const struct value *applied = value_find(annotations,
	    SLICE("kubectl.kubernetes.io/last-applied-configuration"));

	/* In the order in which the API server writes them. */
	if (applied != NULL)
		leave_out(r, annotations, applied,
		    SLICE("/metadata/annotations/kubectl.kubernetes.io"
			  "~1last-applied-configuration"));
	if (managed != NULL)
		leave_out(
		    r, metadata, managed, SLICE("/metadata/managedFields"));
}

/*
 * Follows a pointer of the policy to child i; "*" goes into every member or
 * element. Recursion: at most one level a step, and steps are as deep as the
 * value.
 */
static void redact_steps(
    struct redaction *r, const struct value *v, struct kg_slice rest);

static void
redact_child(
    struct redaction *r, const struct value *v, size_t i, struct kg_slice rest)
{
	const size_t len = r->where.len;
	const struct value *child;

	if (v->kind == VALUE_LIST) {
		child = &v->u.items[i];
		buf_put_index(&r->where, i);
	} else {
		child = &v->u.members[i].value;
		buf_put_step(&r->where, value_str(&v->u.members[i].name));
	}
	if (rest.ptr == NULL)
		leave_out(r, v, child, SLICE(""));
	else
		redact_steps(r, child, rest);
	r->where.len = len;
}

static void
redact_steps(struct redaction *r, const struct value *v, struct kg_slice rest)
{
	const struct kg_slice step = slice_cut(&rest, '/');
	const bool all = slice_is(step, "*");
	const size_t one = all ? SIZE_MAX : value_find_step(v, step);
	const size_t n = all && v->kind >= VALUE_LIST ? v->count : 0;

	if (one != SIZE_MAX)
		redact_child(r, v, one, rest);
	for (size_t i = 0; i < n; i++)
		redact_child(r, v, i, rest);
}

/* Webhooks are seldom asked about Secrets; then their content stays out. */
static void
redact_secret(struct redaction *r, const struct value *object)
{
	const struct value *data = value_find(object, SLICE("data"));
	const struct value *string = value_find(object, SLICE("stringData"));

	if (data != NULL)
		leave_out(r, object, data, SLICE("/data"));
	if (string != NULL)
		leave_out(r, object, string, SLICE("/stringData"));
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
	const struct pod_kind *kind;
	struct pod pod;

	if (value_is_null(object))
		return;
	r->where.len = 0;
	buf_puts(&r->where, prefix);
	redact_metadata(r, object);
	for (size_t i = 0; i < policy->redact.count; i++) {
		const struct kg_slice pointer = policy->redact.items[i];

		if (pointer.len > 1 && pointer.ptr[0] == '/')
			redact_steps(r, object, slice_from(pointer, 1));
		else if (slice_is(pointer, "/")) /* the member named "" */
			redact_steps(r, object, SLICE(""));
	}
	if (slice_is(request->kind.kind, "Secret"))
		redact_secret(r, object);
	if (policy->objects == AUDIT_METADATA)
		keep_metadata(r, object);
	kind = ruleset_pod_kind(set, request->kind.group, request->kind.kind);
	if (kind == NULL || policy->objects == AUDIT_METADATA)
		return;
	pod_of(kind, object, &pod);
	buf_put(&r->where, pod.pointer);
	buf_put(&r->where, SLICE("/spec"));
	redact_pod(r, set, pod.spec);
}
