/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records come in order of evaluation, a part's own parts before it. They are
 * put together to a tree by their places in the source, and printed from the
 * top.
 */
#include "cli/explain.h"

#include "base/limits.h"
#include "base/utf8.h"
#include "cli/subject.h"

#define SHOWN_TEXT 60u
#define SHOWN_VALUE 70u

struct part {
	const struct cel_record *record;
	struct cel_span span;
	struct part *child, *next;
};

struct explaining {
	const struct explained *x;
	struct arena *arena;
	struct buf *out;
};

/* --- Records to a tree --- */

/* variables.x: what it means was evaluated as another root. */
static bool
is_variable(const struct explained *x, const struct ast *n)
{
	const struct ast *operand;

	if (n->kind != AST_SELECT)
		return false;
	operand = n->u.select.operand;
	return operand->kind == AST_IDENT &&
	    operand->u.ident.variable != NULL &&
	    operand->u.ident.variable->index == x->variables_slot;
}

static bool
belongs(const struct explained *x, const struct part *inner,
    const struct part *outer)
{
	if (inner->span.root != outer->span.root)
		return is_variable(x, outer->span.tree);
	return inner->span.tree != outer->span.tree &&
	    inner->span.pos >= outer->span.pos &&
	    inner->span.end <= outer->span.end;
}

static struct part *
gather(struct explaining *e, const struct cel_records *records)
{
	struct part *parts =
	    arena_alloc(e->arena, records->count * sizeof(*parts));
	struct part **stack =
	    arena_array(e->arena, records->count, sizeof(struct part *));
	size_t top = 0;

	if (parts == NULL || stack == NULL)
		return NULL;
	for (size_t i = 0; i < records->count; i++) {
		struct part *p = &parts[i];

		p->record = &records->items[i];
		p->span = cel_program_span(e->x->program, p->record->node);
		while (top > 0 && belongs(e->x, stack[top - 1], p)) {
			stack[top - 1]->next = p->child;
			p->child = stack[--top];
		}
		stack[top++] = p;
	}
	return top > 0 ? stack[top - 1] : NULL;
}

/* --- Printing --- */

/* The source of a part on one line. */
static struct kg_slice
source(struct explaining *e, const struct cel_span *span, size_t max)
{
	const struct kg_slice text = e->x->texts[span->root];
	struct buf b;
	bool space = false;

	buf_init(&b, e->arena, MIB);
	for (size_t i = span->pos; i < span->end && i < text.len; i++) {
		const char c = text.ptr[i];
		const bool blank =
		    c == ' ' || c == '\n' || c == '\t' || c == '\r';

		if (blank && !space)
			buf_putc(&b, ' ');
		if (!blank)
			buf_putc(&b, c);
		space = blank;
	}
	if (b.len <= max)
		return buf_slice(&b);
	return arena_printf(
	    e->arena, "%.*s...", SLICE_ARG(utf8_cut(buf_slice(&b), max - 3)));
}

static struct kg_slice
shown_value(struct explaining *e, const struct value *v)
{
	struct buf b;

	buf_init(&b, e->arena, BODY_MAX_CEILING);
	subject_value_text(&b, e->arena, v, SHOWN_VALUE);
	if (b.len <= SHOWN_VALUE)
		return buf_slice(&b);
	return arena_printf(e->arena, "%.*s...",
	    SLICE_ARG(utf8_cut(buf_slice(&b), SHOWN_VALUE - 3)));
}

/* Constants say what they are; of a.b.c the whole is enough. */
static bool
is_silent(const struct part *p, const struct part *parent)
{
	const struct ast *n = p->span.tree;

	if (n->kind == AST_CONST || (n->flags & AST_HIDDEN) != 0)
		return true;
	if (parent == NULL || p->record->value.kind == CEL_ERROR)
		return false;
	return parent->span.tree->kind == AST_SELECT &&
	    (n->kind == AST_IDENT || n->kind == AST_SELECT);
}

/* Recursion: a tree of expressions is no higher than CEL_DEPTH_MAX, and
 * variables use earlier ones only. */
static void
print_part(struct explaining *e, const struct part *p,
    const struct part *parent, unsigned indent)
{
	const bool element =
	    parent != NULL && p->record->depth > parent->record->depth;
	const bool silent = is_silent(p, parent);

	if (!silent) {
		buf_printf(e->out, "%*s", (int)(2 * indent), "");
		if (element)
			buf_printf(
			    e->out, "[%u] ", (unsigned)p->record->iteration);
		buf_put_line(e->out, source(e, &p->span, SHOWN_TEXT));
		buf_puts(e->out, " = ");
		buf_put(e->out, shown_value(e, &p->record->value));
		buf_putc(e->out, '\n');
	}
	for (const struct part *c = p->child; c != NULL; c = c->next)
		print_part(e, c, p, silent ? indent : indent + 1);
}

/* --- Why --- */

/* The parts from the whole to the one where the error began. */
struct trail_parts {
	const struct part *parts[CEL_DEPTH_MAX * 2];
	size_t count;
};

