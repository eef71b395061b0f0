/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a record must hold of a request's objects, worked out the slow way:
 * the body is decoded once more, and every value in it has a path that is
 * matched with patterns. Knows nothing of offsets and cuts.
 */
#ifndef KG_TESTS_RECORD_ORACLE_H
#define KG_TESTS_RECORD_ORACLE_H

#include "audit/record.h"
#include "base/limits.h"
#include "policy/podkind.h"
#include "value/json.h"

#define ORACLE_PATTERNS 16u

struct oracle {
	/* By the caller, who gives the arena; the rest is zero. */
	struct arena *memory;
	const struct keytab *names;
	const struct kg_ruleset *rules;
	const struct audit_policy *policy;

	const struct value *redacted;              /* the record's list */
	struct kg_slice patterns[ORACLE_PATTERNS]; /* "#": any index */
	size_t envs, count;        /* the first ones are those of env values */
	struct buf path;           /* "/object/spec/containers/0" */
	size_t prefix;             /* bytes of "/object" */
	bool index[DEPTH_MAX + 1]; /* the step leads into a list */
	size_t depth;
	size_t found; /* pointers that must be listed */
	const char *wrong;
};

static inline void
oracle_blame(struct oracle *o, const char *why)
{
	if (o->wrong == NULL)
		o->wrong = why;
}

static inline bool
oracle_fits(const struct oracle *o, struct kg_slice pattern)
{
	const struct kg_slice path = buf_slice(&o->path);
	struct kg_slice want = slice_of(pattern.ptr + 1, pattern.len - 1);
	struct kg_slice rest =
	    slice_of(path.ptr + o->prefix + 1, path.len - o->prefix - 1);

	for (size_t i = 0; i < o->depth; i++) {
		const struct kg_slice have = slice_cut(&rest, '/');
		struct kg_slice step;

		if (want.ptr == NULL)
			return false;
		step = slice_cut(&want, '/');
		if (!slice_is(step, "*") && !slice_eq(step, have) &&
		    !(slice_is(step, "#") && o->index[i]))
			return false;
	}
	return want.ptr == NULL;
}

static inline bool
oracle_listed(const struct oracle *o)
{
	for (size_t i = 0; i < value_len(o->redacted); i++) {
		if (slice_eq(value_str(value_at(o->redacted, i)),
			buf_slice(&o->path)))
			return true;
	}
	return false;
}

/* Whether the value at the path is left out; each reason is listed. */
static inline bool
oracle_left_out(struct oracle *o, const struct value *parent)
{
	const size_t before = o->found;

	for (size_t i = 0; i < o->count; i++) {
		if (!oracle_fits(o, o->patterns[i]))
			continue;
		if (i < o->envs &&
		    catalog_mentions_env(&o->rules->catalog,
			value_str(value_get(parent, KEY_name))))
			continue;
		o->found++;
	}
	if (o->found > before && !oracle_listed(o))
		oracle_blame(o, "what is left out is not listed");
	return o->found > before;
}

static inline bool
oracle_is_metadata(struct kg_slice name)
{
	return slice_is(name, "apiVersion") || slice_is(name, "kind") ||
	    slice_is(name, "metadata");
}

/*
 * Compares what was sent with what was recorded; `gone`: something around it
 * was left out. Recursion: bounded by the decoder's DEPTH_MAX.
 */
static inline void oracle_look(struct oracle *o, const struct value *sent,
    const struct value *got, bool gone);

/* Child i, at its step of the path; true when it is to be there. */
static inline bool
oracle_child(struct oracle *o, const struct value *sent, size_t i,
    const struct value *got, bool gone)
{
	const bool list = sent->kind == VALUE_LIST;
	const size_t len = o->path.len;
	const struct value *child = value_at(sent, i);
	bool out;

	o->index[o->depth] = list;
	if (list) {
		buf_put_index(&o->path, i);
		got = value_at(got, i);
	} else {
		const struct member *m = value_member(sent, i);
		const struct kg_slice name = value_str(&m->name);

		buf_put_step(&o->path, name);
		child = &m->value;
		got = value_find(got, name);
		if (o->depth == 0 && o->policy->objects == AUDIT_METADATA &&
		    !oracle_is_metadata(name)) {
			if (got != NULL)
				oracle_blame(o, "more than metadata");
			gone = true;
		}
	}
	o->depth++;
	out = oracle_left_out(o, sent);
	if (out && !gone && (list ? !value_is(got, VALUE_NULL) : got != NULL))
		oracle_blame(o, "a redacted value is there");
	oracle_look(o, child, got, gone || out);
	o->depth--;
	o->path.len = len;
	return !gone && !out;
}

