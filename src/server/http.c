/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP in front of the review: what libmicrohttpd is too lax about, who is
 * calling, routes, and the body. The API server sends POST with one
 * Content-Length and application/json, and nothing else is let through.
 */
#include <microhttpd.h>

#include "base/ascii.h"
#include "base/limits.h"
#include "io/file.h"
#include "server/exchange.h"
#include "server/peer.h"

static const struct {
	const char *path;
	enum kg_phase phase;
} routes[] = {
	{ "/v1/validate", KG_VALIDATE },
	{ "/v1/mutate", KG_MUTATE },
};

/* --- Answers --- */

static enum MHD_Result
send_answer(struct worker *w, struct MHD_Connection *connection,
    const struct answer *a, bool close)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(
	    a->body.len, (void *)(uintptr_t)a->body.ptr, MHD_RESPMEM_MUST_COPY);
	enum MHD_Result rc;

	if (response == NULL)
		return MHD_NO;
	(void)MHD_add_response_header(response, "Content-Type",
	    a->json ? "application/json" : "text/plain; charset=utf-8");
	if (a->status == 405)
		(void)MHD_add_response_header(response, "Allow", "POST");
	if (close ||
	    atomic_load_explicit(&w->server->draining, memory_order_relaxed))
		(void)MHD_add_response_header(response, "Connection", "close");
	rc = MHD_queue_response(connection, a->status, response);
	MHD_destroy_response(response);
	return rc;
}

/* Nothing that was sent is logged, only what was wrong with it. */
static enum MHD_Result
send_error(struct worker *w, struct MHD_Connection *connection, unsigned status,
    const char *line, bool close)
{
	const struct answer a = { .status = status, .body = slice_str(line) };

	LOG(LOG_INFO, "refused", log_int("status", status),
	    log_slice("why", slice_trim(a.body)));
	return send_answer(w, connection, &a, close);
}

/* --- The head --- */

/* What is wrong with a request: a status, and one line; 0: nothing. */
struct refusal {
	unsigned status;
	const char *line;
};

struct fields {
	unsigned lengths, encodings, types, json_types;
	struct kg_slice length;
};

static bool
is_json(struct kg_slice type)
{
	return slice_eq_nocase(
	    slice_trim(slice_cut(&type, ';')), SLICE("application/json"));
}

static enum MHD_Result
read_header(void *arg, enum MHD_ValueKind kind, const char *name,
    size_t name_len, const char *value, size_t value_len)
{
	const struct kg_slice key = slice_of(name, name_len);
	struct fields *f = arg;

	(void)kind;
	if (slice_eq_nocase(key, SLICE("Content-Length"))) {
		f->lengths++;
		f->length = slice_of(value, value_len);
	} else if (slice_eq_nocase(key, SLICE("Transfer-Encoding"))) {
		f->encodings++;
	} else if (slice_eq_nocase(key, SLICE("Content-Type"))) {
		f->types++;
		f->json_types += is_json(slice_of(value, value_len)) ? 1 : 0;
	}
	return MHD_YES;
}

/* Decimal digits and nothing else; SIZE_MAX when it is none. */
static size_t
parse_length(struct kg_slice text)
{
	size_t n = 0;

	if (text.len == 0 || text.len > HEAD_LENGTH_DIGITS_MAX)
		return SIZE_MAX;
	for (size_t i = 0; i < text.len; i++) {
		if (!ascii_digit(text.ptr[i]))
			return SIZE_MAX;
		n = n * 10 + (size_t)(text.ptr[i] - '0');
	}
	return n;
}

static struct refusal
check_fields(const struct worker *w, const struct fields *f, const char *method)
{
	const size_t length = parse_length(f->length);

	if (strcmp(method, "POST") != 0)
		return (struct refusal){ 405,
			"method not allowed: POST an AdmissionReview\n" };
	if (f->encodings > 0)
		return (struct refusal){ 400,
			"Transfer-Encoding is not taken: send a "
			"Content-Length\n" };
	if (f->lengths == 0)
		return (struct refusal){ 411, "Content-Length is required\n" };
	if (f->lengths > 1 || length == SIZE_MAX)
		return (struct refusal){ 400,
			"exactly one Content-Length, in digits, is taken\n" };
	if (f->types == 0 || f->json_types < f->types)
		return (struct refusal){ 415,
			"Content-Type must be application/json\n" };
	if (length > w->server->options->max_body)
		return (struct refusal){ 413,
			"the body is larger than --max-body\n" };
	return (struct refusal){ 0, NULL };
}

/* What the bytes themselves were like (head.h). A head that nobody read
 * strictly is not trusted: see wire.h. */
static struct refusal
check_wire(struct conn *c)
{
	c->handled++;
	if (c->head.why != NULL && c->head.wrong <= c->handled)
		return (struct refusal){ 400, c->head.why };
	if (c->head.ended < c->handled)
		return (struct refusal){ 500, "the request was not seen\n" };
	return (struct refusal){ 0, NULL };
}

