/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An expression, a line break, and the JSON of `object`: the plain compile
 * and the optimised one must give the same value, or the same error.
 */
#include "base/limits.h"
#include "cel/cel.h"
#include "cel/check.h"
#include "cel/parse.h"
#include "value/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct bench {
	struct arena arena, keep;
	struct keytab keys;
	struct regex_set patterns;
	struct cel_env env;
	struct kg_slice expr, document;
};

/* Either is over budget: the plain one pays for what the other folds. */
static bool
same(struct bench *b, const struct value *x, const struct value *y)
{
	struct cel_work work = { CEL_WORK_MAX };

	if (cel_is_spent(x) || cel_is_spent(y))
		return true;
	if (x->kind != y->kind)
		return false;
	if (x->kind == CEL_ERROR)
		return slice_eq(
		    cel_error_text(&b->arena, x), cel_error_text(&b->arena, y));
	if (x->kind == CEL_DOUBLE)
		return memcmp(&x->u.real, &y->u.real, sizeof(double)) == 0 ||
		    (x->u.real != x->u.real && y->u.real != y->u.real);
	/* A NaN within is never equal, nor are two authorizers. */
	return x->kind == CEL_LIST || x->kind == CEL_MAP ||
	    x->kind == CEL_OPTIONAL || x->kind == CEL_OPAQUE ||
	    cel_equal(x, y, &work) || work.left == 0;
}

/* False: not compiled. */
static bool
evaluate(struct bench *b, bool plain, struct cel_eval *e, struct value *out)
{
	const struct cel_build_options options = { .compat = CEL_COMPAT_136,
		.plain = plain,
		.patterns = &b->patterns };
	struct cel_builder *builder =
	    cel_builder_new(&b->keep, &b->arena, &b->keys, &options);
	const struct cel_program *program;
	const struct value *object = NULL;
	struct cel_issues issues;
	struct json_error error;
	struct ast *tree;
	uint32_t root, again;

	cel_issues_init(&issues, &b->arena);
	if (builder == NULL ||
	    cel_parse(&b->env, CEL_MACROS_ON, b->expr, &issues, &tree) !=
		KG_OK ||
	    cel_check(&b->env, tree, NULL, &issues) != KG_OK ||
	    cel_builder_add(builder, tree, NULL, &issues, &root) != KG_OK ||
	    cel_builder_add(builder, tree, NULL, &issues, &again) != KG_OK ||
	    cel_builder_finish(builder, &program) != KG_OK)
		return false;
	if (json_decode(&b->arena, &b->keys, b->document, NULL, &object,
		&error) != KG_OK)
		object = NULL;
	if (cel_eval_begin(e, program, &object, 1) != KG_OK)
		return false;
	*out = cel_eval_run(e, root);
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bench b = { 0 };
	struct cel_eval plain, fast;
	struct value x, y;

	b.document = slice_of((const char *)data, size);
	b.expr = slice_cut(&b.document, '\n');
	arena_init(&b.arena, 256 * MIB);
	arena_init(&b.keep, 64 * MIB);
	regex_set_init(&b.patterns, &b.keep);
	cel_eval_init(&plain, NULL);
	cel_eval_init(&fast, NULL);
	cel_env_init(&b.env, &b.arena, CEL_COMPAT_136);
	(void)cel_env_add_variable(&b.env, SLICE("object"), &cel_t_dyn, NULL);
	if (keytab_init(&b.keys, &b.keep) == KG_OK &&
	    evaluate(&b, true, &plain, &x) && evaluate(&b, false, &fast, &y) &&
	    !same(&b, &x, &y))
		abort();
	cel_eval_release(&plain);
	cel_eval_release(&fast);
	regex_set_release(&b.patterns);
	arena_release(&b.keep);
	arena_release(&b.arena);
	return 0;
}
