/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The syntax tree: the parser makes it with macros expanded, the checker
 * fills in types and overloads, the compiler reads it. All of it lives in the
 * arena of the compile. Spans are byte offsets in the source text, for carets
 * and for explain.
 */
#ifndef KG_CEL_AST_H
#define KG_CEL_AST_H

#include "cel/type.h"
#include "value/value.h"

struct cel_overload; /* a row of builtin.def */
struct cel_variable; /* a declared name of the environment */

enum ast_kind {
	AST_CONST,
	AST_IDENT,
	AST_SELECT, /* operand.field; also has(operand.field) */
	AST_CALL,   /* functions, members and operators ("_+_", "_[_]") */
	AST_LIST,
	AST_MAP,
	AST_STRUCT, /* TypeName{field: value} */
	AST_FOLD,   /* what every comprehension macro becomes */
};

/* Flags of a node. */
enum {
	AST_TEST_ONLY = 1,   /* SELECT: has() */
	AST_OPTIONAL = 2,    /* SELECT: .?field */
	AST_HIDDEN = 4,      /* made by a macro: explain does not show it */
	AST_ROOTED = 8,      /* IDENT: written .name, of the root only */
	AST_PARENS = 32,     /* written in brackets of its own */
	AST_ELEMENT = 16,    /* an element of a list, written [?x] */
	AST_TYPED_KEYS = 64, /* FOLD: sortBy() of keys of one known type */
};

/* IDENT: names nothing that is declared; an error when evaluated. */
#define AST_UNRESOLVED UINT32_MAX

/*
 * Which macro a fold came from, and so what it does with its parts. Where a
 * macro has a result of one type only, it stands here.
 *
 *	ALL          range.all(v, predicate): a chain of &&
 *	EXISTS       range.exists(v, predicate): a chain of ||
 *	EXISTS_ONE   errors do not absorb
 *	MAP          range.map(v, [predicate,] transform)
 *	FILTER       range.filter(v, predicate)
 *	TRANSFORM_*  two variables; [predicate,] transform. Of MAP_ENTRY the
 *	             transform is a map whose entries are added.
 *	OPT_MAP      range.optMap(v, transform): range is an optional
 *	OPT_FLAT_MAP the transform is an optional itself
 *	SORT_BY      range.sortBy(v, transform): by ascending transform
 */
enum ast_macro {
	MACRO_NONE,
	MACRO_ALL,
	MACRO_EXISTS,
	MACRO_EXISTS_ONE,
	MACRO_MAP,
	MACRO_FILTER,
	MACRO_TRANSFORM_LIST,
	MACRO_TRANSFORM_MAP,
	MACRO_TRANSFORM_MAP_ENTRY,
	MACRO_OPT_MAP,
	MACRO_OPT_FLAT_MAP,
	MACRO_SORT_BY,
};

struct ast_entry {
	struct ast *key;            /* of a map */
	struct kg_slice field_name; /* of a struct */
	struct ast *value;
	bool optional; /* {?k: v} */
};

struct ast {
	uint8_t kind;                /* enum ast_kind */
	uint8_t flags;               /* AST_TEST_ONLY ... */
	uint16_t height;             /* of the tree: 1 for a leaf */
	uint32_t pos, end;           /* span in the source */
	uint32_t sign_pos;           /* of the && or || before an operand */
	uint32_t operator_pos;       /* of a call's name or operator, and where
					cel-go's messages about a node point */
	const struct cel_type *type; /* by the checker */
	union {
		struct value constant; /* a value of cel/value.h */
		struct {
			struct kg_slice name;                /* as resolved */
			const struct cel_variable *variable; /* NULL: local */
			/* else: a fold's variable, counted from the
			 * outermost; or AST_UNRESOLVED */
			uint32_t local;
		} ident;
		struct {
			struct ast *operand;
			struct kg_slice field;
			uint32_t field_pos;
		} select;
		struct {
			struct kg_slice function;
			struct ast *target; /* NULL: a global call */
			struct ast **args;
			size_t arg_count;
			/* by the checker: those that can apply at run time */
			const struct cel_overload *const *overloads;
			size_t overload_count;
		} call;
		struct {
			struct ast **items; /* flag AST_ELEMENT: [?x] */
			size_t count;
		} list;
		struct {
			struct kg_slice type_name; /* of a struct */
			struct ast_entry *entries;
			size_t count;
		} map;
		struct {
			enum ast_macro macro;
			struct ast *range;
			/* var2 "": one variable. With two, var is the index
			 * or key and var2 the element or value. */
			struct kg_slice var, var2;
			uint32_t var_slot, var2_slot;
			struct ast *predicate, *transform; /* or NULL */
		} fold;
	} u;
};

/* Visits every node, children before parents, in source order. */
typedef void cel_ast_visit(void *context, struct ast *node);
void cel_ast_walk(struct ast *node, cel_ast_visit *visit, void *context);

#endif
