/* SPDX-License-Identifier: Apache-2.0 */
#include "torture/alloc.h"

#include <cjson/cJSON.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "io/certs.h"

static atomic_long left; /* allocations until the one that fails */
static atomic_bool armed, stays;

static bool
fails(void)
{
	long n;

	if (!atomic_load(&armed))
		return false;
	n = atomic_fetch_sub(&left, 1);
	return n == 1 || (n < 1 && atomic_load(&stays));
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *ptr, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *ptr, size_t size);

void *
__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *
__wrap_calloc(size_t count, size_t size)
{
	return fails() ? NULL : __real_calloc(count, size);
}

void *
__wrap_realloc(void *ptr, size_t size)
{
	return fails() ? NULL : __real_realloc(ptr, size);
}

/* --- Libraries --- */

void *yaml_malloc(size_t size);
void *yaml_realloc(void *ptr, size_t size);
char *yaml_strdup(const char *text);

void *
yaml_malloc(size_t size)
{
	return __wrap_malloc(size != 0 ? size : 1);
}

void *
yaml_realloc(void *ptr, size_t size)
{
	return __wrap_realloc(ptr, size != 0 ? size : 1);
}

char *
yaml_strdup(const char *text)
{
	const size_t size = strlen(text) + 1;
	char *copy = __wrap_malloc(size);

	return copy != NULL ? memcpy(copy, text, size) : NULL;
}

void
alloc_setup(void)
{
	static cJSON_Hooks hooks = { __wrap_malloc, free };
	EVP_MD *md;

	cJSON_InitHooks(&hooks);
	certs_watch_memory(); /* OpenSSL's by our malloc, that is, ours here */
	/* What OpenSSL sets up once for all is no part of any turn. */
	OPENSSL_init_crypto(
	    OPENSSL_INIT_LOAD_CRYPTO_STRINGS | OPENSSL_INIT_ADD_ALL_DIGESTS,
	    NULL);
	md = EVP_MD_fetch(NULL, "SHA256", NULL);
	EVP_MD_free(md);
}

void
alloc_fail_at(long n, bool on)
{
	atomic_store(&left, n);
	atomic_store(&stays, on);
	atomic_store(&armed, true);
}

bool
alloc_stop(void)
{
	atomic_store(&armed, false);
	return atomic_load(&left) < 1;
}
