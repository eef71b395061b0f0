/* SPDX-License-Identifier: Apache-2.0 */
/* Source text to syntax tree. */
#ifndef KG_CEL_PARSE_H
#define KG_CEL_PARSE_H

#include "cel/ast.h"
#include "cel/env.h"
#include "cel/issue.h"

/* Macros are expanded, or left as the calls they look like. */
enum cel_macros {
	CEL_MACROS_ON,
	CEL_MACROS_OFF,
};

/*
 * On KG_OK *out is the tree, in the arena; it borrows the text. KG_INVALID:
 * issues say why, as many as could be told apart. KG_LIMIT, KG_NOMEM: a cap
 * or the arena, with an issue where there is something to say.
 */
enum kg_status cel_parse(const struct cel_env *env, enum cel_macros macros,
    struct kg_slice text, struct cel_issues *issues,
    struct ast **out) KG_MUST_CHECK;

/* Words that are no names: "in", "namespace". */
bool cel_is_reserved(struct kg_slice name);

/* Names of macros, for suggestions; NULL past the last. */
const char *cel_macro_name(size_t i);

#endif
