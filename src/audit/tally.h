/* SPDX-License-Identifier: Apache-2.0 */
/* Decisions counted by what was decided, by which rule, where, for whom. */
#ifndef KG_AUDIT_TALLY_H
#define KG_AUDIT_TALLY_H

#include "base/map.h"
#include "value/value.h"

enum tally_by {
	TALLY_VERDICT,
	TALLY_RULE, /* decisions with a finding of it, each once */
	TALLY_NAMESPACE,
	TALLY_USER,
	TALLY_KINDS,
};

struct tally_count {
	struct kg_slice name; /* "" for what is in no namespace */
	uint64_t count;
};

struct tally {
	struct arena *arena; /* borrowed; counts and names live in it */
	struct map maps[TALLY_KINDS];
	uint64_t decisions;
	uint64_t lost; /* answered without a record, as later ones say */
	char from[32], to[32]; /* times of the first and the last; "" none */
};

void tally_init(struct tally *t, struct arena *arena);

/* Counts one decision. False when memory ran out. */
bool tally_add(struct tally *t, const struct value *record);

/*
 * The counts, the highest first and equal ones by name; as many as
 * t->maps[by].count. NULL when memory ran out.
 */
struct tally_count *tally_sorted(const struct tally *t, enum tally_by by);

#endif
