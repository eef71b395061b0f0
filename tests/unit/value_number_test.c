/* SPDX-License-Identifier: Apache-2.0 */
/* Doubles to text and back, in Go's forms and in every locale. */
#include <locale.h>
#include <math.h>

#include "base/limits.h"
#include "unit/unit.h"
#include "value/number.h"

/* clang-format off */
static const struct {
	double d;
	enum double_style style;
	int precision;
	const char *text;
} prints[] = {
	{ 0, DOUBLE_GENERAL, -1, "0" }, { -0.0, DOUBLE_GENERAL, -1, "-0" },
	{ 0.1, DOUBLE_GENERAL, -1, "0.1" }, { -0.0045, DOUBLE_GENERAL, -1, "-0.0045" },
	{ 100000, DOUBLE_GENERAL, -1, "100000" }, { 1e6, DOUBLE_GENERAL, -1, "1e+06" },
	{ 123456, DOUBLE_GENERAL, -1, "123456" }, { 1234567.5, DOUBLE_GENERAL, -1, "1.2345675e+06" },
	{ 0.0001, DOUBLE_GENERAL, -1, "0.0001" }, { 0.00001, DOUBLE_GENERAL, -1, "1e-05" },
	{ 5e-324, DOUBLE_GENERAL, -1, "5e-324" },
	{ 1.7976931348623157e308, DOUBLE_GENERAL, -1, "1.7976931348623157e+308" },
	/* powers of two whose nearest 16 digits read back as another double */
	{ 0x1p-44, DOUBLE_GENERAL, -1, "5.684341886080802e-14" },
	{ 0x1p-24, DOUBLE_GENERAL, -1, "5.960464477539063e-08" },
	{ 0x1p976, DOUBLE_GENERAL, -1, "6.386688990511104e+293" },
	{ 1e21, DOUBLE_FIXED, -1, "1000000000000000000000" }, { 1.5, DOUBLE_FIXED, -1, "1.5" },
	{ 0.00012, DOUBLE_FIXED, -1, "0.00012" }, { 3.14159, DOUBLE_FIXED, 2, "3.14" },
	{ 2.5, DOUBLE_FIXED, 0, "2" }, { 1e22, DOUBLE_FIXED, 1, "10000000000000000000000.0" },
	{ 1052.032911275, DOUBLE_EXPONENT, 6, "1.052033e+03" }, { 0, DOUBLE_EXPONENT, 2, "0.00e+00" },
	{ 1e100, DOUBLE_EXPONENT, -1, "1e+100" },
	{ (double)NAN, DOUBLE_GENERAL, -1, "NaN" }, { (double)INFINITY, DOUBLE_FIXED, 2, "+Inf" },
	{ -(double)INFINITY, DOUBLE_EXPONENT, 2, "-Inf" },
};

static const struct {
	const char *text;
	enum double_error error;
	double d;
} reads[] = {
	{ "1.5", DOUBLE_OK, 1.5 }, { "+.5", DOUBLE_OK, 0.5 }, { "-1.", DOUBLE_OK, -1 },
	{ "1e3", DOUBLE_OK, 1000 }, { "1E-3", DOUBLE_OK, 0.001 }, { "1_000.2_5", DOUBLE_OK, 1000.25 },
	{ "0x1.8p1", DOUBLE_OK, 3 }, { "0x_1p4", DOUBLE_OK, 16 }, { "1e-400", DOUBLE_OK, 0 },
	{ "9007199254740993", DOUBLE_OK, 9007199254740992.0 },
	{ "-inf", DOUBLE_OK, -(double)INFINITY }, { "Infinity", DOUBLE_OK, (double)INFINITY },
	{ "1e400", DOUBLE_RANGE, 0 }, { "", DOUBLE_SYNTAX, 0 }, { ".", DOUBLE_SYNTAX, 0 },
	{ " 1", DOUBLE_SYNTAX, 0 }, { "1 ", DOUBLE_SYNTAX, 0 }, { "1e", DOUBLE_SYNTAX, 0 },
	{ "1__0", DOUBLE_SYNTAX, 0 }, { "_1", DOUBLE_SYNTAX, 0 }, { "1_", DOUBLE_SYNTAX, 0 },
	{ "1_.5", DOUBLE_SYNTAX, 0 }, { "0x1", DOUBLE_SYNTAX, 0 }, { "0xp1", DOUBLE_SYNTAX, 0 },
	{ "+nan", DOUBLE_SYNTAX, 0 }, { "1,5", DOUBLE_SYNTAX, 0 }, { "1f", DOUBLE_SYNTAX, 0 },
};
/* clang-format on */

