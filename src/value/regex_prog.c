/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tree to program: counted repeats are written out, so that the matcher knows
 * characters, assertions and splits alone. A split tries its first way first.
 */
#include "value/regex_impl.h"

#include <assert.h>

struct maker {
	struct arena *arena;
	struct regex_inst *code;
	uint32_t count, room;
	const struct rune_set **sets; /* of the tree */
	const struct rune_set **kept; /* the same in our arena */
	uint32_t set_count, set_cap;
};

static uint32_t
emit(struct maker *m, enum regex_code code, uint32_t x, uint32_t y)
{
	if (m->count < m->room)
		m->code[m->count] = (struct regex_inst){ code, x, y };
	return m->count++;
}

/* A copy of the set in our arena. */
static const struct rune_set *
keep_set(struct arena *arena, const struct rune_set *set)
{
	struct rune_set *copy = arena_alloc(arena, sizeof(*copy));
	struct rune_range *ranges =
	    arena_array(arena, set->count + 1, sizeof(*ranges));

	if (copy == NULL || ranges == NULL)
		return NULL;
	if (set->count > 0)
		memcpy(ranges, set->ranges, set->count * sizeof(*ranges));
	*copy = *set;
	copy->ranges = ranges;
	return copy;
}

/* Copies of one node share its set; they follow each other closely. */
static uint32_t
set_index(struct maker *m, const struct rune_set *set)
{
	for (uint32_t i = m->set_count; i > 0 && m->set_count - i < 16; i--) {
		if (m->sets[i - 1] == set)
			return i - 1;
	}
	if (m->set_count == m->set_cap) {
		const uint32_t cap = m->set_cap == 0 ? 4 : m->set_cap * 2;
		const size_t old = m->set_cap * sizeof(void *);
		void *sets =
		    arena_grow(m->arena, m->sets, old, cap * sizeof(void *));
		void *kept =
		    arena_grow(m->arena, m->kept, old, cap * sizeof(void *));

		if (sets == NULL || kept == NULL)
			return 0;
		m->sets = sets;
		m->kept = kept;
		m->set_cap = cap;
	}
	m->kept[m->set_count] = keep_set(m->arena, set);
	m->sets[m->set_count] = set;
	return m->set_count++;
}

static void make(struct maker *m, const struct regex_node *n);

static void
patch(struct maker *m, uint32_t split, bool second, uint32_t to)
{
	if (split >= m->room)
		return;
	if (second)
		m->code[split].y = to;
	else
		m->code[split].x = to;
}

/* A split that prefers going on unless lazy; the other way is patched. */
static uint32_t
emit_split(struct maker *m, bool lazy, uint32_t on)
{
	return emit(m, RI_SPLIT, lazy ? 0 : on, lazy ? on : 0);
}

/* sub+ */
/* NOLINTNEXTLINE(misc-no-recursion): REGEX_DEPTH_MAX */
static void
make_plus(struct maker *m, const struct regex_node *n)
{
	const uint32_t start = m->count;
	uint32_t split;

	make(m, n->first);
	split = emit_split(m, n->lazy, start);
	patch(m, split, !n->lazy, m->count);
}

/* sub*: what can be empty is (sub+)?, or its order of preference changes. */
/* NOLINTNEXTLINE(misc-no-recursion): REGEX_DEPTH_MAX */
static void
make_star(struct maker *m, const struct regex_node *n)
{
	const uint32_t split = emit_split(m, n->lazy, m->count + 1);

	if (n->first->nullable) {
		make_plus(m, n);
	} else {
		make(m, n->first);
		(void)emit(m, RI_JUMP, split, 0);
	}
	patch(m, split, !n->lazy, m->count);
}

/* max - min times, each inside of the one before: (sub(sub)?)? */
/* NOLINTNEXTLINE(misc-no-recursion): REGEX_DEPTH_MAX */
static void
make_optional(struct maker *m, const struct regex_node *n)
{
	const uint32_t start = m->count;
	uint32_t each = 0;

	for (int i = n->min; i < n->max; i++) {
		(void)emit_split(m, n->lazy, m->count + 1);
		make(m, n->first);
		if (i == n->min)
			each = m->count - start;
	}
	for (uint32_t split = start; each > 0 && split < m->count;
	     split += each)
		patch(m, split, !n->lazy, m->count);
}

/* NOLINTNEXTLINE(misc-no-recursion): REGEX_DEPTH_MAX */
static void
make_repeat(struct maker *m, const struct regex_node *n)
{
	if (n->max < 0 && n->min == 0) {
		make_star(m, n);
		return;
	}
	for (int i = 0; i < n->min - (n->max < 0); i++)
		make(m, n->first);
	if (n->max < 0)
		make_plus(m, n);
	else
		make_optional(m, n);
}

