/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON decoder: what it takes, what it refuses and where, lookups. */
#include <math.h>

#include "base/diag.h"
#include "base/limits.h"
#include "unit/unit.h"
#include "value/writer.h"

static const struct value *
decode(struct kg_slice text)
{
	const struct value *v;
	struct json_error error;
	enum kg_status st;

	st = json_decode(&arena, &keys, text, NULL, &v, &error);
	if (st != KG_OK)
		fail_msg("%s at %zu in %.*s", error.message, error.offset,
		    SLICE_ARG(text));
	return v;
}

/* clang-format off */
static const struct {
	struct kg_slice text;
	size_t offset;
	const char *message;
} refused[] = {
	{ SLICE_INIT(""), 0, "text ends where a value is expected" },
	{ SLICE_INIT("  "), 2, "text ends where a value is expected" },
	{ SLICE_INIT("{} {}"), 3, "text after the document" },
	{ SLICE_INIT("nullx"), 4, "text after the document" },
	{ SLICE_INIT("{}\0"), 2, "text after the document" },
	{ SLICE_INIT("nul"), 0, "value expected" },
	{ SLICE_INIT("True"), 0, "value expected" },
	{ SLICE_INIT("\xef\xbb\xbf{}"), 0, "value expected" },
	{ SLICE_INIT("\x0b{}"), 0, "value expected" },
	{ SLICE_INIT("[1,]"), 3, "value expected" },
	{ SLICE_INIT("[,1]"), 1, "value expected" },
	{ SLICE_INIT("[1 2]"), 3, "',' or ']' expected" },
	{ SLICE_INIT("[1}"), 2, "',' or ']' expected" },
	{ SLICE_INIT("[1"), 2, "',' or ']' expected" },
	{ SLICE_INIT("{\"a\":1,}"), 7, "member name expected" },
	{ SLICE_INIT("{a:1}"), 1, "member name expected" },
	{ SLICE_INIT("{'a':1}"), 1, "member name expected" },
	{ SLICE_INIT("{\"a\" 1}"), 5, "':' expected" },
	{ SLICE_INIT("{\"a\":}"), 5, "value expected" },
	{ SLICE_INIT("{\"a\":1]"), 6, "',' or '}' expected" },
	{ SLICE_INIT("{\"a\":1 \"b\":2}"), 7, "',' or '}' expected" },
	{ SLICE_INIT("{\"a\":1"), 6, "',' or '}' expected" },
	{ SLICE_INIT("{"), 1, "member name expected" },
	{ SLICE_INIT("]"), 0, "value expected" },
	{ SLICE_INIT("\"abc"), 4, "text ends inside a string" },
	{ SLICE_INIT("\"abc\\"), 5, "text ends inside a string" },
	{ SLICE_INIT("\"abc\\\""), 6, "text ends inside a string" },
	{ SLICE_INIT("\"a\nb\""), 2, "control character in a string" },
	{ SLICE_INIT("\"a\0b\""), 2, "control character in a string" },
	{ SLICE_INIT("\"\\x\""), 1, "unknown escape" },
	{ SLICE_INIT("\"\\\0\""), 1, "unknown escape" },
	{ SLICE_INIT("\"\\u12\""), 1, "bad \\u escape: four hex digits wanted" },
	{ SLICE_INIT("\"\\uZZZZ\""), 1, "bad \\u escape: four hex digits wanted" },
	{ SLICE_INIT("\"\\ud800\""), 1, "lone surrogate in a \\u escape" },
	{ SLICE_INIT("\"\\ud800x\""), 1, "lone surrogate in a \\u escape" },
	{ SLICE_INIT("\"\\ud800\\u0041\""), 1, "lone surrogate in a \\u escape" },
	{ SLICE_INIT("\"a\\udc00\""), 2, "lone surrogate in a \\u escape" },
	{ SLICE_INIT("\"\xed\xa0\x80\""), 1, "invalid UTF-8" },
	{ SLICE_INIT("\"ab\xc0\x80\""), 3, "invalid UTF-8" },
	{ SLICE_INIT("\"\\n\xff\""), 3, "invalid UTF-8" },
	{ SLICE_INIT("\"\xe2\x82\""), 1, "invalid UTF-8" },
	{ SLICE_INIT("01"), 0, "leading zero" },
	{ SLICE_INIT("-01"), 1, "leading zero" },
	{ SLICE_INIT("-"), 1, "digit expected" },
	{ SLICE_INIT("+1"), 0, "value expected" },
	{ SLICE_INIT(".5"), 0, "value expected" },
	{ SLICE_INIT("1."), 2, "digit expected" },
	{ SLICE_INIT("1.e3"), 2, "digit expected" },
	{ SLICE_INIT("1e"), 2, "digit expected" },
	{ SLICE_INIT("1e+"), 3, "digit expected" },
	{ SLICE_INIT("NaN"), 0, "value expected" },
	{ SLICE_INIT("Infinity"), 0, "value expected" },
	{ SLICE_INIT("0x10"), 1, "text after the document" },
	{ SLICE_INIT("1e400"), 0, "number out of range" },
	{ SLICE_INIT("[-1e999]"), 1, "number out of range" },
	{ SLICE_INIT("/**/1"), 0, "value expected" },
	{ SLICE_INIT("{\"a\":1,\"b\":2,\"a\":3}"), 13, "duplicate member name" },
	{ SLICE_INIT("{\"a\":1,\"\\u0061\":3}"), 7, "duplicate member name" },
	{ SLICE_INIT("[{\"spec\":{},\"spec\":{}}]"), 12, "duplicate member name" },
	{ SLICE_INIT("{\"\":1,\"\":2}"), 6, "duplicate member name" },
};
/* clang-format on */