static void
check_all(void)
{
	for (size_t i = 0; i < ARRAY_LEN(prints); i++) {
		struct buf b;

		buf_init(&b, &arena, KIB);
		double_put(
		    &b, prints[i].d, prints[i].style, prints[i].precision);
		assert_slice(buf_slice(&b), prints[i].text);
	}
	for (size_t i = 0; i < ARRAY_LEN(reads); i++) {
		double d;
		const enum double_error e =
		    double_read(slice_str(reads[i].text), &d);

		if (e != reads[i].error ||
		    (e == DOUBLE_OK && (d < reads[i].d || d > reads[i].d)))
			fail_msg("\"%s\": %d, %g", reads[i].text, (int)e, d);
	}
}

static void
doubles_are_written_and_read_as_in_go(void **state)
{
	double d;

	(void)state;
	check_all();
	assert_int_equal(double_read(SLICE("NaN"), &d), DOUBLE_OK);
	assert_true(isnan(d));
}

static void
the_locale_changes_nothing(void **state)
{
	(void)state;
	if (setlocale(LC_NUMERIC, "de_DE.UTF-8") == NULL)
		print_message("# no locale with a comma here\n");
	check_all();
	(void)setlocale(LC_NUMERIC, "C");
}

/* What is written reads back; powers of two and neighbours, by bits. */
static void
shortest_text_reads_back(void **state)
{
	uint64_t bits = 1;

	(void)state;
	for (unsigned i = 0; i < 4000; i++) {
		double d, back;
		struct buf b;

		bits = bits * 6364136223846793005u + 1442695040888963407u;
		memcpy(&d, &bits, sizeof(d));
		if (!isfinite(d))
			continue;
		arena_reset(&arena);
		buf_init(&b, &arena, KIB);
		double_put(&b, d, DOUBLE_GENERAL, -1);
		assert_int_equal(double_read(buf_slice(&b), &back), DOUBLE_OK);
		assert_memory_equal(&back, &d, sizeof(d));
	}
}

/* What is short is read and written without the C library, to the same end. */
static void
short_texts_agree_with_the_library(void **state)
{
	static const struct {
		const char *before, *after;
	} forms[] = { { "", "" }, { "-", "" }, { "", "e9" }, { "", "E-7" },
		{ "", ".25" }, { "0.0", "" }, { "", ".5e+22" }, { "-", "e-22" },
		{ "1", "e23" }, { "", ".1e-1" } };
	size_t taken = 0;

	(void)state;
	for (size_t f = 0; f < ARRAY_LEN(forms); f++)
		for (int n = 0; n < 2000; n++) {
			struct double_digits digits;
			char text[40], back[40];
			double want, d;

			(void)snprintf(text, sizeof(text), "%s%d%s",
			    forms[f].before, n * 37, forms[f].after);
			want = strtod(text, NULL);
			if (double_read_short(slice_str(text), &d)) {
				taken++;
				assert_memory_equal(&d, &want, sizeof(d));
			}
			if (n == 0)
				continue;
			double_shortest(want, &digits);
			(void)snprintf(back, sizeof(back), "%s0.%.*se%d",
			    digits.negative ? "-" : "", digits.count,
			    digits.digits, digits.exponent + 1);
			d = strtod(back, NULL);
			assert_memory_equal(&d, &want, sizeof(d));
		}
	assert_true(taken > 16000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(short_texts_agree_with_the_library),
		cmocka_unit_test(doubles_are_written_and_read_as_in_go),
		cmocka_unit_test(the_locale_changes_nothing),
		cmocka_unit_test(shortest_text_reads_back),
	};

	return cmocka_run_group_tests(tests, unit_setup, unit_teardown);
}
