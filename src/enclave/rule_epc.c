/* SPDX-License-Identifier: Apache-2.0 */
/* EPC: does every enclave container ask for memory that can exist? */
#include "enclave/judge.h"

/* The name to suggest to a container that uses none. */
static const struct profile_resource *
first_memory(const struct profile *p)
{
	for (size_t i = 0; i < p->resource_count; i++) {
		if (p->resources[i].role == ROLE_MEMORY)
			return &p->resources[i];
	}
	return NULL;
}

static const char *
unit_name(const struct profile_resource *res)
{
	return res->unit == 1 ? "bytes" : "MiB";
}

/* The container's TEE comes by a resource that counts no memory. */
static bool
counts_no_memory(const struct facts *f, const struct container *c)
{
	const struct profile *p = f->profile;

	for (size_t i = 0; i < p->resource_count; i++) {
		const struct profile_resource *res = &p->resources[i];

		if (res->without_memory &&
		    facts_amounts(f, c, res)->limit.state != AMOUNT_ABSENT)
			return true;
	}
	return false;
}

/* EPC-001: an enclave container without EPC in its limits. */
static void
check_present(struct judge *j, const struct container *c)
{
	const struct facts *f = j->facts;
	const struct profile_resource *res = facts_memory(f, c);
	const struct amount *amount;
	struct trail t;

	if (res == NULL && counts_no_memory(f, c))
		return;
	if (res == NULL)
		res = first_memory(f->profile);
	amount = &facts_amounts(f, c, res)->limit;
	if (amount->state == AMOUNT_UNREADABLE || amount_positive(amount))
		return;
	t = trail_amount(j, c, "limits", res->name);
	finding_add(j, RULE_EPC_001, &t,
	    TEXTS(amount->state == AMOUNT_OK
		    ? say(j, "%t: 0 in enclave container %q", &res->name,
			  &c->name)
		    : say(j, "no %t in the limits of enclave container %q",
			  &res->name, &c->name),
		say(j, "whole %s, at least %b", unit_name(res),
		    j->params->epc_minimum),
		say(j, "set limits %t: %s", &res->name,
		    res->unit == 1 ? "10Mi" : "10")));
}

/* EPC-002: request and limit are one number, or the limit stands alone. */
static void
check_equal(struct judge *j, const struct container *c,
    const struct profile_resource *res, const struct amounts *asked)
{
	const struct amount limit = asked->limit, request = asked->request;
	struct trail t;

	if (request.state != AMOUNT_OK || limit.state == AMOUNT_UNREADABLE ||
	    (limit.state == AMOUNT_OK && limit.bytes == request.bytes))
		return;
	t = trail_amount(j, c, "requests", res->name);
	finding_add(j, RULE_EPC_002, &t,
	    TEXTS(limit.state == AMOUNT_OK
		    ? say(j, "%t: request %b and limit %b differ", &res->name,
			  request.bytes, limit.bytes)
		    : say(j, "%t: request %b without a limit", &res->name,
			  request.bytes),
		say(j, "a limit, and a request that is equal or absent"),
		say(j, "set limits %t: %b and leave the request out",
		    &res->name, request.bytes / res->unit)));
}

static struct kg_slice
amount_text(const struct judge *j, const struct amount *a)
{
	struct kg_slice s = value_str(a->value);

	if (value_is(a->value, VALUE_STRING))
		return say(j, "%q", &s);
	if (value_is(a->value, VALUE_INT))
		return say(j, "%d", a->value->u.integer);
	return say(j, "%s", value_kind_name(a->value));
}

static const char *
why_unreadable(const struct amount *a)
{
	struct quantity q;

	if (quantity_read(a->value, &q) != QUANTITY_OK)
		return "no quantity";
	if (q.whole < 0 || q.nano < 0)
		return "negative";
	return q.capped ? "beyond 2^63 - 1" : "not whole";
}

