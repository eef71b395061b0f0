/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The YAML reader: libyaml's events into the builder that the JSON decoder
 * uses too. What libyaml leaves open is decided here: scalars, duplicate
 * keys, depth, anchors and aliases, merge keys. The only file that includes
 * libyaml; its memory is bounded by the one document it is in.
 */
#include "value/yaml.h"

#include <yaml.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "value/base64.h"
#include "value/builder.h"
#include "value/json.h"
#include "value/scalar.h"
#include "value/writer.h"

/* A merge key may bring this many members: compared pair by pair. */
#define MERGED_MAX 1000u

/* Marks a `<<` on the builder's stack; never leaves this file. */
#define FLAG_MERGE 0x80u

struct anchor {
	struct kg_slice name;
	struct value value;
	uint32_t pos;
	bool complete;
};

struct yaml_reader {
	struct arena *arena; /* of values: borrowed */
	struct arena own;    /* lines, anchors */
	struct kg_diags *diags;
	struct place place;
	struct yaml_options options;
	uint32_t *lines; /* byte offset of each line's first byte */
	size_t line_count;
	bool json, ended, parser_ready;
	size_t json_at;
	yaml_parser_t parser;
	struct builder builder;
	struct anchor *anchors;
	size_t anchor_count;
	/* Anchor of each open container, by depth; NULL none. */
	size_t open_anchor[DEPTH_MAX];
	size_t alias_nodes;
};

/* --- Places and errors ---------------------------------------------------- */

/* Bytes of a line break at p as libyaml sees them; 0: none. */
static size_t
line_break(const char *p, const char *end)
{
	const unsigned char *s = (const unsigned char *)p;

	if (s[0] == '\n')
		return 1;
	if (s[0] == '\r')
		return end - p > 1 && s[1] == '\n' ? 2 : 1;
	if (end - p > 1 && s[0] == 0xc2 && s[1] == 0x85)
		return 2;
	if (end - p > 2 && s[0] == 0xe2 && s[1] == 0x80 &&
	    (s[2] == 0xa8 || s[2] == 0xa9))
		return 3;
	return 0;
}

static enum kg_status
index_lines(struct yaml_reader *r)
{
	const struct kg_slice text = r->place.text;
	const char *p = text.ptr, *end = text.ptr + text.len;
	size_t cap = 0;

	if (slice_starts(text, SLICE("\xef\xbb\xbf")))
		p += 3;
	for (;;) {
		size_t n = 0;

		if (r->line_count == cap) {
			const size_t more = cap == 0 ? 1024 : cap * 2;
			uint32_t *lines = arena_grow(&r->own, r->lines,
			    cap * sizeof(*lines), more * sizeof(*lines));

			if (lines == NULL)
				return r->own.failure;
			r->lines = lines;
			cap = more;
		}
		r->lines[r->line_count++] = (uint32_t)(p - text.ptr);
		while (p < end && (n = line_break(p, end)) == 0)
			p++;
		if (p == end)
			return KG_OK;
		p += n;
	}
}

static uint32_t
mark_pos(const struct yaml_reader *r, const yaml_mark_t *mark)
{
	const struct kg_slice text = r->place.text;
	size_t at, column = mark->column;
	uint32_t code;

	if (mark->line >= r->line_count)
		return (uint32_t)text.len;
	at = r->lines[mark->line];
	while (column > 0 && at < text.len) {
		if ((unsigned char)text.ptr[at] < 0x80 ||
		    !utf8_next(text, &at, &code))
			at++;
		column--;
	}
	return (uint32_t)at;
}

static enum kg_status
error_at(struct yaml_reader *r, uint32_t pos, enum kg_status st,
    struct kg_slice message)
{
	diag_add_text(r->diags, KG_ERROR, &r->place, pos, message);
	r->ended = true;
	return st;
}

static enum kg_status
error_named(
    struct yaml_reader *r, uint32_t pos, const char *what, struct kg_slice name)
{
	struct buf b;

	buf_init(&b, &r->own, DIAG_MESSAGE_MAX);
	buf_puts(&b, what);
	buf_putc(&b, ' ');
	buf_put_quoted(&b, name);
	return error_at(r, pos, KG_SYNTAX, buf_slice(&b));
}

