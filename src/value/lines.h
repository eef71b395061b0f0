/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a line and column, as libyaml counts them (in characters, from 0), to
 * a byte offset of the text.
 */
#ifndef KG_VALUE_LINES_H
#define KG_VALUE_LINES_H

#include "base/arena.h"

struct line_table {
	uint32_t *starts; /* byte offset of each line's first byte */
	size_t count;
};

/* Lines end as YAML 1.1 has it: CR, LF, CR LF, NEL, LS and PS. A BOM before
 * the first is left out. KG_OK or the arena's failure. */
enum kg_status line_table_build(struct arena *arena, struct kg_slice text,
    struct line_table *out) KG_MUST_CHECK;

/* The offset; the text's end for a line that it does not have. */
uint32_t line_table_pos(const struct line_table *table, struct kg_slice text,
    size_t line, size_t column);

#endif
