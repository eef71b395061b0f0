/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads and compiles the expressions of a policy. All that is wrong with all
 * of them is reported, each at its place in the file.
 */
#include "base/ascii.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "cel/check.h"
#include "cel/parse.h"
#include "enclave/enclave.h"
#include "policy/custom.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* One policy while it is read. */
struct reading {
	struct custom_compiler *c;
	struct node_reader *r;
	struct custom *out;
	struct kg_slice policy; /* its name */
	struct cel_env env;
	struct cel_type *variables; /* grows with them */
	struct cel_binding *bindings;
	size_t binding_count;
	bool with_variables; /* not in match conditions */
	bool in_message;     /* nobody to ask for permissions there */
};

/* --- One expression --- */

static void
report(struct reading *x, struct node n, struct kg_slice text,
    const struct cel_issues *issues)
{
	for (size_t i = 0; i < issues->count; i++) {
		const struct cel_issue *issue = &issues->items[i];

		x->r->failed = true;
		diag_add(x->r->diags, KG_ERROR, n.place,
		    custom_position(&n, text, issue->pos), "%.*s: %.*s",
		    SLICE_ARG(n.path), SLICE_ARG(issue->message));
	}
}

static void
note_enclave(void *context, struct ast *node)
{
	struct reading *x = context;

	if (node->kind == AST_IDENT && node->u.ident.variable != NULL &&
	    node->u.ident.variable->index == SLOT_ENCLAVE)
		x->out->uses_enclave = true;
}

static void
note_authorizer(void *context, struct ast *node)
{
	struct cel_issues *issues = context;
	const struct cel_variable *v =
	    node->kind == AST_IDENT ? node->u.ident.variable : NULL;

	if (v != NULL &&
	    (v->index == SLOT_AUTHORIZER || v->index == SLOT_REQUEST_RESOURCE))
		cel_issue_add(issues, node->pos,
		    "undeclared reference to 'authorizer' in a message");
}

/* Kubernetes' types of results are exact: dyn is no bool. */
static bool
result_fits(const struct ast *tree, const struct cel_type *const *types,
    struct cel_issues *issues)
{
	const bool two = types[1] != NULL;
	struct buf b;

	for (size_t i = 0; i < 2 && types[i] != NULL; i++) {
		if (cel_type_equal(tree->type, types[i]))
			return true;
	}
	buf_init(&b, issues->arena, DIAG_MESSAGE_MAX);
	buf_puts(&b, two ? "must evaluate to one of [" : "must evaluate to ");
	cel_type_put(&b, types[0]);
	if (two) {
		buf_putc(&b, ' ');
		cel_type_put(&b, types[1]);
		buf_putc(&b, ']');
	}
	buf_puts(&b, ", not ");
	cel_type_put(&b, tree->type);
	cel_issue_add(
	    issues, tree->operator_pos, "%.*s", SLICE_ARG(buf_slice(&b)));
	return false;
}

/* A tree that is as asked for, or NULL. types NULL: of any type. */
static struct ast *
compile_tree(struct reading *x, struct kg_slice text,
    const struct cel_type *const *types, struct cel_issues *issues)
{
	struct cel_env env = x->env;
	struct ast *tree;
	enum kg_status st;

	if (!x->with_variables)
		env.variable_count = SLOT_VARIABLES;
	st = cel_parse(&env, CEL_MACROS_ON, text, issues, &tree);
	if (st == KG_OK)
		st = cel_check(&env, tree, NULL, issues);
	if (st == KG_OK && x->in_message)
		cel_ast_walk(tree, note_authorizer, issues);
	if (st != KG_OK || issues->count > 0 ||
	    (types != NULL && !result_fits(tree, types, issues)))
		return NULL;
	cel_ast_walk(tree, note_enclave, x);
	return tree;
}

/* The type of the expression; NULL after an error. */
static const struct cel_type *
compile(struct reading *x, struct node n, const struct cel_type *const *types,
    struct custom_expr *out)
{
	const struct cel_scope scope = { SLOT_VARIABLES, x->bindings,
		x->binding_count };
	const struct cel_type *type = NULL;
	struct cel_issues issues;
	struct ast *tree;

