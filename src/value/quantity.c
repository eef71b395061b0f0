/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Quantities in exact arithmetic: a decimal mantissa of any length is read
 * digit by digit into a 128-bit count of nanos, with saturation.
 */
#include "value/quantity.h"

#include "base/ascii.h"
#include "value/writer.h"

#define NANO 1000000000u

__extension__ typedef unsigned __int128 wide;

/* Far beyond 2^63 * 10^9 (about 2^93): where counting saturates. */
#define WIDE_CAP ((wide)1 << 120)

/* mantissa * 2^binary * 10^decimal, mantissa in units of 10^-fraction. */
struct scale {
	int binary, decimal;
	enum quantity_format format;
};

/* An exponent's digits, capped where the result is settled anyway. */
static bool
parse_exponent(struct kg_slice text, int *out)
{
	size_t at = 1; /* past the e */
	bool negative = false;
	int n = 0;

	if (at < text.len && (text.ptr[at] == '+' || text.ptr[at] == '-'))
		negative = text.ptr[at++] == '-';
	if (at == text.len)
		return false;
	for (; at < text.len; at++) {
		if (!ascii_digit(text.ptr[at]))
			return false;
		if (n < 100000)
			n = n * 10 + (text.ptr[at] - '0');
	}
	*out = negative ? -n : n;
	return true;
}

/* What one of the suffixes stands for; an exponent is none of them. */
static bool
find_scale(struct kg_slice suffix, struct scale *out)
{
	static const struct kg_slice small = SLICE_INIT("num"),
				     large = SLICE_INIT("kMGTPE"),
				     binary = SLICE_INIT("KMGTPE");
	size_t at;

	*out = (struct scale){ .format = QUANTITY_DECIMAL_SI };
	if (suffix.len == 0)
		return true;
	if (suffix.len == 2 && suffix.ptr[1] == 'i') {
		at = slice_find(binary, suffix.ptr[0]);
		out->binary = 10 * ((int)at + 1);
		out->format = QUANTITY_BINARY_SI;
		return at < binary.len;
	}
	at = slice_find(large, suffix.ptr[0]);
	out->decimal = 3 * ((int)at + 1);
	if (at == large.len) {
		at = slice_find(small, suffix.ptr[0]);
		out->decimal = 3 * (int)at - 9;
		if (at == small.len)
			return false;
	}
	return suffix.len == 1;
}

bool
quantity_suffix(struct kg_slice text, unsigned *binary, int *decimal)
{
	struct scale scale;

	if (!find_scale(text, &scale))
		return false;
	*binary = (unsigned)scale.binary;
	*decimal = scale.decimal;
	return true;
}

static bool
parse_suffix(struct kg_slice text, struct scale *scale, int *exponent)
{
	*exponent = 0;
	if (find_scale(text, scale))
		return true;
	if (text.len < 2 || (text.ptr[0] != 'e' && text.ptr[0] != 'E'))
		return false;
	*scale = (struct scale){ .format = QUANTITY_DECIMAL_EXP };
	return parse_exponent(text, exponent);
}

/* n * 10 + digit, or WIDE_CAP. */
static wide
append_digit(wide n, char digit)
{
	n = n * 10 + (unsigned char)(digit - '0');
	return n < WIDE_CAP ? n : WIDE_CAP;
}

/*
 * The digits, their point left out, times 10^power, rounded away from zero.
 * Digits that a negative power moves out only round.
 */
static wide
decimal_nanos(struct kg_slice digits, long power)
{
	bool rest = false;
	size_t len = digits.len;
	wide n = 0;

	for (; power < 0 && len > 0; len--) {
		if (digits.ptr[len - 1] == '.')
			continue;
		rest = rest || digits.ptr[len - 1] != '0';
		power++;
	}
	for (size_t i = 0; i < len; i++) {
		if (digits.ptr[i] != '.')
			n = append_digit(n, digits.ptr[i]);
	}
	for (; power > 0 && n > 0 && n < WIDE_CAP; power--)
		n = append_digit(n, '0');
	return n + rest;
}

/*
 * The digits times 2^binary. Of the fraction 36 digits count exactly (2^60
 * makes a nano of the 27th); those behind only round.
 */
static wide
binary_nanos(struct kg_slice digits, int binary)
{
	const size_t point = slice_find(digits, '.');
	wide whole = 0, part = 0, unit = 1;
	bool rest = false;

	for (size_t i = 0; i < point; i++)
		whole = append_digit(whole, digits.ptr[i]);
	for (size_t i = 1; i <= 36; i++) {
		const size_t at = point + i;

		part *= 10;
		unit *= 10;
		if (at < digits.len)
			part += (unsigned char)(digits.ptr[at] - '0');
	}
	for (size_t i = point + 37; i < digits.len; i++)
		rest = rest || digits.ptr[i] != '0';
	for (int i = 0; i < binary && whole < WIDE_CAP; i++) {
		part *= 2;
		whole = whole * 2 + part / unit;
		part %= unit;
	}
	if (whole >= WIDE_CAP / NANO)
		return WIDE_CAP;
	unit /= NANO;
	rest = rest || part % unit != 0;
	return whole * NANO + part / unit + rest;
}

/* What small_integer() leaves. */
static KG_COLD void
read_exactly(struct kg_slice number, const struct scale *scale, long exponent,
    struct quantity *out)
{
	const wide limit = (wide)INT64_MAX * NANO;
	wide nanos = scale->binary > 0
	    ? binary_nanos(number, scale->binary)
	    : decimal_nanos(number, 9 + scale->decimal + exponent);

	out->capped = nanos > limit;
	if (out->capped)
		nanos = limit;
	out->whole = (int64_t)(nanos / NANO);
	out->nano = (int32_t)(nanos % NANO);
}

