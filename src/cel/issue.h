/* SPDX-License-Identifier: Apache-2.0 */
/* What is wrong with an expression, and where: all of it, in source order. */
#ifndef KG_CEL_ISSUE_H
#define KG_CEL_ISSUE_H

#include "base/buf.h"

struct cel_issue {
	uint32_t pos; /* byte offset in the source text */
	struct kg_slice message;
};

struct cel_issues {
	struct arena *arena; /* borrowed: messages live in it */
	struct cel_issue *items;
	size_t count, cap; /* at most CEL_ISSUES_MAX are kept */
};

void cel_issues_init(struct cel_issues *issues, struct arena *arena);
void cel_issue_add(struct cel_issues *issues, uint32_t pos, const char *format,
    ...) KG_PRINTF(3, 4);
void cel_issues_sort(struct cel_issues *issues);

/*
 * As Kubernetes shows them, one after another:
 *
 *	ERROR: <input>:1:5: undeclared reference to 'x' (in container '')
 *	 | 1 + x
 *	 | ....^
 */
void cel_issues_render(
    struct buf *out, const struct cel_issues *issues, struct kg_slice text);

#endif
