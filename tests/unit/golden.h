/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Golden files of expressions: cases parted by empty lines, each an
 * expression of one or more lines and then, after "--> ", what must come out;
 * further such lines go on. Lines that begin with # are comments.
 */
#ifndef KG_TESTS_GOLDEN_H
#define KG_TESTS_GOLDEN_H

#include <stdio.h>
#include <stdlib.h>

#include "unit.h"

struct golden_case {
	struct kg_slice expr, want; /* want: lines joined by \n */
	unsigned line;
};

struct golden {
	char *text;
	struct kg_slice rest;
	unsigned line, failed;
};

static inline void
golden_open(struct golden *g, const char *path)
{
	FILE *f = fopen(path, "rb");
	const size_t cap = 1u << 20;
	size_t n;

	g->text = malloc(cap);
	if (f == NULL || g->text == NULL)
		fail_msg("cannot read %s", path);
	n = fread(g->text, 1, cap, f);
	(void)fclose(f);
	g->rest = slice_of(g->text, n);
	g->line = g->failed = 0;
}

static inline void
golden_append(struct kg_slice *all, struct kg_slice line)
{
	const size_t size = all->len + line.len + 2;
	char *text = arena_array(&arena, size, 1);

	assert_non_null(text);
	(void)snprintf(text, size, "%.*s%s%.*s", SLICE_ARG(*all),
	    all->len > 0 ? "\n" : "", SLICE_ARG(line));
	*all = slice_str(text);
}

/* False at the end of the file, which is then closed. */
static inline bool
golden_next(struct golden *g, struct golden_case *c)
{
	*c = (struct golden_case){ .line = 0 };
	while (g->rest.ptr != NULL) {
		const struct kg_slice line = slice_cut(&g->rest, '\n');

		g->line++;
		if (line.len == 0 && c->want.len > 0)
			return true;
		if (line.len == 0 || line.ptr[0] == '#')
			continue;
		if (c->line == 0)
			c->line = g->line;
		if (slice_starts(line, SLICE("--> ")))
			golden_append(&c->want, slice_from(line, 4));
		else
			golden_append(&c->expr, line);
	}
	if (c->want.len > 0)
		return true;
	free(g->text);
	return false;
}

static inline void
golden_compare(
    struct golden *g, const struct golden_case *c, struct kg_slice got)
{
	if (slice_eq(got, c->want))
		return;
	g->failed++;
	print_error("line %u: %.*s\n got\n%.*s\n want\n%.*s\n", c->line,
	    SLICE_ARG(c->expr), SLICE_ARG(got), SLICE_ARG(c->want));
}

#endif
