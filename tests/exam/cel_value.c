/* SPDX-License-Identifier: Apache-2.0 */
/* Values and types as the cases of the language exam write them. */
#include <math.h>

#include "base/limits.h"
#include "exam/cel_case.h"
#include "value/number.h"

static int64_t
integer_of(const struct value *text)
{
	struct value v = *text;

	v.key = 0;
	return text->kind == CEL_INT ? text->u.integer
				     : strtoll(value_str(&v).ptr, NULL, 10);
}

static struct value
real_of(const struct value *v)
{
	const struct kg_slice text = value_str(v);

	if (v->kind == CEL_INT)
		return cel_double((double)v->u.integer);
	if (v->kind == CEL_DOUBLE)
		return cel_double(v->u.real);
	if (slice_is(text, "NaN"))
		return cel_double(NAN);
	if (slice_is(text, "-0"))
		return cel_double(-0.0);
	return cel_double(slice_is(text, "Infinity") ? INFINITY : -INFINITY);
}

static struct value
list_of(struct arena *a, const struct value *json)
{
	struct value *items = arena_array(a, json->count, sizeof(*items));

	for (size_t i = 0; items != NULL && i < json->count; i++)
		items[i] = cel_case_value(a, &json->u.items[i]);
	return cel_list(items, json->count);
}

static struct value
map_of(struct arena *a, const struct value *json)
{
	struct member *members = arena_array(a, json->count, sizeof(*members));

	for (size_t i = 0; members != NULL && i < json->count; i++) {
		const struct value *pair = &json->u.items[i];

		members[i].name = cel_case_value(a, value_at(pair, 0));
		members[i].value = cel_case_value(a, value_at(pair, 1));
	}
	return cel_map(members, json->count);
}

static struct value
bytes_of(struct arena *a, const struct value *json)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const struct kg_slice text = value_str(json);
	char *out = arena_array(a, text.len + 1, 1);
	size_t len = 0;
	uint32_t word = 0;
	unsigned bits = 0;

	for (size_t i = 0; out != NULL && i < text.len; i++) {
		const char *digit = strchr(digits, text.ptr[i]);

		if (digit == NULL) /* the padding */
			break;
		word = word << 6 | (uint32_t)(digit - digits);
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			out[len++] = (char)(word >> bits & 0xff);
		}
	}
	return cel_bytes(slice_of(out, len));
}

static struct value
time_of(const struct value *json, bool duration)
{
	const int64_t seconds = integer_of(value_find(json, SLICE("seconds")));
	const int64_t nanos = integer_of(value_find(json, SLICE("nanos")));

	if (duration)
		return cel_duration(seconds * 1000000000 + nanos);
	return cel_timestamp(seconds, (uint32_t)nanos);
}

struct value
cel_case_value(struct arena *a, const struct value *json)
{
	const struct member *m = value_member(json, 0);
	struct kg_slice kind;
	const struct value *v;

	if (m == NULL)
		return cel_error("no value");
	kind = value_str(&m->name);
	v = &m->value;
	if (slice_is(kind, "null"))
		return cel_null();
	if (slice_is(kind, "bool"))
		return cel_bool(value_true(v));
	if (slice_is(kind, "int"))
		return cel_int(integer_of(v));
	if (slice_is(kind, "uint"))
		return cel_uint(strtoull(value_str(v).ptr, NULL, 10));
	if (slice_is(kind, "double"))
		return real_of(v);
	if (slice_is(kind, "string"))
		return cel_string(value_str(v));
	if (slice_is(kind, "bytes"))
		return bytes_of(a, v);
	if (slice_is(kind, "list"))
		return list_of(a, v);
	if (slice_is(kind, "map"))
		return map_of(a, v);
	if (slice_is(kind, "type"))
		return cel_text(CEL_TYPE, value_str(v));
	if (slice_is(kind, "timestamp") || slice_is(kind, "duration"))
		return time_of(v, slice_is(kind, "duration"));
	return cel_error("a kind of value that is not ours");
}

/* --- Types --- */

static const struct cel_type *
named_type(const struct cel_env *env, struct kg_slice name)
{
	static const struct {
		const char *name;
		const struct cel_type *type;
	} names[] = {
		{ "dyn", &cel_t_dyn },
		{ "any", &cel_t_dyn },
		{ "null", &cel_t_null },
		{ "bool", &cel_t_bool },
		{ "int", &cel_t_int },
		{ "uint", &cel_t_uint },
		{ "double", &cel_t_double },
		{ "string", &cel_t_string },
		{ "bytes", &cel_t_bytes },
		{ "timestamp", &cel_t_timestamp },
		{ "duration", &cel_t_duration },
		{ "error", &cel_t_error },
	};

	(void)env;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (slice_is(name, names[i].name))
			return names[i].type;
	}
	return NULL;
}

