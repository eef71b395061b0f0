/* SPDX-License-Identifier: Apache-2.0 */
/* DBG-004 and NOD-010: requests about a pod that is not in them. */
#include "enclave/judge.h"

/* The profile that the namespace or the pod declares; "" neither. */
static struct kg_slice
declared(const struct access *a)
{
	const struct kg_slice label = SLICE("keepgate.dev/profile");
	const struct value *own = value_find(
	    value_get(value_get(a->object, KEY_metadata), KEY_labels), label);

	return value_is_null(own)
	    ? value_str(value_find(a->namespace_labels, label))
	    : value_str(own);
}

bool
in_groups(const struct string_list *allowed, const struct kg_slice *groups,
    size_t group_count)
{
	for (size_t i = 0; i < group_count; i++) {
		if (string_list_has(allowed, groups[i]))
			return true;
	}
	return false;
}

static void
check_connect(struct judge *j, const struct access *a, struct kg_slice profile)
{
	static const char *const words[] = {
		[ACCESS_EXEC] = "exec into",
		[ACCESS_ATTACH] = "attach to",
		[ACCESS_PORT_FORWARD] = "portforward to",
	};
	const struct string_list *groups = &j->params->break_glass_groups;
	const struct kg_slice allowed =
	    groups->count > 0 ? list_text(j, groups) : SLICE("nobody");
	struct trail t = { .stopped = true };

	if (in_groups(groups, a->groups, a->group_count))
		return;
	buf_init(&t.text, j->arena, 64);
	finding_add(j, RULE_DBG_004, &t,
	    TEXTS(say(j, "%s pod %q of profile %t by %q", words[a->verb],
		      &a->name, &profile, &a->username),
		say(j, "only members of breakGlassGroups: %t", &allowed),
		say(j,
		    "ask someone of these groups, or look at the pod from "
		    "outside: logs, metrics")));
}

/* The default scheduler, those of nodes.schedulers under their usual names,
 * and who may set nodeName anyway. */
static bool
may_bind(const struct enclave_params *p, struct kg_slice user)
{
	static const struct kg_slice accounts =
	    SLICE_INIT("system:serviceaccount:kube-system:");
	const struct kg_slice system = SLICE("system:");

	if (slice_is(user, "system:kube-scheduler") ||
	    string_list_has(&p->node_name_users, user))
		return true;
	return (slice_starts(user, accounts) &&
		   string_list_has(
		       &p->schedulers, slice_from(user, accounts.len))) ||
	    (slice_starts(user, system) &&
		string_list_has(&p->schedulers, slice_from(user, system.len)));
}

static void
check_binding(struct judge *j, const struct access *a, struct kg_slice profile)
{
	const struct value *target = value_find(a->object, SLICE("target"));
	const struct kg_slice node = value_str(value_get(target, KEY_name));
	struct trail t = { .at = a->object };

	if (may_bind(j->params, a->username))
		return;
	buf_init(&t.text, j->arena, 4096);
	trail_name(&t, SLICE("target"));
	trail_name(&t, SLICE("name"));
	finding_add(j, RULE_NOD_010, &t,
	    TEXTS(say(j, "pod %q of profile %t bound to node %q by %q",
		      &a->name, &profile, &node, &a->username),
		say(j,
		    "binding by the scheduler, those of nodes.schedulers and "
		    "nodes.nodeNameUsers"),
		say(j, "let the scheduler choose the node")));
}

enum kg_status
enclave_judge_access(struct arena *arena, const struct enclave_params *params,
    const struct access *a, struct enclave_findings *findings)
{
	static const struct pod nothing = { .metadata = NULL };
	struct judge j = { .arena = arena,
		.pod = &nothing,
		.params = params,
		.findings = findings };
	const struct kg_slice profile = declared(a);

	if (profile.len == 0 || a->verb == ACCESS_NONE)
		return KG_OK;
	if (a->verb == ACCESS_BIND)
		check_binding(&j, a, profile);
	else
		check_connect(&j, a, profile);
	return arena->failure;
}
