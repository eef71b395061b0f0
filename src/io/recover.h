/* SPDX-License-Identifier: Apache-2.0 */
/* Continuing an audit log that was closed, or that a crash left behind. */
#ifndef KG_IO_RECOVER_H
#define KG_IO_RECOVER_H

#include "audit/record.h"

struct recovery {
	uint64_t size;            /* of whole lines */
	uint64_t first;           /* seq of the file's first record */
	uint64_t recovered_bytes; /* of a torn last line, cut off */
	struct kg_slice previous; /* file before, when this one is empty */
};

/*
 * Brings the chain to where the log at fd ends: cuts a torn last line, reads
 * the last whole one. An empty file continues its newest rotated neighbour.
 * KG_IO with the reason in `error` (JOURNAL_ERROR_MAX bytes) when the file
 * cannot be read or its last line is none of ours.
 */
enum kg_status recover_log(int fd, const char *path, struct arena *arena,
    struct chain *chain, struct recovery *out, char *error) KG_MUST_CHECK;

#endif
