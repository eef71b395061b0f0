/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 by OpenSSL: rule-set hashes, the audit chain, digests of bodies. */
#ifndef KG_BASE_SHA256_H
#define KG_BASE_SHA256_H

#include "base/slice.h"

#define SHA256_HEX 64

/* A context that is fetched once and reused: half the cost of a short hash. */
struct sha256;

struct sha256 *sha256_new(void) KG_MUST_CHECK; /* NULL: OpenSSL refused */
void sha256_free(struct sha256 *h);

/* Starts anew; then any number of updates; then the digest in hex. */
enum kg_status sha256_begin(struct sha256 *h) KG_MUST_CHECK;
enum kg_status sha256_update(struct sha256 *h, struct kg_slice s) KG_MUST_CHECK;
enum kg_status sha256_end(struct sha256 *h, char hex[SHA256_HEX]) KG_MUST_CHECK;

#endif
