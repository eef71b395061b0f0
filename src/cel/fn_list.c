/* SPDX-License-Identifier: Apache-2.0 */
/* cel-go's functions over lists: parts, orders, one level less. */
#include "base/limits.h"
#include "cel/vm.h"

struct value
cel_fn_list_slice(struct cel_eval *e, const struct value *args)
{
	const long long from = args[1].u.integer, to = args[2].u.integer;

	if (from < 0 || to < 0)
		return cel_errorf(e->arena,
		    "cannot slice(%lld, %lld), negative indexes not supported",
		    from, to);
	if (from > to)
		return cel_errorf(e->arena,
		    "cannot slice(%lld, %lld), start index must be less than "
		    "or equal to end index",
		    from, to);
	if (to > args[0].count)
		return cel_errorf(e->arena,
		    "cannot slice(%lld, %lld), list is length %u", from, to,
		    (unsigned)args[0].count);
	return cel_list(args[0].u.items + from, (size_t)(to - from));
}

/* --- flatten --- */

struct flat {
	struct cel_eval *e;
	struct value *items;
	size_t count, cap;
};

static bool
flat_put(struct flat *f, const struct value *v)
{
	const size_t want = f->cap == 0 ? 16 : f->cap * 2;

	if (f->count == f->cap) {
		struct value *grown = f->count < CEL_ITEMS_MAX
		    ? arena_grow(f->e->arena, f->items, f->cap * sizeof(*grown),
			  want * sizeof(*grown))
		    : NULL;

		if (grown == NULL)
			return false;
		f->items = grown;
		f->cap = want;
	}
	f->items[f->count++] = *v;
	return true;
}

/* Recursion: as deep as lists nest, at most CEL_VALUE_DEPTH_MAX. */
static bool
flat_list(struct flat *f, const struct value *list, int64_t depth)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct value *v = &list->u.items[i];
		bool ok = v->kind == CEL_LIST && depth > 0
		    ? flat_list(f, v, depth - 1)
		    : flat_put(f, v);

		if (!ok)
			return false;
	}
	return true;
}

static struct value
flatten(struct cel_eval *e, const struct value *list, int64_t depth)
{
	struct flat f = { .e = e };

	if (depth > CEL_VALUE_DEPTH_MAX)
		depth = CEL_VALUE_DEPTH_MAX;
	if (!flat_list(&f, list, depth))
		return cel_no_memory();
	return cel_list(f.items, f.count);
}

struct value
cel_fn_list_flatten(struct cel_eval *e, const struct value *args)
{
	return flatten(e, &args[0], 1);
}

struct value
cel_fn_list_flatten_deep(struct cel_eval *e, const struct value *args)
{
	if (args[1].u.integer < 0)
		return cel_error("level must be non-negative");
	return flatten(e, &args[0], args[1].u.integer);
}

/* --- Orders --- */

/* Merges two sorted runs of indexes; equal keys keep their order. */
static void
merge(const struct value *keys, const uint32_t *from, uint32_t *to,
    size_t middle, size_t end)
{
	size_t left = 0, right = middle;

	for (size_t i = 0; i < end; i++) {
		const bool second = left >= middle ||
		    (right < end &&
			cel_compare(&keys[from[right]], &keys[from[left]]) ==
			    CEL_LESS);

		to[i] = second ? from[right++] : from[left++];
	}
}

/* Bottom up, between two arrays; gives the one that ends sorted. */
static uint32_t *
merge_sort(const struct value *keys, uint32_t *a, uint32_t *spare, size_t count)
{
	for (size_t width = 1; width < count; width *= 2) {
		uint32_t *swap;

		for (size_t i = 0; i < count; i += 2 * width) {
			const size_t rest = count - i;

			merge(keys, a + i, spare + i,
			    width < rest ? width : rest,
			    2 * width < rest ? 2 * width : rest);
		}
		swap = a;
		a = spare;
		spare = swap;
	}
	return a;
}

static struct value
check_keys(const struct value *list, const struct value *keys)
{
	if (list->count != keys->count)
		return cel_no_overload();
	for (size_t i = 0; i < keys->count; i++) {
		if (cel_compare(&keys->u.items[0], &keys->u.items[0]) ==
		    CEL_NO_ORDER)
			return cel_error("list elements must be comparable");
		if (keys->u.items[i].kind != keys->u.items[0].kind)
			return cel_error(
			    "list elements must have the same type");
	}
	return cel_null();
}

struct value
cel_sort_by(
    struct cel_eval *e, const struct value *list, const struct value *keys)
{
	const size_t n = list->count;
	struct value wrong = check_keys(list, keys), *items;
	uint32_t *order, *spare;

	if (wrong.kind == CEL_ERROR)
		return wrong;
	order = arena_array(e->arena, n, sizeof(*order));
	spare = arena_array(e->arena, n, sizeof(*spare));
	items = arena_array(e->arena, n, sizeof(*items));
	if (order == NULL || spare == NULL || items == NULL)
		return cel_no_memory();
	for (size_t i = 0; i < n; i++)
		order[i] = (uint32_t)i;
	order = merge_sort(keys->u.items, order, spare, n);
	for (size_t i = 0; i < n; i++)
		items[i] = list->u.items[order[i]];
	return cel_list(items, n);
}

struct value
cel_fn_list_sort(struct cel_eval *e, const struct value *args)
{
	return cel_sort_by(e, &args[0], &args[0]);
}

struct value
cel_fn_list_reverse(struct cel_eval *e, const struct value *args)
{
	const size_t n = args[0].count;
	struct value *items = arena_array(e->arena, n, sizeof(*items));

	if (items == NULL)
		return cel_no_memory();
	for (size_t i = 0; i < n; i++)
		items[i] = args[0].u.items[n - 1 - i];
	return cel_list(items, n);
}

struct value
cel_fn_list_distinct(struct cel_eval *e, const struct value *args)
{
	const size_t n = args[0].count;
	struct value *items = arena_array(e->arena, n, sizeof(*items));
	size_t kept = 0;

	if (items == NULL)
		return cel_no_memory();
	for (size_t i = 0; i < n; i++) {
		const struct value *v = &args[0].u.items[i];
		size_t j = 0;

		while (j < kept && !cel_equal(&items[j], v, &e->work) &&
		    e->work.left > 0)
			j++;
		if (e->work.left == 0)
			return cel_no_memory();
		if (j == kept)
			items[kept++] = *v;
	}
	return cel_list(items, kept);
}

struct value
cel_fn_lists_range(struct cel_eval *e, const struct value *args)
{
	const int64_t n = args[0].u.integer;
	struct value *items;

	if (n < 0 && e->compat < CEL_COMPAT_137)
		return cel_list(NULL, 0);
	if (n < 0)
		return cel_errorf(e->arena,
		    "lists.range: size must be non-negative, got %lld",
		    (long long)n);
	if (n > CEL_ITEMS_MAX)
		return cel_errorf(e->arena,
		    "lists.range: size %lld exceeds maximum allowed (%u)",
		    (long long)n, CEL_ITEMS_MAX);
	items = arena_array(e->arena, (size_t)n, sizeof(*items));
	if (items == NULL)
		return cel_no_memory();
	for (int64_t i = 0; i < n; i++)
		items[i] = cel_int(i);
	return cel_list(items, (size_t)n);
}
