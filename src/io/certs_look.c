/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the API server will find: it trusts the CA of caBundle alone, asks
 * for the name SERVICE.NAMESPACE.svc, and reads names from subjectAltName
 * only.
 */
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "base/limits.h"
#include "base/sha256.h"
#include "io/certs_pem.h"

/* Certificates in one file, and what may be wrong with them. */
#define CERTS_MAX 100
#define PROBLEMS_MAX (CERTS_MAX * 2 + 8)

struct look {
	struct arena *arena;
	const struct certs_wants *wants;
	struct cert_report *report;
	struct kg_slice *problems;
	STACK_OF(X509) * list;
};

static void
problem(struct look *l, const char *format, const char *detail)
{
	struct buf b;

	if (l->report->problem_count >= PROBLEMS_MAX)
		return;
	buf_init(&b, l->arena, KIB);
	buf_printf(&b, "%s%s", format, detail);
	l->problems[l->report->problem_count++] = buf_slice(&b);
}

/* --- One certificate --- */

static bool
name_text(const X509_NAME *name, struct arena *arena, struct kg_slice *out)
{
	BIO *bio = BIO_new(BIO_s_mem());
	const bool ok = bio != NULL &&
	    X509_NAME_print_ex(
		bio, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) >= 0;

	*out = ok ? pem_bio_text(bio, arena) : slice_of(NULL, 0);
	BIO_free(bio);
	return ok;
}

static struct kg_slice
hex(struct arena *arena, const unsigned char *bytes, size_t count)
{
	struct buf b;

	buf_init(&b, arena, KIB);
	for (size_t i = 0; i < count; i++)
		buf_printf(&b, "%02x", bytes[i]);
	return buf_slice(&b);
}

static struct kg_slice
key_text(const X509 *cert, struct arena *arena)
{
	EVP_PKEY *key = X509_get0_pubkey(cert);
	char group[40] = "";
	struct buf b;

	if (key == NULL)
		return SLICE("unknown");
	buf_init(&b, arena, KIB);
	buf_puts(&b,
	    EVP_PKEY_get0_type_name(key) != NULL ? EVP_PKEY_get0_type_name(key)
						 : "unknown");
	if (EVP_PKEY_get_group_name(key, group, sizeof(group), NULL) == 1)
		buf_printf(&b, " %s", group);
	else
		buf_printf(&b, " %d", EVP_PKEY_get_bits(key));
	return buf_slice(&b);
}

static bool
describe(struct look *l, X509 *x, struct cert *c)
{
	const ASN1_INTEGER *serial = X509_get0_serialNumber(x);
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	*c = (struct cert){
		.key = key_text(x, l->arena),
		.serial = hex(l->arena, ASN1_STRING_get0_data(serial),
		    (size_t)ASN1_STRING_length(serial)),
		.not_before_s = pem_time(X509_get0_notBefore(x)),
		.not_after_s = pem_time(X509_get0_notAfter(x)),
		.ca = X509_check_ca(x) != 0,
	};
	if (X509_digest(x, EVP_sha256(), digest, &len) == 1)
		c->sha256 = hex(l->arena, digest, len);
	/* A key of a kind that is not known has no use. */
	return X509_get0_pubkey(x) != NULL && c->sha256.len > 0 &&
	    name_text(X509_get_subject_name(x), l->arena, &c->subject) &&
	    name_text(X509_get_issuer_name(x), l->arena, &c->issuer) &&
	    pem_names(x, l->arena, &c->names);
}

static void
check_dates(struct look *l, const struct cert *c, size_t index)
{
	const int64_t left_s = c->not_after_s - l->wants->now_s;
	char which[64], text[160];

	(void)snprintf(which, sizeof(which), "certificate %zu ", index + 1);
	if (c->not_after_s == INT64_MIN || c->not_before_s == INT64_MIN)
		problem(l, which, "has dates that cannot be read");
	else if (c->not_before_s > l->wants->now_s)
		problem(l, which, "is not valid yet");
	else if (left_s <= 0)
		problem(l, which, "has expired");
	else if (left_s < l->wants->warn_s) {
		(void)snprintf(text, sizeof(text), "expires in %lld days",
		    (long long)(left_s / CERTS_SECONDS_A_DAY));
		problem(l, which, text);
	}
}

/* --- What is asked of the first --- */

static enum kg_status
check_key(struct look *l, X509 *leaf, char *error)
{
	EVP_PKEY *key = pem_key(l->wants->key, error);

	if (key == NULL)
		return KG_INVALID;
	l->report->key_matches = X509_check_private_key(leaf, key) == 1;
	if (!l->report->key_matches)
		problem(l, "the key is another certificate's: ", l->wants->key);
	EVP_PKEY_free(key);
	return KG_OK;
}

