/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Queues by state, each in order of age; so the one to go, and the one that
 * is overdue, are found at a head. Cutting is shutdown(2): the descriptor is
 * libmicrohttpd's, which sees the end of the stream and cleans up.
 */
#include "server/conn.h"

#include <sys/ioctl.h>
#include <sys/socket.h>

#include "io/file.h"
#include "io/log.h"
#include "server/handshake.h"
#include "server/hold.h"
#include "server/loop.h"
#include "server/tls.h"
#include "server/worker.h"

/* A handshake takes two round trips; who needs longer is not serious. For
 * when --request-timeout sets no limit. */
#define HANDSHAKE_US 5000000
/* One place in so many is the newcomers'. */
#define NEWCOMERS_SHARE 4
/* While finishing: so long a served connection must have been idle, a new
 * one may take to its first request, and a half closed one to go away. */
#define FINISH_IDLE_US 250000
#define FINISH_NEW_US 1000000
#define FINISH_HALF_US 400000
/* Spared is who came at this time: nobody. */
#define NOBODY (-1)

/* --- Queues --- */

static int64_t
since(const struct conn *c)
{
	return c != NULL ? c->since_us : INT64_MAX;
}

/* What other threads see of a queue. */
static void
publish_ages(struct conns *t, enum conn_queue q)
{
	const struct conn *first = t->queues[q].first;

	if (q == CONN_CUT)
		return;
	atomic_store_explicit(
	    &t->ages[q].first, since(first), memory_order_relaxed);
	atomic_store_explicit(&t->ages[q].second,
	    since(first != NULL ? first->next : NULL), memory_order_relaxed);
}

static void
leave(struct conn *c)
{
	struct conns *t = c->table;

	*(c->prev != NULL ? &c->prev->next : &t->queues[c->queue].first) =
	    c->next;
	*(c->next != NULL ? &c->next->prev : &t->queues[c->queue].last) =
	    c->prev;
	if (c->queue == CONN_NEW)
		atomic_fetch_sub(&t->budget->newcomers, 1);
	publish_ages(t, c->queue);
}

static void
enter(struct conn *c, enum conn_queue queue, int64_t since_us)
{
	struct conns *t = c->table;

	c->queue = queue;
	c->since_us = since_us;
	c->next = NULL;
	c->prev = t->queues[queue].last;
	*(c->prev != NULL ? &c->prev->next : &t->queues[queue].first) = c;
	t->queues[queue].last = c;
	if (queue == CONN_NEW)
		atomic_fetch_add(&t->budget->newcomers, 1);
	publish_ages(t, queue);
}

static void
move(struct conn *c, enum conn_queue queue, int64_t now_us)
{
	leave(c);
	enter(c, queue, now_us);
}

void
conns_init(struct conns *t, struct conn_budget *budget, struct loop *loop)
{
	t->budget = budget;
	t->loop = loop;
	t->handshake_fd = -1;
	t->held_end = &t->held;
	for (int q = CONN_NEW; q < CONN_CUT; q++)
		publish_ages(t, (enum conn_queue)q);
}

void
conns_release(struct conns *t)
{
	while (t->spare != NULL) {
		struct conn *c = t->spare;

		t->spare = c->next;
		free(c);
	}
}

/* --- Too many --- */

void
conn_cut(struct conn *c)
{
	if (c->queue == CONN_CUT)
		return;
	atomic_fetch_sub(&c->table->budget->used, 1);
	move(c, CONN_CUT, clock_mono_us());
	(void)shutdown(c->fd, SHUT_RDWR);
}

/* Where to look first, second, third for the one to go. Where descriptors ran
 * out there are fewer places than the cap. */
static const enum conn_queue *
order_of(const struct conn_budget *b)
{
	static const enum conn_queue orders[2][CONN_CUT] = {
		{ CONN_NEW, CONN_IDLE, CONN_BUSY },
		{ CONN_IDLE, CONN_NEW, CONN_BUSY },
	};
	const unsigned used = atomic_load(&b->used);
	const unsigned places = used < b->cap ? used : b->cap;

	return orders[atomic_load(&b->newcomers) <= places / NEWCOMERS_SHARE];
}

