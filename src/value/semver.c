/* SPDX-License-Identifier: Apache-2.0 */
/* Reading versions, with the words of the library that Kubernetes uses. */
#include "value/semver.h"

#include "base/limits.h"

static bool
refuse(struct buf *error, const char *what, const struct kg_slice *part)
{
	if (error == NULL)
		return false;
	buf_puts(error, what);
	if (part != NULL) {
		buf_putc(error, ' ');
		buf_put_quoted(error, *part);
	}
	return false;
}

static bool
only_digits(struct kg_slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] < '0' || s.ptr[i] > '9')
			return false;
	}
	return true;
}

static bool
only_names(struct kg_slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		const char c = s.ptr[i];

		if ((c < '0' || c > '9') && (c < 'A' || c > 'Z') &&
		    (c < 'a' || c > 'z') && c != '-')
			return false;
	}
	return true;
}

/* Digits; false: none of them, or more than 64 bits. */
static bool
read_uint(struct kg_slice s, uint64_t *out, struct buf *error)
{
	*out = 0;
	for (size_t i = 0; i < s.len; i++) {
		const uint64_t digit = (uint64_t)(s.ptr[i] - '0');

		if (*out > (UINT64_MAX - digit) / 10) {
			(void)refuse(error, "strconv.ParseUint: parsing", &s);
			return refuse(error, ": value out of range", NULL);
		}
		*out = *out * 10 + digit;
	}
	if (s.len > 0)
		return true;
	(void)refuse(error, "strconv.ParseUint: parsing", &s);
	return refuse(error, ": invalid syntax", NULL);
}

struct number_words {
	const char *invalid, *zeroes;
};

static bool
read_number(struct kg_slice s, const struct number_words *words, uint64_t *out,
    struct buf *error)
{
	if (!only_digits(s))
		return refuse(error, words->invalid, &s);
	if (s.len > 1 && s.ptr[0] == '0')
		return refuse(error, words->zeroes, &s);
	return read_uint(s, out, error);
}

static bool
check_pre(struct kg_slice pre, struct buf *error)
{
	uint64_t n;

	while (pre.ptr != NULL) {
		const struct kg_slice part = slice_cut(&pre, '.');

		if (part.len == 0)
			return refuse(error, "Prerelease is empty", NULL);
		if (!only_names(part))
			return refuse(error,
			    "Invalid character(s) found in prerelease", &part);
		if (!only_digits(part))
			continue;
		if (part.len > 1 && part.ptr[0] == '0')
			return refuse(error,
			    "Numeric PreRelease version must not contain "
			    "leading zeroes",
			    &part);
		if (!read_uint(part, &n, error))
			return false;
	}
	return true;
}

static bool
check_build(struct kg_slice build, struct buf *error)
{
	while (build.ptr != NULL) {
		const struct kg_slice part = slice_cut(&build, '.');

		if (part.len == 0)
			return refuse(error, "Build meta data is empty", NULL);
		if (!only_names(part))
			return refuse(error,
			    "Invalid character(s) found in build meta data",
			    &part);
	}
	return true;
}

/* Cuts what follows the separator off; {"", 0} when nothing does. */
static struct kg_slice
cut_tail(struct kg_slice *s, char separator)
{
	const size_t at = slice_find(*s, separator);
	struct kg_slice tail = { NULL, 0 };

	if (at < s->len)
		tail = slice_of(s->ptr + at + 1, s->len - at - 1);
	*s = slice_upto(*s, at);
	return tail;
}

