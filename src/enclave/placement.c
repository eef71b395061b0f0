/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The proof, label by label. A label's possible values are either a list, or
 * all but a list; and it may be absent. Only labels that can prove or bound
 * something are looked at; an impossible one makes its term unmeetable,
 * whatever label it is.
 */
#include "enclave/placement.h"

#include "base/limits.h"

/* All requirements of nodeSelector and one term on one label. */
struct domain {
	bool listed;            /* only `values` are possible */
	const struct value *in; /* the first In: a list of strings */
	struct kg_slice single; /* or a nodeSelector entry */
	bool has_single;
	bool present, absent; /* must be; both: impossible */
};

struct selection {
	const struct value *selector; /* nodeSelector */
	const struct value *injected; /* what the RuntimeClass adds to it */
	const struct value *exprs;    /* matchExpressions of the term */
	size_t *fuel; /* comparisons left; without, nothing is proven */
};

/* Takes n comparisons; false when there are not so many left. */
static bool
burn(const struct selection *sel, size_t n)
{
	if (*sel->fuel < n) {
		*sel->fuel = 0;
		return false;
	}
	*sel->fuel -= n;
	return true;
}

/* What looking at every requirement once costs. */
static size_t
width(const struct selection *sel)
{
	return 1 + value_members(sel->selector) + value_members(sel->injected) +
	    value_len(sel->exprs);
}

const struct value *
placement_terms(const struct value *affinity)
{
	return value_get(
	    value_get(value_get(affinity, KEY_nodeAffinity),
		KEY_requiredDuringSchedulingIgnoredDuringExecution),
	    KEY_nodeSelectorTerms);
}

static bool
all_strings(const struct value *list)
{
	if (!value_is(list, VALUE_LIST))
		return false;
	for (size_t i = 0; i < list->count; i++) {
		if (list->u.items[i].kind != VALUE_STRING)
			return false;
	}
	return true;
}

enum node_operator {
	OP_UNKNOWN,
	OP_IN,
	OP_NOT_IN,
	OP_EXISTS,
	OP_DOES_NOT_EXIST,
};

/* Gt and Lt, and what cannot be read, are OP_UNKNOWN. */
static enum node_operator
operator_of(const struct value *expr)
{
	const struct kg_slice op = value_str(value_get(expr, KEY_operator_));
	const bool values = all_strings(value_get(expr, KEY_values));

	if (slice_is(op, "In") && values)
		return OP_IN;
	if (slice_is(op, "NotIn") && values)
		return OP_NOT_IN;
	if (slice_is(op, "Exists"))
		return OP_EXISTS;
	if (slice_is(op, "DoesNotExist"))
		return OP_DOES_NOT_EXIST;
	return OP_UNKNOWN;
}

static bool
list_has(const struct value *list, struct kg_slice s)
{
	for (size_t i = 0; i < value_len(list); i++) {
		if (slice_eq(value_str(&list->u.items[i]), s))
			return true;
	}
	return false;
}

static struct kg_slice
expr_key(const struct value *expr)
{
	return value_str(value_get(expr, KEY_key));
}

/* May the label still have this value, by every requirement on it? */
static bool
value_possible(
    const struct selection *sel, struct kg_slice key, struct kg_slice value)
{
	const struct value *wanted;

	if (!burn(sel, width(sel)))
		return true;
	wanted = value_find(sel->selector, key);
	if (value_is(wanted, VALUE_STRING) &&
	    !slice_eq(value_str(wanted), value))
		return false;
	wanted = value_find(sel->injected, key);
	if (value_is(wanted, VALUE_STRING) &&
	    !slice_eq(value_str(wanted), value))
		return false;
	for (size_t i = 0; i < value_len(sel->exprs); i++) {
		const struct value *e = value_at(sel->exprs, i);
		const enum node_operator op = operator_of(e);
		const struct value *values = value_get(e, KEY_values);

		if (op == OP_UNKNOWN || !slice_eq(expr_key(e), key))
			continue;
		if (!burn(sel, value_len(values)))
			return true;
		if (op == OP_DOES_NOT_EXIST ||
		    (op == OP_IN && !list_has(values, value)) ||
		    (op == OP_NOT_IN && list_has(values, value)))
			return false;
	}
	return true;
}

/* Collects what the requirements say of one label. */
static void
domain_of(const struct selection *sel, struct kg_slice key, struct domain *d)
{
	const struct value *wanted;

	*d = (struct domain){ 0 };
	if (!burn(sel, width(sel)))
		return; /* as if nothing were asked of it */
	wanted = value_find(sel->selector, key);
	if (!value_is(wanted, VALUE_STRING))
		wanted = value_find(sel->injected, key);
	if (value_is(wanted, VALUE_STRING)) {
		d->listed = d->has_single = d->present = true;
		d->single = value_str(wanted);
	}
	for (size_t i = 0; i < value_len(sel->exprs); i++) {
		const struct value *e = value_at(sel->exprs, i);
		const enum node_operator op = operator_of(e);

		if (op == OP_UNKNOWN || !slice_eq(expr_key(e), key))
			continue;
		if (op == OP_IN) {
			d->listed = d->present = true;
			d->in = value_get(e, KEY_values);
		}
		d->present = d->present || op == OP_EXISTS;
		d->absent = d->absent || op == OP_DOES_NOT_EXIST;
	}
}

