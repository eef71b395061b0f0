/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A container's environment as the kubelet will make it: of entries of one
 * name the last wins, entries of env win over envFrom, and $(NAME) stands for
 * the value of an entry further up.
 */
#ifndef KG_ENCLAVE_ENV_H
#define KG_ENCLAVE_ENV_H

#include "enclave/scan.h"

enum env_source {
	ENV_ABSENT, /* or from envFrom, which nobody can see here */
	ENV_LITERAL,
	ENV_FIELD,   /* a field of the pod */
	ENV_FOREIGN, /* ConfigMap, Secret, resource: not known here */
};

struct env_var {
	enum env_source source;
	size_t index;          /* of the entry that counts */
	struct kg_slice value; /* of ENV_LITERAL, references resolved */
	struct kg_slice field; /* of ENV_FIELD: "status.hostIP" */
	size_t others;         /* entries of the same name before it */
	bool differing;        /* ... of which one says something else */
};

/*
 * What becomes of the variable. A reference to what is not known here stays
 * in the value as it was written, as does one of a name that is not defined.
 */
void env_find(struct arena *arena, const struct container *c,
    struct kg_slice name, struct env_var *out);

/*
 * The next $(NAME) in a value, from *at on, which moves behind it; false when
 * there is none. "$$" stands for one dollar and begins no reference.
 */
bool env_reference(struct kg_slice value, size_t *at, struct kg_slice *name);

#endif
