/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Set vap: ValidatingAdmissionPolicies with a request each. Their expressions
 * are compiled as Kubernetes declares them and judged in its order: match
 * conditions, validations, messages of those that failed.
 */
#include "base/limits.h"
#include "cel/authorizer.h"
#include "cel/check.h"
#include "cel/parse.h"
#include "exam/cel_case.h"
#include "policy/custom.h"
#include "value/json.h"
#include "value/writer.h"

enum { SLOT_PARAMS = SLOT_COUNT, SLOTS };

struct vap {
	struct exam *e;
	const struct value *test, *spec;
	struct cel_env env;
	struct cel_type *variables;
	struct cel_builder *builder;
	struct cel_binding *bindings;
	size_t binding_count;
	struct keytab keys; /* of the case, like its names */
	const struct cel_program *program;
	const struct value *slots[SLOTS];
	struct buf *why;
	/* What came out. */
	struct buf messages; /* joined by newlines */
	bool denied, failed;
};

static const struct value *
get(const struct value *object, const char *name)
{
	return value_find(object, slice_str(name));
}

/* --- Compiling --- */

static bool
compile(struct vap *v, struct kg_slice text, uint32_t *root,
    const struct cel_type **type)
{
	const struct cel_scope scope = { SLOT_VARIABLES, v->bindings,
		v->binding_count };
	struct cel_issues issues;
	struct ast *tree;
	enum kg_status st;

	cel_issues_init(&issues, &v->e->arena);
	st = cel_parse(&v->env, CEL_MACROS_ON, text, &issues, &tree);
	if (st == KG_OK)
		st = cel_check(&v->env, tree, NULL, &issues);
	if (st == KG_OK)
		st = cel_builder_add(v->builder, tree, &scope, &issues, root);
	if (st == KG_OK) {
		*type = tree->type;
		return true;
	}
	cel_issues_render(v->why, &issues, text);
	return false;
}

/* Variables first, then what uses them: roots in order of the document. */
static bool
compile_variables(struct vap *v)
{
	const struct value *list = get(v->spec, "variables");
	const size_t n = value_len(list);

	v->bindings = arena_array(&v->e->arena, n + 1, sizeof(*v->bindings));
	for (size_t i = 0; i < n; i++) {
		const struct value *item = value_at(list, i);
		struct cel_binding *b = &v->bindings[v->binding_count];
		const struct cel_type *type;

		b->name = value_str(get(item, "name"));
		if (!compile(
			v, value_str(get(item, "expression")), &b->root, &type))
			return false;
		cel_type_add_field(&v->e->arena, v->variables,
		    (struct cel_field){ b->name, type, NULL });
		v->binding_count++;
	}
	return true;
}

/* The roots of one member of each item; UINT32_MAX: it has none. */
static uint32_t *
compile_all(struct vap *v, const char *list_name, const char *member)
{
	const struct value *list = get(v->spec, list_name);
	const size_t n = value_len(list);
	uint32_t *roots = arena_array(&v->e->arena, n + 1, sizeof(*roots));

	for (size_t i = 0; i < n; i++) {
		const struct value *text = get(value_at(list, i), member);
		const struct cel_type *type;

		roots[i] = UINT32_MAX;
		if (text != NULL &&
		    !compile(v, value_str(text), &roots[i], &type))
			return NULL;
	}
	return roots;
}

/* --- Evaluating --- */

/* Documents are decoded once the program has named its keys. */
static const struct value *
decoded(struct vap *v, const char *name)
{
	const struct value *out = NULL;
	struct json_error why;
	struct writer w;
	struct buf b;

	buf_init(&b, &v->e->arena, 16 * MIB);
	writer_init(&w, &b);
	writer_value(&w, get(v->test, name));
	(void)!json_decode(
	    &v->e->arena, &v->keys, buf_slice(&b), NULL, &out, &why);
	return out;
}

static void
fill_slots(struct vap *v)
{
	v->slots[SLOT_OBJECT] = decoded(v, "object");
	v->slots[SLOT_OLD_OBJECT] = decoded(v, "oldObject");
	v->slots[SLOT_REQUEST] = decoded(v, "request");
	v->slots[SLOT_NAMESPACE_OBJECT] = decoded(v, "namespaceObject");
	v->slots[SLOT_PARAMS] = decoded(v, "params");
	v->slots[SLOT_AUTHORIZER] = &cel_authorizer;
	v->slots[SLOT_REQUEST_RESOURCE] = &cel_authorizer_resource;
}

