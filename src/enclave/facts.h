/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The facts of one pod for one policy: which profile judges it, which
 * containers are enclaves, what EPC they ask for, how they are wired, what
 * their placement proves. Rules read facts and nothing else.
 */
#ifndef KG_ENCLAVE_FACTS_H
#define KG_ENCLAVE_FACTS_H

#include "base/buf.h"
#include "enclave/placement.h"
#include "enclave/scan.h"

enum declaration {
	DECLARED_NOTHING,
	DECLARED_KNOWN,    /* by pod or namespace, and allowed */
	DECLARED_UNKNOWN,  /* no profile of that name */
	DECLARED_FOREIGN,  /* known, but not listed in the policy */
	DECLARED_CONFLICT, /* pod and namespace say different names */
};

/* An amount of a resource as it was written. */
enum amount_state {
	AMOUNT_ABSENT,
	AMOUNT_OK,
	AMOUNT_UNREADABLE, /* no quantity, or not a whole int64 >= 0 */
};

struct amount {
	enum amount_state state;
	enum quantity_format format;
	const struct value *value; /* as received */
	int64_t bytes;             /* times the unit, saturated */
};

/* What a container asks of one resource. */
struct amounts {
	struct amount limit, request;
};

struct facts {
	struct scan *scan;
	const struct enclave_params *params;
	enum declaration declaration;
	struct kg_slice declared, namespace_declared;
	const struct value *declared_value; /* the label as it stands */
	const struct profile *profile;      /* the judging one; NULL: none */
	uint64_t profile_bit;
	struct amounts *amounts;             /* see facts_row() */
	bool *enclave_container;             /* by container of the scan */
	const struct container *attestation; /* NULL: none */
	struct kg_slice unknown_container;   /* of keepgate.dev/containers */
	size_t enclave_count;
	int64_t effective_epc;         /* bytes, saturated */
	const struct wiring **wirings; /* of the profile, that are allowed */
	size_t wiring_count;
	size_t *complete; /* enclave containers, by wiring */
	struct placement placement;
};

/*
 * Works out the facts. facts->profile is NULL when no profile judges the pod
 * (then only declaration and signals count). KG_OK or the arena's failure.
 */
enum kg_status facts_make(struct scan *scan,
    const struct enclave_params *params, struct facts *out) KG_MUST_CHECK;

/*
 * The same, kept in the scan: a second call with the same params costs
 * nothing.
 */
enum kg_status facts_of(struct scan *scan, const struct enclave_params *params,
    const struct facts **out) KG_MUST_CHECK;

/* The first wiring that is complete in every enclave container, or NULL. */
const struct wiring *facts_wiring(const struct facts *f);

/* Reads an amount in units of so many bytes; v NULL is absent. */
struct amount amount_read(const struct value *v, int64_t unit);

/* The limit, or where there is none the request. */
static inline const struct amount *
amount_asked(const struct amounts *a)
{
	return a->limit.state != AMOUNT_ABSENT ? &a->limit : &a->request;
}

/* It is there, can be read, and is not 0. */
static inline bool
amount_positive(const struct amount *a)
{
	return a->state == AMOUNT_OK && a->bytes > 0;
}

/* What a container of the scan asks of the profile's resources, by index. */
static inline struct amounts *
facts_row(const struct facts *f, const struct container *c)
{
	return f->amounts +
	    (size_t)(c - f->scan->containers) * f->profile->resource_count;
}

/* ... of one of them. */
static inline const struct amounts *
facts_amounts(const struct facts *f, const struct container *c,
    const struct profile_resource *res)
{
	return facts_row(f, c) + (res - f->profile->resources);
}

/* What the container asks of the profile's memory, in bytes; 0 for none. */
int64_t facts_epc(const struct facts *f, const struct container *c);

/* The memory resource that the container uses (in limits, else in requests),
 * or NULL. */
const struct profile_resource *facts_memory(
    const struct facts *f, const struct container *c);

/* The mount at one of the paths that may carry a socket; NULL: none. *index
 * is its place in volumeMounts. */
const struct mount *facts_mount_at(
    const struct container *c, const struct string_list *paths, size_t *index);

/* The container's limit of a resource is this count. */
bool container_has_count(
    const struct container *c, const struct resource_count *want);

/* Is the wiring complete in this container? */
bool wiring_complete(
    const struct facts *f, const struct wiring *w, const struct container *c);

/* The mount's volume is what the wiring asks for. */
bool wiring_takes_volume(const struct wiring *w, const struct volume *v);

/* Appends what the wiring misses in the container: "env X is not set, ...". */
void wiring_describe_gaps(struct buf *b, const struct facts *f,
    const struct wiring *w, const struct container *c);

#endif
