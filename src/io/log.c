/* SPDX-License-Identifier: Apache-2.0 */
/* One line, one write: lines of several threads do not mix. */
#include "io/log.h"

#include <stdarg.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/limits.h"

#define LOG_LINE_MAX 2048u

static const char *const level_names[] = {
	[LOG_ERROR] = "error",
	[LOG_WARN] = "warn",
	[LOG_INFO] = "info",
};

struct line {
	char text[LOG_LINE_MAX];
	size_t len;
};

static void
put(struct line *l, const char *text, size_t n)
{
	/* One byte is kept for the newline. */
	const size_t room = sizeof(l->text) - 1 - l->len;

	n = n < room ? n : room;
	memcpy(l->text + l->len, text, n);
	l->len += n;
}

static void
put_value(struct line *l, struct kg_slice v)
{
	bool quote = v.len == 0;

	for (size_t i = 0; i < v.len; i++)
		quote = quote || (unsigned char)v.ptr[i] <= ' ' ||
		    v.ptr[i] == '"' || v.ptr[i] == '=' || v.ptr[i] == 0x7f;
	if (quote)
		put(l, "\"", 1);
	for (size_t i = 0; i < v.len; i++) {
		const unsigned char c = (unsigned char)v.ptr[i];
		char escape[8];

		if (c == '"' || c == '\\') {
			const char pair[2] = { '\\', (char)c };

			put(l, pair, 2);
		} else if (c < ' ' || c == 0x7f) {
			(void)snprintf(escape, sizeof(escape), "\\x%02x", c);
			put(l, escape, 4);
		} else {
			put(l, v.ptr + i, 1);
		}
	}
	if (quote)
		put(l, "\"", 1);
}

static void
put_str(struct line *l, const char *s)
{
	put(l, s, strlen(s));
}

static void
send_line(struct line *l)
{
	l->text[l->len++] = '\n';
	/* A log that cannot be written must not stop the gate. */
	if (write(STDERR_FILENO, l->text, l->len) < 0)
		return;
}

void
log_event(enum log_level level, const char *event,
    const struct log_field *fields, size_t count)
{
	struct line l = { .len = 0 };

	put_str(&l, level_names[level]);
	put(&l, " ", 1);
	put_str(&l, event);
	for (size_t i = 0; i < count; i++) {
		put(&l, " ", 1);
		put_str(&l, fields[i].key);
		put(&l, "=", 1);
		put_value(&l, fields[i].value);
	}
	send_line(&l);
}

void
log_line(enum log_level level, const char *event, const char *format, ...)
{
	struct line l = { .len = 0 };
	char text[LOG_LINE_MAX];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	put_str(&l, level_names[level]);
	put(&l, " ", 1);
	put_str(&l, event);
	put(&l, " ", 1);
	put_str(&l, text);
	send_line(&l);
}

void
print_diags(const struct kg_diags *diags)
{
	struct arena arena;
	struct buf b;

	arena_init(&arena, ARENA_DIAGS_MAX);
	buf_init(&b, &arena, ARENA_DIAGS_MAX);
	for (size_t i = 0; i < kg_diags_count(diags); i++)
		diag_render(&b, kg_diags_get(diags, i));
	if (b.len > 0)
		(void)fwrite(b.ptr, 1, b.len, stderr);
	arena_release(&arena);
}