	out->root = CUSTOM_NONE;
	node_string(x->r, n, &out->text);
	if (!value_is(n.v, VALUE_STRING) || x->c->builder == NULL)
		return NULL;
	cel_issues_init(&issues, &x->c->trees);
	tree = compile_tree(x, out->text, types, &issues);
	if (tree != NULL &&
	    cel_builder_add(x->c->builder, tree, &scope, &issues, &out->root) ==
		KG_OK)
		type = tree->type;
	if (type == NULL && issues.count == 0) {
		x->r->failed = true;
		node_error(
		    x->r, n, "%.*s: too large to compile", SLICE_ARG(n.path));
	}
	report(x, n, out->text, &issues);
	return type;
}

/* --- Names --- */

static bool
is_name(struct kg_slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		const char c = s.ptr[i];

		if ((!ascii_alnum(c) && c != '_') || (i == 0 && ascii_digit(c)))
			return false;
	}
	return s.len > 0 && !cel_is_reserved(s);
}

/* False: no name, or one that an earlier of these has. */
static bool
name_ok(struct node_reader *r, struct node n, const struct custom_named *list,
    size_t index)
{
	const struct kg_slice name = list[index].name;

	if (!value_is(n.v, VALUE_STRING))
		return false;
	if (name.len == 0) {
		node_error(r, n, "%.*s is empty", SLICE_ARG(n.path));
		return false;
	}
	for (size_t i = 0; i < index; i++) {
		if (slice_eq(list[i].name, name)) {
			node_error(r, n, "a second \"%.*s\"", SLICE_ARG(name));
			return false;
		}
	}
	return true;
}

/* The entries of a list of {name, expression}, or such. */
struct named_schema {
	const char *member;    /* of the spec */
	const char *fields[2]; /* name and expression */
	bool identifier;       /* names are used in expressions */
	bool joined;           /* names begin with that of the policy */
	size_t count_max, text_max;
	const struct cel_type *types[3];
};

static const struct named_schema conditions_schema = { "matchConditions",
	{ "name", "expression" }, false, false, CUSTOM_CONDITIONS_MAX, SIZE_MAX,
	{ &cel_t_bool, NULL, NULL } };
static const struct named_schema variables_schema = { "variables",
	{ "name", "expression" }, true, false, CUSTOM_MAX, SIZE_MAX,
	{ NULL, NULL, NULL } };
static const struct named_schema annotations_schema = { "auditAnnotations",
	{ "key", "valueExpression" }, false, true, CUSTOM_ANNOTATIONS_MAX,
	CUSTOM_ANNOTATION_TEXT_MAX, { &cel_t_string, &cel_t_null, NULL } };

/* As a label's key; false after an error. */
static bool
check_qualified(struct node_reader *r, struct node n, struct kg_slice name,
    const char *what)
{
	return node_name_format(r, n, FORMAT_QUALIFIED_NAME, name, what);
}

/* payments.epc: an audit annotation of the API server, which drops what is
 * no qualified name without telling anybody. */
static void
join_name(struct reading *x, struct node n, struct kg_slice *name)
{
	const struct kg_slice key = *name;

	if (key.len == 0)
		return;
	*name = arena_printf(
	    x->r->arena, "%.*s.%.*s", SLICE_ARG(x->policy), SLICE_ARG(key));
	if (slice_find(*name, '/') < name->len)
		node_error(x->r, n, "\"%.*s\" must not have a slash",
		    SLICE_ARG(slice_upto(*name, QUOTE_MAX)));
	else if (check_qualified(x->r, n, key, "key"))
		(void)check_qualified(x->r, n, *name, "annotation");
}

/*
 * How Kubernetes declares a variable: as simple types are, lists and maps of
 * such, and dyn for all else, though it knows better. What `enclave` is made
 * of is ours and stays. Recursion: as deep as types nest.
 */
