/* SPDX-License-Identifier: Apache-2.0 */
/* ISO-001, ISO-005 to ISO-007: what the processes of a container may do. */
#include "enclave/judge.h"

/* Of a container, or for NULL of the pod. */
static const struct value *
security_of(const struct judge *j, const struct container *c)
{
	return c != NULL ? c->security : j->scan->spec[KEY_securityContext];
}

static struct trail
trail_security(const struct judge *j, const struct container *c)
{
	struct trail t = c != NULL ? trail_container(j, c) : trail_spec(j);

	trail_name(&t, SLICE("securityContext"));
	return t;
}

/* --- ISO-001 --- */

static void
check_privileged(struct judge *j, const struct container *c)
{
	struct trail t;

	if (!value_on(value_get(c->security, KEY_privileged)))
		return;
	t = trail_security(j, c);
	trail_name(&t, SLICE("privileged"));
	finding_add(j, RULE_ISO_001, &t,
	    TEXTS(say(j, "container %q is privileged", &c->name),
		say(j, "privileged: false, or absent"),
		say(j,
		    "remove privileged: the device plugin grants the enclave "
		    "devices")));
}

/* --- ISO-005 --- */

/* Those that read another process's memory, or get the kernel to. */
static const struct kg_slice dangerous[] = {
	SLICE_INIT("SYS_PTRACE"),
	SLICE_INIT("SYS_ADMIN"),
	SLICE_INIT("SYS_RAWIO"),
	SLICE_INIT("SYS_MODULE"),
	SLICE_INIT("DAC_READ_SEARCH"),
	SLICE_INIT("PERFMON"),
	SLICE_INIT("BPF"),
	SLICE_INIT("ALL"),
};

static bool
is_dangerous(struct kg_slice name)
{
	const size_t prefix = sizeof("CAP_") - 1;

	if (slice_eq_nocase(slice_upto(name, prefix), SLICE("CAP_")))
		name = slice_from(name, prefix);
	for (size_t i = 0; i < sizeof(dangerous) / sizeof(dangerous[0]); i++) {
		if (slice_eq_nocase(name, dangerous[i]))
			return true;
	}
	return false;
}

static void
check_capabilities(struct judge *j, const struct container *c)
{
	const struct value *add =
	    value_get(value_get(c->security, KEY_capabilities), KEY_add);

	for (size_t i = 0; i < value_len(add); i++) {
		const struct kg_slice name = value_str(value_at(add, i));
		struct trail t;

		if (!is_dangerous(name))
			continue;
		t = trail_security(j, c);
		trail_name(&t, SLICE("capabilities"));
		trail_name(&t, SLICE("add"));
		trail_index(&t, i);
		finding_add(j, RULE_ISO_005, &t,
		    TEXTS(say(j, "container %q adds capability %q", &c->name,
			      &name),
			say(j,
			    "none of SYS_PTRACE, SYS_ADMIN, SYS_RAWIO, "
			    "SYS_MODULE, DAC_READ_SEARCH, PERFMON, BPF, ALL"),
			say(j, "remove it; no enclave needs it")));
	}
}

/* --- ISO-006 --- */

/* The profile of seccomp or AppArmor is "Unconfined". */
static void
check_confined(struct judge *j, const struct container *c, enum key_id key,
    const char *profile)
{
	const struct kg_slice type =
	    value_str(value_get(value_get(security_of(j, c), key), KEY_type));
	struct trail t;

	if (!slice_is(type, "Unconfined"))
		return;
	t = trail_security(j, c);
	trail_name(&t, slice_str(profile));
	trail_name(&t, SLICE("type"));
	finding_add(j, RULE_ISO_006, &t,
	    TEXTS(say(j, "%s of type Unconfined", profile),
		say(j, "RuntimeDefault or Localhost"),
		say(j, "set type: RuntimeDefault")));
}

static void
check_contained(struct judge *j, const struct container *c)
{
	const struct value *security = c->security;
	const struct kg_slice proc =
	    value_str(value_get(security, KEY_procMount));
	struct trail t;

	check_confined(j, c, KEY_seccompProfile, "seccompProfile");
	check_confined(j, c, KEY_appArmorProfile, "appArmorProfile");
	if (proc.len > 0 && !slice_is(proc, "Default")) {
		t = trail_security(j, c);
		trail_name(&t, SLICE("procMount"));
		finding_add(j, RULE_ISO_006, &t,
		    TEXTS(
			say(j, "procMount %q in container %q", &proc, &c->name),
			say(j, "Default, or absent"),
			say(j, "remove procMount")));
	}
	if (!value_on(value_get(security, KEY_allowPrivilegeEscalation)))
		return;
	t = trail_security(j, c);
	trail_name(&t, SLICE("allowPrivilegeEscalation"));
	finding_add(j, RULE_ISO_006, &t,
	    TEXTS(say(j, "container %q allows privilege escalation", &c->name),
		say(j, "allowPrivilegeEscalation: false"),
		say(j, "set allowPrivilegeEscalation: false")));
}

