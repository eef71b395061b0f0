/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which requests a policy looks at: the matchConstraints of
 * ValidatingAdmissionPolicy (k8s.io/api/admissionregistration/v1), and label
 * selectors (apimachinery/pkg/apis/meta/v1).
 */
#ifndef KG_POLICY_MATCH_H
#define KG_POLICY_MATCH_H

#include "value/node.h"

enum selector_operator {
	SELECTOR_IN,
	SELECTOR_NOT_IN,
	SELECTOR_EXISTS,
	SELECTOR_DOES_NOT_EXIST,
};

struct selector_term {
	struct kg_slice key;
	enum selector_operator op;
	struct string_list values;
};

/* All terms must hold; without terms everything matches. */
struct selector {
	const struct selector_term *terms;
	size_t count;
};

void selector_read(struct node_reader *r, struct node n, struct selector *out);

/* Labels are an object of strings; NULL is no labels at all. */
bool selector_matches(const struct selector *s, const struct value *labels);

/* The first key other than kubernetes.io/metadata.name; {NULL, 0}: none. */
struct kg_slice selector_foreign_key(const struct selector *s);

struct resource_rule {
	struct string_list groups, versions, operations, resources, names;
	unsigned scope; /* enum: any, cluster, namespaced */
};

struct match {
	const struct resource_rule *rules; /* none: everything */
	size_t rule_count;
	bool by_default; /* the rules are what an absent list stands for */
	const struct resource_rule *excludes;
	size_t exclude_count;
	struct selector namespaces, objects;
};

/* Reads spec.match; an absent node gives the default of interfaces.md 1. */
void match_read(struct node_reader *r, struct node n, struct match *out);

/* Adds a rule for each of these kinds; without memory the arena says so. */
struct pod_kind;
void match_add_kinds(struct arena *arena, struct match *m,
    const struct pod_kind *kinds, size_t count);

/* The labels of the request's namespace, as far as they are known. */
struct namespace_view {
	struct kg_slice name;       /* "" for cluster-scoped requests */
	const struct value *labels; /* NULL: unknown but for the name */
};

enum match_result {
	MATCH_NO,
	MATCH_YES,
	MATCH_ERROR, /* *why: a selector needs labels nobody knows */
};

enum match_result match_request(const struct match *m,
    const struct kg_request *request, const struct namespace_view *ns,
    struct kg_slice *unknown_key);

/* Matches a namespace by selector; MATCH_ERROR as above. */
enum match_result match_namespace(const struct selector *s,
    const struct namespace_view *ns, struct kg_slice *unknown_key);

#endif
