/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses, ranges and URLs: what Go answers, message by message. */
#include "unit/answers.h"
#include "value/ip.h"
#include "value/url.h"

/* clang-format off */
static const struct question addresses[] = {
	{ "ip 10.1.2.3",
	  "10.1.2.3 00001" },
	{ "ip 0.0.0.0",
	  "0.0.0.0 10000" },
	{ "ip 127.1.2.3",
	  "127.1.2.3 01000" },
	{ "ip 224.0.0.251",
	  "224.0.0.251 00100" },
	{ "ip 224.0.1.1",
	  "224.0.1.1 00000" },
	{ "ip 169.254.0.9",
	  "169.254.0.9 00010" },
	{ "ip 255.255.255.255",
	  "255.255.255.255 00000" },
	{ "ip ::",
	  ":: 10000" },
	{ "ip ::1",
	  "::1 01000" },
	{ "ip fe80::1:0",
	  "fe80::1:0 00010" },
	{ "ip ff02::fb",
	  "ff02::fb 00100" },
	{ "ip ff05::2",
	  "ff05::2 00000" },
	{ "ip 2001:DB8::A:0:0:1",
	  "2001:db8::a:0:0:1 00001" },
	{ "ip 1:0:0:2:0:0:0:3",
	  "1:0:0:2::3 00001" },
	{ "ip 64:ff9b::10.0.0.1",
	  "64:ff9b::a00:1 00001" },
	{ "ip 1:2:3:4:5:6:7:8",
	  "1:2:3:4:5:6:7:8 00001" },
	{ "ip ",
	  "E IP Address \"\" parse error during conversion from string: ParseAddr(\"\"): unable to parse IP" },
	{ "ip 10.1.2",
	  "E IP Address \"10.1.2\" parse error during conversion from string: ParseAddr(\"10.1.2\"): IPv4 address too short" },
	{ "ip 10.1.2.3.4",
	  "E IP Address \"10.1.2.3.4\" parse error during conversion from string: ParseAddr(\"10.1.2.3.4\"): IPv4 address too long" },
	{ "ip 10.1.2.300",
	  "E IP Address \"10.1.2.300\" parse error during conversion from string: ParseAddr(\"10.1.2.300\"): IPv4 field has value >255" },
	{ "ip 10.01.2.3",
	  "E IP Address \"10.01.2.3\" parse error during conversion from string: ParseAddr(\"10.01.2.3\"): IPv4 field has octet with leading zero" },
	{ "ip 10..2.3",
	  "E IP Address \"10..2.3\" parse error during conversion from string: ParseAddr(\"10..2.3\"): IPv4 field must have at least one digit (at \".2.3\")" },
	{ "ip 10.1.2.x",
	  "E IP Address \"10.1.2.x\" parse error during conversion from string: ParseAddr(\"10.1.2.x\"): unexpected character (at \"x\")" },
	{ "ip abc",
	  "E IP Address \"abc\" parse error during conversion from string: ParseAddr(\"abc\"): unable to parse IP" },
	{ "ip fe80::1%eth0",
	  "E IP address \"fe80::1%eth0\" with zone value is not allowed" },
	{ "ip fe80::%",
	  "E IP Address \"fe80::%\" parse error during conversion from string: ParseAddr(\"fe80::%\"): zone must be a non-empty string" },
	{ "ip %eth0",
	  "E IP Address \"%eth0\" parse error during conversion from string: ParseAddr(\"%eth0\"): missing IPv6 address" },
	{ "ip ::ffff:10.1.2.3",
	  "E IPv4-mapped IPv6 address \"::ffff:10.1.2.3\" is not allowed" },
	{ "ip 1::2::3",
	  "E IP Address \"1::2::3\" parse error during conversion from string: ParseAddr(\"1::2::3\"): multiple :: in address (at \":3\")" },
	{ "ip 1:2",
	  "E IP Address \"1:2\" parse error during conversion from string: ParseAddr(\"1:2\"): address string too short" },
	{ "ip 12345::",
	  "E IP Address \"12345::\" parse error during conversion from string: ParseAddr(\"12345::\"): each group must have 4 or less digits (at \"12345::\")" },
	{ "ip ::1:",
	  "E IP Address \"::1:\" parse error during conversion from string: ParseAddr(\"::1:\"): colon must be followed by more characters (at \":\")" },
	{ "ip 1:2:3:4:5:6:7:8:9",
	  "E IP Address \"1:2:3:4:5:6:7:8:9\" parse error during conversion from string: ParseAddr(\"1:2:3:4:5:6:7:8:9\"): trailing garbage after address (at \"9\")" },
	{ "ip 1:2:3:4:5:6:7::8",
	  "E IP Address \"1:2:3:4:5:6:7::8\" parse error during conversion from string: ParseAddr(\"1:2:3:4:5:6:7::8\"): the :: must expand to at least one field of zeros" },
	{ "ip ::g",
	  "E IP Address \"::g\" parse error during conversion from string: ParseAddr(\"::g\"): each colon-separated field must have at least one digit (at \"g\")" },
	{ "ip 1:2:10.0.0.1",
	  "E IP Address \"1:2:10.0.0.1\" parse error during conversion from string: ParseAddr(\"1:2:10.0.0.1\"): embedded IPv4 address must replace the final 2 fields of the address (at \"10.0.0.1\")" },
	{ "cidr 10.1.0.0/16 10.1.2.0/24",
	  "10.1.0.0/16 10.1.0.0/16 1 1" },
	{ "cidr 10.1.0.0/16 10.2.0.0/24",
	  "10.1.0.0/16 10.1.0.0/16 0 0" },
	{ "cidr 10.1.2.3/20 10.1.0.0/16",
	  "10.1.2.3/20 10.1.0.0/20 0 1" },
	{ "cidr 2001:db8::/32 2001:db8:1::/48",
	  "2001:db8::/32 2001:db8::/32 1 1" },
	{ "cidr ::/0 10.0.0.0/8",
	  "::/0 ::/0 0 0" },
	{ "cidr 2001:db8::ff/125 2001:db8::f9/128",
	  "2001:db8::ff/125 2001:db8::f8/125 1 1" },
	{ "cidr 10.0.0.0 10.0.0.0/8",
	  "E network address parse error during conversion from string: network address parse error during conversion from string: netip.ParsePrefix(\"10.0.0.0\"): no '/'" },
	{ "cidr 10.0.0.0/33 ::/0",
	  "E network address parse error during conversion from string: network address parse error during conversion from string: netip.ParsePrefix(\"10.0.0.0/33\"): prefix length out of range" },
	{ "cidr 10.0.0.0/08 ::/0",
	  "E network address parse error during conversion from string: network address parse error during conversion from string: netip.ParsePrefix(\"10.0.0.0/08\"): bad bits after slash: \"08\"" },
	{ "cidr 10.0.0.0/ ::/0",
	  "E network address parse error during conversion from string: network address parse error during conversion from string: netip.ParsePrefix(\"10.0.0.0/\"): bad bits after slash: \"\"" },
	{ "cidr 10.0.0/8 ::/0",
	  "E network address parse error during conversion from string: network address parse error during conversion from string: netip.ParsePrefix(\"10.0.0/8\"): ParseAddr(\"10.0.0\"): IPv4 address too short" },
	{ "cidr fe80::%a/64 ::/0",
	  "E network address parse error during conversion from string: network address parse error during conversion from string: netip.ParsePrefix(\"fe80::%a/64\"): IPv6 zones cannot be present in a prefix" },
	{ "cidr ::ffff:1.2.3.4/120 ::/0",
	  "E network address parse error during conversion from string: IPv4-mapped IPv6 address \"::ffff:1.2.3.4/120\" is not allowed" },
	{ "cidr ::/-1 ::/0",
	  "E network address parse error during conversion from string: network address parse error during conversion from string: netip.ParsePrefix(\"::/-1\"): bad bits after slash: \"-1\"" },
};

