/* SPDX-License-Identifier: Apache-2.0 */
/* Equality, order, lookups, sizes and errors of values. */
#include "cel/value.h"

#include <stdarg.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "value/number.h"

/* --- Errors --- */

struct value
cel_no_memory(void)
{
	struct value v = cel_error("out of memory for this evaluation");

	v.flags = CEL_ERROR_SPENT;
	return v;
}

struct value
cel_errorf(struct arena *a, const char *format, ...)
{
	char text[DIAG_MESSAGE_MAX];
	struct kg_slice copy;
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (n < 0)
		return cel_no_memory();
	copy = arena_copy(
	    a, utf8_cut(slice_of(text, strlen(text)), sizeof(text) - 1));
	return copy.ptr != NULL ? cel_text(CEL_ERROR, copy) : cel_no_memory();
}

struct value
cel_error_built(const struct buf *message)
{
	if (buf_failed(message))
		return cel_no_memory();
	return cel_text(CEL_ERROR, buf_slice(message));
}

struct value
cel_string_built(const struct buf *text)
{
	if (buf_failed(text))
		return cel_no_memory();
	return cel_string(text->len > 0 ? buf_slice(text) : SLICE(""));
}

struct value
cel_no_overload(void)
{
	return cel_error("no such overload");
}

struct value
cel_bytes_key(void)
{
	return cel_error("internal error: runtime error: hash of unhashable "
			 "type types.Bytes");
}

struct value
cel_error_of_double(
    struct arena *a, const char *before, double d, const char *after)
{
	struct buf text;

	buf_init(&text, a, DIAG_MESSAGE_MAX);
	buf_puts(&text, before);
	double_put(&text, d, DOUBLE_GENERAL, -1);
	buf_puts(&text, after);
	return cel_error_built(&text);
}

struct value
cel_no_key(struct arena *a, const struct value *key)
{
	struct value error;

	if (key->kind == CEL_STRING) {
		error = cel_text(CEL_ERROR, cel_slice(key));
		error.flags = CEL_ERROR_NO_KEY;
		return error;
	}
	if (key->kind == CEL_INT)
		return cel_errorf(
		    a, "no such key: %lld", (long long)key->u.integer);
	if (key->kind == CEL_UINT)
		return cel_errorf(
		    a, "no such key: %llu", (unsigned long long)key->u.integer);
	if (key->kind == CEL_BOOL)
		return cel_error(key->u.boolean ? "no such key: true"
						: "no such key: false");
	if (key->kind == CEL_DOUBLE)
		return cel_error_of_double(a, "no such key: ", key->u.real, "");
	return cel_errorf(
	    a, "no such key: %.*s", SLICE_ARG(cel_type_name(key)));
}

struct kg_slice
cel_error_text(struct arena *a, const struct value *error)
{
	const struct kg_slice text = slice_of(error->u.bytes, error->count);
	struct buf message;

	if (error->flags != CEL_ERROR_NO_KEY)
		return text;
	buf_init(&message, a, DIAG_MESSAGE_MAX);
	buf_puts(&message, "no such key: ");
	buf_put(&message, utf8_cut(text, QUOTE_MAX));
	return buf_slice(&message);
}

/* --- Types --- */

struct kg_slice
cel_type_name(const struct value *v)
{
	static const struct kg_slice names[] = {
		[CEL_NULL] = SLICE_INIT("null_type"),
		[CEL_BOOL] = SLICE_INIT("bool"),
		[CEL_INT] = SLICE_INIT("int"),
		[CEL_DOUBLE] = SLICE_INIT("double"),
		[CEL_STRING] = SLICE_INIT("string"),
		[CEL_LIST] = SLICE_INIT("list"),
		[CEL_MAP] = SLICE_INIT("map"),
		[CEL_UINT] = SLICE_INIT("uint"),
		[CEL_BYTES] = SLICE_INIT("bytes"),
		[CEL_TIMESTAMP] = SLICE_INIT("google.protobuf.Timestamp"),
		[CEL_DURATION] = SLICE_INIT("google.protobuf.Duration"),
		[CEL_TYPE] = SLICE_INIT("type"),
		[CEL_OPTIONAL] = SLICE_INIT("optional_type"),
		[CEL_OPAQUE] = SLICE_INIT("opaque"),
		[CEL_ERROR] = SLICE_INIT("error"),
	};

	if (v->kind == CEL_OPAQUE)
		return v->u.opaque->class->name;
	return names[v->kind];
}