/* Who goes: the first of a queue of a table, or the next one where the first
 * is spared. */
struct victim {
	struct conns *table; /* NULL: there is none */
	enum conn_queue queue;
};

/* The age of who would go from one queue of a table. */
static int64_t
age_of(const struct conns *t, enum conn_queue q, int64_t spared_us)
{
	const int64_t first =
	    atomic_load_explicit(&t->ages[q].first, memory_order_relaxed);

	return first != spared_us
	    ? first
	    : atomic_load_explicit(&t->ages[q].second, memory_order_relaxed);
}

static struct victim
find_victim(struct conns *const *tables, size_t count, int64_t spared_us)
{
	const enum conn_queue *order = order_of(tables[0]->budget);
	struct victim v = { NULL, CONN_NEW };

	for (int k = 0; k < CONN_CUT && v.table == NULL; k++) {
		int64_t least = INT64_MAX;

		for (size_t i = 0; i < count; i++) {
			const int64_t age =
			    age_of(tables[i], order[k], spared_us);

			if (age < least) {
				least = age;
				v = (struct victim){ tables[i], order[k] };
			}
		}
	}
	return v;
}

/* By the thread that its table belongs to. */
static void
evict(struct victim v, int64_t spared_us)
{
	static const char *const states[] = { "new", "idle", "busy" };
	struct conn *c = v.table->queues[v.queue].first;

	if (c->since_us == spared_us)
		c = c->next;
	LOG(LOG_WARN, "evict", log_text("state", states[v.queue]),
	    log_int("ms", (clock_mono_us() - c->since_us) / 1000));
	conn_cut(c);
}

void
conns_evict(struct conns *t)
{
	const struct victim v = find_victim(&t, 1, NOBODY);

	if (v.table != NULL)
		evict(v, NOBODY);
}

bool
conns_full(const struct conns *t)
{
	return t->open >= t->budget->cap + CONNS_MARGIN;
}

bool
conns_fewest(const struct conns *t)
{
	const unsigned mine = t->open;

	for (size_t i = 0; i < t->budget->count; i++) {
		if (t->budget->tables[i]->open < mine)
			return false;
	}
	return true;
}

/* The last newcomer is spared, for whom the room is made: where all others
 * are busy he would be the one to go. Another thread's table is only asked,
 * and looks anew. */
void
conns_make_room(struct conns *t)
{
	const struct conn_budget *b = t->budget;
	const int64_t spared_us = atomic_load(&b->latest_us);
	struct victim v;

	if (atomic_load(&b->used) <= b->cap)
		return;
	v = find_victim(b->tables, b->count, spared_us);
	if (v.table == t) {
		evict(v, spared_us);
	} else if (v.table != NULL) {
		atomic_fetch_add(&v.table->wishes, 1);
		loop_wake(v.table->loop);
	}
}

void
conns_turn(struct conns *t)
{
	unsigned wishes;

	if (atomic_load_explicit(&t->wishes, memory_order_relaxed) == 0)
		return;
	wishes = atomic_exchange(&t->wishes, 0);
	while (wishes-- > 0)
		conns_make_room(t);
}

/* --- Too long --- */

static bool
is_overdue(const struct conns *t, const struct conn *c, int64_t now_us)
{
	const int64_t limit = t->request_timeout_us;

	if (t->worker != NULL && !c->handshaken)
		return now_us - c->since_us >=
		    (limit > 0 ? limit : HANDSHAKE_US);
	return limit > 0 && c->request_us != 0 &&
	    now_us - c->request_us >= limit;
}

void
conns_tick(struct conns *t, int64_t now_us)
{
	for (int q = CONN_NEW; q <= CONN_BUSY; q++) {
		struct conn *next;

		for (struct conn *c = t->queues[q].first; c != NULL; c = next) {
			next = c->next;
			if (c->stuck)
				hold_release_one(c);
			if (!is_overdue(t, c, now_us))
				continue;
			LOG(LOG_WARN, "timeout",
			    log_text("what",
				c->handshaken ? "request" : "handshake"));
			conn_cut(c);
		}
	}
}

/* --- Finishing --- */

