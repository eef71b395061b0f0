/* SPDX-License-Identifier: Apache-2.0 */
/* Resolves names and overloads in a syntax tree and works out types. */
#ifndef KG_CEL_CHECK_H
#define KG_CEL_CHECK_H

#include "cel/ast.h"
#include "cel/env.h"
#include "cel/issue.h"

/*
 * Fills in types, variables, slots and overloads of the tree, in place; names
 * of types become constants. expected, when not NULL, is the type that the
 * whole must have. KG_INVALID: issues say why, all of them. The tree and what
 * is added to it live in the issues' arena.
 */
enum kg_status cel_check(const struct cel_env *env, struct ast *root,
    const struct cel_type *expected, struct cel_issues *issues) KG_MUST_CHECK;

/*
 * Resolves names without checking types: every node is dyn, every call has
 * all overloads of its name that take so many arguments. Names that are
 * declared nowhere are left for the evaluator: an IDENT with
 * local == AST_UNRESOLVED, a CALL without overloads. KG_INVALID: a function
 * is called with a number of arguments that it never takes.
 */
enum kg_status cel_resolve(const struct cel_env *env, struct ast *root,
    struct cel_issues *issues) KG_MUST_CHECK;

#endif
