/* SPDX-License-Identifier: Apache-2.0 */
/* What names stand for, and the nearest ones when they stand for nothing. */
#include "base/limits.h"
#include "cel/check_impl.h"

#include "cel/parse.h"

/* --- Looking up --- */

static bool
put_qualified(struct buf *out, const struct ast *node)
{
	if (node->kind == AST_IDENT) {
		if ((node->flags & AST_ROOTED) != 0)
			buf_putc(out, '.');
		buf_put(out, node->u.ident.name);
		return true;
	}
	if (node->kind != AST_SELECT || (node->flags & AST_OPTIONAL) != 0 ||
	    (node->flags & AST_TEST_ONLY) != 0 ||
	    !put_qualified(out, node->u.select.operand))
		return false;
	buf_putc(out, '.');
	buf_put(out, node->u.select.field);
	return true;
}

static const struct scope *
local(const struct checker *c, struct kg_slice name)
{
	for (const struct scope *s = c->scope; s != NULL; s = s->outer) {
		if (slice_eq(s->name, name))
			return s;
	}
	return NULL;
}

/* The first name of a chain; NULL when it begins otherwise. */
static const struct ast *
first_name(const struct ast *node)
{
	while (node->kind == AST_SELECT &&
	    (node->flags & (AST_OPTIONAL | AST_TEST_ONLY)) == 0)
		node = node->u.select.operand;
	return node->kind == AST_IDENT ? node : NULL;
}

struct kg_slice
checker_qualified(struct checker *c, const struct ast *node)
{
	const struct ast *first = first_name(node);
	struct buf name;

	if (first == NULL)
		return SLICE("");
	if (node == first && (node->flags & AST_ROOTED) == 0)
		return node->u.ident.name;
	/* What a fold declares hides what it is the beginning of. */
	if ((first->flags & AST_ROOTED) == 0 &&
	    local(c, first->u.ident.name) != NULL)
		return SLICE("");
	buf_init(&name, c->arena, 4 * CEL_SOURCE_MAX);
	return put_qualified(&name, node) ? buf_slice(&name) : SLICE("");
}

/*
 * The names that one may mean in a container a.b: a.b.name, a.name, name; the
 * n-th of them. False: there are no more.
 */
static bool
candidate(
    struct checker *c, struct kg_slice name, size_t n, struct kg_slice *out)
{
	struct kg_slice within = c->env->container;

	if (name.len > 0 && name.ptr[0] == '.') {
		*out = slice_from(name, 1);
		return n == 0;
	}
	for (; n > 0; n--) {
		if (within.len == 0)
			return false;
		while (within.len > 0 && within.ptr[within.len - 1] != '.')
			within.len--;
		if (within.len > 0)
			within.len--;
	}
	*out = name;
	if (within.len > 0)
		*out = arena_printf(
		    c->arena, "%.*s.%.*s", SLICE_ARG(within), SLICE_ARG(name));
	return true;
}

static void
make_type(struct checker *c, struct ast *node, struct kg_slice name,
    const struct cel_type *type)
{
	node->kind = AST_CONST;
	node->u.constant = (struct value){ .kind = CEL_TYPE };
	node->u.constant.count = (uint32_t)name.len;
	node->u.constant.u.bytes = name.ptr;
	node->type = cel_type_with(c->arena, &cel_t_type_a, &type, 1);
}

static bool
declared(struct checker *c, struct ast *node, struct kg_slice name)
{
	const struct cel_variable *v = cel_env_variable(c->env, name);
	const struct cel_type *type;

	if (v == NULL) {
		type = cel_env_type(c->env, name);
		if (type != NULL)
			make_type(c, node, name, type);
		return type != NULL;
	}
	node->kind = AST_IDENT;
	node->u.ident.name = v->name;
	node->u.ident.variable = v;
	node->u.ident.local = 0;
	node->type = v->type;
	return true;
}

