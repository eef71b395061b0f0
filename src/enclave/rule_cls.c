/* SPDX-License-Identifier: Apache-2.0 */
/* CLS: is the pod what it says it is? */
#include "enclave/judge.h"

/* --- CLS-004: names that no profile knows --- */

static bool
domain_resembles(struct kg_slice domain, struct kg_slice known)
{
	struct kg_slice part;

	if (domain.len < known.len)
		return false;
	if (domain.len == known.len)
		return slice_eq_nocase(domain, known);
	part = slice_from(domain, domain.len - known.len);
	if (slice_eq_nocase(part, known) &&
	    domain.ptr[domain.len - known.len - 1] == '.')
		return true;
	return slice_eq_nocase(slice_upto(domain, known.len), known) &&
	    domain.ptr[known.len] == '.';
}

static bool
under_tee_domain(const struct catalog *c, struct kg_slice name)
{
	const size_t slash = slice_find(name, '/');
	const struct kg_slice domain = slice_upto(name, slash);

	if (slash == name.len)
		return false;
	for (size_t i = 0; i < c->count; i++) {
		const struct string_list *list = &c->profiles[i].domains;

		for (size_t k = 0; k < list->count; k++) {
			if (domain_resembles(domain, list->items[k]))
				return true;
		}
	}
	return false;
}

/* A known name in other letter case: whatever its domain. */
static bool
is_case_variant(const struct catalog *c, struct kg_slice name)
{
	for (size_t i = 0; i < c->resources.count; i++) {
		if (slice_eq_nocase(name, c->resources.entries[i].key))
			return true;
	}
	return false;
}

/* The known name that is nearest, by its part behind the slash first. */
static struct kg_slice
nearest_resource(const struct catalog *c, struct kg_slice name)
{
	struct kg_slice best = slice_of(NULL, 0);
	size_t least = SIZE_MAX;

	for (size_t i = 0; i < c->resources.count; i++) {
		const struct kg_slice known = c->resources.entries[i].key;
		const size_t d = slice_distance(name, known, 64);

		if (d < least) {
			least = d;
			best = known;
		}
	}
	return best;
}

static void
report_name(struct judge *j, struct trail t, struct kg_slice name)
{
	const struct kg_slice near = nearest_resource(j->scan->catalog, name);

	trail_name(&t, name);
	finding_add(j, RULE_CLS_004, &t,
	    TEXTS(say(j, "resource %q, which no platform offers", &name),
		say(j, "the names of the platform profiles, such as %t", &near),
		say(j,
		    "did you mean %t? An unknown name schedules nowhere "
		    "or grants nothing",
		    &near)));
}

static void
check_names(struct judge *j, struct trail t, const struct value *list,
    const struct value *reported)
{
	const struct catalog *c = j->scan->catalog;

	/* Past the cap nothing more is kept: stop working for it. */
	for (size_t i = 0; i < value_members(list) && !j->findings->truncated;
	     i++) {
		const struct kg_slice name =
		    value_str(&list->u.members[i].name);

		if (map_get(&c->resources, name) == NULL &&
		    (under_tee_domain(c, name) || is_case_variant(c, name)) &&
		    value_find(reported, name) == NULL)
			report_name(j, t, name);
	}
}

static void
check_resources(struct judge *j, struct trail t, const struct value *limits,
    const struct value *requests)
{
	struct trail in_limits = t, in_requests = t;

	trail_name(&in_limits, SLICE("limits"));
	check_names(j, in_limits, limits, NULL);
	trail_name(&in_requests, SLICE("requests"));
	check_names(j, in_requests, requests, limits);
}

