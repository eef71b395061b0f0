/* SPDX-License-Identifier: Apache-2.0 */
/* A closed schema; what is named must exist. */
#include "policy/exception.h"

#include "base/time.h"
#include "enclave/image.h"
#include "policy/ruleset.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* --- Names of rules --- */

static bool
is_family(struct kg_slice id)
{
	return slice_ends(id, SLICE("-*"));
}

static bool
family_has(struct kg_slice family, struct kg_slice id)
{
	return slice_starts(id, slice_upto(family, family.len - 1));
}

bool
rule_listed(const struct string_list *rules, struct kg_slice id)
{
	for (size_t i = 0; i < rules->count; i++) {
		const struct kg_slice entry = rules->items[i];

		if (is_family(entry) ? family_has(entry, id)
				     : slice_eq(entry, id))
			return true;
	}
	return false;
}

bool
rule_known(struct kg_slice id)
{
	if (!is_family(id))
		return rule_find(id) != RULE_COUNT;
	for (unsigned i = 0; i < RULE_COUNT; i++) {
		if (family_has(id, slice_str(rule_info[i].id)))
			return true;
	}
	return false;
}

/* Keeps the name that is nearest to id so far. */
static void
nearer(struct kg_slice id, const char *name, size_t *least, const char **best)
{
	const size_t d = slice_distance(id, slice_str(name), *least);

	if (d < *least) {
		*least = d;
		*best = name;
	}
}

const char *
rule_nearest(struct kg_slice id)
{
	static const char *const families[] = { "CLS-*", "EPC-*", "ATT-*",
		"NOD-*", "ISO-*", "IMG-*", "DBG-*", "LIF-*" };
	const char *best = NULL;
	size_t least = 4;

	if (is_family(id)) {
		for (size_t i = 0; i < COUNT(families); i++)
			nearer(id, families[i], &least, &best);
		return best;
	}
	for (unsigned i = 0; i < RULE_COUNT; i++)
		nearer(id, rule_info[i].id, &least, &best);
	return best;
}

/* --- Members --- */

static const struct policy *
find_policy(const struct policy *policies, size_t count, struct kg_slice name)
{
	for (size_t i = 0; i < count; i++) {
		if (slice_eq(policies[i].name, name))
			return &policies[i];
	}
	return NULL;
}

static void
unknown_policy(struct node_reader *r, struct node n, struct kg_slice name,
    const struct policy *policies, size_t count)
{
	struct kg_slice best = { NULL, 0 };
	size_t least = 4;

	for (size_t i = 0; i < count; i++) {
		const size_t d = slice_distance(name, policies[i].name, 4);

		if (d < least) {
			least = d;
			best = policies[i].name;
		}
	}
	node_error(r, n, "unknown policy \"%.*s\"%s%.*s%s", SLICE_ARG(name),
	    best.len > 0 ? "; did you mean " : "", SLICE_ARG(best),
	    best.len > 0 ? "?" : "");
}

/* The id, or a family, of the policy's own validations. */
static bool
own_rule(const struct policy *p, struct kg_slice id)
{
	const struct string_list one = { &id, 1 };

	for (size_t i = 0;
	     p != NULL && p->custom != NULL && i < p->custom->validation_count;
	     i++) {
		if (rule_listed(&one, p->custom->validations[i].id))
			return true;
	}
	return false;
}

static void
check_rules(struct node_reader *r, struct node n, const struct string_list *ids,
    const struct policy *p)
{
	if (n.v != NULL && ids->count == 0)
		node_error(r, n, "an exception names the rules that it is for");
	for (size_t i = 0; i < ids->count; i++) {
		const char *hint = rule_nearest(ids->items[i]);

		if (rule_known(ids->items[i]) || own_rule(p, ids->items[i]))
			continue;
		node_error(r, node_at(r, n, i), "unknown rule \"%.*s\"%s%s%s",
		    SLICE_ARG(ids->items[i]),
		    hint != NULL ? "; did you mean " : "",
		    hint != NULL ? hint : "", hint != NULL ? "?" : "");
	}
}

/* "sha256:..." or a whole reference that ends in "@sha256:..."; kept is the
 * digest. */
static void
read_images(struct node_reader *r, struct node n, struct string_list *out)
{
	struct string_list given = { 0 };
	struct kg_slice *digests;

	node_strings(r, n, &given);
	digests = arena_array(r->arena, given.count, sizeof(*digests));
	if (digests == NULL)
		return;
	for (size_t i = 0; i < given.count; i++) {
		const struct kg_slice text = given.items[i];
		const size_t at = slice_find(text, '@');

		digests[i] = at == text.len ? text : slice_from(text, at + 1);
		if (!digest_valid(digests[i]))
			node_error(r, node_at(r, n, i),
			    "\"%.*s\" is no digest: want sha256: and 64 "
			    "lower-case hexadecimal digits",
			    SLICE_ARG(text));
	}
	*out = (struct string_list){ digests, given.count };
}

static void
read_expiry(struct node_reader *r, struct node n, struct exception *out)
{
	node_string(r, n, &out->expires_text);
	if (value_is(n.v, VALUE_STRING) &&
	    !time_parse(out->expires_text, &out->expires_us))
		node_error(r, n,
		    "\"%.*s\" is no time: want RFC 3339, such as "
		    "2026-12-31T00:00:00Z",
		    SLICE_ARG(out->expires_text));
}

static void
read_scope(struct node_reader *r, struct node spec, struct exception *out)
{
	node_strings(r, node_get(r, spec, "namespaces"), &out->namespaces);
	node_strings(r, node_get(r, spec, "names"), &out->names);
	read_images(r, node_get(r, spec, "images"), &out->images);
	if (out->namespaces.count + out->names.count + out->images.count == 0)
		node_warn(r, spec,
		    "without namespaces, names or images the exception is for "
		    "every pod");
}

void
exception_read(struct node_reader *r, const struct document *doc,
    const struct policy *policies, size_t policy_count, struct exception *out)
{
	static const char *const roots[] = { "apiVersion", "kind", "metadata",
		"spec" };
	static const char *const fields[] = { "policy", "rules", "namespaces",
		"names", "images", "reason", "ticket", "owner", "expires" };
	const struct node root = node_root(doc);
	const struct node spec = node_get(r, root, "spec");
	const struct node policy = node_get(r, spec, "policy");
	const struct node rules = node_get(r, spec, "rules");
	const struct node expires = node_get(r, spec, "expires");

	*out = (struct exception){ 0 };
	node_fields(r, root, roots, COUNT(roots));
	node_string(
	    r, node_get(r, node_get(r, root, "metadata"), "name"), &out->name);
	if (!node_required(r, root, spec, "spec") ||
	    !node_fields(r, spec, fields, COUNT(fields)))
		return;
	node_required(r, spec, policy, "policy");
	node_required(r, spec, rules, "rules");
	node_required(r, spec, expires, "expires");
	node_string(r, policy, &out->policy);
	if (value_is(policy.v, VALUE_STRING) &&
	    find_policy(policies, policy_count, out->policy) == NULL)
		unknown_policy(r, policy, out->policy, policies, policy_count);
	node_strings(r, rules, &out->rules);
	check_rules(r, rules, &out->rules,
	    find_policy(policies, policy_count, out->policy));
	read_scope(r, spec, out);
	node_string(r, node_get(r, spec, "reason"), &out->reason);
	node_string(r, node_get(r, spec, "ticket"), &out->ticket);
	node_string(r, node_get(r, spec, "owner"), &out->owner);
	read_expiry(r, expires, out);
}
