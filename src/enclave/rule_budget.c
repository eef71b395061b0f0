/* SPDX-License-Identifier: Apache-2.0 */
/*
 * EPC-008 to EPC-010: what is said of enclave memory elsewhere, and how much
 * of it one pod may take.
 */
#include "base/limits.h"
#include "enclave/env.h"
#include "enclave/judge.h"

/* --- EPC-008: a heap that does not fit --- */

/* "4G": a number of bytes where K, M and G are powers of 1024; -1: none. */
static int64_t
heap_bytes(struct kg_slice text)
{
	int64_t n = 0, unit = 1;
	size_t i = 0;

	for (; i < text.len && text.ptr[i] >= '0' && text.ptr[i] <= '9'; i++) {
		if (n > (INT64_MAX - 9) / 10)
			return INT64_MAX;
		n = n * 10 + (text.ptr[i] - '0');
	}
	if (i == 0)
		return -1;
	if (i < text.len) {
		switch (text.ptr[i] | 0x20) {
		case 'k':
			unit = KIB;
			break;
		case 'm':
			unit = MIB;
			break;
		case 'g':
			unit = (int64_t)KIB * MIB;
			break;
		default:
			return -1;
		}
	}
	return n > INT64_MAX / unit ? INT64_MAX : n * unit;
}

static void
check_heap(struct judge *j, const struct container *c, struct kg_slice name)
{
	const int64_t epc = facts_epc(j->facts, c);
	struct env_var v;
	struct trail t;
	int64_t heap;

	if (!container_has_env(c, name) || epc == 0)
		return;
	env_find(j->arena, c, name, &v);
	heap = heap_bytes(v.value);
	if (heap <= epc)
		return;
	t = trail_container(j, c);
	trail_name(&t, SLICE("env"));
	trail_index(&t, v.index);
	finding_advise(j, RULE_EPC_008, &t,
	    TEXTS(say(j, "%t is %b, the enclave memory of container %q %b",
		      &name, heap, &c->name, epc),
		say(j, "a heap that fits into the enclave's memory"),
		say(j,
		    "ask for more memory or a smaller heap: the rest is "
		    "paged, slowly")));
}

/* --- EPC-009: annotations about enclave memory --- */

static int64_t
app_epc(const struct judge *j)
{
	int64_t sum = 0;

	for (size_t i = 0; i < j->scan->container_count; i++) {
		const struct container *c = &j->scan->containers[i];
		const int64_t epc = facts_epc(j->facts, c);

		if (c->kind == CONTAINER_APP)
			sum = sum > INT64_MAX - epc ? INT64_MAX : sum + epc;
	}
	return sum;
}

static void
check_said(struct judge *j, struct kg_slice key, int64_t epc, int64_t other)
{
	const struct value *said = value_find(j->scan->annotations, key);
	const struct kg_slice text = value_str(said);
	struct quantity q;
	struct trail t;

	if (said == NULL ||
	    (quantity_parse(text, &q, NULL) == QUANTITY_OK &&
		quantity_is_integer(&q) &&
		(q.whole == epc || q.whole == other)))
		return;
	t = trail_metadata(j);
	trail_name(&t, SLICE("annotations"));
	trail_name(&t, key);
	finding_add(j, RULE_EPC_009, &t,
	    TEXTS(say(j, "annotation %t: %q", &key, &text),
		say(j, "%b, which is what the containers ask for", epc),
		say(j,
		    "remove the annotation: it is written by the platform")));
}

/* epc-limit.nri.io/container.NAME, epc-limit.nri.io/pod, or bare. */
static void
check_limit(struct judge *j, struct kg_slice key)
{
	const struct kg_slice prefix = j->facts->profile->limit_annotations;
	const struct kg_slice rest = slice_from(key, prefix.len);
	const struct kg_slice of = SLICE("/container.");
	int64_t epc = app_epc(j), other = j->facts->effective_epc;

	if (slice_starts(rest, of)) {
		epc = other = 0;
		for (size_t i = 0; i < j->scan->container_count; i++) {
			const struct container *c = &j->scan->containers[i];

			if (slice_eq(c->name, slice_from(rest, of.len)))
				epc = other = facts_epc(j->facts, c);
		}
	}
	check_said(j, key, epc, other);
}

static void
check_annotations(struct judge *j)
{
	const struct profile *p = j->facts->profile;
	const struct value *list = j->scan->annotations;

	for (size_t i = 0; i < p->epc_annotations.count; i++)
		check_said(j, p->epc_annotations.items[i], app_epc(j),
		    j->facts->effective_epc);
	for (size_t i = 0; i < value_members(list); i++) {
		const struct kg_slice key = value_str(&list->u.members[i].name);

		if (p->limit_annotations.len > 0 &&
		    slice_starts(key, p->limit_annotations))
			check_limit(j, key);
	}
}

/* --- EPC-010: how much one pod may take --- */

static void
check_budget(struct judge *j)
{
	const struct enclave_params *p = j->params;
	const struct facts *f = j->facts;
	struct trail t = trail_spec(j);

	trail_name(&t, SLICE("containers"));
	if (p->epc_pod_maximum > 0 && f->effective_epc > p->epc_pod_maximum)
		finding_add(j, RULE_EPC_010, &t,
		    TEXTS(say(j, "the pod asks for %b of EPC in all",
			      f->effective_epc),
			say(j, "at most %b a pod", p->epc_pod_maximum),
			say(j, "ask for less, or raise epc.podMaximum")));
	if (p->epc_containers > 0 &&
	    f->enclave_count > (uint64_t)p->epc_containers)
		finding_add(j, RULE_EPC_010, &t,
		    TEXTS(say(j, "%d enclave containers",
			      (int64_t)f->enclave_count),
			say(j, "at most %d a pod", p->epc_containers),
			say(j,
			    "part the pod, or raise epc.enclaveContainers")));
}

void
rules_budget(struct judge *j)
{
	const struct profile *p = j->facts->profile;

	for (size_t i = 0; i < j->scan->container_count; i++) {
		for (size_t k = 0; k < p->heap.count; k++)
			check_heap(
			    j, &j->scan->containers[i], p->heap.items[k]);
	}
	if (value_members(j->scan->annotations) > 0)
		check_annotations(j);
	if (j->params->epc_pod_maximum > 0 || j->params->epc_containers > 0)
		check_budget(j);
}
