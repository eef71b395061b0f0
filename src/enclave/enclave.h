/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The door to enclave knowledge: a catalog of profiles, the facts of one pod,
 * and the rules over them. Policies choose profiles, parameters and actions;
 * they do not know how a fact comes about.
 *
 * Flow: catalog_build() once a rule set; for each request enclave_scan()
 * once, then enclave_judge() and enclave_view() for each policy.
 */
#ifndef KG_ENCLAVE_ENCLAVE_H
#define KG_ENCLAVE_ENCLAVE_H

#include "base/map.h"
#include "enclave/profile.h"

enum rule {
#define RULE(ident, id, action, title, text, fix, example, fixed) RULE_##ident,
#include "enclave/rule.def"
#undef RULE
	RULE_COUNT
};

/* id, default action and documentation; by enum rule. */
extern const struct kg_rule_info rule_info[];

/* The rule with this id, or RULE_COUNT. */
enum rule rule_find(struct kg_slice id);

/* --- Catalog --- */

/*
 * All known profiles and the index of their signals: from the name of a
 * resource, an environment variable and so on to the mask of profiles that
 * it is a signal of (struct catalog_name). Immutable.
 */
struct catalog {
	const struct profile *profiles; /* in order of precedence */
	size_t count;                   /* at most PROFILES_MAX */
	struct map resources, env, mounts, annotations, labels, runtime_classes;
	struct map host_paths; /* with all that lies below */
	const struct catalog_text *env_prefixes, *class_stems;
	size_t env_prefix_count, class_stem_count;
	struct map nodes; /* labels that prove or tell the type */
	struct map taints;
	struct map mentioned; /* variables that some rule reads */
	struct map judged;    /* annotations that some rule reads */
	struct string_list judged_prefixes;
	uint64_t vm; /* the profiles of tee: VM */
};

/* What a name leads to in the maps. */
struct catalog_name {
	uint64_t profiles;
	bool memory; /* a resource of role Memory in one of them */
};

/* What is no whole name but the first part of one. */
struct catalog_text {
	struct kg_slice text;
	uint64_t profiles;
};

/* The profiles are borrowed and must outlive the catalog, in `arena`. */
enum kg_status catalog_build(struct arena *arena,
    const struct profile *profiles, size_t count,
    struct catalog *out) KG_MUST_CHECK;

/* Index of the profile with this name or alias, or SIZE_MAX. */
size_t catalog_find(const struct catalog *c, struct kg_slice name);

/* True when a profile reads this variable: as a signal, in a wiring, or as a
 * debug switch. Others may hold secrets. */
bool catalog_mentions_env(const struct catalog *c, struct kg_slice name);

/* True when a rule reads this annotation: a change of it is judged. */
bool catalog_judges_annotation(const struct catalog *c, struct kg_slice name);

/* --- Scan: what the pod carries, whatever the policy --- */

/* What carries a pod: its metadata and spec, and where they stand. */
struct pod {
	const struct value *metadata; /* of the pod or template; may be NULL */
	const struct value *spec;     /* may be NULL: nothing to check */
	struct kg_slice pointer;      /* "" for a Pod, "/spec/template" ... */
	bool is_template;
};

/* How the pod reaches us: for rules that depend on it. */
struct pod_call {
	bool create;     /* operation CREATE */
	bool dump;       /* manifest of a running pod: no NOD-003 */
	bool manifest;   /* no API server has seen it: RuntimeClass neither */
	bool daemon_set; /* the template is that of a DaemonSet */
	bool mirror; /* a kubelet shows a static pod: refusing stops nothing */
	const struct pod *before; /* UPDATE: as it was; NULL: not known */
	struct kg_slice subresource;
	struct kg_slice username;
	const struct kg_slice *groups;
	size_t group_count;
	struct kg_slice ns;
	const struct value *namespace_labels; /* NULL: none known */
};

struct scan;

/*
 * One pass over the pod: containers, mounts, volumes, signals. Lives in the
 * arena. KG_OK, what made the arena fail, or KG_LIMIT for a pod with more
 * containers or volumes than limits.h lets in.
 */
