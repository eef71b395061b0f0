/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resource.Quantity: 64 bits and a power of ten while they do, else a decimal
 * number of nanos. When it turns into the latter is visible to expressions
 * (asInteger refuses it), so the conditions are Kubernetes' own.
 */
#include "value/amount.h"

#include <math.h>

#include "base/limits.h"
#include "value/number.h"

#define NANO_SCALE 9
#define FACTORS_MAX 18 /* digits that 64 bits hold for certain */

/* --- The text, taken apart --- */

struct parts {
	bool negative;
	struct kg_slice whole;    /* digits without leading zeros */
	struct kg_slice fraction; /* digits behind the point */
	struct kg_slice suffix;
	bool digits; /* there was one, if only a zero */
};

static struct kg_slice
take_digits(struct kg_slice text, size_t *at)
{
	const size_t start = *at;

	while (*at < text.len && text.ptr[*at] >= '0' && text.ptr[*at] <= '9')
		++*at;
	return slice_of(text.ptr + start, *at - start);
}

/* Letters of suffixes, a sign, digits: to the end, or it is no quantity. */
static bool
suffix_ok(struct kg_slice text, size_t at)
{
	while (at < text.len && text.ptr[at] != '\0' &&
	    strchr("eEinumkKMGTP", text.ptr[at]) != NULL)
		at++;
	if (at < text.len && (text.ptr[at] == '-' || text.ptr[at] == '+'))
		at++;
	(void)take_digits(text, &at);
	return at == text.len;
}

static bool
take_apart(struct kg_slice text, struct parts *p)
{
	size_t at = 0, zeros;

	*p = (struct parts){ 0 };
	if (at < text.len && (text.ptr[at] == '-' || text.ptr[at] == '+'))
		p->negative = text.ptr[at++] == '-';
	zeros = at;
	while (at < text.len && text.ptr[at] == '0')
		at++;
	p->whole = take_digits(text, &at);
	p->digits = at > zeros;
	if (at < text.len && text.ptr[at] == '.') {
		at++;
		p->fraction = take_digits(text, &at);
		p->digits = p->digits || p->fraction.len > 0;
	}
	p->suffix = slice_from(text, at);
	return suffix_ok(text, at);
}

/* e3, E-3: as Go reads an int64 and keeps 32 bits of it. */
static bool
read_exponent(struct kg_slice suffix, int32_t *out)
{
	size_t at = 1;
	bool negative = false;
	struct kg_slice digits;
	uint64_t n = 0;

	if (suffix.len < 2 || (suffix.ptr[0] != 'e' && suffix.ptr[0] != 'E'))
		return false;
	if (suffix.ptr[at] == '-' || suffix.ptr[at] == '+')
		negative = suffix.ptr[at++] == '-';
	digits = take_digits(suffix, &at);
	if (digits.len == 0 || at != suffix.len)
		return false;
	for (size_t i = 0; i < digits.len; i++) {
		if (n > (uint64_t)INT64_MAX / 10)
			return false;
		n = n * 10 + (uint64_t)(digits.ptr[i] - '0');
	}
	if (n > (uint64_t)INT64_MAX + negative)
		return false;
	*out = (int32_t)(uint32_t)(negative ? 0 - n : n);
	return true;
}

/* --- Within 64 bits --- */

static bool
times_ten(int64_t n, int64_t power, int64_t *out)
{
	for (; power > 0 && n != 0; power--) {
		if (__builtin_mul_overflow(n, 10, &n))
			return false;
	}
	*out = n;
	return true;
}

static int64_t
digits_value(struct kg_slice digits, int64_t n)
{
	for (size_t i = 0; i < digits.len; i++)
		n = n * 10 + (digits.ptr[i] - '0');
	return n;
}

