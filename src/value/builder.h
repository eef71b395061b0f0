/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What both decoders share: values are pushed on a stack and gathered into a
 * container when it closes, so that children lie side by side. Here are the
 * caps on depth and nodes and the check for duplicate names.
 */
#ifndef KG_VALUE_BUILDER_H
#define KG_VALUE_BUILDER_H

#include "base/limits.h"
#include "value/value.h"

enum builder_status {
	BUILDER_OK,
	BUILDER_NOMEM,     /* the arena failed: see its failure */
	BUILDER_DEPTH,     /* deeper than DEPTH_MAX */
	BUILDER_NODES,     /* more values and names than nodes_max */
	BUILDER_DUPLICATE, /* see duplicate, duplicate_pos */
};

struct builder_entry {
	struct value value;
	uint32_t hash; /* of a name; its lower half */
	uint32_t pos;
};

struct builder_frame {
	size_t base; /* stack index of the first child */
	uint32_t pos;
	bool object;
};

struct builder {
	struct arena *arena;
	const struct keytab *keys;
	struct builder_entry *stack; /* of members: name, value, name ... */
	size_t top, cap;
	size_t nodes, nodes_max;
	unsigned depth;            /* frames in use */
	bool positions;            /* keep offsets in the values */
	struct kg_slice duplicate; /* the name that came twice */
	uint32_t duplicate_pos;    /* the second one */
	struct builder_frame frames[DEPTH_MAX];
};

void builder_init(struct builder *b, struct arena *arena,
    const struct keytab *keys, size_t nodes_max, bool positions);

/* Makes room for one more entry; called by builder_push(). */
enum builder_status builder_grow(struct builder *b);

/* The name that the container at a level (0: the root) stands under. */
static inline uint16_t
builder_key(const struct builder *b, unsigned level)
{
	return level > 0 && b->frames[level - 1].object
	    ? b->stack[b->frames[level].base - 1].value.key
	    : KEY_NONE;
}

/* Pushes a scalar. */
static inline enum builder_status
builder_push(struct builder *b, struct value v, uint32_t pos)
{
	if (b->top == b->cap) {
		const enum builder_status st = builder_grow(b);

		if (st != BUILDER_OK)
			return st;
	}
	b->stack[b->top].value = v;
	b->stack[b->top++].pos = pos;
	return BUILDER_OK;
}

/* Pushes the name of the member whose value comes next. */
static inline enum builder_status
builder_push_name(struct builder *b, struct kg_slice name, uint32_t pos)
{
	struct value v = { .kind = VALUE_STRING,
		.count = (uint32_t)name.len,
		.u.bytes = name.ptr };
	enum builder_status st;
	uint64_t hash;

	v.key = keytab_lookup(b->keys, name, &hash);
	st = builder_push(b, v, pos);
	if (st == BUILDER_OK)
		b->stack[b->top - 1].hash = (uint32_t)hash;
	return st;
}

static inline enum builder_status
builder_open(struct builder *b, bool object, uint32_t pos)
{
	if (b->depth == DEPTH_MAX)
		return BUILDER_DEPTH;
	b->frames[b->depth++] = (struct builder_frame){ b->top, pos, object };
	return BUILDER_OK;
}

/* Gathers what was pushed since open into one value and pushes that; `end` is
 * where it is closed. */
enum builder_status builder_close(struct builder *b, uint32_t end);

/* True inside an object: names and values alternate. */
static inline bool
builder_in_object(const struct builder *b)
{
	return b->frames[b->depth - 1].object;
}

/* True when the innermost container, an object, waits for a value. */
static inline bool
builder_wants_value(const struct builder *b)
{
	return ((b->top - b->frames[b->depth - 1].base) & 1) != 0;
}

/* The root, once everything is closed, and its offset; NULL: no memory. */
const struct value *builder_root(struct builder *b, uint32_t *pos);

#endif
