/* SPDX-License-Identifier: Apache-2.0 */
/* Documents as the variables of expressions. */
#include "cli/subject.h"

#include "base/limits.h"
#include "cli/cli.h"
#include "cli/review_body.h"
#include "io/file.h"
#include "policy/podkind.h"
#include "value/json.h"
#include "value/yaml.h"

void
subject_print_diags(const struct kg_diags *diags)
{
	struct arena arena;
	struct buf b;

	arena_init(&arena, MIB);
	for (size_t i = 0; i < kg_diags_count(diags); i++) {
		arena_reset(&arena);
		buf_init(&b, &arena, MIB);
		diag_render(&b, kg_diags_get(diags, i));
		(void)fwrite(b.ptr, 1, b.len, stderr);
	}
	arena_release(&arena);
}

/* What creating the object would ask for. */
static const struct value *
made_request(struct subjects *s, const struct value *object)
{
	static const struct option_list no_groups = { NULL, 0 };
	const struct value *metadata = value_get(object, KEY_metadata);
	const struct kg_slice version =
	    value_str(value_get(object, KEY_apiVersion));
	const struct kg_slice kind = value_str(value_get(object, KEY_kind));
	const size_t slash = slice_find(version, '/');
	const struct pod_kind *known = pod_kind_find(
	    slash == version.len ? SLICE("") : slice_upto(version, slash),
	    kind);
	const struct value *root = NULL;
	struct json_error why;
	struct writer w;
	struct buf b;

	buf_init(&b, &s->arena, BODY_MAX_CEILING);
	writer_init(&w, &b);
	review_body_write(&w,
	    &(const struct review_subject){ .api_version = version,
		.kind = kind,
		.resource = known != NULL ? known->resource : SLICE(""),
		.name = value_str(value_get(metadata, KEY_name)),
		.ns = value_str(value_get(metadata, KEY_ns)),
		.user = "",
		.groups = &no_groups,
		.object = NULL });
	if (json_decode(&s->arena, s->keys, buf_slice(&b), NULL, &root, &why) !=
	    KG_OK)
		return NULL;
	return value_get(root, KEY_request);
}

/* The facts that the first policy in force would judge by. */
static const struct value *
facts(struct subjects *s, const struct value *object)
{
	const struct kg_slice version =
	    value_str(value_get(object, KEY_apiVersion));
	const size_t slash = slice_find(version, '/');
	const struct pod_kind *kind = pod_kind_find(
	    slash == version.len ? SLICE("") : slice_upto(version, slash),
	    value_str(value_get(object, KEY_kind)));
	const struct pod_call call = { .create = true };
	const struct value *out = NULL;
	struct scan *scan = NULL;
	struct pod pod;

	if (kind != NULL) {
		pod_of(kind, object, &pod);
		if (pod.spec != NULL &&
		    enclave_scan(&s->arena, &s->set->catalog, &pod, &call,
			&scan) != KG_OK)
			return NULL;
	}
	if (enclave_view(&s->arena, scan, &s->set->policies[0].params, &out) !=
	    KG_OK)
		return NULL;
	return out;
}

static void
visit_object(
    struct subjects *s, const struct document *doc, const struct value *root)
{
	const bool review =
	    slice_is(value_str(value_get(root, KEY_kind)), "AdmissionReview");
	const struct value *request = value_get(root, KEY_request);
	const struct value *object =
	    review ? value_get(request, KEY_object) : root;
	const struct value *old =
	    review ? value_get(request, KEY_oldObject) : NULL;
	struct subject subject = { .file = SLICE("") };

	if (doc != NULL) {
		subject.file = doc->place.file;
		subject.document = doc->place.document;
	}
	custom_slots(subject.slots, object, old,
	    review ? request : made_request(s, root));
	subject.slots[SLOT_ENCLAVE] = facts(s, object);
	if (!s->visit(s->context, &subject))
		s->stop = true;
}

/* Recursion: bounded by the reader's DEPTH_MAX. */
static void
visit_value(
    struct subjects *s, const struct document *doc, const struct value *root)
{
	const struct value *items = value_get(root, KEY_items);

	if (!slice_ends(value_str(value_get(root, KEY_kind)), SLICE("List")) ||
	    !value_is(items, VALUE_LIST)) {
		visit_object(s, doc, root);
		return;
	}
	for (size_t i = 0; i < value_len(items) && !s->stop; i++)
		visit_value(s, doc, value_at(items, i));
}

static bool
visit_file(struct subjects *s, const struct file *f)
{
	struct yaml_reader *reader = NULL;
	struct document doc;
	enum kg_status st;
	bool more = true;

	st = yaml_reader_new(&s->arena, s->keys, slice_str(f->path),
	    slice_of(f->text, f->len), NULL, s->diags, &reader);
	while (st == KG_OK && more && !s->stop) {
		arena_reset(&s->arena);
		st = yaml_read(reader, &doc, &more);
		if (st == KG_OK && more)
			visit_value(s, &doc, doc.root);
	}
	yaml_reader_free(reader);
	return st == KG_OK;
}

bool
subjects_visit(struct subjects *s, const char *const *paths, size_t count)
{
	struct file *files = NULL;
	bool ok = true;

	arena_init(&s->arena, ARENA_DOCUMENT_MAX);
	if (count == 0)
		visit_object(s, NULL, NULL);
	for (size_t i = 0; i < count; i++)
		ok = file_read(paths[i], s->diags, &files) == KG_OK && ok;
	for (const struct file *f = files; f != NULL && !s->stop; f = f->next)
		ok = visit_file(s, f) && ok;
	file_free(files);
	arena_release(&s->arena);
	return ok;
}
