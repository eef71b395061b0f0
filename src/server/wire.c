/* SPDX-License-Identifier: Apache-2.0 */
/* The function in between. Sessions that are none of our server's pass. */
#define _GNU_SOURCE /* RTLD_NEXT */
#include "server/wire.h"

#include <dlfcn.h>
#include <gnutls/gnutls.h>

#include "server/handshake.h"

typedef ssize_t record_recv(gnutls_session_t session, void *data, size_t size);
typedef ssize_t record_send(
    gnutls_session_t session, const void *data, size_t size);

typedef int handshake(gnutls_session_t session);

/* Written once, before there are threads. */
static handshake *next_handshake;
static record_recv *next_recv;
static record_send *next_send;

bool
wire_init(void)
{
	void *shake = dlsym(RTLD_NEXT, "gnutls_handshake");
	void *recv = dlsym(RTLD_NEXT, "gnutls_record_recv");
	void *send = dlsym(RTLD_NEXT, "gnutls_record_send");

	_Static_assert(
	    sizeof(recv) == sizeof(next_recv), "POSIX has them equal");
	memcpy(&next_handshake, &shake, sizeof(shake));
	memcpy(&next_recv, &recv, sizeof(recv));
	memcpy(&next_send, &send, sizeof(send));
	return shake != NULL && recv != NULL && send != NULL;
}

/* See tls_attach(). */
static struct conn *
conn_behind(gnutls_session_t session)
{
	return gnutls_db_get_ptr(session);
}

KG_PUBLIC int
gnutls_handshake(gnutls_session_t session)
{
	struct conn *c = conn_behind(session);

	if (next_handshake == NULL && !wire_init())
		return GNUTLS_E_INTERNAL_ERROR;
	if (c != NULL && !handshake_can_go_on(c))
		return GNUTLS_E_AGAIN;
	return next_handshake(session);
}

KG_PUBLIC ssize_t
gnutls_record_recv(gnutls_session_t session, void *data, size_t size)
{
	struct conn *c;
	ssize_t n;

	if (next_recv == NULL && !wire_init())
		return GNUTLS_E_INTERNAL_ERROR;
	n = next_recv(session, data, size);
	c = conn_behind(session);
	if (c != NULL && n > 0)
		conn_received(c, slice_of(data, (size_t)n));
	else if (c != NULL && n != GNUTLS_E_AGAIN)
		conn_moved(c);
	return n;
}

KG_PUBLIC ssize_t
gnutls_record_send(gnutls_session_t session, const void *data, size_t size)
{
	struct conn *c;
	ssize_t n;

	if (next_send == NULL && !wire_init())
		return GNUTLS_E_INTERNAL_ERROR;
	n = next_send(session, data, size);
	c = conn_behind(session);
	if (c != NULL && n != GNUTLS_E_AGAIN)
		conn_moved(c);
	return n;
}
