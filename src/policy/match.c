/* SPDX-License-Identifier: Apache-2.0 */
/* matchConstraints: which requests a policy looks at. */
#include "policy/match.h"

#include "policy/podkind.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum scope {
	SCOPE_ANY,
	SCOPE_CLUSTER,
	SCOPE_NAMESPACED,
};

/* Entry of a list, or "*". */
static bool
list_takes(const struct string_list *list, struct kg_slice s)
{
	return string_list_has(list, s) || string_list_has(list, SLICE("*"));
}

/* One entry of resources: pods, pods/log, pods/any, any/scale, any. */
static bool
resource_takes(struct kg_slice entry, struct kg_slice resource,
    struct kg_slice subresource)
{
	const size_t slash = slice_find(entry, '/');
	const struct kg_slice name = slice_upto(entry, slash);
	const struct kg_slice sub = slice_from(entry, slash + 1);

	if (!slice_is(name, "*") && !slice_eq(name, resource))
		return false;
	if (slash == entry.len)
		return subresource.len == 0;
	/* As Kubernetes: "*" behind the slash also takes no subresource. */
	return slice_is(sub, "*") || slice_eq(sub, subresource);
}

static bool
resources_take(const struct string_list *list, const struct kg_request *q)
{
	for (size_t i = 0; i < list->count; i++) {
		if (resource_takes(
			list->items[i], q->resource.resource, q->subresource))
			return true;
	}
	return false;
}

static bool
scope_takes(unsigned scope, const struct kg_request *q)
{
	const bool is_namespace = q->resource.group.len == 0 &&
	    slice_is(q->resource.resource, "namespaces");
	const bool cluster = q->ns.len == 0 || is_namespace;

	return scope == SCOPE_ANY || (scope == SCOPE_CLUSTER) == cluster;
}

static bool
rule_takes(const struct resource_rule *r, const struct kg_request *q)
{
	return list_takes(&r->operations, q->operation) &&
	    list_takes(&r->groups, q->resource.group) &&
	    list_takes(&r->versions, q->resource.version) &&
	    resources_take(&r->resources, q) && scope_takes(r->scope, q) &&
	    (r->names.count == 0 || string_list_has(&r->names, q->name));
}

static bool
any_rule_takes(
    const struct resource_rule *rules, size_t count, const struct kg_request *q)
{
	for (size_t i = 0; i < count; i++) {
		if (rule_takes(&rules[i], q))
			return true;
	}
	return false;
}

static const struct value *
labels_of(const struct value *object)
{
	return value_get(value_get(object, KEY_metadata), KEY_labels);
}

/* Either object may match; one that is absent does not, nor do the options of
 * CONNECT, which cannot have labels. */
static bool
objects_match(const struct selector *s, const struct kg_request *q)
{
	if (s->count == 0)
		return true;
	if (slice_is(q->operation, "CONNECT"))
		return false;
	return (!value_is_null(q->object) &&
		   selector_matches(s, labels_of(q->object))) ||
	    (!value_is_null(q->old_object) &&
		selector_matches(s, labels_of(q->old_object)));
}

static enum match_result
request_namespace(const struct selector *s, const struct kg_request *q,
    const struct namespace_view *ns, struct kg_slice *unknown_key)
{
	const bool is_namespace = q->resource.group.len == 0 &&
	    slice_is(q->resource.resource, "namespaces");
	struct namespace_view own = { .name = q->name };

	if (is_namespace && !value_is_null(q->object)) {
		own.labels = labels_of(q->object);
		if (own.labels == NULL)
			own.labels =
			    &(const struct value){ .kind = VALUE_OBJECT };
		return match_namespace(s, &own, unknown_key);
	}
	if (ns->name.len == 0)
		return MATCH_YES; /* cluster-scoped */
	return match_namespace(s, ns, unknown_key);
}

enum match_result
match_request(const struct match *m, const struct kg_request *q,
    const struct namespace_view *ns, struct kg_slice *unknown_key)
{
	if (m->rule_count > 0 && !any_rule_takes(m->rules, m->rule_count, q))
		return MATCH_NO;
	if (any_rule_takes(m->excludes, m->exclude_count, q) ||
	    !objects_match(&m->objects, q))
		return MATCH_NO;
	return request_namespace(&m->namespaces, q, ns, unknown_key);
}

/* --- Reading --- */

