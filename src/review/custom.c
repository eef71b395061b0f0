/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Validations are all evaluated, whatever the others say. What is not true
 * is a finding; what cannot be evaluated is an error, which the policy's
 * failurePolicy weighs, but never counts for more than the validation itself
 * would. The budget of the policy ends it with one; that of a single
 * expression is an error like others, or an object could be made to silence
 * the validations behind it.
 *
 * What is charged, and in which order, is as in Kubernetes: all validations,
 * then from what they left all messages, then audit annotations from a budget
 * of their own; each of these three pays anew for the variables it uses.
 */
#include "review/custom.h"

#include "base/limits.h"
#include "base/utf8.h"

struct evaluation {
	struct custom_run *run;
	const struct policy *policy;
	struct custom_outcome *out;
	uint64_t budget; /* what is left of it */
	bool spent;
};

/* --- Values of variables --- */

static bool
is_hidden(uint16_t key)
{
	return key == KEY_object || key == KEY_oldObject || key == KEY_uid;
}

/* The request as expressions see it: no objects in it, no uid. */
static const struct value *
request_value(struct custom_run *run)
{
	const struct value *raw = run->request->raw;
	const size_t n = value_members(raw);
	struct member *members = arena_array(run->arena, n, sizeof(*members));
	struct value *v = arena_alloc(run->arena, sizeof(*v));
	uint32_t kept = 0;

	if (members == NULL || v == NULL)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		const struct member *m = value_member(raw, i);

		if (!is_hidden(m->name.key))
			members[kept++] = *m;
	}
	v->kind = VALUE_OBJECT;
	v->count = kept;
	v->u.members = members;
	return v;
}

static enum kg_status
begin(struct custom_run *run)
{
	const struct kg_request *q = run->request;

	if (run->begun)
		return KG_OK;
	run->begun = true;
	custom_slots(run->slots, q->object, q->old_object, request_value(run));
	return cel_eval_begin(
	    run->eval, run->set->program, run->slots, SLOT_COUNT);
}

/* --- Outcomes --- */

static void
add_error(struct evaluation *x, struct kg_slice message)
{
	struct custom_outcome *out = x->out;

	if (out->errors == NULL)
		out->errors = arena_array(
		    x->run->arena, CUSTOM_ERRORS_MAX, sizeof(*out->errors));
	if (out->errors != NULL && out->error_count < CUSTOM_ERRORS_MAX)
		out->errors[out->error_count++] = message;
}

static void
add_finding(struct evaluation *x, const struct custom_validation *v,
    struct kg_slice message)
{
	struct custom_outcome *out = x->out;

	if (out->findings == NULL)
		out->findings = arena_array(x->run->arena,
		    x->policy->custom->validation_count,
		    sizeof(*out->findings));
	if (out->findings == NULL)
		return;
	out->findings[out->finding_count++] = (struct kg_finding){
		.policy = x->policy->name,
		.rule = v->id,
		.action = v->action,
		.pointer = SLICE(""),
		.found = arena_copy(x->run->arena, message),
		.allowed = SLICE(""),
		.fix = SLICE(""),
		.code = v->code,
	};
}

/* What the evaluation cost; debts are only settled when it matters. */
static uint64_t
cost_of(struct evaluation *x)
{
	struct cel_eval *e = x->run->eval;
	uint64_t cost = e->cost + e->variables_cost;

	if (cost + cel_eval_owed(e) > x->budget)
		cost += cel_eval_settle(e);
	return cost;
}

static void
pay(struct evaluation *x, uint64_t cost)
{
	x->budget -= cost < x->budget ? cost : x->budget;
}

/*
 * One expression within the budget; an error when that is spent. Work that
 * costs nothing in Kubernetes' units is limited for our own sake: past that,
 * nothing more of the policy is run.
 */
