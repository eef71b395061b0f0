/* SPDX-License-Identifier: Apache-2.0 */
/*
 * string.format(): cel-go's first version of it, which Kubernetes has. Its %f
 * and %e are those of English prose: 1,234.500000 and 2.500000 × 10⁰³.
 */
#include "base/ascii.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "cel/eval.h"
#include "cel/format.h"
#include "value/moment.h"
#include "value/number.h"

struct format {
	struct cel_eval *e;
	struct buf out;
	const struct value *args; /* a list */
	size_t next;
	const struct format_clause *clause; /* that is being written */
	struct value error;                 /* kind null: none */
	const struct regex *hidden; /* see find_hidden(); NULL: not yet */
};

static bool
fail(struct format *f, const char *what)
{
	if (f->error.kind != CEL_ERROR)
		f->error = cel_error(what);
	return false;
}

/* A value that the clause is not for. */
static bool
unfit(struct format *f, const struct value *v)
{
	if (f->error.kind != CEL_ERROR)
		f->error = cel_errorf(f->e->arena,
		    "error during formatting: %s, was given %.*s",
		    f->clause->takes, SLICE_ARG(cel_type_name(v)));
	return false;
}

/* --- %s --- */

static bool put_text(struct format *f, const struct value *v, unsigned depth);

static void
put_plain(struct buf *out, struct kg_slice text)
{
	static const char plain[] = "\a\b\f\n\r\t\v\\\"";
	static const char escape[] = "abfnrtv\\\"";

	for (size_t i = 0; i < text.len; i++) {
		const unsigned char c = (unsigned char)text.ptr[i];
		const char *found = c != 0 ? strchr(plain, c) : NULL;

		if (found != NULL)
			buf_printf(out, "\\%c", escape[found - plain]);
		else if (c < 0x20 || c == 0x7f)
			buf_printf(out, "\\x%02x", c);
		else
			buf_putc(out, (char)c);
	}
}

/* Characters beyond ASCII that Go does not print as they are. */
static bool
find_hidden(struct format *f)
{
	struct regex_error error;

	return f->hidden != NULL ||
	    regex_compile_once(f->e->arena,
		SLICE("[^\\x00-\\x7f\\pL\\pM\\pN\\pP\\pS]"), &error,
		&f->hidden) == KG_OK;
}

/* Go's %q, for the texts that stand in lists and maps. */
static bool
put_quoted(struct format *f, struct kg_slice text)
{
	struct regex_walk walk = { 0 };
	struct regex_span span = { 0, 0 };
	const bool ascii = utf8_length(text) == text.len;
	size_t at = 0;
	uint32_t code;

	if (!ascii && !find_hidden(f))
		return fail(f, "out of memory");
	buf_putc(&f->out, '"');
	while (!ascii) {
		if (regex_next(f->hidden, &f->e->regex, text, &walk, &span) !=
		    KG_OK)
			return fail(f, "out of memory");
		if (walk.done)
			break;
		put_plain(
		    &f->out, slice_from(slice_upto(text, span.start), at));
		at = span.start;
		(void)utf8_next(text, &at, &code);
		buf_printf(&f->out, code > 0xffff ? "\\U%08x" : "\\u%04x",
		    (unsigned)code);
	}
	put_plain(&f->out, slice_from(text, at));
	buf_putc(&f->out, '"');
	return true;
}

static bool
no_function(struct format *f, const char *what, const struct value *v)
{
	if (f->error.kind != CEL_ERROR)
		f->error = cel_errorf(f->e->arena,
		    "error during formatting: no formatting function for "
		    "%s%.*s",
		    what, SLICE_ARG(cel_type_name(v)));
	return false;
}

