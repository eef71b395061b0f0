/* SPDX-License-Identifier: Apache-2.0 */
/* The function in between. Sessions that are none of our server's pass. */
#define _GNU_SOURCE /* RTLD_NEXT */
#include "server/wire.h"

#include <dlfcn.h>
#include <errno.h>
#include <gnutls/gnutls.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "server/handshake.h"
#include "server/hold.h"

/* GnuTLS's own, and the C library's. Written once, before there are threads. */
static struct {
	int (*handshake)(gnutls_session_t session);
	ssize_t (*recv)(gnutls_session_t session, void *data, size_t size);
	ssize_t (*send)(
	    gnutls_session_t session, const void *data, size_t size);
	int (*bye)(gnutls_session_t session, gnutls_close_request_t how);
	int (*setsockopt)(
	    int fd, int level, int option, const void *value, socklen_t size);
} next;

static bool
find(const char *name, void *function, size_t size)
{
	void *found = dlsym(RTLD_NEXT, name);

	memcpy(function, &found, size);
	return found != NULL;
}
#define FIND(name, function) find(name, &(function), sizeof(function))

bool
wire_init(void)
{
	_Static_assert(
	    sizeof(void *) == sizeof(next.recv), "POSIX has them equal");
	return FIND("gnutls_handshake", next.handshake) &&
	    FIND("gnutls_record_recv", next.recv) &&
	    FIND("gnutls_record_send", next.send) &&
	    FIND("gnutls_bye", next.bye) && FIND("setsockopt", next.setsockopt);
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

	if (next.handshake == NULL && !wire_init())
		return GNUTLS_E_INTERNAL_ERROR;
	if (c != NULL && !handshake_can_go_on(c))
		return GNUTLS_E_AGAIN;
	return next.handshake(session);
}

KG_PUBLIC ssize_t
gnutls_record_recv(gnutls_session_t session, void *data, size_t size)
{
	struct conn *c;
	ssize_t n;

	if (next.recv == NULL && !wire_init())
		return GNUTLS_E_INTERNAL_ERROR;
	n = next.recv(session, data, size);
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

	if (next.send == NULL && !wire_init())
		return GNUTLS_E_INTERNAL_ERROR;
	c = conn_behind(session);
	if (c != NULL && !hold_answer(c))
		return GNUTLS_E_AGAIN;
	n = next.send(session, data, size);
	if (c != NULL && n != GNUTLS_E_AGAIN)
		conn_moved(c);
	return n;
}

KG_PUBLIC int
gnutls_bye(gnutls_session_t session, gnutls_close_request_t how)
{
	struct conn *c = conn_behind(session);

	if (next.bye == NULL && !wire_init())
		return GNUTLS_E_INTERNAL_ERROR;
	if (c != NULL)
		hold_release_one(c);
	return next.bye(session, how);
}

/*
 * Answers are held and let go in one piece (hold.h). libmicrohttpd would cork
 * their sockets besides, and push each answer once it believes it sent: two
 * calls for each, and what leaves later would wait in the kernel for 200 ms.
 * When that is refused, it takes the socket for one that is not TCP's and
 * leaves it as it is.
 */
KG_PUBLIC int
setsockopt(int fd, int level, int option, const void *value, socklen_t size)
{
	if (level == IPPROTO_TCP && option == TCP_CORK) {
		errno = ENOPROTOOPT;
		return -1;
	}
	if (next.setsockopt == NULL && !wire_init()) {
		errno = ENOSYS;
		return -1;
	}
	return next.setsockopt(fd, level, option, value, size);
}
