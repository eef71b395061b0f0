/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Expressions that stand for a few texts, with or without anchors: most that
 * policies use. They are compared, not matched.
 */
#include "value/regex_impl.h"

#include "base/utf8.h"

/* Texts in order of preference. */
struct texts {
	struct arena *arena;
	struct kg_slice *items; /* room for REGEX_LITERALS_MAX */
	uint32_t count;
};

static bool
texts_init(struct texts *t, struct arena *arena)
{
	t->arena = arena;
	t->count = 0;
	t->items = arena_array(arena, REGEX_LITERALS_MAX, sizeof(*t->items));
	return t->items != NULL;
}

static bool
texts_add(struct texts *t, struct kg_slice text)
{
	if (t->count == REGEX_LITERALS_MAX)
		return false;
	t->items[t->count++] = text;
	return true;
}

static bool
append_rune(struct arena *arena, struct kg_slice *text, uint32_t rune)
{
	char *p = arena_array(arena, text->len + 4, 1);

	if (p == NULL)
		return false;
	if (text->len > 0)
		memcpy(p, text->ptr, text->len);
	*text = slice_of(p, text->len + utf8_encode(rune, p + text->len));
	return true;
}

static bool expand(struct texts *t, const struct regex_node *n);

/* The texts of one beginning, followed by those of n. */
/* NOLINTNEXTLINE(misc-no-recursion): REGEX_DEPTH_MAX */
static bool
expand_one(struct texts *out, struct kg_slice begin, const struct regex_node *n)
{
	struct texts one;

	if (!texts_init(&one, out->arena) || !texts_add(&one, begin))
		return false;
	if (n != NULL && !expand(&one, n))
		return false;
	for (uint32_t i = 0; i < one.count; i++) {
		if (!texts_add(out, one.items[i]))
			return false;
	}
	return true;
}

/* NOLINTNEXTLINE(misc-no-recursion): REGEX_DEPTH_MAX */
static bool
expand_choices(struct texts *t, const struct regex_node *n)
{
	const bool optional = n->op == RX_REPEAT;
	struct texts out;
	bool ok = texts_init(&out, t->arena);

	for (uint32_t i = 0; ok && i < t->count; i++) {
		if (optional && n->lazy)
			ok = expand_one(&out, t->items[i], NULL);
		for (const struct regex_node *s = n->first; ok && s != NULL;
		     s = s->next)
			ok = expand_one(&out, t->items[i], s);
		if (ok && optional && !n->lazy)
			ok = expand_one(&out, t->items[i], NULL);
	}
	if (ok)
		*t = out;
	return ok;
}

static bool
expand_set(struct texts *t, const struct rune_set *set)
{
	struct texts out;

	if (!texts_init(&out, t->arena))
		return false;
	for (uint32_t i = 0; i < t->count; i++) {
		for (uint32_t r = 0; r < set->count; r++) {
			const struct rune_range range = set->ranges[r];

			if (range.last - range.first >= REGEX_LITERALS_MAX)
				return false;
			for (uint32_t c = range.first; c <= range.last; c++) {
				struct kg_slice text = t->items[i];

				if (!append_rune(t->arena, &text, c) ||
				    !texts_add(&out, text))
					return false;
			}
		}
	}
	*t = out;
	return true;
}

/* Appends what n stands for to every text; false: not of this form. */
/* NOLINTNEXTLINE(misc-no-recursion): REGEX_DEPTH_MAX */
static bool
expand(struct texts *t, const struct regex_node *n)
{
	switch ((enum regex_op)n->op) {
	case RX_EMPTY:
		return true;
	case RX_RUNE:
		if (n->rune >= 0xd800 && n->rune <= 0xdfff)
			return false; /* in no text */
		for (uint32_t i = 0; i < t->count; i++) {
			if (!append_rune(t->arena, &t->items[i], n->rune))
				return false;
		}
		return true;
	case RX_SET:
		return n->set->count > 0 && n->set->count <= 8 &&
		    n->set->ranges[n->set->count - 1].last < 0xd800 &&
		    expand_set(t, n->set);
	case RX_CONCAT:
		for (const struct regex_node *s = n->first; s != NULL;
		     s = s->next) {
			if (!expand(t, s))
				return false;
		}
		return true;
	case RX_ALTERNATE:
		return expand_choices(t, n);
	case RX_REPEAT:
		return n->min == 0 && n->max == 1 && expand_choices(t, n);
	case RX_ASSERT:
		return false;
	}
	return false;
}

