/* SPDX-License-Identifier: Apache-2.0 */
/* Reading addresses, with netip's words for what is wrong. */
#include "value/ip.h"

#include "base/ascii.h"

/* What a parser found wrong, and where. */
struct fault {
	const char *what;   /* NULL: nothing */
	struct kg_slice at; /* {NULL, 0}: nowhere in particular */
};

static bool
fault_set(struct fault *f, const char *what, struct kg_slice at)
{
	f->what = what;
	f->at = at;
	return false;
}

static bool
fault_all(struct fault *f, const char *what)
{
	return fault_set(f, what, slice_of(NULL, 0));
}

/* --- IPv4 --- */

static bool
parse_four(struct kg_slice s, unsigned char out[4], struct fault *f)
{
	unsigned value = 0, digits = 0, field = 0;

	for (size_t i = 0; i < s.len; i++) {
		const char c = s.ptr[i];

		if (c >= '0' && c <= '9') {
			if (digits == 1 && value == 0)
				return fault_all(f,
				    "IPv4 field has octet with leading zero");
			value = value * 10 + (unsigned)(c - '0');
			digits++;
			if (value > 255)
				return fault_all(
				    f, "IPv4 field has value >255");
		} else if (c != '.') {
			return fault_set(
			    f, "unexpected character", slice_from(s, i));
		} else if (digits == 0 || i + 1 == s.len) {
			return fault_set(f,
			    "IPv4 field must have at least one digit",
			    slice_from(s, i));
		} else if (field == 3) {
			return fault_all(f, "IPv4 address too long");
		} else {
			out[field++] = (unsigned char)value;
			value = digits = 0;
		}
	}
	if (field < 3)
		return fault_all(f, "IPv4 address too short");
	out[3] = (unsigned char)value;
	return true;
}

/* --- IPv6 --- */

struct six {
	struct kg_slice rest;
	unsigned char bytes[16];
	size_t at; /* bytes so far */
	int gap;   /* where :: stood, or -1 */
	bool done;
	struct fault *fault;
};

/* The last four bytes in the form of IPv4. */
static bool
take_four(struct six *x)
{
	if (x->gap < 0 && x->at != 12)
		return fault_set(x->fault,
		    "embedded IPv4 address must replace the final 2 fields of "
		    "the address",
		    x->rest);
	if (x->at + 4 > 16)
		return fault_set(x->fault,
		    "too many hex fields to fit an embedded IPv4 at the end of "
		    "the address",
		    x->rest);
	if (!parse_four(x->rest, x->bytes + x->at, x->fault))
		return false;
	x->at += 4;
	x->rest = slice_of(NULL, 0);
	x->done = true;
	return true;
}

/* What stands behind a field: the end, a colon, or two. */
static bool
take_colons(struct six *x)
{
	if (x->rest.len == 0) {
		x->done = true;
		return true;
	}
	if (x->rest.ptr[0] != ':')
		return fault_set(
		    x->fault, "unexpected character, want colon", x->rest);
	if (x->rest.len == 1)
		return fault_set(x->fault,
		    "colon must be followed by more characters", x->rest);
	x->rest = slice_from(x->rest, 1);
	if (x->rest.ptr[0] != ':')
		return true;
	if (x->gap >= 0)
		return fault_set(x->fault, "multiple :: in address", x->rest);
	x->gap = (int)x->at;
	x->rest = slice_from(x->rest, 1);
	x->done = x->rest.len == 0;
	return true;
}

static bool
take_field(struct six *x)
{
	unsigned value = 0;
	size_t n = 0;

	for (; n < x->rest.len; n++) {
		const int d = ascii_hex(x->rest.ptr[n]);

		if (d < 0)
			break;
		if (n > 3)
			return fault_set(x->fault,
			    "each group must have 4 or less digits", x->rest);
		value = value << 4 | (unsigned)d;
	}
	if (n == 0)
		return fault_set(x->fault,
		    "each colon-separated field must have at least one digit",
		    x->rest);
	if (n < x->rest.len && x->rest.ptr[n] == '.')
		return take_four(x);
	x->bytes[x->at] = (unsigned char)(value >> 8);
	x->bytes[x->at + 1] = (unsigned char)value;
	x->at += 2;
	x->rest = slice_from(x->rest, n);
	return take_colons(x);
}

/* Moves what stands behind :: to the end. */
static bool
fill_gap(struct six *x)
{
	const size_t missing = 16 - x->at;

	if (missing == 0)
		return x->gap < 0 ||
		    fault_all(x->fault,
			"the :: must expand to at least one field of zeros");
	if (x->gap < 0)
		return fault_all(x->fault, "address string too short");
	memmove(x->bytes + (size_t)x->gap + missing, x->bytes + x->gap,
	    x->at - (size_t)x->gap);
	memset(x->bytes + x->gap, 0, missing);
	return true;
}

