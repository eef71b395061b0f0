/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 3339 without the C library's calendar: no locale, no time zone. */
#include "base/time.h"

/* Days since 1970-01-01 of a date of the Gregorian calendar, counted in eras
 * of 400 years that begin in March, so that the leap day comes last. */
static int64_t
days_from_date(int64_t year, unsigned month, unsigned day)
{
	int64_t era, year_of_era, day_of_year;

	year -= month <= 2;
	era = (year >= 0 ? year : year - 399) / 400;
	year_of_era = year - era * 400;
	day_of_year =
	    (153 * ((int64_t)month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return era * 146097 + year_of_era * 365 + year_of_era / 4 -
	    year_of_era / 100 + day_of_year - 719468;
}

static void
date_from_days(int64_t days, int64_t *year, unsigned *month, unsigned *day)
{
	int64_t era, doe, yoe, doy, mp;

	days += 719468;
	era = (days >= 0 ? days : days - 146096) / 146097;
	doe = days - era * 146097;
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	*day = (unsigned)(doy - (153 * mp + 2) / 5 + 1);
	*month = (unsigned)(mp < 10 ? mp + 3 : mp - 9);
	*year = yoe + era * 400 + (*month <= 2);
}

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
	const int64_t day_us = 86400000000;
	int64_t days = time_us / day_us, rest = time_us % day_us, year;
	unsigned month, day;

	if (rest < 0) {
		rest += day_us;
		days--;
	}
	date_from_days(days, &year, &month, &day);
	memcpy(out, "0000-00-00T00:00:00.000000Z", TIME_TEXT_LEN);
	put_digits(out, 4, year);
	put_digits(out + 5, 2, month);
	put_digits(out + 8, 2, day);
	put_digits(out + 11, 2, rest / 3600000000);
	put_digits(out + 14, 2, rest / 60000000 % 60);
	put_digits(out + 17, 2, rest / 1000000 % 60);
	put_digits(out + 20, 6, rest % 1000000);
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
	unsigned year, month, day, hour, minute, second;
	int64_t offset, us;
	size_t at = 0;

	if (!take(text, &at, 4, '-', &year) ||
	    !take(text, &at, 2, '-', &month) || !take(text, &at, 2, 0, &day) ||
	    at >= text.len ||
	    (text.ptr[at] != 'T' && text.ptr[at] != 't' && text.ptr[at] != ' '))
		return false;
	at++;
	if (!take(text, &at, 2, ':', &hour) ||
	    !take(text, &at, 2, ':', &minute) ||
	    !take(text, &at, 2, 0, &second))
		return false;
	us = take_fraction(text, &at);
	if (!take_offset(text, at, &offset) || month < 1 || month > 12 ||
	    day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60)
		return false;
	*time_us =
	    ((days_from_date(year, month, day) * 86400 + (int64_t)hour * 3600 +
		 (int64_t)minute * 60 + (int64_t)second - offset * 60) *
		1000000) +
	    us;
	return true;
}
