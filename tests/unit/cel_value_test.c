/* SPDX-License-Identifier: Apache-2.0 */
/* Values of the expression language: equality, order, keys, arithmetic. */
#include <math.h>

#include "base/limits.h"
#include "cel/value.h"
#include "unit/unit.h"

#define I(n)                                      \
	{                                         \
		.kind = CEL_INT, .u.integer = (n) \
	}
#define U(n)                                                \
	{                                                   \
		.kind = CEL_UINT, .u.integer = (int64_t)(n) \
	}
#define D(x)                                      \
	{                                         \
		.kind = CEL_DOUBLE, .u.real = (x) \
	}
#define B(x)                                       \
	{                                          \
		.kind = CEL_BOOL, .u.integer = (x) \
	}
#define S(t)                                                               \
	{                                                                  \
		.kind = CEL_STRING, .count = sizeof(t) - 1, .u.bytes = (t) \
	}
#define Y(t)                                                              \
	{                                                                 \
		.kind = CEL_BYTES, .count = sizeof(t) - 1, .u.bytes = (t) \
	}
#define T(s, n)                                                       \
	{                                                             \
		.kind = CEL_TIMESTAMP, .count = (n), .u.integer = (s) \
	}
#define N(n)                                           \
	{                                              \
		.kind = CEL_DURATION, .u.integer = (n) \
	}
#define NIL                      \
	{                        \
		.kind = CEL_NULL \
	}

/* clang-format off */
static const struct {
	struct value a, b;
	enum cel_order order; /* CEL_NO_ORDER: none */
	bool equal;
} pairs[] = {
	{ I(1), I(1), CEL_SAME, true }, { I(1), U(1), CEL_SAME, true },
	{ I(1), D(1), CEL_SAME, true }, { U(1), D(1), CEL_SAME, true },
	{ I(-1), U(UINT64_MAX), CEL_LESS, false },
	{ U(UINT64_MAX), I(-1), CEL_GREATER, false },
	{ D(-0.0), I(0), CEL_SAME, true }, { D(0.5), I(0), CEL_GREATER, false },
	{ D(-0.5), I(0), CEL_LESS, false }, { D(-0.5), U(0), CEL_LESS, false },
	{ I(INT64_MAX), D(0x1p63), CEL_SAME, true },
	{ I(INT64_MAX), D(0x1.0000000000001p63), CEL_LESS, false },
	{ I(INT64_MIN), D(-0x1p63), CEL_SAME, true },
	{ I((1LL << 53) + 1), D(0x1p53), CEL_SAME, true },
	{ I((1LL << 53) + 2), D(0x1p53), CEL_GREATER, false },
	{ U(UINT64_MAX), D(0x1p64), CEL_SAME, true },
	{ U((1ULL << 53) + 2), D(0x1p53), CEL_GREATER, false },
	{ I(5), D(INFINITY), CEL_LESS, false },
	{ U(5), D(-INFINITY), CEL_GREATER, false },
	{ I(5), D(NAN), CEL_UNORDERED, false },
	{ D(NAN), D(NAN), CEL_UNORDERED, false },
	{ I(1), S("1"), CEL_NO_ORDER, false }, { B(1), I(1), CEL_NO_ORDER, false },
	{ B(0), B(1), CEL_LESS, false }, { B(1), B(1), CEL_SAME, true },
	{ S("a"), S("b"), CEL_LESS, false }, { S("a"), S("a\0"), CEL_LESS, false },
	{ S("\xc3\xa9"), S("z"), CEL_GREATER, false },
	{ S("a"), Y("a"), CEL_NO_ORDER, false }, { Y("a"), Y("a"), CEL_SAME, true },
	{ NIL, NIL, CEL_NO_ORDER, true }, { NIL, B(0), CEL_NO_ORDER, false },
	{ T(1, 5), T(1, 5), CEL_SAME, true }, { T(1, 5), T(1, 6), CEL_LESS, false },
	{ N(-1), N(1), CEL_LESS, false }, { N(1), I(1), CEL_NO_ORDER, false },
};

static const struct {
	char op;
	struct value x, y;
	struct value result; /* a string: the text of an error */
} sums[] = {
	{ '+', I(1), I(2), I(3) }, { '+', I(INT64_MAX), I(1), S("integer overflow") },
	{ '+', U(UINT64_MAX), U(1), S("unsigned integer overflow") },
	{ '+', I(1), U(1), S("no such overload") },
	{ '+', D(0.5), D(1), D(1.5) }, { '+', NIL, NIL, S("no such overload: _+_") },
	{ '+', T(0, 0), N(1500000000), T(1, 500000000) },
	{ '+', N(-1), T(0, 0), T(-1, 999999999) },
	{ '+', T(253402300799, 999999999), N(1), S("timestamp overflow") },
	{ '+', N(INT64_MAX), N(1), S("integer overflow") },
	{ '-', I(INT64_MIN), I(1), S("integer overflow") },
	{ '-', U(1), U(2), S("unsigned integer overflow") },
	{ '-', T(5, 0), T(3, 1), N(1999999999) },
	{ '-', T(-62135596800, 0), N(1), S("timestamp overflow") },
	{ '-', T(-62135596800, 0), T(253402300799, 0), S("integer overflow") },
	{ '-', N(5), N(3), N(2) }, { '-', N(5), T(3, 0), S("no such overload") },
	{ '*', I(INT64_MIN), I(-1), S("integer overflow") },
	{ '*', U(3), U(4), U(12) }, { '*', D(2), I(2), S("no such overload") },
	{ '/', I(7), I(-2), I(-3) }, { '/', I(1), I(0), S("division by zero") },
	{ '/', U(1), U(0), S("division by zero") },
	{ '/', I(INT64_MIN), I(-1), S("integer overflow") },
	{ '/', D(1), D(0), D(INFINITY) },
	{ '%', I(-7), I(2), I(-1) }, { '%', I(7), I(0), S("modulus by zero") },
	{ '%', I(INT64_MIN), I(-1), S("integer overflow") },
	{ '%', D(1), D(1), S("no such overload: _%_") },
};
/* clang-format on */

