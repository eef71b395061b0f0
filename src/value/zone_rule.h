/* SPDX-License-Identifier: Apache-2.0 */
/* The POSIX rule at a TZif file's end: what holds after its last change. */
#ifndef KG_VALUE_ZONE_RULE_H
#define KG_VALUE_ZONE_RULE_H

#include "base/slice.h"

/* False when it is no rule (an empty one is none). */
bool zone_rule_offset(struct kg_slice rule, int64_t seconds, int64_t *offset);

#endif
