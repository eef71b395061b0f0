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
	struct arena scratch; /* of records */
	struct metrics *metrics;
	struct exchange *active; /* requests under way, by this thread alone */
	struct exchange *spare;
	atomic_uint active_count; /* read by the main thread while draining */
};

/* Starts a worker on a dup of the listening socket. False with the reason
 * logged. */
bool worker_start(struct worker *w, struct server *server);
/* After its loop was stopped. */
void worker_release(struct worker *w);

/* http.c: libmicrohttpd's callbacks; `arg` is the worker. */
enum MHD_Result http_handle(void *arg, struct MHD_Connection *connection,
    const char *url, const char *method, const char *version,
    const char *upload, size_t *upload_size, void **state);
void http_completed(void *arg, struct MHD_Connection *connection, void **state,
    enum MHD_RequestTerminationCode why);
/* Frees what the worker keeps for requests to come. */
void http_release(struct worker *w);
/* Cuts requests that are older than the request timeout. */
void http_tick(void *arg);

/* judge.c: from body to answer, with its record in the journal. */
struct answer {
	unsigned status;      /* HTTP */
	struct kg_slice body; /* lives until the worker's next review */
	bool json;
};
void judge_request(struct worker *w, enum kg_phase phase, bool selftest,
    struct kg_slice body, int64_t since_us, struct answer *out);
/* admin.c */
enum MHD_Result admin_handle(void *arg, struct MHD_Connection *connection,
    const char *url, const char *method, const char *version,
    const char *upload, size_t *upload_size, void **state);

/* selftest.c: a review through our own TLS socket. */
bool selftest_run(struct server *server);

#endif
