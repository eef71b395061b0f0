/* SPDX-License-Identifier: Apache-2.0 */
/* JSON out: escapes, numbers, canonical order. */
#include <math.h>

#include "base/limits.h"
#include "unit/unit.h"
#include "value/writer.h"

static struct kg_slice
rewrite(struct kg_slice text, bool canonical)
{
	const struct value *v;
	struct json_error e;
	struct writer w;
	struct buf b;

	assert_int_equal(json_decode(&arena, &keys, text, NULL, &v, &e), KG_OK);
	buf_init(&b, &arena, MIB);
	writer_init(&w, &b);
	if (canonical)
		writer_canonical(&w, v);
	else
		writer_value(&w, v);
	return buf_slice(&b);
}

static void
values_come_out_as_they_went_in(void **state)
{
	static const char *const texts[] = {
		"{\"b\":1,\"a\":[true,false,null,{},[]]}",
		"[\"\\u0000\\b\\f\\n\\r\\t\\\"\\\\/\\u001f\x7f\"]",
		"[9223372036854775807,-9223372036854775808]",
		"\"\xc3\xa9\xf0\x9f\x98\x80\"",
		"[0.1,1e+21,1e-7,1.5,-2.5e-10,1.0,9223371536854807000.0]",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		assert_slice(rewrite(slice_str(texts[i]), false), texts[i]);
}

static void
whatever_comes_in_is_json(void **state)
{
	struct writer w;
	struct buf b;

	(void)state;
	buf_init(&b, &arena, MIB);
	writer_init(&w, &b);
	writer_list(&w);
	writer_string(&w, SLICE("a\xff\xc3"));
	writer_double(&w, (double)NAN);
	writer_uint(&w, UINT64_MAX);
	writer_end(&w);
	assert_slice(buf_slice(&b),
	    "[\"a\xef\xbf\xbd\xef\xbf\xbd\",null,18446744073709551615]");
}

/* Plain or not, and on either side of a block of plain.h. */
static void
members_are_names_and_strings(void **state)
{
	struct writer w;
	struct buf b;

	(void)state;
	buf_init(&b, &arena, MIB);
	writer_init(&w, &b);
	writer_object(&w);
	writer_member(&w, "a", SLICE(""));
	writer_member(&w, "b", SLICE("0123456789abcdef0123456789"));
	writer_member(&w, "c", SLICE("0123456789abcde\n"));
	writer_member(&w, "d", SLICE("\"0123456789abcdef0123456789"));
	writer_member(&w, "e", SLICE("0123456789abcdef0123456\\89"));
	writer_end(&w);
	assert_slice(buf_slice(&b),
	    "{\"a\":\"\",\"b\":\"0123456789abcdef0123456789\","
	    "\"c\":\"0123456789abcde\\n\","
	    "\"d\":\"\\\"0123456789abcdef0123456789\","
	    "\"e\":\"0123456789abcdef0123456\\\\89\"}");
}

static void
doubles_are_shortest(void **state)
{
	static const struct {
		double d;
		const char *text;
	} cases[] = {
		{ 0.0, "0" },
		{ -0.0, "0" },
		{ 1.0, "1" },
		{ 0.1, "0.1" },
		{ 0.1 + 0.2, "0.30000000000000004" },
		{ 1e20, "100000000000000000000" },
		{ 1e21, "1e+21" },
		{ 1e-6, "0.000001" },
		{ 1e-7, "1e-7" },
		{ 123456.789, "123456.789" },
		{ 5e-324, "5e-324" },
		{ 1.7976931348623157e308, "1.7976931348623157e+308" },
		{ -1.5e300, "-1.5e+300" },
		{ 9007199254740993.0, "9007199254740992" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char text[32];

		assert_slice(slice_of(text, double_text(cases[i].d, text)),
		    cases[i].text);
	}
}

/* Names by UTF-16 units: U+1F600 is D83D DE00 and sorts before U+FB33. */
static void
canonical_order_is_that_of_rfc_8785(void **state)
{
	(void)state;
	assert_slice(
	    rewrite(SLICE("{\"\xef\xac\xb3\":1,\"\xf0\x9f\x98\x80\":2,"
			  "\"\xe2\x82\xac\":3,\"\\r\":4,\"1\":5,\"\xc3\xb6\":6,"
			  "\"a\":{\"z\":1,\"aa\":2,\"a\":3}}"),
		true),
	    "{\"\\r\":4,\"1\":5,\"a\":{\"a\":3,\"aa\":2,\"z\":1},\"\xc3\xb6\":"
	    "6,"
	    "\"\xe2\x82\xac\":3,\"\xf0\x9f\x98\x80\":2,\"\xef\xac\xb3\":1}");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_come_out_as_they_went_in),
		cmocka_unit_test(whatever_comes_in_is_json),
		cmocka_unit_test(members_are_names_and_strings),
		cmocka_unit_test(doubles_are_shortest),
		cmocka_unit_test(canonical_order_is_that_of_rfc_8785),
	};

	return cmocka_run_group_tests(tests, unit_setup, unit_teardown);
}
