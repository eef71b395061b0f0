/* SPDX-License-Identifier: Apache-2.0 */
/* As github.com/distribution/reference reads them. */
#include "enclave/image.h"

#include "base/ascii.h"

bool
digest_valid(struct kg_slice text)
{
	const struct kg_slice hex = slice_from(text, 7);
	unsigned digits = 0;

	if (!slice_starts(text, SLICE("sha256:")) || hex.len != 64)
		return false;
	/* Always all of them: so the compiler takes many in one step. */
	for (size_t i = 0; i < 64; i++) {
		const char c = hex.ptr[i];

		digits += ascii_digit(c) || (c >= 'a' && c <= 'f');
	}
	return digits == 64;
}

struct kg_slice
image_digest(struct kg_slice image)
{
	const struct kg_slice digest =
	    slice_from(image, slice_find(image, '@') + 1);

	return digest_valid(digest) ? digest : slice_of(NULL, 0);
}

static bool
has_upper(struct kg_slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (ascii_upper(s.ptr[i]))
			return true;
	}
	return false;
}

/* It has dots, a port or capital letters: a path begins with none of them. */
static bool
is_host(struct kg_slice s)
{
	return slice_find(s, '.') < s.len || slice_find(s, ':') < s.len ||
	    slice_is(s, "localhost") || has_upper(s);
}

/* What stands before the first slash, when it looks like a host. */
static bool
has_host(struct kg_slice image)
{
	const size_t slash = slice_find(image, '/');

	return slash < image.len && is_host(slice_upto(image, slash));
}

/* Where the step ends that the text begins with: letters and digits, joined
 * by ".", "_", "__" or dashes. 0: there is none. */
static size_t
step_end(struct kg_slice s)
{
	size_t i = 0;

	for (;;) {
		const size_t word = i;

		while (i < s.len &&
		    (ascii_lower(s.ptr[i]) || ascii_digit(s.ptr[i])))
			i++;
		if (i == word || i == s.len)
			return i == word ? 0 : i;
		if (s.ptr[i] == '-') {
			while (i < s.len && s.ptr[i] == '-')
				i++;
		} else if (s.ptr[i] == '.') {
			i++;
		} else if (s.ptr[i] == '_') {
			i +=
			    slice_starts(slice_from(s, i), SLICE("__")) ? 2 : 1;
		} else {
			return i;
		}
	}
}

/* A name or an address in brackets, and a port. */
static bool
host_valid(struct kg_slice s)
{
	const bool bracket = s.len > 0 && s.ptr[0] == '[';
	const size_t end =
	    bracket ? slice_find(s, ']') + 1 : slice_find(s, ':');
	size_t i;

	if (end > s.len || end < (bracket ? 3U : 1U))
		return false;
	for (i = 0; i < end; i++) {
		const char c = s.ptr[i];

		if (!ascii_alnum(c) &&
		    !(bracket ? strchr("[]:", c) != NULL
			      : c == '.' || c == '-'))
			return false;
	}
	if (end == s.len)
		return true;
	for (i = end + 1; i < s.len; i++) {
		if (!ascii_digit(s.ptr[i]))
			return false;
	}
	return s.ptr[end] == ':' && s.len > end + 1;
}

static bool
tag_valid(struct kg_slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		const char c = s.ptr[i];

		if (!ascii_alnum(c) && c != '_' &&
		    (i == 0 || (c != '.' && c != '-')))
			return false;
	}
	return s.len > 0 && s.len <= 128;
}

bool
image_valid(struct kg_slice image)
{
	struct kg_slice rest = slice_upto(image, slice_find(image, '@'));

	if (has_host(rest)) {
		const size_t slash = slice_find(rest, '/');

		if (!host_valid(slice_upto(rest, slash)))
			return false;
		rest = slice_from(rest, slash + 1);
	}
	for (;;) {
		const size_t end = step_end(rest);

		if (end == 0 || end == rest.len)
			return end > 0;
		if (rest.ptr[end] == ':')
			return tag_valid(slice_from(rest, end + 1));
		if (rest.ptr[end] != '/')
			return false;
		rest = slice_from(rest, end + 1);
	}
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
