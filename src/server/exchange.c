/* SPDX-License-Identifier: Apache-2.0 */
/* Buffers, and what all of them together may take. */
#include "server/exchange.h"

#include "base/limits.h"
#include "server/listen.h"

/* The first buffer; and one that is larger is not kept. */
#define BODY_STEP (16u * KIB)
#define BODY_KEEP (64u * KIB)

/* The server's own self-test, by where it comes from. */
static bool
is_selftest(const struct server *server, struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info;

	if (!atomic_load(&server->selftest))
		return false;
	info = MHD_get_connection_info(
	    connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	return info != NULL && info->client_addr != NULL &&
	    listen_same(info->client_addr, &server->selftest_address);
}

struct exchange *
exchange_begin(
    struct worker *w, struct MHD_Connection *connection, enum kg_phase phase)
{
	struct exchange *x = w->spare;

	if (x != NULL)
		w->spare = x->next;
	else
		x = calloc(1, sizeof(*x));
	if (x == NULL)
		return NULL;
	x->connection = connection;
	x->phase = phase;
	x->answered = false;
	x->refused = 0;
	x->selftest = is_selftest(w->server, connection);
	x->len = 0;
	return x;
}

static void
free_body(struct worker *w, struct exchange *x)
{
	atomic_fetch_sub_explicit(
	    &w->server->body_bytes, x->cap, memory_order_relaxed);
	free(x->body);
	x->body = NULL;
	x->cap = 0;
}

void
exchange_end(struct worker *w, struct exchange *x)
{
	if (x->cap > BODY_KEEP)
		free_body(w, x);
	x->next = w->spare;
	w->spare = x;
}

void
exchange_release(struct worker *w)
{
	while (w->spare != NULL) {
		struct exchange *x = w->spare;

		w->spare = x->next;
		free_body(w, x);
		free(x);
	}
}

static bool
grow(struct worker *w, struct exchange *x, size_t cap)
{
	const size_t more = cap - x->cap;
	char *body = NULL;

	if (atomic_fetch_add_explicit(&w->server->body_bytes, more,
		memory_order_relaxed) <= BODIES_MAX - more)
		body = realloc(x->body, cap);
	if (body == NULL) {
		atomic_fetch_sub_explicit(
		    &w->server->body_bytes, more, memory_order_relaxed);
		LOG(LOG_WARN, "body",
		    log_text("message", "no memory for more bodies"));
		return false;
	}
	x->body = body;
	x->cap = cap;
	return true;
}

bool
exchange_append(
    struct worker *w, struct exchange *x, const char *data, size_t n)
{
	size_t cap = x->cap < BODY_STEP ? BODY_STEP : x->cap;

	if (n > w->server->options->max_body - x->len)
		return false;
	while (cap < x->len + n)
		cap *= 2;
	if (cap > x->cap && !grow(w, x, cap))
		return false;
	memcpy(x->body + x->len, data, n);
	x->len += n;
	return true;
}
