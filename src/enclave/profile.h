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
	int64_t max;          /* the most it may have; 0: any */
	struct kg_slice with; /* the one of these it goes with; "" none */
	bool without_memory;  /* grants the TEE where memory is not counted */
};

/* A count of a resource that a wiring asks for. */
struct resource_count {
	struct kg_slice name;
	int64_t count;
};

/* A name and the value it must have: labels, node selectors, amounts. */
struct pair {
	struct kg_slice name;
	const struct value *value;
};

struct pair_list {
	const struct pair *items;
	size_t count;
};

/* The container that attests for the others. */
struct attestor {
	struct kg_slice name; /* "" none */
	const struct resource_count *resources;
	size_t resource_count;
	struct string_list env; /* that it needs */
	bool init; /* a plain init container does: it only has to run first */
};

struct wiring {
	struct kg_slice name;
	bool
	    silent; /* attests: false: complete, but proves nothing by itself */
	struct string_list env_require, env_forbid;
	struct string_list mount_paths; /* empty: no mount asked for */
	bool host_path;                 /* the mount's volume is a hostPath */
	struct string_list host_paths, host_types;
	bool empty_dir; /* ... is an emptyDir */
	struct kg_slice medium;
	struct attestor attestor;
	const struct resource_count *resources; /* of the enclave container */
	size_t resource_count;
	struct string_list devices;     /* resources, any count above 0 */
	struct string_list annotations; /* of the pod, not empty */
	struct pair_list labels;        /* of the pod */
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
	bool shared;    /* ... or on many others: no sign of a TEE by itself */
};

struct debug_switch {
	struct kg_slice env;
	struct string_list values; /* the values that are safe, or unsafe */
	bool safe;                 /* values are the only safe ones */
	bool required;             /* unset is not safe either */
};

enum env_role {
	ENV_PLAIN,      /* must be known at admission, whatever it holds */
	ENV_VERIFIER,   /* hosts that the enclave is attested to */
	ENV_AGENT,      /* an address on the node itself */
	ENV_COLLATERAL, /* where certificates of the platform come from */
	ENV_SECURE,     /* a switch that must not be off */
};

/* A variable that attestation depends on. */
struct env_rule {
	struct kg_slice name;
	enum env_role role;
};

enum encoding {
	ENCODING_TEXT,
	ENCODING_BASE64,
	ENCODING_GZIP_BASE64,
};

/* An annotation that carries what the guest is measured with. */
struct measured {
	struct kg_slice annotation;
	enum encoding encoding;
	struct string_list forbid; /* texts of a policy that allows all */
};

/* An annotation whose value must not hold any of these texts; what stands
 * behind `after`, up to a blank, names a verifier. */
struct annotation_value {
	struct kg_slice key;
	struct string_list forbid;
	struct string_list after;
};

/* Annotations of one prefix, of which only these are allowed. */
struct annotation_family {
	struct kg_slice prefix;
	struct string_list allow;
};

/* What the RuntimeClass puts into its pods. */
struct class_default {
	struct kg_slice name;
	struct pair_list overhead;    /* quantities */
	const struct value *selector; /* nodeSelector; NULL: none */
};

struct profile {
	struct kg_slice name;
	struct kg_slice source;
	const struct value *document; /* as it was written */
	bool shipped;                 /* with the engine */
	struct string_list aliases;   /* other names that a label may use */
	enum tee tee;
	struct string_list domains;
	const struct profile_resource *resources;
	size_t resource_count;
	uint64_t resource_lengths; /* of the names, see slice_length_bit() */
	struct {
		struct string_list env, mount_paths, host_paths, annotations,
		    labels, runtime_classes;
	} signals;
	const struct env_rule *env;
	size_t env_count;
	struct string_list heap; /* variables that hold the heap's size */
	const struct wiring *wirings;
	size_t wiring_count;
	struct kg_slice quote_annotation; /* names who quotes; "" none */
	struct kg_slice quote_agent;      /* its value for the node's agent */
	struct string_list collateral_paths, collateral_maps;
	struct string_list type_labels;
	const struct node_type *types;
	size_t type_count;
	int64_t reserve; /* bytes of EPC that the node keeps */
	const struct node_predicate *predicates;
	size_t predicate_count;
	const struct node_predicate *lookalikes; /* look like proof, are none */
	size_t lookalike_count;
	struct string_list taints;
	bool toleration_required;
	struct string_list runtime_allow, runtime_insecure, runtime_proves;
	const struct class_default *class_defaults;
	size_t class_default_count;
	const struct debug_switch *debug;
	size_t debug_count;
	struct string_list annotations_require, annotations_forbid;
	const struct annotation_family *families;
	size_t family_count;
	const struct annotation_value *values;
	size_t value_count;
	struct string_list epc_annotations; /* must equal the pod's EPC */
	struct kg_slice limit_annotations;  /* prefix; "" none */
	const struct measured *measured;    /* one of them must be there */
	size_t measured_count;
	/* For isolation, images and life. */
	struct string_list host_paths; /* that ISO-002 leaves alone */
	struct string_list host_ports; /* as text */
	bool root;                     /* needs to run as root */
	bool libos;       /* the image's entry point is part of the enclave */
	int64_t cpu_step; /* whole CPUs, a multiple of it; 0: any */
};

/* The profile's resource of this name, or NULL. */
const struct profile_resource *profile_find_resource(
    const struct profile *p, struct kg_slice name);

/* A runtime class fits an entry: equal, or up to a final "<hash>", for which
 * it has 8 to 64 hexadecimal digits. */
bool runtime_class_listed(const struct string_list *list, struct kg_slice name);

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
