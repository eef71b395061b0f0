/* SPDX-License-Identifier: Apache-2.0 */
/* The Gregorian calendar in plain arithmetic: no time zone, no C library. */
#ifndef KG_BASE_CIVIL_H
#define KG_BASE_CIVIL_H

#include "base/slice.h"

struct civil {
	int64_t year;
	unsigned month, day; /* from 1 */
	unsigned hour, minute, second;
};

/* Days since 1970-01-01, of any date. */
int64_t civil_days(int64_t year, unsigned month, unsigned day);

/* Fills in year, month and day; the time of day becomes 0. */
void civil_from_days(int64_t days, struct civil *out);

/* Seconds since 1970-01-01T00:00:00Z, and back. */
int64_t civil_seconds(const struct civil *c);
void civil_from_seconds(int64_t seconds, struct civil *out);

bool civil_is_leap(int64_t year);
unsigned civil_month_days(int64_t year, unsigned month);

/* 0: Sunday. */
unsigned civil_weekday(int64_t days);

/* From 0. */
unsigned civil_year_day(const struct civil *c);

#endif
