/* SPDX-License-Identifier: Apache-2.0 */
/* The table of kinds; old API groups are there for old manifests. */
#include "policy/podkind.h"

#include "base/ascii.h"
#include "policy/ruleset.h"

#define TEMPLATE "/spec/template"

static const struct pod_kind table[] = {
	{ SLICE_INIT(""), SLICE_INIT("Pod"), SLICE_INIT("pods"), SLICE_INIT(""),
	    false },
	{ SLICE_INIT(""), SLICE_INIT("PodTemplate"), SLICE_INIT("podtemplates"),
	    SLICE_INIT("/template"), true },
	{ SLICE_INIT(""), SLICE_INIT("ReplicationController"),
	    SLICE_INIT("replicationcontrollers"), SLICE_INIT(TEMPLATE), true },
	{ SLICE_INIT("apps"), SLICE_INIT("ReplicaSet"),
	    SLICE_INIT("replicasets"), SLICE_INIT(TEMPLATE), true },
	{ SLICE_INIT("apps"), SLICE_INIT("Deployment"),
	    SLICE_INIT("deployments"), SLICE_INIT(TEMPLATE), true },
	{ SLICE_INIT("apps"), SLICE_INIT("StatefulSet"),
	    SLICE_INIT("statefulsets"), SLICE_INIT(TEMPLATE), true },
	{ SLICE_INIT("apps"), SLICE_INIT("DaemonSet"), SLICE_INIT("daemonsets"),
	    SLICE_INIT(TEMPLATE), true },
	{ SLICE_INIT("batch"), SLICE_INIT("Job"), SLICE_INIT("jobs"),
	    SLICE_INIT(TEMPLATE), true },
	{ SLICE_INIT("batch"), SLICE_INIT("CronJob"), SLICE_INIT("cronjobs"),
	    SLICE_INIT("/spec/jobTemplate/spec/template"), true },
	{ SLICE_INIT("extensions"), SLICE_INIT("ReplicaSet"),
	    SLICE_INIT("replicasets"), SLICE_INIT(TEMPLATE), true },
	{ SLICE_INIT("extensions"), SLICE_INIT("Deployment"),
	    SLICE_INIT("deployments"), SLICE_INIT(TEMPLATE), true },
	{ SLICE_INIT("extensions"), SLICE_INIT("DaemonSet"),
	    SLICE_INIT("daemonsets"), SLICE_INIT(TEMPLATE), true },
};

const struct pod_kind *
pod_kinds(size_t *count)
{
	*count = sizeof(table) / sizeof(table[0]);
	return table;
}

const struct pod_kind *
pod_kind_find(struct kg_slice group, struct kg_slice kind)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (slice_eq(table[i].kind, kind) &&
		    slice_eq(table[i].group, group))
			return &table[i];
	}
	return NULL;
}

const struct pod_kind *
ruleset_pod_kind(
    const struct kg_ruleset *set, struct kg_slice group, struct kg_slice kind)
{
	for (size_t i = 0; i < set->kind_count; i++) {
		if (slice_eq(set->kinds[i].kind, kind) &&
		    slice_eq(set->kinds[i].group, group))
			return &set->kinds[i];
	}
	return pod_kind_find(group, kind);
}

/* "rollouts" of Rollout, as most are named. */
static struct kg_slice
usual_plural(struct arena *arena, struct kg_slice kind)
{
	struct buf b;

	buf_init(&b, arena, 4096);
	for (size_t i = 0; i < kind.len; i++)
		buf_putc(&b, ascii_to_lower(kind.ptr[i]));
	buf_putc(&b, 's');
	return buf_slice(&b);
}

static bool
is_path(struct kg_slice path)
{
	struct kg_slice rest = slice_from(path, 1);

	if (path.len < 2 || path.ptr[0] != '/')
		return false;
	while (rest.ptr != NULL) {
		if (slice_cut(&rest, '/').len == 0)
			return false;
	}
	return path.ptr[path.len - 1] != '/';
}

static void
check_kind(struct node_reader *r, struct node spec, const struct pod_kind *k)
{
	const struct node path = node_get(r, spec, "path");

	if (value_is(path.v, VALUE_STRING) && !is_path(k->pointer))
		node_error(r, path,
		    "\"%.*s\" is no place in an object: want a JSON pointer "
		    "such as /spec/template",
		    SLICE_ARG(k->pointer));
	if (pod_kind_find(k->group, k->kind) != NULL)
		node_error(r, node_get(r, spec, "kind"),
		    "kind \"%.*s\" is built in", SLICE_ARG(k->kind));
}

void
pod_kind_read(
    struct node_reader *r, const struct document *doc, struct pod_kind *out)
{
	static const char *const roots[] = { "apiVersion", "kind", "metadata",
		"spec" };
	static const char *const fields[] = { "group", "kind", "resource",
		"path" };
	const struct node root = node_root(doc);
	const struct node spec = node_get(r, root, "spec");

	*out = (struct pod_kind){ .is_template = true };
	node_fields(r, root, roots, 4);
	if (!node_required(r, root, spec, "spec") ||
	    !node_fields(r, spec, fields, 4))
		return;
	for (size_t i = 0; i < 4; i++) {
		if (i != 2)
			node_required(
			    r, spec, node_get(r, spec, fields[i]), fields[i]);
	}
	node_string(r, node_get(r, spec, "group"), &out->group);
	node_string(r, node_get(r, spec, "kind"), &out->kind);
	node_string(r, node_get(r, spec, "resource"), &out->resource);
	node_string(r, node_get(r, spec, "path"), &out->pointer);
	if (out->resource.len == 0)
		out->resource = usual_plural(r->arena, out->kind);
	check_kind(r, spec, out);
}

void
pod_of(const struct pod_kind *kind, const struct value *object, struct pod *out)
{
	const struct value *at = value_pointer(object, kind->pointer, NULL);
	const struct value *metadata = value_get(at, KEY_metadata);
	const struct value *spec = value_get(at, KEY_spec);

	*out = (struct pod){ .pointer = kind->pointer,
		.is_template = kind->is_template };
	if (value_is(metadata, VALUE_OBJECT))
		out->metadata = metadata;
	if (value_is(spec, VALUE_OBJECT))
		out->spec = spec;
}
