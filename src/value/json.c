/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The JSON decoder: a loop over tokens with the builder's stack, so no input
 * can exhaust the thread's. It is the first thing that touches untrusted
 * bytes, and most of what a review costs: the common cases (short names,
 * plain strings, small integers) take the straight path.
 */
#include "base/diag.h"
#include "value/builder.h"
#include "value/json_scan.h"

/* Even where the compiler is told to zero what is not initialised. */
#if defined(__has_attribute)
#if __has_attribute(uninitialized)
#define NOT_ZEROED __attribute__((uninitialized))
#endif
#endif
#ifndef NOT_ZEROED
#define NOT_ZEROED
#endif

struct decoder {
	struct json_scan s;
	uint32_t base; /* of positions */
	bool drop_managed_fields;
	struct builder b;
};

static const char *
fail_builder(struct decoder *d, const char *at, enum builder_status why)
{
	switch (why) {
	case BUILDER_DUPLICATE:
		(void)json_wrong(&d->s,
		    d->s.start + (d->b.duplicate_pos - d->base),
		    "duplicate member name");
		d->s.error->name = d->b.duplicate;
		return NULL;
	case BUILDER_DEPTH:
		return json_fail(&d->s, at, KG_LIMIT, JSON_TOO_DEEP);
	case BUILDER_NODES:
		return json_fail(&d->s, at, KG_LIMIT, "too many values");
	case BUILDER_NOMEM:
		return json_fail(
		    &d->s, at, d->b.arena->failure, JSON_NO_MEMORY);
	case BUILDER_OK:
		break;
	}
	return at;
}

static uint32_t
pos_of(const struct decoder *d, const char *at)
{
	return d->base + (uint32_t)(at - d->s.start);
}

static inline const char *
push(struct decoder *d, const char *p, struct value v, uint32_t pos)
{
	const enum builder_status pushed = builder_push(&d->b, v, pos);

	return pushed == BUILDER_OK ? p : fail_builder(d, p, pushed);
}

static inline const char *
read_string(struct decoder *d, const char *p)
{
	const uint32_t pos = pos_of(d, p);
	struct kg_slice text;

	p = json_string(&d->s, p, &text);
	if (p == NULL)
		return NULL;
	return push(d, p,
	    (struct value){ .kind = VALUE_STRING,
		.count = (uint32_t)text.len,
		.u.bytes = text.ptr },
	    pos);
}

static const char *
read_scalar(struct decoder *d, const char *p)
{
	const uint32_t pos = pos_of(d, p);
	struct value v = { .kind = VALUE_NULL };

	p = json_at_number(&d->s, p) ? json_number(&d->s, p, &v)
				     : json_word(&d->s, p, &v);
	return p != NULL ? push(d, p, v, pos) : NULL;
}

/* A name, its colon, and the space around that. */
static inline const char *
read_name(struct decoder *d, const char *p)
{
	const uint32_t pos = pos_of(d, p);
	enum builder_status pushed;
	struct kg_slice name;

	if (!json_at(&d->s, p, '"'))
		return json_wrong(&d->s, p, "member name expected");
	p = json_string(&d->s, p, &name);
	if (p == NULL)
		return NULL;
	if (name.len > KEY_TEXT_MAX)
		return json_fail(&d->s, p, KG_LIMIT, "member name over 64 KiB");
	p = json_colon(&d->s, p);
	if (p == NULL)
		return NULL;
	pushed = builder_push_name(&d->b, name, pos);
	if (pushed != BUILDER_OK)
		return fail_builder(d, p, pushed);
	return json_space(p, d->s.end);
}

/* Closes what the last value completed; *more when another value follows. */
static inline const char *
after_value(struct decoder *d, const char *p, bool *more)
{
	while (d->b.depth > 0) {
		const char closer = builder_in_object(&d->b) ? '}' : ']';
		enum builder_status closed;

		p = json_space(p, d->s.end);
		if (json_at(&d->s, p, ','))
			return json_space(p + 1, d->s.end);
		if (!json_at(&d->s, p, closer))
			return json_not_closed(&d->s, p, closer);
		closed = builder_close(&d->b, pos_of(d, p));
		if (closed != BUILDER_OK)
			return fail_builder(d, p, closed);
		p++;
	}
	*more = false;
	return p;
}

/* Was the name just pushed that of /request/object/metadata/managedFields, or
 * of oldObject's? */
