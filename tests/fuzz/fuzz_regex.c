/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A line with a pattern, then a subject: the matchers agree on all matches,
 * and a match lies within the subject.
 */
#include "base/limits.h"
#include "base/utf8.h"
#include "value/regex.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct side {
	const struct regex *re;
	struct regex_scratch scratch;
	struct regex_walk walk;
	struct regex_span span;
	bool found;
	enum kg_status match, next;
};

static void
ask(struct side *s, struct kg_slice text)
{
	s->match = regex_match(s->re, &s->scratch, text, &s->found);
}

static void
advance(struct side *s, struct kg_slice text)
{
	s->span = (struct regex_span){ 0, 0 };
	s->next = regex_next(s->re, &s->scratch, text, &s->walk, &s->span);
}

static void
compare(struct side *a, struct side *b, struct kg_slice text)
{
	ask(a, text);
	ask(b, text);
	if (a->match != KG_OK || b->match != KG_OK)
		return; /* past its steps: a limit, not another answer */
	if (a->found != b->found)
		abort();
	for (;;) {
		advance(a, text);
		advance(b, text);
		if (a->next != KG_OK || b->next != KG_OK)
			return;
		if (a->walk.done != b->walk.done)
			abort();
		if (a->walk.done)
			return; /* there is no span */
		if (a->span.start != b->span.start ||
		    a->span.end != b->span.end || a->span.end > text.len ||
		    a->span.start > a->span.end)
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kg_slice text = slice_of((const char *)data, size);
	const struct kg_slice pattern = slice_cut(&text, '\n');
	struct side quick = { 0 }, once = { 0 };
	struct regex_error error;
	struct regex_set set;
	struct arena arena;
	enum kg_status st;

	if (text.len > 8 * KIB)
		return 0;
	arena_init(&arena, 256 * MIB);
	regex_set_init(&set, &arena);
	st = regex_compile(&set, &arena, pattern, &error, &quick.re);
	if (st != regex_compile_once(&arena, pattern, &error, &once.re))
		abort();
	if (st == KG_OK && utf8_valid(text)) {
		regex_scratch_init(&quick.scratch, &arena);
		regex_scratch_init(&once.scratch, &arena);
		compare(&quick, &once, text);
	}
	regex_set_release(&set);
	arena_release(&arena);
	return 0;
}
