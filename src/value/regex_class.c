/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sets of code points: ranges, named classes, Unicode's categories and
 * scripts, and letter case, by the tables of unicode.def.
 */
#include "value/regex_impl.h"

enum uni_class_id {
#define UNI_CLASS(name) UNI_##name,
#define UNI_RANGE(first, last, step)
#include "value/unicode.def"
#undef UNI_CLASS
#undef UNI_RANGE
	UNI_COUNT
};

static const char *const uni_names[UNI_COUNT] = {
#define UNI_CLASS(name) #name,
#define UNI_RANGE(first, last, step)
#include "value/unicode.def"
#undef UNI_CLASS
#undef UNI_RANGE
};

/* Rows of one class follow a row whose step is 0 and whose first is its id. */
struct uni_row {
	uint32_t first, last, step;
};

static const struct uni_row uni_rows[] = {
#define UNI_CLASS(name) { UNI_##name, 0, 0 },
#define UNI_RANGE(first, last, step) { first, last, step },
#include "value/unicode.def"
#undef UNI_CLASS
#undef UNI_RANGE
};

static const struct uni_fold {
	uint32_t first, last, step;
	int32_t delta;
} uni_folds[] = {
#define UNI_FOLD(first, last, step, delta) { first, last, step, delta },
#include "value/unicode.def"
#undef UNI_FOLD
};

#define ROW_COUNT (sizeof(uni_rows) / sizeof(uni_rows[0]))
#define FOLD_COUNT (sizeof(uni_folds) / sizeof(uni_folds[0]))

void
runes_add(struct rune_builder *b, uint32_t first, uint32_t last)
{
	if (b->count == b->cap) {
		const size_t cap = b->cap == 0 ? 8 : b->cap * 2;
		struct rune_range *grown = arena_grow(b->arena, b->ranges,
		    b->cap * sizeof(*grown), cap * sizeof(*grown));

		if (grown == NULL)
			return;
		b->ranges = grown;
		b->cap = cap;
	}
	b->ranges[b->count++] = (struct rune_range){ first, last };
}

static int
range_order(const void *a, const void *b)
{
	const struct rune_range *x = a, *y = b;

	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	return (x->last > y->last) - (x->last < y->last);
}

static bool
in_order(const struct rune_builder *b)
{
	for (size_t i = 1; i < b->count; i++) {
		if (b->ranges[i].first <= b->ranges[i - 1].last ||
		    b->ranges[i].first - b->ranges[i - 1].last == 1)
			return false;
	}
	return true;
}

void
runes_clean(struct rune_builder *b)
{
	size_t n = 0;

	if (in_order(b))
		return;
	qsort(b->ranges, b->count, sizeof(*b->ranges), range_order);
	for (size_t i = 1; i < b->count; i++) {
		const struct rune_range r = b->ranges[i];

		if (r.first > b->ranges[n].last &&
		    r.first - b->ranges[n].last > 1)
			b->ranges[++n] = r;
		else if (r.last > b->ranges[n].last)
			b->ranges[n].last = r.last;
	}
	b->count = n + 1;
}

void
runes_negate(struct rune_builder *b)
{
	struct rune_builder out = { .arena = b->arena };
	uint32_t next = 0;

	runes_clean(b);
	for (size_t i = 0; i < b->count; i++) {
		if (b->ranges[i].first > next)
			runes_add(&out, next, b->ranges[i].first - 1);
		next = b->ranges[i].last + 1;
	}
	if (next <= RUNE_MAX)
		runes_add(&out, next, RUNE_MAX);
	*b = out;
}

void
runes_add_all(struct rune_builder *b, const struct rune_builder *other)
{
	for (size_t i = 0; i < other->count; i++)
		runes_add(b, other->ranges[i].first, other->ranges[i].last);
}

/* Adds the images of one range under one row of the table. */
static void
fold_range(
    struct rune_builder *b, struct rune_range r, const struct uni_fold *f)
{
	const int64_t delta = f->delta;
	uint32_t first = r.first > f->first ? r.first : f->first;
	const uint32_t last = r.last < f->last ? r.last : f->last;

