/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attestation wirings: each is a set of env, mount, resources and perhaps an
 * attestation container that must hold together in one container.
 */
#include "enclave/facts.h"
#include "enclave/path.h"

const struct mount *
facts_mount_at(
    const struct container *c, const struct string_list *paths, size_t *index)
{
	for (size_t i = 0; i < c->mount_count; i++) {
		if (c->mounts[i].sub_path ||
		    !string_list_has(paths, c->mounts[i].path))
			continue;
		if (index != NULL)
			*index = i;
		return &c->mounts[i];
	}
	return NULL;
}

bool
wiring_takes_volume(const struct wiring *w, const struct volume *v)
{
	const struct value *dir;

	if (v == NULL)
		return false;
	if (w->host_path)
		return v->host_path.len > 0 &&
		    string_list_has(&w->host_paths, v->host_path) &&
		    string_list_has(&w->host_types, v->host_type);
	dir = value_get(v->value, KEY_emptyDir);
	return v->host_path.len == 0 && value_is(dir, VALUE_OBJECT) &&
	    (w->medium.len == 0 ||
		slice_eq(value_str(value_get(dir, KEY_medium)), w->medium));
}

/* The attestation container is there, and shares the volume that c mounts. */
static bool
has_sidecar(
    const struct facts *f, const struct wiring *w, const struct container *c)
{
	const struct mount *own = facts_mount_at(c, &w->mount_paths, NULL);
	const struct mount *served;

	if (f->attestation == NULL ||
	    !slice_eq(f->attestation->name, w->attestor.name))
		return false;
	if (w->mount_paths.count == 0)
		return true; /* it serves over the pod's own network */
	served = facts_mount_at(f->attestation, &w->mount_paths, NULL);
	return own != NULL && served != NULL &&
	    slice_eq(own->volume_name, served->volume_name);
}

static struct amount
limit_of(const struct container *c, struct kg_slice name)
{
	return amount_read(value_find(c->limits, name), 1);
}

bool
container_has_count(
    const struct container *c, const struct resource_count *want)
{
	const struct amount a = limit_of(c, want->name);

	return a.state == AMOUNT_OK && a.bytes == want->count;
}

/* The container's limit of the resource is above 0. */
static bool
container_has_some(const struct container *c, struct kg_slice name)
{
	const struct amount a = limit_of(c, name);

	return amount_positive(&a);
}

static bool
annotation_fits(const struct scan *s, struct kg_slice name)
{
	return slice_trim(value_str(value_find(s->annotations, name))).len > 0;
}

static bool
label_fits(const struct scan *s, const struct pair *want)
{
	return value_equal(value_find(s->labels, want->name), want->value);
}

/* What the wiring asks of the pod itself. */
static bool
pod_fits(const struct scan *s, const struct wiring *w)
{
	for (size_t i = 0; i < w->annotations.count; i++) {
		if (!annotation_fits(s, w->annotations.items[i]))
			return false;
	}
	for (size_t i = 0; i < w->labels.count; i++) {
		if (!label_fits(s, &w->labels.items[i]))
			return false;
	}
	return true;
}

static bool
env_fits(const struct wiring *w, const struct container *c)
{
	for (size_t i = 0; i < w->env_require.count; i++) {
		if (!container_has_env(c, w->env_require.items[i]))
			return false;
	}
	for (size_t i = 0; i < w->env_forbid.count; i++) {
		if (container_has_env(c, w->env_forbid.items[i]))
			return false;
	}
	return true;
}

static bool
mount_fits(const struct wiring *w, const struct container *c)
{
	const struct mount *m;

	if (w->mount_paths.count == 0)
		return true;
	m = facts_mount_at(c, &w->mount_paths, NULL);
	return m != NULL && wiring_takes_volume(w, m->volume);
}

bool
wiring_complete(
    const struct facts *f, const struct wiring *w, const struct container *c)
{
	if (!env_fits(w, c) || !mount_fits(w, c))
		return false;
	for (size_t i = 0; i < w->resource_count; i++) {
		if (!container_has_count(c, &w->resources[i]))
			return false;
	}
	for (size_t i = 0; i < w->devices.count; i++) {
		if (!container_has_some(c, w->devices.items[i]))
			return false;
	}
	return pod_fits(f->scan, w) &&
	    (w->attestor.name.len == 0 || has_sidecar(f, w, c));
}

/* Puts ", " before all but the first. */
static void
gap(struct buf *b, size_t start)
{
	if (b->len > start)
		buf_puts(b, ", ");
}

static void
describe_env(struct buf *b, size_t start, const struct wiring *w,
    const struct container *c)
{
	for (size_t i = 0; i < w->env_require.count; i++) {
		if (container_has_env(c, w->env_require.items[i]))
			continue;
		gap(b, start);
		buf_printf(b, "env %.*s is not set",
		    SLICE_ARG(w->env_require.items[i]));
	}
	for (size_t i = 0; i < w->env_forbid.count; i++) {
		if (!container_has_env(c, w->env_forbid.items[i]))
			continue;
		gap(b, start);
		buf_printf(
		    b, "env %.*s is set", SLICE_ARG(w->env_forbid.items[i]));
	}
}

static void
describe_pod(
    struct buf *b, size_t start, const struct scan *s, const struct wiring *w)
{
	for (size_t i = 0; i < w->annotations.count; i++) {
		if (annotation_fits(s, w->annotations.items[i]))
			continue;
		gap(b, start);
		buf_printf(b, "annotation %.*s is absent or empty",
		    SLICE_ARG(w->annotations.items[i]));
	}
	for (size_t i = 0; i < w->labels.count; i++) {
		const struct pair *p = &w->labels.items[i];

		if (label_fits(s, p))
			continue;
		gap(b, start);
		buf_printf(b, "label %.*s is not \"%.*s\"", SLICE_ARG(p->name),
		    SLICE_ARG(value_str(p->value)));
	}
}

void
wiring_describe_gaps(struct buf *b, const struct facts *f,
    const struct wiring *w, const struct container *c)
{
	const size_t start = b->len;

	describe_env(b, start, w, c);
	if (!mount_fits(w, c)) {
		gap(b, start);
		if (facts_mount_at(c, &w->mount_paths, NULL) == NULL)
			buf_printf(b, "nothing is mounted at %.*s",
			    SLICE_ARG(w->mount_paths.items[0]));
		else
			buf_printf(b, "the volume at %.*s is no %s",
			    SLICE_ARG(w->mount_paths.items[0]),
			    w->host_path ? "hostPath of the node's agent"
					 : "emptyDir in memory");
	}
	for (size_t i = 0; i < w->resource_count; i++) {
		if (container_has_count(c, &w->resources[i]))
			continue;
		gap(b, start);
		buf_printf(b, "limit %.*s is not %lld",
		    SLICE_ARG(w->resources[i].name),
		    (long long)w->resources[i].count);
	}
	for (size_t i = 0; i < w->devices.count; i++) {
		if (container_has_some(c, w->devices.items[i]))
			continue;
		gap(b, start);
		buf_printf(b, "no limit %.*s", SLICE_ARG(w->devices.items[i]));
	}
	describe_pod(b, start, f->scan, w);
	if (w->attestor.name.len > 0 && !has_sidecar(f, w, c)) {
		gap(b, start);
		buf_printf(b, "no running container %.*s %s",
		    SLICE_ARG(w->attestor.name),
		    w->mount_paths.count > 0 ? "serves the same volume"
					     : "attests for it");
	}
}
