/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From an EnclavePolicy document to a policy: a closed schema with defaults.
 * What it holds of expressions is read in custom_read.c.
 */
#include "policy/enclave_policy.h"

#include "base/limits.h"
#include "enclave/measure.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char *const action_names[] = { "Off", "Audit", "Warn", "Deny" };
static const enum kg_action actions[] = { KG_ACTION_OFF, KG_ACTION_AUDIT,
	KG_ACTION_WARN, KG_ACTION_DENY };

/* --- Profiles --- */

static void
all_profiles(
    struct node_reader *r, const struct catalog *c, struct enclave_params *p)
{
	uint8_t *order = arena_array(r->arena, c->count, 1);

	if (order == NULL)
		return;
	for (size_t i = 0; i < c->count; i++) {
		order[i] = (uint8_t)i;
		p->profiles |= (uint64_t)1 << i;
	}
	p->order = order;
	p->order_count = c->count;
}

static void
unknown_profile(struct node_reader *r, struct node n, const struct catalog *c,
    struct kg_slice name)
{
	struct buf b;

	buf_init(&b, r->arena, DIAG_MESSAGE_MAX);
	for (size_t i = 0; i < c->count; i++) {
		if (i > 0)
			buf_puts(&b, ", ");
		buf_put(&b, c->profiles[i].name);
	}
	node_error(r, n, "unknown profile \"%.*s\"; known are %.*s",
	    SLICE_ARG(name), SLICE_ARG(buf_slice(&b)));
}

static void
read_profiles(struct node_reader *r, struct node n, const struct catalog *c,
    struct enclave_params *p)
{
	struct string_list names = { 0 };
	uint8_t *order;

	node_strings(r, n, &names);
	if (names.count == 0) {
		all_profiles(r, c, p);
		return;
	}
	order = arena_array(r->arena, names.count, 1);
	if (order == NULL)
		return;
	p->order = order;
	for (size_t i = 0; i < names.count; i++) {
		const size_t at = catalog_find(c, names.items[i]);

		if (at == SIZE_MAX) {
			unknown_profile(r, node_at(r, n, i), c, names.items[i]);
		} else if ((p->profiles >> at & 1) == 0) {
			order[p->order_count++] = (uint8_t)at;
			p->profiles |= (uint64_t)1 << at;
		}
	}
}

/* --- Parameters --- */

static void
read_epc(struct node_reader *r, struct node n, struct enclave_params *p)
{
	static const char *const fields[] = { "minimum", "maximum", "reserve",
		"podMaximum", "enclaveContainers", "claims" };

	p->epc_minimum = 64 * (int64_t)KIB;
	p->epc_maximum = (int64_t)1 << 40;
	if (n.v == NULL || !node_fields(r, n, fields, COUNT(fields)))
		return;
	node_bytes(r, node_get(r, n, "minimum"), &p->epc_minimum);
	node_bytes(r, node_get(r, n, "maximum"), &p->epc_maximum);
	node_bytes(r, node_get(r, n, "reserve"), &p->epc_reserve);
	node_bytes(r, node_get(r, n, "podMaximum"), &p->epc_pod_maximum);
	node_int(r, node_get(r, n, "enclaveContainers"), 0, CONTAINERS_MAX,
	    &p->epc_containers);
	node_strings(r, node_get(r, n, "claims"), &p->epc_claims);
	if (p->epc_minimum > p->epc_maximum)
		node_error(r, n, "spec.epc: minimum is above maximum");
}

static bool
known_wiring(const struct catalog *c, uint64_t profiles, struct kg_slice name)
{
	for (size_t i = 0; i < c->count; i++) {
		const struct profile *p = &c->profiles[i];

		for (size_t w = 0; w < p->wiring_count; w++) {
			if ((profiles >> i & 1) != 0 &&
			    slice_eq(p->wirings[w].name, name))
				return true;
		}
	}
	return false;
}

static void
check_measurements(
    struct node_reader *r, struct node n, const struct string_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		enum measurement kind;
		struct kg_slice hex;

		if (!measurement_read(list->items[i], &kind, &hex))
			node_error(r, node_at(r, n, i),
			    "\"%.*s\" is no measurement: want "
			    "mrenclave:<64 hex>, mrsigner:<64 hex>, "
			    "policy:<64 hex> or "
			    "<64 hex>",
			    SLICE_ARG(list->items[i]));
	}
}

