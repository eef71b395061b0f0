/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The YAML reader: libyaml's events into the builder that the JSON decoder
 * uses too. What libyaml leaves open is decided here and in its two
 * neighbours: scalars, duplicate keys, depth, anchors and aliases, merge keys.
 */
#include "value/json.h"
#include "value/yaml_impl.h"

/* --- Places and errors --- */

static uint32_t
mark_pos(const struct yaml_reader *r, const yaml_mark_t *mark)
{
	return line_table_pos(
	    &r->lines, r->place.text, mark->line, mark->column);
}

enum kg_status
yaml_error(struct yaml_reader *r, uint32_t pos, enum kg_status st,
    struct kg_slice message)
{
	diag_add_text(r->diags, KG_ERROR, &r->place, pos, message);
	r->ended = true;
	return st;
}

enum kg_status
yaml_error_named(
    struct yaml_reader *r, uint32_t pos, const char *what, struct kg_slice name)
{
	struct buf b;

	buf_init(&b, &r->own, DIAG_MESSAGE_MAX);
	buf_puts(&b, what);
	buf_putc(&b, ' ');
	buf_put_quoted(&b, name);
	return yaml_error(r, pos, KG_SYNTAX, buf_slice(&b));
}

enum kg_status
yaml_builder_error(struct yaml_reader *r, uint32_t pos, enum builder_status why)
{
	switch (why) {
	case BUILDER_OK:
		return KG_OK;
	case BUILDER_DEPTH:
		return yaml_error(
		    r, pos, KG_LIMIT, SLICE("nested deeper than 250 levels"));
	case BUILDER_NODES:
		return yaml_error(
		    r, pos, KG_LIMIT, SLICE("too many values in one document"));
	case BUILDER_DUPLICATE:
		return yaml_error_named(r, r->builder.duplicate_pos,
		    "duplicate key", r->builder.duplicate);
	case BUILDER_NOMEM:
		break;
	}
	return yaml_error(r, pos, r->arena->failure,
	    SLICE("out of memory for this document"));
}

static enum kg_status
parser_error(struct yaml_reader *r)
{
	const yaml_parser_t *p = &r->parser;
	const char *problem = p->problem != NULL ? p->problem : "not YAML";
	struct buf b;
	uint32_t pos;

	if (p->error == YAML_MEMORY_ERROR)
		return yaml_error(
		    r, POS_NONE, KG_NOMEM, SLICE("out of memory"));
	pos = p->error == YAML_READER_ERROR ? (uint32_t)p->problem_offset
					    : mark_pos(r, &p->problem_mark);
	buf_init(&b, &r->own, DIAG_MESSAGE_MAX);
	buf_puts(&b, "invalid YAML: ");
	buf_put_line(&b, slice_str(problem));
	if (p->context != NULL) {
		unsigned line, column;

		line_column(r->place.text, mark_pos(r, &p->context_mark), &line,
		    &column);
		buf_printf(&b, " (%s at line %u, column %u)", p->context, line,
		    column);
	}
	return yaml_error(r, pos, KG_SYNTAX, buf_slice(&b));
}

/* --- Events --- */

static bool
wants_key(const struct builder *b)
{
	return b->depth > 0 && builder_in_object(b) && !builder_wants_value(b);
}

static bool
is_merge_key(const yaml_event_t *e)
{
	return e->type == YAML_SCALAR_EVENT && e->data.scalar.tag == NULL &&
	    e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
	    e->data.scalar.length == 2 &&
	    memcmp(e->data.scalar.value, "<<", 2) == 0;
}

static bool
frame_has_merge(const struct builder *b)
{
	for (size_t at = b->frames[b->depth - 1].base; at < b->top; at += 2) {
		if ((b->stack[at].value.flags & FLAG_MERGE) != 0)
			return true;
	}
	return false;
}

/* A scalar or alias where a key stands. */
static enum kg_status
push_key(struct yaml_reader *r, const yaml_event_t *e, const struct value *v,
    uint32_t pos)
{
	struct builder *b = &r->builder;
	enum builder_status pushed;
	struct kg_slice name;
	enum kg_status st;

	if (v->kind >= VALUE_LIST)
		return yaml_error(
		    r, pos, KG_SYNTAX, SLICE("a key must be a scalar"));
	if (is_merge_key(e) && frame_has_merge(b))
		return yaml_error_named(r, pos, "duplicate key", SLICE("<<"));
	st = yaml_key_text(r, v, pos, &name);
	if (st != KG_OK)
		return st;
	if (name.len > KEY_TEXT_MAX)
		return yaml_error(r, pos, KG_LIMIT, SLICE("key over 64 KiB"));
	pushed = builder_push_name(b, name, pos);
	if (pushed == BUILDER_OK && is_merge_key(e))
		b->stack[b->top - 1].value.flags |= FLAG_MERGE;
	return yaml_builder_error(r, pos, pushed);
}

