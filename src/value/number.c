/* SPDX-License-Identifier: Apache-2.0 */
/* Go's forms of doubles, by printf and strtod of the C library. */
#include "value/number.h"

#include <float.h>
#include <math.h>

#include "base/ascii.h"
#include "base/limits.h"

/* Digits of the largest double before the point, and what else %f needs. */
#define FIXED_MAX (320 + DOUBLE_PRECISION_MAX)

/* --- The locale's decimal point --- */

/* What printf puts between 1 and 5 of 1.5; perhaps several bytes. */
static struct kg_slice
locale_point(char text[16])
{
	const int n = snprintf(text, 16, "%.1f", 1.5);

	if (n < 3 || n > 15)
		return SLICE(".");
	return slice_of(text + 1, (size_t)n - 2);
}

/* Puts a plain point in place of the locale's. */
static size_t
plain_point(char *text, size_t len)
{
	char room[16];
	const struct kg_slice point = locale_point(room);

	if (slice_is(point, "."))
		return len;
	for (size_t i = 0; i + point.len <= len; i++) {
		if (memcmp(text + i, point.ptr, point.len) != 0)
			continue;
		text[i] = '.';
		memmove(
		    text + i + 1, text + i + point.len, len - i - point.len);
		return len - point.len + 1;
	}
	return len;
}

/* strtod of text with a plain point. */
static double
read_plain(const char *text, size_t len)
{
	char room[16], local[NUMBER_TEXT_MAX + 32];
	const struct kg_slice point = locale_point(room);
	size_t n = 0;

	for (size_t i = 0; i < len && n < NUMBER_TEXT_MAX + 16; i++) {
		if (text[i] == '.') {
			memcpy(local + n, point.ptr, point.len);
			n += point.len;
		} else {
			local[n++] = text[i];
		}
	}
	local[n] = '\0';
	return strtod(local, NULL);
}

/* Digits and point of a JSON number; gives what follows them, NULL when
 * there are more than 15 digits. */
static const char *
read_digits(const char *p, const char *end, uint64_t *digits, int *scale)
{
	int count = 0;
	bool point = false;

	for (; p < end && *p != 'e' && *p != 'E'; p++) {
		if (*p == '.') {
			point = true;
			continue;
		}
		if (++count > 15)
			return NULL;
		*digits = *digits * 10 + (uint64_t)(*p - '0');
		*scale -= point ? 1 : 0;
	}
	return p;
}

/* "e+12", "E9", or nothing; at most four characters. */
static int
read_power(const char *p, const char *end)
{
	bool minus;
	int n = 0;

	if (p < end)
		p++;
	minus = p < end && *p == '-';
	if (p < end && (*p == '-' || *p == '+'))
		p++;
	for (; p < end; p++)
		n = n * 10 + (*p - '0');
	return minus ? -n : n;
}

bool
double_read_short(struct kg_slice text, double *out)
{
	static const double powers[] = { 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7,
		1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
		1e19, 1e20, 1e21, 1e22 };
	const char *const end = text.ptr + text.len;
	const bool negative = text.len > 0 && text.ptr[0] == '-';
	uint64_t digits = 0;
	int power = 0;
	const char *p =
	    read_digits(text.ptr + (negative ? 1 : 0), end, &digits, &power);
	double d;

	if (p == NULL || end - p > 4)
		return false;
	power += read_power(p, end);
	if (power < -22 || power > 22)
		return false;
	d = (double)digits; /* exact, and so is the power: rounded once */
	d = power < 0 ? d / powers[-power] : d * powers[power];
	*out = negative ? -d : d;
	return true;
}

/* --- To text --- */

/* "-d.ddde+xx" to digits and exponent. */
static void
take_digits(const char *p, struct double_digits *out)
{
	out->count = 0;
	out->negative = *p == '-';
	for (; *p != '\0' && *p != 'e'; p++) {
		if (*p >= '0' && *p <= '9' && out->count < 17)
			out->digits[out->count++] = *p;
	}
	out->exponent = *p == 'e' ? (int)strtol(p + 1, NULL, 10) : 0;
	while (out->count > 1 && out->digits[out->count - 1] == '0')
		out->count--;
}

static bool
reads_back(const char *text, double d)
{
	const double back = strtod(text, NULL);

	return back >= d && back <= d;
}

