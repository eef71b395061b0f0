/* SPDX-License-Identifier: Apache-2.0 */
/* An epoll set beside libmicrohttpd's; level-triggered, so nothing is lost. */
#include "server/handshake.h"

#include <sys/epoll.h>
#include <unistd.h>

/* Of one turn; the others stay ready for the next one. */
#define LOOK_BATCH 64

bool
handshakes_init(struct conns *t)
{
	t->handshake_fd = epoll_create1(EPOLL_CLOEXEC);
	return t->handshake_fd >= 0;
}

void
handshakes_release(struct conns *t)
{
	if (t->handshake_fd >= 0)
		(void)close(t->handshake_fd);
	t->handshake_fd = -1;
}

void
handshakes_look(struct conns *t)
{
	struct epoll_event events[LOOK_BATCH];
	const int n = epoll_wait(t->handshake_fd, events, LOOK_BATCH, 0);

	for (int i = 0; i < n; i++) {
		struct conn *c = events[i].data.ptr;

		c->handshake_ready = true;
	}
}

void
handshake_begin(struct conn *c)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = c };

	c->handshake_watched = epoll_ctl(c->table->handshake_fd, EPOLL_CTL_ADD,
				   c->fd, &event) == 0;
}

void
handshake_end(struct conn *c)
{
	if (c->handshake_watched)
		(void)epoll_ctl(
		    c->table->handshake_fd, EPOLL_CTL_DEL, c->fd, NULL);
	c->handshake_watched = false;
}

bool
handshake_can_go_on(struct conn *c)
{
	const bool ready = c->handshake_ready || !c->handshake_watched;

	c->handshake_ready = false;
	return ready;
}
