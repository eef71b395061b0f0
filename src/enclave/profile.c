/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads EnclaveProfile documents: a closed schema, every misfit reported at
 * its place. Knows no rule.
 */
#include "enclave/profile_impl.h"

#include "base/limits.h"

static void
read_resource(struct node_reader *r, struct node n, void *item)
{
	struct profile_resource *out = item;
	static const char *const fields[] = { "name", "role", "unit", "equals",
		"max", "with", "withoutMemory" };
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
	node_int(r, node_get(r, n, "max"), 1, 1000000, &out->max);
	node_string(r, node_get(r, n, "with"), &out->with);
	node_bool(r, node_get(r, n, "withoutMemory"), &out->without_memory);
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
		"annotations", "labels", "runtimeClasses" };

	if (n.v == NULL || !node_fields(r, n, fields, COUNT(fields)))
		return;
	node_strings(r, node_get(r, n, "env"), &p->signals.env);
	node_strings(r, node_get(r, n, "mountPaths"), &p->signals.mount_paths);
	node_strings(r, node_get(r, n, "hostPaths"), &p->signals.host_paths);
	node_strings(r, node_get(r, n, "annotations"), &p->signals.annotations);
	node_strings(r, node_get(r, n, "labels"), &p->signals.labels);
	node_strings(
	    r, node_get(r, n, "runtimeClasses"), &p->signals.runtime_classes);
}

/* {env: OE_SIMULATION, safe: ["0"]}, or `unsafe` instead. */
static void
read_debug(struct node_reader *r, struct node n, void *item)
{
	static const char *const fields[] = { "env", "safe", "unsafe",
		"required" };
	struct debug_switch *d = item;

	if (!node_fields(r, n, fields, COUNT(fields)))
		return;
	node_required(r, n, node_get(r, n, "env"), "env");
	node_string(r, node_get(r, n, "env"), &d->env);
	node_bool(r, node_get(r, n, "required"), &d->required);
	d->safe = node_get(r, n, "safe").v != NULL;
	if (d->safe == (node_get(r, n, "unsafe").v != NULL))
		node_error(r, n, "%.*s needs either safe or unsafe",
		    SLICE_ARG(n.path));
	node_strings(
	    r, node_get(r, n, d->safe ? "safe" : "unsafe"), &d->values);
}

static void
read_env_rule(struct node_reader *r, struct node n, void *item)
{
	static const char *const fields[] = { "name", "role" };
	static const char *const roles[] = { "Plain", "Verifier", "Agent",
		"Collateral", "Secure" };
	struct env_rule *e = item;
	unsigned role = 0;

	if (!node_fields(r, n, fields, COUNT(fields)))
		return;
	node_required(r, n, node_get(r, n, "name"), "name");
	node_string(r, node_get(r, n, "name"), &e->name);
	node_enum(r, node_get(r, n, "role"), roles, COUNT(roles), &role);
	e->role = (enum env_role)role;
}

static void
read_quote_provider(struct node_reader *r, struct node n, struct profile *p)
{
	static const char *const fields[] = { "annotation", "agent" };

	if (n.v == NULL || !node_fields(r, n, fields, COUNT(fields)))
		return;
	node_required(r, n, node_get(r, n, "annotation"), "annotation");
	node_string(r, node_get(r, n, "annotation"), &p->quote_annotation);
	node_string(r, node_get(r, n, "agent"), &p->quote_agent);
}

static void
read_collateral(struct node_reader *r, struct node n, struct profile *p)
{
	static const char *const fields[] = { "paths", "configMaps" };

	if (n.v == NULL || !node_fields(r, n, fields, COUNT(fields)))
		return;
	read_paths(r, node_get(r, n, "paths"), &p->collateral_paths);
	node_strings(r, node_get(r, n, "configMaps"), &p->collateral_maps);
}

/* What the rules of isolation, images and life ask of a profile. */
static void
read_exceptions(struct node_reader *r, struct node n, struct profile *p)
{
	static const char *const fields[] = { "hostPaths", "hostPorts",
		"root" };

	if (n.v == NULL || !node_fields(r, n, fields, COUNT(fields)))
		return;
	read_paths(r, node_get(r, n, "hostPaths"), &p->host_paths);
	node_strings(r, node_get(r, n, "hostPorts"), &p->host_ports);
	node_bool(r, node_get(r, n, "root"), &p->root);
}

const struct profile_resource *
profile_find_resource(const struct profile *p, struct kg_slice name)
{
	for (size_t i = 0; i < p->resource_count; i++) {
		if (slice_eq(p->resources[i].name, name))
			return &p->resources[i];
	}
	return NULL;
}