/* Adds one to the last digit of "d.ddde+xx"; false for 9.99. */
static bool
count_up(char *text)
{
	char *p = strchr(text, 'e');

	while (p != NULL && p-- > text) {
		if (*p >= '0' && *p < '9') {
			++*p;
			return true;
		}
		if (*p == '9')
			*p = '0';
	}
	return false;
}

/*
 * Below a power of two doubles lie closer together than above: there the
 * nearest text may read back as another one, and the next text does not.
 */
static bool
next_reads_back(char *text, double d)
{
	int exponent;

	return fabs(frexp(d, &exponent)) <= 0.5 && count_up(text) &&
	    reads_back(text, d);
}

/* The digits of a whole number below 1e15, at most; its last `scale` stand
 * behind the point. */
static void
split_digits(uint64_t n, int scale, struct double_digits *out)
{
	char reversed[17];
	int count = 0;

	for (; n > 0; n /= 10)
		reversed[count++] = (char)('0' + n % 10);
	out->exponent = count - 1 - scale;
	out->count = count;
	for (int i = 0; i < count; i++)
		out->digits[i] = reversed[count - 1 - i];
	while (out->count > 1 && out->digits[out->count - 1] == '0')
		out->count--;
}

/*
 * Numbers as people write them: few digits behind the point. Whole numbers
 * and powers of ten below 1e15 are exact and their division is rounded
 * correctly, so that it gives d exactly when the text reads back as d; and
 * of texts with at most 15 digits only one does.
 */
static bool
take_plain(double d, struct double_digits *out)
{
	static const double powers[] = { 1, 10, 100, 1e3, 1e4 };
	const double size = fabs(d);

	for (int scale = 0; scale < 5; scale++) {
		const double whole = rint(size * powers[scale]);

		if (!(whole >= 1 && whole < 1e15))
			continue;
		if (whole / powers[scale] < size ||
		    whole / powers[scale] > size)
			continue;
		out->negative = d < 0;
		split_digits((uint64_t)whole, scale, out);
		return true;
	}
	return false;
}

void
double_shortest(double d, struct double_digits *out)
{
	/* A text of at most 15 digits that reads back as d is what 15 digits
	 * of d are, less the zeros at the end. Below the normal doubles that
	 * does not hold. */
	const int first = fabs(d) >= DBL_MIN ? 14 : 0;
	char text[40];

	if (take_plain(d, out))
		return;
	for (int digits = first; digits < 17; digits++) {
		(void)snprintf(text, sizeof(text), "%.*e", digits, d);
		if (reads_back(text, d) || next_reads_back(text, d))
			break;
	}
	take_digits(text, out);
}

static void
put_zeros(struct buf *out, int n)
{
	while (n-- > 0)
		buf_putc(out, '0');
}

static void
put_fixed_shortest(struct buf *out, const struct double_digits *d)
{
	const int point = d->exponent + 1;

	if (point <= 0) {
		buf_puts(out, "0.");
		put_zeros(out, -point);
	}
	for (int i = 0; i < d->count; i++) {
		if (i == point && i > 0)
			buf_putc(out, '.');
		buf_putc(out, d->digits[i]);
	}
	put_zeros(out, point - d->count);
}

static void
put_exponent_shortest(struct buf *out, const struct double_digits *d)
{
	buf_putc(out, d->digits[0]);
	if (d->count > 1)
		buf_putc(out, '.');
	buf_put(out, slice_of(d->digits + 1, (size_t)d->count - 1));
	buf_printf(out, "e%c%02d", d->exponent < 0 ? '-' : '+',
	    d->exponent < 0 ? -d->exponent : d->exponent);
}

static void
put_shortest(struct buf *out, double d, enum double_style style)
{
	struct double_digits digits;
	bool plain = style == DOUBLE_FIXED;

	double_shortest(d, &digits);
	if (digits.negative)
		buf_putc(out, '-');
	if (style == DOUBLE_GENERAL)
		plain = digits.exponent >= -4 && digits.exponent < 6;
	if (plain)
		put_fixed_shortest(out, &digits);
	else
		put_exponent_shortest(out, &digits);
}

