/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one file that knows PCRE2. The tree is written as a pattern that means
 * the same there whatever its options: classes by their ranges, anchors by
 * name, no captures but one around everything. The search for a start is part
 * of the pattern, so that the limit of backtracks holds for the whole call.
 * Only the JIT is used: what it cannot do our own matcher does.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "value/regex_impl.h"

/* --- Tree to pattern --- */

static void
put_rune(struct buf *out, uint32_t rune)
{
	if ((rune >= '0' && rune <= '9') || (rune >= 'A' && rune <= 'Z') ||
	    (rune >= 'a' && rune <= 'z'))
		buf_putc(out, (char)rune);
	else
		buf_printf(out, "\\x{%x}", (unsigned)rune);
}

/* Surrogates are in no subject, and PCRE2 refuses to see them. */
static void
put_range(struct buf *out, uint32_t first, uint32_t last)
{
	if (first >= 0xd800 && first <= 0xdfff)
		first = 0xe000;
	if (last >= 0xd800 && last <= 0xdfff)
		last = 0xd7ff;
	if (first > last || first > RUNE_MAX)
		return;
	put_rune(out, first);
	if (last > first) {
		buf_putc(out, '-');
		put_rune(out, last);
	}
}

/* What lies between the ranges of a set that reaches up to the end. */
static void
put_gaps(struct buf *out, const struct rune_set *set)
{
	uint32_t next = 0;

	buf_puts(out, "[^");
	for (uint32_t i = 0; i < set->count; i++) {
		if (set->ranges[i].first > next)
			put_range(out, next, set->ranges[i].first - 1);
		next = set->ranges[i].last + 1;
	}
	buf_putc(out, ']');
}

static bool
only_surrogates(const struct rune_set *set)
{
	for (uint32_t i = 0; i < set->count; i++) {
		if (set->ranges[i].first < 0xd800 ||
		    set->ranges[i].last > 0xdfff)
			return false;
	}
	return true;
}

/* All but a set of surrogates, or all. */
static bool
no_gaps(const struct rune_set *set)
{
	uint32_t next = 0;

	for (uint32_t i = 0; i < set->count; i++) {
		if (set->ranges[i].first > next &&
		    (next < 0xd800 || set->ranges[i].first > 0xe000))
			return false;
		next = set->ranges[i].last + 1;
	}
	return next > RUNE_MAX;
}

static void
put_set(struct buf *out, const struct rune_set *set)
{
	if (only_surrogates(set)) {
		buf_puts(out, "(?!)");
	} else if (no_gaps(set)) {
		buf_puts(out, "(?s:.)");
	} else if (set->ranges[set->count - 1].last == RUNE_MAX) {
		put_gaps(out, set);
	} else {
		buf_putc(out, '[');
		for (uint32_t i = 0; i < set->count; i++)
			put_range(
			    out, set->ranges[i].first, set->ranges[i].last);
		buf_putc(out, ']');
	}
}

static const char *
assert_text(enum regex_assert what)
{
	switch (what) {
	case AT_TEXT_START:
		return "\\A";
	case AT_TEXT_END:
		return "\\z";
	case AT_LINE_START:
		return "(?<![^\\n])";
	case AT_LINE_END:
		return "(?![^\\n])";
	case AT_WORD:
		return "\\b";
	case NOT_AT_WORD:
		return "\\B";
	}
	return "";
}

static void put_node(struct buf *out, const struct regex_node *n);

/* NOLINTNEXTLINE(misc-no-recursion): REGEX_DEPTH_MAX */
static void
put_group(struct buf *out, const struct regex_node *n, const char *between)
{
	buf_puts(out, "(?:");
	for (; n != NULL; n = n->next) {
		put_node(out, n);
		if (n->next != NULL)
			buf_puts(out, between);
	}
	buf_putc(out, ')');
}

static void
put_counts(struct buf *out, const struct regex_node *n)
{
	if (n->max < 0 && n->min <= 1)
		buf_putc(out, n->min == 0 ? '*' : '+');
	else if (n->max < 0)
		buf_printf(out, "{%d,}", n->min);
	else if (n->min == 0 && n->max == 1)
		buf_putc(out, '?');
	else
		buf_printf(out, "{%d,%d}", n->min, n->max);
	if (n->lazy)
		buf_putc(out, '?');
}

