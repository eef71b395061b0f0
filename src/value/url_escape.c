/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 3986 with Go's habits: which character needs no escape where. */
#include "value/url_escape.h"

#include "base/ascii.h"

static bool
is_one_of(unsigned char c, const char *set)
{
	return c != 0 && strchr(set, c) != NULL;
}

bool
url_should_escape(unsigned char c, enum url_part part)
{
	if (ascii_alnum((char)c) || is_one_of(c, "-_.~"))
		return false;
	switch (part) {
	case URL_PATH:
		return !is_one_of(c, "$&+,/:;=@");
	case URL_USER:
		return !is_one_of(c, "$&+,;=");
	case URL_HOST:
	case URL_ZONE:
		return !is_one_of(c, "!$&'()*+,;=:[]<>\"");
	case URL_QUERY:
		return true;
	case URL_FRAGMENT:
		return !is_one_of(c, "$&+,/:;=?@!()*");
	}
	return true;
}

static bool
bad_escape(struct url_fault *f, struct kg_slice text, size_t at)
{
	*f = (struct url_fault){ "invalid URL escape ",
		slice_upto(slice_from(text, at), 3), "" };
	return false;
}

/* The escape at a percent sign; *byte is what it stands for. */
static bool
check_escape(struct kg_slice s, size_t at, enum url_part part, unsigned *byte,
    struct url_fault *f)
{
	int high, low;

	if (s.len - at < 3)
		return bad_escape(f, s, at);
	high = ascii_hex(s.ptr[at + 1]);
	low = ascii_hex(s.ptr[at + 2]);
	if (high < 0 || low < 0)
		return bad_escape(f, s, at);
	*byte = (unsigned)(high << 4 | low);
	/* A host may escape what is not ASCII, and the sign of a zone. */
	if (part == URL_HOST && high < 8 && *byte != '%')
		return bad_escape(f, s, at);
	if (part == URL_ZONE && *byte != '%' && *byte != ' ' &&
	    url_should_escape((unsigned char)*byte, URL_HOST))
		return bad_escape(f, s, at);
	return true;
}

static bool
check_plain(unsigned char c, struct kg_slice s, size_t at, enum url_part part,
    struct url_fault *f)
{
	if ((part != URL_HOST && part != URL_ZONE) || c >= 0x80 ||
	    !url_should_escape(c, part))
		return true;
	*f = (struct url_fault){ "invalid character ", slice_of(s.ptr + at, 1),
		" in host name" };
	return false;
}

bool
url_unescape(struct arena *a, struct kg_slice text, enum url_part part,
    struct kg_slice *out, struct url_fault *fault)
{
	size_t n = 0;
	char *p;

	*fault = (struct url_fault){ 0 };
	*out = text;
	if (text.len == 0)
		return true;
	p = arena_array(a, text.len, 1);
	if (p == NULL)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		unsigned byte = (unsigned char)text.ptr[i];

		if (byte == '%') {
			if (!check_escape(text, i, part, &byte, fault))
				return false;
			i += 2;
		} else if (byte == '+' && part == URL_QUERY) {
			byte = ' ';
		} else if (!check_plain(
			       (unsigned char)byte, text, i, part, fault)) {
			return false;
		}
		p[n++] = (char)byte;
	}
	*out = slice_of(p, n);
	return true;
}

void
url_escape(struct buf *out, struct kg_slice text, enum url_part part)
{
	for (size_t i = 0; i < text.len; i++) {
		const unsigned char c = (unsigned char)text.ptr[i];

		if (url_should_escape(c, part))
			buf_printf(out, "%%%02X", c);
		else
			buf_putc(out, (char)c);
	}
}
