/* SPDX-License-Identifier: Apache-2.0 */
/* What the JSON decoder checks and drops: managedFields. */
#include "base/limits.h"
#include "unit/unit.h"
#include "value/plain.h"
#include "value/writer.h"

static const struct value *
without_managed_fields(const char *text, struct json_error *error)
{
	const struct json_options options = { .drop_managed_fields = true };
	const struct value *v;
	const enum kg_status st =
	    json_decode(&arena, &keys, slice_str(text), &options, &v, error);

	assert_int_equal(st == KG_OK, v != NULL);
	return v;
}

static void
managed_fields_of_the_objects_are_dropped(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "{\"request\":{\"object\":{\"metadata\":{\"managedFields\":"
		  "[{\"a\":{},\"b\":[1,\"x\\n\",true]},{}],\"name\":\"n\"},"
		  "\"spec\":{\"managedFields\":[1]}}}}",
		    "{\"request\":{\"object\":{\"metadata\":{\"managedFields\":"
		    "null,\"name\":\"n\"},\"spec\":{\"managedFields\":[1]}}}"
		    "}" },
		{ "{\"request\":{\"oldObject\":{\"metadata\":{"
		  "\"managedFields\":\"text\"}},\"object\":{\"metadata\":{"
		  "\"managedFields\":{}}}}}",
		    "{\"request\":{\"oldObject\":{\"metadata\":{"
		    "\"managedFields\":null}},\"object\":{\"metadata\":{"
		    "\"managedFields\":null}}}}" },
		/* Elsewhere it is a name like any other. */
		{ "{\"request\":{\"object\":{\"metadata\":{\"labels\":{"
		  "\"managedFields\":\"a\"}}}}}",
		    NULL },
		{ "{\"request\":{\"options\":{\"metadata\":{"
		  "\"managedFields\":[1]}}}}",
		    NULL },
		{ "{\"request\":{\"object\":[{\"managedFields\":[1]}]}}",
		    NULL },
		{ "[[[[{\"managedFields\":[1]}]]]]", NULL },
		{ "{\"object\":{\"metadata\":{\"managedFields\":[1]}}}", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *want =
		    cases[i].want != NULL ? cases[i].want : cases[i].text;
		struct json_error error;
		struct writer w;
		struct buf b;

		buf_init(&b, &arena, 4096);
		writer_init(&w, &b);
		writer_value(&w, without_managed_fields(cases[i].text, &error));
		if (!slice_is(buf_slice(&b), want))
			fail_msg("case %zu: %.*s", i, SLICE_ARG(buf_slice(&b)));
	}
}

static void
what_is_dropped_is_checked_all_the_same(void **state)
{
	static const struct {
		const char *fields;
		size_t offset; /* in it */
		const char *message;
	} cases[] = {
		{ "[{\"a\":}]", 6, "value expected" },
		{ "[{\"a\" 1}]", 6, "':' expected" },
		{ "[1,]", 3, "value expected" },
		{ "[1}", 2, "',' or ']' expected" },
		{ "{\"a\":[}", 6, "value expected" },
		{ "[\"\\x\"]", 2, "unknown escape" },
		{ "[\"a\\ud800\"]", 3, "lone surrogate in a \\u escape" },
		{ "[\"a\\", 4, "text ends inside a string" },
		{ "[\"\\n", 4, "text ends inside a string" },
		{ "[\"\xc3\"]", 2, "invalid UTF-8" },
		{ "[01]", 1, "leading zero" },
		{ "[[]", 3, "',' or ']' expected" },
	};
	static const char head[] =
	    "{\"request\":{\"object\":{\"metadata\":{\"managedFields\":";
	char text[2048];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct json_error e;

		(void)snprintf(
		    text, sizeof(text), "%s%s", head, cases[i].fields);
		if (without_managed_fields(text, &e) != NULL ||
		    strcmp(e.message, cases[i].message) != 0 ||
		    e.offset != strlen(head) + cases[i].offset)
			fail_msg("case %zu: %s at %zu", i, e.message,
			    e.offset - strlen(head));
	}
	for (size_t depth = 200; depth < 300; depth++) {
		struct json_error e;
		size_t n = strlen(head);

		memcpy(text, head, n);
		memset(text + n, '[', depth);
		memset(text + n + depth, ']', depth);
		n += 2 * depth;
		memcpy(text + n, "}}}}", 5);
		if ((without_managed_fields(text, &e) != NULL) !=
		    (depth + 4 <= DEPTH_MAX))
			fail_msg("depth %zu", depth);
	}
}