static bool
parse_six(struct kg_slice s, unsigned char out[16], struct fault *f)
{
	struct six x = { .rest = s, .gap = -1, .fault = f };

	if (slice_starts(s, SLICE("::"))) {
		x.gap = 0;
		x.rest = slice_from(s, 2);
		x.done = x.rest.len == 0;
	}
	while (!x.done && x.at < 16) {
		if (!take_field(&x))
			return false;
	}
	if (x.rest.len > 0)
		return fault_set(f, "trailing garbage after address", x.rest);
	if (!fill_gap(&x))
		return false;
	memcpy(out, x.bytes, 16);
	return true;
}

/* --- Both --- */

/* As netip.ParseAddr, which takes zones. */
static bool
parse_any(struct kg_slice s, struct ip *out, bool *zone, struct fault *f)
{
	const size_t percent = slice_find(s, '%');
	const size_t dot = slice_find(s, '.'), colon = slice_find(s, ':');

	*out = (struct ip){ .six = false };
	*zone = false;
	if (dot < colon && dot < percent)
		return parse_four(s, out->bytes, f);
	if (percent < colon)
		return fault_all(f, "missing IPv6 address");
	if (colon == s.len)
		return fault_all(f, "unable to parse IP");
	out->six = true;
	*zone = percent < s.len;
	if (percent + 1 == s.len)
		return fault_all(f, "zone must be a non-empty string");
	return parse_six(slice_upto(s, percent), out->bytes, f);
}

static bool
is_mapped(const struct ip *ip)
{
	static const unsigned char prefix[12] = { [10] = 0xff, [11] = 0xff };

	return ip->six && memcmp(ip->bytes, prefix, 12) == 0;
}

static void
put_fault(struct buf *error, struct kg_slice text, const struct fault *f)
{
	buf_puts(error, "ParseAddr(");
	buf_put_quoted(error, text);
	buf_printf(error, "): %s", f->what);
	if (f->at.ptr != NULL) {
		buf_puts(error, " (at ");
		buf_put_quoted(error, f->at);
		buf_puts(error, ")");
	}
}

bool
ip_parse_any(struct kg_slice text, struct ip *out, struct buf *error)
{
	struct fault f = { 0 };
	bool zone;

	if (parse_any(text, out, &zone, &f))
		return true;
	if (error != NULL)
		put_fault(error, text, &f);
	return false;
}

/* before "text" after */
static bool
refuse(struct buf *error, const char *before, struct kg_slice text,
    const char *after)
{
	if (error == NULL)
		return false;
	buf_puts(error, before);
	buf_put_quoted(error, text);
	buf_puts(error, after);
	return false;
}

bool
ip_parse(struct kg_slice text, struct ip *out, struct buf *error)
{
	struct fault f = { 0 };
	bool zone;

	if (!parse_any(text, out, &zone, &f)) {
		(void)refuse(error, "IP Address ", text,
		    " parse error during conversion from string: ");
		if (error != NULL)
			put_fault(error, text, &f);
		return false;
	}
	if (zone)
		return refuse(error, "IP address ", text,
		    " with zone value is not allowed");
	if (is_mapped(out))
		return refuse(error, "IPv4-mapped IPv6 address ", text,
		    " is not allowed");
	return true;
}

/* Digits without a leading zero; false: no number of 64 bits. */
static bool
parse_bits(struct kg_slice text, unsigned *out)
{
	if (text.len == 0 || text.len > 18 ||
	    (text.len > 1 && text.ptr[0] == '0'))
		return false;
	*out = 0;
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] < '0' || text.ptr[i] > '9')
			return false;
		if (*out < 1000) /* more is out of range anyway */
			*out = *out * 10 + (unsigned)(text.ptr[i] - '0');
	}
	return true;
}

#define PREFIX_ERROR \
	"network address parse error during conversion from string: "

static bool
refuse_prefix(struct buf *error, struct kg_slice text, const char *what)
{
	return refuse(
	    error, PREFIX_ERROR PREFIX_ERROR "netip.ParsePrefix(", text, what);
}

/* The slash is there; what stands around it is read. */
static bool
parse_parts(
    struct kg_slice text, size_t slash, struct cidr *out, struct buf *error)
{
	const struct kg_slice address = slice_upto(text, slash);
	const struct kg_slice bits = slice_from(text, slash + 1);
	struct fault f = { 0 };
	bool zone;

	if (!parse_any(address, &out->ip, &zone, &f)) {
		(void)refuse_prefix(error, text, "): ");
		if (error != NULL)
			put_fault(error, address, &f);
		return false;
	}
	if (zone)
		return refuse_prefix(
		    error, text, "): IPv6 zones cannot be present in a prefix");
	if (!parse_bits(bits, &out->bits)) {
		(void)refuse_prefix(error, text, "): bad bits after slash: ");
		return refuse(error, "", bits, "");
	}
	if (out->bits > (out->ip.six ? 128u : 32u))
		return refuse_prefix(
		    error, text, "): prefix length out of range");
	return true;
}

