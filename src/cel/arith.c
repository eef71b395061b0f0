/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arithmetic. It never mixes types; whole numbers that overflow are errors,
 * as are times out of range; doubles are IEEE.
 */
#include "base/limits.h"
#include "cel/value.h"

/* 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z, seconds since 1970. */
#define TIME_FIRST (-62135596800)
#define TIME_LAST 253402300799
#define NANOS 1000000000

static struct value
overflow(enum cel_kind kind)
{
	return cel_error(kind == CEL_UINT ? "unsigned integer overflow"
					  : "integer overflow");
}

#define KIND(k) (1u << (k))
#define NUMBERS (KIND(CEL_INT) | KIND(CEL_UINT) | KIND(CEL_DOUBLE))
#define TIMES (KIND(CEL_TIMESTAMP) | KIND(CEL_DURATION))

/* cel-go names the operator where the left operand is of a type that has no
 * such one, nor methods of its own. */
struct value
cel_no_operator(const struct value *x, unsigned kinds, const char *message)
{
	const unsigned methods = KIND(CEL_STRING) | TIMES;

	return ((kinds | methods) & KIND(x->kind)) != 0 ? cel_no_overload()
							: cel_error(message);
}

struct value
cel_timestamp_checked(int64_t seconds, int64_t nanos)
{
	int64_t carry = nanos / NANOS;

	nanos %= NANOS;
	if (nanos < 0) {
		nanos += NANOS;
		carry--;
	}
	if (__builtin_add_overflow(seconds, carry, &seconds) ||
	    seconds < TIME_FIRST || seconds > TIME_LAST)
		return cel_error("timestamp overflow");
	return cel_timestamp(seconds, (uint32_t)nanos);
}

static struct value
add_ints(int64_t x, int64_t y)
{
	int64_t sum;

	return __builtin_add_overflow(x, y, &sum) ? overflow(CEL_INT)
						  : cel_int(sum);
}

static struct value
add_uints(uint64_t x, uint64_t y)
{
	uint64_t sum;

	return __builtin_add_overflow(x, y, &sum) ? overflow(CEL_UINT)
						  : cel_uint(sum);
}

static struct value
add_durations(int64_t x, int64_t y)
{
	int64_t sum;

	return __builtin_add_overflow(x, y, &sum) ? overflow(CEL_INT)
						  : cel_duration(sum);
}

/* The moment so much later, in the words of the first. */
static struct value
add_time(const struct value *moment, int64_t seconds, int64_t nanos)
{
	struct value v =
	    cel_timestamp_checked(moment->u.integer + seconds + nanos / NANOS,
		(int64_t)moment->count + nanos % NANOS);

	if (v.kind == CEL_TIMESTAMP)
		v.key = moment->key;
	return v;
}

static struct value
concat(struct arena *a, const struct value *x, const struct value *y)
{
	const size_t len = (size_t)x->count + y->count;
	char *text;

	if (y->count == 0)
		return *x;
	if (x->count == 0)
		return *y;
	if (len > CEL_TEXT_MAX)
		return cel_no_memory();
	text = arena_array(a, len, 1);
	if (text == NULL)
		return cel_no_memory();
	memcpy(text, x->u.bytes, x->count);
	memcpy(text + x->count, y->u.bytes, y->count);
	return cel_text((enum cel_kind)x->kind, slice_of(text, len));
}

static struct value
concat_lists(struct arena *a, const struct value *x, const struct value *y)
{
	const size_t count = (size_t)x->count + y->count;
	struct value *items;

	if (y->count == 0)
		return *x;
	if (x->count == 0)
		return *y;
	if (count > CEL_ITEMS_MAX)
		return cel_no_memory();
	items = arena_array(a, count, sizeof(*items));
	if (items == NULL)
		return cel_no_memory();
	memcpy(items, x->u.items, x->count * sizeof(*items));
	memcpy(items + x->count, y->u.items, y->count * sizeof(*items));
	return cel_list(items, count);
}

struct value
cel_add(struct arena *a, const struct value *x, const struct value *y)
{
	if (x->kind == CEL_TIMESTAMP && y->kind == CEL_DURATION)
		return add_time(x, 0, y->u.integer);
	if (x->kind == CEL_DURATION && y->kind == CEL_TIMESTAMP)
		return add_time(y, 0, x->u.integer);
	if (x->kind != y->kind)
		return cel_no_operator(x,
		    NUMBERS | TIMES | KIND(CEL_LIST) | KIND(CEL_BYTES),
		    "no such overload: _+_");
	if (x->kind == CEL_INT)
		return add_ints(x->u.integer, y->u.integer);
	if (x->kind == CEL_STRING || x->kind == CEL_BYTES)
		return concat(a, x, y);
	if (x->kind == CEL_LIST)
		return concat_lists(a, x, y);
	if (x->kind == CEL_UINT)
		return add_uints(
		    (uint64_t)x->u.integer, (uint64_t)y->u.integer);
	if (x->kind == CEL_DOUBLE)
		return cel_double(x->u.real + y->u.real);
	if (x->kind == CEL_DURATION)
		return add_durations(x->u.integer, y->u.integer);
	return cel_no_operator(x,
	    NUMBERS | TIMES | KIND(CEL_LIST) | KIND(CEL_BYTES),
	    "no such overload: _+_");
}

