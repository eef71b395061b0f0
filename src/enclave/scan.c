/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one pass over the pod. It reads only; what has the wrong JSON type is
 * as good as absent, because the API server would refuse it.
 */
#include "enclave/scan.h"

#include "base/buf.h"
#include "base/hash.h"
#include "base/limits.h"

#include "enclave/path.h"
#include "enclave/placement.h"

static uint64_t
mask_of(const struct map *m, struct kg_slice name)
{
	const struct catalog_name *known = map_get(m, name);

	return known != NULL ? known->profiles : 0;
}

static uint64_t
names_mask(const struct map *m, const struct value *object)
{
	uint64_t mask = 0;

	for (size_t i = 0; i < value_members(object); i++)
		mask |= mask_of(m, value_str(&object->u.members[i].name));
	return mask;
}

/* A path is what it says and all that it lies below: "/" at least. */
static uint64_t
host_path_mask(const struct catalog *c, struct kg_slice path)
{
	uint64_t mask = 0;

	for (size_t i = 1; i <= path.len; i++) {
		if (i == 1 || i == path.len || path.ptr[i] == '/')
			mask |= mask_of(&c->host_paths, slice_upto(path, i));
	}
	return mask;
}

/* A variable is a signal by its name or by how it begins. */
static uint64_t
env_mask(const struct catalog *c, struct kg_slice name)
{
	uint64_t mask = mask_of(&c->env, name);

	for (size_t i = 0; i < c->env_prefix_count; i++) {
		if (slice_starts(name, c->env_prefixes[i].text))
			mask |= c->env_prefixes[i].profiles;
	}
	return mask;
}

static uint64_t
class_mask(const struct catalog *c, struct kg_slice name)
{
	uint64_t mask = mask_of(&c->runtime_classes, name);

	for (size_t i = 0; i < c->class_stem_count && name.len > 0; i++) {
		uint64_t m = c->class_stems[i].profiles;

		if (!slice_starts(name, c->class_stems[i].text))
			continue;
		for (size_t p = 0; p < c->count; p++) {
			if (!runtime_class_listed(
				&c->profiles[p].signals.runtime_classes, name))
				m &= ~((uint64_t)1 << p);
		}
		mask |= m;
	}
	return mask;
}

static void
scan_volumes(struct scan *s)
{
	const struct value *list = s->spec[KEY_volumes];
	const size_t count = value_len(list);

	if (count > VOLUMES_MAX)
		s->too_large = true;
	s->volumes = s->too_large
	    ? NULL
	    : arena_alloc(s->arena, count * sizeof(*s->volumes));
	if (s->volumes == NULL)
		return;
	s->volume_count = count;
	for (size_t i = 0; i < count; i++) {
		struct volume *v = &s->volumes[i];
		const struct value *host;

		v->value = value_at(list, i);
		v->name = value_str(value_get(v->value, KEY_name));
		host = value_get(v->value, KEY_hostPath);
		if (!value_is(host, VALUE_OBJECT))
			continue;
		v->host_path =
		    path_clean(s->arena, value_str(value_get(host, KEY_path)));
		v->host_type = value_str(value_get(host, KEY_type));
		v->signals = host_path_mask(s->catalog, v->host_path);
		s->signals |= v->signals;
	}
}

static const struct volume *
find_volume(const struct scan *s, struct kg_slice name)
{
	for (size_t i = 0; i < s->volume_count; i++) {
		if (slice_eq(s->volumes[i].name, name))
			return &s->volumes[i];
	}
	return NULL;
}

static void
scan_env(struct scan *s, struct container *c)
{
	const size_t count = value_len(c->env);
	struct kg_slice *names;

	if (count == 0)
		return;
	names = arena_array(s->arena, count, sizeof(*names));
	if (names == NULL)
		return;
	c->env_names = names;
	c->env_count = count;
	for (size_t i = 0; i < count; i++) {
		names[i] = value_str(value_get(value_at(c->env, i), KEY_name));
		c->env_lengths |= slice_length_bit(names[i]);
		c->signals |= env_mask(s->catalog, names[i]);
	}
}

static void
scan_mount(struct scan *s, struct mount *m, const struct value *v)
{
	m->value = v;
	m->path = path_clean(s->arena, value_str(value_get(v, KEY_mountPath)));
	m->volume_name = value_str(value_get(v, KEY_name));
	m->volume = find_volume(s, m->volume_name);
	m->sub_path = value_str(value_get(v, KEY_subPath)).len > 0 ||
	    value_str(value_get(v, KEY_subPathExpr)).len > 0;
}

static void
scan_mounts(struct scan *s, struct container *c, const struct value *list)
{
	const size_t count = value_len(list);
	struct mount *mounts;

	if (count == 0)
		return;
	mounts = arena_alloc(s->arena, count * sizeof(*mounts));
	if (mounts == NULL)
		return;
	c->mounts = mounts;
	c->mount_count = count;
	for (size_t i = 0; i < count; i++) {
		struct mount *m = &mounts[i];

		scan_mount(s, m, value_at(list, i));
		c->signals |= mask_of(&s->catalog->mounts, m->path);
		if (m->volume != NULL)
			c->signals |= m->volume->signals;
	}
}