/* The annotations that the fields replaced; old nodes still read them. */
static void
check_legacy(struct judge *j)
{
	static const struct kg_slice prefixes[] = {
		SLICE_INIT("seccomp.security.alpha.kubernetes.io/pod"),
		SLICE_INIT("container.seccomp.security.alpha.kubernetes.io/"),
		SLICE_INIT("container.apparmor.security.beta.kubernetes.io/"),
	};
	const struct value *annotations = j->scan->annotations;

	for (size_t i = 0; i < value_members(annotations); i++) {
		const struct kg_slice key =
		    value_str(&annotations->u.members[i].name);
		bool ours = false;
		struct trail t;

		for (size_t p = 0; p < 3; p++)
			ours = ours || slice_starts(key, prefixes[p]);
		if (!ours ||
		    !slice_eq_nocase(
			value_str(&annotations->u.members[i].value),
			SLICE("unconfined")))
			continue;
		t = trail_metadata(j);
		trail_name(&t, SLICE("annotations"));
		trail_name(&t, key);
		finding_add(j, RULE_ISO_006, &t,
		    TEXTS(say(j, "annotation %q: unconfined", &key),
			say(j, "runtime/default, or no annotation"),
			say(j, "remove the annotation")));
	}
}

/* --- ISO-007 --- */

/* Only what is said: without a word the image's own user counts. */
static void
check_root(struct judge *j, const struct container *c)
{
	const struct value *security = security_of(j, c);
	const struct value *user = value_get(security, KEY_runAsUser);
	const struct value *non_root = value_get(security, KEY_runAsNonRoot);
	const bool root = value_is(user, VALUE_INT) && user->u.integer == 0;
	struct trail t;

	if (j->facts->profile->root ||
	    (!root &&
		!(value_is(non_root, VALUE_BOOL) && !non_root->u.boolean)))
		return;
	t = trail_security(j, c);
	trail_name(&t, root ? SLICE("runAsUser") : SLICE("runAsNonRoot"));
	finding_advise(j, RULE_ISO_007, &t,
	    TEXTS(root ? say(j, "runAsUser 0") : say(j, "runAsNonRoot: false"),
		say(j, "a user that is not root: this platform needs none"),
		say(j, "set runAsNonRoot: true and a runAsUser above 0")));
}

static void
check_groups(struct judge *j)
{
	const struct value *groups =
	    value_find(security_of(j, NULL), SLICE("supplementalGroups"));

	for (size_t i = 0; i < value_len(groups); i++) {
		const struct value *v = value_at(groups, i);
		const struct kg_slice id = value_is(v, VALUE_INT)
		    ? say(j, "%d", v->u.integer)
		    : slice_of(NULL, 0);
		struct kg_slice allowed;
		struct trail t;

		if (id.len == 0 || string_list_has(&j->params->groups, id))
			continue;
		allowed = list_text(j, &j->params->groups);
		t = trail_security(j, NULL);
		trail_name(&t, SLICE("supplementalGroups"));
		trail_index(&t, i);
		finding_advise(j, RULE_ISO_007, &t,
		    TEXTS(say(j, "supplemental group %t", &id),
			say(j, "isolation.supplementalGroups: %t", &allowed),
			say(j,
			    "remove the group, or have the policy list it")));
	}
}

static void
check_pod(struct judge *j)
{
	if (value_members(security_of(j, NULL)) == 0)
		return;
	check_confined(j, NULL, KEY_seccompProfile, "seccompProfile");
	check_confined(j, NULL, KEY_appArmorProfile, "appArmorProfile");
	check_root(j, NULL);
	if (j->params->groups.count > 0)
		check_groups(j);
}

void
rules_privileges(struct judge *j)
{
	for (size_t i = 0; i < j->scan->container_count; i++) {
		const struct container *c = &j->scan->containers[i];

		if (value_members(c->security) == 0)
			continue;
		check_privileged(j, c);
		check_capabilities(j, c);
		check_contained(j, c);
		check_root(j, c);
	}
	check_pod(j);
	check_legacy(j);
}
