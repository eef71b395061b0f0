/* SPDX-License-Identifier: Apache-2.0 */
/* URLs, as Kubernetes takes them apart. */
#include "cel/library.h"
#include "value/url.h"

struct url_value {
	struct cel_opaque head;
	struct kg_slice text; /* as printed: equal texts are equal URLs */
	struct url url;
};

static const struct url_value *
value_of(const struct value *v)
{
	return (const struct url_value *)v->u.opaque;
}

static bool
equal(const struct cel_opaque *a, const struct cel_opaque *b)
{
	return slice_eq(((const struct url_value *)a)->text,
	    ((const struct url_value *)b)->text);
}

static const struct cel_opaque_class url_class = {
	.name = SLICE_INIT("kubernetes.URL"),
	.go_name = "cel.URL",
	.equal = equal,
};

struct value
cel_fn_url(struct cel_eval *e, const struct value *args)
{
	struct url_value *v = arena_alloc(e->arena, sizeof(*v));
	struct buf text, error;

	if (v == NULL)
		return cel_no_memory();
	buf_init(&error, e->arena, CEL_TEXT_MAX);
	buf_puts(&error, "URL parse error during conversion from string: ");
	if (!url_parse(e->arena, cel_slice(&args[0]), &v->url, &error))
		return cel_error_built(&error);
	buf_init(&text, e->arena, CEL_TEXT_MAX);
	url_put(&text, &v->url);
	if (buf_failed(&text))
		return cel_no_memory();
	v->head.class = &url_class;
	v->text = buf_slice(&text);
	return cel_opaque(&v->head);
}

struct value
cel_fn_is_url(struct cel_eval *e, const struct value *args)
{
	struct url url;

	return cel_bool(
	    url_check_request(e->arena, cel_slice(&args[0]), &url, NULL));
}

struct value
cel_fn_url_scheme(struct cel_eval *e, const struct value *args)
{
	(void)e;
	return cel_string(value_of(&args[0])->url.scheme);
}

struct value
cel_fn_url_host(struct cel_eval *e, const struct value *args)
{
	return cel_string_repaired(e, value_of(&args[0])->url.host);
}

struct value
cel_fn_url_hostname(struct cel_eval *e, const struct value *args)
{
	return cel_string_repaired(e, url_hostname(&value_of(&args[0])->url));
}

struct value
cel_fn_url_port(struct cel_eval *e, const struct value *args)
{
	(void)e;
	return cel_string(url_port(&value_of(&args[0])->url));
}

struct value
cel_fn_url_escaped_path(struct cel_eval *e, const struct value *args)
{
	struct buf b;

	buf_init(&b, e->arena, CEL_TEXT_MAX);
	url_put_escaped_path(&b, &value_of(&args[0])->url);
	return cel_string_built(&b);
}

/* --- The query --- */

struct query {
	struct cel_eval *e;
	struct value *pairs; /* name and value, in the order written */
	size_t count, cap;   /* of pairs */
};

static bool
query_put(struct query *q, struct kg_slice name, struct kg_slice value)
{
	const size_t want = q->cap == 0 ? 8 : q->cap * 2;
	struct value *pair;

	if (q->count == q->cap) {
		struct value *grown = arena_grow(q->e->arena, q->pairs,
		    2 * q->cap * sizeof(*grown), 2 * want * sizeof(*grown));

		if (grown == NULL)
			return false;
		q->pairs = grown;
		q->cap = want;
	}
	pair = q->pairs + 2 * q->count++;
	pair[0] = cel_string_repaired(q->e, name);
	pair[1] = cel_string_repaired(q->e, value);
	return pair[0].kind == CEL_STRING && pair[1].kind == CEL_STRING;
}

/* The list of all values that belong to pair i's name. */
static struct value
values_of(const struct query *q, size_t i)
{
	const struct kg_slice name = cel_slice(&q->pairs[2 * i]);
	struct value *items =
	    arena_array(q->e->arena, q->count - i, sizeof(*items));
	size_t n = 0;

	if (items == NULL)
		return cel_no_memory();
	for (size_t k = i; k < q->count; k++) {
		if (slice_eq(cel_slice(&q->pairs[2 * k]), name))
			items[n++] = q->pairs[2 * k + 1];
	}
	return cel_list(items, n);
}

static bool
came_before(const struct query *q, size_t i)
{
	for (size_t k = 0; k < i; k++) {
		if (slice_eq(cel_slice(&q->pairs[2 * k]),
			cel_slice(&q->pairs[2 * i])))
			return true;
	}
	return false;
}

static struct value
query_map(struct query *q)
{
	struct value *flat =
	    arena_array(q->e->arena, 2 * q->count, sizeof(*flat));
	uint32_t n = 0;

	if (flat == NULL)
		return cel_no_memory();
	for (size_t i = 0; i < q->count; i++) {
		if (came_before(q, i))
			continue;
		flat[n] = q->pairs[2 * i];
		flat[n + 1] = values_of(q, i);
		if (cel_is_error(&flat[n + 1]))
			return flat[n + 1];
		n += 2;
	}
	return cel_make_map(q->e, flat, n, NULL);
}

struct value
cel_fn_url_query(struct cel_eval *e, const struct value *args)
{
	struct kg_slice rest = value_of(&args[0])->url.raw_query, name, value;
	struct query q = { .e = e };

	while (url_next_param(e->arena, &rest, &name, &value)) {
		/* Go gives an empty map then; names are compared pairwise. */
		if (q.count == URL_PARAMS_MAX)
			return cel_map(NULL, 0);
		if (!query_put(&q, name, value))
			return cel_no_memory();
	}
	return query_map(&q);
}