/* Candidate i of a listed domain; false past the end. */
static bool
candidate(const struct domain *d, size_t i, struct kg_slice *out)
{
	if (d->has_single) {
		*out = d->single;
		return i == 0;
	}
	if (i >= value_len(d->in))
		return false;
	*out = value_str(&d->in->u.items[i]);
	return true;
}

/* True when no node can meet what is asked of this label. */
static bool
impossible(const struct selection *sel, struct kg_slice key)
{
	struct kg_slice value;
	struct domain d;

	domain_of(sel, key, &d);
	if (d.absent)
		return d.present;
	if (!d.listed)
		return false;
	for (size_t i = 0; candidate(&d, i, &value); i++) {
		if (value_possible(sel, key, value))
			return false;
	}
	return true;
}

static bool
unmeetable(const struct selection *sel)
{
	for (size_t i = 0; i < value_len(sel->exprs) && *sel->fuel > 0; i++) {
		const struct value *e = value_at(sel->exprs, i);

		if (operator_of(e) != OP_UNKNOWN &&
		    impossible(sel, expr_key(e)))
			return true;
	}
	return false;
}

/* --- Proving labels --- */

static bool
is_type(const struct profile *p, struct kg_slice name)
{
	for (size_t i = 0; i < p->type_count; i++) {
		if (slice_eq(p->types[i].name, name))
			return true;
	}
	return false;
}

static bool
predicates_prove(const struct node_predicate *list, size_t count,
    struct kg_slice key, struct kg_slice value)
{
	for (size_t i = 0; i < count; i++) {
		if (slice_eq(list[i].key, key) &&
		    (list[i].exclusive ||
			string_list_has(&list[i].values, value)))
			return true;
	}
	return false;
}

static bool
value_proves(const struct placement_rules *rules, struct kg_slice key,
    struct kg_slice value)
{
	const struct profile *p = rules->profile;

	return predicates_prove(
		   p->predicates, p->predicate_count, key, value) ||
	    predicates_prove(rules->extra, rules->extra_count, key, value) ||
	    (string_list_has(&p->type_labels, key) && is_type(p, value));
}

static bool
is_exclusive(
    const struct node_predicate *list, size_t count, struct kg_slice key)
{
	for (size_t i = 0; i < count; i++) {
		if (slice_eq(list[i].key, key) && list[i].exclusive)
			return true;
	}
	return false;
}

/* True when this label is left with proving values only. */
static bool
label_proves(const struct selection *sel, const struct placement_rules *rules,
    struct kg_slice key)
{
	const struct profile *p = rules->profile;
	struct kg_slice value;
	struct domain d;

	domain_of(sel, key, &d);
	if (!d.present || d.absent)
		return false;
	if (!d.listed)
		return is_exclusive(p->predicates, p->predicate_count, key) ||
		    is_exclusive(rules->extra, rules->extra_count, key);
	for (size_t i = 0; candidate(&d, i, &value); i++) {
		if (value_possible(sel, key, value) &&
		    !value_proves(rules, key, value))
			return false;
	}
	return *sel->fuel > 0;
}

static bool
selection_proves(
    const struct selection *sel, const struct placement_rules *rules)
{
	const struct profile *p = rules->profile;

	for (size_t i = 0; i < p->predicate_count; i++) {
		if (label_proves(sel, rules, p->predicates[i].key))
			return true;
	}
	for (size_t i = 0; i < rules->extra_count; i++) {
		if (label_proves(sel, rules, rules->extra[i].key))
			return true;
	}
	for (size_t i = 0; i < p->type_labels.count; i++) {
		if (label_proves(sel, rules, p->type_labels.items[i]))
			return true;
	}
	return false;
}

/* --- Node types --- */

/* May a node of this type be chosen, by all labels that tell the type? */
static bool
type_possible(const struct selection *sel, const struct profile *p,
    const struct node_type *type)
{
	for (size_t i = 0; i < p->type_labels.count; i++) {
		if (!value_possible(sel, p->type_labels.items[i], type->name))
			return false;
	}
	return true;
}

/* True when a label that tells the type must be absent: nothing is known. */
static bool
type_hidden(const struct selection *sel, const struct profile *p)
{
	struct domain d;

	for (size_t i = 0; i < p->type_labels.count; i++) {
		domain_of(sel, p->type_labels.items[i], &d);
		if (d.absent)
			return true;
	}
	return false;
}

static void
bound_epc(
    const struct selection *sel, const struct profile *p, struct placement *out)
{
	const bool hidden = type_hidden(sel, p);

	for (size_t i = 0; i < p->type_count; i++) {
		if (p->types[i].epc <= out->largest_epc ||
		    (!hidden && !type_possible(sel, p, &p->types[i])))
			continue;
		out->largest_epc = p->types[i].epc;
		out->largest_type = p->types[i].name;
	}
}