static const struct cel_type *
variable_type(struct arena *arena, const struct cel_type *t)
{
	const struct cel_type *params[CEL_TYPE_PARAMS_MAX];
	bool same = true;

	if (t->kind == CEL_TYPE_OBJECT &&
	    slice_starts(t->name, SLICE("keepgate.")))
		return t;
	if (t->kind == CEL_TYPE_OBJECT || t->kind == CEL_TYPE_OPAQUE ||
	    t->kind == CEL_TYPE_OPTIONAL || t->kind == CEL_TYPE_TYPE)
		return &cel_t_dyn;
	if (t->kind != CEL_TYPE_LIST && t->kind != CEL_TYPE_MAP)
		return t;
	for (size_t i = 0; i < t->param_count; i++) {
		params[i] = variable_type(arena, t->params[i]);
		same = same && params[i] == t->params[i];
	}
	return same ? t : cel_type_with(arena, t, params, t->param_count);
}

/* What comes after may use the variable, even when it did not compile. */
static void
add_variable(struct reading *x, const struct custom_named *v,
    const struct cel_type *type)
{
	cel_type_add_field(&x->c->trees, x->variables,
	    (struct cel_field){ v->name,
		type != NULL ? variable_type(&x->c->trees, type) : &cel_t_error,
		NULL });
	x->bindings[x->binding_count++] =
	    (struct cel_binding){ v->name, v->expr.root };
}

static void
read_one_named(struct reading *x, struct node n,
    const struct named_schema *schema, struct custom_named *list, size_t i)
{
	const struct node name = node_get(x->r, n, schema->fields[0]);
	const struct node expr = node_get(x->r, n, schema->fields[1]);
	const struct cel_type *type;

	list[i].expr.root = CUSTOM_NONE;
	if (!node_fields(x->r, n, schema->fields, 2) ||
	    !node_required(x->r, n, name, schema->fields[0]) ||
	    !node_required(x->r, n, expr, schema->fields[1]))
		return;
	node_string(x->r, name, &list[i].name);
	if (schema->joined)
		join_name(x, name, &list[i].name);
	if (!name_ok(x->r, name, list, i))
		return;
	if (schema->identifier && !is_name(list[i].name)) {
		node_error(x->r, name,
		    "\"%.*s\" is no name that an expression can use",
		    SLICE_ARG(slice_upto(list[i].name, QUOTE_MAX)));
		return;
	}
	if (!schema->identifier && !schema->joined)
		(void)check_qualified(x->r, name, list[i].name, "name");
	if (slice_trim(value_str(expr.v)).len > schema->text_max)
		node_error(x->r, expr, "%.*s: at most %zu bytes are possible",
		    SLICE_ARG(expr.path), schema->text_max);
	type = compile(x, expr, schema->types[0] != NULL ? schema->types : NULL,
	    &list[i].expr);
	if (schema->identifier)
		add_variable(x, &list[i], type);
}

static const struct custom_named *
read_named(struct reading *x, struct node spec,
    const struct named_schema *schema, size_t *count)
{
	const struct node n = node_get(x->r, spec, schema->member);
	struct custom_named *list;

	*count = 0;
	if (n.v == NULL || !node_list(x->r, n, count) || *count == 0)
		return NULL;
	if (*count > schema->count_max) {
		node_error(x->r, n, "%.*s: at most %zu are possible",
		    SLICE_ARG(n.path), schema->count_max);
		*count = 0;
		return NULL;
	}
	list = arena_alloc(x->r->arena, *count * sizeof(*list));
	if (list == NULL) {
		*count = 0;
		return NULL;
	}
	for (size_t i = 0; i < *count; i++)
		read_one_named(x, node_at(x->r, n, i), schema, list, i);
	return list;
}

/* --- Validations --- */

/* PAY-001, and no family of the rules that are built in. */
static void
check_id(struct reading *x, struct node n, struct kg_slice id)
{
	size_t letters = 0, digits = 0;

	while (letters < id.len && id.ptr[letters] >= 'A' &&
	    id.ptr[letters] <= 'Z')
		letters++;
	while (digits < 3 && letters + 1 + digits < id.len &&
	    id.ptr[letters + 1 + digits] >= '0' &&
	    id.ptr[letters + 1 + digits] <= '9')
		digits++;
	if (letters < 2 || letters > 8 || digits < 3 || id.len != letters + 4 ||
	    id.ptr[letters] != '-') {
		node_error(x->r, n,
		    "\"%.*s\" is no id; write two to eight capital letters, "
		    "- and three digits, such as PAY-001",
		    SLICE_ARG(slice_upto(id, QUOTE_MAX)));
		return;
	}
	for (size_t i = 0; i < RULE_COUNT; i++) {
		if (slice_starts(slice_str(rule_info[i].id),
			slice_upto(id, letters + 1))) {
			node_error(x->r, n,
			    "%.*s- is the prefix of built-in rules; choose "
			    "another one",
			    SLICE_ARG(slice_upto(id, letters)));
			return;
		}
	}
}

