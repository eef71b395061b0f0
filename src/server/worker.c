/* SPDX-License-Identifier: Apache-2.0 */
/* Starting and releasing a worker. */
#include "server/worker.h"

#include <unistd.h>

#include "base/limits.h"
#include "io/log.h"
#include "server/tls.h"

/* Each connection's buffer for head and pieces of the body (measured: more
 * gains nothing); the API server drops idle connections at 90 s. */
#define CONNECTION_MEMORY (32u * KIB)
#define IDLE_SECONDS 120u

static struct MHD_Daemon *
start_daemon(struct worker *w, int fd)
{
	const struct server_options *o = w->server->options;
	const unsigned share = o->max_connections / w->server->worker_count;

	return MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_TLS | MHD_USE_ERROR_LOG,
	    0, NULL, NULL, http_handle, w, MHD_OPTION_EXTERNAL_LOGGER, loop_log,
	    NULL, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_HTTPS_MEM_CERT,
	    w->server->identity->cert, MHD_OPTION_HTTPS_MEM_KEY,
	    w->server->identity->key, MHD_OPTION_HTTPS_PRIORITIES,
	    TLS_PRIORITIES, MHD_OPTION_CONNECTION_LIMIT, share > 0 ? share : 1u,
	    MHD_OPTION_CONNECTION_TIMEOUT, IDLE_SECONDS,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
	    MHD_OPTION_NOTIFY_COMPLETED, http_completed, w, MHD_OPTION_END);
}

bool
worker_start(struct worker *w, struct server *server)
{
	struct MHD_Daemon *daemon;
	int fd;

	w->server = server;
	arena_init(&w->scratch, RECORD_MAX * 2u);
	w->metrics = calloc(1, sizeof(*w->metrics));
	if (w->metrics == NULL || kg_reviewer_new(&w->reviewer) != KG_OK) {
		log_line(LOG_ERROR, "start", "what=out-of-memory");
		return false;
	}
	fd = dup(server->listen_fd);
	daemon = fd >= 0 ? start_daemon(w, fd) : NULL;
	if (daemon == NULL) {
		log_line(LOG_ERROR, "start", "what=https-daemon");
		if (fd >= 0)
			(void)close(fd);
		return false;
	}
	w->loop.tick = http_tick;
	w->loop.arg = w;
	return loop_start(&w->loop, daemon);
}

void
worker_release(struct worker *w)
{
	http_release(w);
	kg_reviewer_free(w->reviewer);
	arena_release(&w->scratch);
	free(w->metrics);
}
