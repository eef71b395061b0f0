/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NOD-004 to NOD-009 and NOD-012: the right kind of node, and the ways past
 * taints, schedulers and runtime classes. NOD-011 looks at other pods.
 */
#include "base/limits.h"
#include "enclave/judge.h"

/* --- NOD-004: labels of another platform --- */

static struct trail
trail_expression(const struct judge *j, size_t term, size_t index)
{
	struct trail t = trail_spec(j);

	trail_name(&t, SLICE("affinity"));
	trail_name(&t, SLICE("nodeAffinity"));
	trail_name(&t, SLICE("requiredDuringSchedulingIgnoredDuringExecution"));
	trail_name(&t, SLICE("nodeSelectorTerms"));
	trail_index(&t, term);
	trail_name(&t, SLICE("matchExpressions"));
	trail_index(&t, index);
	return t;
}

/* The list has this key, with one of the values if it names any. */
static bool
listed(const struct node_predicate *list, size_t count, struct kg_slice key,
    struct kg_slice value)
{
	for (size_t i = 0; i < count; i++) {
		if (slice_eq(list[i].key, key) &&
		    (list[i].values.count == 0 ||
			string_list_has(&list[i].values, value)))
			return true;
	}
	return false;
}

/* Both use the same kind of memory: two names of one platform. */
static bool
same_family(const struct profile *a, const struct profile *b)
{
	for (size_t i = 0; i < a->resource_count; i++) {
		for (size_t k = 0; k < b->resource_count; k++) {
			if (a->resources[i].role == ROLE_MEMORY &&
			    slice_eq(
				a->resources[i].name, b->resources[k].name))
				return true;
		}
	}
	return a == b;
}

/* Another platform that this label is proof of; NULL: none. */
static const struct profile *
proof_of_other(
    const struct judge *j, struct kg_slice key, struct kg_slice value)
{
	const struct catalog *c = j->scan->catalog;
	const struct profile *own = j->facts->profile;

	if (map_get(&c->nodes, key) == NULL ||
	    listed(own->predicates, own->predicate_count, key, value))
		return NULL;
	for (size_t i = 0; i < c->count; i++) {
		const struct profile *p = &c->profiles[i];

		if (!same_family(own, p) &&
		    listed(p->predicates, p->predicate_count, key, value))
			return p;
	}
	return NULL;
}

static void
check_label(struct judge *j, const struct trail *t, struct kg_slice key,
    struct kg_slice value)
{
	const struct profile *p = j->facts->profile;
	const struct profile *other = proof_of_other(j, key, value);

	if (other == NULL &&
	    !listed(p->lookalikes, p->lookalike_count, key, value))
		return;
	finding_add(j, RULE_NOD_004, t,
	    TEXTS(other != NULL
		    ? say(j, "label %t=%t proves nodes of %t, not of %t", &key,
			  &value, &other->name, &p->name)
		    : say(j, "label %t=%t proves no node of %t", &key, &value,
			  &p->name),
		say(j, "a label that profile %t names under nodes.predicates",
		    &p->name),
		say(j,
		    "select by the platform's own label, see keepgate "
		    "profiles %t",
		    &p->name)));
}

/* The first value of an expression; "" for Exists. */
static void
check_expression(
    struct judge *j, const struct value *e, size_t term, size_t index)
{
	const struct kg_slice op = value_str(value_get(e, KEY_operator_));
	const struct kg_slice value =
	    value_str(value_at(value_get(e, KEY_values), 0));
	struct trail t;

	if (!slice_is(op, "In") && !slice_is(op, "Exists"))
		return;
	t = trail_expression(j, term, index);
	check_label(j, &t, value_str(value_get(e, KEY_key)), value);
}

static void
check_family(struct judge *j)
{
	const struct value *selector = j->scan->spec[KEY_nodeSelector];
	const struct value *terms = j->scan->terms;

	for (size_t i = 0; i < value_members(selector); i++) {
		const struct member *m = value_member(selector, i);
		struct trail t = trail_spec(j);

		trail_name(&t, SLICE("nodeSelector"));
		trail_name(&t, value_str(&m->name));
		check_label(j, &t, value_str(&m->name), value_str(&m->value));
	}
	for (size_t i = 0; i < value_len(terms); i++) {
		const struct value *list =
		    value_get(value_at(terms, i), KEY_matchExpressions);

		for (size_t k = 0;
		     k < value_len(list) && !j->findings->truncated; k++)
			check_expression(j, value_at(list, k), i, k);
	}
}

/* --- NOD-005: tolerations --- */

static struct kg_slice
toleration_key(const struct judge *j, size_t i)
{
	return value_str(
	    value_get(value_at(j->scan->spec[KEY_tolerations], i), KEY_key));
}

