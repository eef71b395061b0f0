/* SPDX-License-Identifier: Apache-2.0 */
/* Digits and a unit, repeated. */
#include "base/duration.h"

static const struct {
	const char *suffix;
	int64_t us;
} duration_units[] = {
	{ "us", 1 },
	{ "ms", 1000 },
	{ "s", 1000000 },
	{ "m", 60000000 },
	{ "h", 3600000000 },
	{ "d", 86400000000 },
};

static int64_t
duration_unit(struct kg_slice suffix)
{
	for (size_t i = 0;
	     i < sizeof(duration_units) / sizeof(duration_units[0]); i++) {
		if (slice_is(suffix, duration_units[i].suffix))
			return duration_units[i].us;
	}
	return 0;
}

bool
duration_us(const char *text, int64_t *us)
{
	const char *p = text;
	int64_t total = 0;

	if (strcmp(text, "0") == 0) {
		*us = 0;
		return true;
	}
	while (*p != '\0') {
		const char *digits = p, *suffix;
		int64_t n = 0, unit;

		for (; *p >= '0' && *p <= '9' && p - digits < 10; p++)
			n = n * 10 + (*p - '0');
		suffix = p;
		while (*p >= 'a' && *p <= 'z')
			p++;
		unit = duration_unit(slice_of(suffix, (size_t)(p - suffix)));
		if (suffix == digits || unit == 0 ||
		    n > (INT64_MAX - total) / unit)
			return false;
		total += n * unit;
	}
	*us = total;
	return p != text;
}
