/* SPDX-License-Identifier: Apache-2.0 */
/* The only file that includes GnuTLS. */
#include "server/tls.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "base/limits.h"
#include "io/file.h"

/* A PEM file as a C string. */
static char *
read_pem(const char *path, char *error)
{
	struct kg_diags *diags = kg_diags_new();
	struct file *file = NULL;
	char *text = NULL;

	if (diags != NULL && file_read(path, diags, &file) == KG_OK &&
	    file != NULL) {
		text = malloc(file->len + 1);
		if (text != NULL) {
			memcpy(text, file->text, file->len);
			text[file->len] = '\0';
		}
	}
	if (text == NULL)
		(void)snprintf(error, TLS_ERROR_MAX, "%s: %.*s", path,
		    SLICE_ARG(diags != NULL && kg_diags_count(diags) > 0
			    ? kg_diags_get(diags, 0)->message
			    : SLICE("cannot be read")));
	file_free(file);
	kg_diags_free(diags);
	return text;
}

static enum kg_status
check_pair(
    struct tls_identity *id, const char *cert, const char *key, char *error)
{
	const gnutls_datum_t c = { (unsigned char *)id->cert,
		(unsigned)strlen(id->cert) };
	const gnutls_datum_t k = { (unsigned char *)id->key,
		(unsigned)strlen(id->key) };
	gnutls_certificate_credentials_t creds;
	gnutls_x509_crt_t leaf;
	int rc;

	if (gnutls_certificate_allocate_credentials(&creds) != 0)
		return KG_NOMEM;
	rc = gnutls_certificate_set_x509_key_mem(
	    creds, &c, &k, GNUTLS_X509_FMT_PEM);
	gnutls_certificate_free_credentials(creds);
	if (rc < 0) {
		(void)snprintf(error, TLS_ERROR_MAX, "%s with %s: %s", cert,
		    key, gnutls_strerror(rc));
		return KG_INVALID;
	}
	if (gnutls_x509_crt_init(&leaf) != 0)
		return KG_NOMEM;
	if (gnutls_x509_crt_import(leaf, &c, GNUTLS_X509_FMT_PEM) == 0)
		id->expires_s = gnutls_x509_crt_get_expiration_time(leaf);
	gnutls_x509_crt_deinit(leaf);
	return KG_OK;
}

enum kg_status
tls_identity_load(
    const char *cert, const char *key, struct tls_identity **out, char *error)
{
	struct tls_identity *id = calloc(1, sizeof(*id));
	enum kg_status st = KG_OK;

	*out = NULL;
	(void)snprintf(error, TLS_ERROR_MAX, "out of memory");
	if (id == NULL)
		return KG_NOMEM;
	id->cert = read_pem(cert, error);
	if (id->cert != NULL)
		id->key = read_pem(key, error);
	if (id->cert == NULL || id->key == NULL)
		st = KG_IO;
	else
		st = check_pair(id, cert, key, error);
	if (st != KG_OK) {
		tls_identity_free(id);
		return st;
	}
	*out = id;
	return KG_OK;
}

void
tls_identity_free(struct tls_identity *id)
{
	if (id == NULL)
		return;
	if (id->key != NULL)
		gnutls_memset(id->key, 0, strlen(id->key));
	free(id->cert);
	free(id->key);
	free(id);
}

/* --- Self-test --- */

static bool
handshake(gnutls_session_t session)
{
	int rc;

	do {
		rc = gnutls_handshake(session);
	} while (rc < 0 && gnutls_error_is_fatal(rc) == 0);
	return rc == 0;
}

static bool
send_all(gnutls_session_t session, struct kg_slice data)
{
	while (data.len > 0) {
		const ssize_t n =
		    gnutls_record_send(session, data.ptr, data.len);

		if (n == GNUTLS_E_INTERRUPTED || n == GNUTLS_E_AGAIN)
			continue;
		if (n <= 0)
			return false;
		data = slice_of(data.ptr + n, data.len - (size_t)n);
	}
	return true;
}

static size_t
receive_all(gnutls_session_t session, char *to, size_t size)
{
	size_t len = 0;

	while (len < size) {
		const ssize_t n =
		    gnutls_record_recv(session, to + len, size - len);

		if (n == GNUTLS_E_INTERRUPTED)
			continue;
		if (n <= 0)
			break;
		len += (size_t)n;
	}
	return len;
}

size_t
tls_exchange(int fd, struct kg_slice request, char *answer, size_t size)
{
	gnutls_certificate_credentials_t creds;
	gnutls_session_t session;
	size_t len = 0;

	if (gnutls_certificate_allocate_credentials(&creds) != 0)
		return 0;
	if (gnutls_init(&session, GNUTLS_CLIENT) == 0) {
		gnutls_transport_set_int(session, fd);
		if (gnutls_priority_set_direct(session, TLS_PRIORITIES, NULL) ==
			0 &&
		    gnutls_credentials_set(
			session, GNUTLS_CRD_CERTIFICATE, creds) == 0 &&
		    handshake(session) && send_all(session, request))
			len = receive_all(session, answer, size);
		gnutls_deinit(session);
	}
	gnutls_certificate_free_credentials(creds);
	return len;
}
