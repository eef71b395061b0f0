/* SPDX-License-Identifier: Apache-2.0 */
/*
 * EnclaveException: who may break which rule of which policy, where, why and
 * until when. An exception does not hide a finding: it takes its action away,
 * and every use is recorded.
 */
#ifndef KG_POLICY_EXCEPTION_H
#define KG_POLICY_EXCEPTION_H

#include "value/node.h"

struct policy;

struct exception {
	struct kg_slice name;
	struct kg_slice policy;
	struct string_list rules;      /* ids, or families such as "ATT-*" */
	struct string_list namespaces; /* none: all */
	struct string_list names;      /* exact, or "web-*"; none: all */
	struct string_list images;     /* "sha256:<64 hex>"; none: all */
	struct kg_slice reason, ticket, owner;
	struct kg_slice expires_text;
	int64_t expires_us;
};

/*
 * Reads one document. Policies and rules that it names must be among
 * `policies`: else an error at the name, with the nearest one. Usable only
 * when r->failed stays false.
 */
void exception_read(struct node_reader *r, const struct document *doc,
    const struct policy *policies, size_t policy_count, struct exception *out);

/* "EPC-001" or a family that it belongs to stands in the list. */
bool rule_listed(const struct string_list *rules, struct kg_slice id);

/* An id that is built in, or a family of such. */
bool rule_known(struct kg_slice id);

/* The id that is nearest; NULL: none is near. */
const char *rule_nearest(struct kg_slice id);

#endif
