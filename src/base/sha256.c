/* SPDX-License-Identifier: Apache-2.0 */
/* The only file that includes OpenSSL's digests. */
#include "base/sha256.h"

#include <openssl/evp.h>

struct sha256 {
	EVP_MD *md;
	EVP_MD_CTX *ctx;
};

struct sha256 *
sha256_new(void)
{
	struct sha256 *h = calloc(1, sizeof(*h));

	if (h == NULL)
		return NULL;
	h->md = EVP_MD_fetch(NULL, "SHA256", NULL);
	h->ctx = EVP_MD_CTX_new();
	if (h->md == NULL || h->ctx == NULL) {
		sha256_free(h);
		return NULL;
	}
	return h;
}

void
sha256_free(struct sha256 *h)
{
	if (h == NULL)
		return;
	EVP_MD_CTX_free(h->ctx);
	EVP_MD_free(h->md);
	free(h);
}

enum kg_status
sha256_begin(struct sha256 *h)
{
	return EVP_DigestInit_ex2(h->ctx, h->md, NULL) == 1 ? KG_OK : KG_NOMEM;
}

enum kg_status
sha256_update(struct sha256 *h, struct kg_slice s)
{
	if (s.len == 0)
		return KG_OK;
	return EVP_DigestUpdate(h->ctx, s.ptr, s.len) == 1 ? KG_OK : KG_NOMEM;
}

enum kg_status
sha256_end(struct sha256 *h, char hex[SHA256_HEX])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char md[32];
	unsigned len = 0;

	if (EVP_DigestFinal_ex(h->ctx, md, &len) != 1 || len != sizeof(md))
		return KG_NOMEM;
	for (size_t i = 0; i < sizeof(md); i++) {
		hex[2 * i] = digits[md[i] >> 4];
		hex[2 * i + 1] = digits[md[i] & 15];
	}
	return KG_OK;
}
