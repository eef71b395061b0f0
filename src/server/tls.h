/* SPDX-License-Identifier: Apache-2.0 */
/* The serving certificate: read, checked, handed to libmicrohttpd as PEM. */
#ifndef KG_SERVER_TLS_H
#define KG_SERVER_TLS_H

#include "base/slice.h"

/* TLS 1.3 and 1.2 only; X25519 first: the cheapest handshake (measured). */
#define TLS_PRIORITIES                                \
	"NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:" \
	"-GROUP-ALL:+GROUP-X25519:+GROUP-SECP256R1"

struct tls_identity {
	char *cert, *key;  /* PEM, NUL-terminated */
	int64_t expires_s; /* since the epoch: the leaf's notAfter */
};

/*
 * Reads both files and checks that they belong together. KG_IO or KG_INVALID
 * with the reason in `error` (TLS_ERROR_MAX bytes). Gives the identity.
 */
#define TLS_ERROR_MAX 512
enum kg_status tls_identity_load(const char *cert, const char *key,
    struct tls_identity **out, char *error) KG_MUST_CHECK;
void tls_identity_free(struct tls_identity *id);

/*
 * Speaks TLS over a connected socket as a client that trusts anybody (it is
 * our own server at the other end), sends a request and reads the answer up
 * to the end of the stream or of `size`. Gives the number of bytes, 0 on any
 * failure.
 */
size_t tls_exchange(int fd, struct kg_slice request, char *answer, size_t size);

#endif
