/* SPDX-License-Identifier: Apache-2.0 */
/* What the patterns say, written out; and the patterns, for the messages. */
#include "value/nameformat.h"

#include "base/ascii.h"
#include "base/civil.h"
#include "base/limits.h"
#include "value/url.h"

#define LABEL "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
#define QUALIFIED "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
#define IS "', regex used for validation is '"
#define OR "',  or '"

#define LABEL_MESSAGE                                                     \
	"a lowercase RFC 1123 label must consist of lower case "          \
	"alphanumeric characters or '-', and must start and end with an " \
	"alphanumeric character (e.g. 'my-name" OR "123-abc" IS LABEL "')"
#define SUBDOMAIN_MESSAGE                                                    \
	"a lowercase RFC 1123 subdomain must consist of lower case "         \
	"alphanumeric characters, '-' or '.', and must start and end with "  \
	"an alphanumeric character (e.g. 'example.com" IS LABEL "(\\." LABEL \
	")*')"
#define LABEL_1035_MESSAGE                                                \
	"a DNS-1035 label must consist of lower case alphanumeric "       \
	"characters or '-', start with an alphabetic character, and end " \
	"with an alphanumeric character (e.g. 'my-name" OR "abc-123" IS   \
	"[a-z]([-a-z0-9]*[a-z0-9])?')"
#define QUALIFIED_MESSAGE                                                \
	"must consist of alphanumeric characters, '-', '_' or '.', and " \
	"must start and end with an alphanumeric character (e.g. "       \
	"'MyName" OR "my.name" OR "123-abc" IS QUALIFIED "')"
#define LABEL_VALUE_MESSAGE                                                 \
	"a valid label must be an empty string or consist of alphanumeric " \
	"characters, '-', '_' or '.', and must start and end with an "      \
	"alphanumeric character (e.g. 'MyValue" OR "my_value" OR "12345" IS \
	"(" QUALIFIED ")?')"

struct messages {
	struct arena *arena;
	struct kg_slice *items;
	size_t count;
};

static void
add(struct messages *m, const char *prefix, const char *text)
{
	if (m->count < NAME_MESSAGES_MAX)
		m->items[m->count++] =
		    arena_printf(m->arena, "%s%s", prefix, text);
}

static void
check_length(
    struct messages *m, const char *prefix, struct kg_slice s, unsigned max)
{
	char text[64];

	if (s.len <= max)
		return;
	(void)snprintf(
	    text, sizeof(text), "must be no more than %u characters", max);
	add(m, prefix, text);
}

/* --- Names --- */

static bool
is_label(struct kg_slice s)
{
	if (s.len == 0 || s.ptr[0] == '-' || s.ptr[s.len - 1] == '-')
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (!ascii_lower(s.ptr[i]) && !ascii_digit(s.ptr[i]) &&
		    s.ptr[i] != '-')
			return false;
	}
	return true;
}

static bool
is_subdomain(struct kg_slice s)
{
	while (s.ptr != NULL) {
		if (!is_label(slice_cut(&s, '.')))
			return false;
	}
	return true;
}

static bool
is_qualified(struct kg_slice s)
{
	if (s.len == 0 || !ascii_alnum(s.ptr[0]) ||
	    !ascii_alnum(s.ptr[s.len - 1]))
		return false;
	for (size_t i = 0; i < s.len; i++) {
		const char c = s.ptr[i];

		if (!ascii_alnum(c) && c != '-' && c != '_' && c != '.')
			return false;
	}
	return true;
}

static void
check_label(struct messages *m, struct kg_slice s)
{
	check_length(m, "", s, 63);
	if (is_label(s))
		return;
	add(m, "",
	    s.len > 0 && is_subdomain(s) ? "must not contain dots"
					 : LABEL_MESSAGE);
}

static void
check_subdomain(struct messages *m, const char *prefix, struct kg_slice s)
{
	check_length(m, prefix, s, 253);
	if (s.len == 0 || !is_subdomain(s))
		add(m, prefix, SUBDOMAIN_MESSAGE);
}

static void
check_label_1035(struct messages *m, struct kg_slice s)
{
	check_length(m, "", s, 63);
	if (!is_label(s) || !ascii_lower(s.ptr[0]))
		add(m, "", LABEL_1035_MESSAGE);
}

static void
check_label_value(struct messages *m, struct kg_slice s)
{
	check_length(m, "", s, 63);
	if (s.len > 0 && !is_qualified(s))
		add(m, "", LABEL_VALUE_MESSAGE);
}

