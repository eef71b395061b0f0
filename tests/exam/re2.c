/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Set re2: what Go's regexp answers. Each case is judged twice: as compiled
 * at load, and by our own matcher alone.
 */
#include "base/limits.h"
#include "exam/exam.h"
#include "value/regex.h"

struct case_re2 {
	const struct value *test;
	const struct regex *re;
	struct regex_scratch scratch;
	struct kg_slice text;
	struct buf *why;
};

static bool
judge_matches(struct case_re2 *c)
{
	bool found = false;

	if (regex_match(c->re, &c->scratch, c->text, &found) == KG_OK &&
	    found == value_true(value_find(c->test, SLICE("matches"))))
		return true;
	buf_printf(c->why, "matches is %s", found ? "true" : "false");
	return false;
}

static bool
judge_find(struct case_re2 *c)
{
	const struct kg_slice want =
	    value_str(value_find(c->test, SLICE("find")));
	struct regex_span span = { 0, 0 };
	struct kg_slice got = { NULL, 0 };
	bool found = false;

	if (regex_find(c->re, &c->scratch, c->text, &found, &span) == KG_OK &&
	    found)
		got = slice_of(c->text.ptr + span.start, span.end - span.start);
	if (slice_eq(got, want))
		return true;
	buf_puts(c->why, "find gives ");
	buf_put_quoted(c->why, got);
	return false;
}

static bool
judge_find_all(struct case_re2 *c)
{
	const struct value *want = value_find(c->test, SLICE("findAll"));
	struct regex_walk walk = { 0 };
	struct regex_span span;
	size_t n = 0;
	bool ok = true;

	for (;; n++) {
		if (regex_next(c->re, &c->scratch, c->text, &walk, &span) !=
		    KG_OK)
			return false;
		if (walk.done)
			break;
		ok = ok &&
		    slice_eq(value_str(value_at(want, n)),
			slice_of(
			    c->text.ptr + span.start, span.end - span.start));
	}
	if (ok && n == value_len(want))
		return true;
	buf_printf(c->why, "findAll gives %zu others", n);
	return false;
}

static bool
judge_text(struct case_re2 *c, struct exam *e)
{
	const struct value *text = value_find(c->test, SLICE("text"));

	if (text == NULL)
		return true;
	c->text = value_str(text);
	regex_scratch_init(&c->scratch, &e->arena);
	return judge_matches(c) && judge_find(c) && judge_find_all(c);
}

enum exam_result
exam_re2(struct exam *e, const struct value *test, struct buf *why)
{
	const struct kg_slice pattern =
	    value_str(value_find(test, SLICE("pattern")));
	const bool valid = value_true(value_find(test, SLICE("valid")));
	struct case_re2 c = { .test = test, .why = why };
	struct regex_error error;
	struct regex_set set;
	bool ok;

	regex_set_init(&set, &e->arena);
	ok = regex_compile(&set, &e->arena, pattern, &error, &c.re) == KG_OK;
	if (!ok && valid)
		regex_error_put(why, &error);
	else if (ok && !valid)
		buf_puts(why, "compiles");
	if (ok == valid && ok) {
		ok = judge_text(&c, e);
		ok = ok &&
		    regex_compile_once(&e->arena, pattern, &error, &c.re) ==
			KG_OK &&
		    judge_text(&c, e);
	} else {
		ok = ok == valid;
	}
	regex_set_release(&set);
	return ok ? EXAM_PASS : EXAM_FAIL;
}
