/* SPDX-License-Identifier: Apache-2.0 */
/* Which exception covers a finding, and which side of a rollout an object is
 * on. */
#ifndef KG_REVIEW_EXEMPT_H
#define KG_REVIEW_EXEMPT_H

#include "policy/ruleset.h"

/* What both look at. `pod` is {0} when the request carries none. */
struct exempt_subject {
	const struct kg_request *request;
	const struct pod *pod;
	int64_t now_us; /* 0: unknown, and then nothing is excepted */
};

/* The first exception in force that covers the finding, or NULL. */
const struct exception *exception_for(const struct kg_ruleset *set,
    const struct exempt_subject *subject, const struct kg_finding *finding);

/*
 * 0 to 99, the same for all pods of one workload and for the workload itself:
 * FNV-1a (64 bit) over "namespace/name", modulo 100. The name is that of the
 * controller in ownerReferences, a ReplicaSet's without its pod-template-hash
 * and a Job's without the minute that a CronJob adds; without a controller
 * generateName without its "-", else name.
 */
unsigned rollout_bucket(const struct exempt_subject *subject);

#endif
