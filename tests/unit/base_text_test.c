/* SPDX-License-Identifier: Apache-2.0 */
/* Slices, UTF-8, hashes and SHA-256. */
#include "base/hash.h"
#include "base/sha256.h"
#include "base/utf8.h"
#include "unit/unit.h"

static void
utf8_is_strict(void **state)
{
	static const struct {
		struct kg_slice text;
		bool valid;
	} cases[] = {
		{ SLICE_INIT(""), true },
		{ SLICE_INIT("ascii \x7f\0"), true },
		{ SLICE_INIT("\xc2\x80 \xdf\xbf"), true },
		{ SLICE_INIT("\xe0\xa0\x80 \xef\xbf\xbf"), true },
		{ SLICE_INIT("\xf0\x90\x80\x80 \xf4\x8f\xbf\xbf"), true },
		{ SLICE_INIT("\x80"), false },     /* stray tail */
		{ SLICE_INIT("\xc0\x80"), false }, /* overlong NUL */
		{ SLICE_INIT("\xc1\xbf"), false },
		{ SLICE_INIT("\xe0\x9f\xbf"), false },     /* overlong */
		{ SLICE_INIT("\xed\xa0\x80"), false },     /* surrogate */
		{ SLICE_INIT("\xf0\x8f\xbf\xbf"), false }, /* overlong */
		{ SLICE_INIT("\xf4\x90\x80\x80"), false }, /* > 10FFFF */
		{ SLICE_INIT("\xf5\x80\x80\x80"), false },
		{ SLICE_INIT("\xc2"), false }, /* cut off */
		{ SLICE_INIT("\xe2\x82"), false },
		{ SLICE_INIT("\xf0\x9f\x98"), false },
		{ SLICE_INIT("\xc2 "), false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		if (utf8_valid(cases[i].text) != cases[i].valid)
			fail_msg("case %zu", i);
	}
}

static void
every_scalar_value_survives(void **state)
{
	(void)state;
	for (uint32_t c = 0; c <= 0x10ffff; c++) {
		char bytes[4];
		uint32_t back;
		size_t at = 0, n;

		if (c >= 0xd800 && c <= 0xdfff)
			continue;
		n = utf8_encode(c, bytes);
		assert_true(utf8_next(slice_of(bytes, n), &at, &back));
		assert_int_equal(back, c);
		assert_int_equal(at, n);
	}
}

static void
cutting_keeps_code_points_whole(void **state)
{
	const struct kg_slice text = SLICE("a\xe2\x82\xac"
					   "b");

	(void)state;
	assert_int_equal(utf8_length(text), 3);
	assert_int_equal(
	    utf8_length(SLICE("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"
			      "seven b\xc3\xa9")),
	    11);
	assert_int_equal(utf8_length(SLICE("nineteen of ASCII..")), 19);
	assert_int_equal(utf8_cut(text, 4).len, 4);
	assert_int_equal(utf8_cut(text, 3).len, 1);
	assert_int_equal(utf8_cut(text, 0).len, 0);
	assert_int_equal(utf8_cut(text, 99).len, 5);
}

static void
slices_compare_and_cut(void **state)
{
	struct kg_slice rest = SLICE("a,,b"), none = { NULL, 0 };

	(void)state;
	assert_true(slice_cmp(SLICE("a"), SLICE("ab")) < 0);
	assert_true(slice_cmp(SLICE("b"), SLICE("ab")) > 0);
	assert_true(slice_cmp(none, SLICE("")) == 0);
	assert_true(slice_eq(none, SLICE("")));
	assert_false(slice_eq(SLICE("a\0b"), SLICE("a\0c")));
	assert_true(slice_eq_nocase(SLICE("EpC"), SLICE("epc")));
	assert_slice(slice_trim(SLICE(" \t x y\r\n")), "x y");
	assert_slice(slice_cut(&rest, ','), "a");
	assert_slice(slice_cut(&rest, ','), "");
	assert_slice(slice_cut(&rest, ','), "b");
	assert_null(rest.ptr);
	rest = SLICE("a,");
	assert_slice(slice_cut(&rest, ','), "a");
	assert_non_null(rest.ptr);
	assert_slice(slice_cut(&rest, ','), "");
	assert_null(rest.ptr);
}

static void
distances(void **state)
{
	static const struct {
		const char *a, *b;
		size_t max, want;
	} cases[] = {
		{ "minimum", "minimum", 3, 0 }, { "minimun", "minimum", 3, 1 },
		{ "mnimum", "minimum", 3, 1 }, { "miniimum", "minimum", 3, 1 },
		{ "imnimum", "minimum", 3, 1 }, /* swapped neighbours */
		{ "", "abc", 5, 3 }, { "kitten", "sitting", 5, 3 },
		{ "kitten", "sitting", 2, 3 }, /* over max */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(slice_distance(slice_str(cases[i].a),
				     slice_str(cases[i].b), cases[i].max),
		    cases[i].want);
}

static void
digests_and_reuse(void **state)
{
	struct sha256 *h = sha256_new();
	char hex[SHA256_HEX];

	(void)state;
	assert_non_null(h);
	for (int round = 0; round < 2; round++) {
		assert_int_equal(sha256_begin(h), KG_OK);
		assert_int_equal(sha256_update(h, SLICE("a")), KG_OK);
		assert_int_equal(sha256_update(h, SLICE("bc")), KG_OK);
		assert_int_equal(sha256_end(h, hex), KG_OK);
		/* FIPS 180-4, example of "abc" */
		assert_slice(slice_of(hex, sizeof(hex)),
		    "ba7816bf8f01cfea414140de5dae2223"
		    "b00361a396177a9cb410ff61f20015ad");
	}
	sha256_free(h);
}

static void
a_builder_over_memory_ends_with_it(void **state)
{
	char memory[8] = "........";
	struct buf b;

	(void)state;
	buf_init_over(&b, memory, 7);
	buf_puts(&b, "a=");
	buf_put_uint(&b, 12345);
	assert_slice(buf_slice(&b), "a=12345");
	assert_ptr_equal(buf_slice(&b).ptr, memory);
	buf_putc(&b, '6');
	assert_true(buf_failed(&b));
	assert_int_equal(memory[7], '.');
	assert_slice(buf_cut(&b), "a=12...");
	assert_int_equal(memory[7], '.');
}

static void
a_builder_is_cut_between_characters(void **state)
{
	char memory[8];
	struct buf b;

	(void)state;
	buf_init_over(&b, memory, 8);
	buf_puts(&b, "abc\xe2\x82\xac");
	assert_slice(buf_cut(&b), "abc\xe2\x82\xac");
	buf_puts(&b, "more");
	assert_int_equal(buf_slice(&b).len, 0);
	assert_slice(buf_cut(&b), "abc...");
	buf_init_over(&b, memory, 2);
	buf_puts(&b, "ab");
	buf_putc(&b, 'c');
	assert_slice(buf_cut(&b), "ab");
}

/* Every byte counts, whatever the length, and none beside it. */
static void
names_with_one_hash_are_compared_whole(void **state)
{
	(void)state;
	for (size_t len = 0; len <= 40; len++) {
		char a[42], b[42];

		memset(a, 'a', sizeof(a));
		memset(b, 'a', sizeof(b));
		b[0] = b[len + 1] = 'b';
		assert_true(hash_same(a + 1, b + 1, len));
		for (size_t at = 1; at <= len; at++) {
			b[at] = (char)('a' | 0x80);
			assert_false(hash_same(a + 1, b + 1, len));
			b[at] = 'a';
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(utf8_is_strict),
		cmocka_unit_test(every_scalar_value_survives),
		cmocka_unit_test(cutting_keeps_code_points_whole),
		cmocka_unit_test(slices_compare_and_cut),
		cmocka_unit_test(distances),
		cmocka_unit_test(names_with_one_hash_are_compared_whole),
		cmocka_unit_test(digests_and_reuse),
		cmocka_unit_test(a_builder_over_memory_ends_with_it),
		cmocka_unit_test(a_builder_is_cut_between_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