/* Notes which kinds of memory the pod uses. */
static void
scan_memory(struct scan *s, const struct container *c,
    const struct catalog_name *kind, struct kg_slice name)
{
	if (s->memory == NULL) {
		s->memory = kind;
		s->memory_container = c;
		s->memory_name = name;
	} else if (s->memory != kind && s->other_memory == NULL) {
		s->other_memory = c;
		s->other_memory_name = name;
	}
}

/* The API server makes requests of the limits: the names of `seen` stand at
 * the same places, and say nothing new. */
static void
scan_resources(struct scan *s, struct container *c, const struct value *list,
    const struct value *seen)
{
	for (size_t i = 0; i < value_members(list); i++) {
		const struct kg_slice name =
		    value_str(&list->u.members[i].name);
		const struct catalog_name *known;

		if (i < value_members(seen) &&
		    hash_same_text(value_str(&seen->u.members[i].name), name))
			continue;
		known = map_get(&s->catalog->resources, name);
		if (known == NULL) {
			s->unknown_names = s->unknown_names ||
			    slice_find(name, '/') < name.len;
			continue;
		}
		c->signals |= known->profiles;
		if (known->memory)
			scan_memory(s, c, known, name);
	}
}

/* Takes what the rules read, each member once. */
static void
take_member(struct scan *s, struct container *c, const struct member *m)
{
	const struct value *v = &m->value;

	switch (m->name.key) {
	case KEY_name:
		c->name = value_str(v);
		break;
	case KEY_image:
		c->image = value_str(v);
		break;
	case KEY_command:
		c->command = v;
		break;
	case KEY_args:
		c->args = v;
		break;
	case KEY_env:
		c->env = v;
		break;
	case KEY_envFrom:
		c->env_from = v;
		break;
	case KEY_ports:
		c->ports = v;
		break;
	case KEY_securityContext:
		c->security = v;
		break;
	case KEY_resources:
		c->limits = value_get(v, KEY_limits);
		c->requests = value_get(v, KEY_requests);
		break;
	case KEY_volumeDevices:
		c->devices = v;
		break;
	case KEY_volumeMounts:
		scan_mounts(s, c, v);
		break;
	case KEY_livenessProbe:
	case KEY_readinessProbe:
	case KEY_startupProbe:
	case KEY_lifecycle:
		c->handlers = true;
		break;
	case KEY_restartPolicy:
		if (c->kind == CONTAINER_INIT &&
		    slice_is(value_str(v), "Always"))
			c->kind = CONTAINER_RESTARTABLE;
		break;
	}
}

static void
scan_container(struct scan *s, struct container *c, const struct value *v)
{
	c->value = v;
	for (size_t i = 0; i < value_members(v); i++)
		take_member(s, c, &v->u.members[i]);
	scan_resources(s, c, c->limits, NULL);
	scan_resources(s, c, c->requests, c->limits);
	scan_env(s, c);
	s->signals |= c->signals;
}

static void
scan_containers(struct scan *s)
{
	static const struct {
		enum key_id key;
		enum container_kind kind;
	} lists[] = {
		{ KEY_initContainers, CONTAINER_INIT },
		{ KEY_containers, CONTAINER_APP },
		{ KEY_ephemeralContainers, CONTAINER_EPHEMERAL },
	};
	size_t count = 0;

	for (size_t i = 0; i < 3; i++)
		count += value_len(s->spec[lists[i].key]);
	if (count > CONTAINERS_MAX)
		s->too_large = true;
	s->containers = s->too_large
	    ? NULL
	    : arena_alloc(s->arena, count * sizeof(*s->containers));
	if (s->containers == NULL)
		return;
	for (size_t i = 0; i < 3; i++) {
		const struct value *list = s->spec[lists[i].key];

		for (size_t k = 0; k < value_len(list); k++) {
			struct container *c =
			    &s->containers[s->container_count++];

			c->kind = lists[i].kind;
			c->index = (uint32_t)k;
			scan_container(s, c, value_at(list, k));
		}
	}
}

static void
scan_spec(struct scan *s)
{
	const struct value *spec = s->pod->spec;

	for (size_t i = 0; i < value_members(spec); i++) {
		const struct member *m = &spec->u.members[i];

		/* Other ids are of names that only expressions read. */
		if (m->name.key < KEY_BUILTIN_END)
			s->spec[m->name.key] = &m->value;
	}
	s->terms = placement_terms(s->spec[KEY_affinity]);
}

/* Those of the pod as a whole, where the API server wants no such name. */
static const struct value *
pod_resources(const struct scan *s, enum key_id list)
{
	return value_get(s->spec[KEY_resources], list);
}

