/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the checker share; nobody else includes this. */
#ifndef KG_CEL_CHECK_IMPL_H
#define KG_CEL_CHECK_IMPL_H

#include "cel/check.h"

/* A variable of a fold, seen by what stands inside. */
struct scope {
	const struct scope *outer;
	struct kg_slice name;
	const struct cel_type *type;
	uint32_t slot;
};

/* What a type variable stood for before; to take assignments back. */
struct trail {
	uint32_t variable;
	const struct cel_type *old;
};

struct checker {
	const struct cel_env *env;
	struct cel_issues *issues;
	struct arena *arena;
	const struct scope *scope;
	/* Type variables: what each stands for, or NULL. */
	const struct cel_type **bindings;
	size_t variable_count, variable_cap;
	struct trail *trail;
	size_t trail_count, trail_cap;
	/* Steps that types may still take: {a: a} doubles its type. */
	unsigned fuel;
	bool unchecked; /* every call has all overloads of its name */
};

/* --- Types: check_type.c --- */

/* A new variable, free yet. */
const struct cel_type *checker_variable(struct checker *c);

/* Variables replaced by what they stand for; with to_dyn, free ones by dyn. */
const struct cel_type *checker_substitute(
    struct checker *c, const struct cel_type *t, bool to_dyn);

/* A type as messages name it: long ones are cut. */
struct kg_slice checker_type_text(struct checker *c, const struct cel_type *t);

/*
 * Whether a value of type b can stand where a is asked for, binding type
 * variables where that makes it so. Nothing is bound when it cannot.
 */
bool checker_assignable(
    struct checker *c, const struct cel_type *a, const struct cel_type *b);
bool checker_assignable_all(struct checker *c, const struct cel_type *const *a,
    const struct cel_type *const *b, size_t count);

/* The one of two assignable types that holds more. */
const struct cel_type *checker_general(
    struct checker *c, const struct cel_type *a, const struct cel_type *b);

static inline bool
type_is_dyn(const struct cel_type *t)
{
	return t->kind == CEL_TYPE_DYN || t->kind == CEL_TYPE_ERROR;
}

/* optional_type(T): T, and true; anything else: itself. */
bool type_unwrap(const struct cel_type **t);

/* --- Names: check_name.c --- */

/* a.b.c, when the node is nothing but names; empty otherwise. */
struct kg_slice checker_qualified(struct checker *c, const struct ast *node);

/*
 * Makes the node what its name stands for: a variable, a fold's variable or a
 * type. False, and nothing done: none of these.
 */
bool checker_name(struct checker *c, struct ast *node, struct kg_slice name);

const struct cel_function_decl *checker_function(
    struct checker *c, struct kg_slice name);

/* Reports a name that is declared nowhere, with the nearest one that is. */
void checker_undeclared(
    struct checker *c, const struct ast *node, struct kg_slice name);
void checker_undeclared_function(
    struct checker *c, const struct ast *node, struct kg_slice name);
void checker_undefined_field(
    struct checker *c, const struct ast *node, const struct cel_type *object);

/* --- Calls: check_call.c --- */

void checker_call(struct checker *c, struct ast *call);

/* Reports what could not be called with these. */
void checker_no_overload(struct checker *c, const struct ast *node,
    struct kg_slice function, const struct cel_type *const *args, size_t count);

/* Reports one type where another is asked for. */
void checker_mismatch(struct checker *c, const struct ast *node,
    const struct cel_type *want, const struct cel_type *have);

/* --- Literals: check_literal.c --- */

/* Lists of several types; formats that cannot work. Types are final. */
void checker_literals(struct checker *c, struct ast *root);

/* --- Texts in literals: check_valid.c --- */

/* Durations, timestamps and patterns that no evaluation could read. */
void checker_texts(struct checker *c, struct ast *root);

/* --- The walk: check.c and check_fold.c --- */

void checker_check(struct checker *c, struct ast *node);
void checker_fold(struct checker *c, struct ast *fold);

#endif
