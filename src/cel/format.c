/* SPDX-License-Identifier: Apache-2.0 */
/* Clauses of format texts: %s, %.3f; errors in the words of cel-go. */
#include "cel/format.h"

#include "base/ascii.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "cel/type.h"

#define BIT(kind) (1u << CEL_TYPE_##kind)
#define INTEGERS (BIT(INT) | BIT(UINT))

static const struct format_clause clauses[] = {
	{ 's',
	    "string clause can only be used on strings, bools, bytes, ints, "
	    "doubles, maps, lists, types, durations, and timestamps",
	    INTEGERS | BIT(LIST) | BIT(MAP) | BIT(DOUBLE) | BIT(BOOL) |
		BIT(STRING) | BIT(TIMESTAMP) | BIT(BYTES) | BIT(DURATION) |
		BIT(TYPE) | BIT(NULL) },
	{ 'd', "decimal clause can only be used on integers", INTEGERS },
	/* NaN and the infinities may be texts. */
	{ 'f', "fixed-point clause can only be used on doubles",
	    BIT(DOUBLE) | BIT(STRING) },
	{ 'e', "scientific clause can only be used on doubles",
	    BIT(DOUBLE) | BIT(STRING) },
	{ 'b', "only integers and bools can be formatted as binary",
	    INTEGERS | BIT(BOOL) },
	{ 'x',
	    "only integers, byte buffers, and strings can be formatted as hex",
	    INTEGERS | BIT(STRING) | BIT(BYTES) },
	{ 'X',
	    "only integers, byte buffers, and strings can be formatted as hex",
	    INTEGERS | BIT(STRING) | BIT(BYTES) },
	{ 'o', "octal clause can only be used on integers", INTEGERS },
};

static bool
fail(struct buf *why, const char *what)
{
	buf_printf(why, "could not parse formatting clause: %s", what);
	return false;
}

/* .3 before the verb, if it is there. */
static bool
read_precision(
    struct kg_slice text, size_t *at, int *precision, struct buf *why)
{
	size_t first;
	int n = 0;

	*precision = FORMAT_PRECISION;
	if (text.ptr[*at] != '.')
		return true;
	first = ++*at;
	for (; *at < text.len && ascii_digit(text.ptr[*at]); ++*at) {
		if (n <= CEL_PRECISION_MAX)
			n = n * 10 + (text.ptr[*at] - '0');
	}
	*precision = n;
	if (*at >= text.len)
		return fail(why,
		    "error while parsing precision: could not find end of "
		    "precision specifier");
	if (*at == first)
		return fail(why,
		    "error while parsing precision: error while converting "
		    "precision to integer: strconv.Atoi: parsing \"\": "
		    "invalid syntax");
	return n <= CEL_PRECISION_MAX || fail(why, "precision too large");
}

const struct format_clause *
format_read(struct kg_slice text, size_t *at, int *precision, struct buf *why)
{
	char verb, octet[4];

	if (*at >= text.len) {
		buf_puts(why, "unexpected end of string");
		return NULL;
	}
	if (!read_precision(text, at, precision, why))
		return NULL;
	verb = text.ptr[(*at)++];
	for (size_t i = 0; i < sizeof(clauses) / sizeof(*clauses); i++) {
		if (clauses[i].verb == verb)
			return &clauses[i];
	}
	(void)fail(why, "unrecognized formatting clause \"");
	/* Go takes the octet for a character. */
	buf_put(why, slice_of(octet, utf8_encode((unsigned char)verb, octet)));
	buf_putc(why, '"');
	return NULL;
}
