/* SPDX-License-Identifier: Apache-2.0 */
/*
 * EPC-006, EPC-007 and EPC-011: devices and the right to quote, which go with
 * enclave memory, and ways around the container's own resources.
 */
#include "enclave/judge.h"

static const struct amount *
asked_of(const struct judge *j, const struct container *c,
    const struct profile_resource *res)
{
	return amount_asked(facts_amounts(j->facts, c, res));
}

/* --- The count of one resource --- */

static struct kg_slice
want_count(const struct judge *j, const struct profile_resource *res)
{
	if (res->equals > 0)
		return say(j, "exactly %d", res->equals);
	if (res->max > 0)
		return say(j, "from 1 to %d", res->max);
	return say(j, "a whole number");
}

static bool
count_fits(const struct profile_resource *res, const struct amount *a)
{
	if (a->state != AMOUNT_OK)
		return a->state == AMOUNT_ABSENT;
	return a->bytes == 0 ||
	    ((res->equals == 0 || a->bytes == res->equals) &&
		(res->max == 0 || a->bytes <= res->max));
}

static void
report_count(struct judge *j, enum rule rule, const struct container *c,
    const struct profile_resource *res, const struct amount *a)
{
	const struct trail t = trail_asked(j, c, res);

	finding_add(j, rule, &t,
	    TEXTS(a->state == AMOUNT_OK
		    ? say(j, "%t: %d in container %q", &res->name, a->bytes,
			  &c->name)
		    : say(j, "%t in container %q is no whole number",
			  &res->name, &c->name),
		want_count(j, res),
		say(j, "set limits %t: %d", &res->name,
		    res->equals > 0 ? res->equals : (int64_t)1)));
}

/* --- EPC-006: device and memory go together --- */

static void
report_lone_device(struct judge *j, const struct container *c,
    const struct profile_resource *res)
{
	const struct trail t = trail_asked(j, c, res);

	finding_add(j, RULE_EPC_006, &t,
	    TEXTS(say(j, "%t without %t in container %q", &res->name,
		      &res->with, &c->name),
		say(j, "both, or neither"),
		say(j, "ask for the enclave's memory: limits %t: 10Mi",
		    &res->with)));
}

static void
report_lone_memory(struct judge *j, const struct container *c,
    const struct profile_resource *res)
{
	const struct trail t = trail_amount(j, c, "limits", res->with);

	finding_add(j, RULE_EPC_006, &t,
	    TEXTS(say(j, "%t without %t in container %q: memory, but no device",
		      &res->with, &res->name, &c->name),
		say(j, "both, or neither"),
		say(j,
		    "set limits %t: %d, or see why the platform's webhook "
		    "did not",
		    &res->name, res->equals > 0 ? res->equals : (int64_t)1)));
}

/*
 * The platform's webhook adds the device to pods, never to templates; and an
 * object that no API server has seen is not yet complete. One has seen it
 * when there is a scheduler's name and a request beside the limit: it fills
 * these in before it asks any webhook.
 */
static bool
is_final(const struct judge *j, const struct container *c,
    const struct profile_resource *res)
{
	return !j->pod->is_template &&
	    value_str(j->scan->spec[KEY_schedulerName]).len > 0 &&
	    value_find(c->requests, res->with) != NULL;
}

static void
check_device(struct judge *j, const struct container *c,
    const struct profile_resource *res, const struct profile_resource *with)
{
	const struct amount *asked = asked_of(j, c, res);
	bool device, memory;

	if (!count_fits(res, asked)) {
		report_count(j, RULE_EPC_006, c, res, asked);
		return;
	}
	if (with == NULL)
		return;
	device = amount_positive(asked);
	memory = amount_positive(asked_of(j, c, with));
	if (device && !memory)
		report_lone_device(j, c, res);
	/* Whoever writes 0 does not leave it to a webhook. */
	if (memory && !device &&
	    (asked->state == AMOUNT_OK || is_final(j, c, res)))
		report_lone_memory(j, c, res);
}

