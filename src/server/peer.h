/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is calling: the client's certificate against --client-ca and
 * --client-name. libmicrohttpd and GnuTLS only ask for one; a client without,
 * or with a stranger's, comes through the handshake, and is answered 403.
 */
#ifndef KG_SERVER_PEER_H
#define KG_SERVER_PEER_H

#include "server/worker.h"

/*
 * NULL: the connection's client may ask for reviews; else why not, one line.
 * What was found is kept with the connection for PEER_KEEP_US, or until the
 * client CA is another.
 */
const char *peer_refusal(struct worker *w, struct conn *c);

#endif
