/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pods are judged by the labels of their namespace; on a desk these come from
 * Namespace objects, before or after the pods.
 */
#include "cli/file_namespaces.h"

#include "base/limits.h"
#include "value/writer.h"

void
file_namespaces_init(struct file_namespaces *ns, struct arena *arena)
{
	ns->arena = arena;
	map_init(&ns->labels, arena);
}

bool
file_namespaces_in(const struct file *f)
{
	const struct kg_slice word = SLICE("Namespace");
	struct kg_slice rest = slice_of(f->text, f->len);

	while (rest.len >= word.len) {
		rest = slice_from(rest, slice_find(rest, 'N'));
		if (slice_starts(rest, word))
			return true;
		rest = slice_from(rest, 1);
	}
	return false;
}

bool
file_namespaces_note(struct file_namespaces *ns, const struct value *root)
{
	const struct value *metadata = value_get(root, KEY_metadata);
	const struct value *labels = value_get(metadata, KEY_labels);
	struct kg_slice *text;
	struct writer w;
	struct buf b;
	void **place;

	if (!slice_is(value_str(value_get(root, KEY_kind)), "Namespace") ||
	    !slice_is(value_str(value_get(root, KEY_apiVersion)), "v1"))
		return true;
	place = map_put(&ns->labels,
	    arena_copy(ns->arena, value_str(value_get(metadata, KEY_name))));
	text = arena_alloc(ns->arena, sizeof(*text));
	if (place == NULL || text == NULL)
		return false;
	buf_init(&b, ns->arena, MIB);
	writer_init(&w, &b);
	if (value_is(labels, VALUE_OBJECT))
		writer_value(&w, labels);
	else
		writer_raw(&w, SLICE("{}"));
	*text = buf_slice(&b);
	*place = text;
	return !buf_failed(&b);
}

struct kg_slice
file_namespaces_labels(const struct file_namespaces *ns, struct kg_slice name)
{
	const struct kg_slice *labels = map_get(&ns->labels, name);

	return labels != NULL ? *labels : slice_of(NULL, 0);
}
