/* SPDX-License-Identifier: Apache-2.0 */
/* The strict reader of requests: what it takes, and what it names wrong. */
#include "server/head.h"

#include "base/ascii.h"
#include "unit/unit.h"

#define LINE "POST /v1/validate HTTP/1.1\r\n"
#define HOST "Host: k\r\n"
#define GOOD LINE HOST "Content-Length: 2\r\n\r\n"
#define LENGTH "exactly one Content-Length, in digits, is taken\n"
#define CRLF "a line ends with CR LF\n"
#define FOLD "folded header lines are not taken\n"
#define BLANK "a blank before the colon of a header\n"
#define NAME "no header name\n"
#define CONTROL "a control character in a header\n"
#define PATH "no byte for a path\n"
#define VERSION "HTTP/1.1 is spoken here\n"
#define ONE_HOST "exactly one Host is taken\n"
#define ENCODING "Transfer-Encoding is not taken: send a Content-Length\n"

/* clang-format off */
static const struct {
	struct kg_slice text;
	const char *why; /* NULL: nothing */
	unsigned begun, ended;
} cases[] = {
	{ SLICE_INIT(""), NULL, 0, 0 },
	{ SLICE_INIT("P"), NULL, 1, 0 },
	{ SLICE_INIT(GOOD), NULL, 1, 1 },
	{ SLICE_INIT(GOOD "{"), NULL, 1, 1 },
	{ SLICE_INIT(GOOD "{}"), NULL, 1, 1 },
	{ SLICE_INIT(GOOD "{}" GOOD "{}G"), NULL, 3, 2 },
	{ SLICE_INIT(GOOD "\r\n\0:" ), "a request begins with a method\n", 2, 1 },
	{ SLICE_INIT("GET / HTTP/1.0\r\n\r\n"), NULL, 1, 1 },
	{ SLICE_INIT("GET / HTTP/1.1\r\n" HOST "\r\nGET / HTTP/1.1\r\n" HOST "\r\n"), NULL, 2, 2 },
	{ SLICE_INIT(LINE HOST "a:b\r\nx-y:\r\nz: \t \xc3\xa4\r\n\r\n"), NULL, 1, 1 },
	{ SLICE_INIT(LINE HOST "Content-Length:2  \r\n\r\n"), NULL, 1, 1 },
	{ SLICE_INIT(LINE HOST "content-LENGTH: 0\r\n\r\n"), NULL, 1, 1 },
	/* lengths */
	{ SLICE_INIT(LINE HOST "Content-Length: 2\r\nContent-Length: 2\r\n\r\n"), LENGTH, 1, 0 },
	{ SLICE_INIT(LINE HOST "Content-Length: 2\r\nContent-Length: 3\r\n\r\n"), LENGTH, 1, 0 },
	{ SLICE_INIT(LINE HOST "Content-Length: 2, 2\r\n\r\n"), LENGTH, 1, 0 },
	{ SLICE_INIT(LINE HOST "Content-Length: 2 2\r\n\r\n"), LENGTH, 1, 0 },
	{ SLICE_INIT(LINE HOST "Content-Length: +2\r\n\r\n"), LENGTH, 1, 0 },
	{ SLICE_INIT(LINE HOST "Content-Length: -2\r\n\r\n"), LENGTH, 1, 0 },
	{ SLICE_INIT(LINE HOST "Content-Length: 0x2\r\n\r\n"), LENGTH, 1, 0 },
	{ SLICE_INIT(LINE HOST "Content-Length:\r\n\r\n"), LENGTH, 1, 0 },
	{ SLICE_INIT(LINE HOST "Content-Length: 99999999999999999999\r\n\r\n"), LENGTH, 1, 0 },
	{ SLICE_INIT(LINE HOST "Transfer-Encoding: chunked\r\n\r\n"), ENCODING, 1, 1 },
	{ SLICE_INIT(LINE HOST "Content-Length: 2\r\ntransfer-encoding: x\r\n\r\n"), ENCODING, 1, 1 },
	/* hosts */
	{ SLICE_INIT(LINE "Content-Length: 2\r\n\r\n"), ONE_HOST, 1, 1 },
	{ SLICE_INIT(LINE HOST HOST "\r\n"), ONE_HOST, 1, 1 },
	/* lines */
	{ SLICE_INIT("POST /v1/validate HTTP/1.1\nHost: k\r\n\r\n"), CRLF, 1, 0 },
	{ SLICE_INIT(LINE "Host: k\n\r\n"), CRLF, 1, 0 },
	{ SLICE_INIT(LINE HOST "\n"), CRLF, 1, 0 },
	{ SLICE_INIT(LINE "Host: k\rx\r\n"), CRLF, 1, 0 },
	{ SLICE_INIT(LINE HOST "\rx"), CRLF, 1, 1 },
	{ SLICE_INIT(LINE HOST " folded\r\n\r\n"), FOLD, 1, 0 },
	{ SLICE_INIT(LINE HOST "\tfolded\r\n\r\n"), FOLD, 1, 0 },
	{ SLICE_INIT(LINE " Host: k\r\n\r\n"), FOLD, 1, 0 },
	{ SLICE_INIT(LINE "Host : k\r\n\r\n"), BLANK, 1, 0 },
	{ SLICE_INIT(LINE "Host\t: k\r\n\r\n"), BLANK, 1, 0 },
	{ SLICE_INIT(LINE "Host\r\n\r\n"), NAME, 1, 0 },
	{ SLICE_INIT(LINE ": k\r\n\r\n"), NAME, 1, 0 },
	{ SLICE_INIT(LINE "H\0st: k\r\n\r\n"), NAME, 1, 0 },
	{ SLICE_INIT(LINE "H\xc3st: k\r\n\r\n"), NAME, 1, 0 },
	{ SLICE_INIT(LINE "Host: k\0\r\n\r\n"), CONTROL, 1, 0 },
	{ SLICE_INIT(LINE "Host: \x7f\r\n\r\n"), CONTROL, 1, 0 },
	/* request lines */
	{ SLICE_INIT("\r\n" GOOD), "a request begins with a method\n", 1, 0 },
	{ SLICE_INIT(" POST / HTTP/1.1\r\n"), "a request begins with a method\n", 1, 0 },
	{ SLICE_INIT("\x16\x03\x01"), "a request begins with a method\n", 1, 0 },
	{ SLICE_INIT("PO\0ST / HTTP/1.1\r\n"), "no method\n", 1, 0 },
	{ SLICE_INIT("POST  / HTTP/1.1\r\n"), "the target is a path\n", 1, 0 },
	{ SLICE_INIT("POST http://k/ HTTP/1.1\r\n"), "the target is a path\n", 1, 0 },
	{ SLICE_INIT("POST * HTTP/1.1\r\n"), "the target is a path\n", 1, 0 },
	{ SLICE_INIT("POST /\0 HTTP/1.1\r\n"), PATH, 1, 0 },
	{ SLICE_INIT("POST /\xc3\xa4 HTTP/1.1\r\n"), PATH, 1, 0 },
	{ SLICE_INIT("POST /\tHTTP/1.1\r\n"), PATH, 1, 0 },
	{ SLICE_INIT("POST /\r\n"), PATH, 1, 0 },
	{ SLICE_INIT("POST /  HTTP/1.1\r\n"), VERSION, 1, 0 },
	{ SLICE_INIT("POST / HTTP/2.0\r\n"), VERSION, 1, 0 },
	{ SLICE_INIT("POST / HTTP/1.2\r\n"), VERSION, 1, 0 },
	{ SLICE_INIT("POST / http/1.1\r\n"), VERSION, 1, 0 },
	{ SLICE_INIT("POST / HTTP/1.1 \r\n"), CRLF, 1, 0 },
	{ SLICE_INIT("POST / HTTP/1.10\r\n"), CRLF, 1, 0 },
};
/* clang-format on */