static const struct question urls[] = {
	{ "url https://example.com:8443/a/b?x=1&y=2&x=3#frag",
	  "https | example.com:8443 | example.com | 8443 | /a/b | https://example.com:8443/a/b?x=1&y=2&x=3#frag | x=1 y=2 x=3" },
	{ "url HTTP://user:p%40ss@Host/",
	  "http | Host | Host |  | / | http://user:p%40ss@Host/ |" },
	{ "url /only/path",
	  " |  |  |  | /only/path | /only/path |" },
	{ "url //a/b",
	  " | a | a |  | /b | //a/b |" },
	{ "url mailto:someone",
	  "mailto |  |  |  |  | mailto:someone |" },
	{ "url https://[2001:db8::1]:80/",
	  "https | [2001:db8::1]:80 | 2001:db8::1 | 80 | / | https://[2001:db8::1]:80/ |" },
	{ "url https://[fe80::1%25eth0]/",
	  "https | [fe80::1%eth0] | fe80::1%eth0 |  | / | https://[fe80::1%25eth0]/ |" },
	{ "url http://h/%2f%20%7E",
	  "http | h | h |  | /%2f%20%7E | http://h/%2f%20%7E |" },
	{ "url http://h/a b?q=a+b&c=%C3%A9&bad=%zz&d;e",
	  "http | h | h |  | /a%20b | http://h/a%20b?q=a+b&c=%C3%A9&bad=%zz&d;e | q=a b c=é" },
	{ "url http://h/é",
	  "http | h | h |  | /%C3%A9 | http://h/%C3%A9 |" },
	{ "url http://h?",
	  "http | h | h |  |  | http://h? |" },
	{ "url x:/a/b",
	  "x |  |  |  | /a/b | x:/a/b |" },
	{ "url http://h#a%20b!",
	  "E parse \"http://h#a%20b!\": invalid character \"#\" in host name" },
	{ "url http://h/[x]!$",
	  "http | h | h |  | /[x]!$ | http://h/[x]!$ |" },
	{ "url *",
	  " |  |  |  | * | * |" },
	{ "url ",
	  "E parse \"\": empty url" },
	{ "url ../rel",
	  "E parse \"../rel\": invalid URI for request" },
	{ "url http://a:b:c/",
	  "E parse \"http://a:b:c/\": invalid port \":b:c\" after host" },
	{ "url http://h:8x/",
	  "E parse \"http://h:8x/\": invalid port \":8x\" after host" },
	{ "url http://exa mple/",
	  "E parse \"http://exa mple/\": invalid character \" \" in host name" },
	{ "url http://%41/",
	  "E parse \"http://%41/\": invalid URL escape \"%41\"" },
	{ "url http://h/%",
	  "E parse \"http://h/%\": invalid URL escape \"%\"" },
	{ "url http://[::1",
	  "E parse \"http://[::1\": missing ']' in host" },
	{ "url http://[10.0.0.1]/",
	  "E parse \"http://[10.0.0.1]/\": invalid IP-literal" },
	{ "url http://x[::1]/",
	  "E parse \"http://x[::1]/\": invalid IP-literal" },
	{ "url :x",
	  "E parse \":x\": missing protocol scheme" },
	{ "url http://u{@h/",
	  "E parse \"http://u{@h/\": net/url: invalid userinfo" },
	{ "url /a\001" "b",
	  "E parse \"/a\\u0001b\": net/url: invalid control character in URL" },
};
/* clang-format on */

