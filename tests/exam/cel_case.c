/* SPDX-License-Identifier: Apache-2.0 */
/* One expression from text to value. */
#include "exam/cel_case.h"

#include "base/limits.h"

void
cel_case_init(
    struct cel_case *c, struct exam *e, struct kg_slice expr, unsigned compat)
{
	*c = (struct cel_case){ .exam = e, .arena = &e->arena, .expr = expr };
	cel_env_init(&c->env, c->arena, compat);
}

void
cel_case_bind(struct cel_case *c, struct kg_slice name,
    const struct cel_type *type, const struct value *v)
{
	const struct cel_variable *variable =
	    cel_env_add_variable(&c->env, name, type, NULL);
	const struct value **slots;

	if (variable == NULL)
		return;
	slots = arena_alloc(c->arena, (variable->index + 1) * sizeof(*slots));
	if (slots == NULL)
		return;
	if (c->slot_count > 0)
		memcpy(slots, c->slots, c->slot_count * sizeof(*slots));
	slots[variable->index] = v;
	c->slots = slots;
	c->slot_count = variable->index + 1;
}

static enum kg_status
check(struct cel_case *c, struct cel_issues *issues, struct ast **tree)
{
	enum kg_status st =
	    cel_parse(&c->env, c->no_macros ? CEL_MACROS_OFF : CEL_MACROS_ON,
		c->expr, issues, tree);

	if (st != KG_OK)
		return st;
	if (c->no_check)
		return cel_resolve(&c->env, *tree, issues);
	return cel_check(&c->env, *tree, NULL, issues);
}

static enum kg_status
build(struct cel_case *c, const struct cel_build_options *options,
    const struct ast *tree, struct cel_issues *issues,
    const struct cel_program **program)
{
	struct cel_builder *b =
	    cel_builder_new(c->arena, c->arena, &c->exam->keys, options);
	uint32_t root;
	enum kg_status st;

	if (b == NULL)
		return KG_NOMEM;
	st = cel_builder_add(b, tree, NULL, issues, &root);
	return st == KG_OK ? cel_builder_finish(b, program) : st;
}

static void
refused(struct cel_case *c, const struct cel_issues *issues,
    struct case_result *out)
{
	out->end = CASE_REFUSED;
	if (issues->count > 0)
		out->text = issues->items[0].message;
	else
		out->text = arena_failed(c->arena) ? SLICE("out of memory")
						   : SLICE("refused");
}

void
cel_case_run(struct cel_case *c, const struct cel_build_options *options,
    struct cel_eval *eval, struct case_result *out)
{
	const struct cel_program *program = NULL;
	struct cel_issues issues;
	struct ast *tree;
	enum kg_status st;

	*out = (struct case_result){ .end = CASE_BROKEN };
	cel_issues_init(&issues, c->arena);
	st = check(c, &issues, &tree);
	if (st == KG_OK)
		out->type = tree->type;
	if (st == KG_OK && !c->check_only)
		st = build(c, options, tree, &issues, &program);
	if (st == KG_INVALID) {
		refused(c, &issues, out);
		return;
	}
	if (st != KG_OK)
		return;
	out->end = CASE_VALUE;
	if (c->check_only)
		return;
	if (cel_eval_begin(eval, program, c->slots, c->slot_count) != KG_OK) {
		out->end = CASE_BROKEN;
		return;
	}
	out->value = cel_eval_run(eval, 0);
	out->cost = eval->cost;
	if (out->value.kind == CEL_ERROR) {
		out->end = CASE_ERROR;
		out->text = cel_error_text(c->arena, &out->value);
	}
}

/* --- The host --- */

static struct kg_slice
read_zone(void *context, struct kg_slice name)
{
	static char data[64 * 1024];
	char path[256];
	size_t n;
	FILE *file;

	(void)context;
	snprintf(
	    path, sizeof(path), "/usr/share/zoneinfo/%.*s", SLICE_ARG(name));
	file = fopen(path, "rb");
	if (file == NULL)
		return slice_of(NULL, 0);
	n = fread(data, 1, sizeof(data), file);
	(void)fclose(file);
	return slice_of(data, n);
}

const struct cel_host *
cel_case_host(void)
{
	static const struct cel_host host = { .zone = read_zone };

	return &host;
}

struct cel_eval *
cel_case_eval(void)
{
	static struct cel_eval eval;
	static bool made;

	if (!made)
		cel_eval_init(&eval, cel_case_host());
	made = true;
	return &eval;
}
