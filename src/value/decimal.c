/* SPDX-License-Identifier: Apache-2.0 */
/*
 * School arithmetic in base 10^9, where powers of ten are cheap. Sizes are
 * checked before anything is made larger.
 */
#include "value/decimal.h"

#include "base/limits.h"

#define BASE 1000000000u
#define LIMB 9 /* digits */
#define LIMBS_MAX (DECIMAL_DIGITS_MAX / LIMB + 1)

static struct decimal *
new_decimal(struct arena *a, uint32_t count, uint32_t **limbs)
{
	struct decimal *d;

	if (count > LIMBS_MAX + 1)
		return NULL;
	d = arena_alloc(a, sizeof(*d));
	*limbs = arena_alloc(a, (count + 1) * sizeof(**limbs));
	if (d == NULL || *limbs == NULL)
		return NULL;
	d->limbs = *limbs;
	d->count = count;
	return d;
}

/* Drops zero limbs at the top; NULL when what is left is too much. */
static const struct decimal *
trimmed(struct decimal *d)
{
	while (d->count > 0 && d->limbs[d->count - 1] == 0)
		d->count--;
	if (d->count == 0)
		d->negative = false;
	return d->count > LIMBS_MAX ? NULL : d;
}

const struct decimal *
decimal_of_digits(struct arena *a, struct kg_slice digits)
{
	struct decimal *d;
	uint32_t *limbs;

	while (digits.len > 0 && digits.ptr[0] == '0')
		digits = slice_from(digits, 1);
	if (digits.len > DECIMAL_DIGITS_MAX)
		return NULL;
	d = new_decimal(a, (uint32_t)(digits.len / LIMB + 1), &limbs);
	if (d == NULL)
		return NULL;
	for (size_t i = 0; i < digits.len; i++) {
		const size_t place = digits.len - 1 - i;

		limbs[place / LIMB] =
		    limbs[place / LIMB] * 10 + (uint32_t)(digits.ptr[i] - '0');
	}
	return trimmed(d);
}

static uint32_t
split_int(int64_t n, uint32_t limbs[3])
{
	uint64_t rest = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
	uint32_t count = 0;

	for (unsigned i = 0; i < 3; i++) {
		limbs[i] = (uint32_t)(rest % BASE);
		rest /= BASE;
		if (limbs[i] != 0)
			count = i + 1;
	}
	return count;
}

const struct decimal *
decimal_of_int(struct arena *a, int64_t n, int32_t scale)
{
	uint32_t *limbs;
	struct decimal *d = new_decimal(a, 3, &limbs);

	if (d == NULL)
		return NULL;
	d->count = split_int(n, limbs);
	d->negative = n < 0;
	d->scale = scale;
	return d;
}

void
decimal_of_int_in(struct decimal_int *room, int64_t n, int64_t scale)
{
	/* One power of ten beyond 2^31 compares as 2^31 does. */
	room->decimal =
	    (struct decimal){ .negative = n<0, .scale = scale> INT32_MAX
			? INT32_MAX
			: (int32_t)scale,
		    .count = split_int(n, room->limbs),
		    .limbs = room->limbs };
}

const struct decimal *
decimal_with(
    struct arena *a, const struct decimal *d, bool negative, int32_t scale)
{
	struct decimal *copy = arena_alloc(a, sizeof(*copy));

	if (copy == NULL)
		return NULL;
	*copy = *d;
	copy->negative = negative && d->count > 0;
	copy->scale = scale;
	return copy;
}

/* Times a factor below 10^9, moved up by whole limbs. */
static const struct decimal *
multiplied(
    struct arena *a, const struct decimal *d, uint32_t factor, uint32_t up)
{
	uint64_t carry = 0;
	uint32_t *limbs;
	struct decimal *out;

	if (d->count == 0)
		return d;
	if (up > LIMBS_MAX)
		return NULL;
	out = new_decimal(a, d->count + up + 1, &limbs);
	if (out == NULL)
		return NULL;
	for (uint32_t i = 0; i < d->count; i++) {
		carry += (uint64_t)d->limbs[i] * factor;
		limbs[i + up] = (uint32_t)(carry % BASE);
		carry /= BASE;
	}
	limbs[d->count + up] = (uint32_t)carry;
	out->negative = d->negative;
	out->scale = d->scale;
	return trimmed(out);
}

const struct decimal *
decimal_shift(struct arena *a, const struct decimal *d, unsigned bits)
{
	while (d != NULL && bits > 0) {
		const unsigned step = bits > 29 ? 29 : bits;

		d = multiplied(a, d, (uint32_t)1 << step, 0);
		bits -= step;
	}
	return d;
}

static uint32_t
power_of_ten(unsigned n)
{
	uint32_t p = 1;

	while (n-- > 0)
		p *= 10;
	return p;
}

/* The same number with more digits behind the point. */
static const struct decimal *
rescaled(struct arena *a, const struct decimal *d, int32_t scale)
{
	const int64_t more = (int64_t)scale - d->scale;
	const struct decimal *up;

	if (more > (int64_t)DECIMAL_DIGITS_MAX && d->count > 0)
		return NULL;
	up = d->count == 0
	    ? d
	    : multiplied(a, d, power_of_ten((unsigned)(more % LIMB)),
		  (uint32_t)(more / LIMB));
	return up == NULL ? NULL : decimal_with(a, up, d->negative, scale);
}

static int
cmp_limbs(const struct decimal *x, const struct decimal *y)
{
	if (x->count != y->count)
		return x->count < y->count ? -1 : 1;
	for (uint32_t i = x->count; i > 0; i--) {
		if (x->limbs[i - 1] != y->limbs[i - 1])
			return x->limbs[i - 1] < y->limbs[i - 1] ? -1 : 1;
	}
	return 0;
}

