/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates as GnuTLS wants them. With peer.c and wire.c the only files
 * that include it.
 */
#include "server/tls.h"

#include <errno.h>
#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdatomic.h>

#include "base/limits.h"
#include "io/file.h"
#include "server/conn.h"
#include "server/tls_impl.h"

struct tls_identity {
	atomic_uint references;
	gnutls_pcert_st chain[TLS_CHAIN_MAX];
	unsigned count;
	gnutls_privkey_t key;
	int64_t expires_s;
};

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

static gnutls_datum_t
datum(char *text)
{
	return (
	    gnutls_datum_t){ (unsigned char *)text, (unsigned)strlen(text) };
}

/* --- Identity --- */

/* That the key is the certificate's: GnuTLS compares them when told both. */
static int
check_pair(const gnutls_datum_t *cert, const gnutls_datum_t *key)
{
	gnutls_certificate_credentials_t creds;
	int rc = gnutls_certificate_allocate_credentials(&creds);

	if (rc != 0)
		return rc;
	rc = gnutls_certificate_set_x509_key_mem(
	    creds, cert, key, GNUTLS_X509_FMT_PEM);
	gnutls_certificate_free_credentials(creds);
	return rc;
}

static int
read_leaf(struct tls_identity *id, const gnutls_datum_t *cert)
{
	gnutls_x509_crt_t leaf;
	int rc = gnutls_x509_crt_init(&leaf);

	if (rc != 0)
		return rc;
	rc = gnutls_x509_crt_import(leaf, cert, GNUTLS_X509_FMT_PEM);
	if (rc == 0)
		id->expires_s = gnutls_x509_crt_get_expiration_time(leaf);
	gnutls_x509_crt_deinit(leaf);
	return rc;
}

static int
import(struct tls_identity *id, const gnutls_datum_t *cert,
    const gnutls_datum_t *key)
{
	unsigned count = TLS_CHAIN_MAX;
	int rc = check_pair(cert, key);

	if (rc >= 0)
		rc = gnutls_pcert_list_import_x509_raw(
		    id->chain, &count, cert, GNUTLS_X509_FMT_PEM, 0);
	if (rc < 0)
		return rc;
	id->count = count;
	rc = gnutls_privkey_init(&id->key);
	if (rc >= 0)
		rc = gnutls_privkey_import_x509_raw(
		    id->key, key, GNUTLS_X509_FMT_PEM, NULL, 0);
	return rc >= 0 ? read_leaf(id, cert) : rc;
}

static enum kg_status
read_identity(
    struct tls_identity *id, const char *cert, const char *key, char *error)
{
	char *cert_text = read_pem(cert, error);
	char *key_text = cert_text != NULL ? read_pem(key, error) : NULL;
	enum kg_status st = KG_IO;

	if (key_text != NULL) {
		const gnutls_datum_t c = datum(cert_text), k = datum(key_text);
		const int rc = import(id, &c, &k);

		st = rc >= 0 ? KG_OK : KG_INVALID;
		if (rc < 0)
			(void)snprintf(error, TLS_ERROR_MAX, "%s with %s: %s",
			    cert, key, gnutls_strerror(rc));
		gnutls_memset(key_text, 0, strlen(key_text));
	}
	free(cert_text);
	free(key_text);
	return st;
}

enum kg_status
tls_identity_load(
    const char *cert, const char *key, struct tls_identity **out, char *error)
{
	struct tls_identity *id = calloc(1, sizeof(*id));
	enum kg_status st;

	*out = NULL;
	(void)snprintf(error, TLS_ERROR_MAX, "out of memory");
	if (id == NULL)
		return KG_NOMEM;
	id->references = 1;
	st = read_identity(id, cert, key, error);
	if (st != KG_OK) {
		tls_identity_unref(id);
		return st;
	}
	*out = id;
	return KG_OK;
}

struct tls_identity *
tls_identity_ref(struct tls_identity *id)
{
	atomic_fetch_add_explicit(&id->references, 1, memory_order_relaxed);
	return id;
}

void
tls_identity_unref(struct tls_identity *id)
{
	if (id == NULL ||
	    atomic_fetch_sub_explicit(
		&id->references, 1, memory_order_acq_rel) != 1)
		return;
	for (unsigned i = 0; i < id->count; i++)
		gnutls_pcert_deinit(&id->chain[i]);
	if (id->key != NULL)
		gnutls_privkey_deinit(id->key);
	free(id);
}

int64_t
tls_identity_expires(const struct tls_identity *id)
{
	return id->expires_s;
}

