/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A thread that drives one libmicrohttpd daemon. Its own epoll thread stalls
 * when exactly 128 events are ready at once; poll() on its epoll descriptor
 * and MHD_run(), which never blocks, do not.
 */
#ifndef KG_SERVER_LOOP_H
#define KG_SERVER_LOOP_H

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/slice.h"

struct loop {
	struct MHD_Daemon *daemon;
	int epoll_fd, wake_fd; /* wake_fd: an eventfd */
	pthread_t thread;
	bool running;
	atomic_bool quiesce, stop; /* asked for by other threads, then wake */
	/* Called by the thread every now and then (at least twice a second). */
	void (*tick)(void *arg);
	void *arg;
};

/* Takes over a daemon that was started with MHD_USE_EPOLL and without a
 * thread of its own. False: no descriptor or thread to be had. */
bool loop_start(struct loop *l, struct MHD_Daemon *daemon);

/* Asks the thread to stop accepting; what is connected is served on. */
void loop_quiesce(struct loop *l);

/* Stops the thread and the daemon; connections that are open are cut. */
void loop_stop(struct loop *l);

/* libmicrohttpd's messages, at most a few a second, into the log. */
void loop_log(void *arg, const char *format, va_list args) KG_PRINTF(2, 0);

#endif
