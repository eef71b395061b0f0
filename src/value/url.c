/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A URL is read twice, because Kubernetes does: as the URI of a request,
 * which decides whether it is one, and as a reference with a fragment.
 */
#include "value/url.h"

#include "base/ascii.h"
#include "base/limits.h"
#include "value/ip.h"
#include "value/url_escape.h"

struct parser {
	struct arena *arena;
	struct url *url;
	struct buf *error; /* NULL: not wanted */
	bool request;      /* as ParseRequestURI */
};

static bool
refuse(struct parser *p, const char *before, struct kg_slice quoted,
    const char *after)
{
	if (p->error == NULL)
		return false;
	buf_puts(p->error, before);
	if (quoted.ptr != NULL)
		buf_put_quoted(p->error, quoted);
	buf_puts(p->error, after);
	return false;
}

static bool
refuse_what(struct parser *p, const char *what)
{
	return refuse(p, what, slice_of(NULL, 0), "");
}

static bool
unescape(struct parser *p, struct kg_slice text, enum url_part part,
    struct kg_slice *out)
{
	struct url_fault f;

	if (url_unescape(p->arena, text, part, out, &f))
		return true;
	return f.before != NULL && refuse(p, f.before, f.text, f.after);
}

static size_t
find_last(struct kg_slice s, char c)
{
	for (size_t i = s.len; i > 0; i--) {
		if (s.ptr[i - 1] == c)
			return i - 1;
	}
	return s.len;
}

/* --- Authority --- */

static bool
port_ok(struct kg_slice port)
{
	if (port.len == 0)
		return true;
	if (port.ptr[0] != ':')
		return false;
	for (size_t i = 1; i < port.len; i++) {
		if (port.ptr[i] < '0' || port.ptr[i] > '9')
			return false;
	}
	return true;
}

/* Between the brackets: an address, perhaps with a zone after %25. */
static bool
unescape_literal(struct parser *p, struct kg_slice name, struct kg_slice *out)
{
	struct kg_slice address = name, zone = slice_of(NULL, 0);
	size_t at = 0;

	while (at + 3 <= name.len && memcmp(name.ptr + at, "%25", 3) != 0)
		at++;
	if (at + 3 <= name.len) {
		address = slice_upto(name, at);
		zone = slice_from(name, at);
	}
	if (!unescape(p, address, URL_HOST, &address) ||
	    !unescape(p, zone, URL_ZONE, &zone))
		return false;
	*out = arena_printf(
	    p->arena, "%.*s%.*s", SLICE_ARG(address), SLICE_ARG(zone));
	return out->ptr != NULL;
}

/* An IPv6 address, perhaps with a zone. */
static bool
check_literal(struct parser *p, struct kg_slice text)
{
	struct buf why;
	struct ip ip;

	buf_init(&why, p->arena, CEL_TEXT_MAX);
	buf_puts(&why, "invalid host: ");
	if (!ip_parse_any(text, &ip, &why)) {
		if (p->error != NULL)
			buf_put(p->error, buf_slice(&why));
		return false;
	}
	return ip.six || refuse_what(p, "invalid IP-literal");
}

static bool
parse_literal(struct parser *p, struct kg_slice host)
{
	const size_t close = find_last(host, ']');
	struct kg_slice port, name;

	if (close == host.len)
		return refuse_what(p, "missing ']' in host");
	port = slice_from(host, close + 1);
	if (!port_ok(port))
		return refuse(p, "invalid port ", port, " after host");
	if (!unescape_literal(p, slice_of(host.ptr + 1, close - 1), &name) ||
	    !check_literal(p, name))
		return false;
	p->url->host = arena_printf(
	    p->arena, "[%.*s]%.*s", SLICE_ARG(name), SLICE_ARG(port));
	return p->url->host.ptr != NULL;
}

static bool
parse_host(struct parser *p, struct kg_slice host)
{
	const size_t open = find_last(host, '[');
	size_t colon = slice_find(host, ':');
	struct kg_slice port;

	if (open == 0 && host.len > 0)
		return parse_literal(p, host);
	if (open < host.len)
		return refuse_what(p, "invalid IP-literal");
	/* Some databases list several hosts; the web does not. */
	if (!slice_is(p->url->scheme, "http") &&
	    !slice_is(p->url->scheme, "https"))
		colon = find_last(host, ':');
	port = slice_from(host, colon);
	if (!port_ok(port))
		return refuse(p, "invalid port ", port, " after host");
	return unescape(p, host, URL_HOST, &p->url->host);
}

