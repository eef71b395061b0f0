/* SPDX-License-Identifier: Apache-2.0 */
/* Arena, builder and map: growth, caps, sticky failure. */
#include "base/limits.h"
#include "base/map.h"
#include "base/buf.h"
#include "unit/unit.h"

static void
allocations_are_aligned_and_zeroed(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, MIB);
	for (size_t size = 0; size < 70000; size += 997) {
		char *p = arena_alloc(&a, size);

		assert_non_null(p);
		assert_int_equal((uintptr_t)p % 16, 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xff, size);
		if (a.total > MIB / 2)
			arena_reset(&a);
	}
	arena_release(&a);
	assert_int_equal(a.total, 0);
}

static void
past_its_cap_an_arena_fails_until_reset(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 100 * KIB);
	assert_non_null(arena_alloc(&a, 10));
	assert_null(arena_alloc(&a, 200 * KIB));
	assert_int_equal(a.failure, KG_LIMIT);
	assert_null(arena_alloc(&a, 1));
	arena_reset(&a);
	assert_non_null(arena_alloc(&a, 1));
	assert_null(arena_array(&a, SIZE_MAX / 2, 4));
	assert_true(arena_failed(&a));
	arena_release(&a);
}

static void
arrays_keep_their_content_when_they_grow(void **state)
{
	struct arena a;
	uint32_t *list = NULL, *other;
	size_t cap = 0;

	(void)state;
	arena_init(&a, 64 * MIB);
	for (uint32_t i = 0; i < 1000000; i++) {
		if (i == cap) {
			const size_t more = cap == 0 ? 3 : cap * 2;

			list = arena_grow(&a, list, cap * sizeof(*list),
			    more * sizeof(*list));
			assert_non_null(list);
			cap = more;
			/* Something else moves the end of the block. */
			if (i % 2 == 1) {
				other = arena_alloc(&a, 40);
				assert_non_null(other);
			}
		}
		list[i] = i;
	}
	for (uint32_t i = 0; i < 1000000; i++)
		assert_int_equal(list[i], i);
	arena_release(&a);
}

static void
growth_past_the_cap_leaves_the_array(void **state)
{
	struct arena a;
	char *p, *q;

	(void)state;
	arena_init(&a, 256 * KIB);
	p = arena_array(&a, 100 * KIB, 1);
	assert_non_null(p);
	memset(p, 'x', 100 * KIB);
	q = arena_grow(&a, p, 100 * KIB, 300 * KIB);
	assert_null(q);
	assert_int_equal(p[100 * KIB - 1], 'x');
	arena_release(&a);
}

static void
a_list_has_room_for_one_more_until_the_cap(void **state)
{
	size_t count = 0, cap = 0;
	uint32_t *list = NULL, *more;
	struct arena a;

	(void)state;
	arena_init(&a, 256 * KIB);
	while (
	    (more = arena_more(&a, list, count, &cap, sizeof(*list))) != NULL) {
		assert_true(count < cap);
		list = more;
		list[count] = (uint32_t)count;
		count++;
	}
	assert_int_equal(count, cap); /* failed, so neither has changed */
	assert_true(count >= 1024);
	for (uint32_t i = 0; i < count; i++)
		assert_int_equal(list[i], i);
	arena_release(&a);
}

static void
reset_keeps_one_block_of_bounded_size(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 64 * MIB);
	assert_non_null(arena_alloc(&a, 16 * MIB));
	for (int i = 0; i < 1000; i++)
		assert_non_null(arena_alloc(&a, 10000));
	arena_reset(&a);
	assert_in_range(a.total, 1, ARENA_KEEP_MAX);
	arena_release(&a);
}

static void
a_builder_is_capped_and_fails_once(void **state)
{
	struct arena a;
	struct buf b;

	(void)state;
	arena_init(&a, MIB);
	buf_init(&b, &a, 100);
	for (int i = 0; i < 10; i++)
		buf_puts(&b, "0123456789");
	assert_false(buf_failed(&b));
	assert_int_equal(buf_slice(&b).len, 100);
	buf_putc(&b, 'x');
	assert_true(buf_failed(&b));
	buf_puts(&b, "y");
	assert_int_equal(buf_slice(&b).len, 0);
	arena_release(&a);
}

