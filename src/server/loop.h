/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A thread that accepts connections and drives one libmicrohttpd daemon. Its
 * own epoll thread stalls when exactly 128 events are ready at once; poll()
 * on its epoll descriptor and MHD_run(), which never blocks, do not. Nor does
 * it spin, as libmicrohttpd would have it, while a handshake is waiting for
 * its client.
 */
#ifndef KG_SERVER_LOOP_H
#define KG_SERVER_LOOP_H

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

#include "server/conn.h"

struct loop {
	struct MHD_Daemon *daemon;
	struct conns conns;
	int listen_fd;         /* -1: no longer accepting */
	int epoll_fd, wake_fd; /* wake_fd: an eventfd */
	int64_t accept_us;     /* nobody is accepted before; 0: no such time */
	bool left; /* a newcomer was left to a thread that has fewer */
	unsigned idle_turns; /* in a row in which nothing happened */
	pthread_t thread;
	bool running;
	atomic_bool quiesce, stop; /* asked for by other threads, then wake */
	/* Called by the thread each turn, and every now and then (at least
	 * twice a second); NULL: nothing to do. */
	void (*turn)(void *arg);
	void (*tick)(void *arg);
	void *arg;
};

/*
 * Takes over a daemon that was started with MHD_USE_EPOLL, without a thread
 * or a listening socket of its own, and accepts for it on `listen_fd`, which
 * it takes. False: no descriptor or thread to be had.
 */
bool loop_start(struct loop *l, struct MHD_Daemon *daemon, int listen_fd);

/* Asks the thread to stop accepting; what is connected is served on, and
 * closed in order once it is idle. */
void loop_quiesce(struct loop *l);

/* Makes the thread take a turn. */
void loop_wake(struct loop *l);

/* Stops the thread and the daemon; connections that are open are cut. */
void loop_stop(struct loop *l);

/* libmicrohttpd's messages, into the log. */
void loop_log(void *arg, const char *format, va_list args) KG_PRINTF(2, 0);

#endif
