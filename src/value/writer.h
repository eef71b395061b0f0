/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON out, for what is on the decision path: answers, records, canonical
 * documents. Appends to a builder in an arena; commas are its business.
 *
 *	writer_object(w);
 *	writer_member(w, "uid", uid);
 *	writer_end(w);
 */
#ifndef KG_VALUE_WRITER_H
#define KG_VALUE_WRITER_H

#include "base/buf.h"
#include "base/limits.h"
#include "value/value.h"

struct writer {
	struct buf *out; /* borrowed; its failure is the writer's */
	unsigned depth;
	bool comma; /* a value stands before, at this level */
	uint8_t closers[DEPTH_MAX + 8]; /* '}' or ']' of what is open */
};

void writer_init(struct writer *w, struct buf *out);

void writer_object(struct writer *w);
void writer_list(struct writer *w);
void writer_end(struct writer *w); /* closes the innermost */

void writer_name_slice(struct writer *w, struct kg_slice name);
void writer_name_plain(struct writer *w, struct kg_slice name); /* plain.h */

static inline void
writer_name(struct writer *w, const char *plain)
{
	writer_name_plain(w, slice_str(plain));
}

void writer_null(struct writer *w);
void writer_bool(struct writer *w, bool b);
void writer_int(struct writer *w, int64_t n);
void writer_uint(struct writer *w, uint64_t n);
void writer_double(struct writer *w, double d); /* reads back as a double */
void writer_string(struct writer *w, struct kg_slice s);
void writer_raw(struct writer *w, struct kg_slice json); /* one JSON value */

static inline void
writer_str(struct writer *w, const char *s)
{
	writer_string(w, slice_str(s));
}

/* A member that is a string. */
void writer_member_plain(
    struct writer *w, struct kg_slice name, struct kg_slice s);

static inline void
writer_member(struct writer *w, const char *plain, struct kg_slice s)
{
	writer_member_plain(w, slice_str(plain), s);
}

/* A value as it was read: members in their order. */
void writer_value(struct writer *w, const struct value *v);

/*
 * RFC 8785 (JCS) in order and escapes: names sorted by UTF-16 code units. One
 * difference: integers are printed exactly, beyond 2^53 too. Scratch for the
 * sorting comes from the builder's arena.
 */
void writer_canonical(struct writer *w, const struct value *v);

/*
 * The shortest decimal text that reads back as the same double, in
 * ECMAScript's form (RFC 8785, section 3.2.2.3). `text` holds at least 32
 * bytes; gives the length. The value must be finite.
 */
size_t double_text(double d, char text[32]);

#endif
