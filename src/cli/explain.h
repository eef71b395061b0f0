/* SPDX-License-Identifier: Apache-2.0 */
/* What an evaluation saw, part by part, and why it failed, in words. */
#ifndef KG_CLI_EXPLAIN_H
#define KG_CLI_EXPLAIN_H

#include "cel/cel.h"

/* A recording program and the text of each of its roots. */
struct explained {
	const struct cel_program *program;
	const struct kg_slice *texts;
	uint32_t variables_slot; /* index of the variable "variables" */
};

/*
 * Prints the parts of what ran last as a tree, each with its value; elements
 * of a comprehension by their number. Then, of an error, where it came from
 * and how to guard against it.
 */
void explain_print(struct buf *out, struct arena *a, const struct explained *x,
    const struct cel_records *records);

#endif
