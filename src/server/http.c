/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP in front of the review: routes, what libmicrohttpd is too lax about,
 * and the body. The API server sends POST with one Content-Length and
 * application/json, and nothing else is let through.
 */
#include <microhttpd.h>
#include <strings.h>
#include <sys/socket.h>

#include "base/limits.h"
#include "io/file.h"
#include "server/listen.h"
#include "server/worker.h"

/* Bodies grow by what has arrived; a buffer this large is not kept. */
#define BODY_STEP (16u * KIB)
#define BODY_KEEP (256u * KIB)

/* One request under way. */
struct exchange {
	struct exchange *next; /* among the spare ones */
	struct MHD_Connection *connection;
	enum kg_phase phase;
	bool selftest, answered;
	unsigned refused; /* status to answer once the body is read; 0: none */
	const char *line; /* ... and the reason */
	int64_t since_us; /* its head was complete */
	char *body;
	size_t len, cap;
};

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
    const struct answer *a, const char *allow)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(
	    a->body.len, (void *)(uintptr_t)a->body.ptr, MHD_RESPMEM_MUST_COPY);
	enum MHD_Result rc;

	if (response == NULL)
		return MHD_NO;
	(void)MHD_add_response_header(response, "Content-Type",
	    a->json ? "application/json" : "text/plain; charset=utf-8");
	if (allow != NULL)
		(void)MHD_add_response_header(response, "Allow", allow);
	if (atomic_load_explicit(&w->server->draining, memory_order_relaxed))
		(void)MHD_add_response_header(response, "Connection", "close");
	rc = MHD_queue_response(connection, a->status, response);
	MHD_destroy_response(response);
	return rc;
}

static enum MHD_Result
send_error(struct worker *w, struct MHD_Connection *connection, unsigned status,
    const char *line)
{
	const struct answer a = { .status = status, .body = slice_str(line) };

	return send_answer(w, connection, &a, status == 405 ? "POST" : NULL);
}

/* --- The head --- */

struct head {
	unsigned lengths, encodings;
	const char *length, *type;
};

static enum MHD_Result
read_header(
    void *arg, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct head *h = arg;

	(void)kind;
	if (strcasecmp(name, "Content-Length") == 0) {
		h->lengths++;
		h->length = value;
	} else if (strcasecmp(name, "Transfer-Encoding") == 0) {
		h->encodings++;
	} else if (strcasecmp(name, "Content-Type") == 0) {
		h->type = value;
	}
	return MHD_YES;
}

static bool
is_json(const char *type)
{
	struct kg_slice rest = slice_str(type != NULL ? type : "");

	return slice_eq_nocase(
	    slice_trim(slice_cut(&rest, ';')), SLICE("application/json"));
}

/* Decimal digits and nothing else; SIZE_MAX when it is none. */
static size_t
parse_length(const char *text)
{
	size_t n = 0;

	if (text == NULL || text[0] == '\0' || strlen(text) > 18)
		return SIZE_MAX;
	for (; *text != '\0'; text++) {
		if (*text < '0' || *text > '9')
			return SIZE_MAX;
		n = n * 10 + (size_t)(*text - '0');
	}
	return n;
}

/* What is wrong with the head: a status, and one line; 0: nothing. */
static unsigned
check_head(const struct worker *w, const struct head *h, const char *method,
    const char **line)
{
	const size_t length = parse_length(h->length);

	*line = "method not allowed: POST an AdmissionReview\n";
	if (strcmp(method, "POST") != 0)
		return 405;
	*line = "Transfer-Encoding is not taken: send a Content-Length\n";
	if (h->encodings > 0)
		return 400;
	*line = "Content-Length is required\n";
	if (h->lengths == 0)
		return 411;
	*line = "exactly one Content-Length, in digits, is taken\n";
	if (h->lengths > 1 || length == SIZE_MAX)
		return 400;
	*line = "Content-Type must be application/json\n";
	if (!is_json(h->type))
		return 415;
	*line = "the body is larger than --max-body\n";
	if (length > w->server->options->max_body)
		return 413;
	return 0;
}