static void
check_host(struct look *l, X509 *leaf)
{
	const char *host = l->wants->host;
	const unsigned flags = X509_CHECK_FLAG_NEVER_CHECK_SUBJECT;

	l->report->host_matches =
	    X509_check_host(leaf, host, strlen(host), flags, NULL) == 1 ||
	    X509_check_ip_asc(leaf, host, 0) == 1;
	if (!l->report->host_matches)
		problem(l, "no name among its names is ", host);
}

static int
verify(struct look *l, X509 *leaf, X509_STORE *store, const char **why)
{
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	int ok = 0;

	*why = "out of memory";
	if (ctx != NULL &&
	    X509_STORE_CTX_init(ctx, store, leaf, l->list) == 1) {
		X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(ctx);

		X509_VERIFY_PARAM_set_time(param, (time_t)l->wants->now_s);
		/* SHA-1 is refused, as Go does. */
		X509_VERIFY_PARAM_set_auth_level(param, 2);
		(void)X509_STORE_CTX_set_purpose(ctx, X509_PURPOSE_SSL_SERVER);
		ok = X509_verify_cert(ctx);
		*why = X509_verify_cert_error_string(
		    X509_STORE_CTX_get_error(ctx));
	}
	X509_STORE_CTX_free(ctx);
	return ok;
}

static enum kg_status
check_chain(struct look *l, X509 *leaf, char *error)
{
	STACK_OF(X509) *roots = pem_certificates(l->wants->ca, error);
	X509_STORE *store = X509_STORE_new();
	const char *why = "out of memory";
	bool ok = store != NULL;

	for (int i = 0; ok && i < sk_X509_num(roots); i++)
		ok = X509_STORE_add_cert(store, sk_X509_value(roots, i)) == 1;
	if (roots != NULL && ok)
		l->report->chain_verifies = verify(l, leaf, store, &why) == 1;
	if (roots != NULL && !l->report->chain_verifies)
		problem(l, "the chain does not verify: ", why);
	X509_STORE_free(store);
	pem_certificates_free(roots);
	return roots != NULL ? KG_OK : KG_INVALID;
}

static void
check_purpose(struct look *l, X509 *leaf)
{
	const uint32_t use = X509_get_extended_key_usage(leaf);

	/* Without the extension every use is allowed. */
	if (use != UINT32_MAX && (use & XKU_SSL_SERVER) == 0)
		problem(
		    l, "its extended key usage does not allow a server", "");
}

static enum kg_status
check_leaf(struct look *l, X509 *leaf, char *error)
{
	enum kg_status st = KG_OK;

	check_purpose(l, leaf);
	if (l->wants->key != NULL)
		st = check_key(l, leaf, error);
	if (st == KG_OK && l->wants->ca != NULL)
		st = check_chain(l, leaf, error);
	if (l->wants->host != NULL)
		check_host(l, leaf);
	return st;
}

static enum kg_status
look(struct look *l, char *error)
{
	const int n = sk_X509_num(l->list);
	const size_t count = n < CERTS_MAX ? (size_t)n : CERTS_MAX;
	struct cert *certs = arena_array(l->arena, count, sizeof(*certs));
	enum kg_status st = KG_OK;
	bool readable = true;

	l->problems = arena_array(l->arena, PROBLEMS_MAX, sizeof(*l->problems));
	if (certs != NULL && l->problems != NULL) {
		for (size_t i = 0; i < count; i++) {
			readable = describe(l, sk_X509_value(l->list, (int)i),
				       &certs[i]) &&
			    readable;
			check_dates(l, &certs[i], i);
		}
		l->report->certs = certs;
		l->report->count = count;
		l->report->problems = l->problems;
		st = check_leaf(l, sk_X509_value(l->list, 0), error);
	}
	if (pem_memory_ran_out() || arena_failed(l->arena)) {
		(void)snprintf(error, CERTS_ERROR_MAX, "out of memory");
		return KG_NOMEM;
	}
	if (st == KG_OK && !readable) {
		(void)snprintf(error, CERTS_ERROR_MAX,
		    "a certificate's names or key cannot be read");
		return KG_INVALID;
	}
	return st;
}

enum kg_status
certs_look(const char *path, const struct certs_wants *wants,
    struct arena *arena, struct cert_report *out, char *error)
{
	struct look l = { .arena = arena, .wants = wants, .report = out };
	enum kg_status st;

	*out = (struct cert_report){ .count = 0 };
	(void)pem_memory_ran_out();
	l.list = pem_certificates(path, error);
	if (l.list == NULL)
		return KG_INVALID;
	st = look(&l, error);
	ERR_clear_error();
	pem_certificates_free(l.list);
	return st;
}
