/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Doubles as text and back, as Go's strconv writes and reads them. The C
 * library does the arithmetic; its locale changes nothing.
 */
#ifndef KG_VALUE_NUMBER_H
#define KG_VALUE_NUMBER_H

#include "base/buf.h"

/* The fewest digits that read back as the same double. */
struct double_digits {
	bool negative;
	int count;       /* 1 to 17 */
	int exponent;    /* of the first digit: d.ddd * 10^exponent */
	char digits[17]; /* '0' to '9', the last not 0 unless it is alone */
};

/*
 * A JSON number that can be read without the C library, several times faster:
 * at most 15 digits, and a power of ten that a double holds exactly. False
 * for all others, and *out is left alone.
 */
bool double_read_short(struct kg_slice text, double *out);

/* d is finite. */
void double_shortest(double d, struct double_digits *out);

enum double_style {
	DOUBLE_GENERAL,  /* %g with the fewest digits: 1e+06, 0.1 */
	DOUBLE_FIXED,    /* %f */
	DOUBLE_EXPONENT, /* %e */
};

/*
 * Appends the number; NaN, +Inf and -Inf by these names. precision: digits
 * after the point, at most DOUBLE_PRECISION_MAX; -1 (always for GENERAL):
 * the fewest that read back.
 */
void double_put(
    struct buf *out, double d, enum double_style style, int precision);

enum double_error {
	DOUBLE_OK,
	DOUBLE_SYNTAX,
	DOUBLE_RANGE, /* beyond the largest double */
};

/*
 * Reads the whole text, correctly rounded: decimal or hexadecimal as Go
 * writes them, underscores between digits, inf, infinity, nan.
 */
enum double_error double_read(struct kg_slice text, double *out);

#endif
