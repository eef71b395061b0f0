/* SPDX-License-Identifier: Apache-2.0 */
/* Comprehensions: the variables they declare, and the type that comes out. */
#include "base/limits.h"
#include "cel/check_impl.h"

/* What one or two variables of a fold over this range are. */
struct elements {
	const struct cel_type *first, *second;
};

static struct elements
range_elements(struct checker *c, const struct ast *fold)
{
	const struct ast *range = fold->u.fold.range;
	const struct cel_type *t = checker_substitute(c, range->type, false);
	const bool two = fold->u.fold.var2.len > 0;

	if (t->kind == CEL_TYPE_LIST)
		return two ? (struct elements){ &cel_t_int, t->params[0] }
			   : (struct elements){ t->params[0], NULL };
	if (t->kind == CEL_TYPE_MAP)
		return (struct elements){ t->params[0], t->params[1] };
	if (!type_is_dyn(t) && t->kind != CEL_TYPE_PARAM) {
		cel_issue_add(c->issues, range->operator_pos,
		    "expression of type '%.*s' cannot be range of a "
		    "comprehension (must be list, map, or dynamic)",
		    SLICE_ARG(checker_type_text(c, t)));
		return (struct elements){ &cel_t_error, &cel_t_error };
	}
	(void)checker_assignable(c, &cel_t_dyn, t);
	return (struct elements){ &cel_t_dyn, &cel_t_dyn };
}

/* The value inside the optional that optMap() looks into. */
static struct elements
optional_element(struct checker *c, const struct ast *fold)
{
	const struct cel_type *t =
	    checker_substitute(c, fold->u.fold.range->type, false);

	if (type_unwrap(&t))
		return (struct elements){ t, NULL };
	if (type_is_dyn(t) || t->kind == CEL_TYPE_PARAM)
		return (struct elements){ &cel_t_dyn, NULL };
	checker_no_overload(c, fold, SLICE("hasValue"), &t, 1);
	return (struct elements){ &cel_t_error, NULL };
}

static bool
over_optional(const struct ast *fold)
{
	return fold->u.fold.macro == MACRO_OPT_MAP ||
	    fold->u.fold.macro == MACRO_OPT_FLAT_MAP;
}

/* A predicate that decides between two results of a type. */
static void
check_choice(
    struct checker *c, const struct ast *fold, const struct cel_type *result)
{
	const struct ast *predicate = fold->u.fold.predicate;
	const struct cel_type *args[3] = { NULL, result, result };

	if (predicate == NULL ||
	    checker_assignable(c, predicate->type, &cel_t_bool))
		return;
	args[0] = predicate->type;
	checker_no_overload(c, fold, SLICE("_?_:_"), args, 3);
}

/* An operand of the && or || that all() and exists() are. */
static void
check_operand(struct checker *c, const struct ast *fold)
{
	const struct ast *predicate = fold->u.fold.predicate;

	if (!checker_assignable(c, predicate->type, &cel_t_bool))
		checker_mismatch(c, predicate, &cel_t_bool, predicate->type);
}

/* optFlatMap(): the transform must be an optional itself. */
static const struct cel_type *
flat_result(struct checker *c, const struct ast *fold)
{
	const struct cel_type *t = fold->u.fold.transform->type;
	const struct cel_type *none =
	    cel_type_optional(c->arena, checker_variable(c));
	const struct cel_type *args[3] = { &cel_t_bool, t, none };

	if (checker_assignable(c, t, none))
		return checker_substitute(c, none, false);
	checker_no_overload(c, fold, SLICE("_?_:_"), args, 3);
	return &cel_t_error;
}

/* What sortBy() compares by must have an order: cel-go has an overload for
 * each type that does. How many fit; a key of no type yet takes the first. */
static unsigned
sort_overloads(struct checker *c, const struct cel_type *key)
{
	static const struct cel_type *const ordered[] = { &cel_t_int,
		&cel_t_uint, &cel_t_double, &cel_t_bool, &cel_t_duration,
		&cel_t_timestamp, &cel_t_string, &cel_t_bytes };
	unsigned fit = 0;

	for (size_t i = 0; i < sizeof(ordered) / sizeof(ordered[0]); i++)
		fit += checker_assignable(c, key, ordered[i]);
	return fit;
}