/* NOLINTNEXTLINE(misc-no-recursion): REGEX_DEPTH_MAX */
static void
make_alternate(struct maker *m, const struct regex_node *n)
{
	uint32_t last_jump = UINT32_MAX;

	for (const struct regex_node *s = n->first; s != NULL; s = s->next) {
		uint32_t split, jump;

		if (s->next == NULL) {
			make(m, s);
			break;
		}
		split = emit(m, RI_SPLIT, m->count + 1, 0);
		make(m, s);
		/* Jumps to the end are chained until it is known. */
		jump = emit(m, RI_JUMP, last_jump, 0);
		last_jump = jump;
		patch(m, split, true, m->count);
	}
	while (last_jump != UINT32_MAX && last_jump < m->room) {
		const uint32_t before = m->code[last_jump].x;

		m->code[last_jump].x = m->count;
		last_jump = before;
	}
}

/* NOLINTNEXTLINE(misc-no-recursion): REGEX_DEPTH_MAX */
static void
make(struct maker *m, const struct regex_node *n)
{
	switch ((enum regex_op)n->op) {
	case RX_EMPTY:
		break;
	case RX_RUNE:
		(void)emit(m, RI_RUNE, n->rune, 0);
		break;
	case RX_SET:
		(void)emit(m, RI_SET, set_index(m, n->set), 0);
		break;
	case RX_ASSERT:
		(void)emit(m, RI_ASSERT, n->rune, 0);
		break;
	case RX_CONCAT:
		for (const struct regex_node *s = n->first; s != NULL;
		     s = s->next)
			make(m, s);
		break;
	case RX_ALTERNATE:
		make_alternate(m, n);
		break;
	case RX_REPEAT:
		make_repeat(m, n);
		break;
	}
}

/* --- Where a match can start --- */

static void
start_byte(struct regex_program *p, unsigned byte)
{
	p->starts[byte / 8] |= (uint8_t)(1u << (byte % 8));
}

static unsigned
lead_byte(uint32_t rune)
{
	if (rune < 0x80)
		return rune;
	if (rune < 0x800)
		return 0xc0 | rune >> 6;
	return rune < 0x10000 ? 0xe0 | rune >> 12 : 0xf0 | rune >> 18;
}

static void
start_runes(struct regex_program *p, uint32_t first, uint32_t last)
{
	for (unsigned b = lead_byte(first); b <= lead_byte(last); b++)
		start_byte(p, b);
}

/* What a path from the start comes to first. */
static void
note_start(struct regex_program *p, const struct regex_inst *in)
{
	p->anchored = false;
	if (in->code == RI_RUNE) {
		start_runes(p, in->x, in->x);
	} else if (in->code == RI_SET) {
		const struct rune_set *set = p->sets[in->x];

		for (uint32_t i = 0; i < set->count; i++)
			start_runes(
			    p, set->ranges[i].first, set->ranges[i].last);
	} else {
		p->starts_known = false;
	}
}

/* Follows all ways that consume nothing; `seen` and `stack` by instruction. */
static void
find_starts(struct regex_program *p, uint8_t *seen, uint32_t *stack)
{
	size_t top = 0;

	stack[top++] = 0;
	while (top > 0) {
		const uint32_t pc = stack[--top];
		const struct regex_inst *in = &p->code[pc];

		if (seen[pc])
			continue;
		seen[pc] = 1;
		switch ((enum regex_code)in->code) {
		case RI_SPLIT:
			stack[top++] = in->y;
			stack[top++] = in->x;
			break;
		case RI_JUMP:
			stack[top++] = in->x;
			break;
		case RI_ASSERT:
			if (in->x == AT_TEXT_START) {
				p->starts_known = false;
				break;
			}
			stack[top++] = pc + 1;
			break;
		case RI_MATCH:
		case RI_RUNE:
		case RI_SET:
			note_start(p, in);
			break;
		}
	}
}

enum kg_status
regex_program_make(struct arena *arena, struct arena *scratch,
    const struct regex_node *root, struct regex_program *out)
{
	/* size counts a jump of each repeat and alternative, MATCH not. */
	struct maker m = { .arena = arena, .room = root->size + 1 };
	uint8_t *seen;
	uint32_t *stack;

	*out = (struct regex_program){ .anchored = true, .starts_known = true };
	m.code = arena_array(arena, m.room, sizeof(*m.code));
	if (m.code == NULL)
		return arena->failure;
	make(&m, root);
	(void)emit(&m, RI_MATCH, 0, 0);
	assert(m.count <= m.room);
	out->code = m.code;
	out->count = m.count;
	out->sets = m.kept;
	for (uint32_t i = 0; i < m.count; i++)
		out->asserts = out->asserts || m.code[i].code == RI_ASSERT;
	seen = arena_alloc(scratch, m.count);
	stack = arena_array(scratch, 2 * (size_t)m.count + 2, sizeof(*stack));
	if (seen == NULL || stack == NULL)
		return scratch->failure;
	if (arena_failed(arena))
		return arena->failure;
	find_starts(out, seen, stack);
	return KG_OK;
}
