/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does the pod's node selection prove a confidential node? For nodeSelector
 * together with each required affinity term: which values can every label
 * still have? Preferred terms never count. What cannot be read proves
 * nothing: an expression that is not understood is left out, which leaves
 * more nodes possible.
 */
#ifndef KG_ENCLAVE_PLACEMENT_H
#define KG_ENCLAVE_PLACEMENT_H

#include "enclave/enclave.h"

/* What proves, from the profile and the policy. */
struct placement_rules {
	const struct profile *profile;
	const struct node_predicate *extra; /* the policy's own */
	size_t extra_count;
	/* What the RuntimeClass will add to nodeSelector; NULL: nothing. */
	const struct value *class_selector;
};

struct placement {
	bool proven;
	size_t failing_term; /* first that proves nothing; SIZE_MAX: no terms */
	size_t preferred;    /* first preferred term that would; or SIZE_MAX */
	/* Largest EPC among the node types that remain; -1: no bound. */
	int64_t largest_epc;
	struct kg_slice largest_type;
};

void placement_check(const struct value *spec,
    const struct placement_rules *rules, struct placement *out);

/* The nodeSelector proves, whatever the affinity. */
bool placement_selector_proves(
    const struct value *spec, const struct placement_rules *rules);

/*
 * The values that the labels of the node type can still have, over all terms;
 * none when some term leaves it open. Made in the arena, each once.
 */
void placement_types(struct arena *arena, const struct value *spec,
    const struct profile *profile, struct string_list *out);

/* The required terms of node affinity in spec.affinity; NULL when absent. */
const struct value *placement_terms(const struct value *affinity);

#endif
