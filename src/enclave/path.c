/* SPDX-License-Identifier: Apache-2.0 */
/* Lexical cleaning, as Go's path.Clean("/" + p). */
#include "enclave/path.h"

static bool
is_clean(struct kg_slice path)
{
	struct kg_slice rest = slice_from(path, 1);

	if (path.len == 0 || path.ptr[0] != '/')
		return false;
	while (rest.ptr != NULL) {
		const struct kg_slice step = slice_cut(&rest, '/');

		if (step.len == 0 || slice_is(step, ".") ||
		    slice_is(step, ".."))
			return false;
	}
	return true;
}

struct kg_slice
path_clean(struct arena *a, struct kg_slice path)
{
	struct kg_slice rest = path;
	size_t len = 0;
	char *out;

	if (is_clean(path))
		return path;
	out = arena_array(a, path.len + 2, 1);
	if (out == NULL)
		return slice_of(NULL, 0);
	while (rest.ptr != NULL) {
		const struct kg_slice step = slice_cut(&rest, '/');

		if (slice_is(step, "..")) {
			while (len > 0 && out[--len] != '/')
				continue;
		} else if (step.len > 0 && !slice_is(step, ".")) {
			out[len++] = '/';
			memcpy(out + len, step.ptr, step.len);
			len += step.len;
		}
	}
	if (len == 0)
		out[len++] = '/';
	return slice_of(out, len);
}

bool
path_within(struct kg_slice path, struct kg_slice dir)
{
	if (slice_is(dir, "/"))
		return true;
	return slice_starts(path, dir) &&
	    (path.len == dir.len || path.ptr[dir.len] == '/');
}
