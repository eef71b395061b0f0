/* SPDX-License-Identifier: Apache-2.0 */
/* keepgate explain: an expression with the value under each of its parts. */
#include "base/limits.h"
#include "cel/check.h"
#include "cel/parse.h"
#include "cli/cli.h"
#include "cli/explain.h"
#include "cli/subject.h"
#include "io/policies.h"
#include "io/zones.h"
#include "value/yaml.h"

static struct {
	struct option_list files, policies;
	unsigned compat;
} opt;

static const struct option options[] = {
	{ .name = "filename",
	    .letter = 'f',
	    .type = OPTION_LIST,
	    .takes = TAKES_FILE,
	    .value_name = "FILE|DIR|-",
	    .help = "objects or AdmissionReviews to evaluate it on",
	    .fallback = "no object: null",
	    .target = &opt.files },
	{ .name = "policy",
	    .letter = 'p',
	    .type = OPTION_LIST,
	    .takes = TAKES_FILE,
	    .value_name = "FILE|DIR",
	    .help = "policies; the argument is the id of a validation then",
	    .target = &opt.policies },
	{ .name = "cel-compat",
	    .type = OPTION_WORD,
	    .help = "the release of Kubernetes whose language it is",
	    .words = cel_compat_words,
	    .target = &opt.compat },
	{ .name = NULL },
};

struct explain {
	struct arena keep, scratch; /* of the run; of what is printed */
	struct keytab keys;
	struct kg_diags *diags;
	struct cel_env env;
	struct cel_type *variables;
	struct cel_builder *builder;
	struct cel_binding bindings[CUSTOM_MAX];
	size_t binding_count;
	struct kg_slice texts[CUSTOM_MAX + 1];
	struct explained explained;
	struct cel_eval state;
	struct zones *zones;
	struct cel_host host;
	uint32_t root;
	bool compiled, failed, several;
};

/* --- Compiling --- */

/* Trees and texts stay: they are what is shown. */
static bool
add(struct explain *x, struct kg_slice text, uint32_t *root,
    const struct cel_type **type)
{
	const struct cel_scope scope = { SLOT_VARIABLES, x->bindings,
		x->binding_count };
	struct cel_issues issues;
	struct ast *tree;
	enum kg_status st;
	struct buf b;

	text = arena_copy(&x->keep, text);
	cel_issues_init(&issues, &x->keep);
	st = cel_parse(&x->env, CEL_MACROS_ON, text, &issues, &tree);
	if (st == KG_OK)
		st = cel_check(&x->env, tree, NULL, &issues);
	if (st == KG_OK)
		st = cel_builder_add(x->builder, tree, &scope, &issues, root);
	if (st == KG_OK && *root <= CUSTOM_MAX) {
		x->texts[*root] = text;
		*type = tree->type;
		return true;
	}
	buf_init(&b, &x->keep, MIB);
	cel_issues_render(&b, &issues, text);
	(void)fprintf(stderr, "%.*s\n", SLICE_ARG(buf_slice(&b)));
	return false;
}

static bool
start(struct explain *x)
{
	const unsigned compat = cel_compat_level(opt.compat);
	const struct cel_build_options how = {
		.compat = compat, .plain = true, .record = true
	};
	struct cel_env base;

	custom_env_init(&base, &x->keep, compat);
	x->variables = custom_env_policy(&x->env, &x->keep, &base);
	x->builder = cel_builder_new(&x->keep, &x->keep, &x->keys, &how);
	x->binding_count = 0;
	return x->variables != NULL && x->builder != NULL;
}

static bool
finish(struct explain *x)
{
	x->explained = (struct explained){ .texts = x->texts,
		.variables_slot = SLOT_VARIABLES };
	return cel_builder_finish(x->builder, &x->explained.program) == KG_OK;
}

static const struct value *
get(const struct value *object, const char *name)
{
	return value_find(object, slice_str(name));
}

/* The variables of a policy, in order, and one of its validations. */
static bool
add_validation(
    struct explain *x, const struct value *spec, const struct value *v)
{
	const struct value *list = get(spec, "variables");
	const struct cel_type *type;

	for (size_t i = 0; i < value_len(list) && i < CUSTOM_MAX; i++) {
		const struct value *item = value_at(list, i);
		struct cel_binding *b = &x->bindings[x->binding_count];

		b->name = arena_copy(&x->keep, value_str(get(item, "name")));
		if (!add(
			x, value_str(get(item, "expression")), &b->root, &type))
			return false;
		cel_type_add_field(&x->keep, x->variables,
		    (struct cel_field){ b->name, type, NULL });
		x->binding_count++;
	}
	return add(x, value_str(get(v, "expression")), &x->root, &type);
}

/* True when the document has the validation; x->compiled: it compiled. */
static bool
take_document(struct explain *x, const struct value *root, struct kg_slice id)
{
	const struct value *spec = get(root, "spec");
	const struct value *list = get(spec, "validations");

	if (!slice_is(value_str(get(root, "kind")), "EnclavePolicy"))
		return false;
	for (size_t i = 0; i < value_len(list); i++) {
		const struct value *v = value_at(list, i);

		if (!slice_eq(value_str(get(v, "id")), id))
			continue;
		x->compiled =
		    start(x) && add_validation(x, spec, v) && finish(x);
		return true;
	}
	return false;
}

