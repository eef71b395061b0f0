/* SPDX-License-Identifier: Apache-2.0 */
/* Quantities in arithmetic, held as Kubernetes holds them. */
#include "unit/answers.h"
#include "value/amount.h"

/* clang-format off */
static const struct question sums[] = {
	{ "1 + 1",
	  "true 2 2 1" },
	{ "100Ti + 0",
	  "false 0 109951162777600 1" },
	{ "99Ti + 0",
	  "true 108851651149824 108851651149824 1" },
	{ "1.5Gi + 0",
	  "false 0 1610612736 1" },
	{ "1000m + 0",
	  "false 0 1 1" },
	{ "1.0 + 0",
	  "false 0 1 1" },
	{ "1e3 + 0",
	  "true 1000 1000 1" },
	{ "-5k - 3",
	  "true -5003 -5003 -1" },
	{ "0.1 + 0.2",
	  "false 0 0.30000000000000004 1" },
	{ "1n + 1",
	  "false 0 1.0000000010000001 1" },
	{ "9223372036854775807 + 1",
	  "false 0 9.2233720368547758e+18 1" },
	{ "9999999999999999999999G + 1",
	  "false 0 1.0000000000000001e+31 1" },
	{ "10Ei + 0",
	  "false 0 9.2233720368547758e+18 1" },
	{ "-10Ei + 0",
	  "false 0 -9.2233720368547758e+18 -1" },
	{ "1.0000000001 + 0",
	  "false 0 1.0000000010000001 1" },
	{ "0.00000000001Ki + 0",
	  "false 0 1.1000000000000001e-08 1" },
	{ "1e-30 + 0",
	  "false 0 1.0000000000000001e-09 1" },
	{ "5 - 5",
	  "true 0 0 0" },
	{ "123456789012345678901234567890 - 0.000000001",
	  "false 0 1.234567890123457e+29 1" },
	{ "1e20 - 1e19",
	  "false 0 9e+19 1" },
	{ "1 c 1000m",
	  "c 0" },
	{ "1Ki c 1k",
	  "c 1" },
	{ "-1 c 0",
	  "c -1" },
	{ "1e30 c 1e29",
	  "c 1" },
	{ "0 c 0m",
	  "c 0" },
	{ "9E c 9000P",
	  "c 0" },
	{ "1e-1000000 c 0",
	  "c 1" },
	{ "2Mi c 2097152",
	  "c 0" },
	{ " + 1",
	  "E quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'" },
	{ "x + 1",
	  "E quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'" },
	{ "1x + 1",
	  "E quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'" },
	{ "1mi + 1",
	  "E unable to parse quantity's suffix" },
	{ "1Mix + 1",
	  "E quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'" },
	{ "Ei + 1",
	  "E unable to parse numeric part of quantity" },
	{ ".Ei + 1",
	  "E unable to parse numeric part of quantity" },
	{ "1e + 1",
	  "E unable to parse quantity's suffix" },
	{ "1e99999999999999999999 + 1",
	  "E unable to parse quantity's suffix" },
	{ "--1 + 1",
	  "E unable to parse quantity's suffix" },
	{ "99999999999999999999e2000 + 1",
	  "E quantity has more digits than can be handled" },
};
/* clang-format on */

static void
put_sum(const struct amount *x, const struct amount *y, bool subtract,
    struct buf *out)
{
	struct amount sum;
	int64_t n;
	bool whole;

	assert_true(amount_add(&arena, x, y, subtract, &sum));
	whole = amount_int(&sum, &n);
	buf_printf(out, "%s %lld %.17g %d", whole ? "true" : "false",
	    (long long)n, amount_double(&arena, &sum), amount_sign(&sum));
}

/* "x + y", "x - y": is it an integer, which, as a double, sign; "x c y" */
static void
answer_sum(struct kg_slice first, struct kg_slice rest, struct buf *out)
{
	const struct kg_slice operator= slice_cut(&rest, ' ');
	struct amount x, y;
	enum amount_error e = amount_parse(&arena, first, &x);

	if (e == AMOUNT_OK)
		e = amount_parse(&arena, rest, &y);
	if (e != AMOUNT_OK) {
		buf_printf(out, "E %s", amount_error_text(e));
	} else if (slice_is(operator, "c")) {
		buf_printf(out, "c %d", amount_cmp(&x, &y));
	} else {
		put_sum(&x, &y, slice_is(operator, "-"), out);
	}
}

static void
sums_are_kubernetes_own(void **state)
{
	(void)state;
	check(sums, ARRAY_LEN(sums), answer_sum);
}

static void
digits_are_capped(void **state)
{
	struct amount x, y, sum;

	(void)state;
	assert_int_equal(amount_parse(&arena, SLICE("1e2000"), &x), AMOUNT_OK);
	assert_int_equal(amount_parse(&arena, SLICE("1"), &y), AMOUNT_OK);
	assert_false(amount_add(&arena, &x, &y, false, &sum));
	assert_int_equal(
	    amount_parse(&arena, SLICE("1e2000000000"), &x), AMOUNT_OK);
	assert_false(amount_add(&arena, &x, &y, false, &sum));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sums_are_kubernetes_own),
		cmocka_unit_test(digits_are_capped),
	};

	return cmocka_run_group_tests(tests, unit_setup, unit_teardown);
}
