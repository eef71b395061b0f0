/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Policies share what they have in common, and none can tell: judged together
 * with others each says and pays what it says and pays alone.
 */
#include "base/limits.h"
#include "policy/custom.h"
#include "review/reviewer.h"
#include "unit/engine.h"
#include "unit/random.h"

#define ROUNDS 40u
#define POLICIES 5u
#define VARIABLES 4u

static int
setup(void **state)
{
	random_start(&reviewer);
	return engine_setup(state);
}

static struct kg_ruleset *
compile(struct kg_slice text)
{
	const struct kg_source source = { SLICE("p.yaml"), text };
	const struct kg_options options = { 0 };
	struct kg_diags *diags = kg_diags_new();
	struct kg_ruleset *rules = NULL;

	assert_non_null(diags);
	if (kg_ruleset_compile(&source, 1, &options, diags, &rules) != KG_OK)
		print_error("%.*s\n", SLICE_ARG(text));
	for (size_t i = 0; i < kg_diags_count(diags); i++)
		print_error(
		    "%.*s\n", SLICE_ARG(kg_diags_get(diags, i)->message));
	kg_diags_free(diags);
	assert_non_null(rules);
	return rules;
}

static const char object[] = "{\"data\":{\"a\":3,\"b\":-1}}";

static const struct kg_decision *
review(const struct kg_ruleset *rules)
{
	const struct kg_call call = { .phase = KG_VALIDATE };
	const struct kg_decision *d;

	assert_int_equal(
	    kg_review(reviewer, rules, &call,
		arena_printf(&arena,
		    "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":"
		    "\"AdmissionReview\",\"request\":{\"uid\":\"u\","
		    "\"kind\":{\"group\":\"\",\"version\":\"v1\","
		    "\"kind\":\"Pod\"},\"resource\":{\"group\":\"\","
		    "\"version\":\"v1\",\"resource\":\"pods\"},"
		    "\"operation\":\"CREATE\",\"object\":%s}}",
		    object),
		&d),
	    KG_OK);
	return d;
}

/* --- Random expressions --- */

static void put_bool(struct buf *b, unsigned depth, unsigned variables);

static void
put_int(struct buf *b, unsigned depth, unsigned variables)
{
	static const char *const leaves[] = { "1", "7", "int(object.data.a)",
		"int(object.data.b)", "int(object.data.none)" };
	const unsigned kind = depth == 0 ? below(2) : below(6);

	if (kind == 0 && variables > 0) {
		buf_printf(b, "variables.v%u", below(variables));
	} else if (kind < 2) {
		buf_puts(b, PICK(leaves));
	} else if (kind == 2) {
		buf_puts(b, "(");
		put_bool(b, depth - 1, variables);
		buf_puts(b, " ? ");
		put_int(b, depth - 1, variables);
		buf_puts(b, " : ");
		put_int(b, depth - 1, variables);
		buf_puts(b, ")");
	} else if (kind == 3) {
		buf_puts(b, "lists.range(6).filter(x, x < ");
		put_int(b, depth - 1, variables);
		buf_puts(b, ").size()");
	} else {
		buf_puts(b, "(");
		put_int(b, depth - 1, variables);
		buf_puts(b, " + ");
		put_int(b, depth - 1, variables);
		buf_puts(b, ")");
	}
}

static void
put_bool(struct buf *b, unsigned depth, unsigned variables)
{
	const unsigned kind = depth == 0 ? 0 : below(5);

	if (kind == 1) {
		buf_puts(b, "lists.range(4).exists(x, x > ");
		put_int(b, depth - 1, variables);
		buf_puts(b, " || ");
		put_bool(b, depth - 1, variables);
		buf_puts(b, ")");
	} else if (kind > 1) {
		buf_puts(b, "(");
		put_bool(b, depth - 1, variables);
		buf_puts(b, kind == 2 ? " && " : " || ");
		put_bool(b, depth - 1, variables);
		buf_puts(b, ")");
	} else {
		put_int(b, depth, variables);
		buf_puts(b, below(2) == 0 ? " < " : " == ");
		put_int(b, depth, variables);
	}
}

static void
put_text(struct buf *b, unsigned depth, unsigned variables)
{
	buf_puts(b, "string(");
	put_int(b, depth, variables);
	buf_puts(b, ")");
}

static struct kg_slice
text_of(void (*put)(struct buf *b, unsigned depth, unsigned variables),
    unsigned depth, unsigned variables)
{
	struct buf b;

	buf_init(&b, &arena, MIB);
	put(&b, depth, variables);
	return buf_slice(&b);
}

