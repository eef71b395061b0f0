/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The door to regular expressions: which of the three matchers answers.
 *
 * PCRE2 and our own matcher agree on whether there is a match. Where a loop
 * repeats what may be empty, they may prefer different ones (PCRE2 leaves a
 * loop at an empty round, RE2 thinks of it as not having begun): there spans
 * come from our own alone.
 */
#include "value/regex_impl.h"

#include "base/utf8.h"

void
regex_set_init(struct regex_set *set, struct arena *arena)
{
	*set = (struct regex_set){ .arena = arena };
}

void
regex_set_release(struct regex_set *set)
{
	for (struct regex *re = set->newest; re != NULL; re = re->older)
		regex_pcre_free(re->pcre);
	regex_pcre_limits_free(set->limits);
	regex_set_init(set, set->arena);
}

/* Tree, plain form, program; the latter two in `arena`. */
static enum kg_status
build(struct arena *arena, struct arena *scratch, struct kg_slice pattern,
    struct regex_error *error, const struct regex_node **root,
    struct regex **out)
{
	struct regex *re;
	enum kg_status st;

	*out = NULL;
	st = regex_parse(scratch, pattern, error, root);
	if (st != KG_OK)
		return st;
	re = arena_alloc(arena, sizeof(*re));
	if (re == NULL)
		return arena->failure;
	regex_literal_of(arena, scratch, *root, &re->literal);
	re->loops = (*root)->loops;
	st = regex_program_make(arena, scratch, *root, &re->program);
	if (st == KG_OK)
		*out = re;
	return st;
}

/* The JIT's part; without it our own matcher does everything. */
static void
speed_up(struct regex_set *set, struct arena *scratch, struct regex *re,
    const struct regex_node *root)
{
	if (re->literal.known)
		return;
	if (set->limits == NULL)
		set->limits = regex_pcre_limits();
	if (set->limits == NULL)
		return;
	re->pcre = regex_pcre_compile(scratch, root, re->program.anchored);
	re->limits = set->limits;
	if (re->pcre == NULL)
		return;
	re->older = set->newest;
	set->newest = re;
}

enum kg_status
regex_compile(struct regex_set *set, struct arena *scratch,
    struct kg_slice pattern, struct regex_error *error,
    const struct regex **out)
{
	const struct regex_node *root;
	struct regex *re;
	enum kg_status st;

	st = build(set->arena, scratch, pattern, error, &root, &re);
	if (st == KG_OK)
		speed_up(set, scratch, re, root);
	*out = re;
	return st;
}

enum kg_status
regex_compile_once(struct arena *arena, struct kg_slice pattern,
    struct regex_error *error, const struct regex **out)
{
	const struct regex_node *root;
	struct regex *re;
	enum kg_status st;

	st = build(arena, arena, pattern, error, &root, &re);
	*out = re;
	return st;
}

void
regex_error_put(struct buf *out, const struct regex_error *error)
{
	buf_puts(out, "error parsing regexp: ");
	buf_puts(out, error->what);
	buf_puts(out, ": `");
	buf_put(out, error->part);
	buf_puts(out, "`");
}

void
regex_scratch_init(struct regex_scratch *scratch, struct arena *arena)
{
	*scratch = (struct regex_scratch){ .arena = arena };
}

static enum kg_status
search(const struct regex *re, struct regex_scratch *scratch,
    struct kg_slice text, size_t from, bool *found, struct regex_span *span)
{
	struct regex_span dummy;

	if (re->literal.known) {
		*found = regex_literal_find(
		    &re->literal, text, from, span != NULL ? span : &dummy);
		return KG_OK;
	}
	if (re->pcre != NULL && text.len <= REGEX_JIT_SUBJECT_MAX &&
	    (span == NULL || !re->loops)) {
		const enum pcre_answer a = regex_pcre_find(
		    re, scratch, text, from, span != NULL ? span : &dummy);

		*found = a == PCRE_YES;
		if (a != PCRE_GAVE_UP)
			return KG_OK;
	}
	return regex_pike(&re->program, scratch, text, from, found, span);
}

enum kg_status
regex_match(const struct regex *re, struct regex_scratch *scratch,
    struct kg_slice text, bool *found)
{
	return search(re, scratch, text, 0, found, NULL);
}

enum kg_status
regex_find(const struct regex *re, struct regex_scratch *scratch,
    struct kg_slice text, bool *found, struct regex_span *span)
{
	return search(re, scratch, text, 0, found, span);
}

/* The place after the character at `at`; past the end: len + 1. */
static size_t
after_rune(struct kg_slice text, size_t at)
{
	size_t next = at;
	uint32_t rune;

	return at < text.len && utf8_next(text, &next, &rune) ? next : at + 1;
}

enum kg_status
regex_next(const struct regex *re, struct regex_scratch *scratch,
    struct kg_slice text, struct regex_walk *walk, struct regex_span *span)
{
	while (!walk->done && walk->at <= text.len) {
		bool found, wanted;
		const enum kg_status st =
		    search(re, scratch, text, walk->at, &found, span);

		if (st != KG_OK)
			return st;
		if (!found)
			break;
		/* An empty match right behind the one before is none. */
		wanted = span->end != walk->at || walk->last != span->start + 1;
		walk->last = span->end + 1;
		walk->at = span->end != walk->at ? span->end
						 : after_rune(text, walk->at);
		if (wanted)
			return KG_OK;
	}
	walk->done = true;
	return KG_OK;
}
