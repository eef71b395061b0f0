/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Diagnostics: what is wrong with a file, and where. A place is a byte
 * offset; line and column are worked out when the message is added.
 */
#ifndef KG_BASE_DIAG_H
#define KG_BASE_DIAG_H

#include "base/buf.h"

/* No position: the message concerns the file as a whole. */
#define POS_NONE UINT32_MAX

/* Where messages about one document point. All borrowed. */
struct place {
	struct kg_slice file;
	struct kg_slice text; /* the whole file */
	unsigned document;    /* 1-based; 0: the file as a whole */
};

/* Adds a message at a byte offset of place->text, or POS_NONE. The place may
 * be NULL: a message that belongs to no file. */
void diag_add(struct kg_diags *diags, enum kg_severity severity,
    const struct place *place, uint32_t pos, const char *format, ...)
    KG_PRINTF(5, 6);

/* The same with a message that is built already. */
void diag_add_text(struct kg_diags *diags, enum kg_severity severity,
    const struct place *place, uint32_t pos, struct kg_slice message);

/* 1-based line and column (code points) of a byte offset. CR LF, LF and CR
 * end lines. Linear in the offset: for messages, not for every node. */
void line_column(
    struct kg_slice text, size_t pos, unsigned *line, unsigned *column);

/*
 * Appends one message as people see it:
 *
 *	file.yaml:3:5: error: duplicate key "spec"
 *	    spec: {}
 *	    ^
 */
void diag_render(struct buf *out, const struct kg_diag *diag);

/* Some messages could not be kept: memory ran out. */
bool diags_lost(const struct kg_diags *diags);

#endif
