/* SPDX-License-Identifier: Apache-2.0 */
/* One function a state; each takes the byte that ends a run, or is none. */
#include "server/head.h"

#include "base/ascii.h"

static const struct {
	struct kg_slice name;
	enum head_field field;
} fields[] = {
	{ SLICE_INIT("content-length"), FIELD_LENGTH },
	{ SLICE_INIT("transfer-encoding"), FIELD_ENCODING },
	{ SLICE_INIT("host"), FIELD_HOST },
};

static const char bad_line[] = "a line ends with CR LF\n";
static const char one_length[] =
    "exactly one Content-Length, in digits, is taken\n";

static void
bad(struct head *h, const char *why)
{
	if (h->why != NULL)
		return;
	h->why = why;
	h->wrong = h->begun;
}

/* tchar of RFC 9110: letters, digits and !#$%&'*+-.^_`|~; a bit each. */
static bool
is_token(unsigned char c)
{
	static const uint64_t sets[4] = { 0x03ff6cfa00000000,
		0x57ffffffc7fffffe };

	return (sets[c >> 6] >> (c & 63) & 1) != 0;
}

static bool
is_path(unsigned char c)
{
	return c > ' ' && c < 0x7f;
}

static bool
is_text(unsigned char c)
{
	return (c >= ' ' && c != 0x7f) || c == '\t';
}

/* --- The request line --- */

static void
begin(struct head *h, unsigned char c)
{
	h->begun++;
	h->lengths = h->encodings = h->hosts = 0;
	h->length = 0;
	h->at = 0;
	h->state = HEAD_METHOD;
	if (!is_token(c))
		bad(h, "a request begins with a method\n");
}

static void
take_method(struct head *h, unsigned char c)
{
	if (c != ' ')
		bad(h, "no method\n");
	h->state = HEAD_TARGET;
	h->at = 0;
}

static void
take_target(struct head *h, unsigned char c)
{
	if (h->at == 0) {
		if (c != '/')
			bad(h, "the target is a path\n");
		h->at = 1;
		return;
	}
	if (c != ' ')
		bad(h, "no byte for a path\n");
	h->state = HEAD_VERSION;
	h->at = 0;
}

static void
take_version(struct head *h, unsigned char c)
{
	static const char want[] = "HTTP/1.";

	if (h->at < sizeof(want) - 1) {
		if (c != (unsigned char)want[h->at])
			bad(h, "HTTP/1.1 is spoken here\n");
	} else if (h->at == sizeof(want) - 1) {
		h->is_10 = c == '0';
		if (c != '0' && c != '1')
			bad(h, "HTTP/1.1 is spoken here\n");
	} else if (c == '\r') {
		h->state = HEAD_LINE_LF;
	} else {
		bad(h, bad_line);
	}
	h->at++;
}

/* --- Header lines --- */

static enum head_field
find_field(const struct head *h)
{
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (slice_eq(slice_of(h->name, h->at), fields[i].name))
			return fields[i].field;
	}
	return FIELD_OTHER;
}

static void
add_to_name(struct head *h, unsigned char c)
{
	if (h->at < HEAD_NAME_MAX)
		h->name[h->at++] = ascii_to_lower((char)c);
}

static void
count(uint8_t *n)
{
	if (*n < UINT8_MAX)
		(*n)++;
}

static void
begin_value(struct head *h)
{
	h->field = find_field(h);
	h->state = HEAD_VALUE;
	h->at = 0;
	h->blank = false;
	if (h->field == FIELD_LENGTH)
		count(&h->lengths);
	else if (h->field == FIELD_ENCODING)
		count(&h->encodings);
	else if (h->field == FIELD_HOST)
		count(&h->hosts);
	if (h->lengths > 1)
		bad(h, one_length);
}

static void
take_name_start(struct head *h, unsigned char c)
{
	h->at = 0;
	h->state = HEAD_NAME;
	if (c == '\r')
		h->state = HEAD_END_LF;
	else if (c == ' ' || c == '\t')
		bad(h, "folded header lines are not taken\n");
	else if (c == '\n')
		bad(h, bad_line);
	else if (!is_token(c))
		bad(h, "no header name\n");
	else
		add_to_name(h, c);
}

