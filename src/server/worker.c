/* SPDX-License-Identifier: Apache-2.0 */
/* Starting and releasing a worker, and what it works with. */
#include "server/worker.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/limits.h"
#include "io/log.h"
#include "io/zones.h"
#include "server/exchange.h"
#include "server/tls.h"

/* Each connection's buffer for head and pieces of the body. Measured: more
 * gains nothing and costs, for libmicrohttpd clears all of it after each
 * request. */
#define CONNECTION_MEMORY (16u * KIB)
/* The API server drops idle connections at 90 s. */
#define IDLE_SECONDS 120u

/* --- What it works with --- */

void
worker_put_ruleset(struct worker *w, struct kg_ruleset *set)
{
	kg_ruleset_unref(atomic_exchange(&w->next.set, set));
	loop_wake(&w->loop);
}

void
worker_put_identity(struct worker *w, struct tls_identity *identity)
{
	tls_identity_unref(atomic_exchange(&w->next.identity, identity));
	loop_wake(&w->loop);
}

void
worker_put_trust(struct worker *w, struct tls_trust *trust)
{
	tls_trust_unref(atomic_exchange(&w->next.trust, trust));
	loop_wake(&w->loop);
}

/* Nearly always nothing is there, which a plain load can tell. */
#define IS_THERE(next) \
	(atomic_load_explicit(&(next), memory_order_relaxed) != NULL)

void
worker_refresh(struct worker *w)
{
	if (IS_THERE(w->next.set)) {
		kg_ruleset_unref(w->set);
		w->set = atomic_exchange(&w->next.set, NULL);
	}
	if (IS_THERE(w->next.identity)) {
		tls_identity_unref(w->identity);
		w->identity = atomic_exchange(&w->next.identity, NULL);
	}
	if (IS_THERE(w->next.trust)) {
		tls_trust_unref(w->trust);
		w->trust = atomic_exchange(&w->next.trust, NULL);
		w->trust_serial++;
	}
}

static void
take_turn(void *arg)
{
	worker_refresh(arg);
}

/* --- Life --- */

/* The path is compared as it was sent: nothing in it is decoded. */
static size_t
leave_encoded(void *arg, struct MHD_Connection *connection, char *text)
{
	(void)arg;
	(void)connection;
	return strlen(text);
}

static struct MHD_Daemon *
start_daemon(struct worker *w)
{
	const unsigned limit = w->server->budget.cap + CONNS_MARGIN + 1;

	return MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_TLS |
		MHD_USE_ERROR_LOG | MHD_USE_NO_LISTEN_SOCKET,
	    0, NULL, NULL, http_handle, w, MHD_OPTION_EXTERNAL_LOGGER, loop_log,
	    NULL, MHD_OPTION_HTTPS_CERT_CALLBACK, tls_certificate_callback(),
	    MHD_OPTION_HTTPS_PRIORITIES, TLS_PRIORITIES,
	    MHD_OPTION_UNESCAPE_CALLBACK, leave_encoded, NULL,
	    MHD_OPTION_CONNECTION_LIMIT, limit, MHD_OPTION_CONNECTION_TIMEOUT,
	    IDLE_SECONDS, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
	    (size_t)CONNECTION_MEMORY, MHD_OPTION_NOTIFY_CONNECTION,
	    conns_notify, &w->loop.conns, MHD_OPTION_NOTIFY_COMPLETED,
	    http_completed, w, MHD_OPTION_END);
}

static bool
start_loop(struct worker *w)
{
	struct MHD_Daemon *daemon = start_daemon(w);
	const int fd = daemon != NULL
	    ? fcntl(w->server->listen_fd, F_DUPFD_CLOEXEC, 0)
	    : -1;

	if (fd >= 0)
		return loop_start(&w->loop, daemon, fd);
	if (daemon != NULL)
		MHD_stop_daemon(daemon);
	LOG(LOG_ERROR, "start", log_text("what", "https-daemon"));
	return false;
}

bool
worker_start(struct worker *w, struct server *server)
{
	w->server = server;
	w->set = kg_ruleset_ref(server->set);
	w->identity = tls_identity_ref(server->identity);
	w->trust = tls_trust_ref(server->trust);
	w->trust_serial = 1;
	arena_init(&w->records, RECORD_MAX * 2u);
	w->metrics = calloc(1, sizeof(*w->metrics));
	if (w->metrics == NULL || kg_reviewer_new(&w->reviewer) != KG_OK ||
	    (w->zones = zones_for(w->reviewer)) == NULL) {
		LOG(LOG_ERROR, "start", log_text("what", "out-of-memory"));
		return false;
	}
	conns_init(&w->loop.conns, &server->budget, &w->loop);
	w->loop.conns.worker = w;
	w->loop.conns.request_timeout_us = server->options->request_timeout_us;
	w->loop.turn = take_turn;
	w->loop.arg = w;
	return start_loop(w);
}

void
worker_release(struct worker *w)
{
	worker_refresh(w);
	kg_ruleset_unref(w->set);
	tls_identity_unref(w->identity);
	tls_trust_unref(w->trust);
	exchange_release(w);
	kg_reviewer_free(w->reviewer);
	zones_close(w->zones);
	arena_release(&w->records);
	free(w->metrics);
}