/* A review with these managedFields. What follows them is long enough for the
 * great steps, which end well before the text does. */
static struct kg_slice
review_of(struct kg_slice fields)
{
	static char text[4096];
	const int n = snprintf(text, sizeof(text),
	    "{\"request\":{\"object\":{\"metadata\":{\"managedFields\":%.*s,"
	    "\"name\":\"%0500d\"}}}}",
	    SLICE_ARG(fields), 0);

	assert_in_range(n, 1, sizeof(text) - 1);
	return slice_of(text, (size_t)n);
}

/* Decodes the text with and without its managedFields, out of memory that
 * ends where it ends. Both must be refused for the same reason. */
static void
assert_same_kept_and_dropped(struct kg_slice text)
{
	const struct json_options options = { .drop_managed_fields = true };
	char *copy = malloc(text.len + 1);
	const struct kg_slice exact = slice_of(copy + 1, text.len);
	struct json_error kept, dropped;
	enum kg_status keep, drop;
	const struct value *v;

	assert_non_null(copy);
	memcpy(copy + 1, text.ptr, text.len);
	arena_reset(&arena);
	keep = json_decode(&arena, &keys, exact, NULL, &v, &kept);
	drop = json_decode(&arena, &keys, exact, &options, &v, &dropped);
	free(copy);
	/* Nobody looks for duplicate names in what is dropped. */
	if (kept.name.ptr != NULL)
		return;
	/* Of a kept string the end comes first, then what is wrong in it. */
	if (keep == KG_SYNTAX && kept.offset == text.len &&
	    dropped.offset < text.len) {
		assert_int_equal(drop, KG_SYNTAX);
		return;
	}
	if (keep != drop || kept.offset != dropped.offset ||
	    (keep != KG_OK && strcmp(kept.message, dropped.message) != 0))
		fail_msg("%d %s at %zu, dropped %d %s at %zu: %.*s", (int)keep,
		    kept.message, kept.offset, drop, dropped.message,
		    dropped.offset, SLICE_ARG(text));
}

/* clang-format off */
static const struct kg_slice trees[] = {
	SLICE_INIT("[{\"manager\":\"m\",\"fieldsV1\":{\"f:metadata\":{"
	    "\"f:annotations\":{\".\":{},\"f:a.b/c\":{}},\"f:labels\":{\".\":"
	    "{}}},\"f:spec\":{\"k:{\\\"port\\\":80,\\\"name\\\":\\\"a\\\"}\":{"
	    "\".\":{},\"f:imagePullPolicy\":{}}}}},{\"fieldsV1\":{\"f:x\":{}}}]"),
	SLICE_INIT("{\"f:a\":{\"f:\\u00e9\\n\\\\\":{},\"f:\xc3\xa9\":{\"b\":{\"c"
	    "\":{\"d\":{}}}},\"e\":{}},\"f\":[{\"g\":{\"h\":{}}},{},1,\"i\"],"
	    "\"j\":{\"k\":null,\"l\":{}}}"),
	SLICE_INIT("{ \"a\" : { \"b\" : { } , \"c\":{} } ,\"d\": {\"e\":{}\n}}"),
};
/* clang-format on */

static void
damage_is_told_as_if_nothing_were_dropped(void **state)
{
	static const char bytes[] = "\"\\{}[],: x0\n\x01\x7f\x80\xc3";

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(trees); i++) {
		const struct kg_slice text = review_of(trees[i]);
		char damaged[4096];

		for (size_t at = 0; at <= text.len; at++) {
			const size_t rest = text.len - at;

			assert_same_kept_and_dropped(slice_of(text.ptr, at));
			memcpy(damaged, text.ptr, text.len);
			/* One byte more, another one, one less. */
			for (size_t b = 0; b < sizeof(bytes); b++) {
				memcpy(damaged + at + 1, text.ptr + at, rest);
				damaged[at] = bytes[b];
				assert_same_kept_and_dropped(
				    slice_of(damaged, text.len + 1));
				if (rest == 0)
					continue;
				memcpy(damaged + at, text.ptr + at, rest);
				damaged[at] = bytes[b];
				assert_same_kept_and_dropped(
				    slice_of(damaged, text.len));
			}
			if (rest == 0)
				continue;
			memcpy(damaged + at, text.ptr + at + 1, rest - 1);
			assert_same_kept_and_dropped(
			    slice_of(damaged, text.len - 1));
		}
	}
}