static struct value
run_root(struct evaluation *x, uint32_t root)
{
	const struct cel_eval *e = x->run->eval;
	const struct value v = cel_eval_run(x->run->eval, root);
	const uint64_t cost = cost_of(x);

	x->spent =
	    cost > x->budget || (cel_is_spent(&v) && e->cost <= e->cost_limit);
	pay(x, cost);
	return v;
}

/* expression '...' resulted in error: ... */
static struct kg_slice
error_text(
    const struct evaluation *x, struct kg_slice text, const struct value *v)
{
	struct arena *arena = x->run->arena;
	const struct kg_slice why = v->kind == CEL_ERROR
	    ? cel_error_text(arena, v)
	    : SLICE("the result is no bool");

	if (x->spent)
		return SLICE("validation failed due to running out of cost "
			     "budget, no further validation rules will be run");
	return arena_printf(arena, "expression '%.*s' resulted in error: %.*s",
	    SLICE_ARG(utf8_trim(text)), SLICE_ARG(why));
}

static void
report_error(struct evaluation *x, struct kg_slice text, const struct value *v)
{
	add_error(x, error_text(x, text, v));
}

/* --- Match conditions --- */

static enum custom_match
ask_conditions(struct evaluation *x)
{
	const struct custom *custom = x->policy->custom;
	enum custom_match result = CUSTOM_MATCH;

	for (size_t i = 0; i < custom->condition_count && !x->spent; i++) {
		const struct custom_expr *expr = &custom->conditions[i].expr;
		const struct value v = run_root(x, expr->root);

		if (v.kind == CEL_BOOL && !x->spent) {
			if (!v.u.boolean)
				return CUSTOM_SKIP;
			continue;
		}
		report_error(x, expr->text, &v);
		result = CUSTOM_ERROR;
	}
	return result;
}

enum custom_match
custom_conditions(struct custom_run *run, const struct policy *policy,
    const struct value *enclave, struct custom_outcome *outcome)
{
	struct evaluation x = { .run = run,
		.policy = policy,
		.out = outcome,
		.budget = CUSTOM_COST_CONDITIONS };
	enum custom_match result;

	run->slots[SLOT_ENCLAVE] = enclave;
	if (begin(run) != KG_OK) {
		add_error(&x, SLICE("out of memory for this review"));
		return CUSTOM_ERROR;
	}
	cel_eval_changed(run->eval);
	cel_eval_scope(run->eval);
	result = ask_conditions(&x);
	/* A condition that is false outweighs those that err. */
	if (result == CUSTOM_SKIP)
		outcome->error_count = 0;
	return result;
}

/* --- Validations --- */

/* What messageExpression says, where it is fit to be shown; else "". */
static struct kg_slice
made_message(struct evaluation *x, const struct custom_validation *v)
{
	struct kg_slice text;
	struct value made;

	if (v->message_expr.root == CUSTOM_NONE)
		return SLICE("");
	made = run_root(x, v->message_expr.root);
	text = utf8_trim(value_str(&made));
	if (x->spent || text.len > CUSTOM_MESSAGE_MAX ||
	    slice_find(text, '\n') < text.len)
		return SLICE("");
	return text;
}

static struct kg_slice
message_of(struct evaluation *x, const struct custom_validation *v)
{
	struct kg_slice text = { NULL, 0 };

	if (!x->spent)
		text = made_message(x, v);
	if (text.len == 0)
		text = v->message;
	if (text.len == 0)
		text = arena_printf(x->run->arena, "failed expression: %.*s",
		    SLICE_ARG(utf8_trim(v->expr.text)));
	return text;
}

/* May this validation, or with the budget spent any of them, refuse? */
static bool
may_refuse(const struct evaluation *x, const struct custom_validation *v)
{
	const struct custom *custom = x->policy->custom;

	if (!x->spent)
		return v->action == KG_ACTION_DENY;
	for (size_t i = 0; i < custom->validation_count; i++) {
		if (custom->validations[i].action == KG_ACTION_DENY)
			return true;
	}
	return false;
}

