/* SPDX-License-Identifier: Apache-2.0 */
/* Values of expressions, as JSON and as text. */
#include <math.h>

#include "base/limits.h"
#include "cli/subject.h"
#include "value/moment.h"
#include "value/number.h"
#include "value/writer.h"

/* --- The form of exams --- */

static void put_json(struct writer *w, struct arena *a, const struct value *v);

static struct kg_slice
base64(struct arena *a, struct kg_slice in)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	struct buf b;

	buf_init(&b, a, 2 * CEL_TEXT_MAX);
	for (size_t i = 0; i < in.len; i += 3) {
		const size_t n = in.len - i < 3 ? in.len - i : 3;
		uint32_t word = 0;

		for (size_t k = 0; k < 3; k++)
			word = word << 8 |
			    (k < n ? (unsigned char)in.ptr[i + k] : 0u);
		for (size_t k = 0; k < 4; k++)
			buf_putc(&b,
			    k <= n ? digits[word >> (18 - 6 * k) & 63] : '=');
	}
	return buf_slice(&b);
}

/* What JSON cannot hold is a text. */
static void
put_double(struct writer *w, double d)
{
	if (isnan(d))
		writer_str(w, "NaN");
	else if (isinf(d))
		writer_str(w, d > 0 ? "Infinity" : "-Infinity");
	else if (signbit(d) && fpclassify(d) == FP_ZERO)
		writer_str(w, "-0");
	else
		writer_double(w, d);
}

static void
put_time(struct writer *w, struct arena *a, int64_t seconds, int64_t nanos)
{
	writer_object(w);
	writer_member(
	    w, "seconds", arena_printf(a, "%lld", (long long)seconds));
	writer_name(w, "nanos");
	writer_int(w, nanos);
	writer_end(w);
}

static void
put_list(struct writer *w, struct arena *a, const struct value *v)
{
	writer_list(w);
	for (size_t i = 0; i < v->count; i++)
		put_json(w, a, &v->u.items[i]);
	writer_end(w);
}

static void
put_map(struct writer *w, struct arena *a, const struct value *v)
{
	writer_list(w);
	for (size_t i = 0; i < v->count; i++) {
		writer_list(w);
		put_json(w, a, &v->u.members[i].name);
		put_json(w, a, &v->u.members[i].value);
		writer_end(w);
	}
	writer_end(w);
}

static void
put_scalar(struct writer *w, struct arena *a, const struct value *v)
{
	switch ((enum cel_kind)v->kind) {
	case CEL_BOOL:
		writer_name(w, "bool");
		writer_bool(w, v->u.boolean);
		break;
	case CEL_INT:
		writer_member(
		    w, "int", arena_printf(a, "%lld", (long long)v->u.integer));
		break;
	case CEL_UINT:
		writer_member(w, "uint",
		    arena_printf(a, "%llu", (unsigned long long)v->u.integer));
		break;
	case CEL_DOUBLE:
		writer_name(w, "double");
		put_double(w, v->u.real);
		break;
	case CEL_STRING:
		writer_member(w, "string", cel_slice(v));
		break;
	case CEL_BYTES:
		writer_member(w, "bytes", base64(a, cel_slice(v)));
		break;
	case CEL_TYPE:
		writer_member(w, "type", cel_slice(v));
		break;
	case CEL_ERROR:
		writer_member(w, "error", cel_error_text(a, v));
		break;
	case CEL_OPAQUE:
		writer_member(w, "any", cel_type_name(v));
		break;
	case CEL_NULL:
	case CEL_LIST:
	case CEL_MAP:
	case CEL_TIMESTAMP:
	case CEL_DURATION:
	case CEL_OPTIONAL:
		writer_name(w, "null");
		writer_null(w);
		break;
	}
}