bool
cidr_parse(struct kg_slice text, struct cidr *out, struct buf *error)
{
	size_t slash = text.len;

	*out = (struct cidr){ .bits = 0 };
	while (slash > 0 && text.ptr[slash - 1] != '/')
		slash--;
	if (slash == 0)
		return refuse_prefix(error, text, "): no '/'");
	if (!parse_parts(text, slash - 1, out, error))
		return false;
	if (is_mapped(&out->ip))
		return refuse(error, PREFIX_ERROR "IPv4-mapped IPv6 address ",
		    text, " is not allowed");
	return true;
}

/* --- Writing --- */

static unsigned
field_at(const struct ip *ip, unsigned i)
{
	return (unsigned)ip->bytes[2 * i] << 8 | ip->bytes[2 * i + 1];
}

/* The longest run of two or more zero fields, the first of equals. */
static void
longest_zeros(const struct ip *ip, unsigned *start, unsigned *end)
{
	*start = *end = 8;
	for (unsigned i = 0; i < 8; i++) {
		unsigned j = i;

		while (j < 8 && field_at(ip, j) == 0)
			j++;
		if (j - i >= 2 && j - i > *end - *start) {
			*start = i;
			*end = j;
		}
	}
}

void
ip_put(struct buf *out, const struct ip *ip)
{
	unsigned start, end;

	if (!ip->six) {
		buf_printf(out, "%u.%u.%u.%u", ip->bytes[0], ip->bytes[1],
		    ip->bytes[2], ip->bytes[3]);
		return;
	}
	longest_zeros(ip, &start, &end);
	for (unsigned i = 0; i < 8; i++) {
		if (i == start) {
			buf_puts(out, "::");
			i = end;
			if (i == 8)
				break;
		} else if (i > 0) {
			buf_putc(out, ':');
		}
		buf_printf(out, "%x", field_at(ip, i));
	}
}

void
cidr_put(struct buf *out, const struct cidr *c)
{
	ip_put(out, &c->ip);
	buf_printf(out, "/%u", c->bits);
}

/* --- Questions --- */

bool
ip_equal(const struct ip *a, const struct ip *b)
{
	return a->six == b->six && memcmp(a->bytes, b->bytes, 16) == 0;
}

bool
ip_is_unspecified(const struct ip *ip)
{
	static const unsigned char zeros[16] = { 0 };

	return memcmp(ip->bytes, zeros, 16) == 0;
}

bool
ip_is_loopback(const struct ip *ip)
{
	static const unsigned char one[16] = { [15] = 1 };

	return ip->six ? memcmp(ip->bytes, one, 16) == 0 : ip->bytes[0] == 127;
}

bool
ip_is_link_local_multicast(const struct ip *ip)
{
	if (ip->six)
		return ip->bytes[0] == 0xff && (ip->bytes[1] & 0x0f) == 0x02;
	return ip->bytes[0] == 224 && ip->bytes[1] == 0 && ip->bytes[2] == 0;
}

bool
ip_is_link_local_unicast(const struct ip *ip)
{
	if (ip->six)
		return ip->bytes[0] == 0xfe && (ip->bytes[1] & 0xc0) == 0x80;
	return ip->bytes[0] == 169 && ip->bytes[1] == 254;
}

static bool
is_multicast(const struct ip *ip)
{
	return ip->six ? ip->bytes[0] == 0xff : (ip->bytes[0] & 0xf0) == 0xe0;
}

bool
ip_is_global_unicast(const struct ip *ip)
{
	static const unsigned char broadcast[4] = { 255, 255, 255, 255 };

	return (ip->six || memcmp(ip->bytes, broadcast, 4) != 0) &&
	    !ip_is_unspecified(ip) && !ip_is_loopback(ip) &&
	    !is_multicast(ip) && !ip_is_link_local_unicast(ip);
}

static bool
same_prefix(const struct ip *a, const struct ip *b, unsigned bits)
{
	const unsigned whole = bits / 8, rest = bits % 8;

	if (a->six != b->six || memcmp(a->bytes, b->bytes, whole) != 0)
		return false;
	return rest == 0 ||
	    ((a->bytes[whole] ^ b->bytes[whole]) >> (8 - rest)) == 0;
}

bool
cidr_contains_ip(const struct cidr *c, const struct ip *ip)
{
	return same_prefix(&c->ip, ip, c->bits);
}

bool
cidr_contains(const struct cidr *c, const struct cidr *inner)
{
	return c->bits <= inner->bits &&
	    same_prefix(&c->ip, &inner->ip, c->bits);
}

struct cidr
cidr_masked(const struct cidr *c)
{
	struct cidr out = *c;

	for (unsigned i = 0; i < 16; i++) {
		if (i * 8 >= c->bits)
			out.ip.bytes[i] = 0;
		else if (i * 8 + 8 > c->bits)
			out.ip.bytes[i] &=
			    (unsigned char)(0xff00u >> (c->bits - i * 8));
	}
	return out;
}
