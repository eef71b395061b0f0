/* SPDX-License-Identifier: Apache-2.0 */
/* Reading our own objects: types, closed fields, nearest names. */
#include "value/node.h"

#include <stdarg.h>

#include "base/hash.h"
#include "base/limits.h"

#define MESSAGE_MAX DIAG_MESSAGE_MAX
#define PATH_MAX_LEN 1024u
/* A hint is worth it when at most a third of the name is wrong. */
#define NEAR(len) ((len) / 3 + 1)

struct node
node_root(const struct document *doc)
{
	return (struct node){ .place = &doc->place,
		.v = doc->root,
		.pos = doc->pos,
		.name_pos = POS_NONE };
}

static struct kg_slice
join_path(struct node_reader *r, struct kg_slice parent, struct kg_slice name)
{
	struct buf b;

	buf_init(&b, r->arena, PATH_MAX_LEN);
	buf_put(&b, parent);
	if (parent.len > 0)
		buf_putc(&b, '.');
	buf_put(&b, name);
	return buf_slice(&b);
}

struct node
node_member(
    struct node_reader *r, struct node object, size_t i, struct kg_slice *name)
{
	const struct member *m = value_member(object.v, i);

	*name = m != NULL ? value_str(&m->name) : slice_of(NULL, 0);
	return (struct node){ .place = object.place,
		.v = m != NULL ? &m->value : NULL,
		.pos = value_child_pos(object.v, i),
		.name_pos = value_name_pos(object.v, i),
		.path = join_path(r, object.path, *name) };
}

struct node
node_get(struct node_reader *r, struct node parent, const char *name)
{
	const size_t i = value_find_index(parent.v, slice_str(name));
	struct kg_slice found;

	if (i == SIZE_MAX)
		return (struct node){ .place = parent.place,
			.pos = parent.pos,
			.name_pos = POS_NONE,
			.path = parent.path };
	return node_member(r, parent, i, &found);
}

struct node
node_at(struct node_reader *r, struct node list, size_t i)
{
	return (struct node){ .place = list.place,
		.v = value_at(list.v, i),
		.pos = value_child_pos(list.v, i),
		.name_pos = POS_NONE,
		.path = arena_printf(
		    r->arena, "%.*s[%zu]", SLICE_ARG(list.path), i) };
}

static void
add(struct node_reader *r, enum kg_severity severity, struct node n,
    const struct kg_slice text)
{
	if (severity == KG_ERROR)
		r->failed = true;
	diag_add_text(r->diags, severity, n.place, n.pos, text);
}

void
node_error(struct node_reader *r, struct node n, const char *format, ...)
{
	char text[MESSAGE_MAX];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	add(r, KG_ERROR, n, slice_str(text));
}

void
node_warn(struct node_reader *r, struct node n, const char *format, ...)
{
	char text[MESSAGE_MAX];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	add(r, KG_WARNING, n, slice_str(text));
}

/* Where a value of the wrong kind or range stands, and what was wanted. */
static void
want(struct node_reader *r, struct node n, const char *what)
{
	struct buf b;

	buf_init(&b, r->arena, MESSAGE_MAX);
	buf_put(&b, n.path.len > 0 ? n.path : SLICE("document"));
	buf_puts(&b, ": found ");
	if (value_is(n.v, VALUE_STRING))
		buf_put_quoted(&b, value_str(n.v));
	else if (value_is(n.v, VALUE_INT))
		buf_put_int(&b, n.v->u.integer);
	else
		buf_puts(&b, value_kind_name(n.v));
	buf_puts(&b, ", want ");
	buf_puts(&b, what);
	add(r, KG_ERROR, n, buf_slice(&b));
}

static const char *
nearest(struct kg_slice name, const char *const *names, size_t count)
{
	size_t best = NEAR(name.len) + 1;
	const char *found = NULL;

	for (size_t i = 0; i < count; i++) {
		const size_t d =
		    slice_distance(name, slice_str(names[i]), NEAR(name.len));

		if (d < best) {
			best = d;
			found = names[i];
		}
	}
	return found;
}

static void
unknown_field(struct node_reader *r, struct node n, size_t i,
    const char *const *names, size_t count)
{
	struct kg_slice name;
	struct node field = node_member(r, n, i, &name);
	const char *hint = nearest(name, names, count);
	struct buf b;

	buf_init(&b, r->arena, MESSAGE_MAX);
	buf_puts(&b, "unknown field ");
	buf_put_quoted(&b, name);
	if (n.path.len > 0) {
		buf_puts(&b, " in ");
		buf_put(&b, n.path);
	}
	if (hint != NULL)
		buf_printf(&b, "; did you mean \"%s\"?", hint);
	if (field.name_pos != POS_NONE)
		field.pos = field.name_pos;
	add(r, KG_ERROR, field, buf_slice(&b));
}

bool
node_object(struct node_reader *r, struct node n, size_t *count)
{
	*count = value_members(n.v);
	if (n.v != NULL && n.v->kind != VALUE_OBJECT)
		want(r, n, "an object");
	return value_is(n.v, VALUE_OBJECT);
}

