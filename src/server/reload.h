/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Policies, certificate and client CA are looked at every second, at once
 * after SIGHUP, and replaced as a whole when they changed and hold together;
 * otherwise what is there stays, and the log, a metric, /readyz and the audit
 * log say so. Only the main thread loads; the admin thread reads what came of
 * it, under the server's lock.
 */
#ifndef KG_SERVER_RELOAD_H
#define KG_SERVER_RELOAD_H

#include "base/buf.h"
#include "io/file.h"

struct server;

enum reload_what {
	RELOAD_POLICIES,
	RELOAD_CERTIFICATE,
	RELOAD_CLIENT_CA,
	RELOAD_COUNT
};

#define RELOAD_ERROR_MAX 512

struct reload_item {
	/* The main thread's: */
	const char *paths[2];
	const char *const *list; /* NULL: not looked at */
	size_t count;
	struct file_print loaded; /* what is in force, or was refused */
	struct file_print seen;   /* when it was last looked at */
	int64_t changed_us;       /* first seen to differ; 0: it does not */
	bool asked;               /* by SIGHUP */
	/* Under the server's lock: */
	uint64_t ok, failed;
	int64_t failed_us; /* wall clock, of the first failure in a row */
	char error[RELOAD_ERROR_MAX]; /* of the last; "": it did not fail */
};

struct reload {
	struct reload_item items[RELOAD_COUNT];
};

/* Loads all three for the start. False when one is refused: the reason went
 * to stderr. */
bool reload_start(struct server *s);

/* Looks, and reloads what changed. Gives when to look next, in microseconds
 * from now. */
int64_t reload_look(struct server *s);

/* SIGHUP: loads everything anew, changed or not. */
int64_t reload_all(struct server *s);

/* For other threads than the main one. */
/* Lines for /readyz, one for each that failed; nothing when all is well. */
void reload_put_failures(struct server *s, struct buf *out);
/* The reload metrics. */
void reload_put_metrics(struct server *s, struct buf *out);

#endif
