/* SPDX-License-Identifier: Apache-2.0 */
/* Nodes and constants by content: equal ones are made once. */
#include "cel/node.h"

#include "base/limits.h"

bool
cel_grow(struct cel_builder *b, struct arena *a, void **items, uint32_t count,
    uint32_t *cap, size_t size)
{
	const uint32_t want = *cap == 0 ? 16 : *cap * 2;
	void *grown;

	if (count < *cap)
		return true;
	grown = want <= CEL_NODES_MAX
	    ? arena_grow(a, *items, *cap * size, want * size)
	    : NULL;
	if (grown == NULL) {
		b->failed = true;
		return false;
	}
	*items = grown;
	*cap = want;
	return true;
}

/* --- Nodes --- */

static uint64_t
node_hash(
    const struct cel_builder *b, const struct cel_node *n, const uint32_t *kids)
{
	uint64_t h = b->program->seed;

	h = hash_mix(h ^ n->kind ^ (uint64_t)n->op << 8 ^
		(uint64_t)n->flags << 16 ^ (uint64_t)n->kid_count << 24,
	    HASH_MUL);
	h = hash_mix(h ^ n->a ^ (uint64_t)n->b << 32, HASH_MUL);
	h = hash_mix(
	    h ^ n->charge ^ (uint64_t)(uint8_t)n->cost << 32, HASH_MUL);
	return hash_bytes(h, (const char *)kids, n->kid_count * sizeof(*kids));
}

static bool
node_same(const struct cel_builder *b, const struct cel_node *m,
    const struct cel_node *n, const uint32_t *kids)
{
	return m->kind == n->kind && m->op == n->op && m->flags == n->flags &&
	    m->a == n->a && m->b == n->b && m->charge == n->charge &&
	    m->cost == n->cost && m->kid_count == n->kid_count &&
	    (n->kid_count == 0 ||
		memcmp(cel_kids(b, m), kids, n->kid_count * sizeof(*kids)) ==
		    0);
}

static bool
table_resize(struct cel_builder *b)
{
	const uint32_t size = b->table_size == 0 ? 256 : b->table_size * 2;
	uint32_t *table = arena_alloc(b->scratch, size * sizeof(*table));

	if (table == NULL) {
		b->failed = true;
		return false;
	}
	for (uint32_t i = 0; i < b->node_count; i++) {
		const struct cel_node *n = &b->nodes[i];
		uint32_t at =
		    (uint32_t)node_hash(b, n, cel_kids(b, n)) & (size - 1);

		while (table[at] != 0)
			at = (at + 1) & (size - 1);
		table[at] = i + 1;
	}
	b->table = table;
	b->table_size = size;
	return true;
}

static bool
put_kids(struct cel_builder *b, struct cel_node *n, const uint32_t *kids)
{
	n->kids = b->kid_count;
	for (uint32_t i = 0; i < n->kid_count; i++) {
		if (!cel_grow(b, b->scratch, (void **)&b->kids, b->kid_count,
			&b->kid_cap, sizeof(*b->kids)))
			return false;
		b->kids[b->kid_count++] = kids[i];
	}
	return true;
}

/* What a node looks at is what its kids look at, less what it binds. */
static void
note_kids(struct cel_builder *b, struct cel_node *n)
{
	uint32_t bound = 0;

	if (n->kind == NODE_FOLD)
		bound = (n->flags & NODE_TWO) != 0 ? 2 : 1;
	for (uint32_t i = 0; i < n->kid_count; i++) {
		struct cel_node *kid = &b->nodes[cel_kids(b, n)[i]];
		const uint32_t hide = i > 0 ? bound : 0;
		const uint32_t free = kid->free > hide ? kid->free - hide : 0;

		kid->uses++;
		n->slots |= kid->slots;
		if (free > n->free)
			n->free = (uint8_t)free;
		if (kid->calls + 1 > n->calls)
			n->calls = kid->calls + 1;
	}
}

static uint32_t
node_append(
    struct cel_builder *b, const struct cel_node *like, const uint32_t *kids)
{
	struct cel_node n = *like;

	if (!cel_grow(b, b->scratch, (void **)&b->nodes, b->node_count,
		&b->node_cap, sizeof(*b->nodes)) ||
	    !put_kids(b, &n, kids))
		return 0;
	n.root = b->root;
	note_kids(b, &n);
	b->nodes[b->node_count] = n;
	return b->node_count++;
}

uint32_t
cel_node_add(
    struct cel_builder *b, const struct cel_node *like, const uint32_t *kids)
{
	uint32_t at;

