/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Regular expressions: what is refused and in which words, what matches and
 * where, through all matchers alike.
 */
#include "base/limits.h"
#include "unit/unit.h"
#include "value/regex.h"

/* clang-format off */
static const struct {
	const char *pattern, *text;
	const char *all; /* matches, each in <>; NULL: the pattern is refused */
} cases[] = {
	/* plain forms */
	{ "team", "the team, teams", "<team><team>" }, { "", "ab", "<><><>" },
	{ "^team", "team team", "<team>" }, { "^team", "a team", "" },
	{ "team$", "team team", "<team>" }, { "team$", "team\n", "" },
	{ "^team$", "team", "<team>" }, { "^team$", "teams", "" },
	{ "^(dev|prod)$", "prod", "<prod>" }, { "^(dev|prod)$", "product", "" },
	{ "^(a|ab)", "abc", "<a>" }, { "(b|ab)$", "cab", "<ab>" },
	{ "^v[12]$", "v2", "<v2>" }, { "^x?y$", "y", "<y>" },
	{ "^$", "", "<>" }, { "^$", "a", "" }, { "$", "é", "<>" },
	{ "(?i)^straSSe$", "ſtraßE", "" }, { "(?i)^kiss$", "\xe2\x84\xaaiſs", "<\xe2\x84\xaaiſs>" },
	/* preference: leftmost, then the first way */
	{ "ab|a", "ab a", "<ab><a>" }, { "a|ab", "ab", "<a>" },
	{ "x*?", "xx", "<><><>" }, { "(?U)x+", "xxx", "<x><x><x>" },
	{ "x{2,3}", "xxxxx", "<xxx><xx>" }, { "x{2,3}?", "xxxxx", "<xx><xx>" },
	{ "(|x)+", "xx", "<><><>" }, { "(x|)+", "xx", "<xx>" },
	{ "(x*)+y", "xxy", "<xxy>" }, { "(?:x?){3}", "xxxx", "<xxx><x>" },
	{ "[a-z]*", "ab1cd", "<ab><cd>" },
	/* places */
	{ "\\bre", "re pre re", "<re><re>" }, { "e\\B", "eel", "<e><e>" },
	{ "\\b", "é", "" }, { "(?m)^.", "a\nb\n", "<a><b>" },
	{ "(?m)^", "a\n", "<><>" }, { "(?m)a$", "a\na", "<a><a>" },
	{ "a\\z", "a\n", "" }, { "(?m)\\Aa", "b\na", "" },
	/* classes */
	{ "[^a]", "\n", "<\n>" }, { ".", "\n", "" }, { "(?s).", "\n", "<\n>" },
	{ "\\s", "\v", "" }, { "[[:space:]]", "\v", "<\v>" }, { "\\v", "\v", "<\v>" },
	{ "\\d", "٣", "" }, { "\\p{Nd}", "٣", "<٣>" }, { "\\pZ", "\xe2\x80\x8a", "<\xe2\x80\x8a>" },
	{ "\\p{Han}+", "a漢字", "<漢字>" }, { "\\P{^Greek}", "aα", "<α>" },
	{ "\\PL", "ǆ.é", "<.>" }, { "\\P{Latin}+", "xı-ß", "<->" },
	{ "\\p{LC}+", "aǅA1", "<aǅA>" }, { "\\p{uppercase letter}", "aA", "<A>" },
	{ "\\p{lu}\\p{Digit}", "A1", "<A1>" }, { "\\p{ASCII}+", "aé", "<a>" },
	{ "\\p{Cn}", "a\u0378", "<\u0378>" }, { "\\p{C}", "\u0378\x01", "<\u0378><\x01>" },
	{ "\\p{Assigned}+", "a\u0378", "<a>" }, { "\\p{^any}", "a", "" },
	{ "(?i)\\p{Lu}", "a", "<a>" }, { "(?i)[^k]", "K\xe2\x84\xaa", "" },
	{ "[\\x{D800}-\\x{DFFF}]", "a", "" }, { "[^\\x{D800}]", "a", "<a>" },
	{ "[]-]", "]-", "<]><->" }, { "[\\]\\-]", "]-", "<]><->" },
	{ "[a\\Q]", "", NULL }, { "\\Qa\\b\\E+", "a\\bb", "<a\\bb>" },
	{ "\\052\\x2a\\x{2A}", "***", "<***>" }, { "{,2}", "{,2}", "<{,2}>" },
	{ "é{2}", "éé", "<éé>" }, { "a{02}", "a{02}", "<a{02}>" },
	/* refused */
	{ "a(?=b)", "", NULL }, { "(?!a)", "", NULL }, { "(a)\\1", "", NULL },
	{ "a++", "", NULL }, { "(?#c)", "", NULL }, { "(?|a)", "", NULL },
	{ "(?x)a", "", NULL }, { "(?i-)a", "", NULL }, { "(?P=n)", "", NULL },
	{ "(?'n'a)", "", NULL }, { "\\Z", "", NULL }, { "\\h", "", NULL },
	{ "\\K", "", NULL }, { "\\cA", "", NULL }, { "\\p{Zz}", "", NULL },
	{ "\\pX", "", NULL }, { "\\pY", "", NULL }, { "\\p{_}", "", NULL },
	{ "[[:w:]]", "", NULL }, { "[b-a]", "", NULL },
	{ "(x{20}){60}", "", NULL }, { "x{9999999999}", "", NULL },
	{ "\xff", "", NULL }, { "[\xff]", "", NULL }, { "\\\xff", "", NULL },
};
/* clang-format on */