static enum kg_status
builder_error(struct yaml_reader *r, uint32_t pos, enum builder_status why)
{
	switch (why) {
	case BUILDER_OK:
		return KG_OK;
	case BUILDER_DEPTH:
		return error_at(
		    r, pos, KG_LIMIT, SLICE("nested deeper than 250 levels"));
	case BUILDER_NODES:
		return error_at(
		    r, pos, KG_LIMIT, SLICE("too many values in one document"));
	case BUILDER_DUPLICATE:
		return error_named(r, r->builder.duplicate_pos, "duplicate key",
		    r->builder.duplicate);
	case BUILDER_NOMEM:
		break;
	}
	return error_at(r, pos, r->arena->failure,
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
		return error_at(r, POS_NONE, KG_NOMEM, SLICE("out of memory"));
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
	return error_at(r, pos, KG_SYNTAX, buf_slice(&b));
}

/* --- Scalars -------------------------------------------------------------- */

enum tag {
	TAG_NONE,
	TAG_STR,
	TAG_INT,
	TAG_FLOAT,
	TAG_BOOL,
	TAG_NULL,
	TAG_BINARY,
	TAG_TIMESTAMP,
	TAG_UNKNOWN,
};

static enum tag
find_tag(const char *tag)
{
	static const struct {
		const char *text;
		enum tag tag;
	} tags[] = {
		{ "!", TAG_STR },
		{ YAML_STR_TAG, TAG_STR },
		{ YAML_INT_TAG, TAG_INT },
		{ YAML_FLOAT_TAG, TAG_FLOAT },
		{ YAML_BOOL_TAG, TAG_BOOL },
		{ YAML_NULL_TAG, TAG_NULL },
		{ YAML_TIMESTAMP_TAG, TAG_TIMESTAMP },
		{ "tag:yaml.org,2002:binary", TAG_BINARY },
	};

	if (tag == NULL)
		return TAG_NONE;
	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		if (strcmp(tag, tags[i].text) == 0)
			return tags[i].tag;
	}
	return TAG_UNKNOWN;
}

static struct value
string_value(struct kg_slice s)
{
	return (struct value){
		.kind = VALUE_STRING, .count = (uint32_t)s.len, .u.bytes = s.ptr
	};
}

static bool
tag_fits(enum tag tag, const struct value *v)
{
	switch (tag) {
	case TAG_INT:
		return v->kind == VALUE_INT;
	case TAG_FLOAT:
		return v->kind == VALUE_INT || v->kind == VALUE_DOUBLE;
	case TAG_BOOL:
		return v->kind == VALUE_BOOL;
	case TAG_NULL:
		return v->kind == VALUE_NULL;
	case TAG_NONE:
	case TAG_STR:
	case TAG_BINARY:
	case TAG_TIMESTAMP:
	case TAG_UNKNOWN:
		break;
	}
	return true;
}

static void
lint_scalar(struct yaml_reader *r, uint32_t pos, struct kg_slice text,
    const struct value *v)
{
	struct writer w;
	struct buf b;

	if (!r->options.lint || v->kind == VALUE_STRING ||
	    scalar_is_obvious(text))
		return;
	buf_init(&b, &r->own, DIAG_MESSAGE_MAX);
	buf_put_quoted(&b, text);
	buf_puts(&b, " without quotes is ");
	writer_init(&w, &b);
	writer_value(&w, v);
	buf_puts(&b, " to Kubernetes; quote it, or write it so");
	diag_add_text(r->diags, KG_WARNING, &r->place, pos, buf_slice(&b));
}

/* The scalar of an event; its text is copied into the arena. */
static enum kg_status
read_scalar(struct yaml_reader *r, const yaml_event_t *e, uint32_t pos,
    struct value *out)
{
	const struct kg_slice raw =
	    slice_of((const char *)e->data.scalar.value, e->data.scalar.length);
	const struct kg_slice text = arena_copy(r->arena, raw);
	enum tag tag = find_tag((const char *)e->data.scalar.tag);
	struct kg_slice decoded;