static const struct cel_type *
sort_result(struct checker *c, struct ast *fold)
{
	const struct cel_type *key = fold->u.fold.transform->type;
	const struct cel_type *range = fold->u.fold.range->type, *args[2];
	const unsigned fit = sort_overloads(c, key);

	range = checker_substitute(c, range, false);
	if (fit == 0 ||
	    (range->kind != CEL_TYPE_LIST && !type_is_dyn(range) &&
		range->kind != CEL_TYPE_PARAM)) {
		args[0] = range;
		args[1] =
		    cel_type_list(c->arena, checker_substitute(c, key, true));
		checker_no_overload(
		    c, fold, SLICE("@sortByAssociatedKeys"), args, 2);
	}
	if (fit == 1)
		fold->flags |= AST_TYPED_KEYS;
	if (range->kind == CEL_TYPE_LIST)
		return range;
	return fit == 1 ? &cel_t_list_dyn : &cel_t_dyn;
}

/* transformMapEntry(): the transform is a map. */
static const struct cel_type *
entry_result(struct checker *c, const struct ast *fold)
{
	const struct ast *transform = fold->u.fold.transform;
	const struct cel_type *map =
	    cel_type_map(c->arena, checker_variable(c), checker_variable(c));
	const struct cel_type *args[2] = { map, transform->type };

	if (checker_assignable(c, transform->type, map))
		return checker_substitute(c, map, false);
	checker_no_overload(c, fold, SLICE("cel.@mapInsert"), args, 2);
	return &cel_t_error;
}

/* The type of the whole; variables are those of the fold. */
static const struct cel_type *
fold_result(struct checker *c, struct ast *fold, struct elements e)
{
	const struct cel_type *transform = fold->u.fold.transform != NULL
	    ? fold->u.fold.transform->type
	    : NULL;
	const struct cel_type *result = &cel_t_bool;

	switch (fold->u.fold.macro) {
	case MACRO_NONE:
		break;
	case MACRO_ALL:
	case MACRO_EXISTS:
		check_operand(c, fold);
		return &cel_t_bool;
	case MACRO_EXISTS_ONE:
		check_choice(c, fold, &cel_t_int);
		return &cel_t_bool;
	case MACRO_FILTER:
		result = cel_type_list(c->arena, e.first);
		break;
	case MACRO_MAP:
	case MACRO_TRANSFORM_LIST:
		result = cel_type_list(c->arena, transform);
		break;
	case MACRO_TRANSFORM_MAP:
		result = cel_type_map(c->arena, e.first, transform);
		break;
	case MACRO_TRANSFORM_MAP_ENTRY:
		result = entry_result(c, fold);
		break;
	case MACRO_OPT_MAP:
		return cel_type_optional(c->arena, transform);
	case MACRO_OPT_FLAT_MAP:
		return flat_result(c, fold);
	case MACRO_SORT_BY:
		return sort_result(c, fold);
	}
	check_choice(c, fold, result);
	return result;
}

void
checker_fold(struct checker *c, struct ast *fold)
{
	const struct scope *outer = c->scope;
	const uint32_t slot = outer != NULL ? outer->slot + 1 : 0;
	struct scope first, second;
	struct elements e;

	checker_check(c, fold->u.fold.range);
	e = over_optional(fold) ? optional_element(c, fold)
				: range_elements(c, fold);
	first = (struct scope){ outer, fold->u.fold.var, e.first, slot };
	fold->u.fold.var_slot = slot;
	c->scope = &first;
	if (fold->u.fold.var2.len > 0) {
		second = (struct scope){ &first, fold->u.fold.var2, e.second,
			slot + 1 };
		fold->u.fold.var2_slot = slot + 1;
		c->scope = &second;
	}
	if (fold->u.fold.predicate != NULL)
		checker_check(c, fold->u.fold.predicate);
	if (fold->u.fold.transform != NULL)
		checker_check(c, fold->u.fold.transform);
	c->scope = outer;
	fold->type = fold_result(c, fold, e);
}
