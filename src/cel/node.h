/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nodes: the expressions of a whole rule set as one graph. Two parts of any
 * expressions that mean the same are one node (node.c), because variables of
 * comprehensions are named by their distance and the rest by content. Built
 * from trees (build.c, operator.c), folded (fold.c), turned into code
 * (emit.c).
 */
#ifndef KG_CEL_NODE_H
#define KG_CEL_NODE_H

#include "base/map.h"
#include "cel/program.h"

enum cel_node_kind {
	NODE_CONST,    /* a: constant */
	NODE_SLOT,     /* a: variable of the request, b: name */
	NODE_LOCAL,    /* a: variable of a fold, 0 is the innermost */
	NODE_VARIABLE, /* a: root that it stands for, b: name */
	NODE_SELECT,   /* kid.name; a: name; flag NODE_OPTIONAL */
	NODE_HAS,      /* a: name */
	NODE_OP,       /* op: an instruction over the kids */
	NODE_AND,
	NODE_OR,
	NODE_COND,
	NODE_OR_VALUE,
	NODE_OPT_OR,
	NODE_CALL, /* a: call */
	NODE_LIST, /* a: mask of optional elements + 1; 0: none */
	NODE_MAP,  /* kids: key, value, key ... */
	NODE_FOLD, /* op: macro; kids: range, predicate, transform */
};

enum {
	NODE_OPTIONAL = 1,    /* SELECT: .?name */
	NODE_TWO = 2,         /* FOLD: two variables */
	NODE_PREDICATE = 4,   /* FOLD: has one */
	NODE_TRANSFORM = 8,   /* FOLD: has one */
	NODE_TEXT_COST = 16,  /* OP: costs what its texts cost */
	NODE_OURS = 32,       /* CONST: cel-go evaluates it each time */
	NODE_TYPED_KEYS = 64, /* FOLD: sortBy() of keys of one type */
};

struct cel_node {
	uint8_t kind, op;
	uint8_t flags;
	uint8_t free; /* how many folds around it it looks into */
	int8_t cost;  /* added before it runs */
	uint32_t a, b;
	uint32_t kids, kid_count; /* in builder.kids */
	uint32_t charge;          /* CONST: what evaluating it had cost */
	/* Not part of its identity: */
	uint32_t uses;
	uint32_t code;          /* its function + 1, or 0 */
	uint32_t calls;         /* functions that may be nested in it */
	uint64_t slots;         /* variables of the request that it looks at */
	const struct ast *tree; /* plain builds only */
	uint32_t root;
};

struct cel_call_link {
	uint32_t next; /* of the same name: index + 1 */
};

struct cel_builder {
	struct arena *keep, *scratch;
	struct keytab *keys;
	struct cel_build_options options;
	struct cel_program *program;
	struct cel_issues *issues; /* of the tree that is being added */
	const struct cel_scope *scope;

	struct cel_node *nodes;
	uint32_t node_count, node_cap;
	uint32_t *kids;
	uint32_t kid_count, kid_cap;
	uint32_t *table; /* hash of node contents to index + 1 */
	uint32_t table_size;
	uint32_t *constant_table;
	uint32_t constant_table_size;
	struct map calls;   /* name to index + 1 of its first call */
	struct map entries; /* of sets and variables, see cel_entry() */
	struct cel_call_link *call_links;
	uint32_t call_link_cap;
	uint32_t *roots; /* nodes */
	uint32_t root_cap, root;
	uint32_t *locals; /* slots of the folds around, outermost first */
	uint32_t local_count, local_cap;
	uint32_t insn_cap, constant_cap, step_cap, call_cap, set_cap, code_cap;
	uint32_t variable_cap, use_cap, span_cap;
	struct cel_eval *folder;
	uint32_t *totals; /* by function: registers, of those it calls too */
	uint32_t total_cap;
	bool failed; /* an arena did, or an issue stands */
};

/* --- node.c: tables and identity --- */

/* Room for one more in an array of the arena; false: failed. */
bool cel_grow(struct cel_builder *b, struct arena *a, void **items,
    uint32_t count, uint32_t *cap, size_t size);

/* The node with this content; kids follow. 0 when failed (node 0 is null). */
uint32_t cel_node_add(
    struct cel_builder *b, const struct cel_node *like, const uint32_t *kids);

/* Index of a constant with exactly this value. */
uint32_t cel_constant(struct cel_builder *b, const struct value *v);
uint32_t cel_constant_text(struct cel_builder *b, struct kg_slice text);

/*
 * The place of an entry of one of the program's tables, found again by the
 * pair of numbers that it stands for: index + 1, 0 for a new one. NULL:
 * failed.
 */
void **cel_entry(struct cel_builder *b, uint32_t x, uint32_t y);
#define CEL_ENTRY_SET UINT32_MAX /* y of sets; variables have their name */

static inline const uint32_t *
cel_kids(const struct cel_builder *b, const struct cel_node *n)
{
	return b->kids + n->kids;
}

static inline bool
cel_is_constant(const struct cel_builder *b, uint32_t node)
{
	return b->nodes[node].kind == NODE_CONST;
}

/* One that cel-go has as a constant, too. */
static inline bool
cel_is_free_constant(const struct cel_builder *b, uint32_t node)
{
	return cel_is_constant(b, node) &&
	    (b->nodes[node].flags & NODE_OURS) == 0;
}

static inline const struct value *
cel_node_value(const struct cel_builder *b, uint32_t node)
{
	return &b->program->constants[b->nodes[node].a];
}

/* --- build.c, operator.c: trees to nodes --- */

/* Recursion: as deep as the tree, at most CEL_DEPTH_MAX. */
uint32_t cel_build(struct cel_builder *b, const struct ast *tree);
uint32_t cel_build_call(struct cel_builder *b, const struct ast *tree);
uint32_t cel_build_fold(struct cel_builder *b, const struct ast *tree);

/* A constant that fails when evaluated. */
uint32_t cel_build_error(struct cel_builder *b, const struct value *error);

/* Is it an attribute, which cel-go resolves as a whole? See build.c. */
bool cel_is_attribute(const struct cel_builder *b, uint32_t node);

/* --- fold.c --- */

/* The constant that the node is, or the node itself. */
uint32_t cel_fold(struct cel_builder *b, uint32_t node, const struct ast *tree);

/* --- emit.c --- */

bool cel_emit(struct cel_builder *b);

#endif