static void
what_is_not_json_is_refused_where_it_breaks(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		const struct value *v;
		struct json_error error;
		enum kg_status st;

		arena_reset(&arena);
		st = json_decode(
		    &arena, &keys, refused[i].text, NULL, &v, &error);
		if (st != KG_SYNTAX || v != NULL ||
		    strcmp(error.message, refused[i].message) != 0 ||
		    error.offset != refused[i].offset)
			fail_msg("case %zu %.*s: %d %s at %zu", i,
			    SLICE_ARG(refused[i].text), (int)st,
			    st == KG_OK ? "taken" : error.message,
			    error.offset);
	}
}

static void
numbers_are_told_apart_by_their_text(void **state)
{
	static const struct {
		const char *text;
		enum value_kind kind;
		int64_t integer;
		double real;
	} cases[] = {
		{ "0", VALUE_INT, 0, 0 },
		{ "-0", VALUE_INT, 0, 0 },
		{ "1", VALUE_INT, 1, 0 },
		{ "-17", VALUE_INT, -17, 0 },
		{ "9007199254740993", VALUE_INT, 9007199254740993, 0 },
		{ "9223372036854775807", VALUE_INT, INT64_MAX, 0 },
		{ "-9223372036854775808", VALUE_INT, INT64_MIN, 0 },
		{ "9223372036854775808", VALUE_DOUBLE, 0, 0x1p63 },
		{ "-9223372036854775809", VALUE_DOUBLE, 0, -0x1p63 },
		{ "18446744073709551616", VALUE_DOUBLE, 0, 0x1p64 },
		{ "1.0", VALUE_DOUBLE, 0, 1.0 },
		{ "1e3", VALUE_DOUBLE, 0, 1000.0 },
		{ "1E-2", VALUE_DOUBLE, 0, 0.01 },
		{ "0.1e+1", VALUE_DOUBLE, 0, 1.0 },
		{ "1e-400", VALUE_DOUBLE, 0, 0.0 },
		{ "1.7976931348623157e308", VALUE_DOUBLE, 0,
		    1.7976931348623157e308 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct value *v = decode(slice_str(cases[i].text));

		assert_int_equal(v->kind, cases[i].kind);
		if (v->kind == VALUE_INT)
			assert_int_equal(v->u.integer, cases[i].integer);
		else
			assert_true(v->u.real >= cases[i].real &&
			    v->u.real <= cases[i].real);
	}
}

static void
strings_keep_every_byte(void **state)
{
	static const struct {
		struct kg_slice text, want;
	} cases[] = {
		{ SLICE_INIT("\"\""), SLICE_INIT("") },
		{ SLICE_INIT("\"plain text, longer than a word\""),
		    SLICE_INIT("plain text, longer than a word") },
		{ SLICE_INIT("\"good\\u0000evil\""), SLICE_INIT("good\0evil") },
		{ SLICE_INIT("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""),
		    SLICE_INIT("\"\\/\b\f\n\r\t") },
		{ SLICE_INIT("\"\\u00e9\\u20AC\\ud83d\\ude00\""),
		    SLICE_INIT("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80") },
		{ SLICE_INIT("\"\xc3\xa9 and \xf0\x9f\x98\x80 raw\""),
		    SLICE_INIT("\xc3\xa9 and \xf0\x9f\x98\x80 raw") },
		{ SLICE_INIT("\"0123456789abcdef\\n0123456789\xc3\xa9\\t\""),
		    SLICE_INIT("0123456789abcdef\n0123456789\xc3\xa9\t") },
		{ SLICE_INIT("\"\x7f\""), SLICE_INIT("\x7f") },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct value *v = decode(cases[i].text);

		assert_true(value_is(v, VALUE_STRING));
		if (!slice_eq(value_str(v), cases[i].want))
			fail_msg("case %zu", i);
	}
}

/* A special byte at each offset: words and tails of the scan agree. */
static void
special_bytes_are_seen_at_every_offset(void **state)
{
	static const char specials[] = { '"', '\\', 0x01, 0x1f, '\0' };
	char text[40];

	(void)state;
	for (size_t len = 2; len < sizeof(text); len++) {
		for (size_t at = 1; at < len - 1; at++) {
			for (size_t s = 0; s < sizeof(specials); s++) {
				const struct value *v;
				struct json_error e;

				memset(text, 'x', len);
				text[0] = text[len - 1] = '"';
				text[at] = specials[s];
				assert_int_not_equal(
				    json_decode(&arena, &keys,
					slice_of(text, len), NULL, &v, &e),
				    KG_OK);
			}
		}
	}
}

static void
escape_free_strings_point_into_the_text(void **state)
{
	const struct kg_slice text = SLICE("{\"name\":\"value\"}");
	const struct value *v = decode(text);

	(void)state;
	assert_ptr_equal(v->u.members[0].name.u.bytes, text.ptr + 2);
	assert_ptr_equal(value_get(v, KEY_name)->u.bytes, text.ptr + 9);
}

static void
objects_keep_order_and_find_members(void **state)
{
	const struct value *v = decode(
	    SLICE("{\"zeta\":1,\"spec\":{\"x\":[1,2]},\"a\\u0000b\":3}"));

	(void)state;
	assert_int_equal(value_members(v), 3);
	assert_slice(value_str(&value_member(v, 0)->name), "zeta");
	assert_int_equal(value_get(v, KEY_spec)->kind, VALUE_OBJECT);
	assert_null(value_get(v, KEY_metadata));
	assert_null(value_find(v, SLICE("a")));
	assert_int_equal(value_find(v, SLICE("a\0b"))->u.integer, 3);
	/* Chains over what is not there. */
	assert_null(value_get(value_get(v, KEY_status), KEY_name));
	assert_null(value_at(value_get(v, KEY_spec), 0));
	assert_int_equal(value_len(NULL), 0);
}

/* The pairwise check and the table must agree: duplicates at any distance. */
static void
duplicates_are_found_in_objects_of_any_size(void **state)
{
	(void)state;
	for (size_t n = 2; n < 3000; n = n * 3 / 2 + 1) {
		char *text = malloc(n * 12 + 16);
		size_t len = 0, at = 0;
		const struct value *v;
		struct json_error e;

		assert_non_null(text);
		for (size_t i = 0; i < n; i++) {
			if (i == n - 1)
				at = len + 1;
			len += (size_t)snprintf(text + len, 16, "%c\"k%zu\":1",
			    i == 0 ? '{' : ',', i == n - 1 ? n / 2 - 1 : i);
		}
		text[len++] = '}';
		arena_reset(&arena);
		assert_int_equal(json_decode(&arena, &keys, slice_of(text, len),
				     NULL, &v, &e),
		    KG_SYNTAX);
		assert_string_equal(e.message, "duplicate member name");
		assert_int_equal(e.offset, at);
		assert_true(e.name.len > 1 && e.name.ptr[0] == 'k');
		free(text);
	}
}

static char *
repeat(const char *unit, size_t times, size_t *len)
{
	const size_t n = strlen(unit);
	char *text = malloc(n * times + 1);

	assert_non_null(text);
	for (size_t i = 0; i < times; i++)
		memcpy(text + i * n, unit, n);
	*len = n * times;
	return text;
}

static void
depth_and_nodes_are_capped(void **state)
{
	static const struct {
		const char *unit;
		size_t times;
		enum kg_status want;
	} cases[] = {
		{ "[", 250, KG_SYNTAX }, /* deep enough, but unfinished */
		{ "[", 251, KG_LIMIT },
		{ "[", 1000000, KG_LIMIT },
		{ "{\"a\":", 251, KG_LIMIT },
		{ "[[],[],", 200, KG_SYNTAX },
	};
	const struct value *v;
	struct json_error e;
	size_t len;
	char *text;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		text = repeat(cases[i].unit, cases[i].times, &len);
		arena_reset(&arena);
		assert_int_equal(json_decode(&arena, &keys, slice_of(text, len),
				     NULL, &v, &e),
		    cases[i].want);
		free(text);
	}
	text = repeat("[],", NODES_MAX + 2, &len);
	text[0] = '[';
	text[1] = '1';
	text[len - 1] = ']';
	for (size_t i = 0; i < 3; i++) {
		const struct json_options options = { .positions = i > 0,
			.nodes_max = i < 2 ? 0 : NODES_FILE_MAX };
		const enum kg_status want = i < 2 ? KG_LIMIT : KG_OK;

		arena_reset(&arena);
		assert_int_equal(json_decode(&arena, &keys, slice_of(text, len),
				     &options, &v, &e),
		    want);
		if (want != KG_OK)
			assert_string_equal(e.message, "too many values");
	}
	free(text);
}

/* Just over half of them on the stack at once, which so has its greatest
 * size, and the others each alone in a list. */
static void
a_review_of_the_most_values_has_room(void **state)
{
	const struct json_options options = { .positions = true };
	const size_t lists = 475000, zeros = NODES_MAX - 2 * lists - 1;
	size_t len;
	char *text = repeat("[0],", lists + zeros, &len);
	char *end = text + 4 * lists;
	struct arena review;
	const struct value *v;
	struct json_error e;

	(void)state;
	for (size_t i = 0; i < zeros; i++, end += 2)
		memcpy(end, "0,", 2);
	memcpy(end, "0]", 2);
	memcpy(text, "[0 ,", 4);
	arena_init(&review, ARENA_REVIEW_MAX);
	assert_int_equal(
	    json_decode(&review, &keys,
		slice_of(text, (size_t)(end + 2 - text)), &options, &v, &e),
	    KG_OK);
	assert_true(value_len(v) > NODES_MAX / 2);
	assert_non_null(value_pointer(v, SLICE("/1/0"), NULL));
	assert_true(review.total < 49 * MIB);
	arena_release(&review);
	free(text);
}

static void
an_arena_that_is_too_small_is_an_error(void **state)
{
	struct arena small;
	const struct value *v;
	struct json_error e;
	size_t len;
	char *text = repeat("[1],", 100000, &len);

	(void)state;
	text[1] = '[';
	text[2] = '1';
	arena_init(&small, 128 * KIB);
	assert_int_equal(
	    json_decode(&small, &keys, slice_of(text, len), NULL, &v, &e),
	    KG_LIMIT);
	assert_null(v);
	arena_release(&small);
	free(text);
}

static void
positions_are_offsets_of_names_and_values(void **state)
{
	const struct json_options options = { .positions = true };
	const struct kg_slice text =
	    SLICE(" {\"a\": [10, {\"b/c\": true}], \"~\": 1}");
	const struct value *v;
	struct json_error e;
	uint32_t pos = 0;

	(void)state;
	assert_int_equal(
	    json_decode(&arena, &keys, text, &options, &v, &e), KG_OK);
	assert_int_equal(value_name_pos(v, 0), 2);
	assert_int_equal(value_child_pos(v, 0), 7);
	assert_non_null(value_pointer(v, SLICE("/a/1/b~1c"), &pos));
	assert_int_equal(pos, 20);
	assert_int_equal(value_pointer(v, SLICE("/~0"), &pos)->u.integer, 1);
	assert_null(value_pointer(v, SLICE("/a/2"), &pos));
	assert_int_equal(pos, 7); /* the deepest that exists */
	assert_null(value_pointer(v, SLICE("a"), NULL));
	assert_ptr_equal(value_pointer(v, SLICE(""), NULL), v);
	assert_int_equal(value_child_pos(v, 9), POS_NONE);
	assert_int_equal(value_child_pos(decode(text), 0), POS_NONE);
}

static void
containers_know_where_they_end(void **state)
{
	static const struct {
		const char *pointer;
		uint32_t end;
	} cases[] = {
		{ "", 135 },
		{ "/a", 124 },
		{ "/a/1", 122 },
		{ "/a/1/b", POS_NONE }, /* empty */
		{ "/c", POS_NONE },
		{ "/a/0", POS_NONE },
	};
	const struct json_options options = { .positions = true, .base = 100 };
	const struct kg_slice text =
	    SLICE(" {\"a\": [10, {\"b\": [ ] }\n], \"c\": {} } ");
	const struct value *v;
	struct json_error e;

	(void)state;
	assert_int_equal(
	    json_decode(&arena, &keys, text, &options, &v, &e), KG_OK);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(value_end_pos(value_pointer(
				     v, slice_str(cases[i].pointer), NULL)),
		    cases[i].end);
	assert_int_equal(value_end_pos(NULL), POS_NONE);
	assert_int_equal(value_end_pos(decode(text)), POS_NONE);
}

static void
several_documents_one_after_another(void **state)
{
	const struct kg_slice text = SLICE("{\"a\":1} [2]\n");
	const struct value *v;
	struct json_error e;
	size_t used;

	(void)state;
	assert_int_equal(
	    json_decode_prefix(&arena, &keys, text, NULL, &v, &used, &e),
	    KG_OK);
	assert_int_equal(used, 7);
	assert_int_equal(json_decode_prefix(&arena, &keys,
			     slice_from(text, used), NULL, &v, &used, &e),
	    KG_OK);
	assert_int_equal(value_len(v), 1);
}

static void
equality(void **state)
{
	static const struct {
		const char *a, *b;
		bool equal, semantic;
	} cases[] = {
		{ "1", "1.0", true, true },
		{ "9007199254740993", "9007199254740992.0", false, false },
		{ "9223372036854775807", "9223372036854775808", false, false },
		{ "\"a\"", "\"a\"", true, true },
		{ "\"a\"", "\"b\"", false, false },
		{ "{\"a\":1,\"b\":2}", "{\"b\":2,\"a\":1}", true, true },
		{ "{\"a\":1}", "{\"b\":1}", false, false },
		{ "{\"a\":{}}", "{}", false, true },
		{ "{\"a\":{\"b\":{\"c\":null}}}", "{}", false, true },
		{ "[{\"a\":{\"b\":1}}]", "[{\"a\":{}}]", false, false },
		{ "{}", "{\"a\":[],\"b\":null}", false, true },
		{ "{\"a\":null}", "{\"b\":{}}", false, true },
		{ "{\"a\":false}", "{}", false, false },
		{ "{\"a\":\"\"}", "{}", false, false },
		{ "{\"a\":0}", "{}", false, false },
		{ "[1,2]", "[2,1]", false, false },
		{ "[[]]", "[null]", false, true },
		{ "null", "[]", false, true },
		{ "true", "1", false, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct value *a = decode(slice_str(cases[i].a));
		const struct value *b = decode(slice_str(cases[i].b));

		if (value_equal(a, b) != cases[i].equal ||
		    value_equal(b, a) != cases[i].equal ||
		    value_equal_semantic(a, b) != cases[i].semantic ||
		    value_equal_semantic(b, a) != cases[i].semantic)
			fail_msg("%s and %s", cases[i].a, cases[i].b);
	}
	assert_true(value_equal_semantic(NULL, decode(SLICE("{}"))));
	assert_false(value_equal(NULL, decode(SLICE("{}"))));
}

static void
added_names_get_ids_of_their_own(void **state)
{
	struct kg_slice names[3000];
	char text[3000][8];
	struct keytab t;
	uint64_t hash;

	(void)state;
	assert_int_equal(keytab_init(&t, &arena), KG_OK);
	assert_int_equal(keytab_lookup(&t, SLICE("spec"), &hash), KEY_spec);
	assert_int_equal(keytab_lookup(&t, SLICE("namespace"), &hash), KEY_ns);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		(void)snprintf(text[i], sizeof(text[i]), "n%zu", i);
		names[i] = slice_str(text[i]);
		assert_int_equal(keytab_add(&t, names[i]), KEY_BUILTIN_END + i);
	}
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		assert_int_equal(
		    keytab_lookup(&t, names[i], &hash), KEY_BUILTIN_END + i);
	assert_int_equal(keytab_lookup(&t, SLICE("spec"), &hash), KEY_spec);
	assert_int_equal(keytab_add(&t, SLICE("spec")), KEY_spec);
	assert_slice(keytab_name(&t, KEY_template_), "template");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_json_is_refused_where_it_breaks),
		cmocka_unit_test(numbers_are_told_apart_by_their_text),
		cmocka_unit_test(strings_keep_every_byte),
		cmocka_unit_test(special_bytes_are_seen_at_every_offset),
		cmocka_unit_test(escape_free_strings_point_into_the_text),
		cmocka_unit_test(objects_keep_order_and_find_members),
		cmocka_unit_test(duplicates_are_found_in_objects_of_any_size),
		cmocka_unit_test(depth_and_nodes_are_capped),
		cmocka_unit_test(a_review_of_the_most_values_has_room),
		cmocka_unit_test(an_arena_that_is_too_small_is_an_error),
		cmocka_unit_test(positions_are_offsets_of_names_and_values),
		cmocka_unit_test(containers_know_where_they_end),
		cmocka_unit_test(several_documents_one_after_another),
		cmocka_unit_test(equality),
		cmocka_unit_test(added_names_get_ids_of_their_own),
	};

	return cmocka_run_group_tests(tests, unit_setup, unit_teardown);
}