	first += (f->step - (first - f->first) % f->step) % f->step;
	if (first > last)
		return;
	if (f->step == 1) {
		runes_add(
		    b, (uint32_t)(first + delta), (uint32_t)(last + delta));
		return;
	}
	for (; first <= last; first += f->step)
		runes_add(
		    b, (uint32_t)(first + delta), (uint32_t)(first + delta));
}

/* One step along the circles of letters that differ in case alone. */
static void
fold_once(struct rune_builder *b)
{
	const size_t count = b->count;
	size_t row = 0;

	for (size_t i = 0; i < count; i++) {
		const struct rune_range r = b->ranges[i];

		while (row < FOLD_COUNT && uni_folds[row].last < r.first)
			row++;
		for (size_t k = row;
		     k < FOLD_COUNT && uni_folds[k].first <= r.last; k++)
			fold_range(b, r, &uni_folds[k]);
	}
	runes_clean(b);
}

void
runes_fold(struct rune_builder *b)
{
	/* The longest circle has four members: k, K, Kelvin; and so on. */
	runes_clean(b);
	for (unsigned step = 0; step < 3; step++)
		fold_once(b);
}

const struct rune_set *
runes_set(struct rune_builder *b)
{
	struct rune_set *set = arena_alloc(b->arena, sizeof(*set));

	if (set == NULL || arena_failed(b->arena))
		return NULL;
	runes_clean(b);
	set->ranges = b->ranges;
	set->count = (uint32_t)b->count;
	for (size_t i = 0; i < b->count && b->ranges[i].first < 128; i++) {
		for (uint32_t c = b->ranges[i].first;
		     c <= b->ranges[i].last && c < 128; c++)
			set->ascii[c / 64] |= (uint64_t)1 << (c % 64);
	}
	return set;
}

/* --- Names --- */

/* "L" names all categories that begin with it; scripts are longer than 2. */
static bool
uni_is(const char *class, struct kg_slice name)
{
	if (name.len == 1)
		return strlen(class) == 2 && class[0] == name.ptr[0];
	return slice_is(name, class);
}

bool
runes_add_unicode(struct rune_builder *b, struct kg_slice name)
{
	bool found = false, take = false;

	if (slice_is(name, "Any")) {
		runes_add(b, 0, RUNE_MAX);
		return true;
	}
	for (size_t i = 0; i < ROW_COUNT; i++) {
		const struct uni_row *row = &uni_rows[i];

		if (row->step == 0) {
			take = uni_is(uni_names[row->first], name);
			found = found || take;
		} else if (take && row->step == 1) {
			runes_add(b, row->first, row->last);
		} else if (take) {
			for (uint32_t c = row->first; c <= row->last;
			     c += row->step)
				runes_add(b, c, c);
		}
	}
	return found;
}

/* Pairs of first and last character. */
static const struct {
	const char *name, *ranges;
} named_classes[] = {
	{ "d", "09" },
	{ "s", "\t\n\f\r  " },
	{ "w", "09AZaz__" },
	{ "alnum", "09AZaz" },
	{ "alpha", "AZaz" },
	{ "blank", "\t\t  " },
	{ "digit", "09" },
	{ "graph", "!~" },
	{ "lower", "az" },
	{ "print", " ~" },
	{ "punct", "!/:@[`{~" },
	{ "space", "\t\r  " },
	{ "upper", "AZ" },
	{ "word", "09AZaz__" },
	{ "xdigit", "09AFaf" },
};

bool
runes_add_class(struct rune_builder *b, struct kg_slice name)
{
	if (slice_is(name, "ascii")) {
		runes_add(b, 0, 0x7f);
		return true;
	}
	if (slice_is(name, "cntrl")) {
		runes_add(b, 0, 0x1f);
		runes_add(b, 0x7f, 0x7f);
		return true;
	}
	for (size_t i = 0; i < sizeof(named_classes) / sizeof(named_classes[0]);
	     i++) {
		const char *p = named_classes[i].ranges;

		if (!slice_is(name, named_classes[i].name))
			continue;
		for (; *p != '\0'; p += 2)
			runes_add(b, (unsigned char)p[0], (unsigned char)p[1]);
		return true;
	}
	return false;
}
