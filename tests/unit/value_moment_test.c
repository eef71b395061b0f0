/* SPDX-License-Identifier: Apache-2.0 */
/* Moments, durations, the calendar. */
#include "base/civil.h"
#include "base/limits.h"
#include "unit/unit.h"
#include "value/moment.h"

/* clang-format off */
static const struct {
	const char *text;
	enum moment_error error;
	const char *utc;
	int32_t offset;
} moments[] = {
	{ "1970-01-01T00:00:00Z", MOMENT_OK, "1970-01-01T00:00:00Z", 0 },
	{ "2024-02-29T12:34:56.5+05:30", MOMENT_OK, "2024-02-29T07:04:56.5Z", 19800 },
	{ "2024-01-01T00:00:00.123456789987Z", MOMENT_OK, "2024-01-01T00:00:00.123456789Z", 0 },
	{ "1969-12-31T23:59:59,25-00:01", MOMENT_OK, "1970-01-01T00:00:59.25Z", -60 },
	{ "2024-01-01T1:00:00Z", MOMENT_OK, "2024-01-01T01:00:00Z", 0 },
	{ "0001-01-01T00:00:00Z", MOMENT_OK, "0001-01-01T00:00:00Z", 0 },
	{ "9999-12-31T23:59:59.999999999Z", MOMENT_OK, "9999-12-31T23:59:59.999999999Z", 0 },
	{ "0001-01-01T00:00:00+00:01", MOMENT_RANGE, NULL, 0 },
	{ "9999-12-31T23:59:59-00:01", MOMENT_RANGE, NULL, 0 },
	{ "0000-12-31T00:00:00Z", MOMENT_RANGE, NULL, 0 },
	{ "2023-02-29T00:00:00Z", MOMENT_SYNTAX, NULL, 0 }, { "2023-04-31T00:00:00Z", MOMENT_SYNTAX, NULL, 0 },
	{ "2023-13-01T00:00:00Z", MOMENT_SYNTAX, NULL, 0 }, { "2023-00-01T00:00:00Z", MOMENT_SYNTAX, NULL, 0 },
	{ "2023-01-01T24:00:00Z", MOMENT_SYNTAX, NULL, 0 }, { "2023-01-01T00:00:60Z", MOMENT_SYNTAX, NULL, 0 },
	{ "2023-01-01t00:00:00Z", MOMENT_SYNTAX, NULL, 0 }, { "2023-01-01T00:00:00z", MOMENT_SYNTAX, NULL, 0 },
	{ "2023-01-01T00:00:00", MOMENT_SYNTAX, NULL, 0 }, { "2023-01-01", MOMENT_SYNTAX, NULL, 0 },
	{ "2023-01-01T00:00:00.Z", MOMENT_SYNTAX, NULL, 0 }, { "2023-01-01T00:00:00Z ", MOMENT_SYNTAX, NULL, 0 },
	{ "2023-01-01T00:00:00+0100", MOMENT_SYNTAX, NULL, 0 }, { "", MOMENT_SYNTAX, NULL, 0 },
	{ "2023-1-01T00:00:00Z", MOMENT_SYNTAX, NULL, 0 }, { "10000-01-01T00:00:00Z", MOMENT_SYNTAX, NULL, 0 },
};