static struct refusal
check_request(struct worker *w, struct conn *c, const struct fields *f,
    const char *method, bool routed)
{
	const char *stranger = peer_refusal(w, c);

	if (stranger != NULL)
		return (struct refusal){ 403, stranger };
	if (!routed)
		return (struct refusal){ 404,
			"not found: POST to /v1/validate or /v1/mutate\n" };
	return check_fields(w, f, method);
}

/* --- The body --- */

#ifdef KG_BENCH
/*
 * The floor of the benchmarks: allows without reading more than the uid, in
 * as many bytes as a real answer has, written over the body.
 */
static struct kg_slice
echo(const struct exchange *x)
{
	char text[300];
	struct kg_slice rest = slice_of(x->body, x->len);
	int n = 0;

	memset(text, ' ', sizeof(text));
	while (rest.len > 0 && !slice_starts(rest, SLICE("\"uid\":\"")))
		rest = slice_from(rest, 1);
	if (rest.len > 7 + 36)
		n = snprintf(text, sizeof(text),
		    "{\"kind\":\"AdmissionReview\",\"apiVersion\":"
		    "\"admission.k8s.io/v1\",\"response\":{\"uid\":\"%.36s\","
		    "\"allowed\":true}}",
		    rest.ptr + 7);
	text[n] = ' ';
	if (x->len >= sizeof(text))
		memcpy(x->body, text, sizeof(text));
	return slice_upto(slice_of(x->body, x->len), sizeof(text));
}
#endif

static enum MHD_Result
finish(struct worker *w, struct exchange *x)
{
	const struct kg_slice body = slice_of(x->body, x->len);
	struct answer a = { .status = 200 };
	enum MHD_Result rc;

	x->answered = true;
#ifdef KG_BENCH
	if (w->server->options->echo) {
		a.json = true;
		a.body = echo(x);
		return send_answer(w, x->connection, &a, false);
	}
#endif
	judge_request(w, x->phase, x->selftest, body, clock_mono_us(), &a);
	rc = send_answer(w, x->connection, &a, false);
	judge_forget(w);
	return rc;
}

/*
 * A body that is refused is read to its end all the same: an answer sent
 * before that would be lost to a client that is still writing. One without an
 * honest length, or beyond any limit, is not waited for.
 */
static bool
can_read_on(const struct fields *f)
{
	return f->lengths == 1 && f->encodings == 0 &&
	    parse_length(f->length) <= BODY_MAX_CEILING;
}

static enum MHD_Result
begin(struct worker *w, struct MHD_Connection *connection, const char *url,
    const char *method, void **state)
{
	struct conn *c = conn_of(connection);
	struct fields f = { 0 };
	struct refusal why;
	struct exchange *x;
	size_t i = 0;

	if (c == NULL)
		return MHD_NO; /* no memory for its record */
	why = check_wire(c);
	if (why.status != 0)
		return send_error(w, connection, why.status, why.line, true);
	(void)MHD_get_connection_values_n(
	    connection, MHD_HEADER_KIND, read_header, &f);
	while (i < 2 && strcmp(url, routes[i].path) != 0)
		i++;
	why = check_request(w, c, &f, method, i < 2);
	if (why.status != 0 && !can_read_on(&f))
		return send_error(w, connection, why.status, why.line, true);
	x = exchange_begin(
	    w, connection, i < 2 ? routes[i].phase : KG_VALIDATE);
	if (x == NULL)
		return MHD_NO;
	x->refused = why.status;
	x->line = why.line;
	*state = x;
	return MHD_YES;
}

/* --- libmicrohttpd's callbacks --- */

enum MHD_Result
http_handle(void *arg, struct MHD_Connection *connection, const char *url,
    const char *method, const char *version, const char *upload,
    size_t *upload_size, void **state)
{
	struct worker *w = arg;
	struct exchange *x = *state;

	(void)version;
	if (x == NULL)
		return begin(w, connection, url, method, state);
	if (*upload_size == 0 && x->refused != 0)
		return send_error(w, connection, x->refused, x->line, false);
	if (*upload_size == 0)
		return x->answered ? MHD_YES : finish(w, x);
	if (!x->answered && x->refused == 0 &&
	    !exchange_append(w, x, upload, *upload_size))
		return MHD_NO; /* longer than announced, or no memory */
	*upload_size = 0;
	return MHD_YES;
}

void
http_completed(void *arg, struct MHD_Connection *connection, void **state,
    enum MHD_RequestTerminationCode why)
{
	struct worker *w = arg;
	struct exchange *x = *state;
	struct conn *c = conn_of(connection);

	(void)why;
	*state = NULL;
	if (c != NULL)
		conn_request_ends(c, x != NULL && x->answered);
	if (x != NULL)
		exchange_end(w, x);
}
