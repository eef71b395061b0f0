/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One line, one write: lines of several threads do not mix. The lock guards
 * the counts by event alone; nothing on the way of an ordinary decision logs.
 */
#include "io/log.h"

#include <inttypes.h>
#include <pthread.h>
#include <unistd.h>

#include "audit/record.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "io/file.h"

#define LOG_LINE_MAX 2048u
/* Lines of one event in one window; more would only repeat it. */
#define LOG_BURST 10u
#define LOG_WINDOW_US 10000000
/* Names of events are literals of ours: there are some dozen. */
#define LOG_EVENTS_MAX 64u

static const char *const level_names[] = {
	[LOG_ERROR] = "error",
	[LOG_WARN] = "warn",
	[LOG_INFO] = "info",
	[LOG_DEBUG] = "debug",
};

struct line {
	char text[LOG_LINE_MAX];
	size_t len;
};

struct event {
	const char *name;
	enum log_level level;
	int64_t window_us; /* when it began */
	unsigned lines;    /* in it */
	uint64_t suppressed;
};

static struct {
	pthread_mutex_t lock;
	struct event events[LOG_EVENTS_MAX];
	size_t count;
	enum log_format format; /* set before there are threads */
	enum log_level level;
} logger = { .lock = PTHREAD_MUTEX_INITIALIZER, .level = LOG_INFO };

void
log_setup(enum log_format format, enum log_level level)
{
	logger.format = format;
	logger.level = level;
}

enum log_format
log_format(void)
{
	return logger.format;
}

/* --- Lines --- */

static void
put(struct line *l, const char *text, size_t n)
{
	/* Room is kept for what closes a JSON line. */
	const size_t room = sizeof(l->text) - 4 - l->len;

	n = n < room ? n : room;
	memcpy(l->text + l->len, text, n);
	l->len += n;
}

static void
put_str(struct line *l, const char *s)
{
	put(l, s, strlen(s));
}

/* One character of what is between quotes; gives how many bytes it took. */
static size_t
put_char(struct line *l, const char *at, const char *end, const char *escape)
{
	const unsigned char c = (unsigned char)*at;
	const char pair[2] = { '\\', *at };
	char code[8];
	size_t n = 1;

	if (c >= 0x80)
		n = utf8_sequence(at, end);
	if (c == '"' || c == '\\') {
		put(l, pair, 2);
	} else if (c < ' ' || c == 0x7f || n == 0) {
		(void)snprintf(code, sizeof(code), "%s%02x", escape, c);
		put_str(l, code);
		n = 1;
	} else {
		put(l, at, n);
	}
	return n;
}

/* Never cut within an escape. */
static void
put_escaped(struct line *l, struct kg_slice v, const char *escape)
{
	size_t i = 0;

	while (i < v.len && l->len + 16 < sizeof(l->text))
		i += put_char(l, v.ptr + i, v.ptr + v.len, escape);
}

static void
put_number(struct line *l, int64_t number)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%" PRId64, number);
	put_str(l, text);
}

static void
put_text_value(struct line *l, struct kg_slice v)
{
	bool quote = v.len == 0;

	for (size_t i = 0; i < v.len; i++)
		quote = quote || (unsigned char)v.ptr[i] <= ' ' ||
		    v.ptr[i] == '"' || v.ptr[i] == '=' || v.ptr[i] == 0x7f;
	if (quote)
		put_str(l, "\"");
	put_escaped(l, v, "\\x");
	if (quote)
		put_str(l, "\"");
}

static void
put_text_field(struct line *l, const struct log_field *f)
{
	put_str(l, " ");
	put_str(l, f->key);
	put_str(l, "=");
	if (f->text.ptr == NULL)
		put_number(l, f->number);
	else
		put_text_value(l, f->text);
}

static void
put_json_field(struct line *l, const struct log_field *f)
{
	put_str(l, ",\"");
	put_str(l, f->key);
	put_str(l, "\":");
	if (f->text.ptr == NULL) {
		put_number(l, f->number);
		return;
	}
	put_str(l, "\"");
	put_escaped(l, f->text, "\\u00");
	put_str(l, "\"");
}

static void
begin_line(struct line *l, enum log_level level, const char *event)
{
	char now[TIME_TEXT_LEN];

	if (logger.format == LOG_FORMAT_TEXT) {
		put_str(l, level_names[level]);
		put_str(l, " ");
		put_str(l, event);
		return;
	}
	time_text(clock_wall_us(), now);
	put_str(l, "{\"time\":\"");
	put(l, now, sizeof(now));
	put_str(l, "\",\"level\":\"");
	put_str(l, level_names[level]);
	put_str(l, "\",\"event\":\"");
	put_str(l, event);
	put_str(l, "\"");
}

