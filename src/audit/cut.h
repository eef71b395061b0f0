/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Copying the text of a JSON value without parts of it. What stays is copied
 * as it was sent: escapes and numbers are not written anew. The text was
 * decoded by json_decode() with positions; offsets are into it.
 */
#ifndef KG_AUDIT_CUT_H
#define KG_AUDIT_CUT_H

#include "base/buf.h"
#include "value/value.h"

/* A member that is not there, or an element that is null: it keeps its place,
 * or others would move. */
struct cut {
	uint32_t from, to; /* up to the next name or element, or the bracket */
	bool element;
	bool last; /* no comma stands behind it, in [from, to) */
};

struct cuts {
	struct arena *arena; /* borrowed; remembers when memory ran out */
	struct cut *list;
	size_t count, cap;
	bool unsorted; /* by where they begin; see cuts_seal() */
};

/* `child` lies in `container` itself. Cuts may lie in one another. */
void cuts_add(
    struct cuts *c, const struct value *container, const struct value *child);

/* To be called when all were added. */
void cuts_seal(struct cuts *c);

/*
 * Appends the text of a member's value, an object, in one line: without the
 * cuts, and without line breaks and tabs, which can only stand between tokens.
 */
void cuts_put_object(const struct cuts *c, struct buf *out,
    struct kg_slice text, const struct value *container,
    const struct value *object);

#endif
