/* SPDX-License-Identifier: Apache-2.0 */
/* Semantic versions (semver.org 2.0.0), as Kubernetes' expressions read them.
 */
#ifndef KG_VALUE_SEMVER_H
#define KG_VALUE_SEMVER_H

#include "base/buf.h"

struct semver {
	uint64_t major, minor, patch;
	struct kg_slice pre;   /* dotted; {NULL, 0}: none. Of the text. */
	struct kg_slice build; /* does not count in comparisons */
};

/*
 * False: the message is appended to `error` (NULL: not wanted). normalize: a
 * leading v, leading zeros and missing parts are put right first. The arena
 * is for what that takes.
 */
bool semver_parse(struct arena *a, struct kg_slice text, bool normalize,
    struct semver *out, struct buf *error);

/* -1, 0, 1 */
int semver_cmp(const struct semver *a, const struct semver *b);

#endif
