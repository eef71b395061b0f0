/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the rules share: the facts they read, a way to say where and what, and
 * the list that findings go to. Texts are made only for findings.
 */
#ifndef KG_ENCLAVE_JUDGE_H
#define KG_ENCLAVE_JUDGE_H

#include "enclave/facts.h"

struct judge {
	struct arena *arena;
	const struct scan *scan;
	const struct pod *pod;
	const struct enclave_params *params;
	const struct facts *facts;
	struct enclave_findings *findings;
};

/*
 * A pointer that is built step by step and stops at the first member that is
 * not there: it always names something that exists in the object.
 */
struct trail {
	struct buf text;
	const struct value *at;
	bool stopped;
};

struct trail trail_metadata(const struct judge *j) KG_COLD;
struct trail trail_spec(const struct judge *j) KG_COLD;
struct trail trail_container(
    const struct judge *j, const struct container *c) KG_COLD;

/* .../resources/LIST/NAME of a container, LIST being limits or requests. */
struct trail trail_amount(const struct judge *j, const struct container *c,
    const char *list, struct kg_slice name) KG_COLD;

/* The same for amount_asked() of a resource of the profile. */
struct trail trail_asked(const struct judge *j, const struct container *c,
    const struct profile_resource *res) KG_COLD;

void trail_name(struct trail *t, struct kg_slice name);
void trail_index(struct trail *t, size_t index);

/*
 * Text with the placeholders %s (const char *), %d (int64_t), %b (int64_t,
 * bytes as 10Mi), %t and %q (const struct kg_slice *, as it is or quoted, so
 * that user text can do no harm). In the arena.
 */
struct kg_slice say(const struct judge *j, const char *format, ...) KG_COLD;

/* Adds a finding; past FINDINGS_MAX only the fact that there are more. */
void finding_add(struct judge *j, enum rule rule, const struct trail *where,
    const struct kg_slice texts[3] /* found, allowed, fix */) KG_COLD;

/* The same as advice: it warns at most. */
void finding_advise(struct judge *j, enum rule rule, const struct trail *where,
    const struct kg_slice texts[3]) KG_COLD;

/* Convenience: TEXTS(found, allowed, fix) */
#define TEXTS(found, allowed, fix) \
	((const struct kg_slice[3]){ (found), (allowed), (fix) })

/* The rules by family. Those of CLS and LIF run for every pod, the others
 * when a profile judges it. */
void rules_cls_unknown_resources(struct judge *j);
void rules_cls(struct judge *j);
void rules_epc(struct judge *j);
void rules_device(struct judge *j); /* EPC-006, EPC-007, EPC-011 */
void rules_budget(struct judge *j); /* EPC-008 to EPC-010 */
void rules_att(struct judge *j);
void rules_quote(struct judge *j);    /* ATT-003, ATT-005, ATT-006 */
void rules_verifier(struct judge *j); /* ATT-007 to ATT-009 */
void rules_measured(struct judge *j); /* ATT-011, ATT-012 */
void rules_nod(struct judge *j);
void rules_select(struct judge *j); /* NOD-004 to NOD-009, NOD-012 */
void rules_tenant(struct judge *j); /* NOD-011, of pods without a profile */
void rules_iso(struct judge *j);
void rules_privileges(struct judge *j); /* ISO, what processes may do */
void rules_img(struct judge *j);
void rules_dbg(struct judge *j);

/* What an UPDATE does to an enclave pod, and how it came to be: CLS-005,
 * IMG-002, DBG-003, LIF-002, LIF-003. For every pod. */
void rules_life(struct judge *j);

/* The annotations under keepgate.dev/ are the same in both objects. */
bool own_annotations_equal(const struct value *a, const struct value *b);

/* "a, b": the items of a list, for a message. */
struct kg_slice list_text(
    const struct judge *j, const struct string_list *list);

/* "sgx-aks, sgx-intel": the profiles that the policy allows, or the first of
 * many. */
struct kg_slice allowed_profiles(const struct judge *j);

#endif
