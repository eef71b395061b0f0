/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What happens to an enclave pod after its birth: CLS-005, IMG-002, DBG-003,
 * LIF-002, and LIF-003 about pods that no admission can stop. A template is no
 * pod: its changes make new pods, which are judged as such.
 */
#include "enclave/image.h"
#include "enclave/judge.h"

/* --- CLS-005: what was declared stays --- */

static const struct value *
annotation_or_label(
    const struct pod *pod, enum key_id list, struct kg_slice key)
{
	return value_find(value_get(pod->metadata, list), key);
}

static void
report_change(struct judge *j, const char *list, struct kg_slice key,
    const struct value *now, const struct value *before)
{
	const struct kg_slice old = value_str(before), new = value_str(now);
	struct trail t = trail_metadata(j);

	trail_name(&t, slice_str(list));
	trail_name(&t, key);
	finding_add(j, RULE_CLS_005, &t,
	    TEXTS(value_is_null(now)
		    ? say(j, "%t was %q and is removed", &key, &old)
		    : say(j, "%t was %q and becomes %q", &key, &old, &new),
		say(j, "%t: %q, as long as the pod lives", &key, &old),
		say(j, "delete the pod and make another one")));
}

static void
check_declared(struct judge *j, const struct pod *before)
{
	const struct kg_slice label = SLICE("keepgate.dev/profile");
	const struct value *annotations =
	    value_get(before->metadata, KEY_annotations);
	const struct value *old =
	    annotation_or_label(before, KEY_labels, label);
	const struct value *now =
	    annotation_or_label(j->pod, KEY_labels, label);

	if (!value_is_null(old) && !value_equal(old, now))
		report_change(j, "labels", label, now, old);
	for (size_t i = 0; i < value_members(annotations); i++) {
		const struct kg_slice key =
		    value_str(&annotations->u.members[i].name);

		old = &annotations->u.members[i].value;
		now = annotation_or_label(j->pod, KEY_annotations, key);
		if (slice_starts(key, SLICE("keepgate.dev/")) &&
		    !value_equal(old, now))
			report_change(j, "annotations", key, now, old);
	}
}

static bool
own_kept(const struct value *a, const struct value *b)
{
	for (size_t i = 0; i < value_members(a); i++) {
		const struct kg_slice key = value_str(&a->u.members[i].name);

		if (slice_starts(key, SLICE("keepgate.dev/")) &&
		    !value_equal(&a->u.members[i].value, value_find(b, key)))
			return false;
	}
	return true;
}

bool
own_annotations_equal(const struct value *a, const struct value *b)
{
	return own_kept(a, b) && own_kept(b, a);
}

/* --- IMG-002 and DBG-003: containers that change, containers that come --- */

static const struct {
	enum key_id key;
	enum container_kind kind;
} lists[] = {
	{ KEY_containers, CONTAINER_APP },
	{ KEY_initContainers, CONTAINER_INIT },
	{ KEY_ephemeralContainers, CONTAINER_EPHEMERAL },
};

/* The container as it was, by its name in the same list. */
static const struct value *
as_it_was(const struct pod *before, const struct container *c)
{
	enum key_id key = KEY_containers;
	const struct value *list;

	for (size_t i = 0; i < 3; i++) {
		if (strcmp(container_list(c->kind),
			container_list(lists[i].kind)) == 0)
			key = lists[i].key;
	}
	list = value_get(before->spec, key);
	for (size_t i = 0; i < value_len(list); i++) {
		const struct value *v = value_at(list, i);

		if (slice_eq(value_str(value_get(v, KEY_name)), c->name))
			return v;
	}
	return NULL;
}

/* The same digest is the same image, whatever stands before it. */
static bool
same_image(struct kg_slice a, struct kg_slice b)
{
	const struct kg_slice digest = image_digest(a);

	return slice_eq(a, b) ||
	    (digest.len > 0 && slice_eq(digest, image_digest(b)));
}

static void
check_image(
    struct judge *j, const struct container *c, const struct value *before)
{
	const struct kg_slice now = c->image;
	const struct kg_slice old = value_str(value_get(before, KEY_image));
	struct trail t;

	if (same_image(old, now))
		return;
	t = trail_container(j, c);
	trail_name(&t, SLICE("image"));
	finding_add(j, RULE_IMG_002, &t,
	    TEXTS(say(j, "image of container %q was %q and becomes %q",
		      &c->name, &old, &now),
		say(j, "%q, as long as the pod lives", &old),
		say(j,
		    "change the workload's template: a new pod is judged, "
		    "and attested, as a whole")));
}

