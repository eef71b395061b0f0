/* SPDX-License-Identifier: Apache-2.0 */
/* Chain first, then the name. */
#include "server/peer.h"

#include "base/limits.h"
#include "io/file.h"
#include "server/tls_impl.h"

/* A check costs about 250 us; a certificate that expires is noticed. */
#define PEER_KEEP_US 60000000
#define NAME_MAX_BYTES 1024u

/* --- Names --- */

static bool
is_allowed(const struct server_options *o, struct kg_slice name, bool dns)
{
	for (size_t i = 0; i < o->client_name_count; i++) {
		const struct kg_slice want = slice_str(o->client_names[i]);

		if (dns ? slice_eq_nocase(name, want) : slice_eq(name, want))
			return true;
	}
	return false;
}

/* The subject's common name, or a subject alternative name of a kind that
 * can be asked for. Names are compared whole: no wildcards. */
static bool
has_allowed_name(const struct server_options *o, gnutls_x509_crt_t leaf)
{
	char name[NAME_MAX_BYTES];
	size_t len = sizeof(name);
	int type = 0;

	if (o->client_name_count == 0)
		return true;
	if (gnutls_x509_crt_get_dn_by_oid(
		leaf, GNUTLS_OID_X520_COMMON_NAME, 0, 0, name, &len) == 0 &&
	    is_allowed(o, slice_of(name, len), false))
		return true;
	for (unsigned i = 0; i < TLS_NAMES_MAX && type >= 0; i++) {
		len = sizeof(name);
		type = gnutls_x509_crt_get_subject_alt_name(
		    leaf, i, name, &len, NULL);
		if ((type == GNUTLS_SAN_DNSNAME || type == GNUTLS_SAN_URI) &&
		    is_allowed(
			o, slice_of(name, len), type == GNUTLS_SAN_DNSNAME))
			return true;
		if (type == GNUTLS_E_SHORT_MEMORY_BUFFER)
			type = 0; /* longer than any that was asked for */
	}
	return false;
}

/* --- The chain --- */

/* The client's certificates, leaf first; gives how many. */
static unsigned
read_chain(gnutls_session_t session, gnutls_x509_crt_t chain[TLS_CHAIN_MAX])
{
	unsigned sent = 0, count = 0;
	const gnutls_datum_t *der =
	    gnutls_certificate_get_peers(session, &sent);

	while (der != NULL && count < sent && count < TLS_CHAIN_MAX) {
		if (gnutls_x509_crt_init(&chain[count]) != 0)
			break;
		count++;
		if (gnutls_x509_crt_import(chain[count - 1], &der[count - 1],
			GNUTLS_X509_FMT_DER) != 0)
			break;
	}
	return count;
}

static bool
is_trusted(
    const struct tls_trust *trust, gnutls_x509_crt_t *chain, unsigned count)
{
	static char purpose[] = GNUTLS_KP_TLS_WWW_CLIENT;
	gnutls_typed_vdata_st for_clients = {
		.type = GNUTLS_DT_KEY_PURPOSE_OID,
		.data = (unsigned char *)purpose,
	};
	unsigned status = GNUTLS_CERT_INVALID;
	const int rc = gnutls_x509_trust_list_verify_crt2(
	    trust->list, chain, count, &for_clients, 1, 0, &status, NULL);

	return rc == 0 && status == 0;
}

static const char *
check(const struct worker *w, gnutls_session_t session)
{
	gnutls_x509_crt_t chain[TLS_CHAIN_MAX];
	const unsigned count = read_chain(session, chain);
	const char *why = NULL;

	if (count == 0)
		why = "a client certificate is required\n";
	else if (!is_trusted(w->trust, chain, count))
		why = "the client certificate is not trusted here\n";
	else if (!has_allowed_name(w->server->options, chain[0]))
		why = "the client certificate is in no name that is allowed\n";
	for (unsigned i = 0; i < count; i++)
		gnutls_x509_crt_deinit(chain[i]);
	return why;
}

const char *
peer_refusal(struct worker *w, struct conn *c)
{
	int64_t now;

	if (w->trust == NULL)
		return NULL;
	now = clock_mono_us();
	if (c->peer_serial == w->trust_serial && now < c->peer_until_us)
		return c->peer_refusal;
	c->peer_refusal = c->session != NULL
	    ? check(w, c->session)
	    : "a client certificate is required\n";
	c->peer_serial = w->trust_serial;
	c->peer_until_us = now + PEER_KEEP_US;
	return c->peer_refusal;
}
