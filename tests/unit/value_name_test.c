/* SPDX-License-Identifier: Apache-2.0 */
/* Versions and the formats of names: what Kubernetes says of them. */
#include "unit/answers.h"
#include "value/nameformat.h"
#include "value/semver.h"

/* clang-format off */
static const struct question names[] = {
	{ "dns1123Label my-name",
	  "0" },
	{ "dns1123Label 0",
	  "0" },
	{ "dns1123Label a.b",
	  "1 <must not contain dots>" },
	{ "dns1123Label -a",
	  "1 <a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')>" },
	{ "dns1123Label ",
	  "1 <a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')>" },
	{ "dns1123Label xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
	  "1 <must be no more than 63 characters>" },
	{ "dns1123LabelPrefix ab-",
	  "0" },
	{ "dns1123LabelPrefix -",
	  "1 <a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')>" },
	{ "dns1123Subdomain a.b-c.d",
	  "0" },
	{ "dns1123Subdomain a..b",
	  "1 <a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')>" },
	{ "dns1123SubdomainPrefix a.b-",
	  "0" },
	{ "dns1123SubdomainPrefix a.-",
	  "0" },
	{ "dns1035Label a1",
	  "0" },
	{ "dns1035Label 1a",
	  "1 <a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')>" },
	{ "dns1035LabelPrefix a-",
	  "0" },
	{ "qualifiedName my.Name",
	  "0" },
	{ "qualifiedName example.com/a_b",
	  "0" },
	{ "qualifiedName ",
	  "2 <name part must be non-empty> <name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')>" },
	{ "qualifiedName /a",
	  "1 <prefix part must be non-empty>" },
	{ "qualifiedName A/b",
	  "1 <prefix part a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')>" },
	{ "qualifiedName a/",
	  "2 <name part must be non-empty> <name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')>" },
	{ "qualifiedName a/b/c",
	  "1 <a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')>" },
	{ "labelValue ",
	  "0" },
	{ "labelValue a-B_c",
	  "0" },
	{ "labelValue a-",
	  "1 <a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')>" },
	{ "labelValue xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
	  "1 <must be no more than 63 characters>" },
	{ "uri http://h/",
	  "0" },
	{ "uri h",
	  "1 <parse \"h\": invalid URI for request>" },
	{ "uuid 123e4567-E89B-12d3-a456-426614174000",
	  "0" },
	{ "uuid 123e4567e89b12d3a456426614174000",
	  "0" },
	{ "uuid 123e4567",
	  "1 <does not match the UUID format>" },
	{ "byte aGk=",
	  "0" },
	{ "byte aGk",
	  "1 <invalid base64>" },
	{ "byte ",
	  "1 <invalid base64>" },
	{ "date 2024-02-29",
	  "0" },
	{ "date 2023-02-29",
	  "1 <invalid date>" },
	{ "date 2024-1-01",
	  "1 <invalid date>" },
	{ "datetime 2024-02-29T23:59:59Z",
	  "0" },
	{ "datetime 2024-02-29t00:00:00.5+01:00",
	  "0" },
	{ "datetime 2024-02-29T24:00:00Z",
	  "1 <invalid datetime>" },
	{ "datetime 2024-02-29T00:00:00",
	  "1 <invalid datetime>" },
	{ "datetime 2024-02-29 00:00:00Z",
	  "1 <invalid datetime>" },
};

