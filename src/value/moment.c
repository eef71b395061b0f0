/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 3339 as Go's package time reads it. */
#include "value/moment.h"

#include "base/civil.h"

/* A cursor over text; what does not fit makes it fail for good. */
struct taker {
	struct kg_slice text;
	size_t at;
	bool failed;
};

static char
peek(const struct taker *t)
{
	return t->at < t->text.len ? t->text.ptr[t->at] : '\0';
}

static bool
peek_digit(const struct taker *t)
{
	return peek(t) >= '0' && peek(t) <= '9';
}

static void
take_char(struct taker *t, char c)
{
	if (t->at < t->text.len && peek(t) == c)
		t->at++;
	else
		t->failed = true;
}

/* least to most digits */
static unsigned
take_number(struct taker *t, size_t least, size_t most)
{
	const size_t start = t->at;
	unsigned n = 0;

	while (t->at - start < most && peek_digit(t))
		n = n * 10 + (unsigned)(t->text.ptr[t->at++] - '0');
	if (t->at - start < least)
		t->failed = true;
	return n;
}

/* ".123" or ",123"; without digits it belongs to no moment. */
static uint32_t
take_fraction(struct taker *t)
{
	uint32_t nanos = 0, unit = 100000000;

	if (peek(t) != '.' && peek(t) != ',')
		return 0;
	t->at++;
	if (!peek_digit(t))
		t->failed = true;
	for (; peek_digit(t); t->at++) {
		nanos += (uint32_t)(peek(t) - '0') * unit;
		unit /= 10;
	}
	return nanos;
}

/* Z or +hh:mm; Go takes 24 hours and 60 minutes for what people write. */
static int32_t
take_offset(struct taker *t)
{
	const char sign = peek(t);
	unsigned hours, minutes;
	int32_t seconds;

	if (sign == 'Z') {
		t->at++;
		return 0;
	}
	if (sign != '+' && sign != '-') {
		t->failed = true;
		return 0;
	}
	t->at++;
	hours = take_number(t, 2, 2);
	take_char(t, ':');
	minutes = take_number(t, 2, 2);
	if (hours > 24 || minutes > 60)
		t->failed = true;
	seconds = (int32_t)(hours * 3600 + minutes * 60);
	return sign == '-' ? -seconds : seconds;
}

enum moment_error
moment_parse(struct kg_slice text, struct moment *out)
{
	struct taker t = { .text = text };
	struct civil c = { 0 };

	*out = (struct moment){ 0 };
	c.year = take_number(&t, 4, 4);
	take_char(&t, '-');
	c.month = take_number(&t, 2, 2);
	take_char(&t, '-');
	c.day = take_number(&t, 2, 2);
	take_char(&t, 'T');
	c.hour = take_number(&t, 1, 2);
	take_char(&t, ':');
	c.minute = take_number(&t, 2, 2);
	take_char(&t, ':');
	c.second = take_number(&t, 2, 2);
	out->nanos = take_fraction(&t);
	out->offset = take_offset(&t);
	if (t.failed || t.at != text.len || c.day < 1 ||
	    c.day > civil_month_days(c.year, c.month) || c.hour > 23 ||
	    c.minute > 59 || c.second > 59)
		return MOMENT_SYNTAX;
	out->seconds = civil_seconds(&c) - out->offset;
	if (out->seconds < MOMENT_MIN || out->seconds > MOMENT_MAX)
		return MOMENT_RANGE;
	return MOMENT_OK;
}

/* ".5" of 500000000; nothing of 0. */
static void
put_fraction(struct buf *out, uint32_t nanos)
{
	char text[16];
	int n = snprintf(text, sizeof(text), "%09u", (unsigned)nanos);

	if (nanos == 0)
		return;
	while (n > 1 && text[n - 1] == '0')
		n--;
	buf_putc(out, '.');
	buf_put(out, slice_of(text, (size_t)n));
}

void
moment_put(struct buf *out, const struct moment *m)
{
	const int minutes = abs(m->offset) / 60;
	struct civil c;

	civil_from_seconds(m->seconds + m->offset, &c);
	buf_printf(out, "%04lld-%02u-%02uT%02u:%02u:%02u", (long long)c.year,
	    c.month, c.day, c.hour, c.minute, c.second);
	put_fraction(out, m->nanos);
	if (m->offset == 0)
		buf_putc(out, 'Z');
	else
		buf_printf(out, "%c%02d:%02d", m->offset < 0 ? '-' : '+',
		    minutes / 60, minutes % 60);
}
