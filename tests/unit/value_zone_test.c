/* SPDX-License-Identifier: Apache-2.0 */
/* Time zones: fixed offsets, rules, and the system's own data. */
#include "base/limits.h"
#include "unit/unit.h"
#include "value/zone.h"
#include "value/zone_rule.h"

/* clang-format off */
static const struct {
	const char *zone;
	int64_t seconds, offset;
} facts[] = {
	{ "Europe/Berlin", 1704067200, 3600 },   /* 2024-01-01 */
	{ "Europe/Berlin", 1719792000, 7200 },   /* 2024-07-01 */
	{ "Europe/Berlin", 1711846799, 3600 },   /* the second before */
	{ "Europe/Berlin", 1711846800, 7200 },   /* summer time begins */
	{ "Europe/Berlin", 1729990799, 7200 },
	{ "Europe/Berlin", 1729990800, 3600 },
	{ "Europe/Berlin", 4118040000, 7200 },   /* 2100-06-30: by the rule */
	{ "Europe/Berlin", -3000000000, 3208 },  /* 1874: local mean time */
	{ "America/St_Johns", 1704067200, -12600 },
	{ "America/New_York", 1719792000, -14400 },
	{ "Asia/Kolkata", 1719792000, 19800 },
	{ "Australia/Sydney", 4102444800, 39600 }, /* 2100-01-01: summer */
	{ "Australia/Sydney", 4118040000, 36000 },
	{ "Asia/Kathmandu", 1719792000, 20700 },
	{ "Etc/GMT+5", 1719792000, -18000 },
	{ "UTC", 1719792000, 0 },
};

static const struct {
	const char *rule;
	bool ok;
	int64_t seconds, offset;
} rules[] = {
	{ "CET-1CEST,M3.5.0,M10.5.0/3", true, 1719792000, 7200 },
	{ "CET-1CEST,M3.5.0,M10.5.0/3", true, 1704067200, 3600 },
	{ "<+03>-3", true, 0, 10800 }, { "EST5", true, 0, -18000 },
	{ "NZST-12NZDT,M9.5.0,M4.1.0/3", true, 1704067200, 46800 },
	{ "IST-1GMT0,M10.5.0,M3.5.0/1", true, 1704067200, 0 },
	{ "AAA0BBB,J60/0,J300/0", true, 1709251200, 3600 },  /* 2024-03-01 */
	{ "AAA0BBB,J60/0,J300/0", true, 1709251199, 0 },
	{ "AAA0BBB,59/0,300/0", true, 1709164800, 3600 },    /* 2024-02-29 */
	{ "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", true, 1719792000, -3600 },
	{ "", false, 0, 0 }, { "X0", false, 0, 0 }, { "CET", false, 0, 0 },
	{ "CET-1CEST", false, 0, 0 }, { "CET-1CEST,M3.5.0", false, 0, 0 },
	{ "CET-1CEST,M13.5.0,M10.5.0", false, 0, 0 }, { "CET-1 ", false, 0, 0 },
	{ "<CET-1", false, 0, 0 }, { "CET-1CEST,M3.5.0,M10.5.0/3 ", false, 0, 0 },
};

static const struct {
	const char *text;
	bool ok;
	int64_t offset;
} fixed[] = {
	{ "+05:30", true, 19800 }, { "-08:00", true, -28800 }, { "02:00", true, 7200 },
	{ "-00:30", true, -1800 }, { "1:5", true, 3900 }, { "UTC", false, 0 },
	{ "", false, 0 }, { ":", false, 0 }, { "+5:", false, 0 }, { "a:00", false, 0 },
	{ "1:00:00", false, 0 },
};
/* clang-format on */

static struct kg_slice
read_zone(const char *name)
{
	char path[128];
	char *data = arena_array(&arena, ZONE_DATA_MAX, 1);
	size_t n;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/usr/share/zoneinfo/%s", name);
	f = fopen(path, "rb");
	if (f == NULL)
		return slice_of(NULL, 0);
	n = fread(data, 1, ZONE_DATA_MAX, f);
	(void)fclose(f);
	return slice_of(data, n);
}

static void
the_systems_zones_are_understood(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(facts); i++) {
		struct kg_slice data;
		int64_t offset = -1;

		arena_reset(&arena);
		data = read_zone(facts[i].zone);
		if (data.len == 0)
			fail_msg("%s: is tzdata installed?", facts[i].zone);
		if (!zone_offset(data, facts[i].seconds, &offset) ||
		    offset != facts[i].offset)
			fail_msg("%s at %lld: %lld", facts[i].zone,
			    (long long)facts[i].seconds, (long long)offset);
	}
}

static void
torn_data_is_refused(void **state)
{
	struct kg_slice data;
	int64_t offset;

	(void)state;
	arena_reset(&arena);
	data = read_zone("Europe/Berlin");
	for (size_t n = 0; n < data.len; n++) {
		/* Without its last line only the years to come are lost. */
		if (zone_offset(slice_upto(data, n), 1704067200, &offset))
			assert_int_equal(offset, 3600);
	}
	assert_false(zone_offset(slice_upto(data, 100), 0, &offset));
	assert_false(zone_offset(SLICE("TZif"), 0, &offset));
}

static void
rules_say_what_comes_after(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
		int64_t offset = -1;
		const bool ok = zone_rule_offset(
		    slice_str(rules[i].rule), rules[i].seconds, &offset);

		if (ok != rules[i].ok || (ok && offset != rules[i].offset))
			fail_msg("%s: %lld", rules[i].rule, (long long)offset);
	}
}

static void
fixed_offsets_have_a_colon(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(fixed); i++) {
		int64_t offset = -1;
		const bool ok = zone_fixed(slice_str(fixed[i].text), &offset);

		if (ok != fixed[i].ok || (ok && offset != fixed[i].offset))
			fail_msg("%s: %lld", fixed[i].text, (long long)offset);
	}
}

static void
names_stay_in_their_folder(void **state)
{
	static const char *const good[] = { "UTC", "Europe/Berlin", "Etc/GMT+5",
		"America/Port-au-Prince" };
	static const char *const bad[] = { "", "/etc/passwd", "../passwd",
		"Europe/", "a b", "a\\b", "Europe/.x" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		assert_true(zone_name_ok(slice_str(good[i])));
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(zone_name_ok(slice_str(bad[i])));
	assert_false(zone_name_ok(SLICE("UTC\0")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_systems_zones_are_understood),
		cmocka_unit_test(torn_data_is_refused),
		cmocka_unit_test(rules_say_what_comes_after),
		cmocka_unit_test(fixed_offsets_have_a_colon),
		cmocka_unit_test(names_stay_in_their_folder),
	};

	return cmocka_run_group_tests(tests, unit_setup, unit_teardown);
}
