/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The audit log on disk. One mutex orders the writers: records take their
 * place in the chain and go out in one write(2), on the deciding thread,
 * before their answers leave. A thread of its own calls fdatasync in the
 * interval mode.
 */
#ifndef KG_IO_JOURNAL_H
#define KG_IO_JOURNAL_H

#include "audit/record.h"

enum journal_sync {
	JOURNAL_SYNC_ALWAYS,   /* inline, before append returns */
	JOURNAL_SYNC_INTERVAL, /* every 5 ms while there is news */
	JOURNAL_SYNC_NEVER,
};

struct journal_options {
	const char *path; /* "-" is standard output */
	enum journal_sync sync;
	uint64_t rotate_bytes;   /* 0: never */
	struct kg_slice ruleset; /* for `open` records: SHA256_HEX bytes */
};

struct journal;

#define JOURNAL_ERROR_MAX 512

/*
 * Opens or continues a log: locks the file against a second writer, cuts off
 * a torn last line (the log and the `open` record say so), continues the
 * chain, also over rotated files, and writes an `open` record. KG_IO with the
 * reason in `error` when it cannot; then nothing was changed but a torn line.
 */
enum kg_status journal_open(const struct journal_options *options,
    struct journal **out, char error[JOURNAL_ERROR_MAX]) KG_MUST_CHECK;

/*
 * Appends records by their bodies, all or none; on KG_OK they are written, and
 * durable as the sync mode says. KG_IO: no byte of them is left in the file (a
 * short write is cut away before the next record). Only when the sync of mode
 * `always` fails do written records come with KG_IO. Thread-safe.
 */
#define JOURNAL_APPEND_MAX 32u
enum kg_status journal_append(struct journal *j, const struct kg_slice *bodies,
    size_t count) KG_MUST_CHECK;

/*
 * Whether the file system keeps room in the file for records to come, so that
 * a record may wait for others to be appended with: a full disk is then met
 * by one that does not wait. JOURNAL_ROOM bytes is what all threads together
 * may let wait. Never for a pipe, nor after a failure. Thread-safe.
 */
#define JOURNAL_ROOM (1024u * 1024u)
bool journal_has_room(const struct journal *j);

/*
 * Counts a decision that was answered without a record; the next record that
 * can be written carries the number as `lost`. Thread-safe.
 */
void journal_count_lost(struct journal *j);

/* The rule set that `open` records of files to come name. Thread-safe. */
void journal_set_ruleset(struct journal *j, struct kg_slice ruleset);

/* Failures to write or sync since it was opened. Thread-safe. */
uint64_t journal_failures(const struct journal *j);

/* Writes a `close` record, syncs, closes; NULL is fine. */
void journal_close(struct journal *j);

#endif
