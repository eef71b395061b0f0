/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keepgate serve: what the parts of the server share. Threads: one worker a
 * core, each with an HTTPS daemon, a reviewer and counters of its own; one
 * for the admin port; the main thread waits for signals and looks at files.
 * Shared and mutable are only the flags below (atomic), the journal (its own
 * lock), counters (atomic, written by one thread each), and what `lock`
 * guards. No decision takes the lock.
 */
#ifndef KG_SERVER_SERVER_H
#define KG_SERVER_SERVER_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>

#include "io/journal.h"
#include "io/log.h"
#include "policy/ruleset.h"
#include "server/conn.h"
#include "server/metrics.h"
#include "server/reload.h"

struct server_options {
	const char *const *policies;
	size_t policy_count;
	unsigned cel_compat;        /* CEL_COMPAT_136 ...; 0: the default */
	const char *listen, *admin; /* "127.0.0.1:8443", "[::1]:0" */
	const char *tls_cert, *tls_key;
	const char *client_ca;           /* NULL: clients need no certificate */
	const char *const *client_names; /* none: any that the CA vouches for */
	size_t client_name_count;
	const char *audit_log;
	enum journal_sync audit_sync;
	uint64_t audit_rotate;
	bool audit_fail_open; /* audit.onFailure: allow */
	struct audit_policy audit;
	unsigned threads; /* 0: as many as there are cores for us, at most 4 */
	int64_t drain_us, request_timeout_us;
	size_t max_body;
	unsigned max_connections;
	enum log_format log_format;
	enum log_level log_level;
	bool echo; /* benchmark builds only */
};

/*
 * Runs until SIGTERM or SIGINT. Gives the exit code: 0 after an orderly end,
 * 2 when it could not start (the reason went to stderr).
 */
int server_run(const struct server_options *options);

struct server {
	const struct server_options *options;
	pthread_mutex_t lock; /* of the next four; see reload.h */
	struct kg_ruleset *set;
	struct tls_identity *identity;
	struct tls_trust *trust;
	struct reload reload;
	struct journal *journal;
	int listen_fd, admin_fd;
	char listen_text[80], admin_text[80]; /* as bound */
	unsigned worker_count;
	struct worker *workers;
	struct conns **tables; /* the workers' */
	struct conn_budget budget;
	atomic_bool ready, draining;
	atomic_size_t body_bytes; /* buffers of bodies, see BODIES_MAX */
	atomic_bool selftest;     /* under way, from this address and port: */
	struct sockaddr_storage selftest_address;
};

#endif
