/* SPDX-License-Identifier: Apache-2.0 */
/* find and findAll. */
#include "cel/library.h"

static struct value
part(struct kg_slice text, struct regex_span span)
{
	return cel_string(
	    slice_of(text.ptr + span.start, span.end - span.start));
}

/* What ends a search that found no answer. */
static struct value
search_error(struct cel_eval *e, enum kg_status st)
{
	if (st == KG_LIMIT && !arena_failed(e->arena))
		return cel_error("the pattern takes too long on this text");
	return cel_no_memory();
}

struct value
cel_fn_find(struct cel_eval *e, const struct value *args)
{
	const struct kg_slice text = cel_slice(&args[0]);
	struct regex_span span;
	struct value error;
	const struct regex *re =
	    cel_find_pattern(e, cel_slice(&args[1]), &error);
	enum kg_status st;
	bool found;

	if (re == NULL)
		return error;
	st = regex_find(re, &e->regex, text, &found, &span);
	if (st != KG_OK)
		return search_error(e, st);
	return found ? part(text, span) : cel_string(slice_of(NULL, 0));
}

struct matches {
	struct cel_eval *e;
	struct value *items;
	size_t count, cap;
};

static bool
matches_put(struct matches *m, struct value v)
{
	const size_t want = m->cap == 0 ? 8 : m->cap * 2;

	if (m->count == m->cap) {
		struct value *grown = m->count < CEL_ITEMS_MAX
		    ? arena_grow(m->e->arena, m->items, m->cap * sizeof(*grown),
			  want * sizeof(*grown))
		    : NULL;

		if (grown == NULL)
			return false;
		m->items = grown;
		m->cap = want;
	}
	m->items[m->count++] = v;
	return true;
}

/* At most so many; all when it is negative. */
static struct value
find_all(struct cel_eval *e, const struct value *args, int64_t most)
{
	const struct kg_slice text = cel_slice(&args[0]);
	struct regex_walk walk = { 0 };
	struct matches m = { .e = e };
	struct regex_span span;
	struct value error;
	const struct regex *re =
	    cel_find_pattern(e, cel_slice(&args[1]), &error);

	if (re == NULL)
		return error;
	while (most < 0 || m.count < (uint64_t)most) {
		const enum kg_status st =
		    regex_next(re, &e->regex, text, &walk, &span);

		if (st != KG_OK)
			return search_error(e, st);
		if (walk.done)
			break;
		if (!matches_put(&m, part(text, span)))
			return cel_no_memory();
	}
	return cel_list(m.items, m.count);
}

struct value
cel_fn_find_all(struct cel_eval *e, const struct value *args)
{
	return find_all(e, args, -1);
}

struct value
cel_fn_find_all_most(struct cel_eval *e, const struct value *args)
{
	return find_all(e, args, args[2].u.integer);
}
