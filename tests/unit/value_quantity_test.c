/* SPDX-License-Identifier: Apache-2.0 */
/* Quantities: grammar, rounding, comparison, canonical text. */
#include "base/limits.h"
#include "unit/unit.h"
#include "value/quantity.h"

/* clang-format off */
static const struct {
	const char *text, *canonical; /* NULL: refused */
	int64_t whole;
	int32_t nano;
	bool integer;
} cases[] = {
	{ "0", "0", 0, 0, true }, { "-0", "0", 0, 0, true },
	{ "1", "1", 1, 0, true }, { "+10Mi", "10Mi", 10485760, 0, true },
	{ "10Mi", "10Mi", 10485760, 0, true }, { "1024Ki", "1Mi", 1048576, 0, true },
	{ "0.5Mi", "512Ki", 524288, 0, true }, { ".5Mi", "512Ki", 524288, 0, true },
	{ "5.Mi", "5Mi", 5242880, 0, true }, { "1.5Gi", "1536Mi", 1610612736, 0, true },
	{ "1.1Ki", "1126400m", 1126, 400000000, false },
	{ "1000m", "1", 1, 0, true }, { "1500m", "1500m", 1, 500000000, false },
	{ "500m", "500m", 0, 500000000, false }, { "-500m", "-500m", 0, -500000000, false },
	{ "0.5", "500m", 0, 500000000, false }, { "1k", "1k", 1000, 0, true },
	{ "1e3", "1e3", 1000, 0, true }, { "1E3", "1e3", 1000, 0, true },
	{ "1500e3", "1500e3", 1500000, 0, true }, { "1e-3", "1e-3", 0, 1000000, false },
	{ "1E", "1E", 1000000000000000000, 0, true }, { "1Ei", "1Ei", 1152921504606846976, 0, true },
	{ "1u", "1u", 0, 1000, false }, { "1n", "1n", 0, 1, false },
	{ "0.1n", "1n", 0, 1, false }, { "1.0000000001n", "2n", 0, 2, false },
	{ "-0.1n", "-1n", 0, -1, false }, { "1023Ki", "1023Ki", 1047552, 0, true },
	{ "100Gi", "100Gi", 107374182400, 0, true }, { "512", "512", 512, 0, true },
	{ "9223372036854775807", "9223372036854775807", INT64_MAX, 0, true },
	{ "9223372036854775808", "9223372036854775807", INT64_MAX, 0, false },
	{ "10E", "9223372036854775807", INT64_MAX, 0, false },
	{ "1e30", "9223372036854775807", INT64_MAX, 0, false },
	{ "-1e30", "-9223372036854775807", -INT64_MAX, 0, false },
	{ "1e99999999999", "9223372036854775807", INT64_MAX, 0, false },
	{ "1e-99999999999", "1e-9", 0, 1, false },
	{ "0e99999999999", "0", 0, 0, true }, { "Mi", "0", 0, 0, true },
	{ "0.00000000000000000000000000000000000000001Ei", "1n", 0, 1, false },
	{ "", NULL, 0, 0, false }, { " 1", NULL, 0, 0, false },
	{ "1 ", NULL, 0, 0, false }, { "1 Mi", NULL, 0, 0, false },
	{ "1mi", NULL, 0, 0, false }, { "1K", NULL, 0, 0, false },
	{ "1ki", NULL, 0, 0, false }, { "1_000", NULL, 0, 0, false },
	{ "0x10", NULL, 0, 0, false }, { "1..2", NULL, 0, 0, false },
	{ "1e", NULL, 0, 0, false }, { "1e+", NULL, 0, 0, false },
	{ "--1", NULL, 0, 0, false }, { "1e3Mi", NULL, 0, 0, false },
	{ "ten", NULL, 0, 0, false }, { "1MiB", NULL, 0, 0, false },
};
/* clang-format on */

static void
texts_are_read_exactly_and_printed_canonically(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, MIB);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		enum quantity_error e;
		struct quantity q;
		struct buf b;

		e = quantity_parse(slice_str(cases[i].text), &q, NULL);
		if ((e == QUANTITY_OK) != (cases[i].canonical != NULL))
			fail_msg("\"%s\": %d", cases[i].text, (int)e);
		if (e != QUANTITY_OK)
			continue;
		buf_init(&b, &a, 1000);
		quantity_put(&b, &q);
		assert_slice(buf_slice(&b), cases[i].canonical);
		if (q.whole != cases[i].whole || q.nano != cases[i].nano ||
		    quantity_is_integer(&q) != cases[i].integer)
			fail_msg("\"%s\" is %lld + %d", cases[i].text,
			    (long long)q.whole, (int)q.nano);
	}
	arena_release(&a);
}

static void
comparison_is_numeric(void **state)
{
	static const struct {
		const char *a, *b;
		int order;
	} pairs[] = {
		{ "1Mi", "1048576", 0 },
		{ "1024Ki", "1Mi", 0 },
		{ "1", "1000m", 0 },
		{ "999m", "1", -1 },
		{ "-1", "0", -1 },
		{ "-500m", "-499m", -1 },
		{ "1G", "1Gi", -1 },
		{ "10E", "9E", 1 },
		{ "1n", "0", 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		struct quantity a, b;

		assert_int_equal(
		    quantity_parse(slice_str(pairs[i].a), &a, NULL), 0);
		assert_int_equal(
		    quantity_parse(slice_str(pairs[i].b), &b, NULL), 0);
		assert_int_equal(quantity_cmp(&a, &b), pairs[i].order);
		assert_int_equal(quantity_cmp(&b, &a), -pairs[i].order);
	}
}

static void
errors_say_where(void **state)
{
	struct quantity q;
	size_t at;

	(void)state;
	assert_int_equal(
	    quantity_parse(SLICE("10mi"), &q, &at), QUANTITY_SUFFIX);
	assert_int_equal(at, 2);
	assert_int_equal(
	    quantity_parse(SLICE("1\0"), &q, &at), QUANTITY_SUFFIX);
	assert_int_equal(quantity_read(NULL, &q), QUANTITY_SYNTAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    texts_are_read_exactly_and_printed_canonically),
		cmocka_unit_test(comparison_is_numeric),
		cmocka_unit_test(errors_say_where),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