static void
check_devices(struct judge *j, const struct profile_resource *res)
{
	const struct profile_resource *with = res->with.len > 0
	    ? profile_find_resource(j->facts->profile, res->with)
	    : NULL;

	for (size_t i = 0; i < j->scan->container_count; i++)
		check_device(j, &j->scan->containers[i], res, with);
}

/* --- EPC-007: the right to quote --- */

static void
report_lone_quote(struct judge *j, const struct container *c,
    const struct profile_resource *res)
{
	const struct trail t = trail_asked(j, c, res);

	finding_add(j, RULE_EPC_007, &t,
	    TEXTS(say(j, "%t in container %q, which has no enclave memory",
		      &res->name, &c->name),
		say(j, "only beside the memory of an enclave that quotes"),
		say(j, "remove %t, or ask for the enclave's memory",
		    &res->name)));
}

static void
check_quote(struct judge *j, const struct container *c,
    const struct profile_resource *res)
{
	const struct amount *asked = asked_of(j, c, res);

	if (!count_fits(res, asked))
		report_count(j, RULE_EPC_007, c, res, asked);
	else if (amount_positive(asked) && facts_epc(j->facts, c) == 0)
		report_lone_quote(j, c, res);
}

static void
check_quotes(struct judge *j, const struct profile_resource *res)
{
	for (size_t i = 0; i < j->scan->container_count; i++)
		check_quote(j, &j->scan->containers[i], res);
}

/* --- EPC-011: past the container's resources --- */

static void
check_pod_level(struct judge *j)
{
	static const enum key_id keys[] = { KEY_limits, KEY_requests };
	static const char *const names[] = { "limits", "requests" };
	const struct value *resources = j->scan->spec[KEY_resources];

	for (size_t l = 0; resources != NULL && l < 2; l++) {
		const struct value *list = value_get(resources, keys[l]);

		for (size_t i = 0; i < value_members(list); i++) {
			const struct kg_slice name =
			    value_str(&list->u.members[i].name);
			struct trail t;

			if (map_get(&j->scan->catalog->resources, name) == NULL)
				continue;
			t = trail_spec(j);
			trail_name(&t, SLICE("resources"));
			trail_name(&t, slice_str(names[l]));
			trail_name(&t, name);
			finding_add(j, RULE_EPC_011, &t,
			    TEXTS(say(j, "%t as a resource of the pod", &name),
				say(j, "it stands in a container's limits"),
				say(j,
				    "move it to the container that runs the "
				    "enclave")));
		}
	}
}

/* The name of the claim or of its template. */
static struct kg_slice
claim_source(const struct value *claim)
{
	const struct kg_slice name =
	    value_str(value_find(claim, SLICE("resourceClaimName")));

	return name.len > 0
	    ? name
	    : value_str(value_find(claim, SLICE("resourceClaimTemplateName")));
}

static void
check_claims(struct judge *j)
{
	const struct value *claims = j->scan->spec[KEY_resourceClaims];

	for (size_t i = 0; i < value_len(claims); i++) {
		const struct kg_slice source =
		    claim_source(value_at(claims, i));
		struct trail t;

		if (string_list_has(&j->params->epc_claims, source))
			continue;
		t = trail_spec(j);
		trail_name(&t, SLICE("resourceClaims"));
		trail_index(&t, i);
		finding_add(j, RULE_EPC_011, &t,
		    TEXTS(
			say(j, "resource claim %q, which may grant any device",
			    &source),
			say(j,
			    "no resource claims but those of the policy's "
			    "epc.claims"),
			say(j,
			    "ask for the device by its resource name, or have "
			    "the policy list the claim")));
	}
}

void
rules_device(struct judge *j)
{
	const struct profile *p = j->facts->profile;

	for (size_t i = 0; i < p->resource_count; i++) {
		const struct profile_resource *res = &p->resources[i];

		if (res->role == ROLE_DEVICE)
			check_devices(j, res);
		if (res->role == ROLE_QUOTE)
			check_quotes(j, res);
	}
	if (p->tee == TEE_PROCESS) {
		check_pod_level(j);
		check_claims(j);
	}
}
