/* SPDX-License-Identifier: Apache-2.0 */
/* Label selectors: apimachinery/pkg/apis/meta/v1 LabelSelector. */
#include "policy/match.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* A key or value that no label can have selects nothing. */
static void
check_key(struct node_reader *r, struct node n, struct kg_slice key)
{
	(void)node_name_format(r, n, FORMAT_QUALIFIED_NAME, key, "label key");
}

static void
check_value(struct node_reader *r, struct node n, struct kg_slice value)
{
	(void)node_name_format(r, n, FORMAT_LABEL_VALUE, value, "label value");
}

static void
read_term(struct node_reader *r, struct node n, struct selector_term *t)
{
	static const char *const fields[] = { "key", "operator", "values" };
	static const char *const operators[] = { "In", "NotIn", "Exists",
		"DoesNotExist" };
	const struct node values = node_get(r, n, "values");
	unsigned op = 0;

	*t = (struct selector_term){ 0 };
	if (!node_fields(r, n, fields, COUNT(fields)))
		return;
	node_required(r, n, node_get(r, n, "key"), "key");
	node_required(r, n, node_get(r, n, "operator"), "operator");
	node_string(r, node_get(r, n, "key"), &t->key);
	node_enum(
	    r, node_get(r, n, "operator"), operators, COUNT(operators), &op);
	t->op = (enum selector_operator)op;
	if (value_is(node_get(r, n, "key").v, VALUE_STRING))
		check_key(r, node_get(r, n, "key"), t->key);
	node_strings(r, values, &t->values);
	for (size_t i = 0; i < t->values.count; i++)
		check_value(r, node_at(r, values, i), t->values.items[i]);
	if ((op <= SELECTOR_NOT_IN) != (t->values.count > 0))
		node_error(r, n, "%.*s: operator %s %s values",
		    SLICE_ARG(n.path), operators[op],
		    op <= SELECTOR_NOT_IN ? "needs" : "takes no");
}

static void
read_label(struct node_reader *r, struct node labels, size_t i,
    struct selector_term *t)
{
	struct kg_slice *value = arena_array(r->arena, 1, sizeof(*value));
	struct kg_slice name;
	const struct node n = node_member(r, labels, i, &name);

	*t = (struct selector_term){ .key = name, .op = SELECTOR_IN };
	if (value == NULL)
		return;
	*value = slice_of(NULL, 0);
	node_string(r, n, value);
	check_key(r, n, name);
	check_value(r, n, *value);
	t->values = (struct string_list){ value, 1 };
}

void
selector_read(struct node_reader *r, struct node n, struct selector *out)
{
	static const char *const fields[] = { "matchLabels",
		"matchExpressions" };
	const struct node labels = node_get(r, n, "matchLabels");
	const struct node exprs = node_get(r, n, "matchExpressions");
	struct selector_term *terms;
	size_t label_count, expr_count;

	*out = (struct selector){ 0 };
	if (n.v == NULL || !node_fields(r, n, fields, COUNT(fields)))
		return;
	(void)node_object(r, labels, &label_count);
	(void)node_list(r, exprs, &expr_count);
	terms = arena_array(r->arena, label_count + expr_count, sizeof(*terms));
	if (terms == NULL)
		return;
	for (size_t i = 0; i < label_count; i++)
		read_label(r, labels, i, &terms[i]);
	for (size_t i = 0; i < expr_count; i++)
		read_term(r, node_at(r, exprs, i), &terms[label_count + i]);
	*out = (struct selector){ terms, label_count + expr_count };
}

static bool
term_matches(const struct selector_term *t, const struct value *label)
{
	const bool present = value_is(label, VALUE_STRING);

	switch (t->op) {
	case SELECTOR_IN:
		return present && string_list_has(&t->values, value_str(label));
	case SELECTOR_NOT_IN:
		return !present ||
		    !string_list_has(&t->values, value_str(label));
	case SELECTOR_EXISTS:
		return present;
	case SELECTOR_DOES_NOT_EXIST:
		break;
	}
	return !present;
}

bool
selector_matches(const struct selector *s, const struct value *labels)
{
	for (size_t i = 0; i < s->count; i++) {
		if (!term_matches(
			&s->terms[i], value_find(labels, s->terms[i].key)))
			return false;
	}
	return true;
}

static bool
is_name_label(struct kg_slice key)
{
	return slice_is(key, "kubernetes.io/metadata.name");
}

struct kg_slice
selector_foreign_key(const struct selector *s)
{
	for (size_t i = 0; i < s->count; i++) {
		if (!is_name_label(s->terms[i].key))
			return s->terms[i].key;
	}
	return slice_of(NULL, 0);
}

/*
 * A term over the name decides without the labels; when one fails, the
 * others need not be known.
 */
enum match_result
match_namespace(const struct selector *s, const struct namespace_view *ns,
    struct kg_slice *unknown_key)
{
	const struct value name = { .kind = VALUE_STRING,
		.count = (uint32_t)ns->name.len,
		.u.bytes = ns->name.ptr };
	enum match_result result = MATCH_YES;

	for (size_t i = 0; i < s->count; i++) {
		const struct selector_term *t = &s->terms[i];

		if (is_name_label(t->key)) {
			if (!term_matches(t, &name))
				return MATCH_NO;
		} else if (ns->labels == NULL) {
			*unknown_key = t->key;
			result = MATCH_ERROR;
		} else if (!term_matches(t, value_find(ns->labels, t->key))) {
			return MATCH_NO;
		}
	}
	return result;
}
