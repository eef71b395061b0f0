/* SPDX-License-Identifier: Apache-2.0 */
/* Nodes, runtime classes and annotations of a profile. */
#include "enclave/profile_impl.h"

static void
read_predicate(struct node_reader *r, struct node n, void *item)
{
	static const char *const fields[] = { "key", "values", "exclusive",
		"shared" };
	struct node_predicate *p = item;

	if (!node_fields(r, n, fields, COUNT(fields)))
		return;
	node_required(r, n, node_get(r, n, "key"), "key");
	node_string(r, node_get(r, n, "key"), &p->key);
	node_strings(r, node_get(r, n, "values"), &p->values);
	node_bool(r, node_get(r, n, "exclusive"), &p->exclusive);
	node_bool(r, node_get(r, n, "shared"), &p->shared);
}

void
predicates_read(struct node_reader *r, struct node list,
    const struct node_predicate **out, size_t *count)
{
	*out = node_items(
	    r, list, sizeof(struct node_predicate), read_predicate, count);
}

static void
read_types(struct node_reader *r, struct node n, struct profile *p)
{
	struct node_type *items;
	size_t count;

	if (n.v == NULL || !node_object(r, n, &count))
		return;
	items = arena_array(r->arena, count, sizeof(*items));
	if (items == NULL)
		return;
	for (size_t i = 0; i < count; i++) {
		const struct node item = node_member(r, n, i, &items[i].name);

		items[i].epc = 0;
		node_bytes(r, item, &items[i].epc);
	}
	p->types = items;
	p->type_count = count;
}

void
read_nodes(struct node_reader *r, struct node n, struct profile *p)
{
	static const char *const fields[] = { "typeLabels", "types", "reserve",
		"predicates", "lookalikes" };

	if (n.v == NULL || !node_fields(r, n, fields, COUNT(fields)))
		return;
	node_strings(r, node_get(r, n, "typeLabels"), &p->type_labels);
	read_types(r, node_get(r, n, "types"), p);
	node_bytes(r, node_get(r, n, "reserve"), &p->reserve);
	predicates_read(r, node_get(r, n, "predicates"), &p->predicates,
	    &p->predicate_count);
	predicates_read(r, node_get(r, n, "lookalikes"), &p->lookalikes,
	    &p->lookalike_count);
}

/* --- Runtime classes --- */

static void
read_class_default(struct node_reader *r, struct node n, void *item)
{
	static const char *const fields[] = { "name", "overhead",
		"nodeSelector" };
	const struct node selector = node_get(r, n, "nodeSelector");
	struct class_default *d = item;
	struct pair_list pairs;

	if (!node_fields(r, n, fields, COUNT(fields)))
		return;
	node_required(r, n, node_get(r, n, "name"), "name");
	node_string(r, node_get(r, n, "name"), &d->name);
	read_pairs(r, node_get(r, n, "overhead"), true, &d->overhead);
	read_pairs(r, selector, false, &pairs);
	d->selector = selector.v;
}

void
read_classes(struct node_reader *r, struct node n, struct profile *p)
{
	static const char *const fields[] = { "allow", "insecure", "proves",
		"defaults" };

	if (n.v == NULL || !node_fields(r, n, fields, COUNT(fields)))
		return;
	node_strings(r, node_get(r, n, "allow"), &p->runtime_allow);
	node_strings(r, node_get(r, n, "insecure"), &p->runtime_insecure);
	node_strings(r, node_get(r, n, "proves"), &p->runtime_proves);
	p->class_defaults = node_items(r, node_get(r, n, "defaults"),
	    sizeof(*p->class_defaults), read_class_default,
	    &p->class_default_count);
	for (size_t i = 0; i < p->runtime_proves.count; i++) {
		if (!string_list_has(
			&p->runtime_allow, p->runtime_proves.items[i]))
			node_error(r, node_at(r, node_get(r, n, "proves"), i),
			    "%.*s proves, but is not among "
			    "spec.runtimeClasses.allow",
			    SLICE_ARG(p->runtime_proves.items[i]));
	}
}

static bool
is_hash(struct kg_slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (strchr("0123456789abcdef", s.ptr[i]) == NULL)
			return false;
	}
	return s.len >= 8 && s.len <= 64;
}

bool
runtime_class_listed(const struct string_list *list, struct kg_slice name)
{
	const struct kg_slice any = SLICE("<hash>");

	for (size_t i = 0; i < list->count; i++) {
		const struct kg_slice entry = list->items[i];
		const struct kg_slice stem = slice_upto(
		    entry, entry.len > any.len ? entry.len - any.len : 0);

		if (slice_eq(entry, name) ||
		    (slice_ends(entry, any) && slice_starts(name, stem) &&
			is_hash(slice_from(name, stem.len))))
			return true;
	}
	return false;
}

/* --- Annotations --- */

static void
read_family(struct node_reader *r, struct node n, void *item)
{
	static const char *const fields[] = { "prefix", "allow" };
	struct annotation_family *f = item;

	if (!node_fields(r, n, fields, COUNT(fields)))
		return;
	node_required(r, n, node_get(r, n, "prefix"), "prefix");
	node_string(r, node_get(r, n, "prefix"), &f->prefix);
	node_strings(r, node_get(r, n, "allow"), &f->allow);
}

static void
read_value_rule(struct node_reader *r, struct node n, void *item)
{
	static const char *const fields[] = { "key", "forbid",
		"verifierAfter" };
	struct annotation_value *v = item;

	if (!node_fields(r, n, fields, COUNT(fields)))
		return;
	node_required(r, n, node_get(r, n, "key"), "key");
	node_string(r, node_get(r, n, "key"), &v->key);
	node_strings(r, node_get(r, n, "forbid"), &v->forbid);
	node_strings(r, node_get(r, n, "verifierAfter"), &v->after);
}

void
read_measured(struct node_reader *r, struct node n, void *item)
{
	static const char *const fields[] = { "annotation", "encoding",
		"forbid" };
	static const char *const encodings[] = { "Text", "Base64",
		"GzipBase64" };
	struct measured *m = item;
	unsigned encoding = ENCODING_BASE64;

	if (!node_fields(r, n, fields, COUNT(fields)))
		return;
	node_required(r, n, node_get(r, n, "annotation"), "annotation");
	node_string(r, node_get(r, n, "annotation"), &m->annotation);
	node_enum(r, node_get(r, n, "encoding"), encodings, COUNT(encodings),
	    &encoding);
	node_strings(r, node_get(r, n, "forbid"), &m->forbid);
	m->encoding = (enum encoding)encoding;
}

void
read_annotations(struct node_reader *r, struct node n, struct profile *p)
{
	static const char *const fields[] = { "require", "forbid", "families",
		"values", "epc", "limits" };

	if (n.v == NULL || !node_fields(r, n, fields, COUNT(fields)))
		return;
	node_strings(r, node_get(r, n, "require"), &p->annotations_require);
	node_strings(r, node_get(r, n, "forbid"), &p->annotations_forbid);
	p->families = node_items(r, node_get(r, n, "families"),
	    sizeof(*p->families), read_family, &p->family_count);
	p->values = node_items(r, node_get(r, n, "values"), sizeof(*p->values),
	    read_value_rule, &p->value_count);
	node_strings(r, node_get(r, n, "epc"), &p->epc_annotations);
	node_string(r, node_get(r, n, "limits"), &p->limit_annotations);
}