static bool
id_is_new(struct reading *x, struct node n,
    const struct custom_validation *list, size_t index)
{
	for (size_t i = 0; i < index; i++) {
		if (slice_eq(list[i].id, list[index].id)) {
			node_error(x->r, n, "a second validation \"%.*s\"",
			    SLICE_ARG(list[index].id));
			return false;
		}
	}
	return true;
}

static void
read_action(struct reading *x, struct node n, struct custom_validation *v)
{
	static const char *const names[] = { "Deny", "Warn", "Audit", "Off" };
	static const enum kg_action actions[] = { KG_ACTION_DENY,
		KG_ACTION_WARN, KG_ACTION_AUDIT, KG_ACTION_OFF };
	unsigned at = 0;

	/* A plain Off is false to YAML 1.1; it is meant as the word. */
	if (value_is(n.v, VALUE_BOOL) && !n.v->u.boolean)
		at = 3;
	else
		node_enum(x->r, n, names, COUNT(names), &at);
	v->action = actions[at];
}

static void
read_reason(struct reading *x, struct node n, struct custom_validation *v)
{
	static const char *const names[] = { "Forbidden", "Invalid",
		"RequestEntityTooLarge" };
	static const unsigned codes[] = { 403, 422, 413 };
	unsigned at = 0;

	node_enum(x->r, n, names, COUNT(names), &at);
	v->code = codes[at];
}

static void
read_message(struct reading *x, struct node n, struct custom_validation *v)
{
	struct kg_slice given = { NULL, 0 };

	node_string(x->r, n, &given);
	v->message = utf8_trim(given);
	if (given.len > 0 && v->message.len == 0)
		node_error(x->r, n, "%.*s is blank", SLICE_ARG(n.path));
	if (slice_find(v->message, '\n') < v->message.len ||
	    slice_find(v->message, '\r') < v->message.len)
		node_error(x->r, n,
		    "%.*s must be one line; what varies goes into "
		    "messageExpression",
		    SLICE_ARG(n.path));
}

/* An empty one is as good as none, as in the API. */
static void
read_message_expr(struct reading *x, struct node n, struct custom_validation *v)
{
	static const struct cel_type *const is_string[] = { &cel_t_string,
		NULL };

	if (n.v == NULL ||
	    (value_is(n.v, VALUE_STRING) && value_str(n.v).len == 0))
		return;
	x->in_message = true;
	(void)compile(x, n, is_string, &v->message_expr);
	x->in_message = false;
}

static void
read_validation(
    struct reading *x, struct node n, struct custom_validation *list, size_t i)
{
	static const char *const fields[] = { "id", "action", "expression",
		"message", "messageExpression", "reason" };
	static const struct cel_type *const is_bool[] = { &cel_t_bool, NULL };
	struct custom_validation *v = &list[i];
	const struct node id = node_get(x->r, n, "id");
	const struct node expr = node_get(x->r, n, "expression");

	v->expr.root = v->message_expr.root = CUSTOM_NONE;
	v->action = KG_ACTION_DENY;
	v->code = 403;
	if (!node_fields(x->r, n, fields, COUNT(fields)))
		return;
	(void)node_required(x->r, n, id, "id");
	(void)node_required(x->r, n, expr, "expression");
	node_string(x->r, id, &v->id);
	if (value_is(id.v, VALUE_STRING) && id_is_new(x, id, list, i))
		check_id(x, id, v->id);
	if (node_get(x->r, n, "action").v != NULL)
		read_action(x, node_get(x->r, n, "action"), v);
	read_reason(x, node_get(x->r, n, "reason"), v);
	read_message(x, node_get(x->r, n, "message"), v);
	if (expr.v != NULL)
		(void)compile(x, expr, is_bool, &v->expr);
	read_message_expr(x, node_get(x->r, n, "messageExpression"), v);
}

