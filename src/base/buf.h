/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A capped builder of text in an arena. Failure is sticky: past `max` bytes,
 * or when the arena fails, nothing more is added and buf_slice() gives
 * {NULL, 0}; so callers test buf_failed() once, at the end.
 */
#ifndef KG_BASE_BUF_H
#define KG_BASE_BUF_H

#include "base/arena.h"

struct buf {
	struct arena *arena; /* borrowed; the text lives in it */
	char *ptr;
	size_t len, cap, max;
	bool failed;
};

/* Allocates nothing yet. */
void buf_init(struct buf *b, struct arena *arena, size_t max);

/* Over memory of the caller's; fails when that is full. */
void buf_init_over(struct buf *b, char *memory, size_t size);

/* Makes room for n more bytes, or fails; called by buf_room(). */
char *buf_grow(struct buf *b, size_t n);

/* Room for n more bytes; write them and add n to len. NULL when failed. */
static inline char *
buf_room(struct buf *b, size_t n)
{
	if (n <= b->cap - b->len && !b->failed)
		return b->ptr + b->len;
	return buf_grow(b, n);
}

static inline void
buf_put(struct buf *b, struct kg_slice s)
{
	char *room = s.len > 0 ? buf_room(b, s.len) : NULL;

	if (room != NULL) {
		memcpy(room, s.ptr, s.len);
		b->len += s.len;
	}
}

static inline void
buf_putc(struct buf *b, char c)
{
	char *room = buf_room(b, 1);

	if (room != NULL) {
		*room = c;
		b->len++;
	}
}

void buf_puts(struct buf *b, const char *text);
void buf_put_uint(struct buf *b, uint64_t n);
void buf_put_int(struct buf *b, int64_t n);
void buf_printf(struct buf *b, const char *format, ...) KG_PRINTF(2, 3);

/*
 * User text inside a message: in double quotes, control characters, quotes
 * and invalid UTF-8 escaped, cut at QUOTE_MAX bytes with "...".
 */
void buf_put_quoted(struct buf *b, struct kg_slice text);

/*
 * User text for one line of output: as buf_put_quoted() without the quotes
 * and without a cut. Quotes and backslashes stay as they are.
 */
void buf_put_line(struct buf *b, struct kg_slice text);

/* One RFC 6901 step: "/" and the name, ~ and / escaped. */
void buf_put_step(struct buf *b, struct kg_slice name);
void buf_put_index(struct buf *b, size_t index);

static inline bool
buf_failed(const struct buf *b)
{
	return b->failed;
}

/* The text so far; valid until the next put. */
static inline struct kg_slice
buf_slice(const struct buf *b)
{
	return b->failed ? slice_of(NULL, 0) : slice_of(b->ptr, b->len);
}

/* The same, but where not all of it fitted, what did, up to "...". */
struct kg_slice buf_cut(struct buf *b);

/* printf into an arena; {NULL, 0} when it failed. */
struct kg_slice arena_printf(struct arena *a, const char *format, ...)
    KG_PRINTF(2, 3);

#endif