/* How a value stands within a list or map. Recursion: bounded by depth. */
static bool
put_inner(struct format *f, const struct value *v, unsigned depth)
{
	const char *open = v->kind == CEL_TIMESTAMP ? "timestamp("
	    : v->kind == CEL_DURATION               ? "duration("
						    : NULL;

	if (v->kind == CEL_BYTES && !utf8_valid(cel_slice(v)))
		return put_text(f, v, depth);
	if (v->kind == CEL_STRING || v->kind == CEL_BYTES) {
		if (v->kind == CEL_BYTES)
			buf_putc(&f->out, 'b');
		return put_quoted(f, cel_slice(v));
	}
	if (v->kind == CEL_OPTIONAL || v->kind == CEL_OPAQUE)
		return no_function(f, "", v);
	if (v->kind == CEL_DOUBLE) {
		const bool quote = !(v->u.real - v->u.real <= 0);

		if (quote)
			buf_putc(&f->out, '"');
		double_put(&f->out, v->u.real, DOUBLE_FIXED, FORMAT_PRECISION);
		if (quote)
			buf_putc(&f->out, '"');
		return true;
	}
	if (open == NULL)
		return put_text(f, v, depth);
	buf_puts(&f->out, open);
	buf_putc(&f->out, '"');
	(void)put_text(f, v, depth);
	buf_puts(&f->out, "\")");
	return true;
}

static bool
put_list(struct format *f, const struct value *list, unsigned depth)
{
	buf_putc(&f->out, '[');
	for (size_t i = 0; i < list->count; i++) {
		if (i > 0)
			buf_puts(&f->out, ", ");
		if (!put_inner(f, &list->u.items[i], depth - 1))
			return false;
	}
	buf_putc(&f->out, ']');
	return true;
}

/* The key as it is printed, for sorting. */
static struct kg_slice
key_text(struct format *f, const struct value *key)
{
	struct format part = *f;

	buf_init(&part.out, f->e->arena, CEL_TEXT_MAX);
	if (key->kind != CEL_STRING && key->kind != CEL_BOOL &&
	    key->kind != CEL_INT && key->kind != CEL_UINT)
		(void)no_function(&part, "map key of type ", key);
	else
		(void)put_inner(&part, key, 1);
	f->hidden = part.hidden;
	if (part.error.kind == CEL_ERROR)
		f->error = part.error;
	return buf_slice(&part.out);
}

struct printed {
	struct kg_slice key;
	const struct value *value;
};

static int
by_key(const void *a, const void *b)
{
	const struct printed *x = a, *y = b;

	return slice_cmp(x->key, y->key);
}

static bool
put_map(struct format *f, const struct value *map, unsigned depth)
{
	struct printed *entries =
	    arena_array(f->e->arena, map->count, sizeof(*entries));

	if (entries == NULL)
		return fail(f, "out of memory");
	for (size_t i = 0; i < map->count; i++) {
		entries[i].key = key_text(f, &map->u.members[i].name);
		entries[i].value = &map->u.members[i].value;
	}
	qsort(entries, map->count, sizeof(*entries), by_key);
	buf_putc(&f->out, '{');
	for (size_t i = 0; i < map->count; i++) {
		if (i > 0)
			buf_puts(&f->out, ", ");
		buf_put(&f->out, entries[i].key);
		buf_putc(&f->out, ':');
		if (!put_inner(f, entries[i].value, depth - 1))
			return false;
	}
	buf_putc(&f->out, '}');
	return f->error.kind != CEL_ERROR;
}

static bool
put_text(struct format *f, const struct value *v, unsigned depth)
{
	struct value text;

	if (depth == 0)
		return fail(f, "too deeply nested");
	if (v->kind == CEL_LIST)
		return put_list(f, v, depth);
	if (v->kind == CEL_MAP)
		return put_map(f, v, depth);
	if (v->kind == CEL_NULL) {
		buf_puts(&f->out, "null");
		return true;
	}
	if (v->kind == CEL_OPTIONAL || v->kind == CEL_OPAQUE)
		return unfit(f, v);
	text = cel_fn_to_string(f->e, v);
	if (text.kind == CEL_ERROR) {
		text = cel_errorf(f->e->arena,
		    "error during formatting: could not convert argument "
		    "\"%.*s\" to string",
		    SLICE_ARG(cel_error_text(f->e->arena, &text)));
		if (f->error.kind != CEL_ERROR)
			f->error = text;
		return false;
	}
	buf_put(&f->out, cel_slice(&text));
	return true;
}

