/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads EnclaveProfile documents: a closed schema, every misfit reported at
 * its place. Knows no rule.
 */
#include "enclave/profile.h"

#include "base/limits.h"
#include "enclave/path.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void
read_resource(struct node_reader *r, struct node n, void *item)
{
	struct profile_resource *out = item;
	static const char *const fields[] = { "name", "role", "unit", "equals",
		"with" };
	static const char *const roles[] = { "Memory", "Device", "Quote" };
	static const char *const units[] = { "B", "MiB" };
	unsigned role = 0, unit = 0;

	out->unit = 1;
	if (!node_fields(r, n, fields, COUNT(fields)))
		return;
	node_required(r, n, node_get(r, n, "name"), "name");
	node_required(r, n, node_get(r, n, "role"), "role");
	node_string(r, node_get(r, n, "name"), &out->name);
	node_enum(r, node_get(r, n, "role"), roles, COUNT(roles), &role);
	node_enum(r, node_get(r, n, "unit"), units, COUNT(units), &unit);
	node_int(r, node_get(r, n, "equals"), 1, 1000000, &out->equals);
	node_string(r, node_get(r, n, "with"), &out->with);
	out->role = (enum resource_role)role;
	if (unit == 1)
		out->unit = MIB;
	if (out->role != ROLE_MEMORY && node_get(r, n, "unit").v != NULL)
		node_error(r, node_get(r, n, "unit"),
		    "only a resource of role Memory has a unit");
}

static void
read_signals(struct node_reader *r, struct node n, struct profile *p)
{
	static const char *const fields[] = { "env", "mountPaths", "hostPaths",
		"annotations", "runtimeClasses" };

	if (n.v == NULL || !node_fields(r, n, fields, COUNT(fields)))
		return;
	node_strings(r, node_get(r, n, "env"), &p->signals.env);
	node_strings(r, node_get(r, n, "mountPaths"), &p->signals.mount_paths);
	node_strings(r, node_get(r, n, "hostPaths"), &p->signals.host_paths);
	node_strings(r, node_get(r, n, "annotations"), &p->signals.annotations);
	node_strings(
	    r, node_get(r, n, "runtimeClasses"), &p->signals.runtime_classes);
}

static void
read_counts(struct node_reader *r, struct node n,
    const struct resource_count **out, size_t *out_count)
{
	struct resource_count *items;
	size_t count;

	if (n.v == NULL || !node_object(r, n, &count))
		return;
	items = arena_array(r->arena, count, sizeof(*items));
	if (items == NULL)
		return;
	for (size_t i = 0; i < count; i++) {
		const struct node item = node_member(r, n, i, &items[i].name);

		items[i].count = 1;
		node_int(r, item, 1, 1000000, &items[i].count);
	}
	*out = items;
	*out_count = count;
}

/* Paths are compared cleaned, so they are kept so. */
static void
read_paths(struct node_reader *r, struct node n, struct string_list *out)
{
	struct kg_slice *items;

	node_strings(r, n, out);
	items = arena_array(r->arena, out->count, sizeof(*items));
	if (items == NULL)
		return;
	for (size_t i = 0; i < out->count; i++)
		items[i] = path_clean(r->arena, out->items[i]);
	out->items = items;
}

static void
read_mount(struct node_reader *r, struct node n, struct wiring *w)
{
	static const char *const fields[] = { "paths", "hostPath", "emptyDir" };
	static const char *const host_fields[] = { "paths", "types" };
	static const char *const dir_fields[] = { "medium" };
	const struct node host = node_get(r, n, "hostPath");
	const struct node dir = node_get(r, n, "emptyDir");

	if (n.v == NULL || !node_fields(r, n, fields, COUNT(fields)))
		return;
	node_required(r, n, node_get(r, n, "paths"), "paths");
	read_paths(r, node_get(r, n, "paths"), &w->mount_paths);
	if ((host.v != NULL) == (dir.v != NULL))
		node_error(r, n, "%.*s needs either hostPath or emptyDir",
		    SLICE_ARG(n.path));
	w->host_path = host.v != NULL;
	w->empty_dir = dir.v != NULL;
	if (w->host_path &&
	    node_fields(r, host, host_fields, COUNT(host_fields))) {
		read_paths(r, node_get(r, host, "paths"), &w->host_paths);
		node_strings(r, node_get(r, host, "types"), &w->host_types);
	}
	if (w->empty_dir && node_fields(r, dir, dir_fields, COUNT(dir_fields)))
		node_string(r, node_get(r, dir, "medium"), &w->medium);
}

static void
read_wiring(struct node_reader *r, struct node n, void *item)
{
	struct wiring *w = item;
	static const char *const fields[] = { "name", "env", "mount",
		"container", "resources" };
	static const char *const env_fields[] = { "require", "forbid" };
	static const char *const container_fields[] = { "name", "resources" };
	const struct node env = node_get(r, n, "env");
	const struct node container = node_get(r, n, "container");

	if (!node_fields(r, n, fields, COUNT(fields)))
		return;
	node_required(r, n, node_get(r, n, "name"), "name");
	node_string(r, node_get(r, n, "name"), &w->name);
	if (env.v != NULL && node_fields(r, env, env_fields, 2)) {
		node_strings(r, node_get(r, env, "require"), &w->env_require);
		node_strings(r, node_get(r, env, "forbid"), &w->env_forbid);
	}
	read_mount(r, node_get(r, n, "mount"), w);
	if (container.v != NULL &&
	    node_fields(r, container, container_fields, 2)) {
		node_required(
		    r, container, node_get(r, container, "name"), "name");
		node_string(r, node_get(r, container, "name"), &w->container);
		read_counts(r, node_get(r, container, "resources"),
		    &w->container_resources, &w->container_resource_count);
	}
	read_counts(
	    r, node_get(r, n, "resources"), &w->resources, &w->resource_count);
}