bool
node_fields(struct node_reader *r, struct node n, const char *const *names,
    size_t count)
{
	size_t members;

	if (!node_object(r, n, &members))
		return false;
	for (size_t i = 0; i < members; i++) {
		const struct kg_slice name = value_str(&n.v->u.members[i].name);
		size_t k = 0;

		while (k < count && !slice_is(name, names[k]))
			k++;
		if (k == count)
			unknown_field(r, n, i, names, count);
	}
	return true;
}

bool
node_required(struct node_reader *r, struct node parent, struct node child,
    const char *name)
{
	if (child.v != NULL)
		return true;
	node_error(r, parent, "%.*s%s%s is required", SLICE_ARG(parent.path),
	    parent.path.len > 0 ? "." : "", name);
	return false;
}

bool
node_name_format(struct node_reader *r, struct node n, enum name_format format,
    struct kg_slice text, const char *what)
{
	struct kg_slice why[NAME_MESSAGES_MAX];

	if (name_format_check(r->arena, format, text, why) == 0)
		return true;
	node_error(r, n, "\"%.*s\" is no %s: %.*s",
	    SLICE_ARG(slice_upto(text, QUOTE_MAX)), what, SLICE_ARG(why[0]));
	return false;
}

bool
node_list(struct node_reader *r, struct node n, size_t *count)
{
	*count = value_len(n.v);
	if (n.v != NULL && n.v->kind != VALUE_LIST)
		want(r, n, "a list");
	return value_is(n.v, VALUE_LIST);
}

const void *
node_items(struct node_reader *r, struct node n, size_t item_size,
    node_read_item *read, size_t *count)
{
	char *items;

	if (n.v == NULL || !node_list(r, n, count) || *count == 0) {
		*count = 0;
		return NULL;
	}
	items = arena_alloc(r->arena, *count * item_size);
	if (items == NULL) {
		*count = 0;
		return NULL;
	}
	for (size_t i = 0; i < *count; i++)
		read(r, node_at(r, n, i), items + i * item_size);
	return items;
}

void
node_string(struct node_reader *r, struct node n, struct kg_slice *out)
{
	if (n.v == NULL)
		return;
	if (n.v->kind == VALUE_STRING)
		*out = value_str(n.v);
	else
		want(r, n, "a string");
}

void
node_bool(struct node_reader *r, struct node n, bool *out)
{
	if (n.v == NULL)
		return;
	if (n.v->kind == VALUE_BOOL)
		*out = n.v->u.boolean;
	else
		want(r, n, "true or false");
}

void
node_int(struct node_reader *r, struct node n, int64_t min, int64_t max,
    int64_t *out)
{
	char text[80];

	if (n.v == NULL)
		return;
	if (n.v->kind == VALUE_INT && n.v->u.integer >= min &&
	    n.v->u.integer <= max) {
		*out = n.v->u.integer;
		return;
	}
	(void)snprintf(text, sizeof(text), "a whole number from %lld to %lld",
	    (long long)min, (long long)max);
	want(r, n, text);
}

void
node_bytes(struct node_reader *r, struct node n, int64_t *out)
{
	struct quantity q;

	if (n.v == NULL)
		return;
	if (quantity_read(n.v, &q) == QUANTITY_OK && quantity_is_integer(&q) &&
	    q.whole >= 0)
		*out = q.whole;
	else
		want(r, n, "a whole number of bytes, such as 64Ki");
}

void
node_enum(struct node_reader *r, struct node n, const char *const *names,
    size_t count, unsigned *out)
{
	struct buf b;

	if (n.v == NULL)
		return;
	for (unsigned i = 0; i < count; i++) {
		if (value_is(n.v, VALUE_STRING) &&
		    slice_is(value_str(n.v), names[i])) {
			*out = i;
			return;
		}
	}
	buf_init(&b, r->arena, MESSAGE_MAX);
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			buf_puts(&b, i + 1 == count ? " or " : ", ");
		buf_puts(&b, names[i][0] == '\0' ? "\"\"" : names[i]);
	}
	buf_putc(&b, '\0');
	want(r, n, buf_failed(&b) ? "another word" : b.ptr);
}

void
node_strings(struct node_reader *r, struct node n, struct string_list *out)
{
	struct kg_slice *items;
	size_t count;

	if (n.v == NULL || !node_list(r, n, &count))
		return;
	items = arena_array(r->arena, count, sizeof(*items));
	if (items == NULL)
		return;
	for (size_t i = 0; i < count; i++) {
		items[i] = slice_of(NULL, 0);
		node_string(r, node_at(r, n, i), &items[i]);
	}
	*out = (struct string_list){ items, count };
}

bool
string_list_has(const struct string_list *list, struct kg_slice s)
{
	for (size_t i = 0; i < list->count; i++) {
		if (hash_same_text(list->items[i], s))
			return true;
	}
	return false;
}