static struct kg_slice
matches_of(const struct regex *re, struct kg_slice text)
{
	struct regex_scratch scratch;
	struct regex_walk walk = { 0 };
	struct regex_span span;
	struct buf b;

	buf_init(&b, &arena, MIB);
	regex_scratch_init(&scratch, &arena);
	for (;;) {
		assert_int_equal(
		    regex_next(re, &scratch, text, &walk, &span), KG_OK);
		if (walk.done)
			break;
		buf_putc(&b, '<');
		buf_put(
		    &b, slice_of(text.ptr + span.start, span.end - span.start));
		buf_putc(&b, '>');
	}
	return buf_slice(&b);
}

static void
all_matchers_answer_as_go(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct kg_slice pattern = slice_str(cases[i].pattern);
		const struct kg_slice text = slice_str(cases[i].text);
		const struct regex *quick, *once;
		struct regex_scratch scratch;
		struct regex_error error;
		struct regex_set set;
		bool found;

		arena_reset(&arena);
		regex_set_init(&set, &arena);
		if (cases[i].all == NULL) {
			assert_int_equal(regex_compile(&set, &arena, pattern,
					     &error, &quick),
			    KG_INVALID);
			assert_null(quick);
			continue;
		}
		if (regex_compile(&set, &arena, pattern, &error, &quick) !=
			KG_OK ||
		    regex_compile_once(&arena, pattern, &error, &once) != KG_OK)
			fail_msg("\"%s\": %s", cases[i].pattern, error.what);
		assert_slice(matches_of(quick, text), cases[i].all);
		assert_slice(matches_of(once, text), cases[i].all);
		regex_scratch_init(&scratch, &arena);
		assert_int_equal(
		    regex_match(quick, &scratch, text, &found), KG_OK);
		assert_int_equal(found, cases[i].all[0] != '\0');
		regex_set_release(&set);
	}
}

