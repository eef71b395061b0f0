/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kubernetes quantities (apimachinery/pkg/api/resource/quantity.go), exactly:
 * no floating point. Grammar: sign, digits (none are 0) with an optional point,
 * and a suffix (n u m, none, k M G T P E; Ki Mi Gi Ti Pi Ei; e or E with a
 * signed exponent; a bare E is exa). As Kubernetes does, values are rounded up,
 * away from zero, at nano and capped at 2^63-1 (and its negative).
 */
#ifndef KG_VALUE_QUANTITY_H
#define KG_VALUE_QUANTITY_H

#include "base/buf.h"
#include "value/value.h"

enum quantity_format {
	QUANTITY_DECIMAL_SI,  /* 1500m, 5G */
	QUANTITY_BINARY_SI,   /* 10Mi */
	QUANTITY_DECIMAL_EXP, /* 1e3 */
};

/* The value is whole + nano / 10^9; both have the same sign. */
struct quantity {
	int64_t whole;
	int32_t nano;
	enum quantity_format format;
	bool capped; /* the text said more than int64 holds */
};

enum quantity_error {
	QUANTITY_OK,
	QUANTITY_EMPTY,
	QUANTITY_SYNTAX, /* not of the grammar: see *at */
	QUANTITY_SUFFIX, /* an unknown suffix: see *at */
};

/* Reads the whole text. *at, when not NULL, is the offset of what is wrong. */
enum quantity_error quantity_parse(
    struct kg_slice text, struct quantity *out, size_t *at);

/* What a suffix multiplies by, 2^binary * 10^decimal; false when it is none
 * (an exponent is none). */
bool quantity_suffix(struct kg_slice text, unsigned *binary, int *decimal);

/* Reads a string, or a JSON number by its text as Kubernetes does. Anything
 * else is QUANTITY_SYNTAX. */
enum quantity_error quantity_read(const struct value *v, struct quantity *out);

/* <0, 0, >0; numerically, whatever the format. */
int quantity_cmp(const struct quantity *a, const struct quantity *b);

/* True when there is no fraction and the text fitted int64. */
bool quantity_is_integer(const struct quantity *q);

/* Appends Kubernetes' canonical form: the largest suffix of the format that
 * keeps the number whole. */
void quantity_put(struct buf *out, const struct quantity *q);

/* Bytes in the canonical binary form: "10Mi", "1000". For messages. */
void quantity_put_bytes(struct buf *out, int64_t bytes);

#endif