	if (arena_failed(r->arena))
		return builder_error(r, pos, BUILDER_NOMEM);
	if (raw.len >= UINT32_MAX)
		return error_at(r, pos, KG_LIMIT, SLICE("string over 4 GiB"));
	if (tag == TAG_UNKNOWN)
		return error_named(r, pos, "unknown tag",
		    slice_str((const char *)e->data.scalar.tag));
	if (tag == TAG_NONE && e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
		tag = TAG_STR;
	if (tag == TAG_STR || tag == TAG_TIMESTAMP) {
		*out = string_value(text);
		return KG_OK;
	}
	if (tag == TAG_BINARY) {
		if (!base64_text(r->arena, text, &decoded))
			return error_at(r, pos, KG_SYNTAX,
			    SLICE("!!binary is not base64 of UTF-8 text"));
		*out = string_value(decoded);
		return KG_OK;
	}
	if (!scalar_resolve(text, out))
		return error_named(r, pos, "JSON has no number", text);
	if (!tag_fits(tag, out))
		return error_named(r, pos, "value does not fit its tag", text);
	lint_scalar(r, pos, text, out);
	return KG_OK;
}

/* A key as kubectl makes it: the JSON text of what the scalar means. */
static enum kg_status
key_text(struct yaml_reader *r, const struct value *v, uint32_t pos,
    struct kg_slice *out)
{
	struct writer w;
	struct buf b;

	if (v->kind == VALUE_STRING) {
		*out = value_str(v);
		return KG_OK;
	}
	if (v->kind == VALUE_NULL)
		return error_at(r, pos, KG_SYNTAX,
		    SLICE("null is no key; quote it or give it a name"));
	buf_init(&b, r->arena, KEY_TEXT_MAX);
	writer_init(&w, &b);
	writer_value(&w, v);
	*out = buf_slice(&b);
	return buf_failed(&b) ? builder_error(r, pos, BUILDER_NOMEM) : KG_OK;
}

/* --- Anchors, aliases, merge keys ------------------------------------------
 */

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
static enum kg_status
add_anchor(
    struct yaml_reader *r, const yaml_char_t *name, uint32_t pos, size_t *index)
{
	*index = 0;
	if (name == NULL)
		return KG_OK;
	if (r->anchors == NULL)
		r->anchors =
		    arena_array(&r->own, YAML_ANCHORS_MAX, sizeof(*r->anchors));
	if (r->anchors == NULL)
		return error_at(r, pos, r->own.failure, SLICE("out of memory"));
	if (r->anchor_count == YAML_ANCHORS_MAX)
		return error_at(r, pos, KG_LIMIT,
		    SLICE("more than 1000 anchors in one document"));
	r->anchors[r->anchor_count] = (struct anchor){
		.name = arena_copy(r->arena, slice_str((const char *)name)),
		.pos = pos
	};
	*index = ++r->anchor_count;
	return KG_OK;
}

static void
complete_anchor(struct yaml_reader *r, size_t index)
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
		return error_at(r, pos, KG_LIMIT,
		    SLICE("aliases stand for more than 100000 values"));
	if (depth + r->builder.depth > DEPTH_MAX)
		return builder_error(r, pos, BUILDER_DEPTH);
	r->alias_nodes += nodes;
	return KG_OK;
}

static enum kg_status
read_alias(struct yaml_reader *r, const yaml_event_t *e, uint32_t pos,
    struct value *out)
{
	const struct kg_slice name =
	    slice_str((const char *)e->data.alias.anchor);
	const struct anchor *anchor = find_anchor(r, name);

	if (anchor == NULL)
		return error_named(r, pos, "alias to an unknown anchor", name);
	if (!anchor->complete)
		return error_named(
		    r, pos, "alias inside the value it stands for", name);
	*out = anchor->value;
	return charge_alias(r, out, pos);
}

/* Adds the members of one merged map that the frame does not have yet. */
static enum kg_status
merge_map(
    struct yaml_reader *r, size_t base, const struct value *map, uint32_t pos)
{
	struct builder *b = &r->builder;

	if (!value_is(map, VALUE_OBJECT))
		return error_at(r, pos, KG_SYNTAX,
		    SLICE("a merge key needs a mapping or a list of them"));
	if (map->count > MERGED_MAX || (b->top - base) / 2 > MERGED_MAX)
		return error_at(r, pos, KG_LIMIT,
		    SLICE("a merge key brings more than 1000 members"));
	for (size_t i = 0; i < map->count; i++) {
		const struct kg_slice name = value_str(&map->u.members[i].name);
		enum builder_status st;
		size_t at = base;

		while (at < b->top &&
		    ((b->stack[at].value.flags & FLAG_MERGE) != 0 ||
			!slice_eq(value_str(&b->stack[at].value), name)))
			at += 2;
		if (at < b->top)
			continue;
		st = builder_push_name(b, name, value_name_pos(map, i));
		if (st == BUILDER_OK)
			st = builder_push(b, map->u.members[i].value,
			    value_child_pos(map, i));
		if (st != BUILDER_OK)
			return builder_error(r, pos, st);
	}
	return KG_OK;
}

