/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading an object of ours (policy, profile, configuration) field by field,
 * with a message at the exact place for all that does not fit. A reader takes
 * what it can and goes on after an error, so that one run reports them all;
 * `failed` says in the end that something was wrong.
 *
 *	node_fields(&r, spec, fields, FIELD_COUNT);
 *	node_string(&r, node_get(&r, spec, "source"), &profile->source);
 *
 * An absent node (v NULL) is silently skipped by every reader: the output
 * keeps what it held, its default.
 */
#ifndef KG_VALUE_NODE_H
#define KG_VALUE_NODE_H

#include "value/nameformat.h"
#include "value/quantity.h"
#include "value/yaml.h"

struct node {
	const struct place *place;
	const struct value *v; /* NULL: absent */
	uint32_t pos;
	uint32_t name_pos;    /* of its name in the parent; POS_NONE: none */
	struct kg_slice path; /* "spec.epc.minimum", "spec.rules[2]" */
};

struct node_reader {
	struct arena *arena; /* of what is made: strings, arrays, paths */
	struct kg_diags *diags;
	bool failed;
};

struct node node_root(const struct document *doc);

/* Child of an object by name; element of a list. Absent when not there. */
struct node node_get(
    struct node_reader *r, struct node parent, const char *name);
struct node node_at(struct node_reader *r, struct node list, size_t i);
/* Member i of an object; *name is its name. */
struct node node_member(
    struct node_reader *r, struct node object, size_t i, struct kg_slice *name);

/* Reports an error at the node (or at its name in the parent). */
void node_error(struct node_reader *r, struct node n, const char *format, ...)
    KG_PRINTF(3, 4);
void node_warn(struct node_reader *r, struct node n, const char *format, ...)
    KG_PRINTF(3, 4);

/*
 * The node is an object (else: error) whose members all stand in `names`
 * (else: an error each, with the nearest name). False when it is no object.
 */
bool node_fields(struct node_reader *r, struct node n, const char *const *names,
    size_t count);

/* An error when absent: "spec.name is required". False when absent. */
bool node_required(struct node_reader *r, struct node parent, struct node child,
    const char *name);

bool node_list(struct node_reader *r, struct node n, size_t *count);
bool node_object(struct node_reader *r, struct node n, size_t *count);

/*
 * Reads each element of a list into an array of structs: `read` gets the
 * element's node and its place in the array, zeroed. Gives the array (arena)
 * and its length; NULL and 0 when the node is absent, no list, or empty.
 */
typedef void node_read_item(struct node_reader *r, struct node n, void *item);
const void *node_items(struct node_reader *r, struct node n, size_t item_size,
    node_read_item *read, size_t *count);

/* An error when a text is not of this format: "a b" is no label key, and why.
 * False then. */
bool node_name_format(struct node_reader *r, struct node n,
    enum name_format format, struct kg_slice text, const char *what);

void node_string(struct node_reader *r, struct node n, struct kg_slice *out);
void node_bool(struct node_reader *r, struct node n, bool *out);
void node_int(struct node_reader *r, struct node n, int64_t min, int64_t max,
    int64_t *out);
/* A whole, not negative number of bytes. */
void node_bytes(struct node_reader *r, struct node n, int64_t *out);
/* One of names (index into it); else an error that lists them. */
void node_enum(struct node_reader *r, struct node n, const char *const *names,
    size_t count, unsigned *out);

struct string_list {
	const struct kg_slice *items;
	size_t count;
};
void node_strings(
    struct node_reader *r, struct node n, struct string_list *out);

bool string_list_has(const struct string_list *list, struct kg_slice s);

#endif
