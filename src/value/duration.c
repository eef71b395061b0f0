/* SPDX-License-Identifier: Apache-2.0 */
/* Durations by Go's grammar, in nanoseconds. */
#include "value/moment.h"
#include "value/number.h"

#define SECOND 1000000000

static const struct {
	const char *name;
	uint64_t nanos;
} units[] = {
	{ "ns", 1 },
	{ "us", 1000 },
	{ "\xc2\xb5s", 1000 }, /* the micro sign */
	{ "\xce\xbcs", 1000 }, /* the Greek letter */
	{ "ms", 1000000 },
	{ "s", SECOND },
	{ "m", 60u * (uint64_t)SECOND },
	{ "h", 3600u * (uint64_t)SECOND },
};

/* Room for the most negative duration too. */
#define MAGNITUDE_MAX ((uint64_t)1 << 63)

struct amount {
	uint64_t whole;
	uint64_t fraction; /* of what scale counts */
	double scale;
	bool digits, overflow;
};

static void
take_whole(struct kg_slice text, size_t *at, struct amount *a)
{
	for (; *at < text.len; ++*at) {
		const char c = text.ptr[*at];

		if (c < '0' || c > '9')
			return;
		a->digits = true;
		if (a->whole > MAGNITUDE_MAX / 10)
			a->overflow = true;
		else
			a->whole = a->whole * 10 + (uint64_t)(c - '0');
		if (a->whole > MAGNITUDE_MAX)
			a->overflow = true;
	}
}

/* Digits that no longer fit count for nothing. */
static void
take_fraction(struct kg_slice text, size_t *at, struct amount *a)
{
	bool full = false;

	a->scale = 1;
	if (*at >= text.len || text.ptr[*at] != '.')
		return;
	for (++*at; *at < text.len; ++*at) {
		const char c = text.ptr[*at];

		if (c < '0' || c > '9')
			return;
		a->digits = true;
		full = full || a->fraction > (uint64_t)INT64_MAX / 10 ||
		    a->fraction * 10 + (uint64_t)(c - '0') > MAGNITUDE_MAX;
		if (full)
			continue;
		a->fraction = a->fraction * 10 + (uint64_t)(c - '0');
		a->scale *= 10;
	}
}

/* Nanoseconds of one unit; 0: there is none of this name. */
static uint64_t
take_unit(struct kg_slice text, size_t *at)
{
	const size_t start = *at;

	while (*at < text.len && text.ptr[*at] != '.' &&
	    (text.ptr[*at] < '0' || text.ptr[*at] > '9'))
		++*at;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (slice_is(
			slice_of(text.ptr + start, *at - start), units[i].name))
			return units[i].nanos;
	}
	return 0;
}

/* One number and its unit, added to the total. */
static enum duration_error
take_part(struct kg_slice text, size_t *at, uint64_t *total)
{
	struct amount a = { 0 };
	uint64_t unit, n;

	take_whole(text, at, &a);
	take_fraction(text, at, &a);
	if (!a.digits)
		return DURATION_SYNTAX;
	unit = take_unit(text, at);
	if (unit == 0)
		return DURATION_SYNTAX;
	if (a.overflow || a.whole > MAGNITUDE_MAX / unit)
		return DURATION_RANGE;
	n = a.whole * unit;
	/* In doubles, because Go does it so. */
	if (a.fraction > 0)
		n += (uint64_t)((double)a.fraction * ((double)unit / a.scale));
	if (n > MAGNITUDE_MAX || *total > MAGNITUDE_MAX - n)
		return DURATION_RANGE;
	*total += n;
	return DURATION_OK;
}

enum duration_error
duration_parse(struct kg_slice text, int64_t *nanos)
{
	enum duration_error e = DURATION_OK;
	bool negative = false;
	uint64_t total = 0;
	size_t at = 0;

	*nanos = 0;
	if (text.len > 0 && (text.ptr[0] == '-' || text.ptr[0] == '+'))
		negative = text.ptr[at++] == '-';
	if (slice_is(slice_from(text, at), "0"))
		return DURATION_OK;
	if (at == text.len)
		return DURATION_SYNTAX;
	while (e == DURATION_OK && at < text.len)
		e = take_part(text, &at, &total);
	if (e != DURATION_OK)
		return e;
	if (total > (uint64_t)INT64_MAX && !negative)
		return DURATION_RANGE;
	*nanos = (int64_t)(negative ? 0 - total : total);
	return DURATION_OK;
}

void
duration_put(struct buf *out, int64_t nanos)
{
	/* Through a double, as Go's Seconds() is one. */
	const double seconds = (double)(nanos / SECOND) +
	    (double)(nanos % SECOND) / (double)SECOND;

	double_put(out, seconds, DOUBLE_FIXED, -1);
	buf_putc(out, 's');
}

/* A whole number of the unit's steps with a fraction, without end zeros. */
static void
put_steps(struct buf *out, uint64_t n, uint64_t step, const char *unit)
{
	uint64_t rest = n % step;

	buf_put_uint(out, n / step);
	if (rest > 0)
		buf_putc(out, '.');
	while (rest > 0) {
		step /= 10;
		buf_putc(out, (char)('0' + rest / step));
		rest %= step;
	}
	buf_puts(out, unit);
}

void
duration_put_go(struct buf *out, int64_t nanos)
{
	const uint64_t n = nanos < 0 ? 0 - (uint64_t)nanos : (uint64_t)nanos;
	const uint64_t minute = 60u * (uint64_t)SECOND;

	if (nanos < 0)
		buf_putc(out, '-');
	if (n == 0) {
		buf_puts(out, "0s");
	} else if (n < 1000) {
		put_steps(out, n, 1, "ns");
	} else if (n < 1000000) {
		put_steps(out, n, 1000, "\xc2\xb5s");
	} else if (n < SECOND) {
		put_steps(out, n, 1000000, "ms");
	} else {
		if (n >= 60 * minute)
			buf_printf(out, "%lluh",
			    (unsigned long long)(n / (60 * minute)));
		if (n >= minute)
			buf_printf(out, "%llum",
			    (unsigned long long)(n / minute % 60));
		put_steps(out, n % minute, SECOND, "s");
	}
}
