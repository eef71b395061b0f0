/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sets of code points: ranges, named classes, Unicode's categories and
 * scripts, and letter case, by the tables of unicode.def.
 */
#include "base/ascii.h"
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
	struct rune_range *grown =
	    arena_more(b->arena, b->ranges, b->count, &b->cap, sizeof(*grown));

	if (grown == NULL)
		return;
	b->ranges = grown;
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

/* Names as Go compares them: letter case and what separates words do not
 * count. No name is longer. */
#define UNI_NAME_MAX 32

struct uni_name {
	char text[UNI_NAME_MAX];
	size_t len;
};

static bool
uni_name(struct uni_name *n, struct kg_slice name)
{
	n->len = 0;
	for (size_t i = 0; i < name.len; i++) {
		const char c = name.ptr[i];

		if (c == '_' || c == '-' || c == ' ')
			continue;
		if (n->len == UNI_NAME_MAX)
			return false;
		n->text[n->len++] = ascii_to_lower(c);
	}
	return n->len > 0;
}

static bool
uni_same(const struct uni_name *n, const char *name)
{
	struct uni_name other;

	return uni_name(&other, slice_str(name)) && n->len == other.len &&
	    memcmp(n->text, other.text, n->len) == 0;
}

/* The long names of categories. */
static const struct {
	const char *name, *category;
} uni_aliases[] = {
	{ "Cased_Letter", "LC" },
	{ "Close_Punctuation", "Pe" },
	{ "Combining_Mark", "M" },
	{ "Connector_Punctuation", "Pc" },
	{ "Control", "Cc" },
	{ "Currency_Symbol", "Sc" },
	{ "Dash_Punctuation", "Pd" },
	{ "Decimal_Number", "Nd" },
	{ "Enclosing_Mark", "Me" },
	{ "Final_Punctuation", "Pf" },
	{ "Format", "Cf" },
	{ "Initial_Punctuation", "Pi" },
	{ "Letter", "L" },
	{ "Letter_Number", "Nl" },
	{ "Line_Separator", "Zl" },
	{ "Lowercase_Letter", "Ll" },
	{ "Mark", "M" },
	{ "Math_Symbol", "Sm" },
	{ "Modifier_Letter", "Lm" },
	{ "Modifier_Symbol", "Sk" },
	{ "Nonspacing_Mark", "Mn" },
	{ "Number", "N" },
	{ "Open_Punctuation", "Ps" },
	{ "Other", "C" },
	{ "Other_Letter", "Lo" },
	{ "Other_Number", "No" },
	{ "Other_Punctuation", "Po" },
	{ "Other_Symbol", "So" },
	{ "Paragraph_Separator", "Zp" },
	{ "Private_Use", "Co" },
	{ "Punctuation", "P" },
	{ "Separator", "Z" },
	{ "Space_Separator", "Zs" },
	{ "Spacing_Mark", "Mc" },
	{ "Surrogate", "Cs" },
	{ "Symbol", "S" },
	{ "Titlecase_Letter", "Lt" },
	{ "Unassigned", "Cn" },
	{ "Uppercase_Letter", "Lu" },
	{ "cntrl", "Cc" },
	{ "digit", "Nd" },
	{ "punct", "P" },
};

static void
uni_resolve(struct uni_name *n)
{
	for (size_t i = 0; i < sizeof(uni_aliases) / sizeof(*uni_aliases);
	     i++) {
		if (uni_same(n, uni_aliases[i].name)) {
			(void)uni_name(n, slice_str(uni_aliases[i].category));
			return;
		}
	}
}

/* Of the scripts, Yi alone has a name as short. */
static bool
is_category(const char *class)
{
	return strlen(class) == 2 && class[0] != 'Y';
}

/* "L" names all categories that begin with it, "LC" the three with case. */
static bool
uni_is(const char *class, const struct uni_name *n)
{
	if (n->len == 1)
		return is_category(class) && (class[0] | 0x20) == n->text[0];
	if (uni_same(n, "LC"))
		return strcmp(class, "Lu") == 0 || strcmp(class, "Ll") == 0 ||
		    strcmp(class, "Lt") == 0;
	return uni_same(n, class);
}

/* The rows of one name, or of all categories; false: none has it. */
static bool
add_rows(struct rune_builder *b, const struct uni_name *n)
{
	bool found = false, take = false;

	for (size_t i = 0; i < ROW_COUNT; i++) {
		const struct uni_row *row = &uni_rows[i];

		if (row->step == 0) {
			const char *class = uni_names[row->first];

			take =
			    n != NULL ? uni_is(class, n) : is_category(class);
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

/* What no category has; it is of category C. */
static bool
add_unassigned(struct rune_builder *b)
{
	struct rune_builder all = { .arena = b->arena };

	(void)add_rows(&all, NULL);
	runes_negate(&all);
	runes_add_all(b, &all);
	return true;
}

bool
runes_add_unicode(struct rune_builder *b, struct kg_slice name)
{
	struct uni_name n;

	if (!uni_name(&n, name))
		return false;
	uni_resolve(&n);
	if (uni_same(&n, "Any"))
		runes_add(b, 0, RUNE_MAX);
	else if (uni_same(&n, "ASCII"))
		runes_add(b, 0, 0x7f);
	else if (uni_same(&n, "Assigned"))
		return add_rows(b, NULL);
	else if (uni_same(&n, "Cn"))
		return add_unassigned(b);
	else
		return add_rows(b, &n) &&
		    (!uni_same(&n, "C") || add_unassigned(b));
	return true;
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
