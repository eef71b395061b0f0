/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of the server: load, listen, start, test itself, say ready, wait
 * for a signal, drain, close.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/limits.h"
#include "io/file.h"
#include "io/log.h"
#include "io/policies.h"
#include "server/listen.h"
#include "server/memory.h"
#include "server/tls.h"
#include "server/wire.h"
#include "server/worker.h"

#define THREADS_DEFAULT_MAX 4
#define WORKERS_MAX 64u
/* Probes and scrapes: few, and the one idle longest goes. */
#define ADMIN_CONNECTIONS 32u
/* Descriptors for all but connections: files, the audit log, epoll. */
#define DESCRIPTORS_KEPT 64u
/* So many connections leave memory behind that is worth giving back. */
#define CROWD_MIN 64u
/* After the drain period, requests under way get this long to finish. */
#define FINISH_US 5000000

struct life {
	struct server server;
	struct loop admin;
	struct conns *admin_table;
	struct conn_budget admin_budget;
	sigset_t signals;
};

static int
refuse(const char *why)
{
	fprintf(stderr, "keepgate: %s\n", why);
	return 2;
}

/* --- How many threads --- */

/* Whole cores of a cgroup's quota; 0: no quota. */
static unsigned
quota_cores(void)
{
	FILE *f = fopen("/sys/fs/cgroup/cpu.max", "re");
	char quota[32];
	unsigned long period;
	unsigned cores = 0;

	if (f == NULL)
		return 0;
	if (fscanf(f, "%31s %lu", quota, &period) == 2 && period > 0 &&
	    strcmp(quota, "max") != 0)
		cores = (unsigned)((strtoul(quota, NULL, 10) + period - 1) /
		    period);
	(void)fclose(f);
	return cores;
}

static unsigned
default_threads(void)
{
	const long online = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned n = online > 0 ? (unsigned)online : 1;
	const unsigned quota = quota_cores();

	if (quota > 0 && quota < n)
		n = quota;
	return n > THREADS_DEFAULT_MAX ? THREADS_DEFAULT_MAX : n;
}

/* --- Starting --- */

static bool
open_sockets(struct server *s)
{
	char error[256];

	s->listen_fd = listen_open(s->options->listen, s->listen_text,
	    sizeof(s->listen_text), error, sizeof(error));
	if (s->listen_fd >= 0)
		s->admin_fd = listen_open(s->options->admin, s->admin_text,
		    sizeof(s->admin_text), error, sizeof(error));
	if (s->listen_fd >= 0 && s->admin_fd >= 0)
		return true;
	(void)refuse(error);
	return false;
}

static bool
open_audit(struct server *s)
{
	const struct journal_options options = {
		.path = s->options->audit_log,
		.sync = s->options->audit_sync,
		.rotate_bytes = s->options->audit_rotate,
		.ruleset = kg_ruleset_hash(s->set),
	};
	char error[JOURNAL_ERROR_MAX];

	if (options.path == NULL) {
		LOG(LOG_WARN, "audit",
		    log_text("message",
			"no --audit-log: decisions are not recorded"));
		return true;
	}
	if (journal_open(&options, &s->journal, error) == KG_OK)
		return true;
	(void)refuse(error);
	return false;
}

/* Connections beyond what there are descriptors for would fail one by one. */
static unsigned
connection_cap(const struct server *s)
{
	const unsigned want = s->options->max_connections;
	const rlim_t kept = DESCRIPTORS_KEPT + ADMIN_CONNECTIONS + CONNS_MARGIN;
	struct rlimit limit;
	unsigned cap;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 ||
	    limit.rlim_cur >= want + kept)
		return want;
	cap = limit.rlim_cur > 2 * kept ? (unsigned)(limit.rlim_cur - kept)
					: (unsigned)(limit.rlim_cur / 2);
	cap = cap < want ? cap : want;
	if (cap < want)
		LOG(LOG_WARN, "start",
		    log_text("message",
			"fewer connections than asked for: "
			"the limit of open files is low"),
		    log_int("maxConnections", cap),
		    log_int("openFiles", (int64_t)limit.rlim_cur));
	return cap > 0 ? cap : 1;
}