static bool
is_assert(const struct regex_node *n, enum regex_assert what)
{
	return n->op == RX_ASSERT && n->rune == what;
}

/* The root's children but for anchors at both ends. */
static bool
expand_root(
    struct texts *t, const struct regex_node *root, struct regex_literal *out)
{
	const struct regex_node *n = root;

	if (n->op == RX_CONCAT)
		n = n->first;
	if (is_assert(n, AT_TEXT_START)) {
		out->at_start = true;
		n = root == n ? NULL : n->next;
	}
	while (n != NULL) {
		const struct regex_node *next = root == n ? NULL : n->next;

		if (next == NULL && is_assert(n, AT_TEXT_END)) {
			out->at_end = true;
			return true;
		}
		if (!expand(t, n))
			return false;
		n = next;
	}
	return true;
}

/* The texts, in the arena that lasts. */
static const struct kg_slice *
keep_texts(struct arena *arena, const struct texts *t)
{
	struct kg_slice *kept = arena_array(arena, t->count, sizeof(*kept));

	if (kept == NULL)
		return NULL;
	for (uint32_t i = 0; i < t->count; i++)
		kept[i] = arena_copy(arena, t->items[i]);
	return arena_failed(arena) ? NULL : kept;
}

void
regex_literal_of(struct arena *arena, struct arena *scratch,
    const struct regex_node *root, struct regex_literal *literal)
{
	struct texts t;

	*literal = (struct regex_literal){ 0 };
	if (root->size > REGEX_LITERAL_SIZE_MAX || !texts_init(&t, scratch) ||
	    !texts_add(&t, slice_of(NULL, 0)) ||
	    !expand_root(&t, root, literal))
		return;
	/* Many texts anywhere are better looked for in one pass. */
	if (t.count > 1 && !literal->at_start && !literal->at_end)
		return;
	literal->texts = keep_texts(arena, &t);
	literal->count = t.count;
	literal->known = literal->texts != NULL;
}

/* --- Comparing --- */

static bool
find_text(struct kg_slice text, size_t from, struct kg_slice what, size_t *at)
{
	const char *p = text.ptr + from, *end;

	*at = from;
	if (what.len == 0)
		return true;
	if (text.len - from < what.len)
		return false;
	end = text.ptr + text.len - what.len + 1;
	while (p < end) {
		p = memchr(p, what.ptr[0], (size_t)(end - p));
		if (p == NULL)
			return false;
		if (memcmp(p, what.ptr, what.len) == 0) {
			*at = (size_t)(p - text.ptr);
			return true;
		}
		p++;
	}
	return false;
}

/* Of those that end the text the longest starts leftmost. */
static bool
find_at_end(const struct regex_literal *literal, struct kg_slice text,
    size_t from, struct regex_span *span)
{
	const struct kg_slice rest = slice_of(text.ptr + from, text.len - from);
	bool found = false;

	for (uint32_t i = 0; i < literal->count; i++) {
		const size_t start = text.len - literal->texts[i].len;

		if (!slice_ends(rest, literal->texts[i]) ||
		    (found && start >= span->start))
			continue;
		found = true;
		*span = (struct regex_span){ start, text.len };
	}
	return found;
}

bool
regex_literal_find(const struct regex_literal *literal, struct kg_slice text,
    size_t from, struct regex_span *span)
{
	if (!literal->at_start && literal->at_end)
		return find_at_end(literal, text, from, span);
	if (literal->at_start && from > 0)
		return false;
	for (uint32_t i = 0; i < literal->count; i++) {
		const struct kg_slice want = literal->texts[i];
		size_t at = 0;
		bool ok;

		if (literal->at_start)
			ok = literal->at_end ? slice_eq(text, want)
					     : slice_starts(text, want);
		else
			ok = find_text(text, from, want, &at);
		if (ok) {
			*span = (struct regex_span){ at, at + want.len };
			return true;
		}
	}
	return false;
}