static void
take_name(struct head *h, unsigned char c)
{
	if (c == ':')
		begin_value(h);
	else if (c == ' ' || c == '\t')
		bad(h, "a blank before the colon of a header\n");
	else
		bad(h, "no header name\n");
}

/* Digits, with blanks around them: one number and nothing else. */
static void
take_digit(struct head *h, unsigned char c)
{
	if (c == ' ' || c == '\t') {
		h->blank = h->at > 0;
		return;
	}
	if (c < '0' || c > '9' || h->blank || h->at == HEAD_LENGTH_DIGITS_MAX) {
		bad(h, one_length);
		return;
	}
	h->length = h->length * 10 + (uint64_t)(c - '0');
	h->at++;
}

static void
take_value(struct head *h, unsigned char c)
{
	if (c == '\r')
		h->state = HEAD_VALUE_LF;
	else if (c == '\n')
		bad(h, bad_line);
	else if (!is_text(c))
		bad(h, "a control character in a header\n");
	else if (h->field == FIELD_LENGTH)
		take_digit(h, c);
}

static void
take_lf(struct head *h, unsigned char c)
{
	if (c != '\n')
		bad(h, bad_line);
	if (h->state == HEAD_VALUE_LF && h->field == FIELD_LENGTH && h->at == 0)
		bad(h, one_length);
	h->state = HEAD_NAME_START;
}

/* --- The end of a head --- */

static void
end(struct head *h, unsigned char c)
{
	if (c != '\n')
		bad(h, bad_line);
	if (h->encodings > 0)
		bad(h,
		    "Transfer-Encoding is not taken: send a "
		    "Content-Length\n");
	if (h->hosts > 1 || (h->hosts == 0 && !h->is_10))
		bad(h, "exactly one Host is taken\n");
	h->ended++;
	h->state = h->length > 0 ? HEAD_BODY : HEAD_START;
}

static void
take(struct head *h, unsigned char c)
{
	switch (h->state) {
	case HEAD_START:
		begin(h, c);
		break;
	case HEAD_METHOD:
		take_method(h, c);
		break;
	case HEAD_TARGET:
		take_target(h, c);
		break;
	case HEAD_VERSION:
		take_version(h, c);
		break;
	case HEAD_NAME_START:
		take_name_start(h, c);
		break;
	case HEAD_NAME:
		take_name(h, c);
		break;
	case HEAD_VALUE:
		take_value(h, c);
		break;
	case HEAD_LINE_LF:
	case HEAD_VALUE_LF:
		take_lf(h, c);
		break;
	case HEAD_END_LF:
		end(h, c);
		break;
	case HEAD_BODY:
		break;
	}
}

/* Gives what follows the part of the body that is there. */
static const char *
skip_body(struct head *h, const char *p, const char *end)
{
	const size_t len = (size_t)(end - p);
	const size_t n = h->length < len ? (size_t)h->length : len;

	h->length -= n;
	if (h->length == 0)
		h->state = HEAD_START;
	return p + n;
}

/* Goes over the bytes that only continue what has begun. */
static const char *
run(struct head *h, const char *p, const char *end)
{
	switch (h->state) {
	case HEAD_METHOD:
		while (p < end && is_token((unsigned char)*p))
			p++;
		break;
	case HEAD_TARGET:
		while (h->at > 0 && p < end && is_path((unsigned char)*p))
			p++;
		break;
	case HEAD_NAME:
		while (p < end && is_token((unsigned char)*p))
			add_to_name(h, (unsigned char)*p++);
		break;
	case HEAD_VALUE:
		while (h->field != FIELD_LENGTH && p < end &&
		    is_text((unsigned char)*p))
			p++;
		break;
	case HEAD_BODY:
		return skip_body(h, p, end);
	case HEAD_START:
	case HEAD_VERSION:
	case HEAD_NAME_START:
	case HEAD_LINE_LF:
	case HEAD_VALUE_LF:
	case HEAD_END_LF:
		break;
	}
	return p;
}

void
head_feed(struct head *h, const char *data, size_t len)
{
	const char *end = data + len;

	while (data < end && h->why == NULL) {
		data = run(h, data, end);
		if (data < end)
			take(h, (unsigned char)*data++);
	}
}