static void
check_tolerations(struct judge *j)
{
	const struct profile *p = j->facts->profile;
	const struct value *list = j->scan->spec[KEY_tolerations];
	bool tolerated = !p->toleration_required || p->taints.count == 0;
	struct trail t;

	for (size_t i = 0; i < value_len(list); i++) {
		const struct kg_slice key = toleration_key(j, i);
		const struct kg_slice op =
		    value_str(value_get(value_at(list, i), KEY_operator_));

		tolerated = tolerated || string_list_has(&p->taints, key);
		if (key.len > 0 || !slice_is(op, "Exists"))
			continue;
		t = trail_spec(j);
		trail_name(&t, SLICE("tolerations"));
		trail_index(&t, i);
		finding_add(j, RULE_NOD_005, &t,
		    TEXTS(say(j, "a toleration of every taint"),
			say(j, "tolerations by key"),
			say(j,
			    "name the keys: a taint may say that a node must "
			    "not be trusted")));
	}
	if (tolerated)
		return;
	t = trail_spec(j);
	trail_name(&t, SLICE("tolerations"));
	finding_add(j, RULE_NOD_005, &t,
	    TEXTS(say(j, "no toleration of the platform's taint"),
		say(j, "a toleration with key %t", &p->taints.items[0]),
		say(j, "add it: without, no confidential node takes the pod")));
}

/* --- NOD-006 and NOD-009: runtime classes --- */

static struct kg_slice
class_names(const struct judge *j)
{
	const struct string_list *list = &j->facts->profile->runtime_allow;
	struct buf b;

	buf_init(&b, j->arena, 4 * KIB);
	for (size_t i = 0; i < list->count; i++) {
		buf_puts(&b, i > 0 ? ", " : "");
		buf_put(&b, list->items[i]);
	}
	return buf_slice(&b);
}

static void
check_class(struct judge *j, struct kg_slice name)
{
	const struct profile *p = j->facts->profile;
	const bool insecure = runtime_class_listed(&p->runtime_insecure, name);
	struct kg_slice names;
	struct trail t;

	if (runtime_class_listed(&p->runtime_allow, name) ||
	    (p->runtime_allow.count == 0 && !insecure))
		return;
	names = class_names(j);
	t = trail_spec(j);
	trail_name(&t, SLICE("runtimeClassName"));
	finding_add(j, RULE_NOD_006, &t,
	    TEXTS(name.len == 0 ? say(j, "no runtime class")
		    : insecure
		    ? say(j, "runtime class %q, which starts no TEE", &name)
		    : say(j, "runtime class %q", &name),
		say(j, "exactly one of %t", &names),
		say(j, "name the runtime class of the TEE")));
}

static const struct class_default *
class_default(const struct profile *p, struct kg_slice name)
{
	for (size_t i = 0; i < p->class_default_count; i++) {
		const struct string_list one = { &p->class_defaults[i].name,
			1 };

		if (runtime_class_listed(&one, name))
			return &p->class_defaults[i];
	}
	return NULL;
}

static bool
same_amount(const struct value *a, const struct value *b)
{
	struct quantity x, y;

	return quantity_read(a, &x) == QUANTITY_OK &&
	    quantity_read(b, &y) == QUANTITY_OK && quantity_cmp(&x, &y) == 0;
}

static void
report_default(struct judge *j, const struct trail *t, struct kg_slice found,
    struct kg_slice class)
{
	finding_add(j, RULE_NOD_009, t,
	    TEXTS(found, say(j, "what runtime class %q puts there", &class),
		say(j, "leave it out: the runtime class fills it in")));
}

static void
check_overhead(struct judge *j, const struct class_default *d)
{
	const struct value *overhead = j->scan->spec[KEY_overhead];

	for (size_t i = 0; i < d->overhead.count; i++) {
		const struct pair *p = &d->overhead.items[i];
		const struct value *said = value_find(overhead, p->name);
		struct trail t;

		if (value_members(overhead) == 0 || same_amount(said, p->value))
			continue;
		t = trail_spec(j);
		trail_name(&t, SLICE("overhead"));
		trail_name(&t, p->name);
		report_default(j, &t,
		    said == NULL ? say(j, "overhead without %t", &p->name)
				 : say(j, "another overhead of %t", &p->name),
		    d->name);
	}
}

static void
check_injected(struct judge *j, const struct class_default *d)
{
	const struct value *selector = j->scan->spec[KEY_nodeSelector];

	for (size_t i = 0; i < value_members(d->selector); i++) {
		const struct member *m = value_member(d->selector, i);
		const struct kg_slice key = value_str(&m->name);
		const struct value *said = value_find(selector, key);
		struct trail t;

		if (said == NULL || value_equal(said, &m->value))
			continue;
		t = trail_spec(j);
		trail_name(&t, SLICE("nodeSelector"));
		trail_name(&t, key);
		report_default(
		    j, &t, say(j, "another value of %t", &key), d->name);
	}
}

