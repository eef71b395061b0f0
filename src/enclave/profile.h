/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A platform profile: what an enclave pod looks like on one platform, as data
 * (policies/profiles/). Here is its shape in memory and its reader; what it
 * means is in facts.h and the rules.
 */
#ifndef KG_ENCLAVE_PROFILE_H
#define KG_ENCLAVE_PROFILE_H

#include "value/node.h"

enum tee {
	TEE_PROCESS,
	TEE_VM, /* no Memory resource: EPC rules never apply */
};

enum resource_role {
	ROLE_MEMORY, /* EPC */
	ROLE_DEVICE,
	ROLE_QUOTE, /* provisioning key: quoting */
};

struct profile_resource {
	struct kg_slice name;
	enum resource_role role;
	int64_t unit;         /* bytes of one, for ROLE_MEMORY; else 1 */
	int64_t equals;       /* the count it must have; 0: any */
	struct kg_slice with; /* the resource it goes with; "" none */
};

/* A count of a resource that a wiring asks for. */
struct resource_count {
	struct kg_slice name;
	int64_t count;
};

struct wiring {
	struct kg_slice name;
	struct string_list env_require, env_forbid;
	struct string_list mount_paths; /* empty: no mount asked for */
	bool host_path;                 /* the mount's volume is a hostPath */
	struct string_list host_paths, host_types;
	bool empty_dir; /* ... is an emptyDir */
	struct kg_slice medium;
	struct kg_slice container; /* attestation container; "" none */
	const struct resource_count *container_resources;
	size_t container_resource_count;
	const struct resource_count *resources; /* of the enclave container */
	size_t resource_count;
};

struct node_type {
	struct kg_slice name;
	int64_t epc; /* bytes */
};

struct node_predicate {
	struct kg_slice key;
	struct string_list values;
	bool exclusive; /* the label stands on confidential nodes only: Exists
			   proves */
};

struct debug_switch {
	struct kg_slice env;
	struct string_list values; /* the values that are safe, or unsafe */
	bool safe;                 /* values are the only safe ones */
};

struct profile {
	struct kg_slice name;
	struct kg_slice source;
	enum tee tee;
	struct string_list domains;
	const struct profile_resource *resources;
	size_t resource_count;
	struct {
		struct string_list env, mount_paths, host_paths, annotations,
		    runtime_classes;
	} signals;
	const struct wiring *wirings;
	size_t wiring_count;
	struct string_list type_labels;
	const struct node_type *types;
	size_t type_count;
	const struct node_predicate *predicates;
	size_t predicate_count;
	struct string_list taints;
	struct string_list runtime_allow, runtime_insecure;
	const struct debug_switch *debug;
	size_t debug_count;
	struct string_list annotations_require, annotations_forbid;
};

/*
 * Reads one EnclaveProfile document. Errors go to the reader's diagnostics;
 * *out is usable only when r->failed stays false. Strings are borrowed from
 * the document or live in the reader's arena.
 */
void profile_read(
    struct node_reader *r, const struct document *doc, struct profile *out);

/* Reads a list of {key, values, exclusive}; also spec.nodes of a policy. */
void predicates_read(struct node_reader *r, struct node list,
    const struct node_predicate **out, size_t *count);

#endif