static void
finish_one(struct conn *c, int64_t now_us)
{
	const int64_t patience =
	    c->queue == CONN_NEW ? FINISH_NEW_US : FINISH_IDLE_US;
	int pending = 0;

	if (c->half_shut_us != 0) {
		if (now_us - c->half_shut_us >= FINISH_HALF_US)
			conn_cut(c);
		return;
	}
	if (c->request_us != 0 || now_us - c->since_us < patience ||
	    (ioctl(c->fd, FIONREAD, &pending) == 0 && pending > 0))
		return;
	if (c->session != NULL && c->handshaken)
		tls_goodbye(c->session);
	(void)shutdown(c->fd, SHUT_WR);
	c->half_shut_us = now_us;
}

void
conns_finish(struct conns *t, int64_t now_us)
{
	for (int q = CONN_NEW; q <= CONN_IDLE; q++) {
		struct conn *next;

		for (struct conn *c = t->queues[q].first; c != NULL; c = next) {
			next = c->next;
			finish_one(c, now_us);
		}
	}
}

/* --- One connection --- */

static struct conn *
take_spare(struct conns *t)
{
	struct conn *c = t->spare;

	if (c == NULL)
		return calloc(1, sizeof(*c));
	t->spare = c->next;
	memset(c, 0, sizeof(*c));
	return c;
}

static void
count_in(struct conn_budget *b)
{
	const unsigned used = atomic_fetch_add(&b->used, 1) + 1;

	if (used > atomic_load(&b->peak))
		atomic_store(&b->peak, used);
}

static void
conn_open(struct conns *t, struct MHD_Connection *connection, void **context)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
	    connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct conn *c = info != NULL ? take_spare(t) : NULL;

	t->open++;
	count_in(t->budget);
	*context = c;
	if (c == NULL)
		return;
	c->table = t;
	c->fd = info->connect_fd;
	enter(c, CONN_NEW, clock_mono_us());
	atomic_store(&t->budget->latest_us, c->since_us);
	if (t->worker == NULL)
		return;
	handshake_begin(c);
	c->identity = tls_identity_ref(t->worker->identity);
	info = MHD_get_connection_info(
	    connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
	if (info != NULL) {
		c->session = info->tls_session;
		tls_attach(c->session, c, t->worker->trust != NULL);
	}
}

static void
conn_close(struct conns *t, struct conn *c)
{
	t->open--;
	if (c == NULL || c->queue != CONN_CUT)
		atomic_fetch_sub(&t->budget->used, 1);
	if (c == NULL)
		return;
	leave(c);
	handshake_end(c);
	hold_forget(c);
	tls_identity_unref(c->identity);
	c->identity = NULL;
	c->next = t->spare;
	t->spare = c;
}

void
conns_notify(void *arg, struct MHD_Connection *connection, void **context,
    enum MHD_ConnectionNotificationCode what)
{
	if (what == MHD_CONNECTION_NOTIFY_STARTED)
		conn_open(arg, connection, context);
	else
		conn_close(arg, *context);
}

struct conn *
conn_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
	    connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info != NULL ? info->socket_context : NULL;
}

void
conn_handshaken(struct conn *c)
{
	if (c == NULL)
		return;
	c->handshaken = true;
	handshake_end(c);
	conn_moved(c);
}

void
conn_moved(struct conn *c)
{
	c->table->moved = true;
}

/* The first byte of a request starts its clock. */
static void
begin_request(struct conn *c)
{
	c->request_us = clock_mono_us();
	if (c->queue == CONN_IDLE)
		move(c, CONN_BUSY, c->request_us);
}

void
conn_received(struct conn *c, struct kg_slice data)
{
	conn_moved(c);
	head_feed(&c->head, data.ptr, data.len);
	if (c->request_us == 0 && c->head.begun > c->ended)
		begin_request(c);
}

void
conn_request_ends(struct conn *c, bool served)
{
	c->ended++;
	c->request_us = 0;
	if (c->queue == CONN_BUSY || (c->queue == CONN_NEW && served))
		move(c, CONN_IDLE, clock_mono_us());
	/* The next one is there already, in whole or in part. */
	if (c->head.begun > c->ended)
		begin_request(c);
}

struct tls_identity *
conn_identity(struct conn *c)
{
	return c != NULL ? c->identity : NULL;
}