/* As the API server has it: what matches nothing, or nothing that another
 * entry does not match, was meant otherwise. */
static void
check_empty(
    struct node_reader *r, struct node n, const struct string_list *list)
{
	if (value_is(n.v, VALUE_LIST) && list->count == 0)
		node_error(r, n, "%.*s is empty: the rule would match nothing",
		    SLICE_ARG(n.path));
}

static void
check_list(struct node_reader *r, struct node n, const struct string_list *list)
{
	check_empty(r, n, list);
	if (list->count > 1 && string_list_has(list, SLICE("*")))
		node_error(r, n, "%.*s: \"*\" stands alone", SLICE_ARG(n.path));
}

static void
check_blank(
    struct node_reader *r, struct node n, const struct string_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct node item = node_at(r, n, i);

		if (list->items[i].len == 0)
			node_error(
			    r, item, "%.*s is empty", SLICE_ARG(item.path));
	}
}

/* Does one entry of resources take whatever a later one takes? */
static bool
resource_covers(struct kg_slice wide, struct kg_slice narrow)
{
	const size_t slash = slice_find(narrow, '/');
	const struct kg_slice name = slice_upto(narrow, slash);
	const struct kg_slice sub = slice_from(narrow, slash + 1);

	if (slash == narrow.len)
		return slice_is(wide, "*") && !slice_is(narrow, "*");
	return (slice_starts(wide, SLICE("*/")) ||
		   slice_ends(wide, SLICE("/*"))) &&
	    resource_takes(wide, name, sub);
}

/* The entry that makes this one needless; NULL: none does. */
static const struct kg_slice *
covering(const struct string_list *list, size_t i)
{
	for (size_t j = 0; j < list->count; j++) {
		const struct kg_slice *wide = &list->items[j];

		if ((j != i && slice_is(*wide, "*/*")) ||
		    (j < i && resource_covers(*wide, list->items[i])))
			return wide;
	}
	return NULL;
}

static void
check_resources(
    struct node_reader *r, struct node n, const struct string_list *list)
{
	check_blank(r, n, list);
	for (size_t i = 0; i < list->count; i++) {
		const struct kg_slice *wide = covering(list, i);

		if (wide != NULL)
			node_error(r, node_at(r, n, i),
			    "\"%.*s\" is among \"%.*s\"",
			    SLICE_ARG(list->items[i]), SLICE_ARG(*wide));
	}
}

static void
check_names(
    struct node_reader *r, struct node n, const struct string_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct kg_slice name = list->items[i];
		const struct string_list before = { list->items, i };

		if (slice_is(name, ".") || slice_is(name, "..") ||
		    slice_find(name, '/') < name.len ||
		    slice_find(name, '%') < name.len)
			node_error(r, node_at(r, n, i),
			    "\"%.*s\" is the name of nothing", SLICE_ARG(name));
		if (string_list_has(&before, name))
			node_error(r, node_at(r, n, i), "a second \"%.*s\"",
			    SLICE_ARG(name));
	}
}

static void
check_rule(
    struct node_reader *r, struct node n, const struct resource_rule *rule)
{
	const struct node resources = node_get(r, n, "resources");

	check_list(r, node_get(r, n, "apiGroups"), &rule->groups);
	check_list(r, node_get(r, n, "apiVersions"), &rule->versions);
	check_list(r, node_get(r, n, "operations"), &rule->operations);
	check_blank(r, node_get(r, n, "apiVersions"), &rule->versions);
	check_empty(r, resources, &rule->resources);
	check_resources(r, resources, &rule->resources);
	check_names(r, node_get(r, n, "resourceNames"), &rule->names);
}