const char *
cel_go_type_name(const struct value *v)
{
	static const char *const names[] = {
		[CEL_NULL] = "types.Null",
		[CEL_BOOL] = "types.Bool",
		[CEL_INT] = "types.Int",
		[CEL_DOUBLE] = "types.Double",
		[CEL_STRING] = "types.String",
		[CEL_LIST] = "*types.baseList",
		[CEL_MAP] = "*types.baseMap",
		[CEL_UINT] = "types.Uint",
		[CEL_BYTES] = "types.Bytes",
		[CEL_TIMESTAMP] = "types.Timestamp",
		[CEL_DURATION] = "types.Duration",
		[CEL_TYPE] = "*types.Type",
		[CEL_OPTIONAL] = "*types.Optional",
		[CEL_OPAQUE] = NULL, /* its class tells */
		[CEL_ERROR] = "*types.Err",
	};

	return v->kind == CEL_OPAQUE ? v->u.opaque->class->go_name
				     : names[v->kind];
}

int64_t
cel_size(const struct value *v)
{
	if (v->kind == CEL_STRING)
		return (int64_t)utf8_length(cel_slice(v));
	if (v->kind == CEL_BYTES || v->kind == CEL_LIST || v->kind == CEL_MAP)
		return v->count;
	return -1;
}

/* --- Numbers --- */

#define INT_END 0x1p63  /* the first double past int64 */
#define UINT_END 0x1p64 /* ... and past uint64 */

static enum cel_order
order_of(int64_t a, int64_t b)
{
	return a < b ? CEL_LESS : a > b ? CEL_GREATER : CEL_SAME;
}

static enum cel_order
order_of_unsigned(uint64_t a, uint64_t b)
{
	return a < b ? CEL_LESS : a > b ? CEL_GREATER : CEL_SAME;
}

static enum cel_order
order_of_doubles(double a, double b)
{
	return a < b ? CEL_LESS
	    : a > b  ? CEL_GREATER
	    : a == b ? CEL_SAME /* NOLINT: exact on purpose */
		     : CEL_UNORDERED;
}

/* As cel-go does it: beyond the range of the type the sign decides, within it
 * the whole number is rounded to a double first. */
static enum cel_order
int_against_double(int64_t i, double d)
{
	if (d > INT_END)
		return CEL_LESS;
	if (d < -INT_END)
		return CEL_GREATER;
	return order_of_doubles((double)i, d);
}

static enum cel_order
uint_against_double(uint64_t u, double d)
{
	if (d > UINT_END)
		return CEL_LESS;
	if (d < 0)
		return CEL_GREATER;
	return order_of_doubles((double)u, d);
}

static enum cel_order
int_against_uint(int64_t i, uint64_t u)
{
	return i < 0 ? CEL_LESS : order_of_unsigned((uint64_t)i, u);
}

static enum cel_order
turned(enum cel_order order)
{
	return order == CEL_LESS   ? CEL_GREATER
	    : order == CEL_GREATER ? CEL_LESS
				   : order;
}

enum cel_order
cel_compare_numbers(const struct value *a, const struct value *b)
{
	const int64_t x = a->u.integer, y = b->u.integer;

	if (a->kind == b->kind) {
		if (a->kind == CEL_INT)
			return order_of(x, y);
		if (a->kind == CEL_UINT)
			return order_of_unsigned((uint64_t)x, (uint64_t)y);
		return order_of_doubles(a->u.real, b->u.real);
	}
	if (a->kind == CEL_DOUBLE)
		return turned(cel_compare_numbers(b, a));
	if (b->kind == CEL_DOUBLE)
		return a->kind == CEL_INT
		    ? int_against_double(x, b->u.real)
		    : uint_against_double((uint64_t)x, b->u.real);
	if (a->kind == CEL_INT)
		return int_against_uint(x, (uint64_t)y);
	return turned(int_against_uint(y, (uint64_t)x));
}

/* --- Order --- */