static void
check_qualified(struct messages *m, struct kg_slice s)
{
	const size_t slash = slice_find(s, '/');
	struct kg_slice name = s;

	if (slash < s.len) {
		name = slice_of(s.ptr + slash + 1, s.len - slash - 1);
		if (slice_find(name, '/') < name.len) {
			add(m, "a qualified name ",
			    QUALIFIED_MESSAGE
			    " with an optional DNS subdomain prefix and '/' "
			    "(e.g. 'example.com/MyName')");
			return;
		}
		if (slash == 0)
			add(m, "prefix part ", "must be non-empty");
		else
			check_subdomain(
			    m, "prefix part ", slice_upto(s, slash));
	}
	if (name.len == 0)
		add(m, "name part ", "must be non-empty");
	else
		check_length(m, "name part ", name, 63);
	if (!is_qualified(name))
		add(m, "name part ", QUALIFIED_MESSAGE);
}

/* A prefix that names are made from may end in a dash: judged as if it and
 * the character before it were one letter. */
static struct kg_slice
unmask(struct arena *a, struct kg_slice s)
{
	char *copy;

	if (s.len < 2 || s.ptr[s.len - 1] != '-')
		return s;
	copy = arena_array(a, s.len - 1, 1);
	if (copy == NULL)
		return s;
	memcpy(copy, s.ptr, s.len - 2);
	copy[s.len - 2] = 'a';
	return slice_of(copy, s.len - 1);
}

/* --- Other texts --- */

static void
check_uri(struct messages *m, struct kg_slice s)
{
	struct url u;
	struct buf b;

	buf_init(&b, m->arena, CEL_TEXT_MAX);
	if (!url_check_request(m->arena, s, &u, &b) &&
	    m->count < NAME_MESSAGES_MAX)
		m->items[m->count++] = buf_slice(&b);
}

/* 8-4-4-4-12 hexadecimal digits; each dash may be missing. */
static bool
is_uuid(struct kg_slice s)
{
	static const unsigned char groups[] = { 8, 4, 4, 4, 12 };
	size_t at = 0;

	for (unsigned g = 0; g < sizeof(groups); g++) {
		if (g > 0 && at < s.len && s.ptr[at] == '-')
			at++;
		for (unsigned i = 0; i < groups[g]; i++, at++) {
			const char c =
			    at < s.len ? (char)(s.ptr[at] | 0x20) : '\0';

			if (!ascii_digit(c) && (c < 'a' || c > 'f'))
				return false;
			if (ascii_digit(c) && !ascii_digit(s.ptr[at]))
				return false;
		}
	}
	return at == s.len;
}

static bool
is_base64(struct kg_slice s)
{
	size_t n = s.len;

	if (n == 0 || n % 4 != 0)
		return false;
	for (unsigned i = 0; i < 2 && s.ptr[n - 1] == '='; i++)
		n--;
	for (size_t i = 0; i < n; i++) {
		const char c = s.ptr[i];

		if (!ascii_alnum(c) && c != '+' && c != '/')
			return false;
	}
	return true;
}

/* Two digits at an offset, as a number; 100: they are none. */
static unsigned
two_digits(struct kg_slice s, size_t at)
{
	if (at + 2 > s.len || !ascii_digit(s.ptr[at]) ||
	    !ascii_digit(s.ptr[at + 1]))
		return 100;
	return (unsigned)((s.ptr[at] - '0') * 10 + (s.ptr[at + 1] - '0'));
}

static bool
is_date(struct kg_slice s)
{
	const unsigned century = two_digits(s, 0), year = two_digits(s, 2);
	const unsigned month = two_digits(s, 5), day = two_digits(s, 8);

	return s.len == 10 && s.ptr[4] == '-' && s.ptr[7] == '-' &&
	    century < 100 && year < 100 && day >= 1 &&
	    day <= civil_month_days((int64_t)century * 100 + year, month);
}

/* Any one character and digits, or nothing; gives what follows. */
static struct kg_slice
skip_fraction(struct kg_slice s)
{
	size_t at = 1;

	if (s.len == 0 || s.ptr[0] == '\n')
		return s;
	while (at < s.len && ((unsigned char)s.ptr[at] & 0xc0) == 0x80)
		at++;
	if (at == s.len || !ascii_digit(s.ptr[at]))
		return s;
	while (at < s.len && ascii_digit(s.ptr[at]))
		at++;
	return slice_from(s, at);
}

