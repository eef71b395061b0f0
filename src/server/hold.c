/* SPDX-License-Identifier: Apache-2.0 */
/* GnuTLS's cork, and a list of the sessions that are corked. */
#include "server/hold.h"

#include <gnutls/gnutls.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

/*
 * libmicrohttpd corks a socket at its first answer, for good, and pushes each
 * answer once it believes it sent; what leaves later would wait in the kernel.
 */
static void
uncork_socket(struct conn *c)
{
	const int off = 0;

	if (!c->uncorked)
		(void)setsockopt(
		    c->fd, IPPROTO_TCP, TCP_CORK, &off, sizeof(off));
	c->uncorked = true;
}

/*
 * Held is only what answers the one request that has come. To a client that
 * sends requests without waiting for answers the socket may be full, and
 * libmicrohttpd has to see that.
 */
bool
hold_answer(struct conn *c)
{
	struct conns *t = c->table;

	if (t->releasing)
		return true;
	if (c->stuck)
		hold_release_one(c);
	if (c->held || c->head.begun != c->ended + 1)
		return !c->stuck;
	gnutls_record_cork(c->session);
	c->held = true;
	c->held_next = NULL;
	*t->held_end = c;
	t->held_end = &c->held_next;
	return true;
}

/* The one that a link of the list leads to. */
static void
forget(struct conns *t, struct conn **link)
{
	struct conn *c = *link;

	*link = c->held_next;
	if (t->held_end == &c->held_next)
		t->held_end = link;
	c->held = false;
}

void
hold_forget(struct conn *c)
{
	struct conn **link = &c->table->held;

	if (!c->held)
		return;
	while (*link != c)
		link = &(*link)->held_next;
	forget(c->table, link);
}

static void
release(struct conn *c)
{
	struct conns *t = c->table;
	int rc;

	uncork_socket(c);
	t->releasing = true;
	rc = gnutls_record_uncork(c->session, 0);
	t->releasing = false;
	c->stuck = rc == GNUTLS_E_AGAIN || rc == GNUTLS_E_INTERRUPTED;
	if (rc < 0 && !c->stuck)
		conn_cut(c);
}

void
hold_release_one(struct conn *c)
{
	if (!c->held)
		return;
	release(c);
	if (!c->stuck)
		hold_forget(c);
}

/* What a full socket does not take waits for a later turn: libmicrohttpd's
 * epoll set wakes the loop when there is room. */
void
hold_release(struct conns *t)
{
	struct conn **link = &t->held;

	while (*link != NULL) {
		release(*link);
		if ((*link)->stuck)
			link = &(*link)->held_next;
		else
			forget(t, link);
	}
}
