/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A strict reader of what comes over a connection: request heads as RFC 9112
 * has them and nothing that two readers could take in two ways, each with a
 * body of exactly Content-Length bytes. It keeps no text; it counts, and
 * remembers the first thing that was wrong. libmicrohttpd parses the same
 * bytes, and leniently: it takes a bare LF for CRLF, blanks before a colon,
 * folded lines, cuts headers at NUL and lets the first of two lengths win.
 */
#ifndef KG_SERVER_HEAD_H
#define KG_SERVER_HEAD_H

#include "base/slice.h"

enum head_state {
	HEAD_START, /* no byte of the next request yet */
	HEAD_METHOD,
	HEAD_TARGET,
	HEAD_VERSION,
	HEAD_LINE_LF,
	HEAD_NAME_START,
	HEAD_NAME,
	HEAD_VALUE,
	HEAD_VALUE_LF,
	HEAD_END_LF,
	HEAD_BODY,
};

enum head_field {
	FIELD_OTHER,
	FIELD_LENGTH,
	FIELD_ENCODING,
	FIELD_HOST,
};

/* The longest name that is looked for, and one more. */
#define HEAD_NAME_MAX 18
/* Of a Content-Length: what an int64_t holds, far beyond any body. */
#define HEAD_LENGTH_DIGITS_MAX 18

struct head {
	enum head_state state;
	const char *why;       /* what was wrong, for good; NULL: nothing */
	uint32_t wrong;        /* in which head, the first being 1 */
	uint32_t begun, ended; /* heads, since the connection began */
	uint64_t length;       /* of the body; then what is left of it */
	uint8_t at;            /* place within the name, version or number */
	bool is_10;            /* HTTP/1.0 */
	bool blank;            /* behind the number */
	uint8_t lengths, encodings, hosts;
	enum head_field field;
	char name[HEAD_NAME_MAX]; /* in lower case, cut */
};

/* Zeroed memory is the state at a connection's start. Takes the next bytes;
 * after the first wrong one nothing is looked at any more. */
void head_feed(struct head *h, const char *data, size_t len);

#endif