static inline void
oracle_look(struct oracle *o, const struct value *sent, const struct value *got,
    bool gone)
{
	size_t there = 0;

	if (!gone && (got == NULL || got->kind != sent->kind)) {
		oracle_blame(o, "a value is missing or another one");
		return;
	}
	if (sent->kind < VALUE_LIST) {
		if (!gone && !value_equal(sent, got))
			oracle_blame(o, "a value is another one");
		return;
	}
	for (size_t i = 0; i < sent->count; i++)
		there += oracle_child(o, sent, i, got, gone);
	if (!gone &&
	    got->count != (sent->kind == VALUE_LIST ? sent->count : there))
		oracle_blame(o, "a container has more or less in it");
}

static inline void
oracle_add(struct oracle *o, struct kg_slice pattern)
{
	if (o->count < ORACLE_PATTERNS)
		o->patterns[o->count++] = pattern;
	else
		oracle_blame(o, "too many patterns for this oracle");
}

static inline void
oracle_patterns(struct oracle *o, const struct kg_gvk *k)
{
	static const char *const lists[] = { "initContainers", "containers",
		"ephemeralContainers" };
	const struct pod_kind *pod =
	    ruleset_pod_kind(o->rules, k->group, k->kind);

	for (size_t i = 0; i < 3; i++) {
		if (pod != NULL && o->policy->objects == AUDIT_FULL)
			oracle_add(o,
			    arena_printf(o->memory,
				"%.*s/spec/%s/#/env/#/value",
				SLICE_ARG(pod->pointer), lists[i]));
	}
	o->envs = o->count;
	oracle_add(o, SLICE("/metadata/managedFields"));
	oracle_add(o,
	    SLICE("/metadata/annotations/"
		  "kubectl.kubernetes.io~1last-applied-configuration"));
	if (slice_is(k->kind, "Secret")) {
		oracle_add(o, SLICE("/data"));
		oracle_add(o, SLICE("/stringData"));
	}
	for (size_t i = 0; i < o->policy->redact.count; i++)
		oracle_add(o, o->policy->redact.items[i]);
}

static inline void
oracle_object(struct oracle *o, const char *name, const struct value *sent,
    const struct value *got)
{
	if (o->policy->objects == AUDIT_NONE || value_is_null(sent)) {
		if (got != NULL)
			oracle_blame(o, "an object that is none");
		return;
	}
	o->path.len = 0;
	buf_put_step(&o->path, slice_str(name));
	o->prefix = o->path.len;
	oracle_look(o, sent, got, false);
}

/* NULL, or what is wrong about the body of a record of this decision. */
static inline const char *
oracle_check(
    struct oracle *o, const struct kg_decision *d, struct kg_slice body)
{
	const struct json_options options = { .drop_managed_fields = true };
	const struct kg_slice line =
	    arena_printf(o->memory, "{%.*s", SLICE_ARG(slice_from(body, 1)));
	const struct value *record, *root, *request;
	struct json_error error;

	for (size_t i = 0; i < body.len; i++) {
		if ((unsigned char)body.ptr[i] < ' ')
			return "more than one line";
	}
	if (json_decode(o->memory, o->names, line, NULL, &record, &error) !=
	    KG_OK)
		return error.message;
	if (d->malformed)
		return NULL;
	if (json_decode(
		o->memory, o->names, d->body, &options, &root, &error) != KG_OK)
		return "the body was no JSON";
	o->redacted = value_find(record, SLICE("redacted"));
	buf_init(&o->path, o->memory, RECORD_MAX);
	if (o->policy->objects != AUDIT_NONE)
		oracle_patterns(o, &d->request.kind);
	request = value_find(root, SLICE("request"));
	oracle_object(o, "object", value_find(request, SLICE("object")),
	    value_find(record, SLICE("object")));
	oracle_object(o, "oldObject", value_find(request, SLICE("oldObject")),
	    value_find(record, SLICE("oldObject")));
	if (o->found != value_len(o->redacted))
		oracle_blame(o, "something is listed that was not left out");
	return o->wrong;
}

#endif