void
double_put(struct buf *out, double d, enum double_style style, int precision)
{
	char text[FIXED_MAX];
	int n;

	if (isnan(d) || isinf(d)) {
		buf_puts(out, isnan(d) ? "NaN" : d < 0 ? "-Inf" : "+Inf");
		return;
	}
	if (precision < 0 || style == DOUBLE_GENERAL) {
		put_shortest(out, d, style);
		return;
	}
	if (precision > DOUBLE_PRECISION_MAX)
		precision = DOUBLE_PRECISION_MAX;
	n = style == DOUBLE_FIXED
	    ? snprintf(text, sizeof(text), "%.*f", precision, d)
	    : snprintf(text, sizeof(text), "%.*e", precision, d);
	if (n > 0 && (size_t)n < sizeof(text))
		buf_put(out, slice_of(text, plain_point(text, (size_t)n)));
}

/* --- From text --- */

static bool
is_digit(char c, bool hex)
{
	return hex ? ascii_hex(c) >= 0 : ascii_digit(c);
}

/* Reads "inf", "+Infinity", "nan" in any letter case. */
static bool
read_name(struct kg_slice text, double *out)
{
	const bool sign =
	    text.len > 0 && (text.ptr[0] == '+' || text.ptr[0] == '-');
	const struct kg_slice name = slice_from(text, sign);

	if (slice_eq_nocase(text, SLICE("nan"))) {
		*out = (double)NAN;
		return true;
	}
	if (!slice_eq_nocase(name, SLICE("inf")) &&
	    !slice_eq_nocase(name, SLICE("infinity")))
		return false;
	*out = text.ptr[0] == '-' ? -(double)INFINITY : (double)INFINITY;
	return true;
}

/* A text without its underscores. */
struct plain_number {
	char text[NUMBER_TEXT_MAX + 1];
	size_t len;
};

/* Takes digits; an underscore stands between two, or behind 0x. */
static bool
take_run(struct kg_slice text, size_t *at, bool hex, struct plain_number *out,
    size_t *digits)
{
	bool after_digit = hex && *digits == 0 && out->len > 0 &&
	    (out->text[out->len - 1] | 0x20) == 'x';

	for (; *at < text.len; ++*at) {
		const char c = text.ptr[*at];

		if (c == '_') {
			if (!after_digit || *at + 1 == text.len ||
			    !is_digit(text.ptr[*at + 1], hex))
				return false;
			after_digit = false;
		} else if (is_digit(c, hex)) {
			after_digit = true;
			out->text[out->len++] = c;
			++*digits;
		} else {
			break;
		}
	}
	return true;
}

static bool
take_exponent(struct kg_slice text, size_t *at, struct plain_number *out)
{
	size_t digits = 0;

	out->text[out->len++] = text.ptr[(*at)++];
	if (*at < text.len && (text.ptr[*at] == '+' || text.ptr[*at] == '-'))
		out->text[out->len++] = text.ptr[(*at)++];
	return take_run(text, at, false, out, &digits) && digits > 0;
}

/* By Go's grammar, into what strtod takes. */
static bool
plain_number(struct kg_slice text, struct plain_number *out)
{
	size_t at = 0, digits = 0;
	bool hex, exponent = false;

	if (at < text.len && (text.ptr[at] == '+' || text.ptr[at] == '-'))
		out->text[out->len++] = text.ptr[at++];
	hex = text.len - at > 2 && text.ptr[at] == '0' &&
	    (text.ptr[at + 1] | 0x20) == 'x';
	for (unsigned i = 0; hex && i < 2; i++)
		out->text[out->len++] = text.ptr[at++];
	if (!take_run(text, &at, hex, out, &digits))
		return false;
	if (at < text.len && text.ptr[at] == '.') {
		out->text[out->len++] = text.ptr[at++];
		if (at < text.len && text.ptr[at] == '_')
			return false;
		if (!take_run(text, &at, hex, out, &digits))
			return false;
	}
	if (at < text.len && (text.ptr[at] | 0x20) == (hex ? 'p' : 'e')) {
		exponent = true;
		if (!take_exponent(text, &at, out))
			return false;
	}
	return at == text.len && digits > 0 && (!hex || exponent);
}

enum double_error
double_read(struct kg_slice text, double *out)
{
	struct plain_number plain = { .len = 0 };

	*out = 0;
	if (read_name(text, out))
		return DOUBLE_OK;
	if (text.len > NUMBER_TEXT_MAX || !plain_number(text, &plain))
		return DOUBLE_SYNTAX;
	*out = read_plain(plain.text, plain.len);
	return isinf(*out) ? DOUBLE_RANGE : DOUBLE_OK;
}
