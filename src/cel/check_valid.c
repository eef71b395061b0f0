/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Literal texts that a function will read: a duration, a timestamp or a
 * pattern that is wrong now is wrong in every evaluation.
 */
#include "cel/check_impl.h"

#include "base/limits.h"
#include "cel/value.h"
#include "value/moment.h"
#include "value/regex.h"

static bool
duration_ok(struct kg_slice text, struct buf *why)
{
	int64_t nanos;

	(void)why;
	return duration_parse(text, &nanos) == DURATION_OK;
}

static bool
timestamp_ok(struct kg_slice text, struct buf *why)
{
	struct moment moment;

	(void)why;
	return moment_parse(text, &moment) == MOMENT_OK;
}

static bool
pattern_ok(struct kg_slice text, struct buf *why)
{
	struct regex_error error;
	const struct regex *re;

	if (regex_compile_once(why->arena, text, &error, &re) != KG_INVALID)
		return true; /* a limit or no memory: evaluation will say */
	buf_puts(why, ": ");
	regex_error_put(why, &error);
	return false;
}

static const struct {
	const char *function;
	bool member;
	size_t arg;
	bool (*ok)(struct kg_slice text, struct buf *why);
} readers[] = {
	{ "duration", false, 0, duration_ok },
	{ "timestamp", false, 0, timestamp_ok },
	{ "matches", false, 1, pattern_ok },
	{ "matches", true, 0, pattern_ok },
	{ "find", true, 0, pattern_ok },
	{ "findAll", true, 0, pattern_ok },
};

static void
check_argument(struct checker *c, const struct ast *call, size_t reader)
{
	const struct ast *arg = call->u.call.args[readers[reader].arg];
	struct buf why;

	if (arg->kind != AST_CONST || arg->u.constant.kind != CEL_STRING)
		return;
	buf_init(&why, c->arena, DIAG_MESSAGE_MAX);
	if (!readers[reader].ok(cel_slice(&arg->u.constant), &why))
		cel_issue_add(c->issues, arg->pos, "invalid %s argument%.*s",
		    readers[reader].function, SLICE_ARG(buf_slice(&why)));
}

static void
visit(void *context, struct ast *node)
{
	if (node->kind != AST_CALL)
		return;
	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++) {
		if (slice_is(node->u.call.function, readers[i].function) &&
		    (node->u.call.target != NULL) == readers[i].member &&
		    node->u.call.arg_count > readers[i].arg)
			check_argument(context, node, i);
	}
}

void
checker_texts(struct checker *c, struct ast *root)
{
	if (c->env->validate_literals)
		cel_ast_walk(root, visit, c);
}
