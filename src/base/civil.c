/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Days are counted in eras of 400 years that begin in March, so that the leap
 * day comes last.
 */
#include "base/civil.h"

#define DAY 86400

int64_t
civil_days(int64_t year, unsigned month, unsigned day)
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

void
civil_from_days(int64_t days, struct civil *out)
{
	int64_t era, doe, yoe, doy, mp;

	*out = (struct civil){ 0 };
	days += 719468;
	era = (days >= 0 ? days : days - 146096) / 146097;
	doe = days - era * 146097;
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	out->day = (unsigned)(doy - (153 * mp + 2) / 5 + 1);
	out->month = (unsigned)(mp < 10 ? mp + 3 : mp - 9);
	out->year = yoe + era * 400 + (out->month <= 2);
}

int64_t
civil_seconds(const struct civil *c)
{
	return civil_days(c->year, c->month, c->day) * DAY +
	    (int64_t)c->hour * 3600 + (int64_t)c->minute * 60 +
	    (int64_t)c->second;
}

void
civil_from_seconds(int64_t seconds, struct civil *out)
{
	int64_t days = seconds / DAY, rest = seconds % DAY;

	if (rest < 0) {
		rest += DAY;
		days--;
	}
	civil_from_days(days, out);
	out->hour = (unsigned)(rest / 3600);
	out->minute = (unsigned)(rest / 60 % 60);
	out->second = (unsigned)(rest % 60);
}

bool
civil_is_leap(int64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

unsigned
civil_month_days(int64_t year, unsigned month)
{
	static const unsigned char days[] = { 31, 28, 31, 30, 31, 30, 31, 31,
		30, 31, 30, 31 };

	if (month < 1 || month > 12)
		return 0;
	return month == 2 && civil_is_leap(year) ? 29 : days[month - 1];
}

unsigned
civil_weekday(int64_t days)
{
	return (unsigned)(((days + 4) % 7 + 7) % 7);
}

unsigned
civil_year_day(const struct civil *c)
{
	return (unsigned)(civil_days(c->year, c->month, c->day) -
	    civil_days(c->year, 1, 1));
}
