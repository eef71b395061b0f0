/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Paths as text: cleaned lexically, because symbolic links of a node cannot
 * be known here.
 */
#ifndef KG_ENCLAVE_PATH_H
#define KG_ENCLAVE_PATH_H

#include "base/arena.h"

/*
 * The path from the root without "//", "/./", "/../" and a final "/"; "/" for
 * the empty one. A path that is clean already is given back as it is; others
 * are made in the arena ({NULL, 0} when it fails).
 */
struct kg_slice path_clean(struct arena *a, struct kg_slice path);

/* Cleaned `path` is `dir` or lies below it. */
static inline bool
path_within(struct kg_slice path, struct kg_slice dir)
{
	if (slice_is(dir, "/"))
		return true;
	return slice_starts(path, dir) &&
	    (path.len == dir.len || path.ptr[dir.len] == '/');
}

#endif