static enum kg_status
on_leaf(struct yaml_reader *r, const yaml_event_t *e, uint32_t pos)
{
	struct value v = { .kind = VALUE_NULL };
	enum kg_status st;
	size_t anchor = 0;

	if (e->type == YAML_ALIAS_EVENT) {
		st = yaml_alias(r, e, pos, &v);
	} else {
		st = yaml_scalar(r, e, pos, &v);
		if (st == KG_OK)
			st = yaml_add_anchor(
			    r, e->data.scalar.anchor, pos, &anchor);
	}
	if (st != KG_OK)
		return st;
	if (anchor != 0) {
		r->anchors[anchor - 1].value = v;
		r->anchors[anchor - 1].complete = true;
	}
	if (wants_key(&r->builder))
		return push_key(r, e, &v, pos);
	return yaml_builder_error(r, pos, builder_push(&r->builder, v, pos));
}

static enum kg_status
on_open(struct yaml_reader *r, const yaml_event_t *e, uint32_t pos)
{
	const bool object = e->type == YAML_MAPPING_START_EVENT;
	const char *tag = (const char *)(object ? e->data.mapping_start.tag
						: e->data.sequence_start.tag);
	const char *wanted = object ? YAML_MAP_TAG : YAML_SEQ_TAG;
	enum builder_status opened;
	enum kg_status st;
	size_t anchor;

	if (tag != NULL && strcmp(tag, "!") != 0 && strcmp(tag, wanted) != 0)
		return yaml_error_named(r, pos, "unknown tag", slice_str(tag));
	if (wants_key(&r->builder))
		return yaml_error(
		    r, pos, KG_SYNTAX, SLICE("a key must be a scalar"));
	st = yaml_add_anchor(r,
	    object ? e->data.mapping_start.anchor
		   : e->data.sequence_start.anchor,
	    pos, &anchor);
	if (st != KG_OK)
		return st;
	opened = builder_open(&r->builder, object, pos);
	if (opened == BUILDER_OK)
		r->open_anchor[r->builder.depth - 1] = anchor;
	return yaml_builder_error(r, pos, opened);
}

static enum kg_status
on_close(struct yaml_reader *r, bool object, uint32_t pos)
{
	const size_t anchor = r->open_anchor[r->builder.depth - 1];
	enum kg_status st = KG_OK;

	if (object)
		st = yaml_expand_merge(r);
	if (st == KG_OK)
		st =
		    yaml_builder_error(r, pos, builder_close(&r->builder, pos));
	if (st == KG_OK)
		yaml_complete_anchor(r, anchor);
	return st;
}

/* One event; *done when a document or the stream has ended. */
static enum kg_status
on_event(struct yaml_reader *r, const yaml_event_t *e, bool *done)
{
	const uint32_t pos = mark_pos(r, &e->start_mark);

	*done = false;
	switch (e->type) {
	case YAML_DOCUMENT_START_EVENT:
		r->place.document++;
		r->anchor_count = 0;
		r->alias_nodes = 0;
		builder_init(&r->builder, r->arena, r->builder.keys,
		    NODES_FILE_MAX, true);
		return KG_OK;
	case YAML_SCALAR_EVENT:
	case YAML_ALIAS_EVENT:
		return on_leaf(r, e, pos);
	case YAML_SEQUENCE_START_EVENT:
	case YAML_MAPPING_START_EVENT:
		return on_open(r, e, pos);
	case YAML_SEQUENCE_END_EVENT:
		return on_close(r, false, pos);
	case YAML_MAPPING_END_EVENT:
		return on_close(r, true, pos);
	case YAML_STREAM_END_EVENT:
		r->ended = true;
		*done = true;
		return KG_OK;
	case YAML_DOCUMENT_END_EVENT:
		*done = true;
		return KG_OK;
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
		break;
	}
	return KG_OK;
}

