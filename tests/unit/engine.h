/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The default rule set and a reviewer, for tests that ask them: with
 * engine_setup() and engine_teardown() in place of the unit's own.
 */
#ifndef KG_TESTS_UNIT_ENGINE_H
#define KG_TESTS_UNIT_ENGINE_H

#include "unit/unit.h"

static struct kg_ruleset *set;
static struct kg_reviewer *reviewer;

static inline int
engine_setup(void **state)
{
	const struct kg_options options = { 0 };
	struct kg_diags *diags = kg_diags_new();
	const bool ok = unit_setup(state) == 0 && diags != NULL &&
	    kg_ruleset_compile(NULL, 0, &options, diags, &set) == KG_OK &&
	    kg_reviewer_new(&reviewer) == KG_OK;

	kg_diags_free(diags);
	return ok ? 0 : -1;
}

static inline int
engine_teardown(void **state)
{
	kg_reviewer_free(reviewer);
	kg_ruleset_unref(set);
	return unit_teardown(state);
}

#endif
