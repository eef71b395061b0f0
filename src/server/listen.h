/* SPDX-License-Identifier: Apache-2.0 */
/* Listening sockets. */
#ifndef KG_SERVER_LISTEN_H
#define KG_SERVER_LISTEN_H

#include <sys/socket.h>

#include "base/slice.h"

/*
 * Listens on "ADDRESS:PORT" ("[::1]:0", ":8443"); the address is numeric. The
 * address as bound goes to `text`. -1 with the reason in `error`. Address
 * reuse is left off but for TIME_WAIT: a second server must not bind.
 */
int listen_open(const char *address, char *text, size_t text_size, char *error,
    size_t error_size);

/* A connection to a listening socket of ours, over loopback when it is bound
 * to every address; *own is its own address and port. -1 when refused. */
int listen_connect(int listen_fd, struct sockaddr_storage *own);

/* The two are one address and port. */
bool listen_same(
    const struct sockaddr *peer, const struct sockaddr_storage *own);

#endif
