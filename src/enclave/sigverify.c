/* SPDX-License-Identifier: Apache-2.0 */
/* The only file that includes OpenSSL's big numbers and public keys. */
#include "enclave/sigverify.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

enum {
	AT_SIGNATURE = 516,
	AT_BODY = 900, /* hashed with the header */
	BODY_SIZE = 128,
	HEADER_SIZE = 128,
	AT_Q1 = 1040,
	AT_Q2 = 1424,
};

struct numbers {
	BN_CTX *ctx;
	BIGNUM *m, *s, *q1, *q2;
};

static BIGNUM *
number_at(struct kg_slice bytes, size_t at)
{
	return BN_lebin2bn((const unsigned char *)bytes.ptr + at,
	    (int)SIGSTRUCT_KEY_SIZE, NULL);
}

static bool
numbers_init(struct numbers *n, struct kg_slice bytes)
{
	n->ctx = BN_CTX_new();
	n->m = number_at(bytes, SIGSTRUCT_MODULUS);
	n->s = number_at(bytes, AT_SIGNATURE);
	n->q1 = number_at(bytes, AT_Q1);
	n->q2 = number_at(bytes, AT_Q2);
	return n->ctx != NULL && n->m != NULL && n->s != NULL &&
	    n->q1 != NULL && n->q2 != NULL;
}

static void
numbers_release(struct numbers *n)
{
	BN_free(n->q2);
	BN_free(n->q1);
	BN_free(n->s);
	BN_free(n->m);
	BN_CTX_free(n->ctx);
}

/* --- The signature --- */

/* A public key of modulus m and exponent 3; NULL: no memory. */
static EVP_PKEY *
make_key(const BIGNUM *m)
{
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	OSSL_PARAM *params = NULL;
	EVP_PKEY_CTX *ctx = NULL;
	EVP_PKEY *key = NULL;

	if (build != NULL &&
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, m) == 1 &&
	    OSSL_PARAM_BLD_push_uint(build, OSSL_PKEY_PARAM_RSA_E, 3) == 1)
		params = OSSL_PARAM_BLD_to_param(build);
	if (params != NULL)
		ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	if (ctx != NULL && EVP_PKEY_fromdata_init(ctx) == 1)
		(void)EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params);
	EVP_PKEY_CTX_free(ctx);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	return key;
}

/* Both parts one after the other, as they are hashed. */
static bool
signature_holds(struct kg_slice bytes, EVP_PKEY *key, EVP_MD_CTX *ctx)
{
	unsigned char signature[SIGSTRUCT_KEY_SIZE];

	for (size_t i = 0; i < sizeof(signature); i++)
		signature[sizeof(signature) - 1 - i] =
		    (unsigned char)bytes.ptr[AT_SIGNATURE + i];
	return EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
	    EVP_DigestVerifyUpdate(ctx, bytes.ptr, HEADER_SIZE) == 1 &&
	    EVP_DigestVerifyUpdate(ctx, bytes.ptr + AT_BODY, BODY_SIZE) == 1 &&
	    EVP_DigestVerifyFinal(ctx, signature, sizeof(signature)) == 1;
}

static enum kg_status
check_signature(
    struct kg_slice bytes, const struct numbers *n, const char **problem)
{
	EVP_PKEY *key = make_key(n->m);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	enum kg_status st = KG_OK;

	if (key == NULL || ctx == NULL)
		st = KG_NOMEM;
	else if (!signature_holds(bytes, key, ctx))
		*problem = "the signature does not verify";
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	ERR_clear_error();
	return st;
}

/* --- The quotients: q1 = s^2 / m, q2 = s * (s^2 mod m) / m --- */

static enum kg_status
check_quotients(const struct numbers *n, const char **problem)
{
	BIGNUM *square = BN_new(), *rest = BN_new(), *quotient = BN_new();
	enum kg_status st = KG_NOMEM;

	if (square == NULL || rest == NULL || quotient == NULL ||
	    BN_sqr(square, n->s, n->ctx) != 1 ||
	    BN_div(quotient, rest, square, n->m, n->ctx) != 1)
		goto done;
	if (BN_cmp(quotient, n->q1) != 0)
		*problem = "q1 is not signature^2 / modulus";
	if (BN_mul(square, n->s, rest, n->ctx) != 1 ||
	    BN_div(quotient, NULL, square, n->m, n->ctx) != 1)
		goto done;
	if (*problem == NULL && BN_cmp(quotient, n->q2) != 0)
		*problem =
		    "q2 is not signature * (signature^2 mod modulus) / modulus";
	st = KG_OK;
done:
	BN_free(quotient);
	BN_free(rest);
	BN_free(square);
	return st;
}

enum kg_status
sigstruct_verify(struct kg_slice bytes, const char **problem)
{
	struct numbers n = { 0 };
	enum kg_status st = KG_NOMEM;

	*problem = NULL;
	if (numbers_init(&n, bytes)) {
		st = KG_OK;
		/* Also keeps every division below from dividing by zero. */
		if (BN_num_bits(n.m) != 8 * (int)SIGSTRUCT_KEY_SIZE ||
		    !BN_is_odd(n.m))
			*problem = "the modulus is no RSA modulus of 3072 bits";
		else if (BN_cmp(n.s, n.m) >= 0)
			*problem = "the signature is not below the modulus";
		else
			st = check_signature(bytes, &n, problem);
		if (st == KG_OK && *problem == NULL)
			st = check_quotients(&n, problem);
	}
	numbers_release(&n);
	return st;
}
