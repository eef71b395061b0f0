/* SPDX-License-Identifier: Apache-2.0 */
/*
 * YAML as kubectl reads it: what scalars mean, positions, and everything that
 * is refused. The expected readings were compared with sigs.k8s.io/yaml.
 */
#include "base/limits.h"
#include "unit/unit.h"
#include "value/writer.h"
#include "value/yaml.h"

/* The first document as canonical JSON, or "line:column message". */
static struct kg_slice
read_one(struct kg_slice text, bool lint)
{
	const struct yaml_options options = { .lint = lint };
	struct kg_diags *diags = kg_diags_new();
	struct yaml_reader *reader;
	struct document doc;
	struct writer w;
	struct buf b;
	bool more;

	assert_non_null(diags);
	arena_reset(&arena);
	buf_init(&b, &arena, MIB);
	assert_int_equal(yaml_reader_new(&arena, &keys, SLICE("f.yaml"), text,
			     &options, diags, &reader),
	    KG_OK);
	if (yaml_read(reader, &doc, &more) != KG_OK || lint) {
		const struct kg_diag *d = kg_diags_get(diags, 0);

		if (d != NULL)
			buf_printf(&b, "%u:%u %.*s", d->line, d->column,
			    SLICE_ARG(d->message));
	} else if (more) {
		writer_init(&w, &b);
		writer_canonical(&w, doc.root);
	}
	yaml_reader_free(reader);
	kg_diags_free(diags);
	return buf_slice(&b);
}