static enum cel_order
order_of_slices(struct kg_slice a, struct kg_slice b)
{
	const int order = slice_cmp(a, b);

	return order < 0 ? CEL_LESS : order > 0 ? CEL_GREATER : CEL_SAME;
}

enum cel_order
cel_compare(const struct value *a, const struct value *b)
{
	enum cel_order order;

	if (cel_is_number(a) && cel_is_number(b))
		return cel_compare_numbers(a, b);
	if (a->kind != b->kind)
		return CEL_NO_ORDER;
	switch ((enum cel_kind)a->kind) {
	case CEL_BOOL:
		return order_of(a->u.boolean, b->u.boolean);
	case CEL_STRING:
	case CEL_BYTES:
		return order_of_slices(cel_slice(a), cel_slice(b));
	case CEL_TIMESTAMP:
		order = order_of(a->u.integer, b->u.integer);
		return order != CEL_SAME ? order : order_of(a->count, b->count);
	case CEL_DURATION:
		return order_of(a->u.integer, b->u.integer);
	case CEL_NULL:
	case CEL_INT:
	case CEL_DOUBLE:
	case CEL_LIST:
	case CEL_MAP:
	case CEL_UINT:
	case CEL_TYPE:
	case CEL_OPTIONAL:
	case CEL_OPAQUE:
	case CEL_ERROR:
		break;
	}
	return CEL_NO_ORDER;
}

/* --- Maps --- */

/* As a key a double is the whole number that it is, or none. */
static bool
whole_key(const struct value *v, struct value *whole)
{
	*whole = *v;
	if (v->kind != CEL_DOUBLE)
		return true;
	if (v->u.real >= -INT_END && v->u.real < INT_END)
		*whole = cel_int((int64_t)v->u.real);
	else if (v->u.real >= 0 && v->u.real < UINT_END)
		*whole = cel_uint((uint64_t)v->u.real);
	return whole->kind != CEL_DOUBLE &&
	    cel_compare_numbers(whole, v) == CEL_SAME;
}

static bool
number_keys_equal(const struct value *a, const struct value *b)
{
	struct value x, y;

	return whole_key(a, &x) && whole_key(b, &y) &&
	    cel_compare_numbers(&x, &y) == CEL_SAME;
}

/*
 * Keys are equal without looking any deeper: a list or map as a key is found
 * by nobody. exact: of one type.
 */
static bool
key_equal(const struct value *a, const struct value *b, bool exact)
{
	if (a->kind != b->kind)
		return !exact && cel_is_number(a) && cel_is_number(b) &&
		    number_keys_equal(a, b);
	switch ((enum cel_kind)a->kind) {
	case CEL_STRING:
	case CEL_TYPE:
		return slice_eq(cel_slice(a), cel_slice(b));
	case CEL_BOOL:
		return a->u.boolean == b->u.boolean;
	case CEL_NULL:
		return true;
	case CEL_INT:
	case CEL_UINT:
	case CEL_DURATION:
		return a->u.integer == b->u.integer;
	case CEL_DOUBLE:
		return cel_compare_numbers(a, b) == CEL_SAME;
	case CEL_TIMESTAMP:
		return a->u.integer == b->u.integer && a->count == b->count;
	case CEL_BYTES:
	case CEL_LIST:
	case CEL_MAP:
	case CEL_OPTIONAL:
	case CEL_OPAQUE:
	case CEL_ERROR:
		break;
	}
	return false;
}

static const struct value *
find_key(const struct value *map, const struct value *key, bool exact)
{
	for (size_t i = 0; i < map->count; i++) {
		if (key_equal(&map->u.members[i].name, key, exact))
			return &map->u.members[i].value;
	}
	return NULL;
}

const struct value *
cel_map_find_exact(const struct value *map, const struct value *key)
{
	return find_key(map, key, true);
}

const struct value *
cel_map_find(const struct value *map, const struct value *key)
{
	const struct value *found;

	if ((map->flags & CEL_LOOSE) == 0)
		return key->kind == CEL_STRING ? value_find(map, cel_slice(key))
					       : NULL;
	found = find_key(map, key, true);
	return found == NULL && cel_is_number(key) ? find_key(map, key, false)
						   : found;
}

