/* SPDX-License-Identifier: Apache-2.0 */
/* The part of a decision that policies' expressions have. */
#include "review/decide_impl.h"

static enum kg_status
enclave_facts(
    struct decider *x, const struct policy *p, const struct value **facts)
{
	enum kg_status st = KG_OK;

	*facts = NULL;
	if (!p->custom->uses_enclave)
		return KG_OK;
	if (x->scan == NULL && x->pod.spec != NULL)
		st = enclave_scan(x->arena, &x->set->catalog, &x->pod,
		    &x->pod_call, &x->scan);
	if (st != KG_OK)
		return st;
	return enclave_view(x->arena, x->scan, &p->params, facts);
}

static void
take_annotations(struct decider *x, const struct custom_outcome *out)
{
	const size_t size = sizeof(*x->annotations);
	const size_t n = x->d->annotation_count;
	struct kg_annotation *all;

	if (out->annotation_count == 0)
		return;
	all = arena_grow(x->arena, x->annotations, n * size,
	    (n + out->annotation_count) * size);
	if (all == NULL)
		return; /* the arena says so: the review errs */
	memcpy(all + n, out->annotations, out->annotation_count * size);
	x->annotations = all;
	x->d->annotation_count = n + out->annotation_count;
}

static void
take_outcome(struct decider *x, const struct policy *p,
    const struct custom_outcome *out, size_t mine)
{
	bool all = true;

	for (size_t i = 0; i < out->finding_count && all; i++)
		all = add_finding(x, &out->findings[i], mine);
	if (!all)
		policy_error(x, p, SLICE("more findings than can be kept"));
	for (size_t i = 0; i < out->error_count; i++)
		policy_error(x, p, out->errors[i]);
	take_annotations(x, out);
}

enum kg_status
judge_matched(struct decider *x, const struct policy *p)
{
	const size_t mine = x->finding_count;
	struct custom_outcome out = { 0 };
	const struct value *facts = NULL;
	enum custom_match matched = CUSTOM_MATCH;
	enum kg_status st = KG_OK;

	if (p->custom != NULL) {
		st = enclave_facts(x, p, &facts);
		if (st != KG_OK)
			return st;
		matched = custom_conditions(&x->custom, p, facts, &out);
	}
	if (matched == CUSTOM_MATCH)
		st = judge_native(x, p);
	if (matched == CUSTOM_MATCH && p->custom != NULL && st == KG_OK)
		custom_validate(&x->custom, p, &out);
	take_outcome(x, p, &out, mine);
	return st != KG_OK ? st : x->arena->failure;
}
