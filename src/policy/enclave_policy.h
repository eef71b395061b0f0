/* SPDX-License-Identifier: Apache-2.0 */
/* Reads EnclavePolicy documents. */
#ifndef KG_POLICY_ENCLAVE_POLICY_H
#define KG_POLICY_ENCLAVE_POLICY_H

#include "policy/ruleset.h"

/*
 * Reads one document into *out; the catalog resolves names of profiles.
 * `live`: refuse selectors over namespace labels that a server without a
 * cluster snapshot cannot know. Usable only when r->failed stays false.
 */
void enclave_policy_read(struct node_reader *r, const struct document *doc,
    const struct catalog *catalog, bool live, struct policy *out);

#endif