static void
read_rule(struct node_reader *r, struct node n, void *item)
{
	struct resource_rule *out = item;
	static const char *const fields[] = { "apiGroups", "apiVersions",
		"operations", "resources", "resourceNames", "scope" };
	static const char *const scopes[] = { "*", "Cluster", "Namespaced" };
	static const struct kg_slice words[] = { SLICE_INIT("*"),
		SLICE_INIT("CREATE"), SLICE_INIT("UPDATE"),
		SLICE_INIT("DELETE"), SLICE_INIT("CONNECT") };
	static const struct string_list known = { words, COUNT(words) };

	if (!node_fields(r, n, fields, COUNT(fields)))
		return;
	for (size_t i = 0; i < 4; i++)
		node_required(r, n, node_get(r, n, fields[i]), fields[i]);
	node_strings(r, node_get(r, n, "apiGroups"), &out->groups);
	node_strings(r, node_get(r, n, "apiVersions"), &out->versions);
	node_strings(r, node_get(r, n, "operations"), &out->operations);
	node_strings(r, node_get(r, n, "resources"), &out->resources);
	node_strings(r, node_get(r, n, "resourceNames"), &out->names);
	node_enum(
	    r, node_get(r, n, "scope"), scopes, COUNT(scopes), &out->scope);
	check_rule(r, n, out);
	for (size_t i = 0; i < out->operations.count; i++) {
		if (!string_list_has(&known, out->operations.items[i]))
			node_error(r,
			    node_at(r, node_get(r, n, "operations"), i),
			    "operation is CREATE, UPDATE, DELETE, CONNECT or "
			    "*");
	}
}

static const struct kg_slice any[] = { SLICE_INIT("*") };
static const struct kg_slice operations[] = { SLICE_INIT("CREATE"),
	SLICE_INIT("UPDATE") };

/* Pods, what may be added to running ones, and all that carry a template. */
static void
default_rules(struct match *out)
{
	static const struct kg_slice
	    core[] = { SLICE_INIT("") },
	    groups[] = { SLICE_INIT(""), SLICE_INIT("apps"),
		    SLICE_INIT("batch"), SLICE_INIT("extensions") },
	    pods[] = { SLICE_INIT("pods"),
		    SLICE_INIT("pods/ephemeralcontainers"),
		    SLICE_INIT("pods/resize") },
	    workloads[] = { SLICE_INIT("podtemplates"),
		    SLICE_INIT("replicationcontrollers"),
		    SLICE_INIT("replicasets"), SLICE_INIT("deployments"),
		    SLICE_INIT("statefulsets"), SLICE_INIT("daemonsets"),
		    SLICE_INIT("jobs"), SLICE_INIT("cronjobs") };
	static const struct resource_rule rules[] = {
		{ .groups = { core, COUNT(core) },
		    .versions = { any, COUNT(any) },
		    .operations = { operations, COUNT(operations) },
		    .resources = { pods, COUNT(pods) } },
		{ .groups = { groups, COUNT(groups) },
		    .versions = { any, COUNT(any) },
		    .operations = { operations, COUNT(operations) },
		    .resources = { workloads, COUNT(workloads) } },
	};

	out->rules = rules;
	out->rule_count = COUNT(rules);
	out->by_default = true;
}

void
match_add_kinds(struct arena *arena, struct match *m,
    const struct pod_kind *kinds, size_t count)
{
	struct resource_rule *rules =
	    arena_alloc(arena, (m->rule_count + count) * sizeof(*rules));

	if (rules == NULL)
		return;
	memcpy(rules, m->rules, m->rule_count * sizeof(*rules));
	for (size_t i = 0; i < count; i++)
		rules[m->rule_count++] =
		    (struct resource_rule){ .groups = { &kinds[i].group, 1 },
			    .versions = { any, COUNT(any) },
			    .operations = { operations, COUNT(operations) },
			    .resources = { &kinds[i].resource, 1 } };
	m->rules = rules;
}

void
match_read(struct node_reader *r, struct node n, struct match *out)
{
	static const char *const fields[] = { "resourceRules",
		"excludeResourceRules", "namespaceSelector", "objectSelector",
		"matchPolicy" };
	static const char *const policies[] = { "Exact", "Equivalent" };
	unsigned policy;

	*out = (struct match){ 0 };
	if (n.v == NULL || !node_fields(r, n, fields, COUNT(fields))) {
		default_rules(out);
		return;
	}
	out->rules = node_items(r, node_get(r, n, "resourceRules"),
	    sizeof(*out->rules), read_rule, &out->rule_count);
	out->excludes = node_items(r, node_get(r, n, "excludeResourceRules"),
	    sizeof(*out->excludes), read_rule, &out->exclude_count);
	selector_read(r, node_get(r, n, "namespaceSelector"), &out->namespaces);
	selector_read(r, node_get(r, n, "objectSelector"), &out->objects);
	/* The API server converts; what arrives is what was asked for. */
	node_enum(r, node_get(r, n, "matchPolicy"), policies, 2, &policy);
	if (out->rule_count == 0)
		default_rules(out);
}