/* What the policies of a round are made of: few parts, so that they meet. */
struct parts {
	struct kg_slice variables[VARIABLES][2], bools[6], texts[3];
};

static void
make_parts(struct parts *p)
{
	for (unsigned i = 0; i < VARIABLES; i++) {
		for (unsigned k = 0; k < 2; k++)
			p->variables[i][k] = text_of(put_int, 2, i);
	}
	for (unsigned i = 0; i < ARRAY_LEN(p->bools); i++)
		p->bools[i] = text_of(put_bool, 3, VARIABLES);
	for (unsigned i = 0; i < ARRAY_LEN(p->texts); i++)
		p->texts[i] = text_of(put_text, 1, VARIABLES);
}

static void
put_head(struct buf *b, unsigned index)
{
	buf_printf(b,
	    "---\napiVersion: keepgate.dev/v1alpha1\nkind: EnclavePolicy\n"
	    "metadata: {name: p%u}\nspec:\n",
	    index);
}

static void
put_member(struct buf *b, const char *name, struct kg_slice expression)
{
	buf_printf(b, ",\n     %s: \"%.*s\"", name, SLICE_ARG(expression));
}

static struct kg_slice
make_policy(const struct parts *p, unsigned index)
{
	struct buf b;

	buf_init(&b, &arena, MIB);
	put_head(&b, index);
	buf_printf(&b, "  failurePolicy: %s\n  variables:\n",
	    below(2) == 0 ? "Fail" : "Ignore");
	for (unsigned i = 0; i < VARIABLES; i++) {
		buf_printf(&b, "  - {name: v%u", i);
		put_member(&b, "expression", PICK(p->variables[i]));
		buf_puts(&b, "}\n");
	}
	buf_puts(&b, "  validations:\n");
	for (unsigned i = 0; i < 3; i++) {
		buf_printf(&b, "  - {id: AB-%03u", index * 10 + i);
		put_member(&b, "expression", PICK(p->bools));
		put_member(&b, "messageExpression", PICK(p->texts));
		buf_puts(&b, "}\n");
	}
	buf_puts(&b, "  auditAnnotations:\n  - {key: a");
	put_member(&b, "valueExpression", PICK(p->texts));
	buf_puts(&b, "}\n");
	return buf_slice(&b);
}

/* --- What they say and pay --- */

static struct kg_slice
said(const struct kg_decision *d, const char *policy)
{
	const struct kg_slice key = arena_printf(&arena, "%s.a", policy);
	struct buf b;

	buf_init(&b, &arena, MIB);
	for (size_t i = 0; i < d->finding_count; i++) {
		const struct kg_finding *f = &d->findings[i];

		if (slice_is(f->policy, policy))
			buf_printf(&b, "%.*s %d %u %.*s\n", SLICE_ARG(f->rule),
			    (int)f->action, f->code, SLICE_ARG(f->found));
	}
	for (size_t i = 0; i < d->error_count; i++) {
		if (slice_is(d->errors[i].policy, policy))
			buf_printf(&b, "%d %.*s\n", d->errors[i].ignored,
			    SLICE_ARG(d->errors[i].message));
	}
	for (size_t i = 0; i < d->annotation_count; i++) {
		if (slice_eq(d->annotations[i].name, key))
			buf_printf(
			    &b, "%.*s\n", SLICE_ARG(d->annotations[i].value));
	}
	return buf_slice(&b);
}

static uint64_t
cost_of(struct cel_eval *e, uint32_t root)
{
	(void)cel_eval_run(e, root);
	return e->cost + e->variables_cost;
}

/* Of one policy, in every expression of it; settled each time, or
 * at the end. */
static uint64_t
paid(struct cel_eval *e, const struct custom *custom, bool at_once)
{
	uint64_t cost = 0, owed = 0;

	cel_eval_scope(e);
	for (size_t i = 0; i < custom->validation_count; i++) {
		cost += cost_of(e, custom->validations[i].expr.root);
		cost += cost_of(e, custom->validations[i].message_expr.root);
		owed = cel_eval_owed(e);
		if (at_once)
			cost += cel_eval_settle(e);
	}
	if (!at_once) {
		const uint64_t exactly = cel_eval_settle(e);

		assert_true(exactly <= owed);
		cost += exactly;
	}
	return cost;
}