/* --- Numbers --- */

static bool
put_decimal(struct format *f, const struct value *v)
{
	if (v->kind == CEL_INT)
		buf_put_int(&f->out, v->u.integer);
	else if (v->kind == CEL_UINT)
		buf_put_uint(&f->out, (uint64_t)v->u.integer);
	else
		return unfit(f, v);
	return true;
}

/* Digits of a whole number in base 2, 8 or 16; a minus for negative ints. */
static void
put_base(
    struct buf *out, const struct value *v, unsigned bits, const char *digits)
{
	const bool minus = v->kind == CEL_INT && v->u.integer < 0;
	uint64_t n = (uint64_t)v->u.integer;
	char text[65];
	size_t at = sizeof(text);

	if (minus)
		n = 0 - n;
	do {
		text[--at] = digits[n & ((1u << bits) - 1)];
		n >>= bits;
	} while (n != 0);
	if (minus)
		text[--at] = '-';
	buf_put(out, slice_of(text + at, sizeof(text) - at));
}

static bool
is_whole(const struct value *v)
{
	return v->kind == CEL_INT || v->kind == CEL_UINT;
}

static bool
put_binary(struct format *f, const struct value *v)
{
	if (v->kind == CEL_BOOL)
		buf_putc(&f->out, v->u.boolean ? '1' : '0');
	else if (is_whole(v))
		put_base(&f->out, v, 1, "01");
	else
		return unfit(f, v);
	return true;
}

static bool
put_octal(struct format *f, const struct value *v)
{
	if (!is_whole(v))
		return unfit(f, v);
	put_base(&f->out, v, 3, "01234567");
	return true;
}

static bool
put_hex(struct format *f, const struct value *v, const char *digits)
{
	const struct kg_slice text = cel_slice(v);

	if (is_whole(v)) {
		put_base(&f->out, v, 4, digits);
		return true;
	}
	if (v->kind != CEL_STRING && v->kind != CEL_BYTES)
		return unfit(f, v);
	for (size_t i = 0; i < text.len; i++) {
		const unsigned char c = (unsigned char)text.ptr[i];

		buf_putc(&f->out, digits[c >> 4]);
		buf_putc(&f->out, digits[c & 15]);
	}
	return true;
}

/* --- %f and %e --- */

/* NaN and the infinities; texts that name them are let through as well. */
static bool
put_special(struct buf *out, double d)
{
	if (d != d)
		buf_puts(out, "NaN");
	else if (d - d != 0)
		buf_puts(out, d > 0 ? "\u221e" : "-\u221e");
	else
		return false;
	return true;
}

static bool
real_of(const struct value *v, double *d)
{
	const struct kg_slice text = cel_slice(v);

	if (v->kind == CEL_DOUBLE) {
		*d = v->u.real == 0 ? 0 : v->u.real; /* no -0 */
		return true;
	}
	return v->kind == CEL_STRING &&
	    (slice_is(text, "NaN") || slice_is(text, "Infinity") ||
		slice_is(text, "-Infinity")) &&
	    double_read(text, d) == DOUBLE_OK;
}

/* The number with a comma before each three digits of its whole part. */
static void
put_grouped(struct buf *out, struct kg_slice text)
{
	const size_t point = slice_find(text, '.');
	size_t first = text.len > 0 && text.ptr[0] == '-';

	buf_put(out, slice_upto(text, first));
	for (size_t i = first; i < point; i++) {
		if (i > first && (point - i) % 3 == 0)
			buf_putc(out, ',');
		buf_putc(out, text.ptr[i]);
	}
	buf_put(out, slice_from(text, point));
}

static bool
put_fixed(struct format *f, const struct value *v, int precision)
{
	struct buf text;
	double d;

	if (!real_of(v, &d))
		return unfit(f, v);
	if (put_special(&f->out, d))
		return true;
	buf_init(&text, f->e->arena, CEL_TEXT_MAX);
	double_put(&text, d, DOUBLE_FIXED, precision);
	put_grouped(&f->out, buf_slice(&text));
	return !buf_failed(&text) || fail(f, "out of memory");
}

