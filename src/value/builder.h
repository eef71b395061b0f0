/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What both decoders share: values are pushed on a stack and gathered into a
 * container when it closes, so that children lie side by side. Here are the
 * caps on depth and nodes and the check for duplicate names.
 */
#ifndef KG_VALUE_BUILDER_H
#define KG_VALUE_BUILDER_H

#include "value/value.h"

struct builder_frame {
	size_t base; /* stack index of the first child */
	uint32_t pos;
	bool object;
};

struct builder {
	struct arena *arena;
	const struct keytab *keys;
	struct value *stack; /* of members: name, value, name, value ... */
	uint32_t *pos;       /* parallel, when positions are kept */
	uint64_t *hashes;    /* parallel: of names */
	size_t top, cap;
	size_t nodes, nodes_max;
	struct builder_frame frames[256];
	unsigned depth;
	bool positions;
	struct kg_slice duplicate; /* the name that came twice */
	uint32_t duplicate_pos;
};

enum builder_status {
	BUILDER_OK,
	BUILDER_NOMEM,     /* the arena failed: see its failure */
	BUILDER_DEPTH,     /* deeper than DEPTH_MAX */
	BUILDER_NODES,     /* more than nodes_max values */
	BUILDER_DUPLICATE, /* see duplicate, duplicate_pos */
};

void builder_init(struct builder *b, struct arena *arena,
    const struct keytab *keys, bool positions);

/* Pushes a scalar or a name. */
enum builder_status builder_push(
    struct builder *b, struct value v, uint32_t pos);
enum builder_status builder_push_name(
    struct builder *b, struct kg_slice name, uint32_t pos);

enum builder_status builder_open(struct builder *b, bool object, uint32_t pos);

/* Gathers what was pushed since open into one value and pushes that. */
enum builder_status builder_close(struct builder *b);

/* The root, once everything is closed; *pos is its offset. */
const struct value *builder_root(struct builder *b, uint32_t *pos);

#endif