/* --- Terms --- */

/* A term without expressions and fields matches no node. */
static bool
matches_nothing(const struct value *term)
{
	return value_is(term, VALUE_OBJECT) &&
	    value_len(value_get(term, KEY_matchExpressions)) == 0 &&
	    value_len(value_get(term, KEY_matchFields)) == 0;
}

static void
check_term(const struct selection *sel, const struct placement_rules *rules,
    size_t index, struct placement *out)
{
	if (unmeetable(sel))
		return;
	bound_epc(sel, rules->profile, out);
	if (out->proven && !selection_proves(sel, rules)) {
		out->proven = false;
		out->failing_term = index;
	}
}

static size_t
find_preferred(
    const struct value *spec, const struct placement_rules *rules, size_t *fuel)
{
	const struct value *list = value_get(
	    value_get(value_get(spec, KEY_affinity), KEY_nodeAffinity),
	    KEY_preferredDuringSchedulingIgnoredDuringExecution);

	for (size_t i = 0; i < value_len(list); i++) {
		const struct value *term =
		    value_get(value_at(list, i), KEY_preference);
		const struct selection sel = {
			.exprs = value_get(term, KEY_matchExpressions),
			.fuel = fuel,
		};

		if (!unmeetable(&sel) && selection_proves(&sel, rules))
			return i;
	}
	return SIZE_MAX;
}

void
placement_check(const struct value *spec, const struct placement_rules *rules,
    struct placement *out)
{
	const struct value *terms =
	    placement_terms(value_get(spec, KEY_affinity));
	size_t fuel = PLACEMENT_FUEL;
	struct selection sel = {
		.selector = value_get(spec, KEY_nodeSelector),
		.injected = rules->class_selector,
		.fuel = &fuel,
	};

	*out = (struct placement){ .proven = true,
		.failing_term = SIZE_MAX,
		.preferred = SIZE_MAX,
		.largest_epc = -1 };
	if (value_len(terms) == 0)
		check_term(&sel, rules, SIZE_MAX, out);
	for (size_t i = 0; i < value_len(terms); i++) {
		const struct value *term = value_at(terms, i);

		sel.exprs = value_get(term, KEY_matchExpressions);
		if (!matches_nothing(term))
			check_term(&sel, rules, i, out);
	}
	if (!out->proven)
		out->preferred = find_preferred(spec, rules, &fuel);
}

bool
placement_selector_proves(
    const struct value *spec, const struct placement_rules *rules)
{
	size_t fuel = PLACEMENT_FUEL;
	const struct selection sel = {
		.selector = value_get(spec, KEY_nodeSelector),
		.injected = rules->class_selector,
		.fuel = &fuel,
	};

	return selection_proves(&sel, rules);
}

/* --- The list of types --- */

struct type_list {
	struct kg_slice *items;
	size_t count;
	bool open; /* any type is possible, or too many are */
};

static void
add_type(struct type_list *list, struct kg_slice type)
{
	for (size_t i = 0; i < list->count; i++) {
		if (slice_eq(list->items[i], type))
			return;
	}
	if (list->count == NODE_TYPES_MAX) {
		list->open = true;
		return;
	}
	list->items[list->count++] = type;
}

/* Adds what one term leaves; a term that asks for no type leaves it open. */
static void
add_term_types(const struct selection *sel, const struct profile *p,
    struct type_list *list)
{
	struct node_type type = { 0 };
	struct domain d = { 0 };

	if (unmeetable(sel))
		return;
	for (size_t i = 0; i < p->type_labels.count && !d.listed; i++)
		domain_of(sel, p->type_labels.items[i], &d);
	if (!d.listed || type_hidden(sel, p))
		list->open = true;
	for (size_t i = 0; !list->open && *sel->fuel > 0; i++) {
		if (!candidate(&d, i, &type.name))
			return;
		if (type_possible(sel, p, &type))
			add_type(list, type.name);
	}
	list->open = true;
}

void
placement_types(struct arena *arena, const struct value *spec,
    const struct profile *profile, struct string_list *out)
{
	const struct value *terms =
	    placement_terms(value_get(spec, KEY_affinity));
	size_t fuel = PLACEMENT_FUEL;
	struct selection sel = {
		.selector = value_get(spec, KEY_nodeSelector),
		.fuel = &fuel,
	};
	struct type_list list = { arena_array(arena, NODE_TYPES_MAX,
				      sizeof(*list.items)),
		0, false };

	*out = (struct string_list){ 0 };
	if (list.items == NULL)
		return;
	if (value_len(terms) == 0)
		add_term_types(&sel, profile, &list);
	for (size_t i = 0; i < value_len(terms) && !list.open; i++) {
		const struct value *term = value_at(terms, i);

		sel.exprs = value_get(term, KEY_matchExpressions);
		if (!matches_nothing(term))
			add_term_types(&sel, profile, &list);
	}
	if (!list.open)
		*out = (struct string_list){ list.items, list.count };
}
