/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 3339 without the C library's calendar: no locale, no time zone. */
#include "base/time.h"

#include "base/civil.h"

static void
put_digits(char *at, size_t width, int64_t n)
{
	while (width > 0) {
		at[--width] = (char)('0' + n % 10);
		n /= 10;
	}
}

void
time_text(int64_t time_us, char out[TIME_TEXT_LEN])
{
	const int64_t second = 1000000;
	int64_t seconds = time_us / second, rest = time_us % second;
	struct civil c;

	if (rest < 0) {
		rest += second;
		seconds--;
	}
	civil_from_seconds(seconds, &c);
	memcpy(out, "0000-00-00T00:00:00.000000Z", TIME_TEXT_LEN);
	put_digits(out, 4, c.year);
	put_digits(out + 5, 2, c.month);
	put_digits(out + 8, 2, c.day);
	put_digits(out + 11, 2, c.hour);
	put_digits(out + 14, 2, c.minute);
	put_digits(out + 17, 2, c.second);
	put_digits(out + 20, 6, rest);
}

/* `width` digits at *at, then the separator (0: none). */
static bool
take(struct kg_slice text, size_t *at, size_t width, char separator,
    unsigned *out)
{
	*out = 0;
	for (size_t i = 0; i < width; i++, ++*at) {
		if (*at >= text.len || text.ptr[*at] < '0' ||
		    text.ptr[*at] > '9')
			return false;
		*out = *out * 10 + (unsigned)(text.ptr[*at] - '0');
	}
	if (separator == 0)
		return true;
	return *at < text.len && text.ptr[(*at)++] == separator;
}

/* Microseconds of ".123"; more digits are cut. */
static int64_t
take_fraction(struct kg_slice text, size_t *at)
{
	int64_t us = 0, unit = 100000;

	if (*at >= text.len || text.ptr[*at] != '.')
		return 0;
	for (++*at;
	     *at < text.len && text.ptr[*at] >= '0' && text.ptr[*at] <= '9';
	     ++*at) {
		us += (text.ptr[*at] - '0') * unit;
		unit /= 10;
	}
	return us;
}

/* "Z" or "+01:00", and nothing behind it. */
static bool
take_offset(struct kg_slice text, size_t at, int64_t *minutes)
{
	unsigned hour, minute;
	char sign;

	*minutes = 0;
	if (at >= text.len)
		return false;
	sign = text.ptr[at++];
	if (sign == 'Z' || sign == 'z')
		return at == text.len;
	if ((sign != '+' && sign != '-') || !take(text, &at, 2, ':', &hour) ||
	    !take(text, &at, 2, 0, &minute) || hour > 23 || minute > 59)
		return false;
	*minutes = (int64_t)hour * 60 + minute;
	if (sign == '-')
		*minutes = -*minutes;
	return at == text.len;
}

bool
time_parse(struct kg_slice text, int64_t *time_us)
{
	struct civil c;
	unsigned year;
	int64_t offset, us;
	size_t at = 0;

	if (!take(text, &at, 4, '-', &year) ||
	    !take(text, &at, 2, '-', &c.month) ||
	    !take(text, &at, 2, 0, &c.day) || at >= text.len ||
	    (text.ptr[at] != 'T' && text.ptr[at] != 't' && text.ptr[at] != ' '))
		return false;
	at++;
	c.year = year;
	if (!take(text, &at, 2, ':', &c.hour) ||
	    !take(text, &at, 2, ':', &c.minute) ||
	    !take(text, &at, 2, 0, &c.second))
		return false;
	us = take_fraction(text, &at);
	if (!take_offset(text, at, &offset) || c.month < 1 || c.month > 12 ||
	    c.day < 1 || c.day > 31 || c.hour > 23 || c.minute > 59 ||
	    c.second > 60)
		return false;
	*time_us = (civil_seconds(&c) - offset * 60) * 1000000 + us;
	return true;
}
