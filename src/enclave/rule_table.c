/* SPDX-License-Identifier: Apache-2.0 */
/* The table of rules, from rule.def. */
#include "enclave/enclave.h"
#include "enclave/example.h"

const struct kg_rule_info rule_info[] = {
#define RULE(ident, id, action, title, text, fix, example, fixed) \
	[RULE_##ident] = { id, action, title, text, fix, example, fixed },
#include "enclave/rule.def"
#undef RULE
};

enum rule
rule_find(struct kg_slice id)
{
	for (unsigned i = 0; i < RULE_COUNT; i++) {
		if (slice_is(id, rule_info[i].id))
			return (enum rule)i;
	}
	return RULE_COUNT;
}
