/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What clients really sent. libmicrohttpd shows a request only after it has
 * mended it, and a request that never gets that far not at all; so we read
 * along where it takes its bytes from GnuTLS.
 *
 * wire.c defines gnutls_record_recv(), which the dynamic linker then finds
 * before GnuTLS's own, and passes on what that gives after having looked at
 * it. gnutls_record_send() is there as well, so that the loop knows whether
 * anything moves (loop.c), and with gnutls_bye() for hold.h; gnutls_handshake()
 * for handshake.h; setsockopt(), the C library's, keeps libmicrohttpd from
 * corking sockets. Should a build be linked such that libmicrohttpd does not
 * come by here, no request is let through (http.c), so that the self-test
 * fails and the server does not start.
 */
#ifndef KG_SERVER_WIRE_H
#define KG_SERVER_WIRE_H

#include "base/slice.h"

/* Before the first session. False: GnuTLS's own function is not found. */
bool wire_init(void);

#endif
