/* SPDX-License-Identifier: Apache-2.0 */
/* The index from names to the profiles that they are a signal of. */
#include "base/limits.h"
#include "enclave/enclave.h"
#include "enclave/path.h"

/* Sets one profile's bit behind a name. Hugepages are no signal. */
static bool
add_name(struct map *m, struct kg_slice name, size_t profile)
{
	uint64_t **mask = (uint64_t **)(void *)map_put(m, name);

	if (mask == NULL)
		return false;
	if (*mask == NULL)
		*mask = arena_alloc(m->arena, sizeof(**mask));
	if (*mask == NULL)
		return false;
	**mask |= (uint64_t)1 << profile;
	return true;
}

static bool
add_names(struct map *m, const struct string_list *names, size_t profile)
{
	for (size_t i = 0; i < names->count; i++) {
		if (!add_name(m, names->items[i], profile))
			return false;
	}
	return true;
}

static bool
add_profile(struct catalog *c, size_t at)
{
	const struct profile *p = &c->profiles[at];
	struct arena *arena = c->mounts.arena;

	for (size_t i = 0; i < p->resource_count; i++) {
		if (!slice_starts(p->resources[i].name, SLICE("hugepages-")) &&
		    !add_name(&c->resources, p->resources[i].name, at))
			return false;
	}
	for (size_t i = 0; i < p->signals.mount_paths.count; i++) {
		const struct kg_slice path =
		    path_clean(arena, p->signals.mount_paths.items[i]);

		if (!add_name(&c->mounts, path, at))
			return false;
	}
	return add_names(&c->env, &p->signals.env, at) &&
	    add_names(&c->annotations, &p->signals.annotations, at) &&
	    add_names(&c->runtime_classes, &p->signals.runtime_classes, at);
}

static bool
add_host_paths(struct arena *arena, struct catalog *c)
{
	struct catalog_path *paths;
	size_t count = 0, n = 0;

	for (size_t i = 0; i < c->count; i++)
		count += c->profiles[i].signals.host_paths.count;
	paths = arena_array(arena, count, sizeof(*paths));
	if (paths == NULL)
		return false;
	for (size_t i = 0; i < c->count; i++) {
		const struct string_list *list =
		    &c->profiles[i].signals.host_paths;

		for (size_t k = 0; k < list->count; k++)
			paths[n++] = (struct catalog_path){ path_clean(arena,
								list->items[k]),
				(uint64_t)1 << i };
	}
	c->host_paths = paths;
	c->host_path_count = count;
	return true;
}

enum kg_status
catalog_build(struct arena *arena, const struct profile *profiles, size_t count,
    struct catalog *c)
{
	*c = (struct catalog){ .profiles = profiles, .count = count };
	if (count > PROFILES_MAX)
		return KG_LIMIT;
	map_init(&c->resources, arena);
	map_init(&c->env, arena);
	map_init(&c->mounts, arena);
	map_init(&c->annotations, arena);
	map_init(&c->runtime_classes, arena);
	for (size_t i = 0; i < count; i++) {
		if (!add_profile(c, i))
			return arena->failure;
	}
	return add_host_paths(arena, c) ? KG_OK : arena->failure;
}

size_t
catalog_find(const struct catalog *c, struct kg_slice name)
{
	for (size_t i = 0; i < c->count; i++) {
		if (slice_eq(c->profiles[i].name, name))
			return i;
	}
	return SIZE_MAX;
}

static bool
profile_mentions_env(const struct profile *p, struct kg_slice name)
{
	for (size_t i = 0; i < p->wiring_count; i++) {
		if (string_list_has(&p->wirings[i].env_require, name) ||
		    string_list_has(&p->wirings[i].env_forbid, name))
			return true;
	}
	for (size_t i = 0; i < p->debug_count; i++) {
		if (slice_eq(p->debug[i].env, name))
			return true;
	}
	return false;
}

bool
catalog_mentions_env(const struct catalog *c, struct kg_slice name)
{
	if (map_get(&c->env, name) != NULL)
		return true;
	for (size_t i = 0; i < c->count; i++) {
		if (profile_mentions_env(&c->profiles[i], name))
			return true;
	}
	return false;
}