	if (b->failed)
		return 0;
	if (b->options.plain && like->kind != NODE_CONST)
		return node_append(b, like, kids);
	if (b->node_count * 2 >= b->table_size && !table_resize(b))
		return 0;
	at = (uint32_t)node_hash(b, like, kids) & (b->table_size - 1);
	for (; b->table[at] != 0; at = (at + 1) & (b->table_size - 1)) {
		if (node_same(b, &b->nodes[b->table[at] - 1], like, kids))
			return b->table[at] - 1;
	}
	b->table[at] = b->node_count + 1;
	return node_append(b, like, kids);
}

/* --- Constants --- */

/* Exactly the same: 1 is not 1.0, -0.0 not 0.0. Recursion: as deep as
 * literals nest. */
static bool
same_value(const struct value *x, const struct value *y)
{
	if (x->kind != y->kind || x->count != y->count || x->flags != y->flags)
		return false;
	if (x->kind == CEL_TIMESTAMP && x->key != y->key)
		return false;
	switch ((enum cel_kind)x->kind) {
	case CEL_STRING:
	case CEL_BYTES:
	case CEL_TYPE:
	case CEL_ERROR:
		return x->count == 0 ||
		    memcmp(x->u.bytes, y->u.bytes, x->count) == 0;
	case CEL_LIST:
		for (size_t i = 0; i < x->count; i++) {
			if (!same_value(&x->u.items[i], &y->u.items[i]))
				return false;
		}
		return true;
	case CEL_NULL:
	case CEL_BOOL:
	case CEL_INT:
	case CEL_DOUBLE:
	case CEL_UINT:
	case CEL_TIMESTAMP:
	case CEL_DURATION:
	case CEL_MAP:
	case CEL_OPTIONAL:
	case CEL_OPAQUE:
		break;
	}
	return x->u.integer == y->u.integer;
}

static bool
constants_resize(struct cel_builder *b)
{
	const uint32_t size =
	    b->constant_table_size == 0 ? 128 : b->constant_table_size * 2;
	uint32_t *table = arena_alloc(b->scratch, size * sizeof(*table));
	struct cel_program *p = b->program;

	if (table == NULL) {
		b->failed = true;
		return false;
	}
	for (uint32_t i = 0; i < p->constant_count; i++) {
		uint32_t at =
		    (uint32_t)cel_hash(&p->constants[i], p->seed) & (size - 1);

		while (table[at] != 0)
			at = (at + 1) & (size - 1);
		table[at] = i + 1;
	}
	b->constant_table = table;
	b->constant_table_size = size;
	return true;
}

/* Texts that the tree made die with it. */
static struct value
kept(struct cel_builder *b, const struct value *v)
{
	struct value copy = *v;

	if (v->kind == CEL_STRING || v->kind == CEL_BYTES ||
	    v->kind == CEL_TYPE)
		copy.u.bytes =
		    arena_copy(b->keep, slice_of(v->u.bytes, v->count)).ptr;
	return copy;
}

uint32_t
cel_constant(struct cel_builder *b, const struct value *v)
{
	struct cel_program *p = b->program;
	uint32_t mask, at;

	if (b->failed ||
	    (p->constant_count * 2 >= b->constant_table_size &&
		!constants_resize(b)))
		return 0;
	mask = b->constant_table_size - 1;
	at = (uint32_t)cel_hash(v, p->seed) & mask;
	for (; b->constant_table[at] != 0; at = (at + 1) & mask) {
		const uint32_t i = b->constant_table[at] - 1;

		if (same_value(&p->constants[i], v))
			return i;
	}
	if (!cel_grow(b, b->scratch, (void **)&p->constants, p->constant_count,
		&b->constant_cap, sizeof(*p->constants)))
		return 0;
	b->constant_table[at] = p->constant_count + 1;
	p->constants[p->constant_count] = kept(b, v);
	return p->constant_count++;
}

uint32_t
cel_constant_text(struct cel_builder *b, struct kg_slice text)
{
	const struct value v = cel_string(text);

	return cel_constant(b, &v);
}

void **
cel_entry(struct cel_builder *b, uint32_t x, uint32_t y)
{
	const uint32_t pair[2] = { x, y };
	const struct kg_slice key =
	    arena_copy(b->scratch, slice_of((const char *)pair, sizeof(pair)));
	void **entry = key.ptr != NULL ? map_put(&b->entries, key) : NULL;

	b->failed = b->failed || entry == NULL;
	return entry;
}