static void
put_json(struct writer *w, struct arena *a, const struct value *v)
{
	writer_object(w);
	if (v->kind == CEL_LIST) {
		writer_name(w, "list");
		put_list(w, a, v);
	} else if (v->kind == CEL_MAP) {
		writer_name(w, "map");
		put_map(w, a, v);
	} else if (v->kind == CEL_TIMESTAMP) {
		writer_name(w, "timestamp");
		put_time(w, a, v->u.integer, v->count);
	} else if (v->kind == CEL_DURATION) {
		writer_name(w, "duration");
		put_time(
		    w, a, v->u.integer / 1000000000, v->u.integer % 1000000000);
	} else if (v->kind == CEL_OPTIONAL) {
		writer_name(w, "optional");
		if (v->u.items != NULL)
			put_json(w, a, v->u.items);
		else
			writer_null(w);
	} else {
		put_scalar(w, a, v);
	}
	writer_end(w);
}

void
subject_value_json(struct buf *out, struct arena *a, const struct value *v)
{
	struct writer w;

	writer_init(&w, out);
	put_json(&w, a, v);
}

/* --- Text --- */

static void put_text(
    struct buf *b, struct arena *a, const struct value *v, size_t max);

static void
put_items(struct buf *b, struct arena *a, const struct value *v, size_t max)
{
	const bool map = v->kind == CEL_MAP;

	buf_putc(b, map ? '{' : '[');
	for (size_t i = 0; i < v->count; i++) {
		if (i > 0)
			buf_puts(b, ", ");
		if (b->len > max) {
			buf_puts(b, "...");
			break;
		}
		if (map) {
			put_text(b, a, &v->u.members[i].name, max);
			buf_puts(b, ": ");
		}
		put_text(
		    b, a, map ? &v->u.members[i].value : &v->u.items[i], max);
	}
	buf_putc(b, map ? '}' : ']');
}

static void
put_string(struct buf *b, struct arena *a, struct kg_slice s)
{
	struct writer w;
	struct buf json;

	buf_init(&json, a, 8 * CEL_TEXT_MAX);
	writer_init(&w, &json);
	writer_string(&w, s);
	buf_put(b, buf_slice(&json));
}

static void
put_moment(struct buf *b, const struct value *v)
{
	if (v->kind == CEL_DURATION) {
		buf_puts(b, "duration(\"");
		duration_put(b, v->u.integer);
	} else {
		buf_puts(b, "timestamp(\"");
		moment_put(b,
		    &(struct moment){
			v->u.integer, v->count, cel_offset(v) * 60 });
	}
	buf_puts(b, "\")");
}

static void
put_text(struct buf *b, struct arena *a, const struct value *v, size_t max)
{
	switch ((enum cel_kind)v->kind) {
	case CEL_NULL:
		buf_puts(b, "null");
		break;
	case CEL_BOOL:
		buf_puts(b, v->u.boolean ? "true" : "false");
		break;
	case CEL_INT:
		buf_put_int(b, v->u.integer);
		break;
	case CEL_UINT:
		buf_put_uint(b, (uint64_t)v->u.integer);
		buf_putc(b, 'u');
		break;
	case CEL_DOUBLE:
		double_put(b, v->u.real, DOUBLE_GENERAL, -1);
		break;
	case CEL_STRING:
		put_string(b, a, cel_slice(v));
		break;
	case CEL_BYTES:
		buf_putc(b, 'b');
		buf_put_quoted(b, cel_slice(v));
		break;
	case CEL_LIST:
	case CEL_MAP:
		put_items(b, a, v, max);
		break;
	case CEL_TIMESTAMP:
	case CEL_DURATION:
		put_moment(b, v);
		break;
	case CEL_TYPE:
		buf_put(b, cel_slice(v));
		break;
	case CEL_OPTIONAL:
		buf_puts(
		    b, v->u.items != NULL ? "optional.of(" : "optional.none(");
		if (v->u.items != NULL)
			put_text(b, a, v->u.items, max);
		buf_putc(b, ')');
		break;
	case CEL_OPAQUE:
		buf_put(b, cel_type_name(v));
		break;
	case CEL_ERROR:
		buf_puts(b, "error: ");
		buf_put_line(b, cel_error_text(a, v));
		break;
	}
}

void
subject_value_text(
    struct buf *out, struct arena *a, const struct value *v, size_t max)
{
	put_text(out, a, v, max);
}
