/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The connections whose handshake is not done, and which of them have sent
 * something. libmicrohttpd asks GnuTLS about each of them in each turn of the
 * loop, whether anything came or not, and an answer takes 10 us: some hundred
 * clients that begin a handshake and fall silent would be all that is done.
 * So wire.c answers for GnuTLS until there is something to read.
 */
#ifndef KG_SERVER_HANDSHAKE_H
#define KG_SERVER_HANDSHAKE_H

#include "server/conn.h"

/* False: no descriptor. */
bool handshakes_init(struct conns *t);
void handshakes_release(struct conns *t);

/* Before each turn: finds out who has sent something. */
void handshakes_look(struct conns *t);

void handshake_begin(struct conn *c);
/* It is done, or the connection closes. */
void handshake_end(struct conn *c);
/* Whether it is worth while to go on. */
bool handshake_can_go_on(struct conn *c);

#endif
