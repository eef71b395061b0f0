/* SPDX-License-Identifier: Apache-2.0 */
/* What tls.c and peer.c share of GnuTLS. */
#ifndef KG_SERVER_TLS_IMPL_H
#define KG_SERVER_TLS_IMPL_H

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdatomic.h>

#include "base/slice.h"

struct tls_trust {
	atomic_uint references;
	gnutls_x509_trust_list_t list;
	int64_t expires_s;
};

#endif
