/* SPDX-License-Identifier: Apache-2.0 */
/* As github.com/distribution/reference reads them. */
#include "enclave/image.h"

bool
digest_valid(struct kg_slice text)
{
	const struct kg_slice hex = slice_from(text, 7);

	if (!slice_starts(text, SLICE("sha256:")) || hex.len != 64)
		return false;
	for (size_t i = 0; i < hex.len; i++) {
		const char c = hex.ptr[i];

		if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f'))
			return false;
	}
	return true;
}

struct kg_slice
image_digest(struct kg_slice image)
{
	const struct kg_slice digest =
	    slice_from(image, slice_find(image, '@') + 1);

	return digest_valid(digest) ? digest : slice_of(NULL, 0);
}

/* "[a-z0-9]" before the first slash is a host when it looks like one. */
static bool
has_host(struct kg_slice image)
{
	const struct kg_slice first = slice_upto(image, slice_find(image, '/'));

	return first.len < image.len &&
	    (slice_find(first, '.') < first.len ||
		slice_find(first, ':') < first.len ||
		slice_is(first, "localhost"));
}

/* The part of `place` behind `host/`; all of it is taken when only the host
 * stands there. False: another host. */
static bool
behind(struct kg_slice place, struct kg_slice host, struct kg_slice *rest)
{
	*rest = slice_from(place, host.len + 1);
	return slice_starts(place, host) &&
	    (place.len == host.len || place.ptr[host.len] == '/');
}

/* Whole steps; the tag and digest end the last one. */
static bool
path_is_below(struct kg_slice path, struct kg_slice dir)
{
	if (dir.len == 0)
		return true;
	if (!slice_starts(path, dir))
		return false;
	return path.len == dir.len || path.ptr[dir.len] == '/' ||
	    path.ptr[dir.len] == ':' || path.ptr[dir.len] == '@';
}

bool
image_is_from(struct kg_slice image, struct kg_slice place)
{
	const bool official =
	    !has_host(image) && slice_find(image, '/') == image.len;
	struct kg_slice dir;

	while (place.len > 0 && place.ptr[place.len - 1] == '/')
		place.len--;
	if (image.len == 0 || place.len == 0)
		return false;
	/* "registry.example" is not "registry.example:5000". */
	if (has_host(image))
		return path_is_below(image, place) &&
		    (slice_find(place, '/') < place.len ||
			slice_find(image, '/') == place.len);
	if (!behind(place, SLICE("docker.io"), &dir))
		return false;
	if (dir.len == 0 || !official)
		return path_is_below(image, dir);
	return behind(dir, SLICE("library"), &dir) && path_is_below(image, dir);
}
