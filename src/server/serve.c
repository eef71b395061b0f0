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

#include "io/file.h"
#include "io/log.h"
#include "io/policies.h"
#include "server/listen.h"
#include "server/tls.h"
#include "server/worker.h"

#define THREADS_DEFAULT_MAX 4
#define WORKERS_MAX 64u
/* After the drain period, requests under way get this long to finish. */
#define FINISH_US 5000000

struct life {
	struct server server;
	struct loop admin;
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
load_policies(struct server *s)
{
	struct kg_diags *diags = kg_diags_new();
	enum kg_status st;

	if (diags == NULL)
		return false;
	st = policies_load(s->options->policies, s->options->policy_count, true,
	    diags, &s->set);
	print_diags(diags);
	kg_diags_free(diags);
	return st == KG_OK;
}

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
		log_line(LOG_WARN, "audit",
		    "message=\"no --audit-log: decisions are not recorded\"");
		return true;
	}
	if (journal_open(&options, &s->journal, error) == KG_OK)
		return true;
	(void)refuse(error);
	return false;
}

static bool
load_identity(struct server *s)
{
	char error[TLS_ERROR_MAX];

	if (tls_identity_load(s->options->tls_cert, s->options->tls_key,
		&s->identity, error) == KG_OK)
		return true;
	(void)refuse(error);
	return false;
}

static bool
start_workers(struct server *s)
{
	s->worker_count =
	    s->options->threads > 0 ? s->options->threads : default_threads();
	if (s->worker_count > WORKERS_MAX)
		s->worker_count = WORKERS_MAX;
	s->workers = calloc(s->worker_count, sizeof(*s->workers));
	if (s->workers == NULL)
		return false;
	for (unsigned i = 0; i < s->worker_count; i++) {
		if (!worker_start(&s->workers[i], s))
			return false;
	}
	return true;
}

static bool
start_admin(struct life *l)
{
	struct MHD_Daemon *daemon =
	    MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_ERROR_LOG, 0, NULL, NULL,
		admin_handle, &l->server, MHD_OPTION_EXTERNAL_LOGGER, loop_log,
		NULL, MHD_OPTION_LISTEN_SOCKET, l->server.admin_fd,
		MHD_OPTION_CONNECTION_LIMIT, 32u, MHD_OPTION_CONNECTION_TIMEOUT,
		30u, MHD_OPTION_END);

	if (daemon == NULL)
		return false;
	l->server.admin_fd = -1; /* the daemon's now */
	return loop_start(&l->admin, daemon);
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

	raise_limits();
	block_signals(l);
	if (!load_policies(s) || !load_identity(s) || !open_sockets(s) ||
	    !open_audit(s))
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

static unsigned
requests_under_way(const struct server *s)
{
	unsigned n = 0;

	for (unsigned i = 0; i < s->worker_count; i++)
		n += atomic_load(&s->workers[i].active_count);
	return n;
}

/* Waits for a signal up to a time; true when one came. */
static bool
wait_signal(const struct life *l, int64_t us)
{
	const struct timespec time = { us / 1000000, us % 1000000 * 1000 };

	return sigtimedwait(&l->signals, NULL, &time) > 0;
}

/*
 * Unready first, so that nobody new is sent here; then serve on for the drain
 * period, since it takes the API server a while to notice; then accept no
 * more and let what is under way finish. A second signal hurries.
 */
static void
drain(struct life *l)
{
	struct server *s = &l->server;
	const int64_t end = clock_mono_us() + s->options->drain_us + FINISH_US;
	bool hurry;

	atomic_store(&s->draining, true);
	atomic_store(&s->ready, false);
	log_line(LOG_INFO, "drain", "seconds=%.1f",
	    (double)s->options->drain_us / 1e6);
	hurry = wait_signal(l, s->options->drain_us);
	for (unsigned i = 0; i < s->worker_count; i++)
		loop_quiesce(&s->workers[i].loop);
	while (!hurry && requests_under_way(s) > 0 && clock_mono_us() < end)
		hurry = wait_signal(l, 10000);
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
	if (s->listen_fd >= 0)
		(void)close(s->listen_fd);
	if (s->admin_fd >= 0)
		(void)close(s->admin_fd);
	tls_identity_free(s->identity);
	kg_ruleset_unref(s->set);
}

static void
wait_for_end(const struct life *l)
{
	int signal = 0;

	while (sigwait(&l->signals, &signal) == 0 && signal == SIGHUP)
		log_line(LOG_WARN, "signal",
		    "name=SIGHUP message=\"nothing is reloaded by this "
		    "version; restart\"");
}

int
server_run(const struct server_options *options)
{
	struct life l = { .server = { .options = options,
			      .listen_fd = -1,
			      .admin_fd = -1 } };
	int code = 2;

	if (start(&l)) {
		struct kg_slice hash = kg_ruleset_hash(l.server.set);

		atomic_store(&l.server.ready, true);
		fprintf(stderr, "ready listen=%s admin=%s ruleset=%.*s\n",
		    l.server.listen_text, l.server.admin_text, SLICE_ARG(hash));
		wait_for_end(&l);
		drain(&l);
		code = 0;
	}
	stop(&l);
	return code;
}
