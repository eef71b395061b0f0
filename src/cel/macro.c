/* SPDX-License-Identifier: Apache-2.0 */
/* Macros: calls whose arguments are not values but names and expressions. */
#include "cel/parse_impl.h"

struct macro {
	const char *name;
	uint8_t arg_count;
	uint8_t macro; /* enum ast_macro */
	uint8_t variables;
	bool predicate; /* the first argument behind the variables */
	bool transform; /* the last one */
	unsigned library;
	unsigned since; /* level of compatibility; 0: all */
};

static const struct macro macros[] = {
	{ "all", 2, MACRO_ALL, 1, true, false, CEL_LIB_STANDARD, 0 },
	{ "exists", 2, MACRO_EXISTS, 1, true, false, CEL_LIB_STANDARD, 0 },
	{ "exists_one", 2, MACRO_EXISTS_ONE, 1, true, false, CEL_LIB_STANDARD,
	    0 },
	{ "existsOne", 2, MACRO_EXISTS_ONE, 1, true, false, CEL_LIB_STANDARD,
	    CEL_COMPAT_NEXT },
	{ "map", 2, MACRO_MAP, 1, false, true, CEL_LIB_STANDARD, 0 },
	{ "map", 3, MACRO_MAP, 1, true, true, CEL_LIB_STANDARD, 0 },
	{ "filter", 2, MACRO_FILTER, 1, true, false, CEL_LIB_STANDARD, 0 },
	{ "all", 3, MACRO_ALL, 2, true, false, CEL_LIB_STANDARD, 0 },
	{ "exists", 3, MACRO_EXISTS, 2, true, false, CEL_LIB_STANDARD, 0 },
	{ "existsOne", 3, MACRO_EXISTS_ONE, 2, true, false, CEL_LIB_STANDARD,
	    0 },
	{ "exists_one", 3, MACRO_EXISTS_ONE, 2, true, false, CEL_LIB_STANDARD,
	    0 },
	{ "transformList", 3, MACRO_TRANSFORM_LIST, 2, false, true,
	    CEL_LIB_STANDARD, 0 },
	{ "transformList", 4, MACRO_TRANSFORM_LIST, 2, true, true,
	    CEL_LIB_STANDARD, 0 },
	{ "transformMap", 3, MACRO_TRANSFORM_MAP, 2, false, true,
	    CEL_LIB_STANDARD, 0 },
	{ "transformMap", 4, MACRO_TRANSFORM_MAP, 2, true, true,
	    CEL_LIB_STANDARD, 0 },
	{ "transformMapEntry", 3, MACRO_TRANSFORM_MAP_ENTRY, 2, false, true,
	    CEL_LIB_STANDARD, 0 },
	{ "transformMapEntry", 4, MACRO_TRANSFORM_MAP_ENTRY, 2, true, true,
	    CEL_LIB_STANDARD, 0 },
	{ "optMap", 2, MACRO_OPT_MAP, 1, false, true, CEL_LIB_OPTIONALS, 0 },
	{ "optFlatMap", 2, MACRO_OPT_FLAT_MAP, 1, false, true,
	    CEL_LIB_OPTIONALS, 0 },
	{ "sortBy", 2, MACRO_SORT_BY, 1, false, true, CEL_LIB_LISTS, 0 },
};

static const struct macro *
find(const struct parser *p, const struct ast *call)
{
	for (size_t i = 0; i < sizeof(macros) / sizeof(*macros); i++) {
		const struct macro *m = &macros[i];

		if (call->u.call.arg_count == m->arg_count &&
		    slice_is(call->u.call.function, m->name) &&
		    (m->library & p->env->libraries) != 0 &&
		    m->since <= p->env->compat)
			return m;
	}
	return NULL;
}

/* has(a.b): the select, asked whether it is there. */
static void
expand_has(struct parser *p, struct ast *call)
{
	const uint32_t pos = call->pos, end = call->end;
	const struct ast *arg = call->u.call.args[0];

	if (arg->kind != AST_SELECT ||
	    (arg->flags & (AST_OPTIONAL | AST_TEST_ONLY)) != 0) {
		cel_issue_add(p->issues, arg->operator_pos,
		    "invalid argument to has() macro; it takes a field: "
		    "has(a.b)");
		return;
	}
	*call = *arg;
	call->pos = pos;
	call->end = end;
	call->flags = AST_TEST_ONLY;
}

/* cel-go keeps the result of a loop under this name. */
static bool
is_accumulator(struct kg_slice name, const struct macro *m)
{
	return slice_is(name, "__result__") && m->macro != MACRO_OPT_MAP &&
	    m->macro != MACRO_OPT_FLAT_MAP;
}

/* The variable that an argument declares; "" after an error. */
static struct kg_slice
variable(struct parser *p, const struct ast *arg, const struct macro *m)
{
	if (arg->kind == AST_IDENT && (arg->flags & AST_ROOTED) == 0) {
		if (!is_accumulator(arg->u.ident.name, m))
			return arg->u.ident.name;
		cel_issue_add(p->issues, arg->operator_pos,
		    "iteration variable overwrites accumulator variable");
		return SLICE("");
	}
	cel_issue_add(p->issues, arg->operator_pos,
	    m->macro == MACRO_MAP || m->macro == MACRO_FILTER
		? "argument is not an identifier"
		: "argument must be a simple name");
	return SLICE("");
}

void
macro_expand(struct parser *p, struct ast *call)
{
	struct ast *const *args = call->u.call.args;
	struct ast *target = call->u.call.target;
	const size_t n = call->u.call.arg_count;
	const struct macro *m;
	struct kg_slice var, var2 = SLICE("");

	if (target == NULL) {
		if (n == 1 && slice_is(call->u.call.function, "has"))
			expand_has(p, call);
		return;
	}
	m = find(p, call);
	if (m == NULL)
		return;
	var = variable(p, args[0], m);
	if (m->variables == 2)
		var2 = variable(p, args[1], m);
	if (var.len == 0 || (m->variables == 2 && var2.len == 0))
		return;
	if (m->macro == MACRO_SORT_BY &&
	    (target->kind == AST_MAP || target->kind == AST_STRUCT ||
		target->kind == AST_CONST)) {
		cel_issue_add(p->issues, target->operator_pos,
		    "sortBy can only be applied to a list, identifier, "
		    "comprehension, call or select expression");
		return;
	}
	if (slice_eq(var, var2)) {
		cel_issue_add(p->issues, args[1]->operator_pos,
		    "duplicate variable name: %.*s", SLICE_ARG(var));
		return;
	}
	call->kind = AST_FOLD;
	call->u.fold.macro = (enum ast_macro)m->macro;
	call->u.fold.range = target;
	call->u.fold.var = var;
	call->u.fold.var2 = var2;
	call->u.fold.var_slot = call->u.fold.var2_slot = 0;
	call->u.fold.predicate = m->predicate ? args[m->variables] : NULL;
	call->u.fold.transform = m->transform ? args[n - 1] : NULL;
}

const char *
cel_macro_name(size_t i)
{
	return i < sizeof(macros) / sizeof(*macros) ? macros[i].name : NULL;
}
