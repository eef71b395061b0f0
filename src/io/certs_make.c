/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Issues the serving certificate from a CA that only this webhook uses: the
 * API server trusts it through caBundle and nobody else needs to. Keys are
 * ECDSA over P-256, which is what a handshake costs least with.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "base/ascii.h"
#include "base/limits.h"
#include "io/certs_pem.h"
#include "io/file.h"
#include "io/replace.h"

/* Clocks of a cluster differ: a new certificate is valid a little earlier. */
#define BACKDATE_S 300
/* Bits of a serial number: RFC 5280 takes 20 bytes at most, and positive. */
#define SERIAL_BITS 128
/* What X.520 allows a common name. */
#define COMMON_NAME_MAX 64

/* --- Names --- */

static bool
is_label(struct kg_slice label)
{
	if (label.len == 0 || label.len > 63 || label.ptr[0] == '-' ||
	    label.ptr[label.len - 1] == '-')
		return false;
	for (size_t i = 0; i < label.len; i++) {
		const char c = label.ptr[i];

		if (!ascii_alnum(c) && c != '-')
			return false;
	}
	return true;
}

bool
certs_is_dns_name(struct kg_slice name)
{
	if (name.len > 253)
		return false;
	if (slice_starts(name, SLICE("*.")))
		name = slice_from(name, 2);
	do {
		if (!is_label(slice_cut(&name, '.')))
			return false;
	} while (name.ptr != NULL);
	return true;
}

static enum kg_status
invalid(char *error, const char *what, const char *found)
{
	(void)snprintf(error, CERTS_ERROR_MAX, "\"%s\" is no %s", found, what);
	return KG_INVALID;
}

static enum kg_status
check_names(const struct certs_options *o, char *error)
{
	unsigned char address[sizeof(struct in6_addr)];

	if (!is_label(slice_str(o->service)))
		return invalid(error, "name of a Service", o->service);
	if (!is_label(slice_str(o->space)))
		return invalid(error, "name of a namespace", o->space);
	for (size_t i = 0; i < o->dns_count; i++) {
		if (!certs_is_dns_name(slice_str(o->dns[i])))
			return invalid(error, "DNS name", o->dns[i]);
	}
	for (size_t i = 0; i < o->ip_count; i++) {
		if (inet_pton(AF_INET, o->ips[i], address) != 1 &&
		    inet_pton(AF_INET6, o->ips[i], address) != 1)
			return invalid(error, "IP address", o->ips[i]);
	}
	return KG_OK;
}

/* subjectAltName as OpenSSL's configuration writes it; names are checked. */
static const char *
subject_names(const struct certs_options *o, struct arena *arena)
{
	struct buf b;

	buf_init(&b, arena, MIB);
	buf_printf(&b, "DNS:%s.%s.svc,DNS:%s.%s.svc.cluster.local,DNS:%s.%s,",
	    o->service, o->space, o->service, o->space, o->service, o->space);
	buf_printf(&b, "DNS:%s", o->service);
	for (size_t i = 0; i < o->dns_count; i++)
		buf_printf(&b, ",DNS:%s", o->dns[i]);
	for (size_t i = 0; i < o->ip_count; i++)
		buf_printf(&b, ",IP:%s", o->ips[i]);
	buf_putc(&b, '\0');
	return buf_failed(&b) ? NULL : b.ptr;
}

/* --- Certificates --- */

struct extension {
	int nid;
	const char *value;
};

static bool
add_extensions(
    X509 *cert, X509 *issuer, const struct extension *list, size_t count)
{
	X509V3_CTX context;

	X509V3_set_ctx(&context, issuer, cert, NULL, NULL, 0);
	for (size_t i = 0; i < count; i++) {
		X509_EXTENSION *e = X509V3_EXT_conf_nid(
		    NULL, &context, list[i].nid, list[i].value);
		const bool ok = e != NULL && X509_add_ext(cert, e, -1) == 1;

		X509_EXTENSION_free(e);
		if (!ok)
			return false;
	}
	return true;
}

static bool
set_serial(X509 *cert)
{
	BIGNUM *n = BN_new();
	const bool ok = n != NULL &&
	    BN_rand(n, SERIAL_BITS, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1 &&
	    BN_to_ASN1_INTEGER(n, X509_get_serialNumber(cert)) != NULL;

	BN_free(n);
	return ok;
}

/* All but extensions and signature. */
static X509 *
new_certificate(EVP_PKEY *key, const char *name, int64_t days)
{
	X509 *cert = X509_new();
	const bool ok = cert != NULL &&
	    X509_set_version(cert, X509_VERSION_3) == 1 && set_serial(cert) &&
	    X509_gmtime_adj(X509_getm_notBefore(cert), -BACKDATE_S) != NULL &&
	    X509_time_adj_ex(X509_getm_notAfter(cert), (int)days, 0, NULL) !=
		NULL &&
	    X509_set_pubkey(cert, key) == 1 &&
	    X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN",
		MBSTRING_UTF8, (const unsigned char *)name, -1, -1, 0) == 1;

	if (ok)
		return cert;
	X509_free(cert);
	return NULL;
}

