/* SPDX-License-Identifier: Apache-2.0 */
/* References are followed at most ENV_DEPTH_MAX deep, ENV_FUEL in all. */
#include "enclave/env.h"

#include "base/buf.h"
#include "base/limits.h"

struct expansion {
	const struct container *container;
	struct buf out;
	size_t fuel;
};

static enum env_source
source_of(const struct value *entry)
{
	const struct value *from = value_get(entry, KEY_valueFrom);

	if (value_is_null(from))
		return ENV_LITERAL;
	return value_is(value_find(from, SLICE("fieldRef")), VALUE_OBJECT)
	    ? ENV_FIELD
	    : ENV_FOREIGN;
}

bool
env_reference(struct kg_slice value, size_t *at, struct kg_slice *name)
{
	for (size_t i = *at; i + 1 < value.len; i++) {
		size_t end;

		if (value.ptr[i] != '$')
			continue;
		if (value.ptr[i + 1] != '(') {
			i += value.ptr[i + 1] == '$';
			continue;
		}
		end = slice_find(slice_from(value, i), ')');
		if (i + end >= value.len)
			break;
		*name = slice_of(value.ptr + i + 2, end - 2);
		*at = i + end + 1;
		return true;
	}
	*at = value.len;
	return false;
}

/* Text without references: "$$" is one dollar. */
static void
put_plain(struct buf *out, struct kg_slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		buf_putc(out, text.ptr[i]);
		if (text.ptr[i] == '$' && i + 1 < text.len &&
		    text.ptr[i + 1] == '$')
			i++;
	}
}

/* Recursion: at most ENV_DEPTH_MAX deep. */
static void
expand(struct expansion *x, struct kg_slice value, size_t end, unsigned depth)
{
	struct kg_slice name;
	size_t from = 0, at = 0;

	while (env_reference(value, &at, &name)) {
		const size_t start = at - name.len - 3;
		const size_t i = container_env(x->container, name, end);
		const struct value *entry = value_at(x->container->env, i);

		put_plain(&x->out, slice_of(value.ptr + from, start - from));
		from = at;
		if (entry == NULL || source_of(entry) != ENV_LITERAL ||
		    depth == ENV_DEPTH_MAX || x->fuel == 0) {
			buf_put(
			    &x->out, slice_of(value.ptr + start, at - start));
			continue;
		}
		x->fuel--;
		expand(x, value_str(value_get(entry, KEY_value)), i, depth + 1);
	}
	put_plain(&x->out, slice_from(value, from));
}

static void
take_value(struct arena *arena, const struct container *c, struct env_var *out)
{
	const struct value *entry = value_at(c->env, out->index);
	const struct kg_slice value = value_str(value_get(entry, KEY_value));
	struct expansion x = { .container = c, .fuel = ENV_FUEL };

	out->value = value;
	if (slice_find(value, '$') == value.len)
		return;
	buf_init(&x.out, arena, ENV_VALUE_MAX);
	expand(&x, value, out->index, 0);
	if (!buf_failed(&x.out))
		out->value = buf_slice(&x.out);
}

void
env_find(struct arena *arena, const struct container *c, struct kg_slice name,
    struct env_var *out)
{
	const struct value *entry;

	*out = (struct env_var){ .source = ENV_ABSENT };
	out->index = container_env(c, name, c->env_count);
	if (out->index == SIZE_MAX)
		return;
	entry = value_at(c->env, out->index);
	out->source = source_of(entry);
	for (size_t i = 0; i < out->index; i++) {
		if (!slice_eq(c->env_names[i], name))
			continue;
		out->others++;
		out->differing = out->differing ||
		    !value_equal_semantic(value_at(c->env, i), entry);
	}
	if (out->source == ENV_LITERAL)
		take_value(arena, c, out);
	if (out->source == ENV_FIELD)
		out->field = value_str(
		    value_find(value_find(value_get(entry, KEY_valueFrom),
				   SLICE("fieldRef")),
			SLICE("fieldPath")));
}
