/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The compiled rule set, as the review sees it: policies in order of their
 * names, the catalog of profiles, known namespaces, the key table. Immutable
 * after kg_ruleset_compile(); counted by reference.
 */
#ifndef KG_POLICY_RULESET_H
#define KG_POLICY_RULESET_H

#include <stdatomic.h>

#include "base/sha256.h"
#include "enclave/enclave.h"
#include "policy/custom.h"
#include "policy/exception.h"
#include "policy/match.h"

/* One entry of spec.rules. */
struct rule_entry {
	struct kg_slice id; /* "EPC-001", or "EPC-*" */
	enum kg_action action;
	unsigned percent; /* of workloads that it decides for; 100: all */
	struct selector namespaces;
};

struct policy {
	struct kg_slice name;
	bool ignore_errors; /* failurePolicy: Ignore */
	struct match match;
	struct enclave_params params;
	const struct rule_entry *rules;
	size_t rule_count;
	const struct custom *custom; /* NULL: no expressions */
};

struct kg_ruleset {
	struct arena arena;
	atomic_uint references;
	struct keytab keys;
	struct catalog catalog;
	const struct policy *policies; /* by name */
	size_t policy_count;
	const struct exception *exceptions; /* by name */
	size_t exception_count;
	const struct pod_kind *kinds; /* beside the built-in ones */
	size_t kind_count;
	const struct cel_program *program; /* all policies' expressions */
	struct regex_set patterns;         /* ... and their literal patterns */
	bool sees_managed_fields;          /* ... and if any can see them */
	struct map namespaces; /* name to labels (const struct value *) */
	char hash[SHA256_HEX];
};

#endif
