/* SPDX-License-Identifier: Apache-2.0 */
/* Diagnostics as people see them. */
#include "base/diag.h"
#include "base/limits.h"
#include "unit/unit.h"

static const struct {
	const char *text;
	uint32_t pos;
	const char *want;
} cases[] = {
	{ "a: 1\nspec: {}\n", 5,
	    "f.yaml:2:1: error: boom\n    spec: {}\n    ^\n" },
	{ "a: 1\r\nb: 2\r\n", 9,
	    "f.yaml:2:4: error: boom\n    b: 2\n       ^\n" },
	{ "a\rb", 2, "f.yaml:2:1: error: boom\n    b\n    ^\n" },
	{ "\xc3\xa9\xc3\xa9: x", 6,
	    "f.yaml:1:5: error: boom\n    \xc3\xa9\xc3\xa9: x\n        ^\n" },
	{ "\tkey: x", 1, "f.yaml:1:2: error: boom\n    \tkey: x\n    \t^\n" },
	{ "abc", 3, "f.yaml:1:4: error: boom\n    abc\n       ^\n" },
	{ "abc", 99, "f.yaml:1:4: error: boom\n    abc\n       ^\n" },
	{ "a\x1b[1m", 0, "f.yaml:1:1: error: boom\n    a [1m\n    ^\n" },
	{ "a\xff\xfe: b", 0, "f.yaml:1:1: error: boom\n    a??: b\n    ^\n" },
	{ "abc", POS_NONE, "f.yaml: error: boom\n" },
};

static void
messages_point_at_their_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct kg_diags *diags = kg_diags_new();
		struct place place = { .file = SLICE("f.yaml"),
			.text = slice_str(cases[i].text),
			.document = 1 };
		struct arena a;
		struct buf b;

		assert_non_null(diags);
		arena_init(&a, MIB);
		buf_init(&b, &a, MIB);
		diag_add(diags, KG_ERROR, &place, cases[i].pos, "boom");
		diag_render(&b, kg_diags_get(diags, 0));
		assert_slice(buf_slice(&b), cases[i].want);
		arena_release(&a);
		kg_diags_free(diags);
	}
}

/* JSON often is one line of thousands of characters. */
static void
a_long_line_is_shown_around_the_place(void **state)
{
	struct kg_diags *diags = kg_diags_new();
	char text[5000];
	struct place place = { .file = SLICE("f.json"),
		.text = { text, sizeof(text) },
		.document = 1 };
	const struct kg_diag *d;
	struct kg_slice shown, line, caret;
	struct arena a;
	struct buf b;

	(void)state;
	assert_non_null(diags);
	memset(text, 'a', sizeof(text));
	text[3000] = 'X';
	diag_add(diags, KG_ERROR, &place, 3000, "boom");
	d = kg_diags_get(diags, 0);
	assert_int_equal(d->line, 1);
	assert_int_equal(d->column, 3001);
	arena_init(&a, MIB);
	buf_init(&b, &a, MIB);
	diag_render(&b, d);
	shown = buf_slice(&b);
	(void)slice_cut(&shown, '\n');
	line = slice_cut(&shown, '\n');
	caret = slice_cut(&shown, '\n');
	assert_in_range(line.len, 20, DIAG_SOURCE_MAX + 8);
	assert_int_equal(slice_find(line, 'X'), slice_find(caret, '^'));
	arena_release(&a);
	kg_diags_free(diags);
}

static void
messages_are_counted_beyond_what_is_kept(void **state)
{
	struct kg_diags *diags = kg_diags_new();

	(void)state;
	assert_non_null(diags);
	for (unsigned i = 0; i < DIAGS_MAX + 10; i++)
		diag_add(diags, KG_ERROR, NULL, POS_NONE, "error %u", i);
	diag_add(diags, KG_NOTE, NULL, POS_NONE, "a note");
	assert_int_equal(kg_diags_count(diags), DIAGS_MAX);
	assert_int_equal(kg_diags_errors(diags), DIAGS_MAX + 10);
	assert_slice(kg_diags_get(diags, 7)->message, "error 7");
	assert_null(kg_diags_get(diags, DIAGS_MAX));
	kg_diags_free(diags);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_point_at_their_place),
		cmocka_unit_test(a_long_line_is_shown_around_the_place),
		cmocka_unit_test(messages_are_counted_beyond_what_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