/* NOLINTNEXTLINE(misc-no-recursion): REGEX_DEPTH_MAX */
static void
put_node(struct buf *out, const struct regex_node *n)
{
	switch ((enum regex_op)n->op) {
	case RX_EMPTY:
		buf_puts(out, "(?:)");
		break;
	case RX_RUNE:
		if (n->rune >= 0xd800 && n->rune <= 0xdfff)
			buf_puts(out, "(?!)");
		else
			put_rune(out, n->rune);
		break;
	case RX_SET:
		put_set(out, n->set);
		break;
	case RX_ASSERT:
		buf_puts(out, assert_text((enum regex_assert)n->rune));
		break;
	case RX_CONCAT:
		put_group(out, n->first, "");
		break;
	case RX_ALTERNATE:
		put_group(out, n->first, "|");
		break;
	case RX_REPEAT:
		/* A lone character or class needs no group. */
		if (n->first->op == RX_RUNE || n->first->op == RX_SET)
			put_node(out, n->first);
		else
			put_group(out, n->first, "");
		put_counts(out, n);
		break;
	}
}

/* --- Compiling --- */

void *
regex_pcre_limits(void)
{
	pcre2_match_context *c = pcre2_match_context_create(NULL);

	if (c != NULL)
		(void)pcre2_set_match_limit(c, REGEX_JIT_BACKTRACKS);
	return c;
}

void
regex_pcre_limits_free(void *limits)
{
	pcre2_match_context_free(limits);
}

void *
regex_pcre_compile(
    struct arena *scratch, const struct regex_node *root, bool anchored)
{
	const uint32_t options = PCRE2_UTF | PCRE2_NO_UTF_CHECK |
	    PCRE2_ANCHORED | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C |
	    PCRE2_NEVER_UCP;
	pcre2_code *code;
	PCRE2_SIZE at;
	struct buf b;
	int error;

	buf_init(&b, scratch, REGEX_JIT_PATTERN_MAX);
	buf_puts(&b, anchored ? "(" : "(?s:.*?)(");
	put_node(&b, root);
	buf_putc(&b, ')');
	if (buf_failed(&b))
		return NULL;
	code =
	    pcre2_compile((PCRE2_SPTR)b.ptr, b.len, options, &error, &at, NULL);
	if (code == NULL)
		return NULL;
	if (pcre2_jit_compile(code, PCRE2_JIT_COMPLETE) != 0) {
		pcre2_code_free(code);
		return NULL;
	}
	return code;
}

void
regex_pcre_free(void *code)
{
	pcre2_code_free(code);
}

/* --- Matching --- */

static void *
scratch_alloc(PCRE2_SIZE size, void *arena)
{
	return arena_alloc(arena, size);
}

static void
scratch_free(void *ptr, void *arena)
{
	(void)ptr; /* it dies with the arena */
	(void)arena;
}

static pcre2_match_data *
match_data(struct regex_scratch *scratch)
{
	pcre2_general_context *general;

	if (scratch->match_data != NULL)
		return scratch->match_data;
	general = pcre2_general_context_create(
	    scratch_alloc, scratch_free, scratch->arena);
	if (general != NULL)
		scratch->match_data = pcre2_match_data_create(2, general);
	return scratch->match_data;
}

enum pcre_answer
regex_pcre_find(const struct regex *re, struct regex_scratch *scratch,
    struct kg_slice text, size_t from, struct regex_span *span)
{
	pcre2_match_data *data = match_data(scratch);
	const PCRE2_SIZE *found;
	int rc;

	if (data == NULL)
		return PCRE_GAVE_UP;
	rc = pcre2_jit_match(re->pcre,
	    (PCRE2_SPTR)(text.ptr != NULL ? text.ptr : ""), text.len, from, 0,
	    data, re->limits);
	if (rc == PCRE2_ERROR_NOMATCH)
		return PCRE_NO;
	if (rc != 2)
		return PCRE_GAVE_UP;
	found = pcre2_get_ovector_pointer(data);
	*span = (struct regex_span){ found[2], found[3] };
	return PCRE_YES;
}
