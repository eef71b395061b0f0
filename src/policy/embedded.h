/* SPDX-License-Identifier: Apache-2.0 */
/* The shipped profiles and packs, as embed.sh puts them in. */
#ifndef KG_POLICY_EMBEDDED_H
#define KG_POLICY_EMBEDDED_H

#include "keepgate.h"

struct embedded_file {
	const char *name; /* "policies/profiles/sgx-aks.yaml" */
	const unsigned char *bytes;
	size_t len;
};

/* Ends with a row whose name is NULL. */
extern const struct embedded_file embedded_files[];

#endif
