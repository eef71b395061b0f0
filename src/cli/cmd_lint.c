/* SPDX-License-Identifier: Apache-2.0 */
/* keepgate lint: policies that compile and are probably not what is meant. */
#include <cjson/cJSON.h>

#include "base/limits.h"
#include "cel/check.h"
#include "cel/lint.h"
#include "cel/parse.h"
#include "cli/cli.h"
#include "cli/subject.h"
#include "io/policies.h"
#include "value/node.h"

static struct {
	struct option_list policies;
	unsigned compat, output;
} opt;

static const struct option options[] = {
	{ .name = "policy",
	    .letter = 'p',
	    .type = OPTION_LIST,
	    .takes = TAKES_FILE,
	    .value_name = "FILE|DIR",
	    .help = "policies to look at",
	    .target = &opt.policies },
	{ .name = "cel-compat",
	    .type = OPTION_WORD,
	    .help = "the release of Kubernetes whose language it is",
	    .words = cel_compat_words,
	    .target = &opt.compat },
	{ .name = "output",
	    .letter = 'o',
	    .type = OPTION_WORD,
	    .help = "form of the output",
	    .words = output_words,
	    .target = &opt.output },
	{ .name = NULL },
};

struct lint {
	struct arena arena;
	struct keytab keys;
	struct kg_diags *diags; /* findings are warnings */
	struct node_reader reader;
	struct kg_ruleset *set;
	struct cel_env base, env; /* of all; of the policy */
	struct cel_type *variables;
	bool *used; /* by variable of the policy */
};

/* --- Expressions --- */

static void
note_variable(void *context, struct ast *node)
{
	struct lint *l = context;
	const struct ast *operand;

	if (node->kind != AST_SELECT)
		return;
	operand = node->u.select.operand;
	if (operand->kind != AST_IDENT || operand->u.ident.variable == NULL ||
	    operand->u.ident.variable->index != SLOT_VARIABLES)
		return;
	for (size_t i = 0; i < l->variables->field_count; i++) {
		if (slice_eq(
			l->variables->fields[i].name, node->u.select.field))
			l->used[i] = true;
	}
}

/* The type of the expression; it compiled as part of the rule set. */
static const struct cel_type *
lint_expression(struct lint *l, struct node n)
{
	const struct kg_slice text = value_str(n.v);
	struct cel_issues issues;
	struct ast *tree;

	if (n.v == NULL)
		return &cel_t_dyn;
	cel_issues_init(&issues, &l->arena);
	if (cel_parse(&l->env, CEL_MACROS_ON, text, &issues, &tree) != KG_OK ||
	    cel_check(&l->env, tree, NULL, &issues) != KG_OK)
		return &cel_t_dyn;
	cel_ast_walk(tree, note_variable, l);
	cel_lint(tree, text, &issues);
	for (size_t i = 0; i < issues.count; i++)
		diag_add(l->diags, KG_WARNING, n.place,
		    custom_position(&n, text, issues.items[i].pos),
		    "%.*s: %.*s", SLICE_ARG(n.path),
		    SLICE_ARG(issues.items[i].message));
	return tree->type;
}

static void
lint_list(
    struct lint *l, struct node spec, const char *list, const char *member)
{
	const struct node n = node_get(&l->reader, spec, list);

	for (size_t i = 0; i < value_len(n.v); i++)
		(void)lint_expression(
		    l, node_get(&l->reader, node_at(&l->reader, n, i), member));
}

static void
lint_variables(struct lint *l, struct node spec)
{
	const struct node n = node_get(&l->reader, spec, "variables");

	l->used = arena_alloc(&l->arena, value_len(n.v) + 1);
	for (size_t i = 0; l->used != NULL && i < value_len(n.v); i++) {
		const struct node item = node_at(&l->reader, n, i);
		const struct cel_type *type = lint_expression(
		    l, node_get(&l->reader, item, "expression"));

		cel_type_add_field(&l->arena, l->variables,
		    (struct cel_field){
			value_str(node_get(&l->reader, item, "name").v), type,
			NULL });
	}
}

static void
report_unused(struct lint *l, struct node spec)
{
	const struct node n = node_get(&l->reader, spec, "variables");

	for (size_t i = 0; i < value_len(n.v) && i < l->variables->field_count;
	     i++) {
		const struct node name =
		    node_get(&l->reader, node_at(&l->reader, n, i), "name");

		if (!l->used[i])
			node_warn(&l->reader, name,
			    "the variable \"%.*s\" is not used",
			    SLICE_ARG(l->variables->fields[i].name));
	}
}

/* --- Rules that say nothing while a list is empty --- */

