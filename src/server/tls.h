/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The serving certificate and the client CA: read, checked, shared by the
 * workers and replaced as a whole. Both are immutable and counted by
 * reference.
 */
#ifndef KG_SERVER_TLS_H
#define KG_SERVER_TLS_H

#include "base/slice.h"

/* TLS 1.3 and 1.2 only; X25519 first: the cheapest handshake (measured). */
#define TLS_PRIORITIES                                                      \
	"NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:"                       \
	"-GROUP-ALL:+GROUP-X25519:+GROUP-SECP256R1:"                        \
	"-CIPHER-ALL:+AES-128-GCM:+AES-256-GCM:+CHACHA20-POLY1305:%SERVER_" \
	"PRECEDENCE"

#define TLS_ERROR_MAX 512

/* A certificate with its chain, and its key. */
struct tls_identity;

/*
 * Reads both files and checks that they belong together. KG_IO or KG_INVALID
 * with the reason in `error` (TLS_ERROR_MAX bytes). Gives a reference.
 */
enum kg_status tls_identity_load(const char *cert, const char *key,
    struct tls_identity **out, char *error) KG_MUST_CHECK;
struct tls_identity *tls_identity_ref(struct tls_identity *id);
void tls_identity_unref(struct tls_identity *id);
/* The leaf's notAfter, in seconds since the epoch. */
int64_t tls_identity_expires(const struct tls_identity *id);

/* Certificate authorities that clients must come from. */
struct tls_trust;

enum kg_status tls_trust_load(
    const char *path, struct tls_trust **out, char *error) KG_MUST_CHECK;
struct tls_trust *tls_trust_ref(struct tls_trust *trust);
void tls_trust_unref(struct tls_trust *trust);
/* The first of them to expire. */
int64_t tls_trust_expires(const struct tls_trust *trust);

/* libmicrohttpd's certificate callback (HTTPS_CERT_CALLBACK): the identity of
 * the connection, see tls_attach(). */
void *tls_certificate_callback(void);

struct conn;

/*
 * Ties a session that libmicrohttpd began to its connection; asks the client
 * for a certificate when `ask`. `session` is a gnutls_session_t.
 */
void tls_attach(void *session, struct conn *c, bool ask);

/* Says that nothing more will come from us. */
void tls_goodbye(void *session);

/*
 * Speaks TLS over a connected socket as a client that trusts anybody (it is
 * our own server at the other end), sends a request and reads the answer up
 * to the end of the stream or of `size`. Gives the number of bytes, 0 on any
 * failure.
 */
size_t tls_exchange(int fd, struct kg_slice request, char *answer, size_t size);

#endif