static const struct question versions[] = {
	{ "semver 1.2.3 1.2.3",
	  "1.2.3 0" },
	{ "semver 1.2.3 1.10.0",
	  "1.2.3 -1" },
	{ "semver 2.0.0 1.99.99",
	  "2.0.0 1" },
	{ "semver 1.0.0-alpha 1.0.0",
	  "1.0.0 -1" },
	{ "semver 1.0.0-alpha.1 1.0.0-alpha",
	  "1.0.0 1" },
	{ "semver 1.0.0-1 1.0.0-a",
	  "1.0.0 -1" },
	{ "semver 1.0.0-10 1.0.0-9",
	  "1.0.0 1" },
	{ "semver 1.0.0-b 1.0.0-a.1",
	  "1.0.0 1" },
	{ "semver 1.0.0+x 1.0.0+y",
	  "1.0.0 0" },
	{ "nsemver v1.02 1.2.0",
	  "1.2.0 0" },
	{ "nsemver 1 1.0.0",
	  "1.0.0 0" },
	{ "nsemver 01.02.03-rc.1 1.2.3",
	  "1.2.3 -1" },
	{ "nsemver 00.0 0.0.0",
	  "0.0.0 0" },
	{ "semver v1.0.0 1.0.0",
	  "E Invalid character(s) found in major number \"v1\"" },
	{ "semver 1.0 1.0.0",
	  "E No Major.Minor.Patch elements found" },
	{ "semver  1.0.0",
	  "E Version string empty" },
	{ "semver 01.0.0 1.0.0",
	  "E Major number must not contain leading zeroes \"01\"" },
	{ "semver 1.x.0 1.0.0",
	  "E Invalid character(s) found in minor number \"x\"" },
	{ "semver 1.0.0- 1.0.0",
	  "E Prerelease is empty" },
	{ "semver 1.0.0-01 1.0.0",
	  "E Numeric PreRelease version must not contain leading zeroes \"01\"" },
	{ "semver 1.0.0-a_b 1.0.0",
	  "E Invalid character(s) found in prerelease \"a_b\"" },
	{ "semver 1.0.0+ 1.0.0",
	  "E Build meta data is empty" },
	{ "semver 1.0.0+a_b 1.0.0",
	  "E Invalid character(s) found in build meta data \"a_b\"" },
	{ "semver 1.0.0.0 1.0.0",
	  "E Invalid character(s) found in patch number \"0.0\"" },
	{ "semver 18446744073709551616.0.0 1.0.0",
	  "E strconv.ParseUint: parsing \"18446744073709551616\": value out of range" },
	{ "nsemver 1.0-a 1.0.0",
	  "E short version cannot contain PreRelease/Build meta data" },
};
/* clang-format on */

/* Number of messages, each in <>. */
static void
answer_name(struct kg_slice kind, struct kg_slice text, struct buf *out)
{
	struct kg_slice messages[NAME_MESSAGES_MAX];
	const enum name_format format = name_format_find(kind);
	const size_t n = name_format_check(&arena, format, text, messages);

	assert_slice(kind, name_format_text(format));
	buf_put_uint(out, n);
	for (size_t i = 0; i < n; i++) {
		buf_puts(out, " <");
		buf_put(out, messages[i]);
		buf_putc(out, '>');
	}
}

/* The first version, and its order beside the second. */
static void
answer_version(struct kg_slice kind, struct kg_slice text, struct buf *out)
{
	const bool normalize = slice_is(kind, "nsemver");
	const struct kg_slice first = slice_cut(&text, ' ');
	struct semver v, w;
	struct buf error;

	buf_init(&error, &arena, MIB);
	if (!semver_parse(&arena, first, normalize, &v, &error) ||
	    !semver_parse(&arena, text, normalize, &w, &error)) {
		answer_error(out, &error);
		return;
	}
	buf_printf(out, "%llu.%llu.%llu %d", (unsigned long long)v.major,
	    (unsigned long long)v.minor, (unsigned long long)v.patch,
	    semver_cmp(&v, &w));
}

static void
names_are_judged_in_apimachinerys_words(void **state)
{
	(void)state;
	check(names, ARRAY_LEN(names), answer_name);
	assert_int_equal(name_format_find(SLICE("unknown")), FORMAT_COUNT);
}

static void
versions_are_read_and_ordered(void **state)
{
	(void)state;
	check(versions, ARRAY_LEN(versions), answer_version);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_judged_in_apimachinerys_words),
		cmocka_unit_test(versions_are_read_and_ordered),
	};

	return cmocka_run_group_tests(tests, unit_setup, unit_teardown);
}