static bool
user_ok(struct kg_slice user)
{
	for (size_t i = 0; i < user.len; i++) {
		const unsigned char c = (unsigned char)user.ptr[i];

		if (url_should_escape(c, URL_USER) &&
		    (c == '\0' || strchr(":!'()*%@", c) == NULL))
			return false;
	}
	return true;
}

/* user or user:password, each escaped anew. */
static bool
parse_user(struct parser *p, struct kg_slice text)
{
	struct kg_slice rest = text, name = slice_cut(&rest, ':');
	const bool password = rest.ptr != NULL || name.len < text.len;
	struct buf b;

	if (!user_ok(text))
		return refuse_what(p, "net/url: invalid userinfo");
	if (!unescape(p, name, URL_USER, &name) ||
	    !unescape(p, rest, URL_USER, &rest))
		return false;
	buf_init(&b, p->arena, CEL_TEXT_MAX);
	url_escape(&b, name, URL_USER);
	if (password) {
		buf_putc(&b, ':');
		url_escape(&b, rest, URL_USER);
	}
	p->url->has_user = true;
	p->url->user = buf_slice(&b);
	return !buf_failed(&b);
}

static bool
parse_authority(struct parser *p, struct kg_slice text)
{
	const size_t at = find_last(text, '@');

	if (at == text.len)
		return parse_host(p, text);
	return parse_host(p, slice_from(text, at + 1)) &&
	    parse_user(p, slice_upto(text, at));
}

/* --- The whole --- */

/* Letters, digits + - . up to a colon; false: the colon comes first. */
static bool
parse_scheme(struct parser *p, struct kg_slice *rest)
{
	struct buf b;

	for (size_t i = 0; i < rest->len; i++) {
		const char c = rest->ptr[i];
		const bool letter = ascii_lower(c) || ascii_upper(c);

		if (letter ||
		    (i > 0 &&
			(ascii_digit(c) || c == '+' || c == '-' || c == '.')))
			continue;
		if (c != ':')
			return true;
		if (i == 0)
			return refuse_what(p, "missing protocol scheme");
		buf_init(&b, p->arena, CEL_TEXT_MAX);
		for (size_t k = 0; k < i; k++)
			buf_putc(&b, ascii_to_lower(rest->ptr[k]));
		p->url->scheme = buf_slice(&b);
		*rest = slice_from(*rest, i + 1);
		return !buf_failed(&b);
	}
	return true;
}

static void
parse_query(struct parser *p, struct kg_slice *rest)
{
	const size_t mark = slice_find(*rest, '?');

	p->url->force_query = mark + 1 == rest->len;
	p->url->raw_query = slice_from(*rest, mark + 1);
	*rest = slice_upto(*rest, mark);
}

static bool
parse_path(struct parser *p, struct kg_slice text)
{
	p->url->raw_path = text;
	return unescape(p, text, URL_PATH, &p->url->path);
}

/* What follows scheme and query have been cut from. */
static bool
parse_rest(struct parser *p, struct kg_slice rest)
{
	const bool scheme = p->url->scheme.len > 0;
	const bool slash = slice_starts(rest, SLICE("/"));
	struct kg_slice authority;
	size_t end;

	if (!slash && scheme) {
		p->url->opaque = rest;
		return true;
	}
	if (!slash && p->request)
		return refuse_what(p, "invalid URI for request");
	if (!slice_starts(rest, SLICE("//")) ||
	    (!scheme && (p->request || slice_starts(rest, SLICE("///"))))) {
		p->url->omit_host = scheme && slash;
		return parse_path(p, rest);
	}
	authority = slice_from(rest, 2);
	end = slice_find(authority, '/');
	rest = slice_from(authority, end);
	return parse_authority(p, slice_upto(authority, end)) &&
	    parse_path(p, rest);
}

static bool
parse_once(struct parser *p, struct kg_slice text)
{
	*p->url = (struct url){ 0 };
	for (size_t i = 0; i < text.len; i++) {
		if ((unsigned char)text.ptr[i] < ' ' || text.ptr[i] == 0x7f)
			return refuse_what(
			    p, "net/url: invalid control character in URL");
	}
	if (text.len == 0 && p->request)
		return refuse_what(p, "empty url");
	if (slice_is(text, "*")) {
		p->url->path = text;
		return true;
	}
	if (!parse_scheme(p, &text))
		return false;
	parse_query(p, &text);
	return parse_rest(p, text);
}

static bool
parse_named(struct parser *p, struct kg_slice text)
{
	struct buf *error = p->error;

	if (error != NULL) {
		buf_puts(error, "parse ");
		buf_put_quoted(error, text);
		buf_puts(error, ": ");
	}
	return parse_once(p, text);
}