static void
check(const struct head *h, size_t i)
{
	const char *want = cases[i].why;

	if ((want == NULL) != (h->why == NULL) ||
	    (want != NULL && strcmp(want, h->why) != 0))
		fail_msg("case %zu: %s", i, h->why != NULL ? h->why : "taken");
	if (h->begun != cases[i].begun || h->ended != cases[i].ended)
		fail_msg("case %zu: %u begun, %u ended", i, h->begun, h->ended);
}

static void
heads_are_read_strictly(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct head h = { .why = NULL };

		head_feed(&h, cases[i].text.ptr, cases[i].text.len);
		check(&h, i);
	}
}

static void
pieces_make_no_difference(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct head h = { .why = NULL };

		for (size_t at = 0; at < cases[i].text.len; at++)
			head_feed(&h, cases[i].text.ptr + at, 1);
		check(&h, i);
	}
}

static const char *
wrong_with(unsigned char c)
{
	if (c == ' ' || c == '\t')
		return BLANK;
	return ascii_alnum((char)c) || c == ':' ||
		(c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL)
	    ? NULL
	    : NAME;
}

static void
names_are_tokens(void **state)
{
	(void)state;
	for (int c = 0; c < 256; c++) {
		const char name[3] = { 'x', (char)c, ':' };
		const char *want = wrong_with((unsigned char)c);
		struct head h = { .why = NULL };

		head_feed(&h, LINE, sizeof(LINE) - 1);
		head_feed(&h, name, sizeof(name));
		if ((want == NULL) != (h.why == NULL) ||
		    (want != NULL && strcmp(want, h.why) != 0))
			fail_msg("byte %d: %s", c, h.why);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(heads_are_read_strictly),
		cmocka_unit_test(pieces_make_no_difference),
		cmocka_unit_test(names_are_tokens),
	};

	return cmocka_run_group_tests(tests, unit_setup, unit_teardown);
}
