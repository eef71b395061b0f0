/* SPDX-License-Identifier: Apache-2.0 */
/* Wirings of a profile, and the maps and paths that they are made of. */
#include "enclave/path.h"
#include "enclave/profile_impl.h"

void
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

void
read_pairs(
    struct node_reader *r, struct node n, bool quantity, struct pair_list *out)
{
	struct pair *items;
	size_t count;

	if (n.v == NULL || !node_object(r, n, &count))
		return;
	items = arena_array(r->arena, count, sizeof(*items));
	if (items == NULL)
		return;
	for (size_t i = 0; i < count; i++) {
		const struct node item = node_member(r, n, i, &items[i].name);
		struct kg_slice text;
		struct quantity q;

		items[i].value = item.v;
		if (!quantity)
			node_string(r, item, &text);
		else if (quantity_read(item.v, &q) != QUANTITY_OK)
			node_error(r, item, "%.*s: want a quantity",
			    SLICE_ARG(item.path));
	}
	*out = (struct pair_list){ items, count };
}

void
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
read_attestor(struct node_reader *r, struct node n, struct attestor *a)
{
	static const char *const fields[] = { "name", "resources", "env",
		"init" };

	if (n.v == NULL || !node_fields(r, n, fields, COUNT(fields)))
		return;
	node_required(r, n, node_get(r, n, "name"), "name");
	node_string(r, node_get(r, n, "name"), &a->name);
	read_counts(
	    r, node_get(r, n, "resources"), &a->resources, &a->resource_count);
	node_strings(r, node_get(r, n, "env"), &a->env);
	node_bool(r, node_get(r, n, "init"), &a->init);
}

void
read_wiring(struct node_reader *r, struct node n, void *item)
{
	struct wiring *w = item;
	static const char *const fields[] = { "name", "attests", "env", "mount",
		"container", "resources", "devices", "annotations", "labels" };
	static const char *const env_fields[] = { "require", "forbid" };
	const struct node env = node_get(r, n, "env");
	bool attests = true;

	if (!node_fields(r, n, fields, COUNT(fields)))
		return;
	node_required(r, n, node_get(r, n, "name"), "name");
	node_string(r, node_get(r, n, "name"), &w->name);
	node_bool(r, node_get(r, n, "attests"), &attests);
	w->silent = !attests;
	if (env.v != NULL && node_fields(r, env, env_fields, 2)) {
		node_strings(r, node_get(r, env, "require"), &w->env_require);
		node_strings(r, node_get(r, env, "forbid"), &w->env_forbid);
	}
	read_mount(r, node_get(r, n, "mount"), w);
	read_attestor(r, node_get(r, n, "container"), &w->attestor);
	read_counts(
	    r, node_get(r, n, "resources"), &w->resources, &w->resource_count);
	node_strings(r, node_get(r, n, "devices"), &w->devices);
	node_strings(r, node_get(r, n, "annotations"), &w->annotations);
	read_pairs(r, node_get(r, n, "labels"), false, &w->labels);
}