/* False: the policy does not look. */
static bool
ask_conditions(struct vap *v, const uint32_t *roots)
{
	const size_t n = value_len(get(v->spec, "matchConditions"));
	bool matched = true;

	for (size_t i = 0; i < n; i++) {
		const struct value r = cel_eval_run(cel_case_eval(), roots[i]);

		if (r.kind == CEL_BOOL && !r.u.boolean)
			return false;
		if (r.kind != CEL_BOOL)
			matched = false;
	}
	v->failed = !matched;
	return matched;
}

static struct kg_slice
message_of(struct vap *v, const struct value *item, uint32_t root)
{
	struct kg_slice text = { NULL, 0 };

	if (root != UINT32_MAX) {
		const struct value r = cel_eval_run(cel_case_eval(), root);

		text = slice_trim(value_str(&r));
		if (slice_find(text, '\n') < text.len ||
		    text.len > CUSTOM_MESSAGE_MAX)
			text.len = 0;
	}
	if (text.len == 0)
		text = slice_trim(value_str(get(item, "message")));
	if (text.len == 0)
		text = arena_printf(&v->e->arena, "failed expression: %.*s",
		    SLICE_ARG(slice_trim(value_str(get(item, "expression")))));
	return text;
}

static void
validate(struct vap *v, const uint32_t *roots, const uint32_t *messages)
{
	const struct value *list = get(v->spec, "validations");

	for (size_t i = 0; i < value_len(list); i++) {
		const struct value r = cel_eval_run(cel_case_eval(), roots[i]);

		if (r.kind == CEL_BOOL && r.u.boolean)
			continue;
		if (r.kind != CEL_BOOL) {
			v->failed = true;
			if (r.kind == CEL_ERROR)
				buf_put(
				    v->why, cel_error_text(&v->e->arena, &r));
			continue;
		}
		v->denied = true;
		if (v->messages.len > 0)
			buf_putc(&v->messages, '\n');
		buf_put(&v->messages,
		    message_of(v, value_at(list, i), messages[i]));
	}
}

/* --- A case --- */

static bool
run(struct vap *v)
{
	const struct cel_build_options options = { .compat = CEL_COMPAT_136 };
	const uint32_t *conditions, *validations, *messages;

	if (keytab_init(&v->keys, &v->e->arena) != KG_OK)
		return false;
	v->builder =
	    cel_builder_new(&v->e->arena, &v->e->arena, &v->keys, &options);
	if (v->builder == NULL)
		return false;
	conditions = compile_all(v, "matchConditions", "expression");
	if (conditions == NULL || !compile_variables(v))
		return false;
	validations = compile_all(v, "validations", "expression");
	messages = compile_all(v, "validations", "messageExpression");
	if (validations == NULL || messages == NULL ||
	    cel_builder_finish(v->builder, &v->program) != KG_OK)
		return false;
	fill_slots(v);
	if (cel_eval_begin(cel_case_eval(), v->program, v->slots, SLOTS) !=
	    KG_OK)
		return false;
	cel_eval_scope(cel_case_eval());
	if (ask_conditions(v, conditions))
		validate(v, validations, messages);
	return true;
}

static struct kg_slice
wanted_messages(struct vap *v)
{
	const struct value *list = get(get(v->test, "observed"), "messages");
	struct buf b;

	buf_init(&b, &v->e->arena, 16 * MIB);
	for (size_t i = 0; i < value_len(list); i++) {
		if (i > 0)
			buf_putc(&b, '\n');
		buf_put(&b, value_str(value_at(list, i)));
	}
	return buf_slice(&b);
}

enum exam_result
exam_vap(struct exam *e, const struct value *test, struct buf *why)
{
	struct vap v = { .e = e, .test = test, .why = why };
	const struct kg_slice want = value_str(get(test, "expect"));
	const char *verdict;
	struct cel_env base;

	v.spec = get(get(test, "policy"), "spec");
	buf_init(&v.messages, &e->arena, MIB);
	custom_env_init(&base, &e->arena, CEL_COMPAT_136);
	v.variables = custom_env_policy(&v.env, &e->arena, &base);
	(void)cel_env_add_variable(&v.env, SLICE("params"), &cel_t_dyn, NULL);
	if (!run(&v))
		return EXAM_FAIL;
	verdict = v.denied ? "deny" : v.failed ? "error" : "allow";
	buf_printf(why, " %s, not %.*s", verdict, SLICE_ARG(want));
	if (!slice_is(want, verdict))
		return EXAM_FAIL;
	if (v.denied &&
	    !slice_eq(buf_slice(&v.messages), wanted_messages(&v))) {
		buf_printf(
		    why, "; messages: %.*s", SLICE_ARG(buf_slice(&v.messages)));
		return EXAM_FAIL;
	}
	return EXAM_PASS;
}
