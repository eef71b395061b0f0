/* SPDX-License-Identifier: Apache-2.0 */
/* What compiles and is probably not meant. */
#ifndef KG_CEL_LINT_H
#define KG_CEL_LINT_H

#include "cel/ast.h"
#include "cel/issue.h"

/*
 * Adds an issue for each of these in a checked tree:
 *
 *	a field of an untyped object that is read without a has() or ? that
 *	    guards it, and that is not among those every object has
 *	a condition that is the same whatever the object
 *	.orValue() on what is no optional
 *
 * text is the tree's source.
 */
void cel_lint(
    struct ast *tree, struct kg_slice text, struct cel_issues *issues);

#endif