static void
follow(const struct part *p, struct trail_parts *t)
{
	while (p != NULL && t->count < CEL_DEPTH_MAX * 2) {
		const struct part *c = p->child;

		t->parts[t->count++] = p;
		while (c != NULL && c->record->value.kind != CEL_ERROR)
			c = c->next;
		p = c;
	}
}

static void put_path(struct explaining *e, const struct trail_parts *t,
    const struct ast *n, unsigned depth);

/* A fold's variable: the element of its range that was looked at. */
static void
put_local(struct explaining *e, const struct trail_parts *t,
    const struct ast *n, unsigned depth)
{
	for (size_t i = t->count; i-- > 1;) {
		const struct ast *fold = t->parts[i - 1]->span.tree;
		const struct kg_slice name = n->u.ident.name;

		if (fold->kind != AST_FOLD)
			continue;
		if (slice_eq(fold->u.fold.var, name) &&
		    fold->u.fold.var2.len > 0)
			break; /* an index or key */
		if (!slice_eq(fold->u.fold.var, name) &&
		    !slice_eq(fold->u.fold.var2, name))
			continue;
		put_path(e, t, fold->u.fold.range, depth - 1);
		buf_printf(
		    e->out, "[%u]", (unsigned)t->parts[i]->record->iteration);
		return;
	}
	buf_put(e->out, n->u.ident.name);
}

/* Recursion: bounded by depth. */
static void
put_path(struct explaining *e, const struct trail_parts *t, const struct ast *n,
    unsigned depth)
{
	const struct cel_span *last = &t->parts[t->count - 1]->span;
	const struct cel_span span = { last->root, n->pos, n->end, n };

	if (depth > 0 && n->kind == AST_SELECT) {
		put_path(e, t, n->u.select.operand, depth - 1);
		buf_putc(e->out, '.');
		buf_put(e->out, n->u.select.field);
	} else if (depth > 0 && n->kind == AST_IDENT &&
	    n->u.ident.variable == NULL) {
		put_local(e, t, n, depth);
	} else {
		buf_put_line(e->out, source(e, &span, SHOWN_TEXT));
	}
}

static void
explain_key(
    struct explaining *e, const struct trail_parts *t, const struct ast *n)
{
	const struct cel_span span = { t->parts[t->count - 1]->span.root,
		n->u.select.operand->pos, n->u.select.operand->end,
		n->u.select.operand };
	const struct kg_slice operand = source(e, &span, SHOWN_TEXT);
	const struct kg_slice field = n->u.select.field;

	buf_puts(e->out, " at ");
	put_path(e, t, n->u.select.operand, CEL_DEPTH_MAX);
	buf_printf(e->out,
	    "\n  Guard it with has(%.*s.%.*s), or read it with "
	    "%.*s.?%.*s.orValue(...).\n",
	    SLICE_ARG(operand), SLICE_ARG(field), SLICE_ARG(operand),
	    SLICE_ARG(field));
}

/* The value of an operand: its own, or what was recorded of it. */
static const struct value *
operand_value(const struct part *p, const struct ast *n)
{
	if (n->kind == AST_CONST)
		return &n->u.constant;
	for (const struct part *c = p->child; c != NULL; c = c->next) {
		if (c->span.tree == n)
			return &c->record->value;
	}
	return NULL;
}

static void
put_operand(struct explaining *e, const struct part *p, const struct ast *n,
    bool *first)
{
	const struct value *v = n != NULL ? operand_value(p, n) : NULL;

	if (v == NULL)
		return;
	buf_puts(e->out, *first ? " has operands of type " : ", ");
	buf_put(e->out, cel_type_name(v));
	*first = false;
}

/* What a call was given. */
static void
explain_call(struct explaining *e, const struct part *p)
{
	const struct ast *n = p->span.tree;
	bool first = true;

	buf_puts(e->out, ": ");
	buf_put_line(e->out, source(e, &p->span, SHOWN_TEXT));
	if (n->kind == AST_CALL) {
		put_operand(e, p, n->u.call.target, &first);
		for (size_t i = 0; i < n->u.call.arg_count; i++)
			put_operand(e, p, n->u.call.args[i], &first);
	}
	buf_putc(e->out, '\n');
}

static void
explain_error(struct explaining *e, const struct part *whole)
{
	struct trail_parts t = { .count = 0 };
	const struct part *p;

	follow(whole, &t);
	if (t.count == 0)
		return;
	p = t.parts[t.count - 1];
	buf_puts(e->out, "\n");
	buf_put_line(e->out, cel_error_text(e->arena, &p->record->value));
	if (p->span.tree->kind == AST_SELECT &&
	    p->record->value.flags == CEL_ERROR_NO_KEY)
		explain_key(e, &t, p->span.tree);
	else
		explain_call(e, p);
}

void
explain_print(struct buf *out, struct arena *a, const struct explained *x,
    const struct cel_records *records)
{
	struct explaining e = { x, a, out };
	const struct part *whole = gather(&e, records);

	if (whole == NULL)
		return;
	print_part(&e, whole, NULL, 0);
	if (records->full)
		buf_puts(out, "(more was evaluated than is shown)\n");
	if (whole->record->value.kind == CEL_ERROR)
		explain_error(&e, whole);
}
