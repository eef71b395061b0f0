/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the request only; what may be lies in the rule set. */
#include "review/exempt.h"

#include "enclave/image.h"

/* --- Exceptions --- */

static const struct value *
object_metadata(const struct kg_request *q)
{
	return value_get(
	    value_is_null(q->object) ? q->old_object : q->object, KEY_metadata);
}

/* "web-*" takes what begins with "web-". */
static bool
name_fits(const struct string_list *names, struct kg_slice name)
{
	for (size_t i = 0; i < names->count; i++) {
		const struct kg_slice entry = names->items[i];

		if (slice_ends(entry, SLICE("*"))
			? slice_starts(name, slice_upto(entry, entry.len - 1))
			: slice_eq(entry, name))
			return true;
	}
	return false;
}

static bool
names_fit(const struct string_list *names, const struct kg_request *q)
{
	const struct kg_slice own =
	    value_str(value_get(object_metadata(q), KEY_name));

	if (names->count == 0)
		return true;
	return name_fits(names,
	    own.len > 0           ? own
		: q->name.len > 0 ? q->name
				  : q->generate_name);
}

static const struct {
	const char *name;
	enum key_id key;
} lists[] = {
	{ "containers", KEY_containers },
	{ "initContainers", KEY_initContainers },
	{ "ephemeralContainers", KEY_ephemeralContainers },
};

/* The container that the pointer lies in; NULL: in none. */
static const struct value *
container_at(const struct pod *pod, struct kg_slice pointer)
{
	struct kg_slice rest = slice_from(pointer, pod->pointer.len);
	struct kg_slice steps[4] = { { NULL, 0 } };
	size_t index = 0;

	for (size_t i = 0; i < 4 && rest.ptr != NULL; i++)
		steps[i] = slice_cut(&rest, '/');
	if (!slice_is(steps[1], "spec"))
		return NULL;
	for (size_t i = 0; i < steps[3].len; i++)
		index = index * 10 + (size_t)(steps[3].ptr[i] - '0') % 10;
	for (size_t i = 0; i < 3 && steps[3].len > 0; i++) {
		if (slice_is(steps[2], lists[i].name))
			return value_at(
			    value_get(pod->spec, lists[i].key), index);
	}
	return NULL;
}

static bool
image_fits(const struct string_list *digests, const struct value *container)
{
	const struct kg_slice digest =
	    image_digest(value_str(value_get(container, KEY_image)));

	return digest.len > 0 && string_list_has(digests, digest);
}

static bool
all_images_fit(const struct string_list *digests, const struct value *spec)
{
	size_t seen = 0;

	for (size_t i = 0; i < 3; i++) {
		const struct value *list = value_get(spec, lists[i].key);

		for (size_t k = 0; k < value_len(list); k++, seen++) {
			if (!image_fits(digests, value_at(list, k)))
				return false;
		}
	}
	return seen > 0;
}

/* In a container: its image; elsewhere: every image of the pod. */
static bool
images_fit(const struct string_list *digests, const struct pod *pod,
    struct kg_slice pointer)
{
	const struct value *container;

	if (digests->count == 0)
		return true;
	container = container_at(pod, pointer);
	return container != NULL ? image_fits(digests, container)
				 : all_images_fit(digests, pod->spec);
}

const struct exception *
exception_for(const struct kg_ruleset *set, const struct exempt_subject *s,
    const struct kg_finding *f)
{
	for (size_t i = 0; i < set->exception_count; i++) {
		const struct exception *e = &set->exceptions[i];

		if (s->now_us > 0 && s->now_us < e->expires_us &&
		    slice_eq(e->policy, f->policy) &&
		    rule_listed(&e->rules, f->rule) &&
		    (e->namespaces.count == 0 ||
			string_list_has(&e->namespaces, s->request->ns)) &&
		    names_fit(&e->names, s->request) &&
		    images_fit(&e->images, s->pod, f->pointer))
			return e;
	}
	return NULL;
}

/* --- Rollout --- */

static const struct value *
controller_of(const struct value *metadata)
{
	const struct value *owners = value_get(metadata, KEY_ownerReferences);

	for (size_t i = 0; i < value_len(owners); i++) {
		const struct value *owner = value_at(owners, i);

		if (value_true(value_find(owner, SLICE("controller"))))
			return owner;
	}
	return NULL;
}

/* Without "-SUFFIX" at its end. */
static struct kg_slice
without(struct kg_slice name, struct kg_slice suffix)
{
	const size_t cut = suffix.len + 1;

	if (suffix.len > 0 && name.len > cut && slice_ends(name, suffix) &&
	    name.ptr[name.len - cut] == '-')
		return slice_upto(name, name.len - cut);
	return name;
}

/* The digits at the end of a Job's name, when they may be a CronJob's. */
static struct kg_slice
minute_of(struct kg_slice name)
{
	size_t n = 0;

	while (n < name.len && name.ptr[name.len - 1 - n] >= '0' &&
	    name.ptr[name.len - 1 - n] <= '9')
		n++;
	return n >= 8 ? slice_from(name, name.len - n) : slice_of(NULL, 0);
}

static struct kg_slice
workload_name(const struct exempt_subject *s)
{
	const struct value *metadata = object_metadata(s->request);
	const struct value *owner = controller_of(metadata);
	const struct kg_slice kind = value_str(value_get(owner, KEY_kind));
	const struct kg_slice generate =
	    value_str(value_get(metadata, KEY_generateName));
	struct kg_slice name = value_str(value_get(owner, KEY_name));

	if (slice_is(kind, "ReplicaSet"))
		return without(name,
		    value_str(value_find(value_get(metadata, KEY_labels),
			SLICE("pod-template-hash"))));
	if (slice_is(kind, "Job"))
		return without(name, minute_of(name));
	if (owner != NULL)
		return name;
	if (generate.len > 0)
		return slice_ends(generate, SLICE("-"))
		    ? slice_upto(generate, generate.len - 1)
		    : generate;
	name = value_str(value_get(metadata, KEY_name));
	return name.len > 0 ? name : s->request->name;
}

static uint64_t
fnv1a(uint64_t h, struct kg_slice text)
{
	for (size_t i = 0; i < text.len; i++)
		h = (h ^ (unsigned char)text.ptr[i]) * 0x100000001b3u;
	return h;
}

unsigned
rollout_bucket(const struct exempt_subject *s)
{
	uint64_t h = fnv1a(0xcbf29ce484222325u, s->request->ns);

	h = fnv1a(h, SLICE("/"));
	return (unsigned)(fnv1a(h, workload_name(s)) % 100);
}
