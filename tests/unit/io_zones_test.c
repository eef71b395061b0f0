/* SPDX-License-Identifier: Apache-2.0 */
/* Time zones out of the system's files: read once, and from nowhere else. */
#include "base/limits.h"
#include "io/zones.h"
#include "unit/unit.h"
#include "value/zone.h"

static void
zones_are_found_and_kept(void **state)
{
	struct zones *z = zones_open(ZONES_FOLDER);
	struct kg_slice first, again;
	int64_t offset;

	(void)state;
	assert_non_null(z);
	first = zones_find(z, SLICE("Europe/Berlin"));
	assert_non_null(first.ptr);
	assert_true(zone_offset(first, 1719792000, &offset));
	assert_int_equal(offset, 7200);
	again = zones_find(z, SLICE("Europe/Berlin"));
	assert_ptr_equal(first.ptr, again.ptr);
	assert_ptr_not_equal(zones_find(z, SLICE("UTC")).ptr, first.ptr);
	zones_close(z);
	zones_close(NULL);
}

static void
other_names_find_nothing(void **state)
{
	/* A file that is no zone, a folder, ways out, what is not there. */
	static const char *const names[] = { "tzdata.zi", "zone.tab", "Europe",
		"../zoneinfo/UTC", "/etc/passwd", "", "Europe/Nowhere" };
	struct zones *z = zones_open(ZONES_FOLDER);

	(void)state;
	assert_non_null(z);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		assert_null(zones_find(z, slice_str(names[i])).ptr);
	zones_close(z);
	z = zones_open("/nonexistent");
	assert_non_null(z);
	assert_null(zones_find(z, SLICE("UTC")).ptr);
	zones_close(z);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zones_are_found_and_kept),
		cmocka_unit_test(other_names_find_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
