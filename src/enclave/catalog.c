/* SPDX-License-Identifier: Apache-2.0 */
/* The index from names to the profiles that they are a signal of. */
#include "base/limits.h"
#include "enclave/enclave.h"
#include "enclave/path.h"

/* Sets one profile's bit behind a name. */
static bool
add_name(struct map *m, struct kg_slice name, size_t profile)
{
	struct catalog_name **place =
	    (struct catalog_name **)(void *)map_put(m, name);

	if (place == NULL)
		return false;
	if (*place == NULL)
		*place = arena_alloc(m->arena, sizeof(**place));
	if (*place == NULL)
		return false;
	(*place)->profiles |= (uint64_t)1 << profile;
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
add_paths(struct map *m, const struct string_list *paths, size_t profile)
{
	for (size_t i = 0; i < paths->count; i++) {
		if (!add_name(
			m, path_clean(m->arena, paths->items[i]), profile))
			return false;
	}
	return true;
}

/* Hugepages are no signal, and no second kind of memory. */
static bool
add_resources(struct catalog *c, const struct profile *p, size_t at)
{
	for (size_t i = 0; i < p->resource_count; i++) {
		const struct profile_resource *res = &p->resources[i];

		if (slice_starts(res->name, SLICE("hugepages-")))
			continue;
		if (!add_name(&c->resources, res->name, at))
			return false;
		if (res->role == ROLE_MEMORY)
			((struct catalog_name *)map_get(
			     &c->resources, res->name))
			    ->memory = true;
	}
	return true;
}

static bool
add_nodes(struct catalog *c, const struct profile *p, size_t at)
{
	for (size_t i = 0; i < p->predicate_count; i++) {
		if (!p->predicates[i].shared &&
		    !add_name(&c->nodes, p->predicates[i].key, at))
			return false;
	}
	return add_names(&c->nodes, &p->type_labels, at) &&
	    add_names(&c->taints, &p->taints, at);
}

static bool
add_judged(struct catalog *c, const struct profile *p, size_t at)
{
	struct map *m = &c->judged;

	for (size_t i = 0; i < p->wiring_count; i++) {
		if (!add_names(m, &p->wirings[i].annotations, at))
			return false;
	}
	for (size_t i = 0; i < p->value_count; i++) {
		if (!add_name(m, p->values[i].key, at))
			return false;
	}
	for (size_t i = 0; i < p->measured_count; i++) {
		if (!add_name(m, p->measured[i].annotation, at))
			return false;
	}
	return add_names(m, &p->signals.annotations, at) &&
	    add_names(m, &p->annotations_require, at) &&
	    add_names(m, &p->annotations_forbid, at) &&
	    add_names(m, &p->epc_annotations, at) &&
	    (p->quote_annotation.len == 0 ||
		add_name(m, p->quote_annotation, at));
}

/* Variables that some rule reads. */
static bool
add_mentioned(struct catalog *c, const struct profile *p, size_t at)
{
	struct map *m = &c->mentioned;

	for (size_t i = 0; i < p->wiring_count; i++) {
		if (!add_names(m, &p->wirings[i].env_require, at) ||
		    !add_names(m, &p->wirings[i].env_forbid, at))
			return false;
	}
	for (size_t i = 0; i < p->debug_count; i++) {
		if (!add_name(m, p->debug[i].env, at))
			return false;
	}
	for (size_t i = 0; i < p->env_count; i++) {
		if (!add_name(m, p->env[i].name, at))
			return false;
	}
	return add_names(m, &p->signals.env, at) && add_names(m, &p->heap, at);
}

static bool
add_profile(struct catalog *c, size_t at)
{
	const struct profile *p = &c->profiles[at];

	if (p->tee == TEE_VM)
		c->vm |= (uint64_t)1 << at;
	return add_resources(c, p, at) && add_nodes(c, p, at) &&
	    add_judged(c, p, at) && add_mentioned(c, p, at) &&
	    add_names(&c->env, &p->signals.env, at) &&
	    add_paths(&c->mounts, &p->signals.mount_paths, at) &&
	    add_paths(&c->host_paths, &p->signals.host_paths, at) &&
	    add_names(&c->annotations, &p->signals.annotations, at) &&
	    add_names(&c->labels, &p->signals.labels, at) &&
	    add_names(&c->runtime_classes, &p->signals.runtime_classes, at);
}

/* --- Parts of names --- */

/* Of the names in the map, those that end in `mark`, without it. */
static bool
add_stems(struct arena *arena, const struct map *m, struct kg_slice mark,
    const struct catalog_text **out, size_t *count)
{
	struct catalog_text *list = arena_array(arena, m->count, sizeof(*list));

	if (list == NULL)
		return false;
	for (size_t i = 0; i < m->count; i++) {
		const struct kg_slice name = m->entries[i].key;
		const struct catalog_name *known = m->entries[i].value;

		if (slice_ends(name, mark))
			list[(*count)++] = (struct catalog_text){
				slice_upto(name, name.len - mark.len),
				known->profiles
			};
	}
	*out = list;
	return true;
}

/* Prefixes of annotations that are judged: of the profiles, and our own. */
static bool
add_prefixes(struct arena *arena, struct catalog *c)
{
	static const struct kg_slice fixed[] = {
		SLICE_INIT("keepgate.dev/"),
		SLICE_INIT("container.apparmor.security.beta.kubernetes.io/"),
		SLICE_INIT("seccomp.security.alpha.kubernetes.io/"),
		SLICE_INIT("container.seccomp.security.alpha.kubernetes.io/"),
	};
	const size_t own = sizeof(fixed) / sizeof(fixed[0]);
	struct kg_slice *list;
	size_t count = own;

	for (size_t i = 0; i < c->count; i++)
		count += 1 + c->profiles[i].family_count;
	list = arena_array(arena, count, sizeof(*list));
	if (list == NULL)
		return false;
	memcpy(list, fixed, sizeof(fixed));
	count = own;
	for (size_t i = 0; i < c->count; i++) {
		const struct profile *p = &c->profiles[i];

		if (p->limit_annotations.len > 0)
			list[count++] = p->limit_annotations;
		for (size_t k = 0; k < p->family_count; k++)
			list[count++] = p->families[k].prefix;
	}
	c->judged_prefixes = (struct string_list){ list, count };
	return true;
}

enum kg_status
catalog_build(struct arena *arena, const struct profile *profiles, size_t count,
    struct catalog *c)
{
	*c = (struct catalog){ .profiles = profiles, .count = count };
	struct map *const maps[] = { &c->resources, &c->env, &c->mounts,
		&c->host_paths, &c->annotations, &c->labels,
		&c->runtime_classes, &c->nodes, &c->taints, &c->mentioned,
		&c->judged };

	if (count > PROFILES_MAX)
		return KG_LIMIT;
	for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++)
		map_init(maps[i], arena);
	for (size_t i = 0; i < count; i++) {
		if (!add_profile(c, i))
			return arena->failure;
	}
	if (!add_prefixes(arena, c) ||
	    !add_stems(arena, &c->env, SLICE("*"), &c->env_prefixes,
		&c->env_prefix_count) ||
	    !add_stems(arena, &c->runtime_classes, SLICE("<hash>"),
		&c->class_stems, &c->class_stem_count))
		return arena->failure;
	return KG_OK;
}

size_t
catalog_find(const struct catalog *c, struct kg_slice name)
{
	for (size_t i = 0; i < c->count; i++) {
		if (slice_eq(c->profiles[i].name, name))
			return i;
	}
	for (size_t i = 0; i < c->count; i++) {
		if (string_list_has(&c->profiles[i].aliases, name))
			return i;
	}
	return SIZE_MAX;
}

bool
catalog_mentions_env(const struct catalog *c, struct kg_slice name)
{
	return map_get(&c->mentioned, name) != NULL;
}

bool
catalog_judges_annotation(const struct catalog *c, struct kg_slice name)
{
	if (map_get(&c->judged, name) != NULL)
		return true;
	for (size_t i = 0; i < c->judged_prefixes.count; i++) {
		if (slice_starts(name, c->judged_prefixes.items[i]))
			return true;
	}
	return false;
}