static bool
at_managed_fields(const struct builder *b)
{
	return b->depth == 4 &&
	    b->stack[b->top - 1].value.key == KEY_managedFields &&
	    builder_key(b, 3) == KEY_metadata &&
	    (builder_key(b, 2) == KEY_object ||
		builder_key(b, 2) == KEY_oldObject) &&
	    builder_key(b, 1) == KEY_request;
}

static const char *
drop_managed_fields(struct decoder *d, const char *p)
{
	const struct value null = { .kind = VALUE_NULL };

	p = push(d, p, null, pos_of(d, p));
	return p != NULL ? json_skip(&d->s, p, DEPTH_MAX - d->b.depth) : NULL;
}

/* At an opening bracket; *empty when the closing one comes next. */
static inline const char *
open_container(struct decoder *d, const char *p, bool *empty)
{
	const bool object = *p == '{';
	const enum builder_status opened =
	    builder_open(&d->b, object, pos_of(d, p));

	if (opened != BUILDER_OK)
		return fail_builder(d, p, opened);
	p = json_space(p + 1, d->s.end);
	*empty = json_at(&d->s, p, object ? '}' : ']');
	return p;
}

static const char *
read_document(struct decoder *d, const char *p)
{
	bool more = true;

	p = json_space(p, d->s.end);
	while (p != NULL && more) {
		const bool named = d->b.depth > 0 && builder_in_object(&d->b);
		bool complete = true;

		if (named) {
			p = read_name(d, p);
			if (p == NULL)
				return NULL;
		}
		if (named && d->drop_managed_fields && at_managed_fields(&d->b))
			p = drop_managed_fields(d, p);
		else if (json_at(&d->s, p, '{') || json_at(&d->s, p, '['))
			p = open_container(d, p, &complete);
		else if (json_at(&d->s, p, '"'))
			p = read_string(d, p);
		else
			p = read_scalar(d, p);
		if (p != NULL && complete)
			p = after_value(d, p, &more);
	}
	return p;
}

enum kg_status
json_decode_prefix(struct arena *arena, const struct keytab *keys,
    struct kg_slice text, const struct json_options *options,
    const struct value **out, size_t *used, struct json_error *error)
{
	NOT_ZEROED struct decoder d; /* its frames are 4 KiB */
	const char *end;
	uint32_t pos;

	*out = NULL;
	*used = 0;
	*error = (struct json_error){ 0 };
	d.s.status = KG_OK;
	d.s.error = error;
	d.s.arena = arena;
	d.base = options != NULL ? options->base : 0;
	d.drop_managed_fields = options != NULL && options->drop_managed_fields;
	d.s.start = text.len == 0 ? "" : text.ptr;
	d.s.end = d.s.start + text.len;
	if (text.len >= POS_NONE - d.base) {
		(void)json_fail(&d.s, d.s.start, KG_LIMIT, "text over 4 GiB");
		return d.s.status;
	}
	builder_init(&d.b, arena, keys,
	    options != NULL && options->nodes_max > 0 ? options->nodes_max
						      : NODES_MAX,
	    options != NULL && options->positions);
	end = read_document(&d, d.s.start);
	if (end == NULL)
		return d.s.status;
	*out = builder_root(&d.b, &pos);
	if (*out == NULL)
		(void)fail_builder(&d, end, BUILDER_NOMEM);
	*used = (size_t)(end - d.s.start);
	return d.s.status;
}

enum kg_status
json_decode(struct arena *arena, const struct keytab *keys,
    struct kg_slice text, const struct json_options *options,
    const struct value **out, struct json_error *error)
{
	struct kg_slice rest;
	enum kg_status st;
	size_t used;

	st = json_decode_prefix(arena, keys, text, options, out, &used, error);
	if (st != KG_OK)
		return st;
	rest = slice_trim(slice_from(text, used));
	if (rest.len != 0) {
		*out = NULL;
		*error =
		    (struct json_error){ .message = "text after the document",
			    .offset = (size_t)(rest.ptr - text.ptr) };
		return KG_SYNTAX;
	}
	return KG_OK;
}

void
json_error_put(struct buf *out, const struct json_error *error)
{
	buf_printf(
	    out, "invalid JSON at byte %zu: %s", error->offset, error->message);
	if (error->name.ptr != NULL) {
		buf_putc(out, ' ');
		buf_put_quoted(out, error->name);
	}
}
