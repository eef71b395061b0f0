/* SPDX-License-Identifier: Apache-2.0 */
/* Expressions of policies, without the machinery around them. */
#include "exam/vap_policy.h"

struct build {
	struct cel_builder *builder;
	struct arena *arena;
	struct cel_env env;
	struct cel_type *variables;
	struct cel_binding *bindings;
	struct cel_scope scope;
	struct cel_issues *issues;
	struct vap_policy *policy;
};

static const struct value *
find(const struct value *v, const char *name)
{
	return value_find(v, slice_str(name));
}

void
vap_env_init(struct cel_env *env, struct arena *a, unsigned compat)
{
	static const char *const names[] = { "object", "oldObject", "request",
		"params", "namespaceObject" };

	cel_env_init(env, a, compat);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		(void)cel_env_add_variable(
		    env, slice_str(names[i]), &cel_t_dyn, NULL);
	(void)cel_env_add_variable(
	    env, SLICE("authorizer"), &cel_t_authorizer, NULL);
}

/* `variables` is each policy's own: it grows by those that it declares. */
static void
declare(struct build *b)
{
	b->variables = cel_type_object(b->arena, SLICE("variables"));
	(void)cel_env_add_variable(
	    &b->env, SLICE("variables"), b->variables, NULL);
}

static enum kg_status
add(struct build *b, const struct value *text, const struct cel_type *expected,
    const struct cel_type **type, uint32_t *root)
{
	struct ast *tree;
	enum kg_status st = cel_parse(
	    &b->env, CEL_MACROS_ON, value_str(text), b->issues, &tree);

	if (st == KG_OK)
		st = cel_check(&b->env, tree, expected, b->issues);
	if (st == KG_OK)
		st = cel_builder_add(
		    b->builder, tree, &b->scope, b->issues, root);
	if (st == KG_OK && type != NULL)
		*type = tree->type;
	b->policy->expression_count++;
	return st;
}

static enum kg_status
add_variables(struct build *b, const struct value *list)
{
	const size_t count = value_len(list);

	b->bindings = arena_array(b->arena, count, sizeof(*b->bindings));
	b->scope = (struct cel_scope){ VAP_VARIABLES, b->bindings, 0 };
	for (size_t i = 0; i < count && b->bindings != NULL; i++) {
		const struct value *v = value_at(list, i);
		const struct cel_type *type = NULL;
		const struct kg_slice name = value_str(find(v, "name"));
		uint32_t root;
		enum kg_status st =
		    add(b, find(v, "expression"), NULL, &type, &root);

		if (st != KG_OK)
			return st;
		cel_type_add_field(b->arena, b->variables,
		    (struct cel_field){ .name = name, .type = type });
		b->bindings[b->scope.count++] =
		    (struct cel_binding){ name, root };
	}
	return KG_OK;
}

static enum kg_status
add_conditions(struct build *b, const struct value *list)
{
	const size_t count = value_len(list);

	b->policy->conditions = arena_array(b->arena, count, sizeof(uint32_t));
	for (size_t i = 0; i < count && b->policy->conditions != NULL; i++) {
		enum kg_status st =
		    add(b, find(value_at(list, i), "expression"), &cel_t_bool,
			NULL, &b->policy->conditions[i]);

		if (st != KG_OK)
			return st;
		b->policy->condition_count++;
	}
	return KG_OK;
}

static enum kg_status
add_validations(struct build *b, const struct value *list)
{
	const size_t count = value_len(list);
	struct vap_validation *rows =
	    arena_array(b->arena, count, sizeof(*rows));
	enum kg_status st = rows == NULL ? KG_NOMEM : KG_OK;

	b->policy->validations = rows;
	for (size_t i = 0; i < count && st == KG_OK; i++) {
		const struct value *v = value_at(list, i);
		const struct value *message = find(v, "messageExpression");

		rows[i].message = VAP_NONE;
		st = add(
		    b, find(v, "expression"), &cel_t_bool, NULL, &rows[i].root);
		if (st == KG_OK && message != NULL)
			st = add(
			    b, message, &cel_t_string, NULL, &rows[i].message);
		b->policy->validation_count++;
	}
	return st;
}

