/* SPDX-License-Identifier: Apache-2.0 */
/* IP addresses and ranges. */
#include "cel/library.h"
#include "value/ip.h"

struct ip_value {
	struct cel_opaque head;
	struct ip ip;
};

struct cidr_value {
	struct cel_opaque head;
	struct cidr cidr;
};

static const struct ip *
ip_of(const struct value *v)
{
	return &((const struct ip_value *)v->u.opaque)->ip;
}

static const struct cidr *
cidr_of(const struct value *v)
{
	return &((const struct cidr_value *)v->u.opaque)->cidr;
}

static bool
ips_equal(const struct cel_opaque *a, const struct cel_opaque *b)
{
	return ip_equal(&((const struct ip_value *)a)->ip,
	    &((const struct ip_value *)b)->ip);
}

static bool
cidrs_equal(const struct cel_opaque *a, const struct cel_opaque *b)
{
	const struct cidr *x = &((const struct cidr_value *)a)->cidr;
	const struct cidr *y = &((const struct cidr_value *)b)->cidr;

	return x->bits == y->bits && ip_equal(&x->ip, &y->ip);
}

/* Octets that a cost counts. */
static int64_t
ip_size(const struct cel_opaque *o)
{
	return ((const struct ip_value *)o)->ip.six ? 16 : 4;
}

static int64_t
cidr_size(const struct cel_opaque *o)
{
	return (((const struct cidr_value *)o)->cidr.bits + 7) / 8;
}

static const struct cel_opaque_class ip_class = {
	.name = SLICE_INIT("net.IP"),
	.go_name = "cel.IP",
	.equal = ips_equal,
	.size = ip_size,
};

static const struct cel_opaque_class cidr_class = {
	.name = SLICE_INIT("net.CIDR"),
	.go_name = "cel.CIDR",
	.equal = cidrs_equal,
	.size = cidr_size,
};

static struct value
new_ip(struct cel_eval *e, const struct ip *ip)
{
	struct ip_value *v = arena_alloc(e->arena, sizeof(*v));

	if (v == NULL)
		return cel_no_memory();
	v->head.class = &ip_class;
	v->ip = *ip;
	return cel_opaque(&v->head);
}

static struct value
new_cidr(struct cel_eval *e, const struct cidr *cidr)
{
	struct cidr_value *v = arena_alloc(e->arena, sizeof(*v));

	if (v == NULL)
		return cel_no_memory();
	v->head.class = &cidr_class;
	v->cidr = *cidr;
	return cel_opaque(&v->head);
}

/* False: *error says why. */
static bool
read_ip(struct cel_eval *e, const struct value *text, struct ip *out,
    struct value *error)
{
	struct buf b;

	buf_init(&b, e->arena, DIAG_MESSAGE_MAX * 4);
	if (ip_parse(cel_slice(text), out, &b))
		return true;
	*error = cel_error_built(&b);
	return false;
}

static bool
read_cidr(struct cel_eval *e, const struct value *text, struct cidr *out,
    struct value *error)
{
	struct buf b;

	buf_init(&b, e->arena, DIAG_MESSAGE_MAX * 4);
	if (cidr_parse(cel_slice(text), out, &b))
		return true;
	*error = cel_error_built(&b);
	return false;
}

/* --- Addresses --- */

struct value
cel_fn_ip(struct cel_eval *e, const struct value *args)
{
	struct value error;
	struct ip ip;

	return read_ip(e, &args[0], &ip, &error) ? new_ip(e, &ip) : error;
}

struct value
cel_fn_is_ip(struct cel_eval *e, const struct value *args)
{
	struct ip ip;

	(void)e;
	return cel_bool(ip_parse(cel_slice(&args[0]), &ip, NULL));
}

struct value
cel_fn_ip_to_string(struct cel_eval *e, const struct value *args)
{
	struct buf b;

	buf_init(&b, e->arena, DIAG_MESSAGE_MAX);
	ip_put(&b, ip_of(&args[0]));
	return cel_string_built(&b);
}

struct value
cel_fn_ip_is_canonical(struct cel_eval *e, const struct value *args)
{
	struct value error, text;
	struct ip ip;
	struct buf b;

	if (!read_ip(e, &args[0], &ip, &error))
		return error;
	buf_init(&b, e->arena, DIAG_MESSAGE_MAX);
	ip_put(&b, &ip);
	text = cel_string_built(&b);
	if (cel_is_error(&text))
		return text;
	return cel_bool(slice_eq(cel_slice(&text), cel_slice(&args[0])));
}

struct value
cel_fn_ip_family(struct cel_eval *e, const struct value *args)
{
	(void)e;
	return cel_int(ip_of(&args[0])->six ? 6 : 4);
}

#define QUESTION(name)                                    \
	struct value cel_fn_##name(                       \
	    struct cel_eval *e, const struct value *args) \
	{                                                 \
		(void)e;                                  \
		return cel_bool(name(ip_of(&args[0])));   \
	}

QUESTION(ip_is_unspecified)
QUESTION(ip_is_loopback)
QUESTION(ip_is_link_local_multicast)
QUESTION(ip_is_link_local_unicast)
QUESTION(ip_is_global_unicast)

/* --- Ranges --- */

struct value
cel_fn_cidr(struct cel_eval *e, const struct value *args)
{
	struct value error;
	struct cidr cidr;

	return read_cidr(e, &args[0], &cidr, &error) ? new_cidr(e, &cidr)
						     : error;
}

struct value
cel_fn_is_cidr(struct cel_eval *e, const struct value *args)
{
	struct cidr cidr;

	(void)e;
	return cel_bool(cidr_parse(cel_slice(&args[0]), &cidr, NULL));
}

struct value
cel_fn_cidr_to_string(struct cel_eval *e, const struct value *args)
{
	struct buf b;

	buf_init(&b, e->arena, DIAG_MESSAGE_MAX);
	cidr_put(&b, cidr_of(&args[0]));
	return cel_string_built(&b);
}

/* Of a text that is no address Kubernetes says no more than this. */
struct value
cel_fn_cidr_contains_ip(struct cel_eval *e, const struct value *args)
{
	struct ip ip;

	(void)e;
	if (args[1].kind == CEL_OPAQUE)
		ip = *ip_of(&args[1]);
	else if (!ip_parse(cel_slice(&args[1]), &ip, NULL))
		return cel_no_overload();
	return cel_bool(cidr_contains_ip(cidr_of(&args[0]), &ip));
}

struct value
cel_fn_cidr_contains_cidr(struct cel_eval *e, const struct value *args)
{
	struct value error;
	struct cidr inner;

	if (args[1].kind == CEL_OPAQUE)
		inner = *cidr_of(&args[1]);
	else if (!read_cidr(e, &args[1], &inner, &error))
		return error;
	return cel_bool(cidr_contains(cidr_of(&args[0]), &inner));
}

struct value
cel_fn_cidr_ip(struct cel_eval *e, const struct value *args)
{
	return new_ip(e, &cidr_of(&args[0])->ip);
}

struct value
cel_fn_cidr_masked(struct cel_eval *e, const struct value *args)
{
	const struct cidr masked = cidr_masked(cidr_of(&args[0]));

	return new_cidr(e, &masked);
}

struct value
cel_fn_cidr_prefix_length(struct cel_eval *e, const struct value *args)
{
	(void)e;
	return cel_int(cidr_of(&args[0])->bits);
}