/* Events up to the end of a document or of the stream. */
static enum kg_status
read_events(struct yaml_reader *r)
{
	enum kg_status st = KG_OK;
	bool done = false;

	while (st == KG_OK && !done) {
		yaml_event_t event;

		if (!yaml_parser_parse(&r->parser, &event))
			return parser_error(r);
		st = on_event(r, &event, &done);
		yaml_event_delete(&event);
	}
	return st;
}

/* --- Documents --- */

static struct kg_slice
skip_bom(struct kg_slice text)
{
	const struct kg_slice bom = SLICE("\xef\xbb\xbf");

	return slice_starts(text, bom) ? slice_from(text, bom.len) : text;
}

enum kg_status
yaml_reader_new(struct arena *arena, const struct keytab *keys,
    struct kg_slice file, struct kg_slice text,
    const struct yaml_options *options, struct kg_diags *diags,
    struct yaml_reader **out)
{
	const struct kg_slice start = slice_trim(skip_bom(text));
	struct yaml_reader *r;

	*out = NULL;
	r = calloc(1, sizeof(*r));
	if (r == NULL)
		return KG_NOMEM;
	arena_init(&r->own, ARENA_DOCUMENT_MAX);
	r->arena = arena;
	r->diags = diags;
	r->place = (struct place){ .file = file, .text = text };
	if (options != NULL)
		r->options = *options;
	r->builder.keys = keys;
	r->json = start.len > 0 && start.ptr[0] == '{';
	r->json_at = text.len - skip_bom(text).len;
	if (!r->json && !yaml_parser_initialize(&r->parser)) {
		free(r);
		return KG_NOMEM;
	}
	if (!r->json) {
		r->parser_ready = true;
		yaml_parser_set_encoding(&r->parser, YAML_UTF8_ENCODING);
		yaml_parser_set_input_string(&r->parser,
		    (const unsigned char *)(text.ptr != NULL ? text.ptr : ""),
		    text.len);
	}
	if (!r->json && line_table_build(&r->own, text, &r->lines) != KG_OK) {
		yaml_reader_free(r);
		return KG_NOMEM;
	}
	*out = r;
	return KG_OK;
}

void
yaml_reader_free(struct yaml_reader *r)
{
	if (r == NULL)
		return;
	if (r->parser_ready)
		yaml_parser_delete(&r->parser);
	arena_release(&r->own);
	free(r);
}

static enum kg_status
read_json(struct yaml_reader *r, struct document *out, bool *more)
{
	const struct json_options options = { .nodes_max = NODES_FILE_MAX,
		.positions = true,
		.base = (uint32_t)r->json_at };
	const struct kg_slice rest = slice_from(r->place.text, r->json_at);
	struct json_error error;
	enum kg_status st;
	struct buf b;
	size_t used;

	*more = slice_trim(rest).len > 0;
	if (!*more)
		return KG_OK;
	r->place.document++;
	out->pos = (uint32_t)(slice_trim(rest).ptr - r->place.text.ptr);
	st = json_decode_prefix(r->arena, r->builder.keys, rest, &options,
	    &out->root, &used, &error);
	r->json_at += used;
	out->place = r->place;
	out->whole = options.base == 0 &&
	    slice_trim(slice_from(r->place.text, r->json_at)).len == 0;
	if (st == KG_OK)
		return KG_OK;
	buf_init(&b, &r->own, DIAG_MESSAGE_MAX);
	buf_printf(&b, "invalid JSON: %s", error.message);
	if (error.name.ptr != NULL) {
		buf_putc(&b, ' ');
		buf_put_quoted(&b, error.name);
	}
	return yaml_error(
	    r, options.base + (uint32_t)error.offset, st, buf_slice(&b));
}

enum kg_status
yaml_read(struct yaml_reader *r, struct document *out, bool *more)
{
	*more = false;
	*out = (struct document){ 0 };
	while (!r->ended) {
		enum kg_status st;

		if (r->json)
			return read_json(r, out, more);
		st = read_events(r);
		if (st != KG_OK || r->ended)
			return st;
		out->root = builder_root(&r->builder, &out->pos);
		if (out->root == NULL)
			return yaml_builder_error(r, POS_NONE, BUILDER_NOMEM);
		out->place = r->place;
		*more = out->root->kind != VALUE_NULL;
		if (*more)
			return KG_OK;
	}
	return KG_OK;
}