static void
put_field(struct line *l, const struct log_field *f)
{
	if (logger.format == LOG_FORMAT_TEXT)
		put_text_field(l, f);
	else
		put_json_field(l, f);
}

static void
send_line(struct line *l)
{
	if (logger.format == LOG_FORMAT_JSON)
		l->text[l->len++] = '}';
	l->text[l->len++] = '\n';
	/* A log that cannot be written must not stop the gate. */
	if (write(STDERR_FILENO, l->text, l->len) < 0)
		return;
}

/* --- Events --- */

/* Under the lock. NULL: the table is full, and the event not limited. */
static struct event *
find_event(const char *name)
{
	for (size_t i = 0; i < logger.count; i++) {
		if (strcmp(logger.events[i].name, name) == 0)
			return &logger.events[i];
	}
	if (logger.count == LOG_EVENTS_MAX)
		return NULL;
	logger.events[logger.count] = (struct event){ .name = name };
	return &logger.events[logger.count++];
}

/* Whether a line may go out, and how many were suppressed before it. */
static bool
admit(enum log_level level, const char *name, uint64_t *suppressed)
{
	const int64_t now = clock_mono_us();
	struct event *e;
	bool ok = true;

	*suppressed = 0;
	pthread_mutex_lock(&logger.lock);
	e = find_event(name);
	if (e != NULL && now - e->window_us >= LOG_WINDOW_US) {
		e->window_us = now;
		e->lines = 0;
	}
	if (e != NULL) {
		e->level = level;
		ok = e->lines < LOG_BURST;
		e->lines += ok ? 1 : 0;
		e->suppressed += ok ? 0 : 1;
	}
	if (e != NULL && ok) {
		*suppressed = e->suppressed;
		e->suppressed = 0;
	}
	pthread_mutex_unlock(&logger.lock);
	return ok;
}

static void
write_event(enum log_level level, const char *event,
    const struct log_field *fields, size_t count, uint64_t suppressed)
{
	const struct log_field more =
	    log_int("suppressed", (int64_t)suppressed);
	struct line l = { .len = 0 };

	begin_line(&l, level, event);
	for (size_t i = 0; i < count; i++)
		put_field(&l, &fields[i]);
	if (suppressed > 0)
		put_field(&l, &more);
	send_line(&l);
}

void
log_event(enum log_level level, const char *event,
    const struct log_field *fields, size_t count)
{
	uint64_t suppressed;

	if (level <= logger.level && admit(level, event, &suppressed))
		write_event(level, event, fields, count, suppressed);
}

void
log_flush(void)
{
	const int64_t now = clock_mono_us();
	struct event quiet[LOG_EVENTS_MAX];
	size_t count = 0;

	pthread_mutex_lock(&logger.lock);
	for (size_t i = 0; i < logger.count; i++) {
		struct event *e = &logger.events[i];

		if (e->suppressed == 0 || now - e->window_us < LOG_WINDOW_US)
			continue;
		quiet[count++] = *e;
		e->suppressed = 0;
	}
	pthread_mutex_unlock(&logger.lock);
	for (size_t i = 0; i < count; i++)
		write_event(quiet[i].level, quiet[i].name, NULL, 0,
		    quiet[i].suppressed);
}

/* --- Diagnostics --- */

static enum log_level
level_of(enum kg_severity severity)
{
	if (severity == KG_ERROR)
		return LOG_ERROR;
	return severity == KG_WARNING ? LOG_WARN : LOG_INFO;
}

void
log_diags(const char *event, const struct kg_diags *diags)
{
	for (size_t i = 0; i < kg_diags_count(diags) && i < LOG_BURST; i++) {
		const struct kg_diag *d = kg_diags_get(diags, i);

		LOG(level_of(d->severity), event, log_slice("file", d->file),
		    log_int("line", d->line), log_int("column", d->column),
		    log_slice("message", d->message));
	}
}

void
print_diags(const struct kg_diags *diags)
{
	struct arena arena;
	struct buf b;

	if (diags == NULL) {
		fputs("error: out of memory\n", stderr);
		return;
	}
	if (logger.format == LOG_FORMAT_JSON) {
		log_diags("policy", diags);
		return;
	}
	arena_init(&arena, ARENA_DIAGS_MAX);
	buf_init(&b, &arena, ARENA_DIAGS_MAX);
	for (size_t i = 0; i < kg_diags_count(diags); i++)
		diag_render(&b, kg_diags_get(diags, i));
	if (b.len > 0)
		(void)fwrite(b.ptr, 1, b.len, stderr);
	if (buf_failed(&b) || diags_lost(diags))
		fputs("error: out of memory: not all messages are shown\n",
		    stderr);
	arena_release(&arena);
}
