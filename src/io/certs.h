/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates of the webhook: a CA of its own that issues the serving
 * certificate, and a look at any, as the API server will look at it. Only
 * certs_*.c include OpenSSL's X.509.
 */
#ifndef KG_IO_CERTS_H
#define KG_IO_CERTS_H

#include "base/buf.h"

#define CERTS_ERROR_MAX 512 /* bytes of every `error` */
#define CERTS_SECONDS_A_DAY 86400

struct certs_options {
	const char *dir;             /* made when it is not there */
	const char *service, *space; /* names and namespace of the Service */
	const char *const *dns;      /* more names */
	size_t dns_count;
	const char *const *ips;
	size_t ip_count;
	int64_t days, ca_days;
	bool force; /* replace a serving certificate that is there */
};

/* What was made; slices live in the arena. */
struct certs_made {
	bool new_ca;
	const char *ca_path, *ca_key_path, *cert_path, *key_path;
	struct kg_slice names;     /* "DNS:a, IP:b" */
	struct kg_slice ca;        /* PEM of the CA certificate */
	struct kg_slice ca_bundle; /* the same in base64, as caBundle has it */
	int64_t not_after_s, ca_not_after_s;
};

/*
 * Writes tls.crt and tls.key into the directory, issued by its ca.crt and
 * ca.key, which are made as well unless they are there. Keys are readable by
 * their owner alone. Files that are there are not touched without `force`,
 * the CA never. KG_INVALID: the options or the CA do not fit; KG_IO, KG_NOMEM.
 * The reason stands in `error`.
 */
enum kg_status certs_init(const struct certs_options *options,
    struct arena *arena, struct certs_made *out, char *error) KG_MUST_CHECK;

/* A DNS name as a certificate may carry it: RFC 1123, or "*." before one. */
bool certs_is_dns_name(struct kg_slice name);

/*
 * Has OpenSSL's allocations noted when they fail: a certificate would look as
 * if it were at fault. Before anything of OpenSSL is used, or it has no
 * effect.
 */
void certs_watch_memory(void);

/* --- Looking --- */

struct certs_wants {
	const char *key, *ca; /* files; NULL: not asked for */
	const char *host;     /* name that it must be good for, or NULL */
	int64_t warn_s;       /* less validity than this is a problem */
	int64_t now_s;
};

struct cert {
	struct kg_slice subject, issuer, names, key, serial;
	struct kg_slice sha256; /* of the DER, in hex */
	int64_t not_before_s, not_after_s;
	bool ca;
};

/* A file's certificates in its order, and what is wrong with them. */
struct cert_report {
	const struct cert *certs;
	size_t count;
	const struct kg_slice *problems;
	size_t problem_count;
	/* What was asked for was looked at, and holds. */
	bool key_matches, chain_verifies, host_matches;
};

/*
 * Reads a PEM file. All of its certificates are looked at for their dates;
 * key, chain and host are asked of the first. KG_OK also
 * when there are problems; KG_IO or KG_INVALID with `error`: a file is not
 * readable or no PEM of its kind.
 */
enum kg_status certs_look(const char *path, const struct certs_wants *wants,
    struct arena *arena, struct cert_report *out, char *error) KG_MUST_CHECK;

#endif
