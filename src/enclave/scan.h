/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one pass over the pod finds, whatever policy and profile: containers
 * of all three lists, volumes, and the signals of each. A signal is a bit
 * mask of profiles, by catalog index.
 */
#ifndef KG_ENCLAVE_SCAN_H
#define KG_ENCLAVE_SCAN_H

#include "enclave/enclave.h"

enum container_kind {
	CONTAINER_APP,
	CONTAINER_INIT,
	CONTAINER_RESTARTABLE, /* an init container with restartPolicy Always */
	CONTAINER_EPHEMERAL,
};

struct mount {
	const struct value *value;
	struct kg_slice path;        /* cleaned */
	const struct volume *volume; /* NULL: no volume of that name */
	struct kg_slice volume_name;
	bool sub_path; /* subPath or subPathExpr */
};

struct container {
	enum container_kind kind;
	uint32_t index; /* in its list */
	const struct value *value;
	/* Its members, or NULL and "" where there are none. */
	struct kg_slice name, image;
	const struct value *limits, *requests, *env, *env_from, *command, *args,
	    *ports, *devices, *security;
	bool handlers;                    /* a probe, or a hook of its life */
	const struct kg_slice *env_names; /* by index of env */
	const struct mount *mounts;       /* by index of volumeMounts */
	size_t env_count, mount_count;
	uint64_t env_lengths; /* of the names, see slice_length_bit() */
	uint64_t signals;
};

struct volume {
	const struct value *value;
	struct kg_slice name;
	struct kg_slice host_path; /* cleaned; "" when it is no hostPath */
	struct kg_slice host_type;
	uint64_t signals;
};

struct scan {
	struct arena *arena;
	const struct catalog *catalog;
	const struct pod *pod;
	const struct pod_call *call;
	const struct value *spec[KEY_BUILTIN_END]; /* its members, by name */
	const struct value *terms;    /* required ones of node affinity */
	struct container *containers; /* init, app, ephemeral */
	size_t container_count;
	struct volume *volumes;
	size_t volume_count;
	uint64_t signals;                  /* of the whole pod */
	const struct catalog_name *memory; /* the first kind that is used ... */
	const struct container *memory_container; /* ... and who uses it */
	const struct container *other_memory; /* uses another kind; or NULL */
	struct kg_slice memory_name, other_memory_name;
	bool unknown_names; /* a resource with a domain that none knows */
	bool too_large;     /* past a cap of limits.h: not scanned */
	const struct value *labels, *annotations;
	const struct facts *facts; /* the latest, for facts_of(); or NULL */
};

/* "/spec/initContainers" ... of a kind, without the pod's own pointer. */
const char *container_list(enum container_kind kind);

/*
 * The last env entry of this name among the first `end`, or SIZE_MAX. Of all
 * (end is env_count) it is the one that counts.
 */
size_t container_env(
    const struct container *c, struct kg_slice name, size_t end);

/* True when the container has an env entry of this name. */
static inline bool
container_has_env(const struct container *c, struct kg_slice name)
{
	return (c->env_lengths & slice_length_bit(name)) != 0 &&
	    container_env(c, name, c->env_count) != SIZE_MAX;
}

/*
 * What made the pod an enclave pod of one of these profiles, in words:
 * "env SGX_AESM_ADDR in container app". Arena of the scan.
 */
struct kg_slice scan_describe_signal(struct scan *scan, uint64_t profiles);

#endif
