/* SPDX-License-Identifier: Apache-2.0 */
/* What timestamps and durations are made of. */
#include "base/civil.h"
#include "base/limits.h"
#include "cel/eval.h"
#include "value/zone.h"

#define SECOND 1000000000
#define DAY 86400

static struct value
unknown_zone(struct cel_eval *e, struct kg_slice name)
{
	return cel_errorf(e->arena, "unknown time zone %.*s",
	    SLICE_ARG(slice_upto(name, QUOTE_MAX)));
}

/* Seconds east of UTC of a zone at the moment; false: *error. */
static bool
find_offset(struct cel_eval *e, const struct value *moment,
    struct kg_slice zone, int64_t *offset, struct value *error)
{
	struct kg_slice data = slice_of(NULL, 0);

	*offset = 0;
	/* The clock on the wall of a container shows UTC. */
	if (zone.len == 0 || slice_is(zone, "UTC") || slice_is(zone, "Local") ||
	    zone_fixed(zone, offset))
		return true;
	if (zone_name_ok(zone) && e->host != NULL && e->host->zone != NULL)
		data = e->host->zone(e->host->context, zone);
	if (data.ptr != NULL && zone_offset(data, moment->u.integer, offset))
		return true;
	*error = unknown_zone(e, zone);
	return false;
}

enum part {
	PART_YEAR,
	PART_MONTH,
	PART_YEAR_DAY,
	PART_MONTH_DAY,
	PART_DATE,
	PART_WEEK_DAY,
	PART_HOUR,
	PART_MINUTE,
	PART_SECOND,
};

static int64_t
part_of(const struct civil *c, int64_t seconds, enum part part)
{
	int64_t days = seconds / DAY;

	switch (part) {
	case PART_YEAR:
		return c->year;
	case PART_MONTH:
		return c->month - 1;
	case PART_YEAR_DAY:
		return civil_year_day(c);
	case PART_MONTH_DAY:
		return c->day - 1;
	case PART_DATE:
		return c->day;
	case PART_WEEK_DAY:
		days -= seconds % DAY < 0;
		return civil_weekday(days);
	case PART_HOUR:
		return c->hour;
	case PART_MINUTE:
		return c->minute;
	case PART_SECOND:
		return c->second;
	}
	return 0;
}

static struct value
time_part(struct cel_eval *e, const struct value *moment, struct kg_slice zone,
    enum part part)
{
	struct value error;
	struct civil c;
	int64_t offset;

	if (!find_offset(e, moment, zone, &offset, &error))
		return error;
	civil_from_seconds(moment->u.integer + offset, &c);
	return cel_int(part_of(&c, moment->u.integer + offset, part));
}

/* In UTC, and in a zone that the second argument names. */
#define TIME_PART(name, part)                                             \
	struct value cel_fn_time_##name(                                  \
	    struct cel_eval *e, const struct value *args)                 \
	{                                                                 \
		return time_part(e, &args[0], slice_of(NULL, 0), part);   \
	}                                                                 \
	struct value cel_fn_zone_##name(                                  \
	    struct cel_eval *e, const struct value *args)                 \
	{                                                                 \
		return time_part(e, &args[0], cel_slice(&args[1]), part); \
	}

TIME_PART(year, PART_YEAR)
TIME_PART(month, PART_MONTH)
TIME_PART(year_day, PART_YEAR_DAY)
TIME_PART(month_day, PART_MONTH_DAY)
TIME_PART(date, PART_DATE)
TIME_PART(week_day, PART_WEEK_DAY)
TIME_PART(hour, PART_HOUR)
TIME_PART(minute, PART_MINUTE)
TIME_PART(second, PART_SECOND)

struct value
cel_fn_time_milli(struct cel_eval *e, const struct value *args)
{
	(void)e;
	return cel_int(args[0].count / 1000000);
}

/* The zone must exist, although milliseconds are the same everywhere. */
struct value
cel_fn_zone_milli(struct cel_eval *e, const struct value *args)
{
	const struct value second =
	    time_part(e, &args[0], cel_slice(&args[1]), PART_SECOND);

	return second.kind == CEL_ERROR ? second : cel_fn_time_milli(e, args);
}

#define DURATION_PART(name, nanos)                           \
	struct value cel_fn_duration_##name(                 \
	    struct cel_eval *e, const struct value *args)    \
	{                                                    \
		(void)e;                                     \
		return cel_int(args[0].u.integer / (nanos)); \
	}

DURATION_PART(hours, 3600LL * SECOND)
DURATION_PART(minutes, 60LL * SECOND)
DURATION_PART(seconds, SECOND)
DURATION_PART(millis, SECOND / 1000)
