/* SPDX-License-Identifier: Apache-2.0 */
/* Words and numbers of YAML 1.1. */
#include "value/scalar.h"

#include <errno.h>

#include "base/ascii.h"

#define NUMBER_MAX 400u /* longer ones are text to everybody */

static const struct {
	const char *words;
	struct value value;
} word_table[] = {
	{ "y Y yes Yes YES true True TRUE on On ON",
	    { .kind = VALUE_BOOL, .u.boolean = true } },
	{ "n N no No NO false False FALSE off Off OFF",
	    { .kind = VALUE_BOOL, .u.boolean = false } },
	{ "~ null Null NULL", { .kind = VALUE_NULL } },
};

/* The text is one of the words of a list that spaces part. */
static bool
is_word(struct kg_slice text, const char *words)
{
	struct kg_slice rest = slice_str(words);

	while (rest.ptr != NULL) {
		if (slice_eq(slice_cut(&rest, ' '), text))
			return true;
	}
	return false;
}

/* Value of a digit in any base up to 16; 99 for anything else. */
static unsigned
digit_value(char c)
{
	if (ascii_digit(c))
		return (unsigned)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (unsigned)(c - 'a') + 10;
	if (c >= 'A' && c <= 'F')
		return (unsigned)(c - 'A') + 10;
	return 99;
}

/* Go's base 0: 0x, 0b, 0o, a leading zero for octal; else decimal. */
static unsigned
number_base(struct kg_slice *digits)
{
	const struct kg_slice s = *digits;
	char c;

	if (s.len < 2 || s.ptr[0] != '0')
		return 10;
	c = (char)(s.ptr[1] | 0x20);
	if (s.ptr[1] >= 'A' && (c == 'x' || c == 'b' || c == 'o')) {
		*digits = slice_from(s, 2);
		return c == 'x' ? 16 : c == 'b' ? 2 : 8;
	}
	*digits = slice_from(s, 1);
	return 8;
}

enum integer_fit {
	INTEGER_NONE,
	INTEGER_FITS,
	INTEGER_UNSIGNED, /* above int64, within uint64 */
};

static enum integer_fit
parse_integer(struct kg_slice text, int64_t *out, double *big)
{
	const bool negative = text.ptr[0] == '-';
	struct kg_slice digits = text;
	uint64_t n = 0;
	unsigned base;

	if (negative || text.ptr[0] == '+')
		digits = slice_from(text, 1);
	base = number_base(&digits);
	if (digits.len == 0)
		return INTEGER_NONE;
	for (size_t i = 0; i < digits.len; i++) {
		const unsigned d = digit_value(digits.ptr[i]);

		if (d >= base || n > (UINT64_MAX - d) / base)
			return INTEGER_NONE;
		n = n * base + d;
	}
	if (n <= (uint64_t)INT64_MAX + negative) {
		*out = (int64_t)(negative ? 0 - n : n);
		return INTEGER_FITS;
	}
	*big = (double)n;
	return text.ptr[0] == '-' || text.ptr[0] == '+' ? INTEGER_NONE
							: INTEGER_UNSIGNED;
}

/* [-+]? ( .digits | digits [.digits*] ) ( [eE] [-+]? digits )? */
static bool
is_float(const char *p)
{
	bool digits = false, point = false;

	if (*p == '-' || *p == '+')
		p++;
	for (; ascii_digit(*p) || (*p == '.' && !point); p++) {
		if (*p == '.')
			point = true;
		else
			digits = true;
	}
	if (!digits)
		return false;
	if (*p == 'e' || *p == 'E') {
		p++;
		if (*p == '-' || *p == '+')
			p++;
		if (!ascii_digit(*p))
			return false;
		while (ascii_digit(*p))
			p++;
	}
	return *p == '\0';
}

/* As Go prints it into JSON: a whole number below 1e21 has no point. */
static void
from_double(double d, struct value *out)
{
	if (d >= -0x1p63 && d < 0x1p63 && (double)(int64_t)d >= d &&
	    (double)(int64_t)d <= d)
		*out = (struct value){ .kind = VALUE_INT,
			.u.integer = (int64_t)d };
	else
		*out = (struct value){ .kind = VALUE_DOUBLE, .u.real = d };
}

static bool
parse_float(const char *text, struct value *out)
{
	double d;

	if (!is_float(text))
		return false;
	d = strtod(text, NULL);
	if (d > 1.7976931348623157e308 || d < -1.7976931348623157e308)
		return false;
	from_double(d, out);
	return true;
}

/* False: a string. Underscores between digits count for nothing. */
static bool
resolve_number(struct kg_slice text, struct value *out)
{
	char plain[NUMBER_MAX + 1];
	size_t n = 0;
	int64_t integer;
	double big;

	if (text.len > NUMBER_MAX)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] == '\0')
			return false;
		if (text.ptr[i] != '_')
			plain[n++] = text.ptr[i];
		else if (text.ptr[0] == '.')
			return false;
	}
	plain[n] = '\0';
	if (n == 0)
		return false;
	switch (parse_integer(slice_of(plain, n), &integer, &big)) {
	case INTEGER_FITS:
		*out =
		    (struct value){ .kind = VALUE_INT, .u.integer = integer };
		return true;
	case INTEGER_UNSIGNED:
		*out = (struct value){ .kind = VALUE_DOUBLE, .u.real = big };
		return true;
	case INTEGER_NONE:
		break;
	}
	return parse_float(plain, out);
}

bool
scalar_resolve(struct kg_slice text, struct value *out)
{
	const char first = text.len > 0 ? text.ptr[0] : '\0';

	*out = (struct value){ .kind = VALUE_NULL };
	if (text.len == 0)
		return true;
	for (size_t i = 0; i < sizeof(word_table) / sizeof(word_table[0]);
	     i++) {
		if (is_word(text, word_table[i].words)) {
			*out = word_table[i].value;
			return true;
		}
	}
	if (is_word(text,
		".nan .NaN .NAN .inf .Inf .INF +.inf +.Inf +.INF -.inf "
		"-.Inf -.INF"))
		return false;
	if ((ascii_digit(first) || first == '-' || first == '+' ||
		first == '.') &&
	    resolve_number(text, out))
		return true;
	*out = (struct value){ .kind = VALUE_STRING,
		.count = (uint32_t)text.len,
		.u.bytes = text.ptr };
	return true;
}

bool
scalar_is_obvious(struct kg_slice text)
{
	size_t i = 0, first;

	if (text.len == 0 || is_word(text, "true false null ~"))
		return true;
	i += text.ptr[0] == '-';
	first = i;
	while (i < text.len && ascii_digit(text.ptr[i]))
		i++;
	if (i == first || (text.ptr[first] == '0' && i - first > 1))
		return false;
	if (i + 1 < text.len && text.ptr[i] == '.' &&
	    ascii_digit(text.ptr[i + 1])) {
		i++;
		while (i < text.len && ascii_digit(text.ptr[i]))
			i++;
	}
	return i == text.len;
}
