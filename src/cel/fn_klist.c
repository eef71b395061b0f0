/* SPDX-License-Identifier: Apache-2.0 */
/* Kubernetes' own functions over lists, and those over lists as sets. */
#include "cel/library.h"

/* --- Order --- */

static bool
has_order(const struct value *v)
{
	return cel_compare(v, v) != CEL_NO_ORDER;
}

/* Elements of different types, which dyn lets in, have no order and so are
 * in none that is wrong: as in Kubernetes. */
struct value
cel_fn_list_is_sorted(struct cel_eval *e, const struct value *args)
{
	const struct value *items = args[0].u.items;

	(void)e;
	for (size_t i = 0; i < args[0].count; i++) {
		if (!has_order(&items[i]))
			return cel_no_overload();
		if (i > 0 &&
		    cel_compare(&items[i - 1], &items[i]) == CEL_GREATER)
			return cel_bool(false);
	}
	return cel_bool(true);
}

/* The element that no other is beyond; the first of equals. */
static struct value
extreme(const struct value *list, enum cel_order beyond, const char *empty)
{
	const struct value *best = list->u.items;

	if (list->count == 0)
		return cel_error(empty);
	for (size_t i = 0; i < list->count; i++) {
		const struct value *v = &list->u.items[i];

		if (!has_order(v))
			return cel_no_overload();
		if (cel_compare(best, v) == beyond)
			best = v;
	}
	return *best;
}

struct value
cel_fn_list_min(struct cel_eval *e, const struct value *args)
{
	(void)e;
	return extreme(&args[0], CEL_GREATER, "min called on empty list");
}

struct value
cel_fn_list_max(struct cel_eval *e, const struct value *args)
{
	(void)e;
	return extreme(&args[0], CEL_LESS, "max called on empty list");
}

/* --- Sums --- */

static struct value
sum(struct cel_eval *e, const struct value *list, struct value total)
{
	for (size_t i = 0; i < list->count; i++) {
		total = cel_add(e->arena, &total, &list->u.items[i]);
		if (cel_is_error(&total))
			break;
	}
	return total;
}

struct value
cel_fn_list_sum_int(struct cel_eval *e, const struct value *args)
{
	return sum(e, &args[0], cel_int(0));
}

struct value
cel_fn_list_sum_uint(struct cel_eval *e, const struct value *args)
{
	return sum(e, &args[0], cel_uint(0));
}

struct value
cel_fn_list_sum_double(struct cel_eval *e, const struct value *args)
{
	return sum(e, &args[0], cel_double(0));
}

struct value
cel_fn_list_sum_duration(struct cel_eval *e, const struct value *args)
{
	return sum(e, &args[0], cel_duration(0));
}

/* --- Search --- */

/* Position of an equal element, or -1; e->work says when it was too much. */
static int64_t
find(struct cel_eval *e, const struct value *list, const struct value *v)
{
	for (size_t i = 0; i < list->count; i++) {
		if (cel_equal(&list->u.items[i], v, &e->work))
			return (int64_t)i;
	}
	return -1;
}

struct value
cel_fn_list_index_of(struct cel_eval *e, const struct value *args)
{
	return cel_int(find(e, &args[0], &args[1]));
}

struct value
cel_fn_list_last_index_of(struct cel_eval *e, const struct value *args)
{
	for (size_t i = args[0].count; i > 0; i--) {
		if (cel_equal(&args[0].u.items[i - 1], &args[1], &e->work))
			return cel_int((int64_t)i - 1);
	}
	return cel_int(-1);
}

struct value
cel_fn_includes(struct cel_eval *e, const struct value *args)
{
	if (args[0].kind == CEL_LIST)
		return cel_bool(find(e, &args[0], &args[1]) >= 0);
	return cel_bool(cel_equal(&args[0], &args[1], &e->work));
}

/* --- Sets --- */

static bool
contains(struct cel_eval *e, const struct value *list, const struct value *sub)
{
	for (size_t i = 0; i < sub->count && e->work.left > 0; i++) {
		if (find(e, list, &sub->u.items[i]) < 0)
			return false;
	}
	return true;
}

struct value
cel_fn_sets_contains(struct cel_eval *e, const struct value *args)
{
	return cel_bool(contains(e, &args[0], &args[1]));
}

struct value
cel_fn_sets_equivalent(struct cel_eval *e, const struct value *args)
{
	return cel_bool(
	    contains(e, &args[0], &args[1]) && contains(e, &args[1], &args[0]));
}

struct value
cel_fn_sets_intersects(struct cel_eval *e, const struct value *args)
{
	for (size_t i = 0; i < args[0].count && e->work.left > 0; i++) {
		if (find(e, &args[1], &args[0].u.items[i]) >= 0)
			return cel_bool(true);
	}
	return cel_bool(false);
}