/* As in Kubernetes, one that only warns or records does so when it errs. */
static void
report_failed(struct evaluation *x, const struct custom_validation *v,
    const struct value *result)
{
	const struct kg_slice text = error_text(x, v->expr.text, result);

	if (x->policy->ignore_errors || may_refuse(x, v))
		add_error(x, text);
	else
		add_finding(x, v, text);
}

/* True: it is not met, and its message is wanted. */
static bool
is_denied(struct evaluation *x, const struct custom_validation *v)
{
	struct value result;

	if (v->action == KG_ACTION_OFF)
		return false;
	result = run_root(x, v->expr.root);
	if (result.kind == CEL_BOOL && !x->spent)
		return !result.u.boolean;
	report_failed(x, v, &result);
	return false;
}

/* The budget of a scope that ends pays all that the scope owes. */
static void
next_scope(struct evaluation *x)
{
	pay(x, cel_eval_settle(x->run->eval));
	cel_eval_scope(x->run->eval);
}

static void
add_findings(struct evaluation *x,
    const struct custom_validation *const *denied, size_t count)
{
	const bool was_spent = x->spent;

	if (count > 0)
		next_scope(x);
	for (size_t i = 0; i < count; i++)
		add_finding(x, denied[i], message_of(x, denied[i]));
	if (x->spent && !was_spent && may_refuse(x, denied[0]))
		add_error(x,
		    SLICE("failed messageExpression: validation failed due to "
			  "running out of cost budget, no further validation "
			  "rules will be run"));
}

static void
run_validations(struct evaluation *x)
{
	const struct custom *custom = x->policy->custom;
	const struct custom_validation **denied = arena_array(
	    x->run->arena, custom->validation_count, sizeof(*denied));
	size_t count = 0;

	for (size_t i = 0;
	     denied != NULL && i < custom->validation_count && !x->spent; i++) {
		if (is_denied(x, &custom->validations[i]))
			denied[count++] = &custom->validations[i];
	}
	add_findings(x, denied, count);
}

/* --- Audit annotations --- */

static void
add_annotation(
    struct evaluation *x, const struct custom_named *a, struct kg_slice value)
{
	struct custom_outcome *out = x->out;

	if (out->annotations == NULL)
		out->annotations = arena_array(x->run->arena,
		    x->policy->custom->annotation_count,
		    sizeof(*out->annotations));
	if (out->annotations == NULL)
		return;
	out->annotations[out->annotation_count++] =
	    (struct kg_annotation){ a->name, arena_copy(x->run->arena, value) };
}

static void
annotate(struct evaluation *x, const struct custom_named *a)
{
	const struct value v = run_root(x, a->expr.root);
	struct kg_slice text;

	if (x->spent || (v.kind != CEL_STRING && v.kind != CEL_NULL)) {
		report_error(x, a->expr.text, &v);
		return;
	}
	text = utf8_cut(utf8_trim(value_str(&v)), CUSTOM_ANNOTATION_MAX);
	if (text.len > 0)
		add_annotation(x, a, text);
}

/* What is on its way out is not held up. */
static bool
is_leaving(const struct kg_request *q)
{
	return slice_is(q->operation, "UPDATE") &&
	    !value_is_null(value_get(
		value_get(q->old_object, KEY_metadata), KEY_deletionTimestamp));
}

void
custom_validate(struct custom_run *run, const struct policy *policy,
    struct custom_outcome *outcome)
{
	const struct custom *custom = policy->custom;
	struct evaluation x = { .run = run,
		.policy = policy,
		.out = outcome,
		.budget = CUSTOM_COST_POLICY };

	if (custom->validation_count > 0 && !is_leaving(run->request))
		run_validations(&x);
	if (custom->annotation_count == 0)
		return;
	cel_eval_scope(run->eval);
	x.budget = CUSTOM_COST_POLICY;
	x.spent = false;
	for (size_t i = 0; i < custom->annotation_count && !x.spent; i++)
		annotate(&x, &custom->annotations[i]);
}