/* EPC-003: an amount that is no whole number of units. */
static void
check_readable(struct judge *j, const struct container *c,
    const struct profile_resource *res, const struct amounts *asked)
{
	const struct {
		const char *name;
		const struct amount *amount;
	} lists[] = { { "limits", &asked->limit },
		{ "requests", &asked->request } };

	for (size_t i = 0; i < 2; i++) {
		const struct amount *amount = lists[i].amount;
		struct kg_slice text;
		struct trail t;

		if (amount->state != AMOUNT_UNREADABLE)
			continue;
		/* The request is a copy of the limit: said once. */
		if (i == 1 && value_equal(amount->value, asked->limit.value))
			continue;
		text = amount_text(j, amount);
		t = trail_amount(j, c, lists[i].name, res->name);
		finding_add(j, RULE_EPC_003, &t,
		    TEXTS(say(j, "%t: %t is %s", &res->name, &text,
			      why_unreadable(amount)),
			say(j,
			    "a whole number of %s that fits 63 bits, such "
			    "as %s",
			    unit_name(res), res->unit == 1 ? "10Mi" : "10"),
			say(j, "write the amount as whole %s",
			    unit_name(res))));
	}
}

/* EPC-004: too little, too much, or a unit mixed up. */
static void
check_sane(struct judge *j, const struct container *c,
    const struct profile_resource *res, const struct amount *amount)
{
	const struct enclave_params *p = j->params;
	const char *why = NULL;
	struct kg_slice text;
	struct trail t;

	if (!amount_positive(amount))
		return;
	if (amount->bytes < p->epc_minimum)
		why = "below the minimum";
	else if (amount->bytes > p->epc_maximum)
		why = "above the maximum";
	else if (res->unit != 1 && amount->format == QUANTITY_BINARY_SI)
		why = "a binary suffix on a count of MiB";
	if (why == NULL)
		return;
	text = amount_text(j, amount);
	t = trail_asked(j, c, res);
	finding_add(j, RULE_EPC_004, &t,
	    TEXTS(res->unit == 1
		    ? say(j, "%t: %t is %d bytes, %s", &res->name, &text,
			  amount->bytes, why)
		    : say(j, "%t: %t %s is %b, %s", &res->name, &text,
			  unit_name(res), amount->bytes, why),
		say(j, "from %b to %b", p->epc_minimum, p->epc_maximum),
		res->unit == 1
		    ? say(j,
			  "this resource counts bytes: write 10Mi for "
			  "10 MiB")
		    : say(j,
			  "this resource counts MiB: write 10 for "
			  "10 MiB")));
}

static void
check_memory(struct judge *j, const struct container *c,
    const struct profile_resource *res, const struct amounts *asked)
{
	if (amount_asked(asked)->state == AMOUNT_ABSENT)
		return;
	check_equal(j, c, res, asked);
	check_readable(j, c, res, asked);
	check_sane(j, c, res, amount_asked(asked));
}

/* EPC-005: more than any node has that the pod may still land on. */
static void
check_fits(struct judge *j)
{
	const struct placement *where = &j->facts->placement;
	const int64_t own = j->facts->profile->reserve;
	const int64_t reserve =
	    own > j->params->epc_reserve ? own : j->params->epc_reserve;
	int64_t bound = where->largest_epc;
	struct trail t;

	if (bound < 0)
		return;
	bound = bound > reserve ? bound - reserve : 0;
	if (j->facts->effective_epc <= bound)
		return;
	t = trail_spec(j);
	trail_name(&t, SLICE("containers"));
	finding_add(j, RULE_EPC_005, &t,
	    TEXTS(say(j, "the pod asks for %b of EPC in all",
		      j->facts->effective_epc),
		say(j,
		    "at most %b, on %t, the largest node type that its "
		    "placement leaves",
		    bound, &where->largest_type),
		say(j, "ask for less, or select larger nodes")));
}

void
rules_epc(struct judge *j)
{
	const struct profile *p = j->facts->profile;
	const struct scan *s = j->scan;

	if (first_memory(p) == NULL)
		return; /* a VM TEE: it has no EPC */
	for (size_t i = 0; i < s->container_count; i++) {
		const struct container *c = &s->containers[i];
		const struct amounts *row = facts_row(j->facts, c);

		if (j->facts->enclave_container[i])
			check_present(j, c);
		for (size_t k = 0; k < p->resource_count; k++) {
			if (p->resources[k].role == ROLE_MEMORY)
				check_memory(j, c, &p->resources[k], &row[k]);
		}
	}
	check_fits(j);
}