static void
read_attestation(struct node_reader *r, struct node n, const struct catalog *c,
    struct enclave_params *p)
{
	static const char *const fields[] = { "wirings", "verifiers",
		"measurements", "images", "serviceAccounts" };
	const struct node wirings = node_get(r, n, "wirings");

	if (n.v == NULL || !node_fields(r, n, fields, COUNT(fields)))
		return;
	node_strings(r, wirings, &p->wirings);
	node_strings(r, node_get(r, n, "verifiers"), &p->verifiers);
	node_strings(r, node_get(r, n, "measurements"), &p->measurements);
	check_measurements(r, node_get(r, n, "measurements"), &p->measurements);
	node_strings(r, node_get(r, n, "images"), &p->images);
	node_strings(
	    r, node_get(r, n, "serviceAccounts"), &p->service_accounts);
	for (size_t i = 0; i < p->wirings.count; i++) {
		if (!known_wiring(c, p->profiles, p->wirings.items[i]))
			node_error(r, node_at(r, wirings, i),
			    "no allowed profile has a wiring \"%.*s\"",
			    SLICE_ARG(p->wirings.items[i]));
	}
}

static void
read_nodes(struct node_reader *r, struct node n, struct enclave_params *p)
{
	static const char *const fields[] = { "predicates", "schedulers",
		"nodeNameUsers" };
	static const struct kg_slice controllers[] = { SLICE_INIT(
	    "system:serviceaccount:kube-system:daemon-set-controller") };

	p->node_name_users = (struct string_list){ controllers, 1 };
	if (n.v == NULL || !node_fields(r, n, fields, COUNT(fields)))
		return;
	predicates_read(r, node_get(r, n, "predicates"), &p->predicates,
	    &p->predicate_count);
	node_strings(r, node_get(r, n, "schedulers"), &p->schedulers);
	node_strings(r, node_get(r, n, "nodeNameUsers"), &p->node_name_users);
}

static void
read_group(struct node_reader *r, struct node n, void *item)
{
	struct kg_slice *out = item;
	int64_t id = -1;

	node_int(r, n, 0, INT32_MAX, &id);
	if (id >= 0)
		*out = arena_printf(r->arena, "%lld", (long long)id);
}

static void
read_isolation(struct node_reader *r, struct node n, struct enclave_params *p)
{
	static const char *const fields[] = { "supplementalGroups" };

	if (n.v != NULL && node_fields(r, n, fields, COUNT(fields)))
		p->groups.items =
		    node_items(r, node_get(r, n, "supplementalGroups"),
			sizeof(*p->groups.items), read_group, &p->groups.count);
}

static void
read_params(struct node_reader *r, struct node spec, const struct catalog *c,
    struct enclave_params *p)
{
	static const char *const containers[] = { "Signalled", "All" };
	static const char *const image_fields[] = { "registries" };
	const struct node images = node_get(r, spec, "images");
	unsigned all = 0;

	read_profiles(r, node_get(r, spec, "profiles"), c, p);
	node_enum(r, node_get(r, spec, "containers"), containers, 2, &all);
	p->all_containers = all == 1;
	read_epc(r, node_get(r, spec, "epc"), p);
	read_attestation(r, node_get(r, spec, "attestation"), c, p);
	if (images.v != NULL && node_fields(r, images, image_fields, 1))
		node_strings(
		    r, node_get(r, images, "registries"), &p->registries);
	read_isolation(r, node_get(r, spec, "isolation"), p);
	read_nodes(r, node_get(r, spec, "nodes"), p);
	node_strings(
	    r, node_get(r, spec, "breakGlassGroups"), &p->break_glass_groups);
}

/* --- Rule entries --- */

/* A plain Off is false to YAML 1.1; it is meant as the word. */
static void
read_action(struct node_reader *r, struct node n, enum kg_action *out)
{
	unsigned at = 0;

	if (!value_is(n.v, VALUE_BOOL) || n.v->u.boolean)
		node_enum(r, n, action_names, COUNT(action_names), &at);
	*out = actions[at];
}