static bool
start_workers(struct server *s)
{
	s->worker_count =
	    s->options->threads > 0 ? s->options->threads : default_threads();
	if (s->worker_count > WORKERS_MAX)
		s->worker_count = WORKERS_MAX;
	s->workers = calloc(s->worker_count, sizeof(*s->workers));
	s->tables = calloc(s->worker_count, sizeof(*s->tables));
	if (s->workers == NULL || s->tables == NULL)
		return false;
	s->budget.cap = connection_cap(s);
	for (unsigned i = 0; i < s->worker_count; i++)
		s->tables[i] = &s->workers[i].loop.conns;
	s->budget.tables = s->tables;
	s->budget.count = s->worker_count;
	for (unsigned i = 0; i < s->worker_count; i++) {
		if (!worker_start(&s->workers[i], s))
			return false;
	}
	return true;
}

static bool
start_admin(struct life *l)
{
	struct MHD_Daemon *daemon;
	const int fd = l->server.admin_fd;

	l->admin_budget = (struct conn_budget){
		.cap = ADMIN_CONNECTIONS, .tables = &l->admin_table, .count = 1
	};
	l->admin_table = &l->admin.conns;
	conns_init(&l->admin.conns, &l->admin_budget, &l->admin);
	daemon = MHD_start_daemon(
	    MHD_USE_EPOLL | MHD_USE_ERROR_LOG | MHD_USE_NO_LISTEN_SOCKET, 0,
	    NULL, NULL, admin_handle, &l->server, MHD_OPTION_EXTERNAL_LOGGER,
	    loop_log, NULL, MHD_OPTION_CONNECTION_LIMIT,
	    ADMIN_CONNECTIONS + CONNS_MARGIN + 1, MHD_OPTION_CONNECTION_TIMEOUT,
	    30u, MHD_OPTION_NOTIFY_CONNECTION, conns_notify, &l->admin.conns,
	    MHD_OPTION_NOTIFY_COMPLETED, admin_completed, &l->server,
	    MHD_OPTION_END);
	if (daemon == NULL)
		return false;
	l->server.admin_fd = -1; /* the loop's now */
	return loop_start(&l->admin, daemon, fd);
}

