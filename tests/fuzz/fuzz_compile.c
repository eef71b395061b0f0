/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any text as an expression: it compiles, or the compiler says why not. The
 * first byte chooses the level of compatibility and how much memory there is.
 */
#include "base/limits.h"
#include "cel/cel.h"
#include "cel/check.h"
#include "cel/lint.h"
#include "cel/parse.h"
#include "policy/custom.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_places(const struct cel_issues *issues, struct kg_slice text)
{
	for (size_t i = 0; i < issues->count; i++) {
		if (issues->items[i].pos > text.len ||
		    issues->items[i].message.len == 0)
			abort();
	}
}

static enum kg_status
build(struct arena *arena, struct keytab *keys, const struct ast *tree,
    struct cel_issues *issues)
{
	const struct cel_build_options how = { .compat = CEL_COMPAT_136 };
	struct cel_builder *b = cel_builder_new(arena, arena, keys, &how);
	const struct cel_program *program;
	enum kg_status st;
	uint32_t root;

	if (b == NULL)
		return KG_NOMEM;
	st = cel_builder_add(b, tree, NULL, issues, &root);
	return st == KG_OK ? cel_builder_finish(b, &program) : st;
}

static void
compile(struct arena *arena, unsigned compat, struct kg_slice text)
{
	struct cel_issues issues;
	struct keytab keys;
	struct cel_env env;
	struct ast *tree;
	enum kg_status st = keytab_init(&keys, arena);
	struct buf out;

	custom_env_init(&env, arena, compat);
	cel_issues_init(&issues, arena);
	if (st == KG_OK)
		st = cel_parse(&env, CEL_MACROS_ON, text, &issues, &tree);
	if (st == KG_OK)
		st = cel_check(&env, tree, NULL, &issues);
	if (st == KG_OK)
		st = build(arena, &keys, tree, &issues);
	if (!arena_failed(arena) && st != KG_OK && issues.count == 0 &&
	    st == KG_INVALID)
		abort(); /* refused without a word */
	check_places(&issues, text);
	buf_init(&out, arena, 16 * MIB);
	cel_issues_render(&out, &issues, text);
	if (st == KG_OK)
		cel_lint(tree, text, &issues);
	check_places(&issues, text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena;

	if (size < 1)
		return 0;
	/* Little memory half of the time: every allocation may fail. */
	arena_init(
	    &arena, data[0] % 2 == 0 ? 64 * MIB : 64 * KIB + data[0] * 2 * KIB);
	compile(&arena, data[0] % 4 < 2 ? CEL_COMPAT_136 : CEL_COMPAT_137,
	    slice_of((const char *)data + 1, size - 1));
	arena_release(&arena);
	return 0;
}