static void
read_entry(struct node_reader *r, struct node n, void *item)
{
	struct rule_entry *e = item;
	static const char *const fields[] = { "id", "action",
		"namespaceSelector", "percent" };
	const struct node id = node_get(r, n, "id");
	int64_t percent = 100;

	if (!node_fields(r, n, fields, COUNT(fields)))
		return;
	node_required(r, n, id, "id");
	node_required(r, n, node_get(r, n, "action"), "action");
	node_string(r, id, &e->id);
	read_action(r, node_get(r, n, "action"), &e->action);
	node_int(r, node_get(r, n, "percent"), 0, 100, &percent);
	e->percent = (unsigned)percent;
	selector_read(r, node_get(r, n, "namespaceSelector"), &e->namespaces);
	if (value_is(id.v, VALUE_STRING) && !rule_known(e->id)) {
		const char *hint = rule_nearest(e->id);

		node_error(r, id, "unknown rule \"%.*s\"%s%s%s",
		    SLICE_ARG(e->id), hint != NULL ? "; did you mean " : "",
		    hint != NULL ? hint : "", hint != NULL ? "?" : "");
	}
}

/* Some entry gives this rule an action, in some namespace. */
static bool
turns_on(const struct policy *p, struct kg_slice id)
{
	for (size_t i = 0; i < p->rule_count; i++) {
		const struct kg_slice own = p->rules[i].id;
		const bool family = slice_ends(own, SLICE("-*"));

		if (p->rules[i].action != KG_ACTION_OFF &&
		    (slice_eq(own, id) ||
			(family &&
			    slice_starts(id, slice_upto(own, own.len - 1)))))
			return true;
	}
	return false;
}

/* --- All --- */

static void
refuse_unknowable(
    struct node_reader *r, struct node n, const struct selector *s)
{
	const struct kg_slice key = selector_foreign_key(s);

	if (key.ptr != NULL)
		node_error(r, n,
		    "a server without a cluster snapshot does not know the "
		    "namespace label \"%.*s\"; select by "
		    "kubernetes.io/metadata.name",
		    SLICE_ARG(key));
}

static void
check_live(struct node_reader *r, struct node spec, const struct policy *p)
{
	const struct node match = node_get(r, spec, "match");
	const struct node rules = node_get(r, spec, "rules");

	refuse_unknowable(
	    r, node_get(r, match, "namespaceSelector"), &p->match.namespaces);
	for (size_t i = 0; i < p->rule_count; i++)
		refuse_unknowable(r,
		    node_get(r, node_at(r, rules, i), "namespaceSelector"),
		    &p->rules[i].namespaces);
}

void
enclave_policy_read(struct node_reader *r, const struct document *doc,
    const struct catalog *catalog, bool live, struct policy *p)
{
	static const char *const roots[] = { "apiVersion", "kind", "metadata",
		"spec" };
	static const char *const fields[] = { "failurePolicy", "match",
		"matchConditions", "profiles", "containers", "epc",
		"attestation", "images", "isolation", "nodes",
		"breakGlassGroups", "rules", "variables", "validations",
		"auditAnnotations" };
	static const char *const failures[] = { "Fail", "Ignore" };
	const struct node root = node_root(doc);
	const struct node spec = node_get(r, root, "spec");
	unsigned failure = 0;

	*p = (struct policy){ 0 };
	node_fields(r, root, roots, COUNT(roots));
	node_string(
	    r, node_get(r, node_get(r, root, "metadata"), "name"), &p->name);
	if (!node_required(r, root, spec, "spec") ||
	    !node_fields(r, spec, fields, COUNT(fields)))
		return;
	node_enum(r, node_get(r, spec, "failurePolicy"), failures, 2, &failure);
	p->ignore_errors = failure == 1;
	match_read(r, node_get(r, spec, "match"), &p->match);
	read_params(r, spec, catalog, &p->params);
	p->rules = node_items(r, node_get(r, spec, "rules"), sizeof(*p->rules),
	    read_entry, &p->rule_count);
	p->params.restricted_labels = turns_on(p, SLICE("NOD-008"));
	if (live)
		check_live(r, spec, p);
}