/* Expands the `<<` of the mapping that is about to close, if it has one. */
static enum kg_status
expand_merge(struct yaml_reader *r)
{
	struct builder *b = &r->builder;
	const size_t base = b->frames[b->depth - 1].base;
	enum kg_status st = KG_OK;
	struct value merged;
	uint32_t pos;
	size_t at = base;

	while (at < b->top && (b->stack[at].value.flags & FLAG_MERGE) == 0)
		at += 2;
	if (at >= b->top)
		return KG_OK;
	merged = b->stack[at + 1].value;
	pos = b->stack[at].pos;
	if (merged.kind == VALUE_LIST) {
		for (size_t i = 0; i < merged.count && st == KG_OK; i++)
			st = merge_map(r, base, &merged.u.items[i], pos);
	} else {
		st = merge_map(r, base, &merged, pos);
	}
	if (st != KG_OK)
		return st;
	memmove(&b->stack[at], &b->stack[at + 2],
	    (b->top - at - 2) * sizeof(*b->stack));
	b->top -= 2;
	return KG_OK;
}

/* --- Events ----------------------------------------------------------------
 */

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
		return error_at(
		    r, pos, KG_SYNTAX, SLICE("a key must be a scalar"));
	if (is_merge_key(e) && frame_has_merge(b))
		return error_named(r, pos, "duplicate key", SLICE("<<"));
	st = key_text(r, v, pos, &name);
	if (st != KG_OK)
		return st;
	if (name.len > KEY_TEXT_MAX)
		return error_at(r, pos, KG_LIMIT, SLICE("key over 64 KiB"));
	pushed = builder_push_name(b, name, pos);
	if (pushed == BUILDER_OK && is_merge_key(e))
		b->stack[b->top - 1].value.flags |= FLAG_MERGE;
	return builder_error(r, pos, pushed);
}

static enum kg_status
on_leaf(struct yaml_reader *r, const yaml_event_t *e, uint32_t pos)
{
	struct value v = { .kind = VALUE_NULL };
	enum kg_status st;
	size_t anchor = 0;

	if (e->type == YAML_ALIAS_EVENT) {
		st = read_alias(r, e, pos, &v);
	} else {
		st = read_scalar(r, e, pos, &v);
		if (st == KG_OK)
			st = add_anchor(r, e->data.scalar.anchor, pos, &anchor);
	}
	if (st != KG_OK)
		return st;
	if (anchor != 0) {
		r->anchors[anchor - 1].value = v;
		r->anchors[anchor - 1].complete = true;
	}
	if (wants_key(&r->builder))
		return push_key(r, e, &v, pos);
	return builder_error(r, pos, builder_push(&r->builder, v, pos));
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
		return error_named(r, pos, "unknown tag", slice_str(tag));
	if (wants_key(&r->builder))
		return error_at(
		    r, pos, KG_SYNTAX, SLICE("a key must be a scalar"));
	st = add_anchor(r,
	    object ? e->data.mapping_start.anchor
		   : e->data.sequence_start.anchor,
	    pos, &anchor);
	if (st != KG_OK)
		return st;
	opened = builder_open(&r->builder, object, pos);
	if (opened == BUILDER_OK)
		r->open_anchor[r->builder.depth - 1] = anchor;
	return builder_error(r, pos, opened);
}

static enum kg_status
on_close(struct yaml_reader *r, bool object, uint32_t pos)
{
	const size_t anchor = r->open_anchor[r->builder.depth - 1];
	enum kg_status st = KG_OK;

	if (object)
		st = expand_merge(r);
	if (st == KG_OK)
		st = builder_error(r, pos, builder_close(&r->builder));
	if (st == KG_OK)
		complete_anchor(r, anchor);
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
		builder_init(&r->builder, r->arena, r->builder.keys, true);
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

/* --- Documents -------------------------------------------------------------
 */

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
	if (!r->json && index_lines(r) != KG_OK) {
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
	const struct json_options options = { .positions = true,
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
	return error_at(
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
			return builder_error(r, POS_NONE, BUILDER_NOMEM);
		out->place = r->place;
		*more = out->root->kind != VALUE_NULL;
		if (*more)
			return KG_OK;
	}
	return KG_OK;
}