/* Kubernetes' short way; false: the long one decides. */
static bool
parse_short(
    const struct parts *p, unsigned binary, int32_t decimal, struct amount *out)
{
	/* An empty whole part counts as the digit 0. */
	const int64_t whole = p->whole.len > 0 ? (int64_t)p->whole.len : 1;
	const int64_t power = (int64_t)decimal - (int64_t)p->fraction.len;
	int64_t n;

	if (binary == 0 && whole + (int64_t)p->fraction.len > FACTORS_MAX)
		return false;
	if (binary > 0 &&
	    (p->fraction.len > 0 || 15 - whole - binary * 3 / 10 - 1 < 0))
		return false;
	if (power < -NANO_SCALE || power > INT32_MAX)
		return false;
	n = digits_value(p->fraction, digits_value(p->whole, 0));
	if (__builtin_mul_overflow(n, (int64_t)1 << binary, &n))
		return false;
	*out = (struct amount){ .value = p->negative ? -n : n,
		.power = (int32_t)power };
	return true;
}

/* --- Beyond --- */

static const struct decimal *
capped(struct arena *a, const struct decimal *d)
{
	const struct decimal *max = decimal_of_int(a, INT64_MAX, 0);

	return max != NULL && decimal_cmp(d, max) > 0 ? max : d;
}

static enum amount_error
parse_long(struct arena *a, const struct parts *p, unsigned binary,
    int32_t decimal, struct amount *out)
{
	const int64_t scale = (int64_t)p->fraction.len - decimal;
	const struct decimal *d;
	struct buf digits;

	if (!p->digits)
		return AMOUNT_NUMERIC;
	if (scale > INT32_MAX || scale < INT32_MIN)
		return AMOUNT_LIMIT;
	buf_init(&digits, a, DECIMAL_DIGITS_MAX);
	buf_put(&digits, p->whole);
	buf_put(&digits, p->fraction);
	if (buf_failed(&digits))
		return AMOUNT_LIMIT;
	d = decimal_of_digits(a, buf_slice(&digits));
	if (d != NULL)
		d = decimal_with(a, d, false, (int32_t)scale);
	if (d != NULL && binary > 0)
		d = decimal_shift(a, d, binary);
	if (d != NULL && d->count > 0)
		d = decimal_round_up(a, d, NANO_SCALE);
	if (d != NULL && binary > 0)
		d = capped(a, d);
	if (d != NULL)
		d = decimal_with(a, d, p->negative, d->scale);
	*out = (struct amount){ .decimal = d };
	return d == NULL ? AMOUNT_LIMIT : AMOUNT_OK;
}

enum amount_error
amount_parse(struct arena *a, struct kg_slice text, struct amount *out)
{
	struct parts p;
	unsigned binary = 0;
	int32_t decimal = 0;

	*out = (struct amount){ 0 };
	if (text.len == 0 || !take_apart(text, &p))
		return AMOUNT_FORMAT;
	if (!quantity_suffix(p.suffix, &binary, &decimal) &&
	    !read_exponent(p.suffix, &decimal))
		return AMOUNT_SUFFIX;
	if (parse_short(&p, binary, decimal, out))
		return AMOUNT_OK;
	return parse_long(a, &p, binary, decimal, out);
}

const char *
amount_error_text(enum amount_error e)
{
	switch (e) {
	case AMOUNT_OK:
		break;
	case AMOUNT_FORMAT:
		return "quantities must match the regular expression "
		       "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
	case AMOUNT_NUMERIC:
		return "unable to parse numeric part of quantity";
	case AMOUNT_SUFFIX:
		return "unable to parse quantity's suffix";
	case AMOUNT_LIMIT:
		return "quantity has more digits than can be handled";
	}
	return "";
}

struct amount
amount_of_int(int64_t n)
{
	return (struct amount){ .value = n };
}

/* --- Arithmetic --- */

static const struct decimal *
as_decimal(struct arena *a, const struct amount *x)
{
	if (x->decimal != NULL)
		return x->decimal;
	if (x->power == INT32_MIN)
		return NULL;
	return decimal_of_int(a, x->value, -x->power);
}

