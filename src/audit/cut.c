/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cut begins with a name or an element and ends where the next one begins,
 * or else at the closing bracket: so nobody needs to know where a scalar
 * ends, and the comma behind goes with it. Only the comma before a member
 * that was the last has to be taken back.
 */
#include "audit/cut.h"

#include <stdlib.h>

/* Names and values alternate in an object (builder.c). */
static size_t
index_of(const struct value *container, const struct value *child)
{
	const size_t at = (size_t)(child - container->u.items);

	return container->kind == VALUE_OBJECT ? at / 2 : at;
}

static uint32_t
begin_of(const struct value *container, size_t i)
{
	return container->kind == VALUE_OBJECT ? value_name_pos(container, i)
					       : value_child_pos(container, i);
}

void
cuts_add(
    struct cuts *c, const struct value *container, const struct value *child)
{
	const size_t i = index_of(container, child);
	const bool last = i + 1 == container->count;
	const struct cut cut = { .from = begin_of(container, i),
		.to = last ? value_end_pos(container)
			   : begin_of(container, i + 1),
		.element = container->kind == VALUE_LIST,
		.last = last };
	struct cut *list =
	    arena_more(c->arena, c->list, c->count, &c->cap, sizeof(*list));

	if (list == NULL)
		return; /* the arena remembers: no record is made */
	c->list = list;
	if (c->count > 0 && cut.from < c->list[c->count - 1].from)
		c->unsorted = true;
	c->list[c->count++] = cut;
}

static int
by_begin(const void *left, const void *right)
{
	const struct cut *a = left, *b = right;

	return (a->from > b->from) - (a->from < b->from);
}

void
cuts_seal(struct cuts *c)
{
	if (c->unsorted)
		qsort(c->list, c->count, sizeof(*c->list), by_begin);
	c->unsorted = false;
}

/* Line breaks and tabs stand between tokens only, and seldom. */
static bool
has_break(struct kg_slice s)
{
	return memchr(s.ptr, '\n', s.len) != NULL ||
	    memchr(s.ptr, '\r', s.len) != NULL ||
	    memchr(s.ptr, '\t', s.len) != NULL;
}

static void
put_text(struct buf *out, struct kg_slice s)
{
	char *room;

	if (!has_break(s)) {
		buf_put(out, s);
		return;
	}
	room = buf_room(out, s.len);
	if (room == NULL)
		return;
	for (size_t i = 0; i < s.len; i++) {
		if ((unsigned char)s.ptr[i] >= ' ') {
			*room++ = s.ptr[i];
			out->len++;
		}
	}
}

static void
take_back_comma(struct buf *out)
{
	size_t n = out->len;

	while (n > 0 && out->ptr[n - 1] == ' ')
		n--;
	if (n > 0 && out->ptr[n - 1] == ',')
		out->len = n - 1;
}

static void
put_instead(struct buf *out, const struct cut *cut)
{
	if (cut->element)
		buf_put(out, cut->last ? SLICE("null") : SLICE("null,"));
	else if (cut->last)
		take_back_comma(out);
}

void
cuts_put_object(const struct cuts *c, struct buf *out, struct kg_slice text,
    const struct value *container, const struct value *object)
{
	const size_t end = (size_t)value_end_pos(object) + 1;
	size_t at = value_child_pos(container, index_of(container, object));

	if (object->count == 0) {
		buf_put(out, SLICE("{}"));
		return;
	}
	for (size_t i = 0; i < c->count && c->list[i].from < end; i++) {
		const struct cut *cut = &c->list[i];

		if (cut->from < at) /* in another, or in another object */
			continue;
		put_text(out, slice_of(text.ptr + at, cut->from - at));
		put_instead(out, cut);
		at = cut->to;
	}
	put_text(out, slice_of(text.ptr + at, end - at));
}