static const struct decimal *
add_limbs(struct arena *a, const struct decimal *x, const struct decimal *y)
{
	const uint32_t count = x->count > y->count ? x->count : y->count;
	uint32_t *limbs, carry = 0;
	struct decimal *out = new_decimal(a, count + 1, &limbs);

	if (out == NULL)
		return NULL;
	for (uint32_t i = 0; i <= count; i++) {
		carry += (i < x->count ? x->limbs[i] : 0) +
		    (i < y->count ? y->limbs[i] : 0);
		limbs[i] = carry % BASE;
		carry /= BASE;
	}
	out->negative = x->negative;
	out->scale = x->scale;
	return trimmed(out);
}

/* The greater less the smaller; the sign is that of the greater. */
static const struct decimal *
subtract_limbs(
    struct arena *a, const struct decimal *x, const struct decimal *y)
{
	uint32_t *limbs;
	struct decimal *out = new_decimal(a, x->count, &limbs);
	int64_t borrow = 0;

	if (out == NULL)
		return NULL;
	for (uint32_t i = 0; i < x->count; i++) {
		borrow += (int64_t)x->limbs[i] -
		    (i < y->count ? (int64_t)y->limbs[i] : 0);
		limbs[i] = (uint32_t)(borrow < 0 ? borrow + BASE : borrow);
		borrow = borrow < 0 ? -1 : 0;
	}
	out->negative = x->negative;
	out->scale = x->scale;
	return trimmed(out);
}

const struct decimal *
decimal_add(struct arena *a, const struct decimal *x, const struct decimal *y)
{
	const int32_t scale = x->scale > y->scale ? x->scale : y->scale;

	x = rescaled(a, x, scale);
	y = rescaled(a, y, scale);
	if (x == NULL || y == NULL)
		return NULL;
	if (x->negative == y->negative)
		return add_limbs(a, x, y);
	return cmp_limbs(x, y) >= 0 ? subtract_limbs(a, x, y)
				    : subtract_limbs(a, y, x);
}

const struct decimal *
decimal_round_up(struct arena *a, const struct decimal *d, int32_t scale)
{
	const int64_t drop = (int64_t)d->scale - scale;
	uint32_t whole, unit;
	bool rest = false;
	uint32_t *limbs;
	struct decimal *out;

	if (drop <= 0 || d->count == 0)
		return rescaled(a, d, scale);
	whole = (uint32_t)(drop / LIMB);
	unit = power_of_ten((unsigned)(drop % LIMB));
	for (uint32_t i = 0; i < d->count && i < whole; i++)
		rest = rest || d->limbs[i] != 0;
	out =
	    new_decimal(a, d->count > whole ? d->count - whole + 1 : 1, &limbs);
	if (out == NULL)
		return NULL;
	for (uint32_t i = whole; i < d->count; i++) {
		const uint32_t above = i + 1 < d->count ? d->limbs[i + 1] : 0;

		if (i == whole)
			rest = rest || d->limbs[i] % unit != 0;
		limbs[i - whole] = d->limbs[i] / unit +
		    (uint32_t)((uint64_t)(above % unit) * (BASE / unit));
	}
	out->negative = d->negative;
	out->scale = scale;
	for (uint32_t i = 0; rest && i < out->count; i++) {
		rest = ++limbs[i] == BASE;
		limbs[i] = rest ? 0 : limbs[i];
	}
	return trimmed(out);
}

int
decimal_sign(const struct decimal *d)
{
	return d->count == 0 ? 0 : d->negative ? -1 : 1;
}

/* Digits of the limbs. */
static int64_t
digit_count(const struct decimal *d)
{
	int64_t n = (int64_t)(d->count - 1) * LIMB;

	for (uint32_t top = d->limbs[d->count - 1]; top > 0; top /= 10)
		n++;
	return n;
}

/* Digit number i below the highest one; 0 past the end. */
static unsigned
digit_at(const struct decimal *d, int64_t digits, int64_t i)
{
	const int64_t place = digits - 1 - i;

	if (place < 0)
		return 0;
	return d->limbs[place / LIMB] / power_of_ten((unsigned)(place % LIMB)) %
	    10;
}

/* Without rescaling, so that it needs no memory and no end of digits. */
static int
cmp_magnitude(const struct decimal *x, const struct decimal *y)
{
	const int64_t nx = digit_count(x), ny = digit_count(y);

	if (nx - x->scale != ny - y->scale)
		return nx - x->scale < ny - y->scale ? -1 : 1;
	for (int64_t i = 0; i < nx || i < ny; i++) {
		const unsigned dx = digit_at(x, nx, i), dy = digit_at(y, ny, i);

		if (dx != dy)
			return dx < dy ? -1 : 1;
	}
	return 0;
}

int
decimal_cmp(const struct decimal *x, const struct decimal *y)
{
	const int sx = decimal_sign(x), sy = decimal_sign(y);

	if (sx != sy)
		return sx < sy ? -1 : 1;
	return sx == 0 ? 0 : sx * cmp_magnitude(x, y);
}

void
decimal_put_digits(struct buf *out, const struct decimal *d)
{
	if (d->count == 0) {
		buf_putc(out, '0');
		return;
	}
	buf_put_uint(out, d->limbs[d->count - 1]);
	for (uint32_t i = d->count - 1; i > 0; i--)
		buf_printf(out, "%09u", (unsigned)d->limbs[i - 1]);
}