enum kg_status enclave_scan(struct arena *arena, const struct catalog *c,
    const struct pod *pod, const struct pod_call *call,
    struct scan **out) KG_MUST_CHECK;

/*
 * True when no built-in rule can fire: the spec, the profile label and the
 * annotations that any profile judges are as they were (UPDATE).
 */
bool enclave_unchanged(
    const struct catalog *c, const struct pod *now, const struct pod *before);

/* --- Judge: what one policy says --- */

struct enclave_params {
	uint64_t profiles;    /* mask of allowed ones, by catalog index */
	const uint8_t *order; /* allowed ones in the policy's order */
	size_t order_count;
	bool all_containers;                           /* containers: All */
	int64_t epc_minimum, epc_maximum, epc_reserve; /* bytes */
	int64_t epc_pod_maximum;                       /* bytes; 0: none */
	int64_t epc_containers;        /* enclave containers; 0: any number */
	struct string_list epc_claims; /* resource claims that may be used */
	struct string_list wirings, verifiers, measurements, images,
	    service_accounts;
	struct string_list registries;
	struct string_list groups; /* supplemental ones; as text */
	const struct node_predicate *predicates; /* added to the profile's */
	size_t predicate_count;
	struct string_list schedulers, node_name_users;
	bool restricted_labels; /* NOD-008 is on somewhere */
	struct string_list break_glass_groups;
};

/* What a rule says. The texts live in the arena of the scan. */
struct enclave_finding {
	enum rule rule;
	bool advice; /* at most a warning, whatever the rule's action */
	struct kg_slice pointer;
	struct kg_slice found, allowed, fix;
};

struct enclave_findings {
	struct enclave_finding *list;
	size_t count, cap;
	bool truncated; /* more than FINDINGS_MAX */
};

/*
 * Runs every rule. Findings are appended (list in the scan's arena).
 * *profile is the judging profile's name, "" when there is none. KG_OK, or
 * what made the arena fail: the caller must not trust the findings then.
 */
enum kg_status enclave_judge(struct scan *scan,
    const struct enclave_params *params, struct enclave_findings *findings,
    struct kg_slice *profile) KG_MUST_CHECK;

/* --- Access: requests about a pod that do not carry it --- */

enum access_verb {
	ACCESS_NONE,
	ACCESS_EXEC, /* CONNECT of pods/exec, attach, portforward */
	ACCESS_ATTACH,
	ACCESS_PORT_FORWARD,
	ACCESS_BIND, /* CREATE of pods/binding */
};

/* The user is in one of these groups. */
bool in_groups(const struct string_list *wanted, const struct kg_slice *groups,
    size_t group_count);

struct access {
	enum access_verb verb;
	struct kg_slice name;
	struct kg_slice username;
	const struct kg_slice *groups;
	size_t group_count;
	const struct value *object;           /* of the request; may be NULL */
	const struct value *namespace_labels; /* NULL: none known */
};

/*
 * Judges an access to the pod of this name by what is known of it: the
 * profile label of its namespace, or of the pod itself when it is the object.
 * Findings are appended, in the arena.
 */
enum kg_status enclave_judge_access(struct arena *arena,
    const struct enclave_params *params, const struct access *access,
    struct enclave_findings *findings) KG_MUST_CHECK;

/*
 * The same facts for expressions, as the object `enclave`:
 *
 *	{present bool, declared string, profile string, wiring string,
 *	 attested bool, epc int, placementProven bool,
 *	 nodeTypes list(string),
 *	 containers list({name string, kind string, pointer string, epc int,
 *	     wiring string})}
 *
 * All members are always there; "" , 0, false and [] stand for none. It tells
 * of the profile that judges the pod under these params. `containers` are the
 * enclave containers: kind is app, init or restartableInit, pointer leads into
 * the object as received. scan NULL: the object carries no pod. *out lives in
 * `arena` and borrows from the request. KG_OK, or what made the arena fail.
 */
enum kg_status enclave_view(struct arena *arena, struct scan *scan,
    const struct enclave_params *params,
    const struct value **out) KG_MUST_CHECK;

#endif
