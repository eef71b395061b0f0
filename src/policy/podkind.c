/* SPDX-License-Identifier: Apache-2.0 */
/* The table of kinds; old API groups are there for old manifests. */
#include "policy/podkind.h"

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