/* --- Trust --- */

static int
import_trust(struct tls_trust *t, const gnutls_datum_t *pem)
{
	gnutls_x509_crt_t *list = NULL;
	unsigned count = 0;
	int rc;

	rc = gnutls_x509_trust_list_init(&t->list, 0);
	if (rc == 0)
		rc = gnutls_x509_crt_list_import2(
		    &list, &count, pem, GNUTLS_X509_FMT_PEM, 0);
	if (rc < 0)
		return rc;
	for (unsigned i = 0; i < count; i++) {
		const int64_t end =
		    gnutls_x509_crt_get_expiration_time(list[i]);

		if (i == 0 || end < t->expires_s)
			t->expires_s = end;
	}
	/* The certificates are the list's now, the array is not. */
	rc = gnutls_x509_trust_list_add_cas(t->list, list, count, 0);
	gnutls_free(list);
	return rc > 0 ? 0 : GNUTLS_E_NO_CERTIFICATE_FOUND;
}

enum kg_status
tls_trust_load(const char *path, struct tls_trust **out, char *error)
{
	struct tls_trust *t = calloc(1, sizeof(*t));
	gnutls_datum_t pem;
	char *text;
	int rc;

	*out = NULL;
	(void)snprintf(error, TLS_ERROR_MAX, "out of memory");
	if (t == NULL)
		return KG_NOMEM;
	t->references = 1;
	text = read_pem(path, error);
	if (text == NULL) {
		tls_trust_unref(t);
		return KG_IO;
	}
	pem = datum(text);
	rc = import_trust(t, &pem);
	free(text);
	if (rc < 0) {
		(void)snprintf(
		    error, TLS_ERROR_MAX, "%s: %s", path, gnutls_strerror(rc));
		tls_trust_unref(t);
		return KG_INVALID;
	}
	*out = t;
	return KG_OK;
}

struct tls_trust *
tls_trust_ref(struct tls_trust *trust)
{
	if (trust != NULL)
		atomic_fetch_add_explicit(
		    &trust->references, 1, memory_order_relaxed);
	return trust;
}

void
tls_trust_unref(struct tls_trust *trust)
{
	if (trust == NULL ||
	    atomic_fetch_sub_explicit(
		&trust->references, 1, memory_order_acq_rel) != 1)
		return;
	if (trust->list != NULL)
		gnutls_x509_trust_list_deinit(trust->list, 1);
	free(trust);
}

int64_t
tls_trust_expires(const struct tls_trust *trust)
{
	return trust->expires_s;
}

/* --- Sessions --- */

static int
give_certificate(gnutls_session_t session, const gnutls_datum_t *authorities,
    int authority_count, const gnutls_pk_algorithm_t *algorithms,
    int algorithm_count, gnutls_pcert_st **chain, unsigned *count,
    gnutls_privkey_t *key)
{
	/* Borrowed by the session, so the connection holds a reference. */
	struct tls_identity *id = conn_identity(gnutls_db_get_ptr(session));

	(void)authorities;
	(void)authority_count;
	(void)algorithms;
	(void)algorithm_count;
	if (id == NULL)
		return -1;
	*chain = id->chain;
	*count = id->count;
	*key = id->key;
	return 0;
}

/* libmicrohttpd takes it as a void pointer. */
static gnutls_certificate_retrieve_function2 *const give = give_certificate;

void *
tls_certificate_callback(void)
{
	void *p;

	_Static_assert(sizeof(p) == sizeof(give), "POSIX has them equal");
	memcpy(&p, &give, sizeof(p));
	return p;
}

/* Both sides have finished: the first byte of a request may come. */
static int
on_finished(gnutls_session_t session, unsigned type, unsigned when,
    unsigned incoming, const gnutls_datum_t *message)
{
	(void)type;
	(void)when;
	(void)message;
	if (incoming != 0)
		conn_handshaken(gnutls_db_get_ptr(session));
	return 0;
}

void
tls_attach(void *session, struct conn *c, bool ask)
{
	/* The database pointer is nobody's: no resumption, no database. */
	gnutls_db_set_ptr(session, c);
	gnutls_handshake_set_hook_function(
	    session, GNUTLS_HANDSHAKE_FINISHED, GNUTLS_HOOK_POST, on_finished);
	if (ask)
		gnutls_certificate_server_set_request(
		    session, GNUTLS_CERT_REQUEST);
}

void
tls_goodbye(void *session)
{
	(void)gnutls_bye(session, GNUTLS_SHUT_WR);
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