static bool
search_file(struct explain *x, const struct file *f, struct kg_slice id)
{
	struct yaml_reader *reader = NULL;
	struct document doc;
	enum kg_status st;
	bool more = true, found = false;

	st = yaml_reader_new(&x->keep, &x->keys, slice_str(f->path),
	    slice_of(f->text, f->len), NULL, x->diags, &reader);
	while (st == KG_OK && more && !found) {
		st = yaml_read(reader, &doc, &more);
		if (st == KG_OK && more)
			found = take_document(x, doc.root, id);
	}
	yaml_reader_free(reader);
	return found;
}

static bool
compile_validation(struct explain *x, const char *id)
{
	struct file *files = NULL;
	bool ok = true, found = false;

	for (size_t i = 0; i < opt.policies.count; i++)
		ok = file_read(opt.policies.items[i], x->diags, &files) ==
			KG_OK &&
		    ok;
	for (const struct file *f = files; f != NULL && !found; f = f->next)
		found = search_file(x, f, slice_str(id));
	file_free(files);
	if (ok && !found && kg_diags_errors(x->diags) == 0)
		(void)cli_error("no policy has a validation \"%s\"", id);
	return found && x->compiled;
}

static bool
compile(struct explain *x, const char *argument)
{
	const struct cel_type *type;

	if (opt.policies.count > 0)
		return compile_validation(x, argument);
	return start(x) && add(x, slice_str(argument), &x->root, &type) &&
	    finish(x);
}

/* --- Evaluating --- */

static bool
visit(void *context, const struct subject *s)
{
	struct explain *x = context;
	struct value v;
	struct buf b;

	arena_reset(&x->scratch);
	buf_init(&b, &x->scratch, BODY_MAX_CEILING);
	if (cel_eval_begin(&x->state, x->explained.program, s->slots,
		SLOT_COUNT) != KG_OK) {
		(void)cli_error("out of memory");
		x->failed = true;
		return false;
	}
	if (s->file.len > 0)
		buf_printf(&b, "%s%.*s, document %u:\n", x->several ? "\n" : "",
		    SLICE_ARG(s->file), s->document);
	x->several = true;
	v = cel_eval_run(&x->state, x->root);
	x->failed = x->failed || v.kind == CEL_ERROR;
	explain_print(&b, &x->scratch, &x->explained, &x->state.records);
	(void)fwrite(b.ptr, 1, b.len, stdout);
	return true;
}

static int
explain(struct explain *x, const char *argument)
{
	struct subjects subjects = { .diags = x->diags,
		.keys = &x->keys,
		.visit = visit,
		.context = x };
	bool ok = compile(x, argument) &&
	    policies_load(
		opt.policies.items, 0, NULL, x->diags, &subjects.set) == KG_OK;

	if (ok)
		ok =
		    subjects_visit(&subjects, opt.files.items, opt.files.count);
	(void)fflush(stdout);
	subject_print_diags(x->diags);
	kg_ruleset_unref(subjects.set);
	return !ok ? EXIT_ERROR : x->failed ? EXIT_DENIED : EXIT_OK;
}

static int
run_explain(size_t count, const char *const *arguments)
{
	struct explain *x = calloc(1, sizeof(*x));
	int code;

	(void)count;
	if (x == NULL)
		return cli_error("out of memory");
	arena_init(&x->keep, ARENA_COMPILE_MAX);
	arena_init(&x->scratch, ARENA_COMPILE_MAX);
	x->zones = zones_open(ZONES_FOLDER);
	x->host = zones_host(x->zones);
	cel_eval_init(&x->state, &x->host);
	x->diags = kg_diags_new();
	if (x->diags == NULL || keytab_init(&x->keys, &x->keep) != KG_OK)
		code = cli_error("out of memory");
	else
		code = explain(x, arguments[0]);
	kg_diags_free(x->diags);
	cel_eval_release(&x->state);
	zones_close(x->zones);
	arena_release(&x->scratch);
	arena_release(&x->keep);
	free(x);
	free(opt.files.items);
	free(opt.policies.items);
	return code;
}

static const struct term exits[] = {
	{ "0", "it was explained" },
	{ "1", "and its value is an error" },
	{ "2", "the expression does not compile, or a file is in error" },
	{ NULL, NULL },
};

const struct command cmd_explain = {
	.name = "explain",
	.summary = "show the value of every part of an expression",
	.arguments = "EXPR|ID",
	.takes = TAKES_TEXT,
	.least = 1,
	.most = 1,
	.text = "Evaluates an expression, or the validation of a policy with "
		"this id, and prints its parts as a tree, each with its "
		"value, elements of comprehensions by their number. Of an "
		"error it says where it came from and how to guard against "
		"it.",
	.options = options,
	.exits = exits,
	.examples =
	    (const struct term[]){
		{ "keepgate explain -p policy.yaml -f pod.yaml PAY-001",
		    "why a validation decides as it does" },
		{ "keepgate explain 'object.spec.hostNetwork' -f pod.yaml",
		    "why an expression fails" },
		{ NULL, NULL },
	    },
	.see_also = (const char *const[]){ "eval", "lint", NULL },
	.run = run_explain,
};