static void
numbers_and_formats(void **state)
{
	struct arena a;
	struct buf b;

	(void)state;
	arena_init(&a, MIB);
	buf_init(&b, &a, 1000);
	buf_put_int(&b, INT64_MIN);
	buf_putc(&b, ' ');
	buf_put_uint(&b, UINT64_MAX);
	buf_printf(&b, " %s-%04d", "x", 42);
	assert_slice(
	    buf_slice(&b), "-9223372036854775808 18446744073709551615 x-0042");
	arena_release(&a);
}

static void
quoting_hides_what_would_confuse_a_terminal(void **state)
{
	static const struct {
		struct kg_slice in;
		const char *out;
	} cases[] = {
		{ SLICE_INIT("plain"), "\"plain\"" },
		{ SLICE_INIT("a\"b\\c"), "\"a\\\"b\\\\c\"" },
		{ SLICE_INIT("a\nb\tc\0d"), "\"a\\nb\\tc\\u0000d\"" },
		{ SLICE_INIT("\x1b[31m"), "\"\\u001b[31m\"" },
		{ SLICE_INIT("\xe2\x80\xae"
			     "evil"),
		    "\"\\u202eevil\"" },
		{ SLICE_INIT("\xff\xc3"), "\"\\xff\\xc3\"" },
		{ SLICE_INIT("\xc3\xa9"), "\"\xc3\xa9\"" },
	};
	struct arena a;

	(void)state;
	arena_init(&a, MIB);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf b;

		buf_init(&b, &a, 1000);
		buf_put_quoted(&b, cases[i].in);
		assert_slice(buf_slice(&b), cases[i].out);
	}
	arena_release(&a);
}

static void
long_quotes_are_cut_between_code_points(void **state)
{
	struct arena a;
	struct buf b;
	char text[600];

	(void)state;
	arena_init(&a, MIB);
	for (size_t i = 0; i < sizeof(text); i += 2)
		memcpy(text + i, "\xc3\xa9", 2);
	buf_init(&b, &a, 1000);
	buf_put_quoted(&b, slice_of(text + 1, sizeof(text) - 1));
	assert_false(buf_failed(&b));
	assert_true(slice_ends(buf_slice(&b), SLICE("\xa9...\"")));
	arena_release(&a);
}

static void
a_map_finds_what_was_put(void **state)
{
	struct arena a;
	struct map m;
	char names[5000][8];

	(void)state;
	arena_init(&a, 16 * MIB);
	map_init(&m, &a);
	assert_null(map_get(&m, SLICE("x")));
	for (size_t i = 0; i < 5000; i++) {
		void **place;

		(void)snprintf(names[i], sizeof(names[i]), "k%zu", i);
		place = map_put(&m, slice_str(names[i]));
		assert_non_null(place);
		assert_null(*place);
		*place = names[i];
	}
	for (size_t i = 0; i < 5000; i++) {
		assert_ptr_equal(map_get(&m, slice_str(names[i])), names[i]);
		assert_ptr_equal(m.entries[i].value, names[i]);
	}
	assert_null(map_get(&m, SLICE("k5000")));
	assert_null(map_get(&m, SLICE("")));
	assert_null(map_get(&m, SLICE("of a length that no key has")));
	/* 66 bytes: of one bit with "k7" in map.lengths. */
	assert_null(map_get(&m,
	    SLICE("k7................................"
		  "................................")));
	assert_ptr_equal(*map_put(&m, SLICE("k7")), names[7]);
	assert_int_equal(m.count, 5000);
	arena_release(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(allocations_are_aligned_and_zeroed),
		cmocka_unit_test(past_its_cap_an_arena_fails_until_reset),
		cmocka_unit_test(arrays_keep_their_content_when_they_grow),
		cmocka_unit_test(growth_past_the_cap_leaves_the_array),
		cmocka_unit_test(a_list_has_room_for_one_more_until_the_cap),
		cmocka_unit_test(reset_keeps_one_block_of_bounded_size),
		cmocka_unit_test(a_builder_is_capped_and_fails_once),
		cmocka_unit_test(numbers_and_formats),
		cmocka_unit_test(quoting_hides_what_would_confuse_a_terminal),
		cmocka_unit_test(long_quotes_are_cut_between_code_points),
		cmocka_unit_test(a_map_finds_what_was_put),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
