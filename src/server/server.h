/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keepgate serve: what the parts of the server share. Threads: one worker a
 * core, each with an HTTPS daemon, a reviewer and counters of its own; one
 * for the admin port; the main thread waits for signals. Shared and mutable
 * are only the flags below (atomic), the journal (its own lock) and counters
 * (atomic, written by one thread each).
 */
#ifndef KG_SERVER_SERVER_H
#define KG_SERVER_SERVER_H

#include <stdatomic.h>
#include <sys/socket.h>

#include "io/journal.h"
#include "policy/ruleset.h"
#include "server/metrics.h"

struct server_options {
	const char *const *policies;
	size_t policy_count;
	const char *listen, *admin; /* "127.0.0.1:8443", "[::1]:0" */
	const char *tls_cert, *tls_key;
	const char *audit_log;
	enum journal_sync audit_sync;
	uint64_t audit_rotate;
	bool audit_fail_open; /* audit.onFailure: allow */
	struct audit_policy audit;
	unsigned threads; /* 0: as many as there are cores for us, at most 4 */
	int64_t drain_us, request_timeout_us;
	size_t max_body;
	unsigned max_connections;
	bool echo; /* benchmark builds only */
};

/*
 * Runs until SIGTERM or SIGINT. Gives the exit code: 0 after an orderly end,
 * 2 when it could not start (the reason went to stderr).
 */
int server_run(const struct server_options *options);

struct server {
	const struct server_options *options;
	struct kg_ruleset *set; /* see server_ruleset() */
	struct journal *journal;
	struct tls_identity *identity;
	int listen_fd, admin_fd;
	char listen_text[80], admin_text[80]; /* as bound */
	unsigned worker_count;
	struct worker *workers;
	atomic_bool ready, draining, stopping;
	atomic_bool selftest; /* under way, from this address and port: */
	struct sockaddr_storage selftest_address;
};

/*
 * The rule set for one request: a reference that the caller gives back. The
 * one place that a reload will have to change.
 */
static inline struct kg_ruleset *
server_ruleset(struct server *s)
{
	return kg_ruleset_ref(s->set);
}

#endif