static const struct {
	const char *text;
	enum duration_error error;
	int64_t nanos;
	const char *seconds, *go;
} durations[] = {
	{ "0", DURATION_OK, 0, "0s", "0s" }, { "-0", DURATION_OK, 0, "0s", "0s" },
	{ "1h30m", DURATION_OK, 5400000000000, "5400s", "1h30m0s" },
	{ "1.5s", DURATION_OK, 1500000000, "1.5s", "1.5s" },
	{ "-1m.5s", DURATION_OK, -60500000000, "-60.5s", "-1m0.5s" },
	{ "100ms", DURATION_OK, 100000000, "0.1s", "100ms" },
	{ "+2us", DURATION_OK, 2000, "0.000002s", "2\xc2\xb5s" }, { "1\xc2\xb5s", DURATION_OK, 1000, "0.000001s", "1\xc2\xb5s" },
	{ "1\xce\xbcs7ns", DURATION_OK, 1007, "0.000001007s", "1.007\xc2\xb5s" },
	{ "1.s", DURATION_OK, 1000000000, "1s", "1s" }, { "0.0000000001s", DURATION_OK, 0, "0s", "0s" },
	{ "0.3333333333333333333h", DURATION_OK, 1200000000000, "1200s", "20m0s" },
	{ "9223372036854775807ns", DURATION_OK, INT64_MAX, "9223372036.854776s", "2562047h47m16.854775807s" },
	{ "-9223372036854775808ns", DURATION_OK, INT64_MIN, "-9223372036.854776s", "-2562047h47m16.854775808s" },
	{ "9223372036854775808ns", DURATION_RANGE, 0, NULL, NULL }, { "2562048h", DURATION_RANGE, 0, NULL, NULL },
	{ "99999999999999999999s", DURATION_RANGE, 0, NULL, NULL },
	{ "", DURATION_SYNTAX, 0, NULL, NULL }, { "1", DURATION_SYNTAX, 0, NULL, NULL }, { "s", DURATION_SYNTAX, 0, NULL, NULL },
	{ ".s", DURATION_SYNTAX, 0, NULL, NULL }, { "1d", DURATION_SYNTAX, 0, NULL, NULL }, { "1 s", DURATION_SYNTAX, 0, NULL, NULL },
	{ "--1s", DURATION_SYNTAX, 0, NULL, NULL }, { "1s-1m", DURATION_SYNTAX, 0, NULL, NULL }, { "1H", DURATION_SYNTAX, 0, NULL, NULL },
	{ "1s ", DURATION_SYNTAX, 0, NULL, NULL }, { "-", DURATION_SYNTAX, 0, NULL, NULL },
};
/* clang-format on */

static void
moments_are_read_and_printed(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(moments); i++) {
		struct moment m;
		struct buf b;
		const enum moment_error e =
		    moment_parse(slice_str(moments[i].text), &m);

		if (e != moments[i].error)
			fail_msg("%s: %d", moments[i].text, (int)e);
		if (e != MOMENT_OK)
			continue;
		buf_init(&b, &arena, KIB);
		assert_int_equal(m.offset, moments[i].offset);
		m.offset = 0;
		moment_put(&b, &m);
		assert_slice(buf_slice(&b), moments[i].utc);
	}
}

static void
durations_are_read_and_printed(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(durations); i++) {
		struct buf b;
		int64_t nanos;
		const enum duration_error e =
		    duration_parse(slice_str(durations[i].text), &nanos);

		if (e != durations[i].error ||
		    (e == DURATION_OK && nanos != durations[i].nanos))
			fail_msg("%s: %d, %lld", durations[i].text, (int)e,
			    (long long)nanos);
		if (e != DURATION_OK)
			continue;
		buf_init(&b, &arena, KIB);
		duration_put(&b, nanos);
		assert_slice(buf_slice(&b), durations[i].seconds);
		buf_init(&b, &arena, KIB);
		duration_put_go(&b, nanos);
		assert_slice(buf_slice(&b), durations[i].go);
	}
}

static void
the_calendar_counts_days(void **state)
{
	static const struct {
		int64_t days;
		struct civil c;
		unsigned weekday, year_day;
	} days[] = {
		{ 0, { 1970, 1, 1, 0, 0, 0 }, 4, 0 },
		{ -1, { 1969, 12, 31, 0, 0, 0 }, 3, 364 },
		{ 19782, { 2024, 2, 29, 0, 0, 0 }, 4, 59 },
		{ 11016, { 2000, 2, 29, 0, 0, 0 }, 2, 59 },
		{ -719162, { 1, 1, 1, 0, 0, 0 }, 1, 0 },
		{ 2932896, { 9999, 12, 31, 0, 0, 0 }, 5, 364 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(days); i++) {
		const struct civil *want = &days[i].c;
		struct civil c;

		civil_from_days(days[i].days, &c);
		assert_int_equal(c.year, want->year);
		assert_int_equal(c.month, want->month);
		assert_int_equal(c.day, want->day);
		assert_int_equal(civil_days(want->year, want->month, want->day),
		    days[i].days);
		assert_int_equal(civil_weekday(days[i].days), days[i].weekday);
		assert_int_equal(civil_year_day(want), days[i].year_day);
	}
	for (int64_t s = -70000000000; s < 260000000000; s += 86399999) {
		struct civil c;

		civil_from_seconds(s, &c);
		assert_int_equal(civil_seconds(&c), s);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(moments_are_read_and_printed),
		cmocka_unit_test(durations_are_read_and_printed),
		cmocka_unit_test(the_calendar_counts_days),
	};

	return cmocka_run_group_tests(tests, unit_setup, unit_teardown);
}
