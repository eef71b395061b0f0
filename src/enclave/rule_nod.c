/* SPDX-License-Identifier: Apache-2.0 */
/* NOD: can the pod land anywhere but on a confidential node? */
#include "base/limits.h"
#include "enclave/judge.h"

/* Labels that would prove, shown until the list gets long. */
#define LABELS_SHOWN 3u

static void
put_predicates(struct buf *b, const struct node_predicate *list, size_t count,
    size_t *shown)
{
	for (size_t i = 0; i < count && *shown < LABELS_SHOWN; i++) {
		if (++*shown > 1)
			buf_puts(b, ", ");
		buf_put_line(b, list[i].key);
		if (list[i].values.count > 0) {
			buf_puts(b, "=");
			buf_put_line(b, list[i].values.items[0]);
		}
	}
}

static struct kg_slice
proving_labels(const struct judge *j)
{
	const struct profile *p = j->facts->profile;
	size_t shown = 0;
	struct buf b;

	buf_init(&b, j->arena, 4 * KIB);
	put_predicates(&b, p->predicates, p->predicate_count, &shown);
	put_predicates(
	    &b, j->params->predicates, j->params->predicate_count, &shown);
	if (p->type_labels.count > 0 && p->type_count > 0) {
		if (shown > 0)
			buf_puts(&b, ", ");
		buf_put_line(&b, p->type_labels.items[0]);
		buf_puts(&b, "=");
		buf_put_line(&b, p->types[0].name);
		buf_puts(&b, " and the like");
	}
	return buf_slice(&b);
}

/* What to write into nodeSelector; "" when the profile knows no label. */
static struct kg_slice
selector_fix(const struct judge *j)
{
	const struct profile *p = j->facts->profile;
	const struct node_predicate *n =
	    p->predicate_count > 0 ? p->predicates : j->params->predicates;

	if (p->predicate_count + j->params->predicate_count == 0 ||
	    n->values.count == 0)
		return say(j,
		    "select nodes by a label that only confidential "
		    "nodes have");
	return say(j, "add nodeSelector %t: %q", &n->key, &n->values.items[0]);
}

static struct trail
trail_affinity(const struct judge *j, const char *list)
{
	struct trail t = trail_spec(j);

	trail_name(&t, SLICE("affinity"));
	trail_name(&t, SLICE("nodeAffinity"));
	trail_name(&t, slice_str(list));
	return t;
}

static struct trail
trail_term(const struct judge *j, size_t term)
{
	struct trail t =
	    trail_affinity(j, "requiredDuringSchedulingIgnoredDuringExecution");

	trail_name(&t, SLICE("nodeSelectorTerms"));
	trail_index(&t, term);
	return t;
}

static void
check_proof(struct judge *j)
{
	const struct placement *p = &j->facts->placement;
	struct kg_slice found, labels;
	struct trail t;

	if (p->proven)
		return;
	labels = proving_labels(j);
	if (p->failing_term != SIZE_MAX) {
		t = trail_term(j, p->failing_term);
		found = say(j,
		    "with nodeSelector, term %d of the required "
		    "node affinity leaves other nodes possible",
		    (int64_t)p->failing_term);
	} else {
		t = trail_spec(j);
		trail_name(&t, SLICE("nodeSelector"));
		found = t.stopped
		    ? say(j,
			  "no nodeSelector and no required node "
			  "affinity")
		    : say(j,
			  "a nodeSelector that leaves other nodes "
			  "possible");
	}
	finding_add(j, RULE_NOD_001, &t,
	    TEXTS(found,
		say(j,
		    "nodeSelector, or every required term, holds a label "
		    "that proves a confidential node: %t",
		    &labels),
		selector_fix(j)));
}

static void
check_preferred(struct judge *j)
{
	const struct placement *p = &j->facts->placement;
	struct trail t;

	if (p->proven || p->preferred == SIZE_MAX)
		return;
	t = trail_affinity(
	    j, "preferredDuringSchedulingIgnoredDuringExecution");
	trail_index(&t, p->preferred);
	finding_add(j, RULE_NOD_002, &t,
	    TEXTS(say(j, "a confidential node is only preferred"),
		say(j, "required node affinity or nodeSelector"),
		say(j,
		    "move the expression to "
		    "requiredDuringSchedulingIgnoredDuringExecution")));
}

/* matchFields metadata.name, in any required term: a node by its name. */
static size_t
field_term(const struct judge *j)
{
	const struct value *terms = j->scan->terms;

	for (size_t i = 0; i < value_len(terms); i++) {
		if (value_len(value_get(value_at(terms, i), KEY_matchFields)) >
		    0)
			return i;
	}
	return SIZE_MAX;
}

static void
check_node_name(struct judge *j)
{
	const struct pod_call *call = j->scan->call;
	const struct kg_slice name = value_str(j->scan->spec[KEY_nodeName]);
	const size_t term = field_term(j);
	struct kg_slice user = SLICE("a user without a name");
	struct trail t;

	if (!call->create || call->dump ||
	    string_list_has(&j->params->node_name_users, call->username) ||
	    (name.len == 0 && term == SIZE_MAX))
		return;
	if (call->username.len > 0)
		user = say(j, "%q", &call->username);
	if (name.len > 0) {
		t = trail_spec(j);
		trail_name(&t, SLICE("nodeName"));
		finding_add(j, RULE_NOD_003, &t,
		    TEXTS(say(j, "nodeName %q, set by %t", &name, &user),
			say(j, "no nodeName: the scheduler chooses"),
			say(j, "remove nodeName and select nodes by label")));
	}
	if (term != SIZE_MAX) {
		t = trail_term(j, term);
		trail_name(&t, SLICE("matchFields"));
		finding_add(j, RULE_NOD_003, &t,
		    TEXTS(say(j, "matchFields names a node, set by %t", &user),
			say(j,
			    "matchExpressions over labels; only the "
			    "DaemonSet controller names nodes"),
			say(j, "select nodes by label")));
	}
}

void
rules_nod(struct judge *j)
{
	check_proof(j);
	check_preferred(j);
	check_node_name(j);
}
