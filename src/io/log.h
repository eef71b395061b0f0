/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The operational log, on stderr: `level event key=value ...`, one line, one
 * write. No request bodies, no secrets. Thread-safe.
 */
#ifndef KG_IO_LOG_H
#define KG_IO_LOG_H

#include "base/slice.h"

enum log_level {
	LOG_ERROR,
	LOG_WARN,
	LOG_INFO,
};

struct log_field {
	const char *key;
	struct kg_slice value;
};

/* Values are quoted where they need it; control characters are escaped. */
void log_event(enum log_level level, const char *event,
    const struct log_field *fields, size_t count);

/* log_event with fields from printf pairs: log_line(LOG_INFO, "ready",
 * "listen=%s", ...). The caller escapes what is not his own text. */
void log_line(enum log_level level, const char *event, const char *format, ...)
    KG_PRINTF(3, 4);

/* Messages about files, on stderr, with carets. */
void print_diags(const struct kg_diags *diags);

#endif