enum kg_status
enclave_scan(struct arena *arena, const struct catalog *catalog,
    const struct pod *pod, const struct pod_call *call, struct scan **out)
{
	struct scan *s = arena_alloc(arena, sizeof(*s));

	*out = NULL;
	if (s == NULL)
		return arena->failure;
	s->arena = arena;
	s->catalog = catalog;
	s->pod = pod;
	s->call = call;
	scan_spec(s);
	s->labels = value_get(pod->metadata, KEY_labels);
	s->annotations = value_get(pod->metadata, KEY_annotations);
	s->signals = names_mask(&catalog->annotations, s->annotations);
	s->signals |= names_mask(&catalog->labels, s->labels);
	s->signals |=
	    class_mask(catalog, value_str(s->spec[KEY_runtimeClassName]));
	s->signals |=
	    names_mask(&catalog->resources, pod_resources(s, KEY_limits));
	s->signals |=
	    names_mask(&catalog->resources, pod_resources(s, KEY_requests));
	scan_volumes(s);
	scan_containers(s);
	if (arena_failed(arena))
		return arena->failure;
	if (s->too_large)
		return KG_LIMIT;
	*out = s;
	return KG_OK;
}

const char *
container_list(enum container_kind kind)
{
	switch (kind) {
	case CONTAINER_APP:
		return "/spec/containers";
	case CONTAINER_INIT:
	case CONTAINER_RESTARTABLE:
		return "/spec/initContainers";
	case CONTAINER_EPHEMERAL:
		break;
	}
	return "/spec/ephemeralContainers";
}

size_t
container_env(const struct container *c, struct kg_slice name, size_t end)
{
	for (size_t i = end; i > 0; i--) {
		if (hash_same_text(c->env_names[i - 1], name))
			return i - 1;
	}
	return SIZE_MAX;
}

/* The first name of an object, or entry of env, that signals a profile. */
static struct kg_slice
first_name(const struct map *m, const struct value *object, uint64_t profiles)
{
	for (size_t i = 0; i < value_members(object); i++) {
		const struct kg_slice name =
		    value_str(&object->u.members[i].name);

		if ((mask_of(m, name) & profiles) != 0)
			return name;
	}
	return slice_of(NULL, 0);
}

static bool
describe_container(struct buf *b, const struct scan *s,
    const struct container *c, uint64_t profiles)
{
	struct kg_slice name =
	    first_name(&s->catalog->resources, c->limits, profiles);
	const char *what = "resource ";

	if (name.ptr == NULL)
		name =
		    first_name(&s->catalog->resources, c->requests, profiles);
	for (size_t i = 0; name.ptr == NULL && i < c->env_count; i++) {
		if ((env_mask(s->catalog, c->env_names[i]) & profiles) != 0) {
			name = c->env_names[i];
			what = "env ";
		}
	}
	for (size_t i = 0; name.ptr == NULL && i < c->mount_count; i++) {
		if ((mask_of(&s->catalog->mounts, c->mounts[i].path) &
			profiles) != 0) {
			name = c->mounts[i].path;
			what = "a mount at ";
		}
	}
	if (name.ptr == NULL)
		return false;
	buf_puts(b, what);
	buf_put_line(b, name);
	buf_puts(b, " in container ");
	buf_put_line(b, c->name);
	return true;
}

static bool
describe_name(struct buf *b, const char *what, struct kg_slice name)
{
	if (name.ptr == NULL)
		return false;
	buf_puts(b, what);
	buf_put_line(b, name);
	return true;
}

struct kg_slice
scan_describe_signal(struct scan *s, uint64_t profiles)
{
	struct buf b;

	buf_init(&b, s->arena, 4096);
	for (size_t i = 0; i < s->container_count; i++) {
		if ((s->containers[i].signals & profiles) != 0 &&
		    describe_container(&b, s, &s->containers[i], profiles))
			return buf_slice(&b);
	}
	for (size_t i = 0; i < s->volume_count; i++) {
		if ((s->volumes[i].signals & profiles) == 0)
			continue;
		buf_puts(&b, "hostPath ");
		buf_put_line(&b, s->volumes[i].host_path);
		return buf_slice(&b);
	}
	if (describe_name(&b, "annotation ",
		first_name(
		    &s->catalog->annotations, s->annotations, profiles)) ||
	    describe_name(&b, "label ",
		first_name(&s->catalog->labels, s->labels, profiles)) ||
	    describe_name(&b, "resource of the pod ",
		first_name(&s->catalog->resources, pod_resources(s, KEY_limits),
		    profiles)) ||
	    describe_name(&b, "resource of the pod ",
		first_name(&s->catalog->resources,
		    pod_resources(s, KEY_requests), profiles)))
		return buf_slice(&b);
	buf_puts(&b, "runtimeClassName ");
	buf_put_line(&b, value_str(s->spec[KEY_runtimeClassName]));
	return buf_slice(&b);
}