/* 10 to a power, in raised digits; at least two of them. */
static void
put_power(struct buf *out, struct kg_slice exponent)
{
	static const char *const raised[] = { "\u2070", "\u00b9", "\u00b2",
		"\u00b3", "\u2074", "\u2075", "\u2076", "\u2077", "\u2078",
		"\u2079" };

	buf_puts(out, "\u00d710");
	for (size_t i = 0; i < exponent.len; i++) {
		const char c = exponent.ptr[i];

		if (c == '-')
			buf_puts(out, "\u207b");
		else if (ascii_digit(c))
			buf_puts(out, raised[c - '0']);
	}
}

/* d x 10 to a power; Kubernetes' always has six digits. */
static bool
put_exponent(struct format *f, struct buf *out, double d)
{
	struct kg_slice rest;
	struct buf text;

	if (put_special(out, d))
		return true;
	buf_init(&text, f->e->arena, CEL_TEXT_MAX);
	double_put(&text, d, DOUBLE_EXPONENT, FORMAT_PRECISION);
	rest = buf_slice(&text);
	if (rest.ptr == NULL)
		return fail(f, "out of memory");
	buf_put(out, slice_cut(&rest, 'e'));
	put_power(out, rest);
	return true;
}

/* The precision that the clause asks for, Kubernetes takes for a width. */
static bool
put_scientific(struct format *f, const struct value *v, int width)
{
	struct kg_slice digits;
	struct buf text;
	double d;

	if (!real_of(v, &d))
		return unfit(f, v);
	buf_init(&text, f->e->arena, CEL_TEXT_MAX);
	if (!put_exponent(f, &text, d))
		return false;
	digits = buf_slice(&text);
	for (size_t n = utf8_length(digits); n < (size_t)width; n++)
		buf_putc(&f->out, ' ');
	buf_put(&f->out, digits);
	return !buf_failed(&text) || fail(f, "out of memory");
}

/* --- Clauses --- */

static bool
put_clause(struct format *f, int precision)
{
	const struct value *v = &f->args->u.items[f->next++];

	switch (f->clause->verb) {
	case 'd':
		return put_decimal(f, v);
	case 'b':
		return put_binary(f, v);
	case 'o':
		return put_octal(f, v);
	case 'x':
		return put_hex(f, v, "0123456789abcdef");
	case 'X':
		return put_hex(f, v, "0123456789ABCDEF");
	case 'f':
		return put_fixed(f, v, precision);
	case 'e':
		return put_scientific(f, v, precision);
	default:
		return put_text(f, v, CEL_VALUE_DEPTH_MAX);
	}
}

/* The clause at *at, with the next argument. */
static bool
put_next(struct format *f, struct kg_slice text, size_t *at)
{
	struct buf why;
	int precision;

	if (f->next >= f->args->count) {
		f->error =
		    cel_errorf(f->e->arena, "index %zu out of range", f->next);
		return false;
	}
	buf_init(&why, f->e->arena, DIAG_MESSAGE_MAX);
	f->clause = format_read(text, at, &precision, &why);
	if (f->clause != NULL)
		return put_clause(f, precision);
	f->error = cel_error_built(&why);
	return false;
}

static bool
put_all(struct format *f, struct kg_slice text)
{
	for (size_t i = 0; i < text.len;) {
		if (text.ptr[i] != '%') {
			buf_putc(&f->out, text.ptr[i++]);
		} else if (++i < text.len && text.ptr[i] == '%') {
			buf_putc(&f->out, '%');
			i++;
		} else if (!put_next(f, text, &i)) {
			return false;
		}
	}
	return true;
}

struct value
cel_fn_format(struct cel_eval *e, const struct value *args)
{
	struct format f = { .e = e, .args = &args[1] };

	buf_init(&f.out, e->arena, CEL_TEXT_MAX);
	if (!put_all(&f, cel_slice(&args[0])))
		return f.error;
	return cel_string_built(&f.out);
}
