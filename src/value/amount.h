/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Quantities as expressions see them: resource.Quantity with its arithmetic.
 * Unlike value/quantity.h nothing is capped at 64 bits, and what Kubernetes
 * answers depends on how it holds a number (1.5Gi is no integer to it, 1e3
 * is): so this holds it the same way. Immutable, in an arena.
 */
#ifndef KG_VALUE_AMOUNT_H
#define KG_VALUE_AMOUNT_H

#include "value/decimal.h"
#include "value/quantity.h"

struct amount {
	int64_t value; /* times 10^power, while there is no decimal */
	int32_t power;
	const struct decimal *decimal; /* NULL: 64 bits are enough */
};

enum amount_error {
	AMOUNT_OK,
	AMOUNT_FORMAT,
	AMOUNT_NUMERIC,
	AMOUNT_SUFFIX,
	AMOUNT_LIMIT, /* more than DECIMAL_DIGITS_MAX digits, or no memory */
};

enum amount_error amount_parse(
    struct arena *a, struct kg_slice text, struct amount *out);

/* Kubernetes' words for it. */
const char *amount_error_text(enum amount_error e);

/* A whole number, as arithmetic with one makes it. */
struct amount amount_of_int(int64_t n);

/* The sum, or with subtract the difference; false: AMOUNT_LIMIT. */
bool amount_add(struct arena *a, const struct amount *x, const struct amount *y,
    bool subtract, struct amount *out) KG_MUST_CHECK;

/* <0, 0, >0. By value. */
int amount_cmp(const struct amount *x, const struct amount *y);

int amount_sign(const struct amount *x);

/* False: Kubernetes does not hold it as an integer of 64 bits. */
bool amount_int(const struct amount *x, int64_t *out);

double amount_double(struct arena *a, const struct amount *x);

#endif
