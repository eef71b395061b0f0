/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Anchors, aliases and merge keys. An alias shares the value it stands for;
 * what it would expand to is counted, because whoever prints it expands it.
 */
#include "value/yaml_impl.h"

/* A merge key may bring this many members: compared pair by pair. */
#define MERGED_MAX 1000u

static struct anchor *
find_anchor(struct yaml_reader *r, struct kg_slice name)
{
	/* The latest of a name counts. */
	for (size_t i = r->anchor_count; i > 0; i--) {
		if (slice_eq(r->anchors[i - 1].name, name))
			return &r->anchors[i - 1];
	}
	return NULL;
}

/* Notes an anchor; *index is its number + 1, or 0 without a name. */
enum kg_status
yaml_add_anchor(
    struct yaml_reader *r, const yaml_char_t *name, uint32_t pos, size_t *index)
{
	*index = 0;
	if (name == NULL)
		return KG_OK;
	if (r->anchors == NULL)
		r->anchors =
		    arena_array(&r->own, YAML_ANCHORS_MAX, sizeof(*r->anchors));
	if (r->anchors == NULL)
		return yaml_error(
		    r, pos, r->own.failure, SLICE("out of memory"));
	if (r->anchor_count == YAML_ANCHORS_MAX)
		return yaml_error(r, pos, KG_LIMIT,
		    SLICE("more than 1000 anchors in one document"));
	r->anchors[r->anchor_count] = (struct anchor){
		.name = arena_copy(r->arena, slice_str((const char *)name)),
		.pos = pos
	};
	*index = ++r->anchor_count;
	return KG_OK;
}

void
yaml_complete_anchor(struct yaml_reader *r, size_t index)
{
	if (index == 0)
		return;
	r->anchors[index - 1].value =
	    r->builder.stack[r->builder.top - 1].value;
	r->anchors[index - 1].complete = true;
}

/*
 * Counts the values below v into *nodes, stopping beyond `max`, and gives
 * the depth. Recursion: v's depth was bounded when it was built.
 */
static unsigned
measure(const struct value *v, size_t max, size_t *nodes)
{
	unsigned deepest = 0;

	++*nodes;
	if (v->kind < VALUE_LIST)
		return 0;
	for (size_t i = 0; i < v->count && *nodes <= max; i++) {
		const unsigned depth =
		    measure(v->kind == VALUE_LIST ? &v->u.items[i]
						  : &v->u.members[i].value,
			max, nodes);

		if (depth > deepest)
			deepest = depth;
	}
	return deepest + 1;
}

/* Charges an alias to the document's budget. */
static enum kg_status
charge_alias(struct yaml_reader *r, const struct value *v, uint32_t pos)
{
	const size_t left = YAML_ALIAS_NODES_MAX - r->alias_nodes;
	size_t nodes = 0;
	const unsigned depth = measure(v, left, &nodes);

	if (nodes > left)
		return yaml_error(r, pos, KG_LIMIT,
		    SLICE("aliases stand for more than 100000 values"));
	if (depth + r->builder.depth > DEPTH_MAX)
		return yaml_builder_error(r, pos, BUILDER_DEPTH);
	r->alias_nodes += nodes;
	return KG_OK;
}

enum kg_status
yaml_alias(struct yaml_reader *r, const yaml_event_t *e, uint32_t pos,
    struct value *out)
{
	const struct kg_slice name =
	    slice_str((const char *)e->data.alias.anchor);
	const struct anchor *anchor = find_anchor(r, name);

	if (anchor == NULL)
		return yaml_error_named(
		    r, pos, "alias to an unknown anchor", name);
	if (!anchor->complete)
		return yaml_error_named(
		    r, pos, "alias inside the value it stands for", name);
	*out = anchor->value;
	return charge_alias(r, out, pos);
}

/* The entry of the frame with this name, or b->top. */
static size_t
find_entry(const struct builder *b, size_t base, struct kg_slice name)
{
	size_t at = base;

	while (at < b->top &&
	    ((b->stack[at].value.flags & FLAG_MERGE) != 0 ||
		!slice_eq(value_str(&b->stack[at].value), name)))
		at += 2;
	return at;
}

/*
 * Brings in one member as kubectl does: keys that stand behind the `<<` (at
 * `marker`) win over it, it wins over those before, and among several maps
 * the first wins.
 */
static enum builder_status
merge_member(
    struct builder *b, size_t marker, const struct value *map, size_t i)
{
	const struct kg_slice name = value_str(&map->u.members[i].name);
	const struct value value = map->u.members[i].value;
	const uint32_t pos = value_child_pos(map, i);
	const size_t at = find_entry(b, b->frames[b->depth - 1].base, name);
	enum builder_status st;

	if (at == b->top) {
		st = builder_push_name(b, name, value_name_pos(map, i));
		return st == BUILDER_OK ? builder_push(b, value, pos) : st;
	}
	if (at < marker && (b->stack[at].value.flags & FLAG_MERGED) == 0) {
		b->stack[at].value.flags |= FLAG_MERGED;
		b->stack[at + 1].value = value;
		b->stack[at + 1].pos = pos;
	}
	return BUILDER_OK;
}

/* Brings in one map; `marker` is the stack index of the `<<`. */
static enum kg_status
merge_map(struct yaml_reader *r, size_t marker, const struct value *map)
{
	struct builder *b = &r->builder;
	const uint32_t pos = b->stack[marker].pos;
	const size_t members = (b->top - b->frames[b->depth - 1].base) / 2;

	if (!value_is(map, VALUE_OBJECT))
		return yaml_error(r, pos, KG_SYNTAX,
		    SLICE("a merge key needs a mapping or a list of them"));
	if (map->count > MERGED_MAX || members > MERGED_MAX)
		return yaml_error(r, pos, KG_LIMIT,
		    SLICE("a merge key brings more than 1000 members"));
	for (size_t i = 0; i < map->count; i++) {
		const enum builder_status st = merge_member(b, marker, map, i);

		if (st != BUILDER_OK)
			return yaml_builder_error(r, pos, st);
	}
	return KG_OK;
}

/* Expands the `<<` of the mapping that is about to close, if it has one. */
enum kg_status
yaml_expand_merge(struct yaml_reader *r)
{
	struct builder *b = &r->builder;
	const size_t base = b->frames[b->depth - 1].base;
	enum kg_status st = KG_OK;
	struct value merged;
	size_t at = base;

	while (at < b->top && (b->stack[at].value.flags & FLAG_MERGE) == 0)
		at += 2;
	if (at >= b->top)
		return KG_OK;
	merged = b->stack[at + 1].value;
	if (merged.kind == VALUE_LIST) {
		for (size_t i = 0; i < merged.count && st == KG_OK; i++)
			st = merge_map(r, at, &merged.u.items[i]);
	} else {
		st = merge_map(r, at, &merged);
	}
	if (st != KG_OK)
		return st;
	memmove(&b->stack[at], &b->stack[at + 2],
	    (b->top - at - 2) * sizeof(*b->stack));
	b->top -= 2;
	for (at = base; at < b->top; at += 2)
		b->stack[at].value.flags = 0; /* our marks stay here */
	return KG_OK;
}
