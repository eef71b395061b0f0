/* SPDX-License-Identifier: Apache-2.0 */
/* ATT-003, ATT-005 and ATT-006: who makes the quotes. */
#include "enclave/image.h"
#include "enclave/judge.h"

/* --- ATT-003: the provider that an annotation names --- */

static bool
uses_memory(const struct judge *j, const struct container *c)
{
	return c->kind != CONTAINER_EPHEMERAL && facts_epc(j->facts, c) > 0;
}

/* Some container with enclave memory; of this name, unless it is "". */
static bool
some_enclave(const struct judge *j, struct kg_slice name)
{
	for (size_t i = 0; i < j->scan->container_count; i++) {
		const struct container *c = &j->scan->containers[i];

		if (uses_memory(j, c) &&
		    (name.len == 0 || slice_eq(c->name, name)))
			return true;
	}
	return false;
}

static void
check_provider(struct judge *j)
{
	const struct profile *p = j->facts->profile;
	const struct value *said =
	    value_find(j->scan->annotations, p->quote_annotation);
	const struct kg_slice name = value_str(said);
	const bool agent = slice_eq(name, p->quote_agent);
	struct trail t;

	if (p->quote_annotation.len == 0 || value_is_null(said))
		return;
	if (some_enclave(j, agent ? slice_of(NULL, 0) : name) &&
	    (agent || name.len > 0))
		return;
	t = trail_metadata(j);
	trail_name(&t, SLICE("annotations"));
	trail_name(&t, p->quote_annotation);
	finding_add(j, RULE_ATT_003, &t,
	    TEXTS(agent ? say(j,
			      "quote provider %q, but no container asks for "
			      "enclave memory",
			      &name)
			: say(j,
			      "quote provider %q, which is no container with "
			      "enclave memory",
			      &name),
		say(j, "the name of a container with enclave memory, or %t",
		    &p->quote_agent),
		say(j,
		    "correct the annotation: the platform ignores it in "
		    "silence")));
}

/* --- ATT-005: the right to quote --- */

/* "sha256:...", "repository@sha256:..." or the whole reference. */
static bool
image_listed(const struct string_list *list, struct kg_slice image)
{
	const struct kg_slice digest = image_digest(image);
	const size_t at = slice_find(image, '@');

	for (size_t i = 0; i < list->count; i++) {
		const struct kg_slice entry = list->items[i];
		const size_t entry_at = slice_find(entry, '@');

		if (slice_eq(entry, image) ||
		    (digest.len > 0 && slice_eq(entry, digest)))
			return true;
		/* The same digest of the same repository, whatever the tag. */
		if (digest.len > 0 && entry_at < entry.len &&
		    slice_eq(image_digest(entry), digest) &&
		    slice_starts(
			slice_upto(image, at), slice_upto(entry, entry_at)) &&
		    (at == entry_at || image.ptr[entry_at] == ':'))
			return true;
	}
	return false;
}

/* "name", "namespace/name" or the user's name of the account. */
static bool
account_listed(const struct judge *j)
{
	const struct string_list *list = &j->params->service_accounts;
	const struct kg_slice ns = j->scan->call->ns;
	struct kg_slice name = value_str(j->scan->spec[KEY_serviceAccountName]);

	if (name.len == 0)
		name = SLICE("default");
	for (size_t i = 0; i < list->count; i++) {
		struct kg_slice rest = list->items[i];
		const struct kg_slice user = SLICE("system:serviceaccount:");
		const bool long_form = slice_starts(rest, user);

		if (slice_eq(rest, name))
			return true;
		if (long_form)
			rest = slice_from(rest, user.len);
		if (slice_eq(slice_cut(&rest, long_form ? ':' : '/'), ns) &&
		    rest.len > 0 && slice_eq(rest, name))
			return true;
	}
	return false;
}

static const struct profile_resource *
quote_resource(const struct facts *f, const struct container *c)
{
	const struct profile *p = f->profile;

	for (size_t i = 0; i < p->resource_count; i++) {
		const struct profile_resource *res = &p->resources[i];

		if (res->role == ROLE_QUOTE &&
		    amount_asked(facts_amounts(f, c, res))->state !=
			AMOUNT_ABSENT)
			return res;
	}
	return NULL;
}

static void
check_right(struct judge *j, const struct container *c)
{
	const struct enclave_params *p = j->params;
	const struct profile_resource *res = quote_resource(j->facts, c);
	struct trail t;

	if (res == NULL || image_listed(&p->images, c->image) ||
	    account_listed(j))
		return;
	t = trail_container(j, c);
	trail_name(&t, SLICE("resources"));
	trail_name(&t, SLICE("limits"));
	trail_name(&t, res->name);
	finding_add(j, RULE_ATT_005, &t,
	    TEXTS(say(j, "%t in container %q of image %q", &res->name, &c->name,
		      &c->image),
		say(j,
		    "an image of attestation.images by its digest, or an "
		    "account of attestation.serviceAccounts"),
		say(j,
		    "quote through the node's agent, or have the image's "
		    "digest listed")));
}

/* --- ATT-006: a container that attests for the others --- */

static const char *
attestor_fault(
    const struct judge *j, const struct attestor *a, const struct container *c)
{
	if (c->kind == CONTAINER_INIT && !a->init)
		return "ends before the containers start";
	if (a->resource_count > 0 && !uses_memory(j, c))
		return "has no enclave memory of its own";
	for (size_t i = 0; i < a->resource_count; i++) {
		if (!container_has_count(c, &a->resources[i]))
			return "has not the resource that it quotes with";
	}
	if (value_len(c->command) > 0 || value_len(c->args) > 0)
		return "has its command or arguments overridden";
	if (j->params->images.count > 0 &&
	    !image_listed(&j->params->images, c->image))
		return "is of an image that attestation.images does not list";
	return NULL;
}

static void
check_attestor(
    struct judge *j, const struct attestor *a, const struct container *c)
{
	const char *fault = attestor_fault(j, a, c);
	struct trail t;

	if (fault == NULL)
		return;
	t = trail_container(j, c);
	finding_add(j, RULE_ATT_006, &t,
	    TEXTS(say(j, "container %q %s", &c->name, fault),
		say(j,
		    "a container of that name attests for the others: for "
		    "the pod's life, with resources of its own, as its image "
		    "has it"),
		say(j,
		    "complete the container, or give it another name if it "
		    "does something else")));
}

static void
check_attestors(struct judge *j, const struct container *c)
{
	const struct facts *f = j->facts;

	for (size_t w = 0; w < f->wiring_count; w++) {
		const struct attestor *a = &f->wirings[w]->attestor;

		if (a->name.len == 0 || !slice_eq(a->name, c->name))
			continue;
		check_attestor(j, a, c);
		return;
	}
}

void
rules_quote(struct judge *j)
{
	const struct enclave_params *p = j->params;

	check_provider(j);
	for (size_t i = 0; i < j->scan->container_count; i++) {
		const struct container *c = &j->scan->containers[i];

		if (p->images.count + p->service_accounts.count > 0)
			check_right(j, c);
		if (c->kind != CONTAINER_EPHEMERAL)
			check_attestors(j, c);
	}
}