static void
read_predicate(struct node_reader *r, struct node n, void *item)
{
	static const char *const fields[] = { "key", "values", "exclusive" };
	struct node_predicate *p = item;

	if (!node_fields(r, n, fields, COUNT(fields)))
		return;
	node_required(r, n, node_get(r, n, "key"), "key");
	node_string(r, node_get(r, n, "key"), &p->key);
	node_strings(r, node_get(r, n, "values"), &p->values);
	node_bool(r, node_get(r, n, "exclusive"), &p->exclusive);
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

static void
read_nodes(struct node_reader *r, struct node n, struct profile *p)
{
	static const char *const fields[] = { "typeLabels", "types",
		"predicates" };

	if (n.v == NULL || !node_fields(r, n, fields, COUNT(fields)))
		return;
	node_strings(r, node_get(r, n, "typeLabels"), &p->type_labels);
	read_types(r, node_get(r, n, "types"), p);
	predicates_read(r, node_get(r, n, "predicates"), &p->predicates,
	    &p->predicate_count);
}

/* {env: OE_SIMULATION, safe: ["0"]}, or `unsafe` instead. */
static void
read_debug(struct node_reader *r, struct node n, void *item)
{
	static const char *const fields[] = { "env", "safe", "unsafe" };
	struct debug_switch *d = item;

	if (!node_fields(r, n, fields, COUNT(fields)))
		return;
	node_required(r, n, node_get(r, n, "env"), "env");
	node_string(r, node_get(r, n, "env"), &d->env);
	d->safe = node_get(r, n, "safe").v != NULL;
	if (d->safe == (node_get(r, n, "unsafe").v != NULL))
		node_error(r, n, "%.*s needs either safe or unsafe",
		    SLICE_ARG(n.path));
	node_strings(
	    r, node_get(r, n, d->safe ? "safe" : "unsafe"), &d->values);
}

/* Two lists under one name: {allow, insecure}, {require, forbid}. */
static void
read_pair(struct node_reader *r, struct node n, const char *const names[2],
    struct string_list *first, struct string_list *second)
{
	if (n.v == NULL || !node_fields(r, n, names, 2))
		return;
	node_strings(r, node_get(r, n, names[0]), first);
	node_strings(r, node_get(r, n, names[1]), second);
}

/* What no single field can say. */
static void
check_profile(struct node_reader *r, struct node spec, const struct profile *p)
{
	for (size_t i = 0; i < p->resource_count && p->tee == TEE_VM; i++) {
		if (p->resources[i].role == ROLE_MEMORY)
			node_error(r,
			    node_at(r, node_get(r, spec, "resources"), i),
			    "a profile of tee: VM has no resource of role "
			    "Memory");
	}
	if (p->type_count > 0 && p->type_labels.count == 0)
		node_error(r, node_get(r, spec, "nodes"),
		    "spec.nodes.types needs spec.nodes.typeLabels");
}

void
profile_read(
    struct node_reader *r, const struct document *doc, struct profile *p)
{
	static const char *const roots[] = { "apiVersion", "kind", "metadata",
		"spec" };
	static const char *const fields[] = { "source", "tee", "domains",
		"resources", "signals", "wirings", "nodes", "taints",
		"runtimeClasses", "debug", "annotations" };
	static const char *const tees[] = { "Process", "VM" };
	static const char *const classes[2] = { "allow", "insecure" };
	static const char *const annotations[2] = { "require", "forbid" };
	const struct node root = node_root(doc);
	const struct node spec = node_get(r, root, "spec");
	unsigned tee = 0;

	*p = (struct profile){ 0 };
	node_fields(r, root, roots, COUNT(roots));
	node_string(
	    r, node_get(r, node_get(r, root, "metadata"), "name"), &p->name);
	if (!node_required(r, root, spec, "spec") ||
	    !node_fields(r, spec, fields, COUNT(fields)))
		return;
	node_string(r, node_get(r, spec, "source"), &p->source);
	node_enum(r, node_get(r, spec, "tee"), tees, 2, &tee);
	p->tee = (enum tee)tee;
	node_strings(r, node_get(r, spec, "domains"), &p->domains);
	p->resources = node_items(r, node_get(r, spec, "resources"),
	    sizeof(*p->resources), read_resource, &p->resource_count);
	read_signals(r, node_get(r, spec, "signals"), p);
	p->wirings = node_items(r, node_get(r, spec, "wirings"),
	    sizeof(*p->wirings), read_wiring, &p->wiring_count);
	read_nodes(r, node_get(r, spec, "nodes"), p);
	node_strings(r, node_get(r, spec, "taints"), &p->taints);
	read_pair(r, node_get(r, spec, "runtimeClasses"), classes,
	    &p->runtime_allow, &p->runtime_insecure);
	p->debug = node_items(r, node_get(r, spec, "debug"), sizeof(*p->debug),
	    read_debug, &p->debug_count);
	read_pair(r, node_get(r, spec, "annotations"), annotations,
	    &p->annotations_require, &p->annotations_forbid);
	check_profile(r, spec, p);
}