/* Both within 64 bits; false: the sum is not. */
static bool
add_short(struct amount x, struct amount y, struct amount *out)
{
	struct amount low = x, high = y;
	int64_t n;

	if (x.value == 0 || y.value == 0) {
		*out = x.value == 0 && y.value != 0 ? y : x;
		return true;
	}
	if (x.power > y.power) {
		low = y;
		high = x;
	}
	if (!times_ten(high.value, (int64_t)high.power - low.power, &n) ||
	    __builtin_add_overflow(n, low.value, &n))
		return false;
	*out = (struct amount){ .value = n, .power = low.power };
	return true;
}

bool
amount_add(struct arena *a, const struct amount *x, const struct amount *y,
    bool subtract, struct amount *out)
{
	const struct decimal *dx, *dy;
	struct amount other = *y;

	if (x->decimal == NULL && y->decimal == NULL) {
		if (subtract)
			other.value = (int64_t)(0 - (uint64_t)y->value);
		if (add_short(*x, other, out))
			return true;
	}
	dx = as_decimal(a, x);
	dy = as_decimal(a, y);
	if (dy != NULL && subtract)
		dy = decimal_with(a, dy, !dy->negative, dy->scale);
	if (dx == NULL || dy == NULL)
		return false;
	*out = (struct amount){ .decimal = decimal_add(a, dx, dy) };
	return out->decimal != NULL;
}

/* The same number as a decimal one; *room is for what has none yet. */
static const struct decimal *
view(const struct amount *x, struct decimal_int *room)
{
	if (x->decimal != NULL)
		return x->decimal;
	decimal_of_int_in(room, x->value, -(int64_t)x->power);
	return &room->decimal;
}

int
amount_cmp(const struct amount *x, const struct amount *y)
{
	struct decimal_int rx, ry;

	if (x->decimal == NULL && y->decimal == NULL && x->power == y->power)
		return (x->value > y->value) - (x->value < y->value);
	return decimal_cmp(view(x, &rx), view(y, &ry));
}

int
amount_sign(const struct amount *x)
{
	if (x->decimal != NULL)
		return decimal_sign(x->decimal);
	return (x->value > 0) - (x->value < 0);
}

bool
amount_int(const struct amount *x, int64_t *out)
{
	*out = 0;
	return x->decimal == NULL && x->power >= 0 &&
	    times_ten(x->value, x->power, out);
}

/* 10^n in the two factors that Go multiplies. */
static double
power_of_ten(int n)
{
	static const double ones[] = { 1e00, 1e01, 1e02, 1e03, 1e04, 1e05, 1e06,
		1e07, 1e08, 1e09, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
		1e17, 1e18, 1e19, 1e20, 1e21, 1e22, 1e23, 1e24, 1e25, 1e26,
		1e27, 1e28, 1e29, 1e30, 1e31 };
	static const double up[] = { 1e00, 1e32, 1e64, 1e96, 1e128, 1e160,
		1e192, 1e224, 1e256, 1e288 };
	static const double down[] = { 1e-00, 1e-32, 1e-64, 1e-96, 1e-128,
		1e-160, 1e-192, 1e-224, 1e-256, 1e-288, 1e-320 };

	if (n >= 0 && n <= 308)
		return up[n / 32] * ones[n % 32];
	if (n < 0 && n >= -323)
		return down[-n / 32] / ones[-n % 32];
	return n > 0 ? (double)INFINITY : 0;
}

double
amount_double(struct arena *a, const struct amount *x)
{
	double base = (double)x->value;
	int64_t power = x->power;

	if (x->decimal != NULL) {
		struct buf digits;

		buf_init(&digits, a, DECIMAL_DIGITS_MAX + 32);
		decimal_put_digits(&digits, x->decimal);
		power = -(int64_t)x->decimal->scale;
		if (double_read(buf_slice(&digits), &base) != DOUBLE_OK)
			base = power_of_ten(309);
		if (x->decimal->negative)
			base = -base;
	}
	if (power == 0)
		return base;
	return base *
	    power_of_ten((int)(power > 1000 ? 1000
		    : power < -1000         ? -1000
					    : power));
}
