/* SPDX-License-Identifier: Apache-2.0 */
/* What can be told of literals alone: that lists and maps hold one type, as
 * Kubernetes wants, and that formats suit what is put into them. */
#include "cel/check_impl.h"

#include "base/limits.h"
#include "cel/format.h"
#include "cel/value.h"

/* A call of format() on a literal, with a literal list: the next argument. */
struct format {
	struct checker *c;
	const struct ast *call;
	struct ast *const *args;
	size_t count, next;
	bool failed;
};

/* As type() names it. */
static struct kg_slice
type_name(const struct cel_type *t)
{
	if (t->kind == CEL_TYPE_TIMESTAMP)
		return SLICE("google.protobuf.Timestamp");
	if (t->kind == CEL_TYPE_DURATION)
		return SLICE("google.protobuf.Duration");
	return t->kind == CEL_TYPE_NULL ? SLICE("null_type") : t->name;
}

static bool
takes(const struct format_clause *clause, const struct ast *arg)
{
	return type_is_dyn(arg->type) ||
	    (clause->types & (1u << arg->type->kind)) != 0;
}

/* The part of an argument that %s cannot print, or NULL. Recursion: as deep
 * as the tree, at most CEL_DEPTH_MAX. */
static const struct ast *
unprintable(const struct format_clause *clause, const struct ast *arg)
{
	const struct ast *bad = takes(clause, arg) ? NULL : arg;

	if (arg->kind == AST_LIST) {
		for (size_t i = 0; bad == NULL && i < arg->u.list.count; i++)
			bad = unprintable(clause, arg->u.list.items[i]);
	} else if (arg->kind == AST_MAP) {
		for (size_t i = 0; bad == NULL && i < arg->u.map.count; i++) {
			bad = unprintable(clause, arg->u.map.entries[i].key);
			if (bad == NULL)
				bad = unprintable(
				    clause, arg->u.map.entries[i].value);
		}
	}
	return bad;
}

static void
check_argument(struct format *f, const struct format_clause *clause)
{
	const struct ast *arg = f->args[f->next++];
	const struct ast *bad = clause->verb == 's' ? unprintable(clause, arg)
	    : takes(clause, arg)                    ? NULL
						    : arg;

	if (bad == NULL)
		return;
	f->failed = true;
	cel_issue_add(f->c->issues, bad->operator_pos,
	    "error during formatting: %s, was given %.*s", clause->takes,
	    SLICE_ARG(type_name(bad->type)));
}

/* What stands behind a percent sign. */
static void
check_clause(struct format *f, struct kg_slice text, size_t *at)
{
	const struct format_clause *clause;
	struct buf why;
	int precision;

	buf_init(&why, f->c->arena, DIAG_MESSAGE_MAX);
	if (*at < text.len && f->next >= f->count) {
		buf_printf(&why, "index %zu out of range", f->next);
	} else {
		clause = format_read(text, at, &precision, &why);
		if (clause != NULL) {
			check_argument(f, clause);
			return;
		}
	}
	f->failed = true;
	cel_issue_add(f->c->issues, f->call->operator_pos, "%.*s",
	    SLICE_ARG(buf_slice(&why)));
}

static void
check_format(struct checker *c, const struct ast *call)
{
	const struct ast *list = call->u.call.args[0];
	const struct value *text = &call->u.call.target->u.constant;
	const struct kg_slice format = slice_of(text->u.bytes, text->count);
	struct format f = { .c = c,
		.call = call,
		.args = list->u.list.items,
		.count = list->u.list.count };

	for (size_t i = 0; i < format.len && !f.failed;) {
		if (format.ptr[i++] != '%')
			continue;
		if (i < format.len && format.ptr[i] == '%')
			i++;
		else
			check_clause(&f, format, &i);
	}
	if (!f.failed && f.next < f.count)
		cel_issue_add(c->issues, call->operator_pos,
		    "too many arguments supplied to string.format "
		    "(expected %zu, got %zu)",
		    f.next, f.count);
}

/* --- Lists and maps of one type --- */

/* An element whose type is not that of the first one. */
struct mismatch {
	const struct ast *node;
	const struct cel_type *want, *have;
};

struct literals {
	struct checker *c;
	struct mismatch *found;
	size_t count, cap;
};

static const struct cel_type *
part_type(const struct ast *node, bool optional)
{
	const struct cel_type *t = node->type;

	if (optional)
		(void)type_unwrap(&t);
	return t;
}

/* False when the element differs from those before, which is noted. */
static bool
same_as_before(struct literals *l, const struct ast *node, bool optional,
    const struct cel_type **before)
{
	const struct cel_type *t = part_type(node, optional);
	const size_t size = sizeof(*l->found);
	struct mismatch *found = l->found;

	if (*before == NULL)
		*before = t;
	if (cel_type_equal(*before, t))
		return true;
	if (l->count == l->cap) {
		const size_t cap = l->cap == 0 ? 4 : 2 * l->cap;

		found =
		    arena_grow(l->c->arena, found, l->cap * size, cap * size);
		if (found == NULL)
			return false;
		l->found = found;
		l->cap = cap;
	}
	found[l->count++] = (struct mismatch){ node, *before, t };
	return false;
}

static void
check_list(struct literals *l, const struct ast *list)
{
	const struct cel_type *type = NULL;

	for (size_t i = 0; i < list->u.list.count; i++) {
		const struct ast *item = list->u.list.items[i];

		if (!same_as_before(
			l, item, (item->flags & AST_ELEMENT) != 0, &type))
			return;
	}
}

static void
check_map(struct literals *l, const struct ast *map)
{
	const struct cel_type *keys = NULL, *values = NULL;

	for (size_t i = 0; i < map->u.map.count; i++) {
		const struct ast_entry *e = &map->u.map.entries[i];

		if (!same_as_before(l, e->key, false, &keys) ||
		    !same_as_before(l, e->value, e->optional, &values))
			return;
	}
}

static bool
is_format(const struct ast *node)
{
	return node->kind == AST_CALL && node->u.call.target != NULL &&
	    slice_is(node->u.call.function, "format");
}

static void
visit(void *context, struct ast *node)
{
	struct literals *l = context;

	if (node->kind == AST_LIST && l->c->env->homogeneous)
		check_list(l, node);
	if (node->kind == AST_MAP && l->c->env->homogeneous)
		check_map(l, node);
	if (!is_format(node))
		return;
	/* What is put into a text may be of any types. */
	while (l->count > 0 && l->found[l->count - 1].node->pos >= node->pos)
		l->count--;
	if (node->u.call.target->kind == AST_CONST &&
	    node->u.call.target->u.constant.kind == CEL_STRING &&
	    node->u.call.arg_count == 1 &&
	    node->u.call.args[0]->kind == AST_LIST)
		check_format(l->c, node);
}

void
checker_literals(struct checker *c, struct ast *root)
{
	struct literals l = { .c = c };

	cel_ast_walk(root, visit, &l);
	for (size_t i = 0; i < l.count; i++)
		checker_mismatch(
		    c, l.found[i].node, l.found[i].want, l.found[i].have);
}