/* Names end at any offset in a block of bytes, and what comes next may lie
 * across its end. */
static void
names_of_any_length_are_dropped(void **state)
{
	static const char *const tails[] = {
		"\":{}}",
		"\":{},\"b\":{}}",
		"\":{\"b\":{}}}",
		"\\\"\":{}}",
		"\\n\":{}}",
		"\xc3\xa9\":{}}",
		"\":{},\"b\":1}",
		"\":[]}",
		"\":{]}",
		"\":{}]",
		"\"{}}",
		"\xc3\":{}}",
		"\\x\":{}}",
		"\":{},b\":{}}",
		"\":{},\"b}",
		"\":{}",
		"\n\":{}}",
		"",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(tails); i++) {
		for (int len = 0; len <= 2 * PLAIN_BLOCK + 2; len++) {
			char fields[256];
			const int n =
			    snprintf(fields, sizeof(fields), "{\"%.*s%s", len,
				"0123456789abcdef0123456789abcdef"
				"0123456789abcdef0123456789abcdef"
				"0123456789abcdef0123456789abcdef"
				"0123456789abcdef0123456789abcdef012",
				tails[i]);
			const struct kg_slice tree =
			    slice_of(fields, (size_t)n);

			assert_same_kept_and_dropped(review_of(tree));
		}
	}
}

/* So many objects in each other; the innermost has a sibling. */
static struct kg_slice
nested(char *text, size_t levels)
{
	size_t n = 0;

	for (size_t i = 1; i < levels; i++, n += 5)
		memcpy(text + n, "{\"a\":", 5);
	memcpy(text + n, "{},\"b\":{}", 9);
	n += levels > 1 ? 9 : 2;
	for (size_t i = 1; i < levels; i++, n++)
		text[n] = '}';
	return slice_of(text, n);
}

static void
depth_is_capped_in_what_is_dropped(void **state)
{
	const struct json_options options = { .drop_managed_fields = true };
	char text[2048];

	(void)state;
	for (size_t levels = 1; levels < DEPTH_MAX + 10; levels++) {
		const struct kg_slice review = review_of(nested(text, levels));
		const struct value *v;
		struct json_error e;
		const enum kg_status st =
		    json_decode(&arena, &keys, review, &options, &v, &e);

		/* Four levels are around them. */
		assert_int_equal(
		    st, levels + 4 <= DEPTH_MAX ? KG_OK : KG_LIMIT);
		assert_same_kept_and_dropped(review);
	}
}

static void
bytes_that_are_not_plain_are_found_in_a_block(void **state)
{
	(void)state;
	for (unsigned c = 0; c < 256; c++) {
		const bool plain =
		    c >= ' ' && c < 0x80 && c != '"' && c != '\\';

		for (unsigned at = 0; at < PLAIN_BLOCK; at++) {
			char block[PLAIN_BLOCK];

			memset(block, 'x', sizeof(block));
			block[at] = (char)c;
			assert_int_equal(
			    plain_hits(block), plain ? 0 : (uint64_t)1 << at);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(managed_fields_of_the_objects_are_dropped),
		cmocka_unit_test(what_is_dropped_is_checked_all_the_same),
		cmocka_unit_test(damage_is_told_as_if_nothing_were_dropped),
		cmocka_unit_test(names_of_any_length_are_dropped),
		cmocka_unit_test(depth_is_capped_in_what_is_dropped),
		cmocka_unit_test(bytes_that_are_not_plain_are_found_in_a_block),
	};

	return cmocka_run_group_tests(tests, unit_setup, unit_teardown);
}
