/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The operational log, on stderr: one event a line, in one write, as text
 * (`level event key=value ...`) or as JSON. No request bodies, no header
 * values, no secrets. Thread-safe.
 *
 *	LOG(LOG_WARN, "journal", log_text("what", "write"),
 *	    log_int("bytes", n));
 *
 * Of one event name at most LOG_BURST lines come in LOG_WINDOW_US; the rest
 * is counted, and the next line of that event carries `suppressed`.
 */
#ifndef KG_IO_LOG_H
#define KG_IO_LOG_H

#include "base/slice.h"

enum log_level {
	LOG_ERROR,
	LOG_WARN,
	LOG_INFO,
	LOG_DEBUG,
};

enum log_format {
	LOG_FORMAT_TEXT,
	LOG_FORMAT_JSON,
};

struct log_field {
	const char *key;
	struct kg_slice text; /* ptr NULL: a number */
	int64_t number;
};

static inline struct log_field
log_slice(const char *key, struct kg_slice text)
{
	return (struct log_field){ key, text.ptr != NULL ? text : slice_str(""),
		0 };
}

static inline struct log_field
log_text(const char *key, const char *text)
{
	return log_slice(key, slice_str(text));
}

static inline struct log_field
log_int(const char *key, int64_t number)
{
	return (struct log_field){ key, { NULL, 0 }, number };
}

/* Before the first line: text and LOG_INFO are the defaults. */
void log_setup(enum log_format format, enum log_level level);
enum log_format log_format(void);

/* Values are quoted where they need it; control characters are escaped. The
 * event's name is a string literal. */
void log_event(enum log_level level, const char *event,
    const struct log_field *fields, size_t count);

#define LOG_COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define LOG(level, event, ...)                                       \
	log_event(level, event, (struct log_field[]){ __VA_ARGS__ }, \
	    LOG_COUNT(((struct log_field[]){ __VA_ARGS__ })))

/* Says what was suppressed of events that have gone quiet since. */
void log_flush(void);

/* Messages about files, on stderr, with carets; events in the JSON format. */
void print_diags(const struct kg_diags *diags);

/* The same as events of this name, at most LOG_BURST of them. */
void log_diags(const char *event, const struct kg_diags *diags);

#endif