static void
errors_have_the_words_of_go(void **state)
{
	static const struct {
		const char *pattern, *text;
	} errors[] = {
		{ "a(b", "missing closing ): `a(b`" },
		{ "a)b", "unexpected ): `a)b`" },
		{ "x[a-", "missing closing ]: `[a-`" },
		{ "a**", "invalid nested repetition operator: `**`" },
		{ "a|*", "missing argument to repetition operator: `*`" },
		{ "a{1001}", "invalid repeat count: `{1001}`" },
		{ "a\\q", "invalid escape sequence: `\\q`" },
		{ "a\\", "trailing backslash at end of expression: ``" },
		{ "\\x{zz}", "invalid escape sequence: `\\x{z`" },
		{ "\\x{}a", "invalid escape sequence: `\\x{}`" },
		{ "\\x4é", "invalid escape sequence: `\\x4é`" },
		{ "[z-a]", "invalid character class range: `z-a`" },
		{ "\\p{Nope}", "invalid character class range: `\\p{Nope}`" },
		{ "(?<=a)", "invalid named capture: `(?<=a)`" },
		{ "(?=a)", "invalid or unsupported Perl syntax: `(?=`" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
		const struct kg_slice pattern = slice_str(errors[i].pattern);
		struct regex_error error;
		const struct regex *re;
		struct buf b;

		arena_reset(&arena);
		assert_int_equal(
		    regex_compile_once(&arena, pattern, &error, &re),
		    KG_INVALID);
		buf_init(&b, &arena, KIB);
		regex_error_put(&b, &error);
		assert_slice(slice_from(buf_slice(&b), 22), errors[i].text);
	}
}

/* What backtracks without end, and what is too long for the JIT. */
static void
hard_subjects_get_their_answer(void **state)
{
	static const struct {
		const char *pattern;
		bool found;
	} hard[] = {
		{ "(a+)+$", false },
		{ "(a|aa)+$", false },
		{ "(?:.*){1,12}[bd]$", false },
		{ "[ax]*[ax]*[bd]", false },
		{ "a*(b|c)$", true },
		{ "^(a|x)*c$", true },
		{ "\\bc", false },
	};
	static const size_t sizes[] = { 60, 4096, 4097, 200000 };
	char *text = arena_array(&arena, 200000, 1);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(hard) * ARRAY_LEN(sizes); i++) {
		const size_t size = sizes[i / ARRAY_LEN(hard)];
		struct regex_scratch scratch;
		struct regex_error error;
		struct regex_set set;
		const struct regex *re;
		bool found;

		memset(text, 'a', size);
		text[size - 1] = 'c';
		regex_set_init(&set, &arena);
		regex_scratch_init(&scratch, &arena);
		assert_int_equal(
		    regex_compile(&set, &arena,
			slice_str(hard[i % ARRAY_LEN(hard)].pattern), &error,
			&re),
		    KG_OK);
		assert_int_equal(
		    regex_match(re, &scratch, slice_of(text, size), &found),
		    KG_OK);
		assert_int_equal(found, hard[i % ARRAY_LEN(hard)].found);
		regex_set_release(&set);
	}
}

static struct kg_slice
repeat_text(const char *text, size_t times)
{
	struct buf b;

	buf_init(&b, &arena, MIB);
	for (size_t i = 0; i < times; i++)
		buf_puts(&b, text);
	return buf_slice(&b);
}

static void
sizes_are_capped(void **state)
{
	struct regex_error error;
	const struct regex *re;
	struct arena small;

	(void)state;
	assert_int_equal(
	    regex_compile_once(
		&arena, repeat_text("a", REGEX_PATTERN_MAX + 1), &error, &re),
	    KG_LIMIT);
	assert_int_equal(
	    regex_compile_once(
		&arena, repeat_text("(", REGEX_DEPTH_MAX + 2), &error, &re),
	    KG_LIMIT);
	assert_int_equal(regex_compile_once(
			     &arena, repeat_text(".{1000}", 300), &error, &re),
	    KG_LIMIT);
	assert_int_equal(regex_compile_once(
			     &arena, repeat_text("[\\pLa]", 1000), &error, &re),
	    KG_LIMIT);
	arena_init(&small, 64 * KIB);
	assert_int_equal(
	    regex_compile_once(&small, repeat_text("[a-z]", 1000), &error, &re),
	    KG_LIMIT);
	assert_null(re);
	arena_release(&small);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_matchers_answer_as_go),
		cmocka_unit_test(errors_have_the_words_of_go),
		cmocka_unit_test(hard_subjects_get_their_answer),
		cmocka_unit_test(sizes_are_capped),
	};

	return cmocka_run_group_tests(tests, unit_setup, unit_teardown);
}
