/* SPDX-License-Identifier: Apache-2.0 */
/* The kinds that carry a pod, and where in them it stands. */
#ifndef KG_POLICY_PODKIND_H
#define KG_POLICY_PODKIND_H

#include "enclave/enclave.h"

struct kg_ruleset;

struct pod_kind {
	struct kg_slice group, kind, resource;
	struct kg_slice pointer; /* "" for Pod, "/spec/template" ... */
	bool is_template;
};

/* The row of a built-in group and kind, or NULL. Versions do not matter. */
const struct pod_kind *pod_kind_find(
    struct kg_slice group, struct kg_slice kind);

/* The same with the kinds that PodKind objects of the rule set add. */
const struct pod_kind *ruleset_pod_kind(
    const struct kg_ruleset *set, struct kg_slice group, struct kg_slice kind);

/*
 * Reads a PodKind document: a kind of somebody's own and where its pod
 * template stands. Usable only when r->failed stays false.
 */
void pod_kind_read(
    struct node_reader *r, const struct document *doc, struct pod_kind *out);

/* All built-in rows; *count is their number. */
const struct pod_kind *pod_kinds(size_t *count);

/* The pod of an object of that kind; spec NULL when it has none. */
void pod_of(
    const struct pod_kind *kind, const struct value *object, struct pod *out);

#endif
