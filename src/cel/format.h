/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the text of string.format() asks for: read by the checker where it is
 * a literal, and by the function itself.
 */
#ifndef KG_CEL_FORMAT_H
#define KG_CEL_FORMAT_H

#include "base/buf.h"

struct format_clause {
	char verb;
	/* What is said of a value that it is not for: "... can only be used
	 * on integers" */
	const char *takes;
	uint32_t types; /* those it is for: bits of enum cel_type_kind */
};

/*
 * Reads the clause behind the percent sign at text[*at - 1] and moves *at
 * past it. precision: FORMAT_PRECISION where none is written. NULL: `why`
 * says what is wrong.
 */
const struct format_clause *format_read(
    struct kg_slice text, size_t *at, int *precision, struct buf *why);

#define FORMAT_PRECISION 6

#endif