static void
check_resources(
    struct node_reader *r, struct node list, const struct profile *p)
{
	for (size_t i = 0; i < p->resource_count; i++) {
		const struct profile_resource *res = &p->resources[i];
		const struct node n = node_at(r, list, i);

		if (p->tee == TEE_VM && res->role == ROLE_MEMORY)
			node_error(r, n,
			    "a profile of tee: VM has no resource of role "
			    "Memory");
		if (res->with.len > 0 &&
		    profile_find_resource(p, res->with) == NULL)
			node_error(r, node_get(r, n, "with"),
			    "%.*s is no resource of this profile",
			    SLICE_ARG(res->with));
	}
}

/* Two wirings of one name could not be told apart in a policy. */
static void
check_wirings(struct node_reader *r, struct node list, const struct profile *p)
{
	for (size_t i = 0; i < p->wiring_count; i++) {
		for (size_t k = 0; k < i; k++) {
			if (slice_eq(p->wirings[i].name, p->wirings[k].name))
				node_error(r, node_at(r, list, i),
				    "a second wiring \"%.*s\"",
				    SLICE_ARG(p->wirings[i].name));
		}
	}
}

/* What no single field can say. */
static void
check_profile(struct node_reader *r, struct node spec, const struct profile *p)
{
	check_resources(r, node_get(r, spec, "resources"), p);
	check_wirings(r, node_get(r, spec, "wirings"), p);
	if (p->type_count > 0 && p->type_labels.count == 0)
		node_error(r, node_get(r, spec, "nodes"),
		    "spec.nodes.types needs spec.nodes.typeLabels");
}

/* What a pod shows, asks for, and is attested by. */
static void
read_pod_part(struct node_reader *r, struct node spec, struct profile *p)
{
	p->resources = node_items(r, node_get(r, spec, "resources"),
	    sizeof(*p->resources), read_resource, &p->resource_count);
	for (size_t i = 0; i < p->resource_count; i++)
		p->resource_lengths |= slice_length_bit(p->resources[i].name);
	read_signals(r, node_get(r, spec, "signals"), p);
	p->env = node_items(r, node_get(r, spec, "env"), sizeof(*p->env),
	    read_env_rule, &p->env_count);
	node_strings(r, node_get(r, spec, "heap"), &p->heap);
	p->wirings = node_items(r, node_get(r, spec, "wirings"),
	    sizeof(*p->wirings), read_wiring, &p->wiring_count);
	read_quote_provider(r, node_get(r, spec, "quoteProvider"), p);
	read_collateral(r, node_get(r, spec, "collateral"), p);
	p->debug = node_items(r, node_get(r, spec, "debug"), sizeof(*p->debug),
	    read_debug, &p->debug_count);
	read_annotations(r, node_get(r, spec, "annotations"), p);
	p->measured = node_items(r, node_get(r, spec, "measured"),
	    sizeof(*p->measured), read_measured, &p->measured_count);
}

/* Where it runs, and what it is allowed there. */
static void
read_place_part(struct node_reader *r, struct node spec, struct profile *p)
{
	read_nodes(r, node_get(r, spec, "nodes"), p);
	node_strings(r, node_get(r, spec, "taints"), &p->taints);
	node_bool(r, node_get(r, spec, "tolerationRequired"),
	    &p->toleration_required);
	read_classes(r, node_get(r, spec, "runtimeClasses"), p);
	read_exceptions(r, node_get(r, spec, "exceptions"), p);
	node_bool(r, node_get(r, spec, "libos"), &p->libos);
	node_int(r, node_get(r, spec, "cpuStep"), 1, 64, &p->cpu_step);
}

void
profile_read(
    struct node_reader *r, const struct document *doc, struct profile *p)
{
	static const char *const roots[] = { "apiVersion", "kind", "metadata",
		"spec" };
	static const char *const fields[] = { "source", "aliases", "tee",
		"domains", "resources", "signals", "env", "heap", "wirings",
		"quoteProvider", "collateral", "nodes", "taints",
		"tolerationRequired", "runtimeClasses", "debug", "annotations",
		"measured", "exceptions", "libos", "cpuStep" };
	static const char *const tees[] = { "Process", "VM" };
	const struct node root = node_root(doc);
	const struct node spec = node_get(r, root, "spec");
	unsigned tee = 0;

	*p = (struct profile){ .document = doc->root };
	node_fields(r, root, roots, COUNT(roots));
	node_string(
	    r, node_get(r, node_get(r, root, "metadata"), "name"), &p->name);
	if (!node_required(r, root, spec, "spec") ||
	    !node_fields(r, spec, fields, COUNT(fields)))
		return;
	node_string(r, node_get(r, spec, "source"), &p->source);
	node_strings(r, node_get(r, spec, "aliases"), &p->aliases);
	node_enum(r, node_get(r, spec, "tee"), tees, 2, &tee);
	p->tee = (enum tee)tee;
	node_strings(r, node_get(r, spec, "domains"), &p->domains);
	read_pod_part(r, spec, p);
	read_place_part(r, spec, p);
	check_profile(r, spec, p);
}