static void
report_silent(struct lint *l, struct node spec, const struct policy *p)
{
	const struct enclave_params *params = &p->params;
	const struct {
		const struct string_list *list;
		const char *member, *rules;
	} rows[] = {
		{ &params->verifiers, "attestation.verifiers", "ATT-008" },
		{ &params->measurements, "attestation.measurements",
		    "IMG-004" },
		{ &params->registries, "images.registries",
		    "the registry part of IMG-001" },
		{ &params->schedulers, "nodes.schedulers", "NOD-007" },
		{ &params->break_glass_groups, "breakGlassGroups",
		    "DBG-003 and DBG-004 spare nobody" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (rows[i].list->count == 0)
			node_warn(&l->reader, spec, "spec.%s is empty: %s%s",
			    rows[i].member, rows[i].rules,
			    i < 4 ? " says nothing" : "");
	}
}

/* --- Files --- */

static const struct policy *
policy_named(const struct lint *l, struct kg_slice name)
{
	for (size_t i = 0; i < l->set->policy_count; i++) {
		if (slice_eq(l->set->policies[i].name, name))
			return &l->set->policies[i];
	}
	return NULL;
}

static void
lint_document(struct lint *l, const struct document *doc)
{
	const struct node root = node_root(doc);
	const struct node spec = node_get(&l->reader, root, "spec");
	const struct policy *policy = policy_named(l,
	    value_str(node_get(
		&l->reader, node_get(&l->reader, root, "metadata"), "name")
			  .v));

	if (!slice_is(
		value_str(value_get(doc->root, KEY_kind)), "EnclavePolicy") ||
	    policy == NULL)
		return;
	l->variables = custom_env_policy(&l->env, &l->arena, &l->base);
	if (l->variables == NULL)
		return;
	lint_variables(l, spec);
	lint_list(l, spec, "matchConditions", "expression");
	lint_list(l, spec, "validations", "expression");
	lint_list(l, spec, "validations", "messageExpression");
	lint_list(l, spec, "auditAnnotations", "valueExpression");
	if (l->used != NULL)
		report_unused(l, spec);
	report_silent(l, spec, policy);
}

static void
lint_file(struct lint *l, const struct file *f)
{
	struct yaml_reader *reader = NULL;
	struct document doc;
	enum kg_status st;
	bool more = true;

	st = yaml_reader_new(&l->arena, &l->keys, slice_str(f->path),
	    slice_of(f->text, f->len), NULL, l->diags, &reader);
	while (st == KG_OK && more) {
		st = yaml_read(reader, &doc, &more);
		if (st == KG_OK && more)
			lint_document(l, &doc);
	}
	yaml_reader_free(reader);
}

static int
print_json(const struct kg_diags *diags)
{
	cJSON *list = cJSON_CreateArray();
	char *text;

	for (size_t i = 0; i < kg_diags_count(diags); i++) {
		const struct kg_diag *d = kg_diags_get(diags, i);
		cJSON *o = cJSON_CreateObject();
		char line[DIAG_MESSAGE_MAX + 1];

		(void)snprintf(line, sizeof(line), "%.*s", SLICE_ARG(d->file));
		cJSON_AddStringToObject(o, "file", line);
		cJSON_AddNumberToObject(o, "line", d->line);
		cJSON_AddNumberToObject(o, "column", d->column);
		(void)snprintf(
		    line, sizeof(line), "%.*s", SLICE_ARG(d->message));
		cJSON_AddStringToObject(o, "message", line);
		cJSON_AddItemToArray(list, o);
	}
	text = cJSON_Print(list);
	cJSON_Delete(list);
	if (text == NULL)
		return cli_error("out of memory");
	puts(text);
	free(text);
	return EXIT_OK;
}

static void
print_text(struct lint *l)
{
	struct buf b;

	for (size_t i = 0; i < kg_diags_count(l->diags); i++) {
		buf_init(&b, &l->arena, MIB);
		diag_render(&b, kg_diags_get(l->diags, i));
		(void)fwrite(b.ptr, 1, b.len, stdout);
	}
}

/* Policies in error are not linted: the errors are what to mend first. */
static int
lint_all(struct lint *l)
{
	const struct kg_options how = { .cel_compat =
					    cel_compat_level(opt.compat) };
	struct file *files = NULL;
	bool ok = policies_load(opt.policies.items, opt.policies.count, &how,
		      l->diags, &l->set) == KG_OK;

	for (size_t i = 0; ok && i < opt.policies.count; i++)
		ok =
		    file_read(opt.policies.items[i], l->diags, &files) == KG_OK;
	if (!ok) {
		subject_print_diags(l->diags);
		file_free(files);
		return EXIT_ERROR;
	}
	for (const struct file *f = files; f != NULL; f = f->next)
		lint_file(l, f);
	file_free(files);
	if (opt.output == OUTPUT_JSON)
		(void)print_json(l->diags);
	else
		print_text(l);
	return kg_diags_count(l->diags) > 0 ? EXIT_DENIED : EXIT_OK;
}

static int
run_lint(size_t count, const char *const *arguments)
{
	struct lint l = { .diags = NULL };
	int code;

	(void)count;
	(void)arguments;
	if (opt.policies.count == 0)
		return cli_error("lint needs -p FILE|DIR");
	l.diags = kg_diags_new();
	arena_init(&l.arena, ARENA_COMPILE_MAX);
	l.reader = (struct node_reader){ .arena = &l.arena, .diags = l.diags };
	custom_env_init(&l.base, &l.arena, cel_compat_level(opt.compat));
	if (l.diags == NULL || keytab_init(&l.keys, &l.arena) != KG_OK)
		code = cli_error("out of memory");
	else
		code = lint_all(&l);
	kg_ruleset_unref(l.set);
	kg_diags_free(l.diags);
	arena_release(&l.arena);
	free(opt.policies.items);
	return code;
}

static const struct term exits[] = {
	{ "0", "there is nothing to say" },
	{ "1", "something is probably not meant so" },
	{ "2", "a policy is in error" },
	{ NULL, NULL },
};

const struct command cmd_lint = {
	.name = "lint",
	.summary = "find what policies say and probably do not mean",
	.arguments = "",
	.text = "Reports, with its place: fields of untyped objects that are "
		"read without a guard, conditions that are the same for every "
		"object, .orValue() on what is no optional, variables that "
		"nobody uses, and rules that say nothing while a list of the "
		"policy is empty.",
	.options = options,
	.exits = exits,
	.examples =
	    (const struct term[]){
		{ "keepgate lint -p policies/", "look at all of a directory" },
		{ NULL, NULL },
	    },
	.see_also = (const char *const[]){ "check", "explain", NULL },
	.run = run_lint,
};