static bool
parse_strict(struct kg_slice text, struct semver *out, struct buf *error)
{
	static const struct number_words words[] = {
		{ "Invalid character(s) found in major number",
		    "Major number must not contain leading zeroes" },
		{ "Invalid character(s) found in minor number",
		    "Minor number must not contain leading zeroes" },
		{ "Invalid character(s) found in patch number",
		    "Patch number must not contain leading zeroes" },
	};
	struct kg_slice rest = text, major, minor;

	*out = (struct semver){ 0 };
	if (text.len == 0)
		return refuse(error, "Version string empty", NULL);
	major = slice_cut(&rest, '.');
	minor = slice_cut(&rest, '.');
	if (rest.ptr == NULL)
		return refuse(
		    error, "No Major.Minor.Patch elements found", NULL);
	if (!read_number(major, &words[0], &out->major, error) ||
	    !read_number(minor, &words[1], &out->minor, error))
		return false;
	out->build = cut_tail(&rest, '+');
	out->pre = cut_tail(&rest, '-');
	return read_number(rest, &words[2], &out->patch, error) &&
	    check_pre(out->pre, error) && check_build(out->build, error);
}

/* --- Putting right --- */

/* Appends a part without leading zeros; a lone one stays. */
static void
put_part(struct buf *out, struct kg_slice part)
{
	const bool single = part.len == 1;

	while (part.len > 0 && part.ptr[0] == '0' && !single)
		part = slice_from(part, 1);
	if (!single && (part.len == 0 || !only_digits(slice_upto(part, 1))))
		buf_putc(out, '0');
	buf_put(out, part);
}

static bool
parse_normal(struct arena *a, struct kg_slice text, struct semver *out,
    struct buf *error)
{
	struct kg_slice rest = text;
	struct buf b;
	unsigned parts = 1;

	if (slice_starts(rest, SLICE("v")))
		rest = slice_of(rest.ptr + 1, rest.len - 1);
	buf_init(&b, a, CEL_TEXT_MAX);
	for (; parts < 3 && slice_find(rest, '.') < rest.len; parts++) {
		const struct kg_slice part = slice_cut(&rest, '.');

		if (part.len > 0)
			put_part(&b, part);
		buf_putc(&b, '.');
	}
	if (parts < 3 &&
	    (slice_find(rest, '+') < rest.len ||
		slice_find(rest, '-') < rest.len))
		return refuse(error,
		    "short version cannot contain PreRelease/Build meta data",
		    NULL);
	if (rest.len > 0)
		put_part(&b, rest);
	for (; parts < 3; parts++)
		buf_puts(&b, ".0");
	if (buf_failed(&b))
		return refuse(error, "version is too long", NULL);
	return parse_strict(buf_slice(&b), out, error);
}

bool
semver_parse(struct arena *a, struct kg_slice text, bool normalize,
    struct semver *out, struct buf *error)
{
	return normalize ? parse_normal(a, text, out, error)
			 : parse_strict(text, out, error);
}

/* --- Order --- */

static int
cmp_uint(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/* Numbers come before names. */
static int
cmp_part(struct kg_slice a, struct kg_slice b)
{
	const bool na = only_digits(a), nb = only_digits(b);
	const int order = slice_cmp(a, b);

	if (na != nb)
		return na ? -1 : 1;
	if (na && a.len != b.len) /* without leading zeros */
		return a.len < b.len ? -1 : 1;
	return (order > 0) - (order < 0);
}

static int
cmp_pre(struct kg_slice a, struct kg_slice b)
{
	if (a.ptr == NULL || b.ptr == NULL)
		return (a.ptr == NULL) - (b.ptr == NULL);
	while (a.ptr != NULL && b.ptr != NULL) {
		const struct kg_slice pa = slice_cut(&a, '.');
		const int order = cmp_part(pa, slice_cut(&b, '.'));

		if (order != 0)
			return order;
	}
	return (a.ptr != NULL) - (b.ptr != NULL);
}

int
semver_cmp(const struct semver *a, const struct semver *b)
{
	int order = cmp_uint(a->major, b->major);

	if (order == 0)
		order = cmp_uint(a->minor, b->minor);
	if (order == 0)
		order = cmp_uint(a->patch, b->patch);
	return order != 0 ? order : cmp_pre(a->pre, b->pre);
}
