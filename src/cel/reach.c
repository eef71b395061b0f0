/* SPDX-License-Identifier: Apache-2.0 */
/* What of a request no expression can see need not be read. */
#include "cel/node.h"

/*
 * How far along the path a node has come: 0, not on it; 1, the variable; one
 * more each step. Beyond its end: it is reached. Whatever takes a value that
 * is on the path but for one member may look at all of it.
 */
static size_t
progress(const struct cel_builder *b, const struct cel_node *n,
    const uint8_t *reached, const struct kg_slice *path, size_t count)
{
	const struct kg_slice *step;
	size_t furthest = 0;

	for (uint32_t i = 0; i < n->kid_count; i++) {
		const size_t kid = reached[cel_kids(b, n)[i]];

		furthest = kid > furthest ? kid : furthest;
	}
	if (furthest == 0)
		return 0;
	if (n->kind != NODE_SELECT && n->kind != NODE_HAS)
		return count + 1;
	step = &path[furthest - 1];
	if (!slice_eq(cel_slice(&b->program->constants[n->a]), *step))
		return 0;
	return n->kind == NODE_SELECT || furthest == count ? furthest + 1 : 0;
}

bool
cel_builder_reaches(const struct cel_builder *b, uint64_t slots,
    const struct kg_slice *path, size_t count)
{
	uint8_t *reached = arena_alloc(b->scratch, b->node_count);

	if (reached == NULL)
		return true;
	/* A node comes after what it is made of. */
	for (uint32_t i = 0; i < b->node_count; i++) {
		const struct cel_node *n = &b->nodes[i];
		const bool is_start = n->kind == NODE_SLOT && n->a < 64 &&
		    (slots >> n->a & 1) != 0;
		const size_t far =
		    is_start ? 1 : progress(b, n, reached, path, count);

		if (far > count)
			return true;
		reached[i] = (uint8_t)far;
	}
	for (uint32_t i = 0; i < b->program->root_count; i++) {
		if (reached[b->roots[i]] != 0)
			return true;
	}
	return false;
}
