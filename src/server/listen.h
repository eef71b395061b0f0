/* SPDX-License-Identifier: Apache-2.0 */
/* Listening sockets. */
#ifndef KG_SERVER_LISTEN_H
#define KG_SERVER_LISTEN_H

#include "base/slice.h"

/*
 * Listens on "ADDRESS:PORT" ("[::1]:0", ":8443"); the address is numeric. The
 * address as bound goes to `text`. -1 with the reason in `error`. Address
 * reuse is left off but for TIME_WAIT: a second server must not bind.
 */
int listen_open(const char *address, char *text, size_t text_size, char *error,
    size_t error_size);

/* A connection to a listening socket of ours, over loopback when it is bound
 * to every address; *port is its own. -1 when refused. */
int listen_connect(int listen_fd, unsigned *port);

#endif