/* As many descriptors as the system lets us have: connections need them. */
static void
raise_limits(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

/* Blocked in every thread; the main thread waits for them. */
static void
block_signals(struct life *l)
{
	sigemptyset(&l->signals);
	sigaddset(&l->signals, SIGTERM);
	sigaddset(&l->signals, SIGINT);
	sigaddset(&l->signals, SIGHUP);
	(void)pthread_sigmask(SIG_BLOCK, &l->signals, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(
	    SIGXFSZ, SIG_IGN); /* a full log is an error, not the end */
}

static bool
start(struct life *l)
{
	struct server *s = &l->server;

	if (!wire_init()) {
		(void)refuse("GnuTLS is not linked as a shared library");
		return false;
	}
	memory_tame();
	raise_limits();
	block_signals(l);
	if (!reload_start(s) || !open_sockets(s) || !open_audit(s))
		return false;
	if (!start_workers(s) || !start_admin(l)) {
		(void)refuse("the HTTP server does not start");
		return false;
	}
	if (!selftest_run(s)) {
		(void)refuse("the self-test failed: a review over the "
			     "server's own TLS socket was not answered");
		return false;
	}
	return true;
}

/* --- Ending --- */

/* Waits for a signal up to a time: its number, or 0. */
static int
wait_signal(const struct life *l, int64_t us)
{
	const struct timespec time = { us / 1000000, us % 1000000 * 1000 };
	const int signal = sigtimedwait(&l->signals, NULL, &time);

	return signal > 0 ? signal : 0;
}

/* Connections that are not closed yet, whatever they do. */
static unsigned
connections_left(const struct server *s)
{
	return atomic_load(&s->budget.used);
}

/* A crowd has been here and most of it is gone. */
static void
clear_up(struct server *s)
{
	const unsigned left = connections_left(s);
	const unsigned peak = atomic_load(&s->budget.peak);

	if (peak < CROWD_MIN || left > peak / 2)
		return;
	atomic_store(&s->budget.peak, left);
	memory_trim();
}

/*
 * Serves for so long, or until a signal to end; reloads meanwhile. 0: without
 * end. Gives whether a signal came.
 */
static bool
serve_for(struct life *l, int64_t us)
{
	const int64_t end = clock_mono_us() + us;
	int64_t pause = reload_look(&l->server);

	for (;;) {
		const int64_t left = end - clock_mono_us();
		int signal;

		if (us > 0 && left <= 0)
			return false;
		signal = wait_signal(l, us > 0 && left < pause ? left : pause);
		if (signal == SIGTERM || signal == SIGINT)
			return true;
		log_flush();
		clear_up(&l->server);
		pause = signal == SIGHUP ? reload_all(&l->server)
					 : reload_look(&l->server);
	}
}

/*
 * Unready first, so that nobody new is sent here, and each answer asks its
 * connection to close; then serve on for the drain period, since it takes the
 * API server a while to notice; then accept no more, let what is under way
 * finish, and close what is idle (conn.h). A second signal hurries.
 */
static void
drain(struct life *l)
{
	struct server *s = &l->server;
	int64_t end;
	bool hurry;

	atomic_store(&s->draining, true);
	atomic_store(&s->ready, false);
	LOG(LOG_INFO, "drain", log_int("ms", s->options->drain_us / 1000),
	    log_int("connections", connections_left(s)));
	hurry = s->options->drain_us > 0 && serve_for(l, s->options->drain_us);
	for (unsigned i = 0; i < s->worker_count; i++)
		loop_quiesce(&s->workers[i].loop);
	(void)close(s->listen_fd);
	s->listen_fd = -1;
	end = clock_mono_us() + FINISH_US;
	while (!hurry && connections_left(s) > 0 && clock_mono_us() < end)
		hurry = wait_signal(l, 10000) != 0;
	if (connections_left(s) > 0)
		LOG(LOG_WARN, "drain",
		    log_int("connectionsCut", connections_left(s)));
}

static void
stop(struct life *l)
{
	struct server *s = &l->server;

	for (unsigned i = 0; s->workers != NULL && i < s->worker_count; i++)
		loop_stop(&s->workers[i].loop);
	loop_stop(&l->admin);
	for (unsigned i = 0; s->workers != NULL && i < s->worker_count; i++)
		worker_release(&s->workers[i]);
	journal_close(s->journal);
	free(s->workers);
	free(s->tables);
	if (s->listen_fd >= 0)
		(void)close(s->listen_fd);
	if (s->admin_fd >= 0)
		(void)close(s->admin_fd);
	tls_identity_unref(s->identity);
	tls_trust_unref(s->trust);
	kg_ruleset_unref(s->set);
	pthread_mutex_destroy(&s->lock);
}

/* The one line that says where; plain for those who wait for it. */
static void
say_ready(const struct server *s)
{
	const struct kg_slice hash = kg_ruleset_hash(s->set);

	if (log_format() == LOG_FORMAT_TEXT)
		fprintf(stderr, "ready listen=%s admin=%s ruleset=%.*s\n",
		    s->listen_text, s->admin_text, SLICE_ARG(hash));
	else
		LOG(LOG_ERROR, "ready", log_text("listen", s->listen_text),
		    log_text("admin", s->admin_text),
		    log_slice("ruleset", hash));
}

int
server_run(const struct server_options *options)
{
	struct life l = { .server = { .options = options,
			      .listen_fd = -1,
			      .admin_fd = -1 } };
	int code = 2;

	pthread_mutex_init(&l.server.lock, NULL);
	log_setup(options->log_format, options->log_level);
	if (start(&l)) {
		memory_settle();
		atomic_store(&l.server.ready, true);
		say_ready(&l.server);
		(void)serve_for(&l, 0);
		drain(&l);
		code = 0;
	}
	stop(&l);
	return code;
}
