/* SPDX-License-Identifier: Apache-2.0 */
/* IMG: is the image the one that was meant? IMG-002 is in rule_life.c. */
#include "enclave/image.h"
#include "enclave/judge.h"
#include "enclave/measure.h"

/* --- IMG-001 --- */

static bool
registry_listed(const struct string_list *registries, struct kg_slice image)
{
	for (size_t i = 0; i < registries->count; i++) {
		if (image_is_from(image, registries->items[i]))
			return true;
	}
	return registries->count == 0;
}

/* What is wrong with the reference; NULL: nothing. */
static const char *
image_fault(struct kg_slice image)
{
	if (image_digest(image).len == 0)
		return "has no digest";
	return image_valid(image) ? NULL : "is no valid reference";
}

static void
check_pinned(struct judge *j, const struct container *c)
{
	const struct kg_slice image = c->image;
	const char *fault = image_fault(image);
	const bool listed = registry_listed(&j->params->registries, image);
	struct kg_slice places;
	struct trail t;

	/* A pod without an image is refused by the API server itself. */
	if (image.len == 0 || (fault == NULL && listed))
		return;
	t = trail_container(j, c);
	trail_name(&t, SLICE("image"));
	places = list_text(j, &j->params->registries);
	finding_add(j, RULE_IMG_001, &t,
	    TEXTS(fault == NULL
		    ? say(j, "image %q of container %q", &image, &c->name)
		    : say(j, "image %q of container %q %s", &image, &c->name,
			  fault),
		listed ? say(j,
			     "a reference that ends in @sha256: and 64 "
			     "hexadecimal digits")
		       : say(j,
			     "images that end in @sha256: and 64 hexadecimal "
			     "digits, from %t",
			     &places),
		fault == NULL
		    ? say(j, "take the image from an allowed registry")
		    : image_digest(image).len > 0
		    ? say(j,
			  "correct the name before the digest: "
			  "HOST[:PORT]/PATH[:TAG], the path in lower case")
		    : say(j, "pin the image by its digest")));
}

/* --- IMG-003 --- */

static void
check_command(struct judge *j, const struct container *c)
{
	const struct {
		const struct value *list;
		const char *name;
	} members[] = { { c->command, "command" }, { c->args, "args" } };

	for (size_t i = 0; i < 2; i++) {
		struct trail t;

		if (value_len(members[i].list) == 0)
			continue;
		t = trail_container(j, c);
		trail_name(&t, slice_str(members[i].name));
		finding_advise(j, RULE_IMG_003, &t,
		    TEXTS(
			say(j, "%s of container %q", members[i].name, &c->name),
			say(j, "what the signed image starts by itself"),
			say(j,
			    "put it into the image's manifest: outside it "
			    "is not measured, and may start the program "
			    "without its enclave")));
	}
}

/*
 * Containers with a signal of their own, or all when none has one: whatever
 * list they stand in, so that moving a container clears nothing.
 */
static bool
any_signals(const struct judge *j)
{
	for (size_t i = 0; i < j->scan->container_count; i++) {
		if ((j->scan->containers[i].signals & j->facts->profile_bit) !=
		    0)
			return true;
	}
	return false;
}

/* --- IMG-004 --- */

static bool
measurement_listed(const struct string_list *list, enum measurement kind,
    struct kg_slice hex, bool *any)
{
	bool found = false;

	*any = false;
	for (size_t i = 0; i < list->count; i++) {
		struct kg_slice digits;
		enum measurement of;

		if (!measurement_read(list->items[i], &of, &digits) ||
		    (of != MEASUREMENT_ANY && of != kind))
			continue;
		*any = true;
		found = found || slice_eq_nocase(digits, hex);
	}
	return found;
}

/* Adds to *declared how many allowed values the annotation holds. */
static void
check_measurements(struct judge *j, enum measurement kind, size_t *declared)
{
	const struct kg_slice key = measurement_annotation(kind);
	struct kg_slice rest = value_str(value_find(j->scan->annotations, key));
	struct trail t = trail_metadata(j);

	trail_name(&t, SLICE("annotations"));
	trail_name(&t, key);
	while (rest.ptr != NULL) {
		const struct kg_slice hex = slice_trim(slice_cut(&rest, ','));
		bool any;

		if (measurement_listed(
			&j->params->measurements, kind, hex, &any)) {
			++*declared;
			continue;
		}
		if (!any && measurement_valid(hex))
			continue; /* the list is of the other kind only */
		++*declared;
		finding_add(j, RULE_IMG_004, &t,
		    TEXTS(say(j, "%t %q", &key, &hex),
			say(j, "one of the policy's attestation.measurements"),
			say(j,
			    "deploy the build that was approved, or have its "
			    "measurement (keepgate sigstruct) listed")));
		return; /* one place, one finding */
	}
}

/* Some entry is about enclaves: policy entries are ATT-011's. */
static bool
lists_enclaves(const struct string_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		struct kg_slice digits;
		enum measurement of;

		if (measurement_read(list->items[i], &of, &digits) &&
		    of != MEASUREMENT_POLICY)
			return true;
	}
	return false;
}

static void
check_declared(struct judge *j)
{
	size_t declared = 0;
	struct trail t;

	if (!lists_enclaves(&j->params->measurements))
		return;
	check_measurements(j, MEASUREMENT_ENCLAVE, &declared);
	check_measurements(j, MEASUREMENT_SIGNER, &declared);
	if (declared > 0)
		return;
	t = trail_metadata(j);
	trail_name(&t, SLICE("annotations"));
	finding_add(j, RULE_IMG_004, &t,
	    TEXTS(say(j, "no measurement that the policy could look at"),
		say(j,
		    "annotation keepgate.dev/mrenclave or "
		    "keepgate.dev/mrsigner with one of the policy's "
		    "attestation.measurements"),
		say(j,
		    "add the annotation; keepgate sigstruct prints the "
		    "values of a signed enclave")));
}

void
rules_img(struct judge *j)
{
	const struct profile *p = j->facts->profile;
	const bool all =
	    p->libos && (j->params->all_containers || !any_signals(j));

	for (size_t i = 0; i < j->scan->container_count; i++) {
		const struct container *c = &j->scan->containers[i];

		check_pinned(j, c);
		if (p->libos &&
		    (all || j->facts->enclave_container[i] ||
			(c->signals & j->facts->profile_bit) != 0))
			check_command(j, c);
	}
	if (p->tee == TEE_PROCESS)
		check_declared(j);
}
