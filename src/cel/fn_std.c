/* SPDX-License-Identifier: Apache-2.0 */
/* The standard functions over texts, sizes and types; optional values. */
#include "base/limits.h"
#include "cel/library.h"
#include "cel/vm.h"
#include "value/moment.h"

struct value
cel_fn_size(struct cel_eval *e, const struct value *args)
{
	(void)e;
	return cel_int(cel_size(&args[0]));
}

struct value
cel_fn_contains(struct cel_eval *e, const struct value *args)
{
	(void)e;
	return cel_bool(
	    slice_search(cel_slice(&args[0]), cel_slice(&args[1])) != SIZE_MAX);
}

struct value
cel_fn_starts_with(struct cel_eval *e, const struct value *args)
{
	(void)e;
	return cel_bool(slice_starts(cel_slice(&args[0]), cel_slice(&args[1])));
}

struct value
cel_fn_ends_with(struct cel_eval *e, const struct value *args)
{
	(void)e;
	return cel_bool(slice_ends(cel_slice(&args[0]), cel_slice(&args[1])));
}

struct value
cel_fn_type(struct cel_eval *e, const struct value *args)
{
	(void)e;
	return cel_text(CEL_TYPE, cel_type_name(&args[0]));
}

/* --- Patterns that are not known before --- */

static struct value
pattern_error(struct cel_eval *e, const struct regex_error *error)
{
	struct buf text;

	buf_init(&text, e->arena, DIAG_MESSAGE_MAX);
	regex_error_put(&text, error);
	return cel_error_built(&text);
}

/* Compiles the pattern unless it is the one before. */
const struct regex *
cel_find_pattern(
    struct cel_eval *e, struct kg_slice pattern, struct value *error)
{
	struct regex_error why;
	const struct regex *re;
	enum kg_status st;

	if (e->pattern_regex != NULL && slice_eq(e->pattern, pattern))
		return e->pattern_regex;
	e->pattern_regex = NULL;
	st = regex_compile_once(e->arena, pattern, &why, &re);
	if (st != KG_OK) {
		*error =
		    st == KG_NOMEM ? cel_no_memory() : pattern_error(e, &why);
		return NULL;
	}
	e->pattern = pattern;
	e->pattern_regex = re;
	return re;
}

struct value
cel_fn_matches(struct cel_eval *e, const struct value *args)
{
	struct value error;
	const struct regex *re =
	    cel_find_pattern(e, cel_slice(&args[1]), &error);
	bool found;

	if (re == NULL)
		return error;
	if (regex_match(re, &e->regex, cel_slice(&args[0]), &found) != KG_OK)
		return cel_no_memory();
	return cel_bool(found);
}

/* --- Optional values --- */

struct value
cel_fn_optional_of(struct cel_eval *e, const struct value *args)
{
	return cel_optional_of(e, &args[0]);
}

static bool
is_zero(const struct value *v)
{
	switch ((enum cel_kind)v->kind) {
	case CEL_NULL:
		return true;
	case CEL_BOOL:
		return !v->u.boolean;
	case CEL_INT:
	case CEL_UINT:
	case CEL_DURATION:
		return v->u.integer == 0;
	case CEL_DOUBLE:
		return v->u.real >= 0 && v->u.real <= 0;
	case CEL_STRING:
	case CEL_BYTES:
	case CEL_LIST:
	case CEL_MAP:
		return v->count == 0;
	case CEL_TIMESTAMP: /* the zero of Go's time, year 1 */
		return v->u.integer == MOMENT_MIN && v->count == 0;
	case CEL_OPTIONAL: /* cel-go: has no zero, not even none */
	case CEL_TYPE:
	case CEL_OPAQUE:
	case CEL_ERROR:
		break;
	}
	return false;
}

struct value
cel_fn_optional_of_non_zero(struct cel_eval *e, const struct value *args)
{
	return is_zero(&args[0]) ? cel_optional(NULL)
				 : cel_optional_of(e, &args[0]);
}

struct value
cel_fn_optional_none(struct cel_eval *e, const struct value *args)
{
	(void)e;
	(void)args;
	return cel_optional(NULL);
}

struct value
cel_fn_optional_value(struct cel_eval *e, const struct value *args)
{
	(void)e;
	if (args[0].u.items == NULL)
		return cel_error("optional.none() dereference");
	return *args[0].u.items;
}

struct value
cel_fn_optional_has_value(struct cel_eval *e, const struct value *args)
{
	(void)e;
	return cel_bool(args[0].u.items != NULL);
}

struct value
cel_fn_optional_unwrap(struct cel_eval *e, const struct value *args)
{
	const struct value *list = &args[0];
	struct value *items =
	    arena_array(e->arena, list->count, sizeof(*items));
	size_t kept = 0;

	if (items == NULL)
		return cel_no_memory();
	for (size_t i = 0; i < list->count; i++) {
		const struct value *v = &list->u.items[i];

		if (v->kind != CEL_OPTIONAL)
			return cel_error("value is not an optional type");
		if (v->u.items != NULL)
			items[kept++] = *v->u.items;
	}
	return cel_list(items, kept);
}

static struct value
element(const struct value *list, size_t i)
{
	return cel_optional(i < list->count ? &list->u.items[i] : NULL);
}

struct value
cel_fn_list_first(struct cel_eval *e, const struct value *args)
{
	(void)e;
	return element(&args[0], 0);
}

struct value
cel_fn_list_last(struct cel_eval *e, const struct value *args)
{
	(void)e;
	return element(&args[0], (size_t)args[0].count - 1);
}
