/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "CET-1CEST,M3.5.0,M10.5.0/3": names, hours west of UTC, and the days of
 * each year on which summer time begins and ends, with the hour in the time
 * that ends there.
 */
#include "value/zone_rule.h"

#include "base/civil.h"

struct change {
	char kind; /* M: month, week, weekday; J: day 1..365; 0: day 0..365 */
	int day, week, month;
	int64_t time; /* seconds after midnight */
};

struct reader {
	const char *p, *end;
	bool failed;
};

static bool
at_end(const struct reader *r)
{
	return r->p == r->end;
}

static bool
take(struct reader *r, char c)
{
	if (at_end(r) || *r->p != c)
		return false;
	r->p++;
	return true;
}

static int
read_number(struct reader *r, int least, int most)
{
	int n = 0, digits = 0;

	while (!at_end(r) && *r->p >= '0' && *r->p <= '9' && digits < 4) {
		n = n * 10 + (*r->p++ - '0');
		digits++;
	}
	if (digits == 0 || n < least || n > most)
		r->failed = true;
	return n;
}

/* <+03> or letters */
static void
skip_name(struct reader *r)
{
	const char *start = r->p;

	if (take(r, '<')) {
		while (!at_end(r) && *r->p != '>')
			r->p++;
		if (!take(r, '>'))
			r->failed = true;
		return;
	}
	while (!at_end(r) &&
	    ((*r->p >= 'A' && *r->p <= 'Z') || (*r->p >= 'a' && *r->p <= 'z')))
		r->p++;
	if (r->p - start < 3)
		r->failed = true;
}

/* [+-]h[:m[:s]] in seconds; up to a week, as RFC 8536 extends it */
static int64_t
read_time(struct reader *r)
{
	const bool negative = take(r, '-');
	int64_t n;

	if (!negative)
		(void)take(r, '+');
	n = (int64_t)read_number(r, 0, 167) * 3600;
	if (take(r, ':'))
		n += (int64_t)read_number(r, 0, 59) * 60;
	if (take(r, ':'))
		n += read_number(r, 0, 59);
	return negative ? -n : n;
}

static void
read_change(struct reader *r, struct change *c)
{
	*c = (struct change){ .time = 7200 };
	if (!take(r, ','))
		r->failed = true;
	if (take(r, 'M')) {
		c->kind = 'M';
		c->month = read_number(r, 1, 12);
		r->failed = !take(r, '.') || r->failed;
		c->week = read_number(r, 1, 5);
		r->failed = !take(r, '.') || r->failed;
		c->day = read_number(r, 0, 6);
	} else if (take(r, 'J')) {
		c->kind = 'J';
		c->day = read_number(r, 1, 365);
	} else {
		c->day = read_number(r, 0, 365);
	}
	if (take(r, '/'))
		c->time = read_time(r);
}

/* Days since 1970 of the change in one year. */
static int64_t
change_day(const struct change *c, int64_t year)
{
	int64_t day;
	unsigned last;

	if (c->kind == 'J')
		return civil_days(year, 1, 1) + c->day - 1 +
		    (civil_is_leap(year) && c->day > 59);
	if (c->kind != 'M')
		return civil_days(year, 1, 1) + c->day;
	day = civil_days(year, (unsigned)c->month, 1);
	day += (c->day - (int)civil_weekday(day) + 7) % 7;
	last = civil_month_days(year, (unsigned)c->month);
	day += 7 * (int64_t)(c->week - 1);
	/* Week 5 is the last one, whichever that is. */
	while (day > civil_days(year, (unsigned)c->month, last))
		day -= 7;
	return day;
}

bool
zone_rule_offset(struct kg_slice rule, int64_t seconds, int64_t *offset)
{
	struct reader r = { rule.ptr, rule.ptr + rule.len, rule.len == 0 };
	int64_t standard, summer, begins, ends;
	struct change begin, end;
	struct civil now;
	bool is_summer;

	if (r.failed)
		return false;
	skip_name(&r);
	standard = -read_time(&r);
	*offset = standard;
	if (r.failed || at_end(&r))
		return !r.failed;
	skip_name(&r);
	summer = standard + 3600;
	if (!at_end(&r) && *r.p != ',')
		summer = -read_time(&r);
	read_change(&r, &begin);
	read_change(&r, &end);
	if (r.failed || !at_end(&r))
		return false;
	civil_from_seconds(seconds + standard, &now);
	begins = change_day(&begin, now.year) * 86400 + begin.time - standard;
	ends = change_day(&end, now.year) * 86400 + end.time - summer;
	/* South of the equator summer time runs over new year. */
	is_summer = begins < ends ? seconds >= begins && seconds < ends
				  : seconds >= begins || seconds < ends;
	*offset = is_summer ? summer : standard;
	return true;
}