static void
read_validations(struct reading *x, struct node spec)
{
	const struct node n = node_get(x->r, spec, "validations");
	struct custom_validation *list;
	size_t count = 0;

	if (n.v == NULL || !node_list(x->r, n, &count) || count == 0)
		return;
	if (count > CUSTOM_MAX) {
		node_error(x->r, n, "%.*s: at most %u are possible",
		    SLICE_ARG(n.path), CUSTOM_MAX);
		return;
	}
	list = arena_alloc(x->r->arena, count * sizeof(*list));
	if (list == NULL)
		return;
	for (size_t i = 0; i < count; i++)
		read_validation(x, node_at(x->r, n, i), list, i);
	x->out->validations = list;
	x->out->validation_count = count;
}

/* --- All --- */

static bool
has_any(struct node_reader *r, struct node spec)
{
	static const char *const members[] = { "matchConditions", "variables",
		"validations", "auditAnnotations" };

	for (size_t i = 0; i < COUNT(members); i++) {
		if (node_get(r, spec, members[i]).v != NULL)
			return true;
	}
	return false;
}

static bool
start(struct reading *x, struct custom_compiler *c, struct node spec)
{
	size_t variables = value_len(node_get(c->reader, spec, "variables").v);

	if (variables > CUSTOM_MAX)
		variables = 0; /* will be refused */
	arena_reset(&c->trees);
	*x = (struct reading){ .c = c, .r = c->reader };
	x->out = arena_alloc(x->r->arena, sizeof(*x->out));
	x->bindings =
	    arena_array(&c->trees, variables + 1, sizeof(*x->bindings));
	x->variables = custom_env_policy(&x->env, &c->trees, &c->base);
	return x->out != NULL && x->bindings != NULL && x->variables != NULL;
}

void
custom_read(
    struct custom_compiler *c, struct node policy, const struct custom **out)
{
	const struct node spec = node_get(c->reader, policy, "spec");
	struct reading x;
	struct custom *custom;

	*out = NULL;
	if (!value_is(spec.v, VALUE_OBJECT) || !has_any(c->reader, spec))
		return;
	if (!start(&x, c, spec)) {
		node_error(c->reader, spec, "out of memory");
		return;
	}
	node_string(c->reader,
	    node_get(
		c->reader, node_get(c->reader, policy, "metadata"), "name"),
	    &x.policy);
	custom = x.out;
	custom->conditions =
	    read_named(&x, spec, &conditions_schema, &custom->condition_count);
	x.with_variables = true;
	custom->variables =
	    read_named(&x, spec, &variables_schema, &custom->variable_count);
	read_validations(&x, spec);
	custom->annotations = read_named(
	    &x, spec, &annotations_schema, &custom->annotation_count);
	*out = custom;
}

void
custom_begin(struct custom_compiler *c, struct node_reader *reader,
    struct keytab *keys, struct regex_set *patterns, unsigned compat)
{
	const struct cel_build_options options = { .compat = compat,
		.changing = (uint64_t)1 << SLOT_ENCLAVE,
		.patterns = patterns };

	*c = (struct custom_compiler){ .reader = reader };
	arena_init(&c->scratch, ARENA_COMPILE_MAX);
	arena_init(&c->trees, ARENA_COMPILE_MAX);
	custom_env_init(&c->base, &c->scratch, compat);
	c->builder =
	    cel_builder_new(reader->arena, &c->scratch, keys, &options);
}

enum kg_status
custom_end(struct custom_compiler *c, const struct cel_program **out,
    bool *sees_managed_fields)
{
	static const struct kg_slice path[] = { SLICE_INIT("metadata"),
		SLICE_INIT("managedFields") };
	const uint64_t objects =
	    (uint64_t)1 << SLOT_OBJECT | (uint64_t)1 << SLOT_OLD_OBJECT;
	enum kg_status st = KG_NOMEM;

	*out = NULL;
	*sees_managed_fields = c->builder == NULL ||
	    cel_builder_reaches(c->builder, objects, path, 2);
	if (c->builder != NULL)
		st = cel_builder_finish(c->builder, out);
	arena_release(&c->trees);
	arena_release(&c->scratch);
	return st;
}