/* The message is built apart: the caller's text gets it on failure alone. */
static bool
parse_as(struct parser *p, struct kg_slice text, struct buf *error)
{
	struct buf message;
	bool ok;

	buf_init(&message, p->arena, CEL_TEXT_MAX);
	p->error = error == NULL ? NULL : &message;
	ok = parse_named(p, text);
	if (!ok && error != NULL)
		buf_put(error, buf_slice(&message));
	p->error = error;
	return ok;
}

bool
url_check_request(
    struct arena *a, struct kg_slice text, struct url *out, struct buf *error)
{
	struct parser p = { a, out, error, true };

	return parse_as(&p, text, error);
}

bool
url_parse(
    struct arena *a, struct kg_slice text, struct url *out, struct buf *error)
{
	const struct kg_slice before = slice_upto(text, slice_find(text, '#'));
	struct parser p = { a, out, error, false };

	if (!url_check_request(a, text, out, error) ||
	    !parse_as(&p, before, error))
		return false;
	out->raw_fragment = slice_from(text, before.len + 1);
	return unescape(&p, out->raw_fragment, URL_FRAGMENT, &out->fragment);
}

/* --- Its parts --- */

static size_t
port_at(const struct url *u)
{
	const size_t colon = find_last(u->host, ':');

	return port_ok(slice_from(u->host, colon)) ? colon : u->host.len;
}

struct kg_slice
url_hostname(const struct url *u)
{
	const struct kg_slice host = slice_upto(u->host, port_at(u));

	if (host.len >= 2 && host.ptr[0] == '[' &&
	    host.ptr[host.len - 1] == ']')
		return slice_of(host.ptr + 1, host.len - 2);
	return host;
}

struct kg_slice
url_port(const struct url *u)
{
	return slice_from(u->host, port_at(u) + 1);
}

/* Is the text as it was written a good escaped form? */
static bool
is_escaped(struct kg_slice raw, enum url_part part)
{
	for (size_t i = 0; i < raw.len; i++) {
		const unsigned char c = (unsigned char)raw.ptr[i];

		if (url_should_escape(c, part) &&
		    (c == '\0' || strchr("!$&'()*+,;=:@[]%", c) == NULL))
			return false;
	}
	return true;
}

void
url_put_escaped_path(struct buf *out, const struct url *u)
{
	if (u->raw_path.len > 0 && is_escaped(u->raw_path, URL_PATH))
		buf_put(out, u->raw_path);
	else if (slice_is(u->path, "*"))
		buf_putc(out, '*');
	else
		url_escape(out, u->path, URL_PATH);
}

static void
put_authority(struct buf *out, const struct url *u)
{
	if (u->omit_host && u->host.len == 0 && !u->has_user)
		return;
	if (u->host.len > 0 || u->path.len > 0 || u->has_user)
		buf_puts(out, "//");
	if (u->has_user) {
		buf_put(out, u->user);
		buf_putc(out, '@');
	}
	url_escape(out, u->host, URL_HOST);
}

void
url_put(struct buf *out, const struct url *u)
{
	if (u->scheme.len > 0) {
		buf_put(out, u->scheme);
		buf_putc(out, ':');
	}
	if (u->opaque.len > 0) {
		buf_put(out, u->opaque);
	} else {
		if (u->scheme.len > 0 || u->host.len > 0 || u->has_user)
			put_authority(out, u);
		if (u->path.len > 0 && u->path.ptr[0] != '/' && u->host.len > 0)
			buf_putc(out, '/');
		url_put_escaped_path(out, u);
	}
	if (u->force_query || u->raw_query.len > 0) {
		buf_putc(out, '?');
		buf_put(out, u->raw_query);
	}
	if (u->fragment.len > 0) {
		buf_putc(out, '#');
		if (is_escaped(u->raw_fragment, URL_FRAGMENT))
			buf_put(out, u->raw_fragment);
		else
			url_escape(out, u->fragment, URL_FRAGMENT);
	}
}

bool
url_next_param(struct arena *a, struct kg_slice *rest, struct kg_slice *name,
    struct kg_slice *value)
{
	struct url_fault f;

	while (rest->len > 0) {
		*value = slice_cut(rest, '&');
		if (value->len == 0 || slice_find(*value, ';') < value->len)
			continue;
		*name = slice_cut(value, '=');
		if (url_unescape(a, *name, URL_QUERY, name, &f) &&
		    url_unescape(a, *value, URL_QUERY, value, &f))
			return true;
	}
	return false;
}
