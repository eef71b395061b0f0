/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The audit log on disk. One mutex orders the writers: seal, then one
 * write(2), on the deciding thread, before its answer leaves. A sync thread
 * calls fdatasync in the interval mode.
 */
#ifndef KG_IO_JOURNAL_H
#define KG_IO_JOURNAL_H

#include "audit/record.h"

enum journal_sync {
	JOURNAL_SYNC_INTERVAL, /* fdatasync every 5 ms while there is news */
	JOURNAL_SYNC_ALWAYS,   /* inline, before append returns */
	JOURNAL_SYNC_NEVER,
};

struct journal_options {
	const char *path; /* "-" is standard output */
	enum journal_sync sync;
	uint64_t rotate_bytes;   /* 0: never */
	struct kg_slice ruleset; /* for the open record */
};

struct journal;

/*
 * Opens or continues a log: locks the file, cuts off a torn last line (and
 * says so in the log), continues the chain, writes an `open` record. KG_IO
 * with a message in `error` (at least 256 bytes) when it cannot.
 */
enum kg_status journal_open(const struct journal_options *options,
    struct journal **out, char *error, size_t error_size) KG_MUST_CHECK;

/*
 * Appends one record whose body is ready; durable as the sync mode says when
 * it returns. KG_IO: nothing of it is in the file (a short write was cut
 * away), errno says why. Thread-safe.
 */
enum kg_status journal_append(
    struct journal *j, struct kg_slice body) KG_MUST_CHECK;

/* Records that could not be written since the last that could. */
uint64_t journal_lost(const struct journal *j);
/* Counts one decision that was answered without a record. Thread-safe. */
void journal_count_lost(struct journal *j);
/* Failures since it was opened, for the metric. */
uint64_t journal_failures(const struct journal *j);

/* Writes a `close` record, syncs, closes; free(NULL) is fine. */
void journal_close(struct journal *j);

#endif
