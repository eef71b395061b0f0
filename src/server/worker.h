/* SPDX-License-Identifier: Apache-2.0 */
/* One reviewing thread: an HTTPS daemon, a reviewer, counters. */
#ifndef KG_SERVER_WORKER_H
#define KG_SERVER_WORKER_H

#include "server/loop.h"
#include "server/server.h"

struct exchange;

struct worker {
	struct server *server;
	struct loop loop;
	struct kg_reviewer *reviewer;
	struct zones *zones; /* for its expressions */
	/* Records that wait to be written together, and the arena of them. */
	struct arena records;
	struct kg_slice waiting[JOURNAL_APPEND_MAX];
	size_t waiting_count, waiting_bytes;
	struct metrics *metrics;
	struct exchange *spare;
	/*
	 * What this thread works with: its own references, so that a decision
	 * needs no lock and no count. A reload puts the next ones beside them
	 * (a pointer each, exchanged atomically); the thread takes them up
	 * between two requests.
	 */
	struct kg_ruleset *set;
	struct tls_identity *identity;
	struct tls_trust *trust; /* NULL: clients need no certificate */
	unsigned trust_serial;   /* rises when it is another */
	struct {
		_Atomic(struct kg_ruleset *) set;
		_Atomic(struct tls_identity *) identity;
		_Atomic(struct tls_trust *) trust;
	} next;
};

/* Starts a worker on a dup of the listening socket. False with the reason
 * logged. */
bool worker_start(struct worker *w, struct server *server);
/* After its loop was stopped. */
void worker_release(struct worker *w);

/* Puts what the thread is to work with next; takes the reference. Called by
 * the main thread. */
void worker_put_ruleset(struct worker *w, struct kg_ruleset *set);
void worker_put_identity(struct worker *w, struct tls_identity *identity);
void worker_put_trust(struct worker *w, struct tls_trust *trust);
/* Takes it up; by the thread, between requests. */
void worker_refresh(struct worker *w);

/* http.c: libmicrohttpd's callbacks; `arg` is the worker. */
enum MHD_Result http_handle(void *arg, struct MHD_Connection *connection,
    const char *url, const char *method, const char *version,
    const char *upload, size_t *upload_size, void **state);
void http_completed(void *arg, struct MHD_Connection *connection, void **state,
    enum MHD_RequestTerminationCode why);

/* judge.c: from body to answer. */
struct answer {
	unsigned status;      /* HTTP */
	struct kg_slice body; /* lives until the worker's next review */
	bool json;
};
void judge_request(struct worker *w, enum kg_phase phase, bool selftest,
    struct kg_slice body, int64_t since_us, struct answer *out);
/* The answer is on its way: gives back what an unusual request took. */
void judge_forget(struct worker *w);
/*
 * The records of all that was judged so far are written: before any answer of
 * it leaves (hold.c). False: they cannot be, and none of these may leave.
 */
bool judge_settle(struct worker *w);

/* admin.c: `arg` is the server. */
enum MHD_Result admin_handle(void *arg, struct MHD_Connection *connection,
    const char *url, const char *method, const char *version,
    const char *upload, size_t *upload_size, void **state);
void admin_completed(void *arg, struct MHD_Connection *connection, void **state,
    enum MHD_RequestTerminationCode why);

/* selftest.c: a review through our own TLS socket. */
bool selftest_run(struct server *server);

#endif