static const struct cel_type *
with_params(struct arena *a, const struct cel_env *env,
    const struct cel_type *like, const struct value *json)
{
	const struct cel_type *params[CEL_TYPE_PARAMS_MAX];
	size_t count = 0;

	for (size_t i = 0; i < value_len(json) && i < CEL_TYPE_PARAMS_MAX; i++)
		params[count++] = cel_case_type(a, env, value_at(json, i));
	for (size_t i = 0; i < count; i++) {
		if (params[i] == NULL)
			return NULL;
	}
	return cel_type_with(a, like, params, count);
}

static const struct cel_type *
own_type(struct arena *a, enum cel_type_kind kind, struct kg_slice name)
{
	struct cel_type *t = arena_alloc(a, sizeof(*t));

	if (t != NULL) {
		t->kind = kind;
		t->name = name;
	}
	return t;
}

static const struct cel_type *
opaque_type(
    struct arena *a, const struct cel_env *env, const struct value *json)
{
	const struct kg_slice name =
	    value_str(value_find(json, SLICE("opaque")));
	const struct cel_type *like = slice_is(name, "optional_type")
	    ? &cel_t_opt_a
	    : own_type(a, CEL_TYPE_OPAQUE, name);

	return like == NULL
	    ? NULL
	    : with_params(a, env, like, value_find(json, SLICE("params")));
}

const struct cel_type *
cel_case_type(
    struct arena *a, const struct cel_env *env, const struct value *json)
{
	const struct member *m = value_member(json, 0);
	const struct cel_type *of;

	if (json != NULL && json->kind == VALUE_STRING)
		return named_type(env, value_str(json));
	if (m == NULL)
		return NULL;
	if (value_find(json, SLICE("opaque")) != NULL)
		return opaque_type(a, env, json);
	if (slice_is(value_str(&m->name), "map"))
		return with_params(a, env, &cel_t_map_ab, &m->value);
	if (slice_is(value_str(&m->name), "type_param"))
		return own_type(a, CEL_TYPE_PARAM, value_str(&m->value));
	of = cel_case_type(a, env, &m->value);
	if (of == NULL)
		return NULL;
	if (slice_is(value_str(&m->name), "list"))
		return cel_type_list(a, of);
	if (slice_is(value_str(&m->name), "type"))
		return cel_type_with(a, &cel_t_type_a, &of, 1);
	return NULL;
}

/* --- Comparing --- */

static bool
same_map(const struct value *a, const struct value *b)
{
	for (size_t i = 0; i < a->count; i++) {
		size_t j = 0;

		while (j < b->count &&
		    !(cel_case_same(
			  &a->u.members[i].name, &b->u.members[j].name) &&
			cel_case_same(
			    &a->u.members[i].value, &b->u.members[j].value)))
			j++;
		if (j == b->count)
			return false;
	}
	return true;
}

bool
cel_case_same(const struct value *a, const struct value *b)
{
	struct cel_work work = { CEL_WORK_MAX };

	if (a->kind != b->kind)
		return false;
	if (a->kind == CEL_DOUBLE)
		return (isnan(a->u.real) && isnan(b->u.real)) ||
		    memcmp(&a->u.real, &b->u.real, sizeof(double)) == 0;
	if (a->kind == CEL_MAP)
		return a->count == b->count && same_map(a, b);
	if (a->kind != CEL_LIST)
		return cel_equal(a, b, &work);
	for (size_t i = 0; i < a->count && a->count == b->count; i++) {
		if (!cel_case_same(&a->u.items[i], &b->u.items[i]))
			return false;
	}
	return a->count == b->count;
}

void
cel_case_put(struct buf *out, const struct value *v)
{
	const struct kg_slice text = cel_slice(v);

	buf_printf(out, "%.*s ", SLICE_ARG(cel_type_name(v)));
	if (v->kind == CEL_DOUBLE)
		double_put(out, v->u.real, DOUBLE_GENERAL, -1);
	else if (v->kind == CEL_LIST)
		for (size_t i = 0; i < v->count; i++)
			cel_case_put(out, &v->u.items[i]);
	else if (v->kind == CEL_MAP)
		for (size_t i = 0; i < v->count; i++) {
			cel_case_put(out, &v->u.members[i].name);
			cel_case_put(out, &v->u.members[i].value);
		}
	else if (v->kind == CEL_OPTIONAL && v->u.items != NULL)
		cel_case_put(out, v->u.items);
	else if (text.ptr != NULL)
		buf_put_quoted(out, text);
	else
		buf_put_int(out, v->u.integer);
}