static void
check_defaults(struct judge *j, struct kg_slice name)
{
	const struct profile *p = j->facts->profile;
	const struct class_default *d = class_default(p, name);
	const struct value *overhead = j->scan->spec[KEY_overhead];
	struct trail t;

	if (name.len == 0 && value_members(overhead) > 0) {
		t = trail_spec(j);
		trail_name(&t, SLICE("overhead"));
		report_default(
		    j, &t, say(j, "overhead without a runtime class"), name);
	}
	if (d == NULL)
		return;
	check_overhead(j, d);
	check_injected(j, d);
}

/* --- NOD-007: schedulers --- */

static void
check_scheduler(struct judge *j)
{
	const struct string_list *list = &j->params->schedulers;
	struct kg_slice name = value_str(j->scan->spec[KEY_schedulerName]);
	struct trail t;

	if (name.len == 0)
		name = SLICE("default-scheduler");
	if (list->count == 0 || string_list_has(list, name))
		return;
	t = trail_spec(j);
	trail_name(&t, SLICE("schedulerName"));
	finding_add(j, RULE_NOD_007, &t,
	    TEXTS(say(j, "scheduler %q", &name),
		say(j, "a scheduler of nodes.schedulers, such as %t",
		    &list->items[0]),
		say(j,
		    "use a listed scheduler: others need not heed node "
		    "selection")));
}

/* --- NOD-008: labels that a kubelet cannot set --- */

static bool
is_restricted(struct kg_slice key)
{
	const struct kg_slice domain = SLICE("node-restriction.kubernetes.io");
	const struct kg_slice own = slice_upto(key, slice_find(key, '/'));

	return own.len < key.len &&
	    (slice_eq(own, domain) ||
		slice_ends(own, SLICE(".node-restriction.kubernetes.io")));
}

static bool
term_restricts(const struct value *term)
{
	const struct value *list = value_get(term, KEY_matchExpressions);

	for (size_t i = 0; i < value_len(list); i++) {
		const struct value *e = value_at(list, i);
		const struct kg_slice op =
		    value_str(value_get(e, KEY_operator_));

		if ((slice_is(op, "In") || slice_is(op, "Exists")) &&
		    is_restricted(value_str(value_get(e, KEY_key))))
			return true;
	}
	return false;
}

static void
check_restriction(struct judge *j)
{
	const struct value *selector = j->scan->spec[KEY_nodeSelector];
	const struct value *terms = j->scan->terms;
	bool all = value_len(terms) > 0;
	struct trail t;

	for (size_t i = 0; i < value_members(selector); i++) {
		if (is_restricted(value_str(&selector->u.members[i].name)))
			return;
	}
	for (size_t i = 0; i < value_len(terms) && all; i++)
		all = term_restricts(value_at(terms, i));
	if (all)
		return;
	t = trail_spec(j);
	trail_name(&t, SLICE("nodeSelector"));
	finding_add(j, RULE_NOD_008, &t,
	    TEXTS(say(j, "only labels that a kubelet can set on its own node"),
		say(j,
		    "beside them a label under "
		    "node-restriction.kubernetes.io/"),
		say(j,
		    "label the confidential nodes under that prefix and "
		    "select by it")));
}

/* --- NOD-012: DaemonSets --- */

static void
check_daemon_set(struct judge *j)
{
	const struct placement_rules rules = { .profile = j->facts->profile,
		.extra = j->params->predicates,
		.extra_count = j->params->predicate_count };
	struct trail t;

	if (!j->scan->call->daemon_set || !j->facts->placement.proven ||
	    value_len(j->scan->terms) == 0 ||
	    placement_selector_proves(j->pod->spec, &rules))
		return;
	t = trail_spec(j);
	trail_name(&t, SLICE("affinity"));
	trail_name(&t, SLICE("nodeAffinity"));
	finding_advise(j, RULE_NOD_012, &t,
	    TEXTS(say(j, "only node affinity proves the DaemonSet's nodes"),
		say(j, "a nodeSelector that proves them by itself"),
		say(j,
		    "select by nodeSelector: the controller replaces the "
		    "required affinity of its pods by a node's name")));
}

void
rules_select(struct judge *j)
{
	const struct kg_slice class =
	    value_str(j->scan->spec[KEY_runtimeClassName]);

	if (!j->facts->placement.proven)
		check_family(j);
	check_tolerations(j);
	check_class(j, class);
	check_defaults(j, class);
	check_scheduler(j);
	if (j->params->restricted_labels)
		check_restriction(j);
	check_daemon_set(j);
}
