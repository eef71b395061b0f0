/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Set cellib: Kubernetes' own functions, evaluated plainly and optimised.
 */
#include "base/limits.h"
#include "exam/cel_case.h"
#include "value/regex.h"

static void
put_result(struct buf *why, const struct case_result *r)
{
	if (r->end == CASE_VALUE) {
		cel_case_put(why, &r->value);
	} else {
		buf_printf(
		    why, "%s: ", r->end == CASE_REFUSED ? "refused" : "error");
		buf_put(why, r->text);
	}
}

/* A message is a pattern that is found in the text. */
static bool
says(struct exam *e, const struct value *message, struct kg_slice text)
{
	struct regex_scratch scratch;
	struct regex_error error;
	const struct regex *re;
	bool found = false;

	if (message == NULL)
		return true;
	/* Messages are texts of Go, which they quote as they are. */
	if (slice_search(text, value_str(message)) != SIZE_MAX)
		return true;
	regex_scratch_init(&scratch, &e->arena);
	return regex_compile_once(&e->arena, value_str(message), &error, &re) ==
	    KG_OK &&
	    regex_match(re, &scratch, text, &found) == KG_OK && found;
}

static bool
is_value(struct exam *e, const struct value *want, const struct value *got)
{
	const struct value *optional = value_find(want, SLICE("optional"));
	struct value inner;

	if (value_find(want, SLICE("any")) != NULL)
		return true;
	if (optional == NULL) {
		inner = cel_case_value(&e->arena, want);
		return cel_case_same(&inner, got);
	}
	if (got->kind != CEL_OPTIONAL)
		return false;
	if (value_is_null(optional) || got->u.items == NULL)
		return value_is_null(optional) && got->u.items == NULL;
	return is_value(e, optional, got->u.items);
}

static bool
meets(struct exam *e, const struct value *expect, const struct case_result *r)
{
	const struct value *error = value_find(expect, SLICE("error"));
	const struct value *value = value_find(expect, SLICE("value"));

	if (error != NULL)
		return (slice_is(value_str(error), "compile")
			       ? r->end == CASE_REFUSED
			       : r->end == CASE_ERROR ||
				   r->end == CASE_REFUSED) &&
		    says(e, value_find(expect, SLICE("message")), r->text);
	if (r->end != CASE_VALUE)
		return false;
	if (value != NULL)
		return is_value(e, value, &r->value);
	return r->value.kind == CEL_BOOL && r->value.u.boolean;
}

static bool
judge(struct exam *e, const struct value *json, bool plain, struct buf *why)
{
	const struct cel_build_options options = { .compat = CEL_COMPAT_NEXT,
		.plain = plain };
	const struct value *expect = value_find(json, SLICE("expect"));
	const struct value *equals = value_find(expect, SLICE("equals"));
	struct kg_slice expr = value_str(value_find(json, SLICE("expr")));
	struct case_result result;
	struct cel_case c;

	if (equals != NULL)
		expr = arena_printf(&e->arena, "(%.*s) == (%.*s)",
		    SLICE_ARG(expr), SLICE_ARG(value_str(equals)));
	cel_case_init(&c, e, expr, CEL_COMPAT_NEXT);
	cel_case_run(&c, &options, cel_case_eval(), &result);
	why->len = 0;
	buf_puts(why, plain ? "got " : "optimised: got ");
	put_result(why, &result);
	return meets(e, expect, &result);
}

enum exam_result
exam_cellib(struct exam *e, const struct value *json, struct buf *why)
{
	return judge(e, json, true, why) && judge(e, json, false, why)
	    ? EXAM_PASS
	    : EXAM_FAIL;
}