void
rules_cls_unknown_resources(struct judge *j)
{
	const struct scan *s = j->scan;
	const struct value *pod = j->scan->spec[KEY_resources];
	struct trail t;

	if (pod != NULL) {
		t = trail_spec(j);
		trail_name(&t, SLICE("resources"));
		check_resources(j, t, value_get(pod, KEY_limits),
		    value_get(pod, KEY_requests));
	}
	for (size_t i = 0; s->unknown_names && i < s->container_count; i++) {
		const struct container *c = &s->containers[i];

		if (value_members(c->limits) + value_members(c->requests) == 0)
			continue;
		t = trail_container(j, c);
		trail_name(&t, SLICE("resources"));
		check_resources(j, t, c->limits, c->requests);
	}
}

/* --- CLS-001, CLS-002 --- */

static struct trail
trail_label(const struct judge *j)
{
	struct trail t = trail_metadata(j);

	trail_name(&t, SLICE("labels"));
	trail_name(&t, SLICE("keepgate.dev/profile"));
	return t;
}

/* The first profile of the catalog that the pod signals. */
static const struct profile *
signalled_profile(const struct judge *j)
{
	const struct catalog *c = j->scan->catalog;
	size_t i = 0;

	while (i + 1 < c->count && (j->scan->signals >> i & 1) == 0)
		i++;
	return &c->profiles[i];
}

static void
undeclared(struct judge *j)
{
	const struct profile *judging = j->facts->profile;
	const struct profile *p =
	    judging != NULL ? judging : signalled_profile(j);
	const struct trail t = trail_label(j);
	const struct kg_slice allowed = allowed_profiles(j);
	const struct kg_slice signal = scan_describe_signal(j->facts->scan,
	    judging != NULL ? j->facts->profile_bit : j->scan->signals);

	finding_add(j, RULE_CLS_001, &t,
	    TEXTS(say(j, "%t, but no declared profile", &signal),
		say(j,
		    "label keepgate.dev/profile on the pod or its "
		    "namespace: %t",
		    &allowed),
		judging != NULL
		    ? say(j, "add label keepgate.dev/profile: %t", &p->name)
		    : say(j,
			  "remove what signals %t, or have the policy "
			  "list that profile",
			  &p->name)));
}

static void
misdeclared(struct judge *j)
{
	const struct facts *f = j->facts;
	struct kg_slice found = slice_of(NULL, 0), allowed;
	struct trail t;

	if (f->declaration == DECLARED_NOTHING ||
	    f->declaration == DECLARED_KNOWN)
		return;
	t = trail_label(j);
	allowed = allowed_profiles(j);
	switch (f->declaration) {
	case DECLARED_NOTHING:
	case DECLARED_KNOWN:
		return;
	case DECLARED_UNKNOWN:
		found = value_is(f->declared_value, VALUE_STRING)
		    ? say(j, "unknown profile %q", &f->declared)
		    : say(j, "a profile that is no string but %s",
			  value_kind_name(f->declared_value));
		break;
	case DECLARED_FOREIGN:
		found = say(j, "profile %q, which the policy does not list",
		    &f->declared);
		break;
	case DECLARED_CONFLICT:
		found = say(j, "profile %q, but the namespace declares %q",
		    &f->declared, &f->namespace_declared);
		break;
	}
	finding_add(j, RULE_CLS_002, &t,
	    TEXTS(found, say(j, "one of %t", &allowed),
		say(j,
		    f->declaration == DECLARED_CONFLICT
			? "use the namespace's profile, or move the pod"
			: "set label keepgate.dev/profile to an allowed "
			  "name")));
}

static void
unknown_container(struct judge *j)
{
	struct trail t = trail_metadata(j);

	trail_name(&t, SLICE("annotations"));
	trail_name(&t, SLICE("keepgate.dev/containers"));
	finding_add(j, RULE_CLS_002, &t,
	    TEXTS(say(j, "container %q, which the pod does not have",
		      &j->facts->unknown_container),
		say(j,
		    "names of containers or init containers, separated by "
		    "commas"),
		say(j,
		    "correct the name in annotation "
		    "keepgate.dev/containers")));
}

/* --- CLS-003: one platform only --- */