bool
checker_name(struct checker *c, struct ast *node, struct kg_slice name)
{
	const bool rooted = name.len > 0 && name.ptr[0] == '.';
	/* Up to 1.36 a leading dot does not lead out of a comprehension. */
	const struct kg_slice own = rooted && c->env->compat < CEL_COMPAT_137
	    ? slice_from(name, 1)
	    : name;
	const struct scope *s = node->kind == AST_IDENT ? local(c, own) : NULL;
	struct kg_slice one;

	if (s != NULL) {
		node->u.ident.variable = NULL;
		node->u.ident.local = s->slot;
		node->type = s->type;
		return true;
	}
	for (size_t n = 0; candidate(c, name, n, &one); n++) {
		if (declared(c, node, one))
			return true;
	}
	return false;
}

const struct cel_function_decl *
checker_function(struct checker *c, struct kg_slice name)
{
	struct kg_slice one;

	for (size_t n = 0; candidate(c, name, n, &one); n++) {
		const struct cel_function_decl *f =
		    cel_env_function(c->env, one);

		if (f != NULL)
			return f;
	}
	return NULL;
}

/* --- What is declared nowhere --- */

struct nearest {
	struct kg_slice wanted, best;
	size_t distance;
};

static struct nearest
nearest_to(struct kg_slice wanted)
{
	/* A third of the letters may differ; one letter alone is no name to
	 * guess from. */
	return (struct nearest){ wanted, SLICE(""),
		wanted.len < 2 ? 1 : 1 + (wanted.len + 2) / 3 };
}

static void
consider(struct nearest *n, struct kg_slice name)
{
	size_t d;

	if (name.len == 0 || slice_eq(name, n->wanted))
		return;
	d = slice_distance(name, n->wanted, n->distance);
	if (d < n->distance) {
		n->distance = d;
		n->best = name;
	}
}

/* "; did you mean 'x'?", or nothing. */
static struct kg_slice
hint(struct checker *c, const struct nearest *n)
{
	if (n->best.len == 0)
		return SLICE("");
	return arena_printf(
	    c->arena, "; did you mean '%.*s'?", SLICE_ARG(n->best));
}

static struct kg_slice
shown(struct kg_slice name)
{
	return slice_upto(name, QUOTE_MAX);
}

static void
undeclared(struct checker *c, const struct ast *node, struct kg_slice name,
    const struct nearest *n)
{
	const struct kg_slice more = hint(c, n);

	cel_issue_add(c->issues, node->operator_pos,
	    "undeclared reference to '%.*s' (in container '%.*s')%.*s",
	    SLICE_ARG(shown(name)), SLICE_ARG(c->env->container),
	    SLICE_ARG(more));
}

void
checker_undeclared(
    struct checker *c, const struct ast *node, struct kg_slice name)
{
	struct nearest n = nearest_to(name);

	for (const struct scope *s = c->scope; s != NULL; s = s->outer)
		consider(&n, s->name);
	for (size_t i = 0; i < c->env->variable_count; i++)
		consider(&n, c->env->variables[i]->name);
	undeclared(c, node, name, &n);
}

void
checker_undeclared_function(
    struct checker *c, const struct ast *node, struct kg_slice name)
{
	struct nearest n = nearest_to(name);

	for (size_t i = 0; i < c->env->functions.count; i++)
		consider(&n, c->env->functions.entries[i].key);
	for (size_t i = 0; cel_macro_name(i) != NULL; i++)
		consider(&n, slice_str(cel_macro_name(i)));
	undeclared(c, node, name, &n);
}

void
checker_undefined_field(
    struct checker *c, const struct ast *node, const struct cel_type *object)
{
	const struct kg_slice field = node->u.select.field;
	struct nearest n = nearest_to(field);
	struct kg_slice more;

	for (size_t i = 0; i < object->field_count; i++)
		consider(&n, object->fields[i].name);
	more = hint(c, &n);
	cel_issue_add(c->issues, node->operator_pos,
	    "undefined field '%.*s'%.*s", SLICE_ARG(shown(field)),
	    SLICE_ARG(more));
}
