/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Moments and durations as text, as Go reads and writes them and within the
 * bounds of the expression language.
 */
#ifndef KG_VALUE_MOMENT_H
#define KG_VALUE_MOMENT_H

#include "base/buf.h"

/* 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z, seconds since 1970. */
#define MOMENT_MIN (-62135596800)
#define MOMENT_MAX 253402300799

struct moment {
	int64_t seconds; /* since 1970-01-01T00:00:00Z */
	uint32_t nanos;  /* below 10^9, added to the seconds */
	int32_t offset;  /* what the text said: seconds east of UTC */
};

enum moment_error {
	MOMENT_OK,
	MOMENT_SYNTAX, /* not RFC 3339, or no such day or hour */
	MOMENT_RANGE,  /* outside of the years 1 to 9999, in UTC */
};

/* RFC 3339, as Go's time.Parse takes it: digits behind the ninth of a
 * fraction are dropped, there are no leap seconds. */
enum moment_error moment_parse(struct kg_slice text, struct moment *out);

/* As Go's RFC3339Nano, at its offset: no zeros at a fraction's end. */
void moment_put(struct buf *out, const struct moment *m);

enum duration_error {
	DURATION_OK,
	DURATION_SYNTAX, /* not of Go's grammar */
	DURATION_RANGE,  /* more nanoseconds than int64 holds */
};

/* Go's grammar: a sign, then numbers with units ns us ms s m h; or 0. */
enum duration_error duration_parse(struct kg_slice text, int64_t *nanos);

/* In seconds, as the language's string() has it: "1.5s", "-90s". */
void duration_put(struct buf *out, int64_t nanos);

/* As Go prints it: "1h30m0s", "1.5ms". */
void duration_put_go(struct buf *out, int64_t nanos);

#endif