static void
pairs_are_equal_and_ordered(void **state)
{
	struct cel_work work = { CEL_WORK_MAX };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		const struct value *a = &pairs[i].a, *b = &pairs[i].b;
		const enum cel_order order = cel_compare(a, b);
		const enum cel_order back = cel_compare(b, a);

		if (order != pairs[i].order)
			fail_msg("pair %zu: order %d", i, (int)order);
		if (order <= CEL_GREATER && (int)back != -(int)order)
			fail_msg("pair %zu: %d turned", i, (int)back);
		if (cel_equal(a, b, &work) != pairs[i].equal ||
		    cel_equal(b, a, &work) != pairs[i].equal)
			fail_msg("pair %zu: equality", i);
		if (pairs[i].equal && cel_hash(a, 7) != cel_hash(b, 7))
			fail_msg("pair %zu: hashes differ", i);
	}
}

static struct value
apply(char op, const struct value *x, const struct value *y)
{
	return op == '+' ? cel_add(&arena, x, y)
	    : op == '-'  ? cel_subtract(x, y)
	    : op == '*'  ? cel_multiply(x, y)
	    : op == '/'  ? cel_divide(x, y)
			 : cel_modulo(x, y);
}

static void
arithmetic_overflows_into_errors(void **state)
{
	struct cel_work work = { CEL_WORK_MAX };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sums); i++) {
		struct value got = apply(sums[i].op, &sums[i].x, &sums[i].y);

		if (got.kind == CEL_ERROR)
			got = cel_string(cel_error_text(&arena, &got));
		if (got.kind != sums[i].result.kind ||
		    !cel_equal(&got, &sums[i].result, &work))
			fail_msg("row %zu: kind %d, %.*s", i, got.kind,
			    SLICE_ARG(cel_slice(&got)));
	}
}

static const struct value *
decode(const char *text)
{
	struct json_error error;
	const struct value *v;

	assert_int_equal(
	    json_decode(&arena, &keys, slice_str(text), NULL, &v, &error),
	    KG_OK);
	return v;
}

static void
containers_are_equal_deeply(void **state)
{
	static const struct {
		const char *a, *b;
		bool equal;
	} docs[] = {
		{ "[]", "[]", true },
		{ "[1,[2.0]]", "[1.0,[2]]", true },
		{ "[1]", "[1,2]", false },
		{ "{\"a\":1,\"b\":[2]}", "{\"b\":[2],\"a\":1.0}", true },
		{ "{\"a\":1}", "{\"b\":1}", false },
		{ "{\"a\":null}", "{}", false },
		{ "{}", "[]", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(docs); i++) {
		struct cel_work work = { CEL_WORK_MAX };
		const struct value *a = decode(docs[i].a);
		const struct value *b = decode(docs[i].b);

		if (cel_equal(a, b, &work) != docs[i].equal)
			fail_msg("%s against %s", docs[i].a, docs[i].b);
	}
}

static void
comparison_ends_with_its_budget(void **state)
{
	const struct value *a = decode("[[1,\"x\"],[\"x\"],[\"x\"],[\"x\"]]");
	struct cel_work work = { 5 };

	(void)state;
	assert_false(cel_equal(a, a, &work));
	assert_int_equal(work.left, 0);
}

static void
numeric_keys_are_one(void **state)
{
	static const struct value found[] = { I(2), U(2), D(2) };
	static const struct value lost[] = { I(3), D(2.5), S("2"), NIL, B(1) };
	static const struct member members[] = {
		{ .name = S("a"), .value = I(1) },
		{ .name = I(2), .value = S("two") },
	};
	const struct value map = cel_map(members, 2);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(found); i++)
		assert_ptr_equal(
		    cel_map_find(&map, &found[i]), &members[1].value);
	for (size_t i = 0; i < ARRAY_LEN(lost); i++)
		assert_null(cel_map_find(&map, &lost[i]));
}

static void
sizes_and_errors(void **state)
{
	const struct value text = S("a\xc3\xa9\xf0\x9f\x98\x80");
	const struct value key = S("spec"), number = I(3);
	struct value error = cel_no_key(&arena, &key);

	(void)state;
	assert_int_equal(cel_size(&text), 3);
	assert_int_equal(cel_size(&number), -1);
	assert_slice(cel_error_text(&arena, &error), "no such key: spec");
	error = cel_no_key(&arena, &number);
	assert_slice(cel_error_text(&arena, &error), "no such key: 3");
	assert_slice(cel_type_name(&text), "string");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pairs_are_equal_and_ordered),
		cmocka_unit_test(arithmetic_overflows_into_errors),
		cmocka_unit_test(containers_are_equal_deeply),
		cmocka_unit_test(comparison_ends_with_its_budget),
		cmocka_unit_test(numeric_keys_are_one),
		cmocka_unit_test(sizes_and_errors),
	};

	return cmocka_run_group_tests(tests, unit_setup, unit_teardown);
}
