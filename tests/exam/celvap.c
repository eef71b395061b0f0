/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The set "celvap": the expressions of the policies of the VAP exam, plainly
 * and optimised; verdicts, and what it cost where that was observed.
 */
#include "exam/cel_case.h"
#include "exam/vap_policy.h"

static bool
judge(struct exam *e, const struct value *json, bool plain, struct cel_eval *v,
    struct vap_result *out, struct buf *why)
{
	const struct cel_build_options options = { .compat = CEL_COMPAT_136,
		.plain = plain };
	struct cel_builder *b =
	    cel_builder_new(&e->arena, &e->arena, &e->keys, &options);
	const struct value *slots[VAP_SLOTS];
	const struct cel_program *program;
	struct cel_issues issues;
	struct vap_policy policy;
	struct cel_env env;

	cel_issues_init(&issues, &e->arena);
	vap_env_init(&env, &e->arena, CEL_COMPAT_136);
	if (b == NULL ||
	    vap_build(b, &env, value_find(json, SLICE("policy")), &issues,
		&policy) != KG_OK ||
	    cel_builder_finish(b, &program) != KG_OK) {
		buf_puts(why, "does not compile: ");
		if (issues.count > 0)
			buf_put(why, issues.items[0].message);
		return false;
	}
	vap_slots(&e->arena, &e->keys, json, slots);
	if (cel_eval_begin(v, program, slots, VAP_SLOTS) != KG_OK)
		return false;
	vap_judge(v, &policy, out);
	return true;
}

enum exam_result
exam_celvap(struct exam *e, const struct value *json, struct buf *why)
{
	static const char *const verdicts[] = { "allow", "deny", "error" };
	const struct value *observed = value_find(json, SLICE("observed"));
	const struct value *cost = value_find(observed, SLICE("cost"));
	const struct kg_slice expect =
	    value_str(value_find(json, SLICE("expect")));
	struct cel_eval eval;
	struct vap_result plain, fast;
	bool ok;

	cel_eval_init(&eval, cel_case_host());
	ok = judge(e, json, true, &eval, &plain, why) &&
	    judge(e, json, false, &eval, &fast, why);
	if (ok)
		buf_printf(why,
		    "%s plain, %s, not %.*s; cost %llu, not %lld %.*s",
		    verdicts[plain.verdict], verdicts[fast.verdict],
		    SLICE_ARG(expect), (unsigned long long)fast.cost,
		    cost != NULL ? (long long)cost->u.integer : -1,
		    SLICE_ARG(fast.error));
	cel_eval_release(&eval);
	return ok && plain.verdict == fast.verdict &&
		slice_is(expect, verdicts[fast.verdict]) &&
		(cost == NULL || fast.cost == (uint64_t)cost->u.integer)
	    ? EXAM_PASS
	    : EXAM_FAIL;
}