static void
answer_ip(struct kg_slice text, struct buf *out)
{
	struct buf error;
	struct ip ip;

	buf_init(&error, &arena, MIB);
	if (!ip_parse(text, &ip, &error)) {
		answer_error(out, &error);
		return;
	}
	ip_put(out, &ip);
	buf_printf(out, " %d%d%d%d%d", ip_is_unspecified(&ip),
	    ip_is_loopback(&ip), ip_is_link_local_multicast(&ip),
	    ip_is_link_local_unicast(&ip), ip_is_global_unicast(&ip));
}

/* Two ranges: the first, masked, holds the second, holds its address. */
static void
answer_cidr(struct kg_slice text, struct buf *out)
{
	const struct kg_slice first = slice_cut(&text, ' ');
	struct buf error;
	struct cidr c, d, masked;

	buf_init(&error, &arena, MIB);
	if (!cidr_parse(first, &c, &error) || !cidr_parse(text, &d, &error)) {
		answer_error(out, &error);
		return;
	}
	masked = cidr_masked(&c);
	cidr_put(out, &c);
	buf_putc(out, ' ');
	cidr_put(out, &masked);
	buf_printf(
	    out, " %d %d", cidr_contains(&c, &d), cidr_contains_ip(&c, &d.ip));
}

static void
answer_address(struct kg_slice kind, struct kg_slice args, struct buf *out)
{
	if (slice_is(kind, "ip"))
		answer_ip(args, out);
	else
		answer_cidr(args, out);
}

static void
put_part(struct buf *out, struct kg_slice part)
{
	buf_put(out, part);
	buf_puts(out, " | ");
}

/* scheme | host | hostname | port | path | whole | name=value ... */
static void
answer_url(struct kg_slice kind, struct kg_slice text, struct buf *out)
{
	struct kg_slice rest, name, value;
	struct buf error;
	struct url u;

	(void)kind;
	buf_init(&error, &arena, MIB);
	if (!url_parse(&arena, text, &u, &error)) {
		answer_error(out, &error);
		return;
	}
	put_part(out, u.scheme);
	put_part(out, u.host);
	put_part(out, url_hostname(&u));
	put_part(out, url_port(&u));
	url_put_escaped_path(out, &u);
	buf_puts(out, " | ");
	url_put(out, &u);
	buf_puts(out, " |");
	rest = u.raw_query;
	while (url_next_param(&arena, &rest, &name, &value)) {
		buf_putc(out, ' ');
		buf_put(out, name);
		buf_putc(out, '=');
		buf_put(out, value);
	}
}

static void
addresses_are_read_as_strictly_as_in_kubernetes(void **state)
{
	(void)state;
	check(addresses, ARRAY_LEN(addresses), answer_address);
}

static void
urls_are_taken_apart_as_in_go(void **state)
{
	(void)state;
	check(urls, ARRAY_LEN(urls), answer_url);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    addresses_are_read_as_strictly_as_in_kubernetes),
		cmocka_unit_test(urls_are_taken_apart_as_in_go),
	};

	return cmocka_run_group_tests(tests, unit_setup, unit_teardown);
}
