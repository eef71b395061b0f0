/* SPDX-License-Identifier: Apache-2.0 */
/* GnuTLS's cork, and a list of the sessions that are corked. */
#include "server/hold.h"

#include <gnutls/gnutls.h>

#include "io/file.h"
#include "server/worker.h"

/* So long the oldest one waits, and no longer than the next review takes: a
 * turn may bring many long ones. */
#define HOLD_US 300

/* What was judged is in the journal, or nobody whose answer is held gets it:
 * to the API server that is a webhook that failed. */
static bool
settle(struct conns *t)
{
	if (judge_settle(t->worker))
		return true;
	for (struct conn *c = t->held; c != NULL; c = c->held_next)
		conn_cut(c);
	return false;
}

/* What the socket does not take stays in the session. */
static void
release(struct conn *c)
{
	struct conns *t = c->table;
	int rc;

	t->releasing = true;
	rc = gnutls_record_uncork(c->session, 0);
	t->releasing = false;
	c->stuck = rc == GNUTLS_E_AGAIN || rc == GNUTLS_E_INTERRUPTED;
	if (rc < 0 && !c->stuck)
		conn_cut(c);
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
	if (c->stuck || c->held)
		return !c->stuck;
	if (c->head.begun != c->ended + 1) {
		if (!settle(t))
			conn_cut(c);
		return true;
	}
	if (t->held != NULL && clock_mono_us() - t->held_us >= HOLD_US)
		hold_release(t);
	if (t->held == NULL)
		t->held_us = clock_mono_us();
	gnutls_record_cork(c->session);
	c->held = true;
	c->held_next = NULL;
	*t->held_end = c;
	t->held_end = &c->held_next;
	return true;
}

void
hold_forget(struct conn *c)
{
	struct conns *t = c->table;
	struct conn **link = &t->held;

	if (!c->held)
		return;
	while (*link != c)
		link = &(*link)->held_next;
	*link = c->held_next;
	if (t->held_end == &c->held_next)
		t->held_end = link;
	c->held = false;
}

void
hold_release_one(struct conn *c)
{
	if (!c->held && !c->stuck)
		return;
	(void)settle(c->table);
	hold_forget(c);
	release(c);
}

void
hold_release(struct conns *t)
{
	if (t->worker == NULL)
		return; /* the admin port holds nothing */
	(void)settle(t);
	while (t->held != NULL)
		hold_release_one(t->held);
}
