/* SPDX-License-Identifier: Apache-2.0 */
/* keepgate eval: one expression over the documents of files. */
#include "base/limits.h"
#include "cel/check.h"
#include "cel/parse.h"
#include "cli/cli.h"
#include "cli/subject.h"
#include "io/policies.h"
#include "io/zones.h"

static struct {
	struct option_list files;
	unsigned compat, output;
	bool disassemble;
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
	{ .name = "cel-compat",
	    .type = OPTION_WORD,
	    .help = "the release of Kubernetes whose language it is",
	    .words = cel_compat_words,
	    .target = &opt.compat },
	{ .name = "output",
	    .letter = 'o',
	    .type = OPTION_WORD,
	    .help = "form of the output; json: values with their types",
	    .words = output_words,
	    .target = &opt.output },
	{ .name = "disasm",
	    .type = OPTION_FLAG,
	    .help = "print what the expression is compiled to first",
	    .target = &opt.disassemble },
	{ .name = NULL },
};

struct eval {
	struct arena keep, scratch;
	struct keytab keys;
	const struct cel_program *program;
	struct cel_eval state;
	uint32_t root;
	bool failed; /* some evaluation ended in an error */
	struct zones *zones;
	struct cel_host host;
};

static void
print_issues(
    struct eval *e, const struct cel_issues *issues, struct kg_slice text)
{
	struct buf b;

	buf_init(&b, &e->scratch, MIB);
	cel_issues_render(&b, issues, text);
	(void)fprintf(stderr, "%.*s\n", SLICE_ARG(buf_slice(&b)));
}

static bool
compile(struct eval *e, struct kg_slice text)
{
	const unsigned compat = cel_compat_level(opt.compat);
	const struct cel_build_options how = { .compat = compat };
	struct cel_builder *builder;
	struct cel_issues issues;
	struct cel_env env;
	struct ast *tree;
	enum kg_status st;

	custom_env_init(&env, &e->keep, compat);
	cel_issues_init(&issues, &e->scratch);
	builder = cel_builder_new(&e->keep, &e->scratch, &e->keys, &how);
	st = builder != NULL ? KG_OK : KG_NOMEM;
	if (st == KG_OK)
		st = cel_parse(&env, CEL_MACROS_ON, text, &issues, &tree);
	if (st == KG_OK)
		st = cel_check(&env, tree, NULL, &issues);
	if (st == KG_OK)
		st = cel_builder_add(builder, tree, NULL, &issues, &e->root);
	if (st == KG_OK)
		st = cel_builder_finish(builder, &e->program);
	if (st == KG_OK)
		return true;
	if (issues.count > 0)
		print_issues(e, &issues, text);
	else
		(void)cli_error("the expression is too large to compile");
	return false;
}

static bool
visit(void *context, const struct subject *s)
{
	struct eval *e = context;
	struct value v;
	struct buf b;

	arena_reset(&e->scratch);
	buf_init(&b, &e->scratch, BODY_MAX_CEILING);
	if (cel_eval_begin(&e->state, e->program, s->slots, SLOT_COUNT) !=
	    KG_OK) {
		(void)cli_error("out of memory");
		e->failed = true;
		return false;
	}
	v = cel_eval_run(&e->state, e->root);
	if (v.kind == CEL_ERROR)
		e->failed = true;
	if (opt.output == OUTPUT_JSON)
		subject_value_json(&b, &e->scratch, &v);
	else
		subject_value_text(&b, &e->scratch, &v, SIZE_MAX);
	printf("%.*s\n", SLICE_ARG(buf_slice(&b)));
	return true;
}

static void
print_program(struct eval *e)
{
	struct buf b;

	buf_init(&b, &e->scratch, 16 * MIB);
	cel_program_print(&b, e->program, CEL_ALL_ROOTS);
	printf("%.*s\n", SLICE_ARG(buf_slice(&b)));
}

static int
evaluate(struct eval *e, const char *text)
{
	struct subjects subjects = { .diags = kg_diags_new(),
		.keys = &e->keys,
		.visit = visit,
		.context = e };
	bool ok;

	if (subjects.diags == NULL)
		return cli_error("out of memory");
	ok = compile(e, slice_str(text)) &&
	    policies_load(NULL, 0, NULL, subjects.diags, &subjects.set) ==
		KG_OK;
	if (ok && opt.disassemble)
		print_program(e);
	if (ok)
		ok =
		    subjects_visit(&subjects, opt.files.items, opt.files.count);
	subject_print_diags(subjects.diags);
	kg_ruleset_unref(subjects.set);
	kg_diags_free(subjects.diags);
	return !ok ? EXIT_ERROR : e->failed ? EXIT_DENIED : EXIT_OK;
}

static int
run_eval(size_t count, const char *const *arguments)
{
	struct eval e = { .failed = false };
	int code = EXIT_ERROR;

	(void)count;
	arena_init(&e.keep, ARENA_COMPILE_MAX);
	arena_init(&e.scratch, ARENA_COMPILE_MAX);
	e.zones = zones_open(ZONES_FOLDER);
	e.host = zones_host(e.zones);
	cel_eval_init(&e.state, &e.host);
	if (keytab_init(&e.keys, &e.keep) != KG_OK)
		code = cli_error("out of memory");
	else
		code = evaluate(&e, arguments[0]);
	cel_eval_release(&e.state);
	zones_close(e.zones);
	arena_release(&e.scratch);
	arena_release(&e.keep);
	free(opt.files.items);
	return code;
}

static const struct term exits[] = {
	{ "0", "every value was printed" },
	{ "1", "the value of some is an error" },
	{ "2", "the expression does not compile, or a file is in error" },
	{ NULL, NULL },
};

const struct command cmd_eval = {
	.name = "eval",
	.summary = "evaluate an expression on objects",
	.arguments = "EXPR",
	.takes = TAKES_TEXT,
	.least = 1,
	.most = 1,
	.text = "Evaluates an expression in CEL as a validation of a policy "
		"would be: object, oldObject, request, namespaceObject, "
		"enclave and authorizer are declared. One line for each "
		"document; a bare object is taken as one that is being "
		"created.",
	.options = options,
	.exits = exits,
	.examples =
	    (const struct term[]){
		{ "keepgate eval 'object.spec.containers.map(c, c.image)' "
		  "-f pod.yaml",
		    "the images of a pod" },
		{ "keepgate eval 'quantity(\"1Gi\").asInteger()'",
		    "no object is needed" },
		{ NULL, NULL },
	    },
	.see_also = (const char *const[]){ "explain", "check", NULL },
	.run = run_eval,
};