/* Nanoseconds between two moments, when 64 bits hold them. */
static struct value
time_between(const struct value *x, const struct value *y)
{
	const int64_t nanos = (int64_t)x->count - (int64_t)y->count;
	int64_t all;

	if (__builtin_mul_overflow(
		x->u.integer - y->u.integer, (int64_t)NANOS, &all) ||
	    __builtin_add_overflow(all, nanos, &all))
		return overflow(CEL_INT);
	return cel_duration(all);
}

static struct value
subtract_time(const struct value *x, const struct value *y)
{
	int64_t nanos;

	if (y->kind == CEL_TIMESTAMP && x->kind == CEL_TIMESTAMP)
		return time_between(x, y);
	if (y->kind != CEL_DURATION)
		return cel_no_overload();
	if (x->kind == CEL_TIMESTAMP)
		return add_time(
		    x, -(y->u.integer / NANOS), -(y->u.integer % NANOS));
	if (__builtin_sub_overflow(x->u.integer, y->u.integer, &nanos))
		return overflow(CEL_INT);
	return cel_duration(nanos);
}

struct value
cel_subtract(const struct value *x, const struct value *y)
{
	int64_t i;

	if (x->kind == CEL_TIMESTAMP || x->kind == CEL_DURATION)
		return subtract_time(x, y);
	if (x->kind != y->kind)
		return cel_no_operator(
		    x, NUMBERS | TIMES, "no such overload: _-_");
	if (x->kind == CEL_INT)
		return __builtin_sub_overflow(x->u.integer, y->u.integer, &i)
		    ? overflow(CEL_INT)
		    : cel_int(i);
	if (x->kind == CEL_UINT) {
		const uint64_t u = (uint64_t)x->u.integer;
		const uint64_t v = (uint64_t)y->u.integer;

		return u < v ? overflow(CEL_UINT) : cel_uint(u - v);
	}
	if (x->kind == CEL_DOUBLE)
		return cel_double(x->u.real - y->u.real);
	return cel_no_operator(x, NUMBERS | TIMES, "no such overload: _-_");
}

struct value
cel_multiply(const struct value *x, const struct value *y)
{
	int64_t i;
	uint64_t u;

	if (x->kind != y->kind)
		return cel_no_operator(x, NUMBERS, "no such overload: _*_");
	if (x->kind == CEL_INT)
		return __builtin_mul_overflow(x->u.integer, y->u.integer, &i)
		    ? overflow(CEL_INT)
		    : cel_int(i);
	if (x->kind == CEL_UINT)
		return __builtin_mul_overflow(
			   (uint64_t)x->u.integer, (uint64_t)y->u.integer, &u)
		    ? overflow(CEL_UINT)
		    : cel_uint(u);
	if (x->kind == CEL_DOUBLE)
		return cel_double(x->u.real * y->u.real);
	return cel_no_operator(x, NUMBERS, "no such overload: _*_");
}

struct value
cel_divide(const struct value *x, const struct value *y)
{
	if (x->kind != y->kind)
		return cel_no_operator(x, NUMBERS, "no such overload: _/_");
	if (x->kind == CEL_DOUBLE)
		return cel_double(x->u.real / y->u.real);
	if (x->kind != CEL_INT && x->kind != CEL_UINT)
		return cel_no_operator(x, NUMBERS, "no such overload: _/_");
	if (y->u.integer == 0)
		return cel_error("division by zero");
	if (x->kind == CEL_UINT)
		return cel_uint(
		    (uint64_t)x->u.integer / (uint64_t)y->u.integer);
	if (x->u.integer == INT64_MIN && y->u.integer == -1)
		return overflow(CEL_INT);
	return cel_int(x->u.integer / y->u.integer);
}

struct value
cel_modulo(const struct value *x, const struct value *y)
{
	if (x->kind != y->kind || (x->kind != CEL_INT && x->kind != CEL_UINT))
		return cel_no_operator(
		    x, KIND(CEL_INT) | KIND(CEL_UINT), "no such overload: _%_");
	if (y->u.integer == 0)
		return cel_error("modulus by zero");
	if (x->kind == CEL_UINT)
		return cel_uint(
		    (uint64_t)x->u.integer % (uint64_t)y->u.integer);
	if (x->u.integer == INT64_MIN && y->u.integer == -1)
		return overflow(CEL_INT);
	return cel_int(x->u.integer % y->u.integer);
}

struct value
cel_negate(const struct value *x)
{
	if (x->kind == CEL_DOUBLE)
		return cel_double(-x->u.real);
	if (x->kind == CEL_INT)
		return x->u.integer == INT64_MIN ? overflow(CEL_INT)
						 : cel_int(-x->u.integer);
	if (x->kind == CEL_DURATION)
		return x->u.integer == INT64_MIN ? overflow(CEL_INT)
						 : cel_duration(-x->u.integer);
	return cel_no_operator(x, KIND(CEL_BOOL), "no such overload: -_");
}
