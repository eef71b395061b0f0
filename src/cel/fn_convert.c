/* SPDX-License-Identifier: Apache-2.0 */
/* Conversions between types, as cel-go does them. */
#include "base/limits.h"
#include "base/utf8.h"
#include "cel/eval.h"
#include "value/moment.h"
#include "value/number.h"

static struct value
no_conversion(struct cel_eval *e, const struct value *v, const char *to)
{
	return cel_errorf(e->arena, "type conversion error from '%.*s' to '%s'",
	    SLICE_ARG(cel_type_name(v)), to);
}

/* --- Texts of numbers --- */

/* Decimal digits; false when there are none, others, or too many. */
static bool
read_digits(struct kg_slice text, uint64_t *out)
{
	uint64_t n = 0;

	if (text.len == 0)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		const char c = text.ptr[i];

		if (c < '0' || c > '9' || __builtin_mul_overflow(n, 10u, &n) ||
		    __builtin_add_overflow(n, (uint64_t)(c - '0'), &n))
			return false;
	}
	*out = n;
	return true;
}

static struct value
int_of_text(struct cel_eval *e, const struct value *v)
{
	struct kg_slice text = cel_slice(v);
	const bool minus = text.len > 0 && text.ptr[0] == '-';
	uint64_t n;

	if (minus || (text.len > 0 && text.ptr[0] == '+'))
		text = slice_from(text, 1);
	if (!read_digits(text, &n) || n > (uint64_t)INT64_MAX + minus)
		return no_conversion(e, v, "int");
	return cel_int(minus ? (int64_t)(0 - n) : (int64_t)n);
}

/* --- To numbers --- */

struct value
cel_fn_to_int(struct cel_eval *e, const struct value *args)
{
	const struct value *v = &args[0];

	switch ((enum cel_kind)v->kind) {
	case CEL_UINT:
		return v->u.integer < 0 ? cel_error("integer overflow")
					: cel_int(v->u.integer);
	case CEL_DOUBLE:
		if (!(v->u.real > -0x1p63 && v->u.real < 0x1p63))
			return cel_error("integer overflow");
		return cel_int((int64_t)v->u.real);
	case CEL_STRING:
		return int_of_text(e, v);
	case CEL_INT:
	case CEL_TIMESTAMP: /* seconds */
	case CEL_DURATION:  /* nanoseconds */
		return cel_int(v->u.integer);
	case CEL_NULL:
	case CEL_BOOL:
	case CEL_LIST:
	case CEL_MAP:
	case CEL_BYTES:
	case CEL_TYPE:
	case CEL_OPTIONAL:
	case CEL_OPAQUE:
	case CEL_ERROR:
		break;
	}
	return no_conversion(e, v, "int");
}

struct value
cel_fn_to_uint(struct cel_eval *e, const struct value *args)
{
	const struct value *v = &args[0];
	uint64_t n;

	if (v->kind == CEL_UINT)
		return *v;
	if (v->kind == CEL_INT)
		return v->u.integer < 0 ? cel_error("unsigned integer overflow")
					: cel_uint((uint64_t)v->u.integer);
	if (v->kind == CEL_DOUBLE) {
		if (!(v->u.real >= 0 && v->u.real < 0x1p64))
			return cel_error("unsigned integer overflow");
		return cel_uint((uint64_t)v->u.real);
	}
	if (v->kind == CEL_STRING && read_digits(cel_slice(v), &n))
		return cel_uint(n);
	return no_conversion(e, v, "uint");
}

struct value
cel_fn_to_double(struct cel_eval *e, const struct value *args)
{
	const struct value *v = &args[0];
	double d;

	if (v->kind == CEL_DOUBLE)
		return *v;
	if (v->kind == CEL_INT)
		return cel_double((double)v->u.integer);
	if (v->kind == CEL_UINT)
		return cel_double((double)(uint64_t)v->u.integer);
	if (v->kind == CEL_STRING && double_read(cel_slice(v), &d) == DOUBLE_OK)
		return cel_double(d);
	return no_conversion(e, v, "double");
}

