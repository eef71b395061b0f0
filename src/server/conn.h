/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The connections of one thread: who they are, since when they do what, which
 * of them goes when there are too many, and when one has taken too long.
 * libmicrohttpd knows inactivity only, and at its limit it stops accepting;
 * so we accept, count and cut ourselves.
 *
 * A table belongs to its thread. Shared are the budget's counts, and each
 * table's count, ages and wishes (atomics): the connection idle longest may be
 * another thread's, which is then asked to let it go.
 */
#ifndef KG_SERVER_CONN_H
#define KG_SERVER_CONN_H

#include <microhttpd.h>
#include <stdatomic.h>

#include "server/head.h"

/*
 * In the order in which they have to go; but a share of the places belongs to
 * newcomers, or a flood of silent ones would not let any of them live to its
 * first request.
 */
enum conn_queue {
	CONN_NEW,  /* nothing was answered yet: handshake, first request */
	CONN_IDLE, /* served before, waiting */
	CONN_BUSY, /* served before, a request is under way */
	CONN_CUT,  /* shut down; libmicrohttpd will notice */
	CONN_QUEUES
};

struct conn {
	struct conn *next, *prev; /* in its queue, by since_us */
	struct conns *table;
	int fd;
	enum conn_queue queue;
	bool handshaken;
	bool handshake_watched, handshake_ready; /* handshake.c */
	int64_t since_us;                        /* in this queue */
	int64_t request_us;     /* first byte of the request; 0: none */
	int64_t half_shut_us;   /* our side is closed; 0: it is not */
	void *session;          /* a gnutls_session_t; NULL: plain */
	struct conn *held_next; /* hold.c */
	bool held;              /* in its table's list */
	bool stuck;             /* sent in part: the client did not take it */
	struct tls_identity *identity; /* whose certificate it was shown */
	struct head head;              /* what has come, read strictly */
	uint32_t handled, ended;       /* requests: seen by http.c; done */
	/* peer.c */
	const char *peer_refusal;
	unsigned peer_serial; /* 0: not checked yet */
	int64_t peer_until_us;
};

/* Of all tables behind one listening socket. */
struct conn_budget {
	atomic_uint used, newcomers;   /* connections; those in CONN_NEW */
	atomic_int_fast64_t latest_us; /* when the last newcomer came */
	atomic_uint peak; /* most of them since memory was given back */
	unsigned cap;
	struct conns *const *tables;
	size_t count;
};

struct conns {
	struct conn_budget *budget;
	struct worker *worker; /* NULL: the admin port, plain HTTP */
	struct loop *loop;
	struct {
		struct conn *first, *last;
	} queues[CONN_QUEUES];
	struct conn *spare;
	atomic_uint open; /* those that were cut and are still there, too */
	int handshake_fd; /* handshake.c; -1: none */
	struct conn *held, **held_end; /* hold.c; by age */
	int64_t held_us;               /* since when the first one is held */
	bool releasing;
	bool moved; /* bytes came or went, or a handshake ended: see loop.c */
	int64_t request_timeout_us; /* 0: none */
	/* Since when the first two of each queue are in it; INT64_MAX: there
	 * is none. */
	struct {
		atomic_int_fast64_t first, second;
	} ages[CONN_CUT];
	/* Connections to let go, one for each newcomer: were all threads to
	 * look whenever there are too many, two would let one go for one. */
	atomic_uint wishes;
};

void conns_init(struct conns *t, struct conn_budget *budget, struct loop *loop);
/* After the daemon was stopped. */
void conns_release(struct conns *t);

/* More connections than the budget, of one table: cut ones live on until
 * libmicrohttpd has seen it. At its own limit it must never come. */
#define CONNS_MARGIN 256u
bool conns_full(const struct conns *t);
/* No other thread has fewer. */
bool conns_fewest(const struct conns *t);
/* One was added; when there are too many now, another one goes. */
void conns_make_room(struct conns *t);
/* Descriptors ran out: one goes of this table. */
void conns_evict(struct conns *t);
/* Each turn of the loop: what other threads have asked for. */
void conns_turn(struct conns *t);
/* Every now and then: deadlines, and answers that a client did not take. */
void conns_tick(struct conns *t, int64_t now_us);
/*
 * At the end of a drain, after accepting has stopped: closes in order what
 * is idle. An idle connection is closed only when nothing has come on it, and
 * our side first: a call that is on its way is then answered or not taken.
 */
void conns_finish(struct conns *t, int64_t now_us);

/* MHD_OPTION_NOTIFY_CONNECTION; `arg` is the table. */
void conns_notify(void *arg, struct MHD_Connection *connection, void **context,
    enum MHD_ConnectionNotificationCode what);
/* The record of a connection; NULL when there was no memory for one. */
struct conn *conn_of(struct MHD_Connection *connection);

void conn_handshaken(struct conn *c);
/* Bytes have come in the clear, as the client sent them (wire.h). */
void conn_received(struct conn *c, struct kg_slice data);
/* Something was sent to it, or it is at its end. */
void conn_moved(struct conn *c);
/* A request is answered; `served`: as a review. */
void conn_request_ends(struct conn *c, bool served);
void conn_cut(struct conn *c);
/* The certificate that its client is shown. */
struct tls_identity *conn_identity(struct conn *c);

#endif