/* --- Equality --- */

/* Recursion: bounded by depth; documents end at DEPTH_MAX. */
static bool equal(const struct value *a, const struct value *b,
    struct cel_work *work, unsigned depth);

static bool
lists_equal(const struct value *a, const struct value *b, struct cel_work *work,
    unsigned depth)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		if (!equal(&a->u.items[i], &b->u.items[i], work, depth))
			return false;
	}
	return true;
}

/* Two maps of one encoder have their members in one order. */
static const struct value *
find_near(const struct value *map, const struct value *key, size_t i,
    struct cel_work *work)
{
	const uint64_t cost = map->count / 8;

	if (key_equal(&map->u.members[i].name, key, true))
		return &map->u.members[i].value;
	work->left -= cost < work->left ? cost : work->left;
	return cel_map_find(map, key);
}

static bool
maps_equal(const struct value *a, const struct value *b, struct cel_work *work,
    unsigned depth)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		const struct member *m = &a->u.members[i];
		const struct value *other = find_near(b, &m->name, i, work);

		if (other == NULL || !equal(&m->value, other, work, depth))
			return false;
	}
	return true;
}

static bool
optionals_equal(const struct value *a, const struct value *b,
    struct cel_work *work, unsigned depth)
{
	if (a->u.items == NULL || b->u.items == NULL)
		return a->u.items == b->u.items;
	return equal(a->u.items, b->u.items, work, depth);
}

static bool
opaques_equal(const struct cel_opaque *a, const struct cel_opaque *b)
{
	return a == b || (a->class == b->class && a->class->equal(a, b));
}

static bool
equal(const struct value *a, const struct value *b, struct cel_work *work,
    unsigned depth)
{
	if (cel_is_number(a) && cel_is_number(b))
		return cel_compare_numbers(a, b) == CEL_SAME;
	if (a->kind != b->kind)
		return false;
	if (work->left == 0 || depth == 0) {
		work->left = 0;
		return false;
	}
	work->left--;
	switch ((enum cel_kind)a->kind) {
	case CEL_NULL:
		return true;
	case CEL_BOOL:
		return a->u.boolean == b->u.boolean;
	case CEL_STRING:
	case CEL_BYTES:
	case CEL_TYPE:
		return slice_eq(cel_slice(a), cel_slice(b));
	case CEL_LIST:
		return lists_equal(a, b, work, depth - 1);
	case CEL_MAP:
		return maps_equal(a, b, work, depth - 1);
	case CEL_TIMESTAMP:
		return a->u.integer == b->u.integer && a->count == b->count;
	case CEL_DURATION:
		return a->u.integer == b->u.integer;
	case CEL_OPTIONAL:
		return optionals_equal(a, b, work, depth - 1);
	case CEL_OPAQUE:
		return opaques_equal(a->u.opaque, b->u.opaque);
	case CEL_INT:
	case CEL_UINT:
	case CEL_DOUBLE:
	case CEL_ERROR:
		break;
	}
	return false;
}

bool
cel_equal(const struct value *a, const struct value *b, struct cel_work *work)
{
	return equal(a, b, work, CEL_VALUE_DEPTH_MAX);
}

/* Numbers that are equal are so as doubles; 0.0 and -0.0 are one, too. */
static uint64_t
number_bits(const struct value *v)
{
	double d = v->kind == CEL_DOUBLE ? v->u.real
	    : v->kind == CEL_INT         ? (double)v->u.integer
					 : (double)(uint64_t)v->u.integer;
	uint64_t bits;

	d += 0.0;
	memcpy(&bits, &d, sizeof(bits));
	return bits;
}

uint64_t
cel_hash(const struct value *v, uint64_t seed)
{
	if (cel_is_number(v))
		return hash_mix(seed ^ number_bits(v), HASH_MUL);
	if (v->kind == CEL_STRING || v->kind == CEL_BYTES ||
	    v->kind == CEL_TYPE)
		return hash_bytes(seed ^ v->kind, v->u.bytes, v->count);
	if (v->kind == CEL_LIST || v->kind == CEL_MAP)
		return hash_mix(seed ^ v->kind, v->count);
	return hash_mix(seed ^ v->kind, HASH_MUL);
}
