/* SPDX-License-Identifier: Apache-2.0 */
/* The function in between. Sessions that are none of our server's pass. */
#define _GNU_SOURCE /* RTLD_NEXT */
#include "server/wire.h"

#include <dlfcn.h>
#include <gnutls/gnutls.h>

#include "server/conn.h"

typedef ssize_t record_recv(gnutls_session_t session, void *data, size_t size);

/* Written once, before there are threads. */
static record_recv *next_recv;

bool
wire_init(void)
{
	void *p = dlsym(RTLD_NEXT, "gnutls_record_recv");

	_Static_assert(sizeof(p) == sizeof(next_recv), "POSIX has them equal");
	memcpy(&next_recv, &p, sizeof(p));
	return p != NULL;
}

KG_PUBLIC ssize_t
gnutls_record_recv(gnutls_session_t session, void *data, size_t size)
{
	struct conn *c;
	ssize_t n;

	if (next_recv == NULL && !wire_init())
		return GNUTLS_E_INTERNAL_ERROR;
	n = next_recv(session, data, size);
	if (n <= 0)
		return n;
	c = gnutls_db_get_ptr(session); /* see tls_attach() */
	if (c != NULL)
		conn_received(c, slice_of(data, (size_t)n));
	return n;
}