static void
payments(struct kg_ruleset *rules, uint64_t *costs)
{
	const struct value *slots[SLOT_COUNT] = { NULL };
	const struct value *v;
	struct json_error error;
	struct cel_eval e;

	assert_int_equal(json_decode(&arena, &rules->keys, slice_str(object),
			     NULL, &v, &error),
	    KG_OK);
	custom_slots(slots, v, NULL, v);
	cel_eval_init(&e, NULL);
	assert_int_equal(
	    cel_eval_begin(&e, rules->program, slots, SLOT_COUNT), KG_OK);
	for (size_t i = 0; i < rules->policy_count; i++)
		costs[i] = paid(&e, rules->policies[i].custom, below(2) == 0);
	cel_eval_release(&e);
}

static void
compare(struct kg_slice text, const struct kg_decision *d, uint64_t cost,
    unsigned index)
{
	const char *name = arena_printf(&arena, "p%u", index).ptr;
	struct kg_ruleset *alone = compile(text);
	const struct kg_slice together = said(d, name);
	struct kg_slice says;
	uint64_t cost_alone;

	payments(alone, &cost_alone);
	if (cost != cost_alone)
		fail_msg("%.*s: pays %llu, alone %llu", SLICE_ARG(text),
		    (unsigned long long)cost, (unsigned long long)cost_alone);
	says = said(review(alone), name);
	if (!slice_eq(says, together))
		fail_msg("%.*s: says %.*s, alone %.*s", SLICE_ARG(text),
		    SLICE_ARG(together), SLICE_ARG(says));
	kg_ruleset_unref(alone);
}

static void
nobody_notices_the_others(void **state)
{
	(void)state;
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct kg_slice texts[POLICIES];
		uint64_t costs[POLICIES];
		struct kg_decision d;
		struct kg_ruleset *rules;
		struct parts parts;
		struct buf all;

		arena_reset(&arena);
		make_parts(&parts);
		buf_init(&all, &arena, MIB);
		for (unsigned i = 0; i < POLICIES; i++) {
			texts[i] = make_policy(&parts, i);
			buf_put(&all, texts[i]);
		}
		rules = compile(buf_slice(&all));
		payments(rules, costs);
		for (unsigned i = 0; i < POLICIES; i++) {
			/* The reviewer forgets between reviews. */
			d = *review(rules);
			compare(texts[i], &d, costs[i], i);
		}
		kg_ruleset_unref(rules);
	}
}

/* --- Budgets --- */

static void
put_all_of(struct buf *b, unsigned first, unsigned end)
{
	buf_puts(b, "true");
	for (unsigned i = first; i < end; i++)
		buf_printf(b, " && variables.v%u", i);
}

/* Each variable costs most of what one expression may. An annotation uses
 * those that the validation does not, or all. */
static void
put_expensive(struct buf *b, unsigned index, unsigned validated,
    unsigned annotated, bool all)
{
	const unsigned count = validated + annotated;

	put_head(b, index);
	buf_puts(b, "  variables:\n");
	for (unsigned i = 0; i < count; i++)
		buf_printf(b,
		    "  - {name: v%u, expression: \"lists.range(300).all(a,"
		    " lists.range(300).all(b, a + b >= -%u))\"}\n",
		    i, i);
	buf_printf(b,
	    "  validations:\n"
	    "  - {id: AB-%03u, expression: \"",
	    index);
	put_all_of(b, 0, validated);
	buf_puts(b,
	    "\"}\n  auditAnnotations:\n"
	    "  - {key: a, valueExpression: \"string(");
	put_all_of(b, all ? 0 : validated, count);
	buf_puts(b, ")\"}\n");
}

static void
a_budget_is_spent_by_what_others_worked_out(void **state)
{
	static const struct {
		unsigned validated, annotated[2];
		bool all;
		size_t errors;
	} cases[] = { { 8, { 0, 0 }, false, 0 }, { 16, { 0, 0 }, false, 2 },
		{ 0, { 16, 16 }, false, 2 }, { 8, { 0, 8 }, false, 0 },
		{ 8, { 0, 8 }, true, 1 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct kg_decision *d;
		struct kg_ruleset *rules;
		struct buf b;

		buf_init(&b, &arena, MIB);
		for (unsigned k = 0; k < 2; k++)
			put_expensive(&b, k, cases[i].validated,
			    cases[i].annotated[k], cases[i].all);
		rules = compile(buf_slice(&b));
		d = review(rules);
		assert_int_equal(d->error_count, cases[i].errors);
		assert_int_equal(d->finding_count, 0);
		kg_ruleset_unref(rules);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_notices_the_others),
		cmocka_unit_test(a_budget_is_spent_by_what_others_worked_out),
	};

	return cmocka_run_group_tests(tests, setup, engine_teardown);
}