/* The server's own self-test, by where it comes from. */
static bool
is_selftest(const struct server *server, struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info;

	if (!atomic_load(&server->selftest))
		return false;
	info = MHD_get_connection_info(
	    connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	return info != NULL && info->client_addr != NULL &&
	    listen_same(info->client_addr, &server->selftest_address);
}

/* --- Exchanges --- */

static struct exchange *
exchange_begin(
    struct worker *w, struct MHD_Connection *connection, enum kg_phase phase)
{
	struct exchange *x = w->spare;

	if (x != NULL)
		w->spare = x->next;
	else
		x = calloc(1, sizeof(*x));
	if (x == NULL)
		return NULL;
	x->connection = connection;
	x->phase = phase;
	x->answered = false;
	x->refused = 0;
	x->selftest = is_selftest(w->server, connection);
	x->since_us = clock_mono_us();
	x->len = 0;
	return x;
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
	if (x == NULL)
		return;
	if (x->cap > BODY_KEEP) {
		free(x->body);
		x->body = NULL;
		x->cap = 0;
	}
	x->next = w->spare;
	w->spare = x;
}

void
http_release(struct worker *w)
{
	while (w->spare != NULL) {
		struct exchange *x = w->spare;

		w->spare = x->next;
		free(x->body);
		free(x);
	}
}

/* --- The body --- */

/* Room for what has come, never for what was announced. */
static bool
append_body(struct worker *w, struct exchange *x, const char *data, size_t n)
{
	size_t cap = x->cap < BODY_STEP ? BODY_STEP : x->cap;
	char *body;

	if (n > w->server->options->max_body - x->len)
		return false;
	while (cap < x->len + n)
		cap *= 2;
	if (cap > x->cap) {
		body = realloc(x->body, cap);
		if (body == NULL)
			return false;
		x->body = body;
		x->cap = cap;
	}
	memcpy(x->body + x->len, data, n);
	x->len += n;
	return true;
}

static enum MHD_Result
finish(struct worker *w, struct exchange *x)
{
	const struct kg_slice body = slice_of(x->body, x->len);
	struct answer a = { .status = 200 };

	x->answered = true;
#ifdef KG_BENCH
	if (w->server->options->echo) {
		a.json = true;
		a.body = slice_upto(body, 300);
		return send_answer(w, x->connection, &a, NULL);
	}
#endif
	judge_request(w, x->phase, x->selftest, body, x->since_us, &a);
	return send_answer(w, x->connection, &a, NULL);
}

/*
 * A body that is refused is read to its end all the same: an answer sent
 * before that would be lost to a client that is still writing. One without an
 * honest length, or beyond any limit, is not waited for.
 */
static bool
can_read_on(const struct head *h)
{
	return h->lengths == 1 && h->encodings == 0 &&
	    parse_length(h->length) <= BODY_MAX_CEILING;
}

static enum MHD_Result
begin(struct worker *w, struct MHD_Connection *connection, const char *url,
    const char *method, void **state)
{
	const char *line = "not found: POST to /v1/validate or /v1/mutate\n";
	struct conn *c = conn_of(connection);
	struct head h = { 0 };
	struct exchange *x;
	unsigned status = 404;
	size_t i = 0;

	if (c == NULL)
		return MHD_NO; /* no memory for its record */
	conn_request_begins(c);

	(void)MHD_get_connection_values(
	    connection, MHD_HEADER_KIND, read_header, &h);
	while (i < 2 && strcmp(url, routes[i].path) != 0)
		i++;
	if (i < 2)
		status = check_head(w, &h, method, &line);
	if (status != 0 && !can_read_on(&h))
		return send_error(w, connection, status, line);
	x = exchange_begin(
	    w, connection, i < 2 ? routes[i].phase : KG_VALIDATE);
	if (x == NULL)
		return MHD_NO;
	x->refused = status;
	x->line = line;
	*state = x;
	return MHD_YES;
}

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
		return send_error(w, connection, x->refused, x->line);
	if (*upload_size == 0)
		return x->answered ? MHD_YES : finish(w, x);
	if (!x->answered && x->refused == 0 &&
	    !append_body(w, x, upload, *upload_size))
		return MHD_NO; /* longer than announced, or no memory */
	*upload_size = 0;
	return MHD_YES;
}