/* clang-format off */
static const struct {
	const char *yaml, *json;
} readings[] = {
	{ "a: yes", "{\"a\":true}" }, { "a: On", "{\"a\":true}" },
	{ "a: NO", "{\"a\":false}" }, { "a: off", "{\"a\":false}" },
	{ "a: y", "{\"a\":true}" }, { "a: yEs", "{\"a\":\"yEs\"}" },
	{ "y: 1", "{\"true\":1}" }, { "n: 1", "{\"false\":1}" },
	{ "a: ~", "{\"a\":null}" }, { "a:", "{\"a\":null}" },
	{ "a: NULL", "{\"a\":null}" }, { "a: nil", "{\"a\":\"nil\"}" },
	{ "a: 0777", "{\"a\":511}" }, { "a: 0o17", "{\"a\":15}" },
	{ "a: 0b11", "{\"a\":3}" }, { "a: 0x1F", "{\"a\":31}" },
	{ "a: -0x1F", "{\"a\":-31}" }, { "a: 08", "{\"a\":8}" },
	{ "a: 1_000", "{\"a\":1000}" }, { "a: _1", "{\"a\":\"_1\"}" },
	{ "a: 1e3", "{\"a\":1000}" }, { "a: 1.5e3", "{\"a\":1500}" },
	{ "a: 1.", "{\"a\":1}" }, { "a: .5", "{\"a\":0.5}" },
	{ "a: 1e400", "{\"a\":\"1e400\"}" }, { "a: +5", "{\"a\":5}" },
	{ "a: 12:30:00", "{\"a\":\"12:30:00\"}" },
	{ "a: 2001-01-01", "{\"a\":\"2001-01-01\"}" },
	{ "a: 9223372036854775807", "{\"a\":9223372036854775807}" },
	{ "a: 10Mi", "{\"a\":\"10Mi\"}" }, { "a: 500m", "{\"a\":\"500m\"}" },
	{ "a: 'yes'", "{\"a\":\"yes\"}" }, { "a: \"1\"", "{\"a\":\"1\"}" },
	{ "1: x", "{\"1\":\"x\"}" }, { "1.5: x", "{\"1.5\":\"x\"}" },
	{ "a: !!str 10", "{\"a\":\"10\"}" }, { "a: !!int '5'", "{\"a\":5}" },
	{ "a: !!binary aGVsbG8=", "{\"a\":\"hello\"}" },
	{ "a: |\n  x\n  y\n", "{\"a\":\"x\\ny\\n\"}" },
	{ "a: >\n  x\n  y\n", "{\"a\":\"x y\\n\"}" },
	{ "[1, {a: b}]", "[1,{\"a\":\"b\"}]" },
	{ "a: &x [1]\nb: *x", "{\"a\":[1],\"b\":[1]}" },
	{ "a: &x {p: 1, q: 2}\nb:\n  <<: *x\n  q: 3", "{\"a\":{\"p\":1,\"q\":2},\"b\":{\"p\":1,\"q\":3}}" },
	{ "a: &x {p: 1}\nc: &y {p: 2, r: 4}\nb: {<<: [*x, *y]}", "{\"a\":{\"p\":1},\"b\":{\"p\":1,\"r\":4},\"c\":{\"p\":2,\"r\":4}}" },
	{ "a: {q: 3, <<: {q: 1, w: 2}}", "{\"a\":{\"q\":1,\"w\":2}}" },
	{ "a: {q: 1, <<: [{q: 2, r: 1}, {q: 4, r: 5}]}", "{\"a\":{\"q\":2,\"r\":1}}" },
	{ "\"<<\": 1", "{\"<<\":1}" },
	{ "---\n---\na: 1", "{\"a\":1}" }, { "# nothing\n", "" }, { "", "" },
	{ "\xef\xbb\xbf" "a: 1", "{\"a\":1}" }, { "a: 1\r\nb: 2\r\n", "{\"a\":1,\"b\":2}" },
	{ "\xef\xbb\xbf{\"a\":1}", "{\"a\":1}" }, { " {\"a\":\"\\ud83d\\ude00\"}", "{\"a\":\"\xf0\x9f\x98\x80\"}" },
	/* refused, with the place */
	{ "a: 1\na: 2", "2:1 duplicate key \"a\"" },
	{ "a: {b: 1, b: 2}", "1:11 duplicate key \"b\"" },
	{ "yes: 1\ntrue: 2", "2:1 duplicate key \"true\"" },
	{ "\xc3\xa9\xc3\xa9: 1\n\xc3\xa9\xc3\xa9: 2", "2:1 duplicate key \"\xc3\xa9\xc3\xa9\"" },
	{ "a: .inf", "1:4 JSON has no number \".inf\"" },
	{ "a: *nope", "1:4 alias to an unknown anchor \"nope\"" },
	{ "a: &x [*x]", "1:8 alias inside the value it stands for \"x\"" },
	{ "? [a]\n: b", "1:3 a key must be a scalar" },
	{ "a: !x y", "1:4 unknown tag \"!x\"" },
	{ "a: !!int x", "1:4 value does not fit its tag \"x\"" },
	{ "a: {<<: 1}", "1:5 a merge key needs a mapping or a list of them" },
	{ "b: &b {c: 1}\na: {<<: *b, <<: *b}", "2:13 duplicate key \"<<\"" },
	{ "~: 1", "1:1 null is no key; quote it or give it a name" },
	{ "{\"a\":1,\"a\":2}", "1:8 invalid JSON: duplicate member name \"a\"" },
	{ "{\"a\":1}\n{\"b\":}", "{\"a\":1}" },
};
/* clang-format on */

static void
scalars_mean_what_kubectl_takes_them_for(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(readings); i++)
		assert_slice(read_one(slice_str(readings[i].yaml), false),
		    readings[i].json);
}

static void
broken_yaml_has_its_position(void **state)
{
	static const struct {
		struct kg_slice text;
		const char *start;
	} cases[] = {
		{ SLICE_INIT("a: [1"), "1:6 " },
		{ SLICE_INIT("a: 1\n b: 2"), "2:" },
		{ SLICE_INIT("\ta: 1"), "1:1 " },
		{ SLICE_INIT("a: \"x"), "1:6 " },
		{ SLICE_INIT("a: @x"), "1:4 " },
		{ SLICE_INIT("ok: 1\nbad: \xff"), "2:6 " },
		{ SLICE_INIT("a: \"x\0y\""), "1:6 " },
		{ SLICE_INIT("a: \"\\ud83d\""), "1:" },
		{ SLICE_INIT("a:\n  b: \x01"), "2:6 " },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct kg_slice got = read_one(cases[i].text, false);

		if (!slice_starts(got, slice_str(cases[i].start)))
			fail_msg("case %zu: %.*s", i, SLICE_ARG(got));
	}
}

