/* SPDX-License-Identifier: Apache-2.0 */
/* Lexical cleaning, as Go's path.Clean("/" + p). */
#include "enclave/path.h"

/* Nothing to do; a step that begins with a dot is looked at closer. */
static bool
is_clean(struct kg_slice path)
{
	if (path.len == 0 || path.ptr[0] != '/')
		return false;
	for (size_t i = 1; i < path.len; i++) {
		if (path.ptr[i - 1] == '/' &&
		    (path.ptr[i] == '/' || path.ptr[i] == '.'))
			return false;
	}
	return path.len == 1 || path.ptr[path.len - 1] != '/';
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
