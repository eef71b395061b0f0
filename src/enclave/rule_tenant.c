/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NOD-011: a pod that is no enclave pod, but goes where they are. Looked at
 * for every pod, so whatever names no label or taint of a platform leaves at
 * once.
 */
#include "enclave/judge.h"

static uint64_t
mask_of(const struct map *m, struct kg_slice name)
{
	const struct catalog_name *known = map_get(m, name);

	return known != NULL ? known->profiles : 0;
}

/* Profiles of which the pod's node selection names a label. */
static uint64_t
selected(const struct judge *j)
{
	const struct map *nodes = &j->scan->catalog->nodes;
	const struct value *selector = j->scan->spec[KEY_nodeSelector];
	const struct value *terms = j->scan->terms;
	uint64_t mask = 0;

	for (size_t i = 0; i < value_members(selector); i++)
		mask |= mask_of(nodes, value_str(&selector->u.members[i].name));
	for (size_t i = 0; i < value_len(terms); i++) {
		const struct value *list =
		    value_get(value_at(terms, i), KEY_matchExpressions);

		for (size_t k = 0; k < value_len(list); k++)
			mask |= mask_of(nodes,
			    value_str(value_get(value_at(list, k), KEY_key)));
	}
	return mask;
}

/* The first of the policy's profiles whose nodes the pod is bound to. */
static const struct profile *
targeted(const struct judge *j)
{
	const uint64_t mask = selected(j) & j->params->profiles;

	for (size_t i = 0; mask != 0 && i < j->params->order_count; i++) {
		const size_t at = j->params->order[i];
		const struct placement_rules rules = {
			.profile = &j->scan->catalog->profiles[at]
		};
		struct placement p;

		if ((mask >> at & 1) == 0)
			continue;
		placement_check(j->pod->spec, &rules, &p);
		if (p.proven)
			return rules.profile;
	}
	return NULL;
}

static void
report(struct judge *j, const struct trail *t, struct kg_slice found)
{
	finding_advise(j, RULE_NOD_011, t,
	    TEXTS(found, say(j, "confidential nodes for enclave pods only"),
		say(j,
		    "run the pod elsewhere, or declare it by label "
		    "keepgate.dev/profile if it is an enclave pod")));
}

static void
check_taints(struct judge *j)
{
	const struct value *list = j->scan->spec[KEY_tolerations];

	for (size_t i = 0; i < value_len(list); i++) {
		const struct kg_slice key =
		    value_str(value_get(value_at(list, i), KEY_key));
		struct trail t;

		if (key.len == 0 ||
		    (mask_of(&j->scan->catalog->taints, key) &
			j->params->profiles) == 0)
			continue;
		t = trail_spec(j);
		trail_name(&t, SLICE("tolerations"));
		trail_index(&t, i);
		report(j, &t,
		    say(j, "no enclave pod, but it tolerates taint %t", &key));
		return;
	}
}

void
rules_tenant(struct judge *j)
{
	const struct profile *p = targeted(j);
	struct trail t;

	if (p != NULL) {
		t = trail_spec(j);
		trail_name(&t,
		    j->scan->spec[KEY_nodeSelector] != NULL
			? SLICE("nodeSelector")
			: SLICE("affinity"));
		report(j, &t,
		    say(j, "no enclave pod, but it selects nodes of %t",
			&p->name));
	}
	check_taints(j);
}
