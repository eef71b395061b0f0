/* SPDX-License-Identifier: Apache-2.0 */
#include "io/certs_pem.h"

#include <stdatomic.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/time.h"
#include "io/file.h"

/* --- Memory --- */

static atomic_bool ran_out;

static void *
note(void *ptr)
{
	if (ptr == NULL)
		atomic_store(&ran_out, true);
	return ptr;
}

static void *
watched_malloc(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return note(malloc(size));
}

static void *
watched_realloc(void *ptr, size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return note(realloc(ptr, size));
}

static void
watched_free(void *ptr, const char *file, int line)
{
	(void)file;
	(void)line;
	free(ptr);
}

void
certs_watch_memory(void)
{
	/* 0: OpenSSL has allocated already, and goes on as it was. */
	(void)CRYPTO_set_mem_functions(
	    watched_malloc, watched_realloc, watched_free);
}

bool
pem_memory_ran_out(void)
{
	return atomic_exchange(&ran_out, false);
}

/* --- Files --- */

/* A file's bytes; freed by file_free(). */
static struct file *
pem_file(const char *path, char *error)
{
	struct kg_diags *diags = kg_diags_new();
	struct file *file = NULL;

	if (diags == NULL || file_read(path, diags, &file) != KG_OK ||
	    file == NULL) {
		(void)snprintf(error, CERTS_ERROR_MAX, "%s: %.*s", path,
		    SLICE_ARG(diags != NULL && kg_diags_count(diags) > 0
			    ? kg_diags_get(diags, 0)->message
			    : SLICE("cannot be read")));
		file_free(file);
		file = NULL;
	}
	kg_diags_free(diags);
	return file;
}

static BIO *
open_bio(const struct file *file)
{
	if (file->len > INT_MAX)
		return NULL;
	return BIO_new_mem_buf(file->text, (int)file->len);
}

/* Nobody is asked for a passphrase. */
static int
no_passphrase(char *space, int size, int writing, void *arg)
{
	(void)space;
	(void)size;
	(void)writing;
	(void)arg;
	return -1;
}

void
pem_certificates_free(STACK_OF(X509) * list)
{
	sk_X509_pop_free(list, X509_free);
}

static STACK_OF(X509) * read_certificates(BIO *bio)
{
	STACK_OF(X509) *list = sk_X509_new_null();
	X509 *cert;

	while (list != NULL &&
	    (cert = PEM_read_bio_X509(bio, NULL, no_passphrase, NULL)) !=
		NULL) {
		if (sk_X509_push(list, cert) == 0) {
			X509_free(cert);
			pem_certificates_free(list);
			return NULL;
		}
	}
	/* The end of the file is no error; anything else is. */
	if (list != NULL && sk_X509_num(list) > 0 &&
	    ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE)
		return list;
	pem_certificates_free(list);
	return NULL;
}

STACK_OF(X509) * pem_certificates(const char *path, char *error)
{
	struct file *file = pem_file(path, error);
	STACK_OF(X509) *list = NULL;
	BIO *bio = NULL;

	if (file == NULL)
		return NULL;
	ERR_clear_error();
	bio = open_bio(file);
	if (bio != NULL)
		list = read_certificates(bio);
	if (list == NULL)
		(void)snprintf(
		    error, CERTS_ERROR_MAX, "%s: no certificate in PEM", path);
	BIO_free(bio);
	ERR_clear_error();
	file_free(file);
	return list;
}

EVP_PKEY *
pem_key(const char *path, char *error)
{
	struct file *file = pem_file(path, error);
	EVP_PKEY *key = NULL;
	BIO *bio = NULL;

	if (file == NULL)
		return NULL;
	bio = open_bio(file);
	if (bio != NULL)
		key = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);
	if (key == NULL)
		(void)snprintf(error, CERTS_ERROR_MAX,
		    "%s: no private key in PEM without a passphrase", path);
	BIO_free(bio);
	ERR_clear_error();
	OPENSSL_cleanse(file->text, file->len);
	file_free(file);
	return key;
}

int64_t
pem_time(const ASN1_TIME *time)
{
	char text[32];
	struct tm tm;
	int64_t us;

	if (time == NULL || ASN1_TIME_to_tm(time, &tm) != 1)
		return INT64_MIN;
	(void)snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02dZ",
	    tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
	    tm.tm_sec);
	return time_parse(slice_str(text), &us) ? us / 1000000 : INT64_MIN;
}

struct kg_slice
pem_bio_text(BIO *bio, struct arena *arena)
{
	char *text = NULL;
	const long n = BIO_get_mem_data(bio, &text);

	return arena_copy(arena, slice_of(text, n > 0 ? (size_t)n : 0));
}

bool
pem_names(const X509 *cert, struct arena *arena, struct kg_slice *out)
{
	int critical = 0; /* -1: there is no such extension */
	GENERAL_NAMES *names =
	    X509_get_ext_d2i(cert, NID_subject_alt_name, &critical, NULL);
	BIO *bio = BIO_new(BIO_s_mem());
	bool ok = bio != NULL && (names != NULL || critical == -1);

	for (int i = 0; ok && i < sk_GENERAL_NAME_num(names); i++)
		ok = (i == 0 || BIO_puts(bio, ", ") > 0) &&
		    GENERAL_NAME_print(bio, sk_GENERAL_NAME_value(names, i)) ==
			1;
	*out = ok ? pem_bio_text(bio, arena) : slice_of(NULL, 0);
	BIO_free(bio);
	GENERAL_NAMES_free(names);
	return ok;
}
