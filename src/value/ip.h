/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IP addresses and ranges, as Go's net/netip reads them and as strictly as
 * Kubernetes: no zones, no IPv4 in IPv6, no leading zeros.
 */
#ifndef KG_VALUE_IP_H
#define KG_VALUE_IP_H

#include "base/buf.h"

struct ip {
	unsigned char bytes[16]; /* 4 of them for IPv4, the rest 0 */
	bool six;
};

struct cidr {
	struct ip ip; /* host bits are kept */
	unsigned bits;
};

/* False: Kubernetes' message is appended to `error` (NULL: not wanted). */
bool ip_parse(struct kg_slice text, struct ip *out, struct buf *error);
bool cidr_parse(struct kg_slice text, struct cidr *out, struct buf *error);

/* What Go itself takes: zones (left out of *ip) and IPv4 in IPv6 too. */
bool ip_parse_any(struct kg_slice text, struct ip *out, struct buf *error);

/* The canonical form (RFC 5952). */
void ip_put(struct buf *out, const struct ip *ip);
void cidr_put(struct buf *out, const struct cidr *c);

bool ip_equal(const struct ip *a, const struct ip *b);
bool ip_is_unspecified(const struct ip *ip);
bool ip_is_loopback(const struct ip *ip);
bool ip_is_link_local_multicast(const struct ip *ip);
bool ip_is_link_local_unicast(const struct ip *ip);
bool ip_is_global_unicast(const struct ip *ip);

bool cidr_contains_ip(const struct cidr *c, const struct ip *ip);
/* All of `inner` lies within c. */
bool cidr_contains(const struct cidr *c, const struct cidr *inner);
/* Without host bits. */
struct cidr cidr_masked(const struct cidr *c);

#endif