/*
 * Whole digits with a suffix that only makes them larger, within int64: what
 * nearly every quantity is. False: the exact way has to decide.
 */
static bool
small_integer(struct kg_slice digits, const struct scale *scale, int exponent,
    int64_t *out)
{
	int64_t n = 0;
	int decimal = scale->decimal + exponent;

	if (digits.len > 18 || decimal < 0 || decimal > 18)
		return false;
	for (size_t i = 0; i < digits.len; i++)
		n = n * 10 + (digits.ptr[i] - '0');
	if (n > INT64_MAX >> scale->binary)
		return false;
	n <<= scale->binary;
	for (; decimal > 0; decimal--) {
		if (n > INT64_MAX / 10)
			return false;
		n *= 10;
	}
	*out = n;
	return true;
}

enum quantity_error
quantity_parse(struct kg_slice text, struct quantity *out, size_t *at)
{
	size_t dummy, i = 0, first, fraction = 0;
	bool negative = false, point = false;
	struct kg_slice number;
	struct scale scale;
	int exponent;

	if (at == NULL)
		at = &dummy;
	*at = 0;
	*out = (struct quantity){ 0 };
	if (text.len == 0)
		return QUANTITY_EMPTY;
	if (text.ptr[0] == '+' || text.ptr[0] == '-')
		negative = text.ptr[i++] == '-';
	first = i;
	for (; i < text.len; i++) {
		if (ascii_digit(text.ptr[i])) {
			fraction += point;
		} else if (text.ptr[i] == '.' && !point) {
			point = true;
		} else {
			break;
		}
	}
	*at = i;
	/* No digits are zero, as Kubernetes has it: "Mi" is 0. */
	if (!parse_suffix(slice_from(text, i), &scale, &exponent))
		return QUANTITY_SUFFIX;
	out->format = scale.format;
	number = slice_of(text.ptr + first, i - first);
	if (point || !small_integer(number, &scale, exponent, &out->whole))
		read_exactly(number, &scale, exponent - (long)fraction, out);
	if (negative) {
		out->whole = -out->whole;
		out->nano = -out->nano;
	}
	return QUANTITY_OK;
}

enum quantity_error
quantity_read(const struct value *v, struct quantity *out)
{
	char text[32];

	*out = (struct quantity){ 0 };
	if (value_is(v, VALUE_STRING))
		return quantity_parse(value_str(v), out, NULL);
	if (value_is(v, VALUE_INT)) {
		out->whole = v->u.integer;
		return QUANTITY_OK;
	}
	if (value_is(v, VALUE_DOUBLE))
		return quantity_parse(
		    slice_of(text, double_text(v->u.real, text)), out, NULL);
	return QUANTITY_SYNTAX;
}

int
quantity_cmp(const struct quantity *a, const struct quantity *b)
{
	if (a->whole != b->whole)
		return a->whole < b->whole ? -1 : 1;
	return (a->nano > b->nano) - (a->nano < b->nano);
}

bool
quantity_is_integer(const struct quantity *q)
{
	return q->nano == 0 && !q->capped;
}

/* --- Printing --- */

static wide
magnitude(const struct quantity *q)
{
	const uint64_t whole =
	    q->whole < 0 ? 0 - (uint64_t)q->whole : (uint64_t)q->whole;

	return (wide)whole * NANO + (wide)(q->nano < 0 ? -q->nano : q->nano);
}

static void
put_wide(struct buf *out, wide n)
{
	const uint64_t low = 1000000000000000000u;

	if (n >= low) {
		put_wide(out, n / low); /* at most twice: 2^93 < 10^36 */
		buf_printf(
		    out, "%018llu", (unsigned long long)(uint64_t)(n % low));
	} else {
		buf_put_uint(out, (uint64_t)n);
	}
}

/* Thousands that divide n, up to the format's largest suffix. */
static void
put_decimal(struct buf *out, wide nanos, bool exponents)
{
	static const char *const suffixes[] = { "n", "u", "m", "", "k", "M",
		"G", "T", "P", "E" };
	size_t step = 0;

	while (step < 9 && nanos % 1000 == 0) {
		nanos /= 1000;
		step++;
	}
	put_wide(out, nanos);
	if (!exponents)
		buf_puts(out, suffixes[step]);
	else if (step != 3)
		buf_printf(out, "e%d", 3 * (int)step - 9);
}

static void
put_binary(struct buf *out, wide whole)
{
	static const char *const suffixes[] = { "", "Ki", "Mi", "Gi", "Ti",
		"Pi", "Ei" };
	size_t step = 0;

	while (step < 6 && whole % 1024 == 0) {
		whole /= 1024;
		step++;
	}
	put_wide(out, whole);
	buf_puts(out, suffixes[step]);
}

void
quantity_put(struct buf *out, const struct quantity *q)
{
	const wide nanos = magnitude(q);

	if (nanos == 0) {
		buf_putc(out, '0');
		return;
	}
	if (q->whole < 0 || q->nano < 0)
		buf_putc(out, '-');
	/* As Kubernetes: below 1024, or with a fraction, binary is decimal. */
	if (q->format == QUANTITY_BINARY_SI && nanos % NANO == 0 &&
	    nanos / NANO >= 1024)
		put_binary(out, nanos / NANO);
	else
		put_decimal(out, nanos, q->format == QUANTITY_DECIMAL_EXP);
}

void
quantity_put_bytes(struct buf *out, int64_t bytes)
{
	const struct quantity q = { .whole = bytes,
		.format = QUANTITY_BINARY_SI };

	quantity_put(out, &q);
}
