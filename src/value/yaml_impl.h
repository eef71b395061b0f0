/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside the YAML reader: its state, and what its files offer each other.
 * yaml.c drives libyaml's events, yaml_scalar.c says what scalars mean,
 * yaml_alias.c keeps anchors and expands merge keys.
 */
#ifndef KG_VALUE_YAML_IMPL_H
#define KG_VALUE_YAML_IMPL_H

#include <yaml.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "value/builder.h"
#include "value/lines.h"
#include "value/yaml.h"

/* Marks a `<<` on the builder's stack; never leaves this file. */
#define FLAG_MERGE 0x80u
/* Marks a name before it whose value it has replaced; the same. */
#define FLAG_MERGED 0x40u

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
	struct line_table lines;
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

/* Reports an error and ends the reading; gives the status. */
enum kg_status yaml_error(struct yaml_reader *r, uint32_t pos,
    enum kg_status st, struct kg_slice message);
enum kg_status yaml_error_named(struct yaml_reader *r, uint32_t pos,
    const char *what, struct kg_slice name);
/* KG_OK stays KG_OK. */
enum kg_status yaml_builder_error(
    struct yaml_reader *r, uint32_t pos, enum builder_status why);

/* yaml_scalar.c: the value of a scalar event, its text in the arena. */
enum kg_status yaml_scalar(struct yaml_reader *r, const yaml_event_t *e,
    uint32_t pos, struct value *out);
/* A key as kubectl makes it: the JSON text of what the scalar means. */
enum kg_status yaml_key_text(struct yaml_reader *r, const struct value *v,
    uint32_t pos, struct kg_slice *out);

/* yaml_alias.c: notes an anchor; *index is its number + 1, 0 without a name. */
enum kg_status yaml_add_anchor(struct yaml_reader *r, const yaml_char_t *name,
    uint32_t pos, size_t *index);
/* Its value is on top of the builder's stack now. */
void yaml_complete_anchor(struct yaml_reader *r, size_t index);
enum kg_status yaml_alias(struct yaml_reader *r, const yaml_event_t *e,
    uint32_t pos, struct value *out);
/* Expands the `<<` of the mapping that is about to close, if it has one. */
enum kg_status yaml_expand_merge(struct yaml_reader *r);

#endif
