/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a program over a text in one pass, all ways at once (Pike's machine).
 * A list holds the places in the program where a match may stand after the
 * characters so far, in order of preference; so the time is at most that of
 * the program's length for each character, whatever the pattern.
 */
#include "base/utf8.h"
#include "value/regex_impl.h"

/* Places of the program, each at most once, in order of preference. */
struct list {
	uint32_t *dense;  /* [count] */
	uint32_t *sparse; /* place in dense, by instruction */
	size_t *starts;   /* where the way began, by instruction */
	uint32_t count;
};

struct machine {
	const struct regex_program *prog;
	struct kg_slice text;
	struct list now, next;
	uint32_t *stack;
	uint64_t steps;
	unsigned here; /* enum regex_assert bits that hold at the place */
};

/* --- Memory --- */

static void
carve_list(struct list *list, char **at, size_t n)
{
	list->starts = (size_t *)(void *)*at;
	*at += n * sizeof(size_t);
	list->dense = (uint32_t *)(void *)*at;
	*at += n * sizeof(uint32_t);
	list->sparse = (uint32_t *)(void *)*at;
	*at += n * sizeof(uint32_t);
	list->count = 0;
}

static bool
machine_init(struct machine *m, struct regex_scratch *scratch)
{
	const size_t n = (size_t)m->prog->count + (m->prog->count & 1);
	/* Two lists, and a stack on which each place comes at most twice. */
	const size_t bytes = 2 * n * (sizeof(size_t) + 2 * sizeof(uint32_t)) +
	    (2 * n + 2) * sizeof(uint32_t);
	char *at;

	if (scratch->room < n) {
		scratch->room = 0;
		scratch->lists = arena_alloc(scratch->arena, bytes);
		if (scratch->lists == NULL)
			return false;
		scratch->room = n;
	}
	at = scratch->lists;
	carve_list(&m->now, &at, n);
	carve_list(&m->next, &at, n);
	m->stack = (uint32_t *)(void *)at;
	return true;
}

static bool
list_has(const struct list *list, uint32_t pc)
{
	const uint32_t at = list->sparse[pc];

	return at < list->count && list->dense[at] == pc;
}

static void
list_add(struct list *list, uint32_t pc, size_t start)
{
	list->sparse[pc] = list->count;
	list->dense[list->count++] = pc;
	list->starts[pc] = start;
}

/* --- Places between characters --- */

static bool
is_word(struct kg_slice text, size_t at)
{
	const unsigned char c = at < text.len ? (unsigned char)text.ptr[at] : 0;

	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || c == '_' ||
	    (c >= 'a' && c <= 'z');
}

static unsigned
asserts_at(struct kg_slice text, size_t at)
{
	const bool before = at > 0 && is_word(text, at - 1);
	unsigned bits = before != is_word(text, at) ? AT_WORD : NOT_AT_WORD;

	if (at == 0)
		bits |= AT_TEXT_START | AT_LINE_START;
	else if (text.ptr[at - 1] == '\n')
		bits |= AT_LINE_START;
	if (at == text.len)
		bits |= AT_TEXT_END | AT_LINE_END;
	else if (text.ptr[at] == '\n')
		bits |= AT_LINE_END;
	return bits;
}

/* Adds the place and all that it leads to without a character. */
static void
add_place(struct machine *m, struct list *list, uint32_t pc, size_t start)
{
	size_t top = 0;

	m->stack[top++] = pc;
	while (top > 0) {
		const struct regex_inst *in;

		pc = m->stack[--top];
		if (list_has(list, pc))
			continue;
		m->steps++;
		list_add(list, pc, start);
		in = &m->prog->code[pc];
		switch ((enum regex_code)in->code) {
		case RI_SPLIT:
			m->stack[top++] = in->y;
			m->stack[top++] = in->x;
			break;
		case RI_JUMP:
			m->stack[top++] = in->x;
			break;
		case RI_ASSERT:
			if ((m->here & in->x) != 0)
				m->stack[top++] = pc + 1;
			break;
		case RI_MATCH:
		case RI_RUNE:
		case RI_SET:
			break;
		}
	}
}

/* --- Running --- */

/* What is no UTF-8 counts as U+FFFD, one byte each, as in Go. */
static uint32_t
rune_at(struct kg_slice text, size_t at, size_t *next)
{
	uint32_t rune;

	if ((unsigned char)text.ptr[at] < 0x80) {
		*next = at + 1;
		return (unsigned char)text.ptr[at];
	}
	*next = at;
	if (!utf8_next(text, next, &rune)) {
		*next = at + 1;
		rune = 0xfffd;
	}
	return rune;
}

struct search {
	bool found;
	bool spans; /* look for the preferred one; else stop at any */
	struct regex_span span;
};

/*
 * Takes every place of `now` over one character (or none, at the end) into
 * `next`. A match ends the list: what follows is less preferred.
 */
static void
step(struct machine *m, size_t at, uint32_t rune, struct search *s)
{
	const struct regex_program *p = m->prog;
	const bool end = at == m->text.len;

	m->next.count = 0;
	for (uint32_t i = 0; i < m->now.count; i++) {
		const uint32_t pc = m->now.dense[i];
		const struct regex_inst *in = &p->code[pc];
		bool takes = false;

		if (in->code == RI_MATCH) {
			s->found = true;
			s->span = (struct regex_span){ m->now.starts[pc], at };
			return;
		}
		if (in->code == RI_RUNE)
			takes = !end && rune == in->x;
		else if (in->code == RI_SET)
			takes = !end && rune_in(p->sets[in->x], rune);
		if (takes)
			add_place(m, &m->next, pc + 1, m->now.starts[pc]);
	}
}

/* The next place where a match can start, or the text's end. */
static size_t
skip_to_start(const struct machine *m, size_t at)
{
	const struct regex_program *p = m->prog;

	while (at < m->text.len) {
		const unsigned char c = (unsigned char)m->text.ptr[at];

		if ((p->starts[c / 8] >> (c % 8) & 1) != 0)
			break;
		/* What stands within a character is no start. */
		(void)rune_at(m->text, at, &at);
	}
	return at;
}

static bool
nothing_starts(const struct machine *m, size_t at)
{
	if (m->prog->anchored && at > 0)
		return true;
	return m->prog->starts_known && at == m->text.len;
}

static enum kg_status
run(struct machine *m, size_t at, struct search *s)
{
	const struct regex_program *p = m->prog;

	for (;;) {
		size_t next = at;
		uint32_t rune = 0;
		struct list swap;

		if (m->now.count == 0) {
			if (p->starts_known && !p->anchored)
				at = skip_to_start(m, at);
			if (s->found || nothing_starts(m, at))
				return KG_OK;
		}
		if (!s->found && !(p->anchored && at > 0)) {
			m->here = p->asserts ? asserts_at(m->text, at) : 0;
			add_place(m, &m->now, 0, at);
		}
		if (at < m->text.len)
			rune = rune_at(m->text, at, &next);
		m->here = p->asserts && at < m->text.len
		    ? asserts_at(m->text, next)
		    : 0;
		step(m, at, rune, s);
		if (at == m->text.len || (s->found && !s->spans))
			return KG_OK;
		if (m->steps > REGEX_STEPS_MAX)
			return KG_LIMIT;
		swap = m->now;
		m->now = m->next;
		m->next = swap;
		at = next;
	}
}

enum kg_status
regex_pike(const struct regex_program *prog, struct regex_scratch *scratch,
    struct kg_slice text, size_t from, bool *found, struct regex_span *span)
{
	struct machine m = { .prog = prog, .text = text };
	struct search s = { .spans = span != NULL };
	enum kg_status st;

	*found = false;
	if (!machine_init(&m, scratch))
		return scratch->arena->failure;
	st = run(&m, from, &s);
	if (st != KG_OK)
		return st;
	*found = s.found;
	if (span != NULL)
		*span = s.span;
	return KG_OK;
}
