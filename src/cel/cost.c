/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What calls cost, in the units of Kubernetes 1.36. Policies are written
 * against these budgets, so the numbers are theirs and not ours.
 */
#include "base/limits.h"
#include "base/utf8.h"
#include "cel/library.h"
#include "cel/program.h"

#define LIST_COST 10u
#define STRUCT_COST 40u
#define CHECK_COST 350000u

/* What an argument counts as: its size(), or 1. */
static uint64_t
size_of(const struct value *v)
{
	int64_t size;

	if (v->kind == CEL_OPTIONAL && v->u.items != NULL)
		v = v->u.items;
	if (v->kind == CEL_OPAQUE && v->u.opaque->class->size != NULL)
		return (uint64_t)v->u.opaque->class->size(v->u.opaque);
	size = cel_size(v);
	return size < 0 ? 1 : (uint64_t)size;
}

static uint64_t
tenths(uint64_t size)
{
	return (size + 9) / 10;
}

uint64_t
cel_text_cost(const struct value *v)
{
	if (v->kind == CEL_STRING && v->count <= 10)
		return v->count != 0;
	return tenths(size_of(v));
}

uint64_t
cel_equal_cost(const struct value *a, const struct value *b)
{
	uint64_t x, y;

	if (a->kind == CEL_STRING && b->kind == CEL_STRING) {
		/* A short text need not be counted. */
		if (a->count <= 10 || b->count <= 10)
			return a->count != 0 && b->count != 0;
		x = utf8_length(cel_slice(a));
		y = utf8_length(cel_slice(b));
	} else {
		x = size_of(a);
		y = size_of(b);
	}
	return tenths(x < y ? x : y);
}

uint64_t
cel_concat_cost(const struct value *a, const struct value *b)
{
	return tenths(size_of(a) + size_of(b));
}

static uint64_t
matches_cost(uint64_t subject, uint64_t pattern)
{
	return tenths(subject + 1) * ((pattern + 3) / 4);
}

/* Recursion: as deep as the value, at most CEL_VALUE_DEPTH_MAX. */
static uint64_t
traverse_cost(const struct value *v, unsigned depth)
{
	uint64_t cost = 0;

	if (v->kind == CEL_STRING || v->kind == CEL_BYTES)
		return (uint64_t)(v->count * 0.1);
	if (depth == 0 || (v->kind != CEL_LIST && v->kind != CEL_MAP))
		return 1;
	for (size_t i = 0; i < v->count; i++) {
		if (v->kind == CEL_LIST)
			cost += traverse_cost(&v->u.items[i], depth - 1);
		else
			cost += traverse_cost(&v->u.members[i].name, 0) +
			    traverse_cost(&v->u.members[i].value, depth - 1);
	}
	return cost;
}

/* 2 n^2 comparisons, dearer where texts are compared. */
static uint64_t
sort_cost(const struct value *keys)
{
	const uint64_t n = size_of(keys);
	double factor = 2;

	if (keys->kind == CEL_LIST && n > 0 &&
	    (keys->u.items[0].kind == CEL_STRING ||
		keys->u.items[0].kind == CEL_BYTES))
		factor = 2.1;
	return (uint64_t)((double)(n * n) * factor) + 1 + LIST_COST;
}

static uint64_t
flatten_cost(const struct cel_overload *o, const struct value *args)
{
	uint64_t depth = 1;

	if (o->param_count == 2 && args[1].kind == CEL_INT)
		depth = args[1].u.integer < 0 ? 0 : (uint64_t)args[1].u.integer;
	if (depth > UINT32_MAX)
		depth = UINT32_MAX;
	return size_of(&args[0]) * depth + 1 + LIST_COST;
}

/* One struct and one slice of values for every two characters. */
static uint64_t
selector_cost(uint64_t size)
{
	return LIST_COST + tenths(size) +
	    (size + 1) / 2 * (LIST_COST + STRUCT_COST);
}

/* A text argument is parsed first. */
static uint64_t
network_cost(enum cel_cost rule, const struct value *args)
{
	const uint64_t size = size_of(&args[0]);
	uint64_t cost = tenths(2 * size);

	if (rule == CEL_COST_CONTAINS_CIDR)
		cost += tenths(size) + 1;
	if (args[1].kind == CEL_STRING)
		cost += cel_text_cost(&args[1]);
	return cost;
}

/* Each format weighs as a pattern of some length would. */
static uint64_t
validate_cost(const struct value *args)
{
	const unsigned weight = cel_format_weight(&args[0]);

	return weight == 0 ? 1 : matches_cost(size_of(&args[1]), weight);
}

uint64_t
cel_call_cost(enum cel_cost rule, const struct cel_overload *o,
    const struct value *args, const struct value *result)
{
	switch (rule) {
	case CEL_COST_ZERO:
		return 0;
	case CEL_COST_ONE:
		return 1;
	case CEL_COST_STRING:
		return cel_text_cost(&args[0]);
	case CEL_COST_ARGUMENT:
		return cel_text_cost(&args[1]);
	case CEL_COST_SPLIT:
		return tenths(2 * size_of(&args[0]));
	case CEL_COST_JOIN:
		return tenths(2 * size_of(result));
	case CEL_COST_CONCAT:
		return cel_concat_cost(&args[0], &args[1]);
	case CEL_COST_EQUAL:
		return cel_equal_cost(&args[0], &args[1]);
	case CEL_COST_CONTAINS:
		return cel_text_cost(&args[0]) * cel_text_cost(&args[1]);
	case CEL_COST_MATCHES:
		return matches_cost(size_of(&args[0]), size_of(&args[1]));
	case CEL_COST_IN_LIST:
		return size_of(&args[1]);
	case CEL_COST_TRAVERSE:
		return traverse_cost(&args[0], CEL_VALUE_DEPTH_MAX);
	case CEL_COST_OUTPUT:
		return size_of(result) + 1 + LIST_COST;
	case CEL_COST_FLATTEN:
		return flatten_cost(o, args);
	case CEL_COST_SORT:
		return sort_cost(&args[0]);
	case CEL_COST_SETS:
		return size_of(&args[0]) * size_of(&args[1]) + 1;
	case CEL_COST_SETS_TWICE:
		return size_of(&args[0]) * size_of(&args[1]) * 2 + 1;
	case CEL_COST_CONTAINS_IP:
	case CEL_COST_CONTAINS_CIDR:
		return network_cost(rule, args);
	case CEL_COST_VALIDATE:
		return validate_cost(args);
	case CEL_COST_SELECTOR:
		return selector_cost(size_of(&args[1]));
	case CEL_COST_AUTHORIZE:
		return CHECK_COST;
	}
	return 1;
}