struct value
cel_fn_to_bool(struct cel_eval *e, const struct value *args)
{
	static const char *const yes[] = { "1", "t", "T", "true", "TRUE",
		"True" };
	static const char *const no[] = { "0", "f", "F", "false", "FALSE",
		"False" };
	const struct value *v = &args[0];

	if (v->kind == CEL_BOOL)
		return *v;
	for (size_t i = 0; i < sizeof(yes) / sizeof(*yes); i++) {
		if (slice_is(cel_slice(v), yes[i]))
			return cel_bool(true);
		if (slice_is(cel_slice(v), no[i]))
			return cel_bool(false);
	}
	return no_conversion(e, v, "bool");
}

/* --- To texts --- */

struct value
cel_fn_to_bytes(struct cel_eval *e, const struct value *args)
{
	(void)e;
	return cel_bytes(cel_slice(&args[0]));
}

static void
put_value(struct buf *out, const struct value *v)
{
	if (v->kind == CEL_BOOL)
		buf_puts(out, v->u.boolean ? "true" : "false");
	else if (v->kind == CEL_INT)
		buf_put_int(out, v->u.integer);
	else if (v->kind == CEL_UINT)
		buf_put_uint(out, (uint64_t)v->u.integer);
	else if (v->kind == CEL_DOUBLE)
		double_put(out, v->u.real, DOUBLE_GENERAL, -1);
	else if (v->kind == CEL_TIMESTAMP)
		moment_put(out,
		    &(struct moment){
			v->u.integer, v->count, cel_offset(v) * 60 });
	else if (v->kind == CEL_DURATION)
		duration_put(out, v->u.integer);
}

struct value
cel_fn_to_string(struct cel_eval *e, const struct value *args)
{
	const struct value *v = &args[0];
	struct buf out;

	if (v->kind == CEL_STRING || v->kind == CEL_TYPE)
		return cel_string(cel_slice(v));
	if (v->kind == CEL_BYTES)
		return utf8_valid(cel_slice(v))
		    ? cel_string(cel_slice(v))
		    : cel_error(
			  "invalid UTF-8 in bytes, cannot convert to string");
	buf_init(&out, e->arena, DIAG_MESSAGE_MAX);
	put_value(&out, v);
	if (out.len == 0 && !buf_failed(&out))
		return no_conversion(e, v, "string");
	return cel_string_built(&out);
}

/* --- To times --- */

struct value
cel_fn_to_timestamp(struct cel_eval *e, const struct value *args)
{
	const struct value *v = &args[0];
	struct value moment;
	struct moment m;

	if (v->kind == CEL_TIMESTAMP)
		return *v;
	if (v->kind == CEL_INT)
		return cel_timestamp_checked(v->u.integer, 0);
	if (v->kind != CEL_STRING)
		return no_conversion(e, v, "google.protobuf.Timestamp");
	switch (moment_parse(cel_slice(v), &m)) {
	case MOMENT_OK:
		moment = cel_timestamp(m.seconds, m.nanos);
		moment.key = (uint16_t)(m.offset / 60);
		return moment;
	case MOMENT_RANGE:
		return cel_error("timestamp overflow");
	case MOMENT_SYNTAX:
		break;
	}
	return no_conversion(e, v, "google.protobuf.Timestamp");
}

struct value
cel_fn_to_duration(struct cel_eval *e, const struct value *args)
{
	const struct value *v = &args[0];
	int64_t nanos;

	if (v->kind == CEL_DURATION)
		return *v;
	if (v->kind == CEL_STRING &&
	    duration_parse(cel_slice(v), &nanos) == DURATION_OK)
		return cel_duration(nanos);
	return no_conversion(e, v, "google.protobuf.Duration");
}