enum kg_status
vap_build(struct cel_builder *builder, const struct cel_env *base,
    const struct value *policy, struct cel_issues *issues,
    struct vap_policy *out)
{
	const struct value *spec = find(policy, "spec");
	struct build b = { .builder = builder,
		.arena = issues->arena,
		.issues = issues,
		.policy = out };
	enum kg_status st;

	*out = (struct vap_policy){ 0 };
	cel_env_child(&b.env, base, issues->arena);
	declare(&b);
	st = add_conditions(&b, find(spec, "matchConditions"));
	if (st == KG_OK)
		st = add_variables(&b, find(spec, "variables"));
	if (st == KG_OK)
		st = add_validations(&b, find(spec, "validations"));
	return st;
}

/* Recursion: as deep as the decoder allows. */
static struct value
with_keys(struct arena *a, const struct keytab *keys, const struct value *v)
{
	struct value copy = *v;
	struct value *items;
	struct member *members;
	uint64_t hash;

	if (v->kind == VALUE_LIST) {
		items = arena_array(a, v->count, sizeof(*items));
		for (size_t i = 0; items != NULL && i < v->count; i++)
			items[i] = with_keys(a, keys, &v->u.items[i]);
		copy.u.items = items;
	} else if (v->kind == VALUE_OBJECT) {
		members = arena_array(a, v->count, sizeof(*members));
		for (size_t i = 0; members != NULL && i < v->count; i++) {
			const struct member *m = &v->u.members[i];

			members[i].name = m->name;
			members[i].name.key =
			    keytab_lookup(keys, value_str(&m->name), &hash);
			members[i].value = with_keys(a, keys, &m->value);
		}
		copy.u.members = members;
	}
	return copy;
}

void
vap_slots(struct arena *a, const struct keytab *keys, const struct value *json,
    const struct value *slots[VAP_SLOTS])
{
	static const struct value null = { .kind = CEL_NULL };
	static const char *const names[] = { "object", "oldObject", "request",
		"params", "namespaceObject" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct value *copy = arena_alloc(a, sizeof(*copy));
		const struct value *v = find(json, names[i]);

		if (v != NULL && copy != NULL)
			*copy = with_keys(a, keys, v);
		slots[i] = v != NULL ? copy : &null;
	}
	slots[VAP_AUTHORIZER] = &cel_authorizer;
	slots[VAP_VARIABLES] = NULL;
}

/* False: the policy says nothing about the request. */
static bool
conditions_hold(
    struct cel_eval *e, const struct vap_policy *policy, struct vap_result *out)
{
	bool error = false;

	for (size_t i = 0; i < policy->condition_count; i++) {
		const struct value v = cel_eval_run(e, policy->conditions[i]);

		out->cost += e->cost + e->variables_cost;
		if (v.kind == CEL_BOOL && !v.u.boolean)
			return false;
		error = error || v.kind == CEL_ERROR;
	}
	if (error)
		out->verdict = VAP_ERROR;
	return !error;
}

/* Judges one validation; true: its message is wanted. */
static bool
judge_one(struct cel_eval *e, const struct vap_validation *row,
    struct vap_result *out, bool *error)
{
	const struct value v = cel_eval_run(e, row->root);

	out->cost += e->cost + e->variables_cost;
	if (v.kind == CEL_ERROR) {
		*error = true;
		out->error = cel_error_text(e->arena, &v);
		return false;
	}
	if (v.u.boolean)
		return false;
	out->verdict = VAP_DENY;
	return row->message != VAP_NONE;
}

void
vap_judge(
    struct cel_eval *e, const struct vap_policy *policy, struct vap_result *out)
{
	bool error = false;

	*out = (struct vap_result){ 0 };
	cel_eval_scope(e);
	if (!conditions_hold(e, policy, out))
		return;
	for (size_t i = 0; i < policy->validation_count; i++) {
		const struct vap_validation *row = &policy->validations[i];

		if (!judge_one(e, row, out, &error))
			continue;
		(void)cel_eval_run(e, row->message);
		out->cost += e->cost + e->variables_cost;
	}
	if (out->verdict == VAP_ALLOW && error)
		out->verdict = VAP_ERROR;
}