static X509 *
sign(X509 *cert, X509 *issuer, EVP_PKEY *issuer_key,
    const struct extension *list, size_t count)
{
	const bool ok = cert != NULL &&
	    X509_set_issuer_name(cert, X509_get_subject_name(issuer)) == 1 &&
	    add_extensions(cert, issuer, list, count) &&
	    X509_sign(cert, issuer_key, EVP_sha256()) > 0;

	if (ok)
		return cert;
	X509_free(cert);
	return NULL;
}

/* Its name ends in digits of its own, so that two CAs differ by name. */
static X509 *
make_ca(EVP_PKEY *key, int64_t days)
{
	static const struct extension extensions[] = {
		{ NID_basic_constraints, "critical,CA:TRUE,pathlen:0" },
		{ NID_key_usage, "critical,keyCertSign,cRLSign" },
		{ NID_subject_key_identifier, "hash" },
		{ NID_authority_key_identifier, "keyid:always" },
	};
	unsigned char r[4];
	char name[40];
	X509 *cert;

	if (RAND_bytes(r, sizeof(r)) != 1)
		return NULL;
	(void)snprintf(name, sizeof(name), "keepgate-ca-%02x%02x%02x%02x", r[0],
	    r[1], r[2], r[3]);
	cert = new_certificate(key, name, days);
	return sign(cert, cert, key, extensions, 4);
}

struct issuer {
	X509 *cert;
	EVP_PKEY *key;
};

static X509 *
make_serving(const struct certs_options *o, EVP_PKEY *key,
    const struct issuer *ca, struct arena *arena)
{
	const char *names = subject_names(o, arena);
	const struct extension extensions[] = {
		{ NID_basic_constraints, "critical,CA:FALSE" },
		{ NID_key_usage, "critical,digitalSignature" },
		{ NID_ext_key_usage, "serverAuth" },
		{ NID_subject_key_identifier, "hash" },
		{ NID_authority_key_identifier, "keyid:always" },
		{ NID_subject_alt_name, names },
	};
	char name[200];

	(void)snprintf(name, sizeof(name), "%s.%s.svc", o->service, o->space);
	if (strlen(name) > COMMON_NAME_MAX) /* nobody reads it but people */
		(void)snprintf(name, sizeof(name), "%s", o->service);
	if (names == NULL)
		return NULL;
	return sign(new_certificate(key, name, o->days), ca->cert, ca->key,
	    extensions, 6);
}

/* --- PEM --- */

static struct kg_slice
certificate_pem(X509 *cert, struct arena *arena)
{
	BIO *bio = BIO_new(BIO_s_mem());
	struct kg_slice text = { NULL, 0 };

	if (bio != NULL && PEM_write_bio_X509(bio, cert) == 1)
		text = pem_bio_text(bio, arena);
	BIO_free(bio);
	return text;
}

static struct kg_slice
key_pem(EVP_PKEY *key, struct arena *arena)
{
	BIO *bio = BIO_new(BIO_s_secmem());
	struct kg_slice text = { NULL, 0 };

	if (bio != NULL &&
	    PEM_write_bio_PKCS8PrivateKey(
		bio, key, NULL, NULL, 0, NULL, NULL) == 1)
		text = pem_bio_text(bio, arena);
	BIO_free(bio);
	return text;
}

static struct kg_slice
base64(struct kg_slice text, struct arena *arena)
{
	unsigned char *out = arena_array(arena, text.len / 3 * 4 + 8, 1);

	if (out == NULL || text.len > INT_MAX)
		return slice_of(NULL, 0);
	return slice_of((char *)out,
	    (size_t)EVP_EncodeBlock(
		out, (const unsigned char *)text.ptr, (int)text.len));
}

/* --- Issuing --- */

static enum kg_status
no_memory(char *error)
{
	(void)snprintf(error, CERTS_ERROR_MAX,
	    "out of memory, or OpenSSL refused to make a certificate");
	return KG_NOMEM;
}

static bool
exists(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0;
}

static const char *
path_in(struct arena *arena, const char *dir, const char *name)
{
	struct buf b;

	buf_init(&b, arena, 8 * KIB);
	buf_printf(&b, "%s/%s", dir, name);
	buf_putc(&b, '\0');
	return buf_failed(&b) ? "" : b.ptr;
}

/* A CA that is there must be one, with its key, and outlive what it issues. */
static enum kg_status
check_ca(const struct certs_options *o, const struct certs_made *m,
    const struct issuer *ca, char *error)
{
	const int64_t now_s = clock_wall_us() / 1000000;
	const int64_t left_s = m->ca_not_after_s - now_s;

	if (X509_check_ca(ca->cert) == 0) {
		(void)snprintf(error, CERTS_ERROR_MAX,
		    "%s is no certificate of a CA", m->ca_path);
		return KG_INVALID;
	}
	if (X509_check_private_key(ca->cert, ca->key) != 1) {
		ERR_clear_error();
		(void)snprintf(error, CERTS_ERROR_MAX,
		    "%s is not the key of %s", m->ca_key_path, m->ca_path);
		return KG_INVALID;
	}
	/* A minute is for a CA of as many days, made just now. */
	if (left_s + 60 >= o->days * CERTS_SECONDS_A_DAY)
		return KG_OK;
	(void)snprintf(error, CERTS_ERROR_MAX,
	    "%s ends in %lld days, before a certificate of %lld days; make a "
	    "new CA in another directory, or take fewer --days",
	    m->ca_path,
	    (long long)(left_s > 0 ? left_s / CERTS_SECONDS_A_DAY : 0),
	    (long long)o->days);
	return KG_INVALID;
}

