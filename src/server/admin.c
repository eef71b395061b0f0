/* SPDX-License-Identifier: Apache-2.0 */
/* The admin port: plain HTTP, for probes and scrapes. */
#include "base/limits.h"
#include "io/file.h"
#include "server/tls.h"
#include "server/worker.h"

#define METRICS_MAX (4u * MIB)
#define READY_MAX (64u * KIB)

static enum MHD_Result
reply(struct MHD_Connection *connection, unsigned status, struct kg_slice body)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(
	    body.len, (void *)(uintptr_t)body.ptr, MHD_RESPMEM_MUST_COPY);
	enum MHD_Result rc;

	if (response == NULL)
		return MHD_NO;
	(void)MHD_add_response_header(response, "Content-Type",
	    "text/plain; version=0.0.4; charset=utf-8");
	if (status == 405)
		(void)MHD_add_response_header(response, "Allow", "GET, HEAD");
	rc = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return rc;
}

/* What a reload may replace meanwhile. Gives a reference to the rule set. */
static struct kg_ruleset *
read_gauges(struct server *s, struct metrics_gauges *g)
{
	const int64_t now_s = clock_wall_us() / 1000000;
	struct kg_ruleset *set;

	pthread_mutex_lock(&s->lock);
	set = kg_ruleset_ref(s->set);
	g->certificate_expiry_s = tls_identity_expires(s->identity) - now_s;
	g->has_client_ca = s->trust != NULL;
	if (s->trust != NULL)
		g->client_ca_expiry_s = tls_trust_expires(s->trust) - now_s;
	pthread_mutex_unlock(&s->lock);
	g->ruleset = kg_ruleset_hash(set);
	return set;
}

static enum MHD_Result
reply_metrics(struct server *s, struct MHD_Connection *connection)
{
	const struct metrics *workers[64];
	struct metrics_gauges gauges = { 0 };
	struct kg_ruleset *set = read_gauges(s, &gauges);
	enum MHD_Result rc;
	struct arena arena;
	struct buf out;

	for (unsigned i = 0; i < s->worker_count; i++)
		workers[i] = s->workers[i].metrics;
	if (s->journal != NULL)
		gauges.journal_failures = journal_failures(s->journal);
	arena_init(&arena, 2 * METRICS_MAX);
	buf_init(&out, &arena, METRICS_MAX);
	metrics_put(&out, workers, s->worker_count, &gauges);
	reload_put_metrics(s, &out);
	rc = buf_failed(&out) ? reply(connection, 500, SLICE("out of memory\n"))
			      : reply(connection, 200, buf_slice(&out));
	arena_release(&arena);
	kg_ruleset_unref(set);
	return rc;
}

/* Ready with what is in force; a reload that failed is told beside it. */
static enum MHD_Result
reply_ready(struct server *s, struct MHD_Connection *connection)
{
	enum MHD_Result rc;
	struct arena arena;
	struct buf out;

	if (!atomic_load(&s->ready))
		return reply(connection, 503,
		    atomic_load(&s->draining) ? SLICE("draining\n")
					      : SLICE("starting\n"));
	arena_init(&arena, READY_MAX);
	buf_init(&out, &arena, READY_MAX);
	buf_puts(&out, "ok\n");
	reload_put_failures(s, &out);
	rc = reply(connection, 200,
	    buf_failed(&out) ? SLICE("ok\n") : buf_slice(&out));
	arena_release(&arena);
	return rc;
}

enum MHD_Result
admin_handle(void *arg, struct MHD_Connection *connection, const char *url,
    const char *method, const char *version, const char *upload,
    size_t *upload_size, void **state)
{
	struct server *s = arg;
	const bool known = strcmp(url, "/healthz") == 0 ||
	    strcmp(url, "/readyz") == 0 || strcmp(url, "/metrics") == 0;

	(void)version;
	(void)upload;
	(void)upload_size;
	(void)state;
	if (!known)
		return reply(connection, 404,
		    SLICE("not found: /healthz, /readyz and /metrics are "
			  "here\n"));
	if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
		return reply(connection, 405, SLICE("only GET\n"));
	if (strcmp(url, "/metrics") == 0)
		return reply_metrics(s, connection);
	if (strcmp(url, "/readyz") == 0)
		return reply_ready(s, connection);
	return reply(connection, 200, SLICE("ok\n"));
}

void
admin_completed(void *arg, struct MHD_Connection *connection, void **state,
    enum MHD_RequestTerminationCode why)
{
	struct conn *c = conn_of(connection);

	(void)arg;
	(void)state;
	(void)why;
	if (c != NULL)
		conn_request_ends(c, true);
}
