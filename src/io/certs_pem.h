/* SPDX-License-Identifier: Apache-2.0 */
/* PEM files to OpenSSL's objects; for certs_*.c alone. */
#ifndef KG_IO_CERTS_PEM_H
#define KG_IO_CERTS_PEM_H

#include <openssl/x509.h>

#include "io/certs.h"

/* Whether an allocation has failed since it was asked last. */
bool pem_memory_ran_out(void);

/* All certificates of a file; NULL with `error` when there is none. */
STACK_OF(X509) * pem_certificates(const char *path, char *error);
void pem_certificates_free(STACK_OF(X509) * list);

/* A private key without a passphrase; NULL with `error`. */
EVP_PKEY *pem_key(const char *path, char *error);

/* Seconds since 1970; INT64_MIN for a time that cannot be read. */
int64_t pem_time(const ASN1_TIME *time);

/* What a BIO in memory holds, copied. */
struct kg_slice pem_bio_text(BIO *bio, struct arena *arena);

/* "DNS:a, IP:b", as OpenSSL writes subjectAltName; empty: none. False when
 * they cannot be read. */
bool pem_names(const X509 *cert, struct arena *arena, struct kg_slice *out);

#endif