static enum kg_status
read_ca(const struct certs_options *o, struct certs_made *m, struct issuer *ca,
    char *error)
{
	STACK_OF(X509) *list = pem_certificates(m->ca_path, error);

	if (list == NULL)
		return KG_INVALID;
	ca->cert = sk_X509_shift(list);
	pem_certificates_free(list);
	ca->key = pem_key(m->ca_key_path, error);
	if (ca->key == NULL)
		return KG_INVALID;
	m->ca_not_after_s = pem_time(X509_get0_notAfter(ca->cert));
	return check_ca(o, m, ca, error);
}

/* The CA that is there, or a new one. */
static enum kg_status
get_ca(const struct certs_options *o, struct certs_made *m, struct issuer *ca,
    char *error)
{
	if (exists(m->ca_path) != exists(m->ca_key_path)) {
		(void)snprintf(error, CERTS_ERROR_MAX,
		    "%s is there, %s is not: a CA needs both",
		    exists(m->ca_path) ? m->ca_path : m->ca_key_path,
		    exists(m->ca_path) ? m->ca_key_path : m->ca_path);
		return KG_INVALID;
	}
	if (exists(m->ca_path))
		return read_ca(o, m, ca, error);
	m->new_ca = true;
	ca->key = EVP_EC_gen("P-256");
	if (ca->key != NULL)
		ca->cert = make_ca(ca->key, o->ca_days);
	if (ca->cert == NULL)
		return no_memory(error);
	m->ca_not_after_s = pem_time(X509_get0_notAfter(ca->cert));
	return check_ca(o, m, ca, error);
}

static enum kg_status
write_files(const struct certs_options *o, struct certs_made *m,
    struct new_file *files, char *error)
{
	/* The CA's two are only written when they are not there. */
	enum kg_status st = KG_OK;

	if (mkdir(o->dir, 0700) != 0 && errno != EEXIST) {
		(void)snprintf(
		    error, CERTS_ERROR_MAX, "%s: %s", o->dir, strerror(errno));
		return KG_IO;
	}
	if (m->new_ca)
		st = files_write(files, 2, false, error);
	if (st == KG_OK)
		st = files_write(files + 2, 2, o->force, error);
	return st;
}

static enum kg_status
issue(const struct certs_options *o, struct arena *arena, struct certs_made *m,
    struct issuer *ca, char *error)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert = key != NULL ? make_serving(o, key, ca, arena) : NULL;
	struct new_file files[] = {
		{ .path = m->ca_key_path, .mode = 0600 },
		{ .path = m->ca_path, .mode = 0644 },
		{ .path = m->key_path, .mode = 0600 },
		{ .path = m->cert_path, .mode = 0644 },
	};
	enum kg_status st = KG_OK;

	if (cert != NULL) {
		files[0].text = key_pem(ca->key, arena);
		files[1].text = m->ca = certificate_pem(ca->cert, arena);
		files[2].text = key_pem(key, arena);
		files[3].text = certificate_pem(cert, arena);
		m->ca_bundle = base64(m->ca, arena);
		if (!pem_names(cert, arena, &m->names))
			st = no_memory(error);
		m->not_after_s = pem_time(X509_get0_notAfter(cert));
	}
	for (size_t i = 0; i < 4; i++) {
		if (files[i].text.len == 0)
			st = no_memory(error);
	}
	if (st == KG_OK)
		st = write_files(o, m, files, error);
	X509_free(cert);
	EVP_PKEY_free(key);
	ERR_clear_error();
	return st;
}

enum kg_status
certs_init(const struct certs_options *options, struct arena *arena,
    struct certs_made *out, char *error)
{
	struct issuer ca = { NULL, NULL };
	enum kg_status st = check_names(options, error);

	*out = (struct certs_made){
		.ca_path = path_in(arena, options->dir, "ca.crt"),
		.ca_key_path = path_in(arena, options->dir, "ca.key"),
		.cert_path = path_in(arena, options->dir, "tls.crt"),
		.key_path = path_in(arena, options->dir, "tls.key"),
	};
	if (st != KG_OK)
		return st;
	if (arena_failed(arena))
		return no_memory(error);
	if (!options->force &&
	    (exists(out->cert_path) || exists(out->key_path))) {
		(void)snprintf(error, CERTS_ERROR_MAX,
		    "%s is there; --force issues a new one by the same CA",
		    exists(out->cert_path) ? out->cert_path : out->key_path);
		return KG_INVALID;
	}
	st = get_ca(options, out, &ca, error);
	if (st == KG_OK)
		st = issue(options, arena, out, &ca, error);
	X509_free(ca.cert);
	EVP_PKEY_free(ca.key);
	return st;
}