static void
surprising_scalars_are_linted(void **state)
{
	static const char *const quiet[] = { "a: true", "a: 10", "a: -1.5",
		"a: null", "a:", "a: ~", "a: text", "a: 'yes'", "a: 10Mi" };
	static const char *const loud[] = { "a: yes", "a: Off", "a: 0777",
		"a: 1_000", "a: 0x10", "a: NULL", "a: 1e3", "a: 08",
		"a: True" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(quiet); i++)
		assert_slice(read_one(slice_str(quiet[i]), true), "");
	for (size_t i = 0; i < ARRAY_LEN(loud); i++)
		assert_true(slice_starts(
		    read_one(slice_str(loud[i]), true), SLICE("1:4 ")));
}

static struct kg_slice
repeat(const char *unit, size_t times)
{
	struct buf b;

	buf_init(&b, &unit_keys, MIB / 2);
	for (size_t i = 0; i < times; i++)
		buf_puts(&b, unit);
	return buf_slice(&b);
}

static void
bombs_end_early(void **state)
{
	struct buf b;

	(void)state;
	assert_slice(read_one(repeat("[", 100000), false),
	    "1:251 nested deeper than 250 levels");
	/* Each line stands for the one before nine times. */
	buf_init(&b, &unit_keys, MIB / 4);
	buf_puts(&b, "a0: &a0 [x,x,x,x,x,x,x,x,x]\n");
	for (int i = 1; i < 12; i++)
		buf_printf(&b,
		    "a%d: &a%d [*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d]\n", i,
		    i, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
	assert_non_null(strstr(read_one(buf_slice(&b), false).ptr,
	    "aliases stand for more than 100000 values"));
	/* Depth through aliases: 10 lists of 30 levels, one inside the other.
	 */
	buf_init(&b, &unit_keys, MIB / 4);
	for (int i = 0; i < 10; i++) {
		buf_printf(&b, "- &d%d ", i);
		for (int k = 0; k < 30; k++)
			buf_putc(&b, '[');
		if (i > 0)
			buf_printf(&b, "*d%d", i - 1);
		for (int k = 0; k < 30; k++)
			buf_putc(&b, ']');
		buf_putc(&b, '\n');
	}
	assert_non_null(strstr(
	    read_one(buf_slice(&b), false).ptr, "nested deeper than 250"));
}

static void
documents_are_numbered_and_placed(void **state)
{
	const struct kg_slice text =
	    SLICE("# first\na: 1\n---\n# only a comment\n---\n  b:\n  - c\n");
	struct kg_diags *diags = kg_diags_new();
	struct yaml_reader *reader;
	struct document doc;
	uint32_t pos = 0;
	bool more;

	(void)state;
	assert_non_null(diags);
	assert_int_equal(yaml_reader_new(&arena, &keys, SLICE("f"), text, NULL,
			     diags, &reader),
	    KG_OK);
	assert_int_equal(yaml_read(reader, &doc, &more), KG_OK);
	assert_int_equal(doc.place.document, 1);
	assert_int_equal(doc.pos, 8);
	assert_int_equal(yaml_read(reader, &doc, &more), KG_OK);
	assert_true(more);
	assert_int_equal(doc.place.document, 3);
	assert_non_null(value_pointer(doc.root, SLICE("/b/0"), &pos));
	assert_int_equal(text.ptr[pos], 'c');
	assert_int_equal(yaml_read(reader, &doc, &more), KG_OK);
	assert_false(more);
	yaml_reader_free(reader);
	kg_diags_free(diags);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scalars_mean_what_kubectl_takes_them_for),
		cmocka_unit_test(broken_yaml_has_its_position),
		cmocka_unit_test(surprising_scalars_are_linted),
		cmocka_unit_test(bombs_end_early),
		cmocka_unit_test(documents_are_numbered_and_placed),
	};

	return cmocka_run_group_tests(tests, unit_setup, unit_teardown);
}
