/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decimal numbers of any size, in an arena, never changed once made: what a
 * quantity becomes when 64 bits are not enough. Operations give NULL when the
 * arena failed or the result would have more than DECIMAL_DIGITS_MAX digits.
 */
#ifndef KG_VALUE_DECIMAL_H
#define KG_VALUE_DECIMAL_H

#include "base/buf.h"

/* The limbs as one number, times 10^-scale. */
struct decimal {
	bool negative; /* never of 0 */
	int32_t scale;
	uint32_t count;        /* limbs, the highest not 0; 0: the number 0 */
	const uint32_t *limbs; /* base 10^9, lowest first */
};

/* Digits only, at most DECIMAL_DIGITS_MAX; the scale is 0. */
const struct decimal *decimal_of_digits(
    struct arena *a, struct kg_slice digits);
const struct decimal *decimal_of_int(struct arena *a, int64_t n, int32_t scale);

/* The same without an arena; do not copy it. */
struct decimal_int {
	struct decimal decimal;
	uint32_t limbs[3];
};

void decimal_of_int_in(struct decimal_int *room, int64_t n, int64_t scale);

/* The same digits, another sign or scale. */
const struct decimal *decimal_with(
    struct arena *a, const struct decimal *d, bool negative, int32_t scale);

/* Times 2^bits. */
const struct decimal *decimal_shift(
    struct arena *a, const struct decimal *d, unsigned bits);

const struct decimal *decimal_add(
    struct arena *a, const struct decimal *x, const struct decimal *y);

/* Away from zero, to exactly so many digits behind the point. */
const struct decimal *decimal_round_up(
    struct arena *a, const struct decimal *d, int32_t scale);

/* <0, 0, >0 */
int decimal_cmp(const struct decimal *x, const struct decimal *y);
int decimal_sign(const struct decimal *d);

/* The limbs alone, without sign and scale, as decimal digits. */
void decimal_put_digits(struct buf *out, const struct decimal *d);

#endif