static struct trail
trail_memory(
    const struct judge *j, const struct container *c, struct kg_slice name)
{
	const bool limit = value_find(c->limits, name) != NULL;

	return trail_amount(j, c, limit ? "limits" : "requests", name);
}

static void
two_memories(struct judge *j)
{
	const struct scan *s = j->scan;
	const struct trail t =
	    trail_memory(j, s->other_memory, s->other_memory_name);

	finding_add(j, RULE_CLS_003, &t,
	    TEXTS(say(j, "%t, and %t as well", &s->other_memory_name,
		      &s->memory_name),
		say(j, "one kind of enclave memory in a pod"),
		say(j, "keep the name that the node's device plugin offers")));
}

static void
foreign_memory(struct judge *j)
{
	const struct scan *s = j->scan;
	const struct trail t =
	    trail_memory(j, s->memory_container, s->memory_name);

	finding_add(j, RULE_CLS_003, &t,
	    TEXTS(say(j, "%t, which is no memory of the declared profile %t",
		      &j->scan->memory_name, &j->facts->profile->name),
		say(j, "the enclave memory of one platform"),
		say(j,
		    "declare the profile whose memory the pod uses, or use "
		    "the profile's own")));
}

/* What stands for these platforms: a signal, or what was declared. */
static struct kg_slice
sign_of(const struct judge *j, uint64_t profiles)
{
	return (j->scan->signals & profiles) != 0
	    ? scan_describe_signal(j->facts->scan, profiles)
	    : say(j, "the declared profile %t", &j->facts->profile->name);
}

static void
two_worlds(struct judge *j)
{
	const uint64_t vm = j->scan->catalog->vm;
	const struct kg_slice process = sign_of(j, ~vm);
	const struct kg_slice guest = sign_of(j, vm);
	const struct trail t = trail_spec(j);

	finding_add(j, RULE_CLS_003, &t,
	    TEXTS(say(j, "%t of a process TEE, and %t of a VM TEE", &process,
		      &guest),
		say(j, "the signals of one kind of TEE"),
		say(j, "remove what belongs to the other platform")));
}

static void
mixed(struct judge *j)
{
	const struct scan *s = j->scan;
	const uint64_t vm = s->catalog->vm;
	const uint64_t declared =
	    j->facts->declaration == DECLARED_KNOWN ? j->facts->profile_bit : 0;
	const uint64_t said = s->signals | declared;

	if (s->other_memory != NULL)
		two_memories(j);
	if ((said & vm) != 0 && (said & ~vm) != 0)
		two_worlds(j);
	else if (declared != 0 && s->memory != NULL &&
	    s->memory->profiles != 0 && (s->memory->profiles & declared) == 0)
		foreign_memory(j);
}

/* --- CLS-006: a namespace for enclave pods only --- */

static void
intruder(struct judge *j)
{
	const struct value *only = value_find(j->scan->call->namespace_labels,
	    SLICE("keepgate.dev/enclave-only"));
	struct kg_slice allowed;
	struct trail t;

	if (!slice_is(value_str(only), "true"))
		return;
	allowed = allowed_profiles(j);
	t = trail_label(j);
	finding_add(j, RULE_CLS_006, &t,
	    TEXTS(say(j,
		      "no declared profile, in namespace %q, which is for "
		      "enclave pods only",
		      &j->scan->call->ns),
		say(j, "a pod that declares one of %t", &allowed),
		say(j,
		    "declare the profile by label keepgate.dev/profile, or "
		    "use another namespace")));
}

void
rules_cls(struct judge *j)
{
	if (j->facts->declaration == DECLARED_NOTHING) {
		intruder(j);
		if (j->scan->signals != 0)
			undeclared(j);
	}
	if (j->scan->signals != 0)
		mixed(j);
	misdeclared(j);
	if (j->facts->unknown_container.ptr != NULL)
		unknown_container(j);
}
