/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/tally.h"

void
tally_init(struct tally *t, struct arena *arena)
{
	*t = (struct tally){ .arena = arena };
	for (unsigned by = 0; by < TALLY_KINDS; by++)
		map_init(&t->maps[by], arena);
}

static struct kg_slice
text_at(const struct value *record, const char *pointer)
{
	return value_str(value_pointer(record, slice_str(pointer), NULL));
}

static bool
count(struct tally *t, enum tally_by by, struct kg_slice name)
{
	uint64_t *n = map_get(&t->maps[by], name);
	void **place;

	if (n == NULL) {
		n = arena_alloc(t->arena, sizeof(*n));
		place = map_put(&t->maps[by], arena_copy(t->arena, name));
		if (n == NULL || place == NULL)
			return false;
		*place = n;
	}
	++*n;
	return true;
}

/* A rule that found two things is one reason for the decision. */
static bool
count_rules(struct tally *t, const struct value *record)
{
	const struct value *list = value_find(record, SLICE("findings"));
	bool ok = true;

	for (size_t i = 0; i < value_len(list) && ok; i++) {
		const struct kg_slice rule =
		    text_at(value_at(list, i), "/rule");
		bool seen = false;

		for (size_t k = 0; k < i && !seen; k++)
			seen =
			    slice_eq(rule, text_at(value_at(list, k), "/rule"));
		if (!seen)
			ok = count(t, TALLY_RULE, rule);
	}
	return ok;
}

static void
keep_time(char *to, struct kg_slice time)
{
	(void)snprintf(to, 32, "%.*s", SLICE_ARG(time));
}

bool
tally_add(struct tally *t, const struct value *record)
{
	const struct kg_slice time = text_at(record, "/time");
	const struct value *lost = value_find(record, SLICE("lost"));

	if (t->decisions++ == 0)
		keep_time(t->from, time);
	keep_time(t->to, time);
	if (value_is(lost, VALUE_INT) && lost->u.integer > 0)
		t->lost += (uint64_t)lost->u.integer;
	return count(t, TALLY_VERDICT, text_at(record, "/verdict")) &&
	    count(t, TALLY_NAMESPACE, text_at(record, "/namespace")) &&
	    count(t, TALLY_USER, text_at(record, "/user/username")) &&
	    count_rules(t, record);
}

static int
by_count(const void *left, const void *right)
{
	const struct tally_count *a = left, *b = right;

	if (a->count != b->count)
		return a->count < b->count ? 1 : -1;
	return slice_cmp(a->name, b->name);
}

struct tally_count *
tally_sorted(const struct tally *t, enum tally_by by)
{
	const struct map *m = &t->maps[by];
	struct tally_count *list =
	    arena_array(t->arena, m->count, sizeof(*list));

	if (list == NULL)
		return NULL;
	for (size_t i = 0; i < m->count; i++)
		list[i] = (struct tally_count){ m->entries[i].key,
			*(const uint64_t *)m->entries[i].value };
	qsort(list, m->count, sizeof(*list), by_count);
	return list;
}