static bool
is_offset(struct kg_slice s)
{
	if (s.len == 1)
		return (s.ptr[0] | 0x20) == 'z';
	return s.len == 6 && (s.ptr[0] == '+' || s.ptr[0] == '-') &&
	    two_digits(s, 1) < 100 && s.ptr[3] == ':' && two_digits(s, 4) < 100;
}

/* Up to a second t nobody looks at, as in Kubernetes. */
static bool
is_datetime(struct kg_slice s)
{
	size_t end;
	struct kg_slice time;

	if (s.len < 11 || (s.ptr[10] | 0x20) != 't' ||
	    !is_date(slice_upto(s, 10)))
		return false;
	time = slice_from(s, 11);
	for (end = 0; end < time.len && (time.ptr[end] | 0x20) != 't';)
		end++;
	time = slice_upto(time, end);
	if (time.len < 9 || two_digits(time, 0) > 23 || time.ptr[2] != ':' ||
	    two_digits(time, 3) > 59 || time.ptr[5] != ':' ||
	    two_digits(time, 6) > 59)
		return false;
	time = slice_from(time, 8);
	return is_offset(time) || is_offset(skip_fraction(time));
}

/* --- The table --- */

static const struct {
	const char *name;
	unsigned weight;
} formats[FORMAT_COUNT] = {
	[FORMAT_DNS1123_LABEL] = { "dns1123Label", 30 },
	[FORMAT_DNS1123_SUBDOMAIN] = { "dns1123Subdomain", 60 },
	[FORMAT_DNS1035_LABEL] = { "dns1035Label", 30 },
	[FORMAT_QUALIFIED_NAME] = { "qualifiedName", 60 },
	[FORMAT_DNS1123_LABEL_PREFIX] = { "dns1123LabelPrefix", 30 },
	[FORMAT_DNS1123_SUBDOMAIN_PREFIX] = { "dns1123SubdomainPrefix", 60 },
	[FORMAT_DNS1035_LABEL_PREFIX] = { "dns1035LabelPrefix", 30 },
	[FORMAT_LABEL_VALUE] = { "labelValue", 40 },
	[FORMAT_URI] = { "uri", 1103 },
	[FORMAT_UUID] = { "uuid", 70 },
	[FORMAT_BYTE] = { "byte", 84 },
	[FORMAT_DATE] = { "date", 71 },
	[FORMAT_DATETIME] = { "datetime", 71 },
};

const char *
name_format_text(enum name_format format)
{
	return formats[format].name;
}

enum name_format
name_format_find(struct kg_slice name)
{
	int i = 0;

	while (i < FORMAT_COUNT && !slice_is(name, formats[i].name))
		i++;
	return (enum name_format)i;
}

unsigned
name_format_weight(enum name_format format)
{
	return formats[format].weight;
}

size_t
name_format_check(struct arena *a, enum name_format format,
    struct kg_slice text, struct kg_slice messages[NAME_MESSAGES_MAX])
{
	struct messages m = { a, messages, 0 };

	switch (format) {
	case FORMAT_DNS1123_LABEL_PREFIX:
		check_label(&m, unmask(a, text));
		break;
	case FORMAT_DNS1123_LABEL:
		check_label(&m, text);
		break;
	case FORMAT_DNS1123_SUBDOMAIN_PREFIX:
		check_subdomain(&m, "", unmask(a, text));
		break;
	case FORMAT_DNS1123_SUBDOMAIN:
		check_subdomain(&m, "", text);
		break;
	case FORMAT_DNS1035_LABEL_PREFIX:
		check_label_1035(&m, unmask(a, text));
		break;
	case FORMAT_DNS1035_LABEL:
		check_label_1035(&m, text);
		break;
	case FORMAT_QUALIFIED_NAME:
		check_qualified(&m, text);
		break;
	case FORMAT_LABEL_VALUE:
		check_label_value(&m, text);
		break;
	case FORMAT_URI:
		check_uri(&m, text);
		break;
	case FORMAT_UUID:
		if (!is_uuid(text))
			add(&m, "", "does not match the UUID format");
		break;
	case FORMAT_BYTE:
		if (!is_base64(text))
			add(&m, "", "invalid base64");
		break;
	case FORMAT_DATE:
		if (!is_date(text))
			add(&m, "", "invalid date");
		break;
	case FORMAT_DATETIME:
		if (!is_datetime(text))
			add(&m, "", "invalid datetime");
		break;
	case FORMAT_COUNT:
		break;
	}
	return m.count;
}