static void
report_debugger(struct judge *j, const struct container *c)
{
	const struct trail t = trail_container(j, c);
	const struct kg_slice target =
	    value_str(value_get(c->value, KEY_targetContainerName));

	finding_add(j, RULE_DBG_003, &t,
	    TEXTS(target.len > 0
		    ? say(j,
			  "ephemeral container %q, which shares the processes "
			  "of %q",
			  &c->name, &target)
		    : say(j, "ephemeral container %q", &c->name),
		say(j,
		    "no ephemeral container in an enclave pod, but by "
		    "breakGlassGroups"),
		say(j,
		    "debug a copy of the pod that holds no secrets, or ask "
		    "someone of the policy's breakGlassGroups")));
}

static void
check_containers(struct judge *j, const struct pod *before)
{
	const struct pod_call *call = j->scan->call;
	const bool glass = in_groups(
	    &j->params->break_glass_groups, call->groups, call->group_count);

	for (size_t i = 0; i < j->scan->container_count; i++) {
		const struct container *c = &j->scan->containers[i];
		const struct value *old = as_it_was(before, c);

		if (old != NULL)
			check_image(j, c, old);
		else if (c->kind == CONTAINER_EPHEMERAL && !glass)
			report_debugger(j, c);
	}
}

/* --- LIF-002 --- */

static void
check_cpu(struct judge *j, const struct container *c, const char *list,
    const struct value *amounts)
{
	const int64_t step = j->facts->profile->cpu_step;
	const struct value *v = value_find(amounts, SLICE("cpu"));
	struct kg_slice text;
	struct quantity q;
	struct trail t;

	if (value_is_null(v) ||
	    (quantity_read(v, &q) == QUANTITY_OK && quantity_is_integer(&q) &&
		q.whole % step == 0))
		return;
	text =
	    value_is(v, VALUE_INT) ? say(j, "%d", v->u.integer) : value_str(v);
	t = trail_container(j, c);
	trail_name(&t, SLICE("resources"));
	trail_name(&t, slice_str(list));
	trail_name(&t, SLICE("cpu"));
	finding_add(j, RULE_LIF_002, &t,
	    TEXTS(say(j, "cpu resized to %t in container %q", &text, &c->name),
		say(j, "whole CPUs, a multiple of %d", step),
		say(j,
		    "resize by whole cores: an enclave's CPUs are taken "
		    "away from its node for good")));
}

static void
check_resize(struct judge *j)
{
	for (size_t i = 0; i < j->scan->container_count; i++) {
		const struct container *c = &j->scan->containers[i];

		if (!j->facts->enclave_container[i])
			continue;
		check_cpu(j, c, "limits", c->limits);
		check_cpu(j, c, "requests", c->requests);
	}
}

/* --- LIF-003 --- */

static void
check_mirror(struct judge *j)
{
	const struct kg_slice key = SLICE("kubernetes.io/config.mirror");
	struct trail t;

	if (value_is_null(value_find(j->scan->annotations, key)))
		return;
	t = trail_metadata(j);
	trail_name(&t, SLICE("annotations"));
	trail_name(&t, key);
	finding_add(j, RULE_LIF_003, &t,
	    TEXTS(say(j, "a mirror pod: a kubelet runs it from a file"),
		say(j, "enclave pods that come through the API server"),
		say(j,
		    "remove the file from the node's static pods; refusing "
		    "the mirror pod would only hide it")));
}

/* The pod is, or was, an enclave pod. */
static bool
concerned(const struct judge *j, const struct pod *before)
{
	return j->facts->profile != NULL ||
	    (before != NULL &&
		!value_is_null(annotation_or_label(
		    before, KEY_labels, SLICE("keepgate.dev/profile"))));
}

void
rules_life(struct judge *j)
{
	static const struct pod nothing = { .metadata = NULL };
	const struct pod_call *call = j->scan->call;
	const struct pod *before = call->before;

	if (j->pod->is_template || !concerned(j, before))
		return;
	if (before != NULL)
		check_declared(j, before);
	if (before == NULL &&
	    slice_is(call->subresource, "ephemeralcontainers"))
		before = &nothing;
	if (before != NULL)
		check_containers(j, before);
	if (slice_is(call->subresource, "resize") &&
	    j->facts->profile != NULL && j->facts->profile->cpu_step > 0)
		check_resize(j);
	check_mirror(j);
}
