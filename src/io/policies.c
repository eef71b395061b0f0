/* SPDX-License-Identifier: Apache-2.0 */
/* The rule set of what lies in files, and of shipped packs by their name. */
#include "io/policies.h"

#include <unistd.h>

#include "policy/embedded.h"

/* The pack of this name, when no file has it; NULL: none. */
static const struct embedded_file *
find_pack(const char *path)
{
	char name[128];

	if (strchr(path, '/') != NULL || access(path, F_OK) == 0)
		return NULL;
	(void)snprintf(name, sizeof(name), "policies/%s/policy.yaml", path);
	for (const struct embedded_file *f = embedded_files; f->name != NULL;
	     f++) {
		if (strcmp(f->name, name) == 0)
			return f;
	}
	return NULL;
}

/* What is read, in any order: the rule set sorts it. */
struct reading {
	struct file *files;
	struct kg_source *packs; /* room for one a path */
	size_t pack_count;
};

/* The file lies in the samples of a pack: pods to judge, beside the pack's
 * policy.yaml, that a whole folder brings along. */
static bool
is_sample(const struct reading *r, const char *path)
{
	const char *const samples = strstr(path, "/samples/");
	const struct kg_slice pack = samples != NULL
	    ? slice_of(path, (size_t)(samples - path))
	    : slice_of(NULL, 0);

	for (const struct file *f = r->files; f != NULL && samples != NULL;
	     f = f->next) {
		if (slice_starts(slice_str(f->path), pack) &&
		    strcmp(f->path + pack.len, "/policy.yaml") == 0)
			return true;
	}
	return false;
}

static enum kg_status
compile_all(const struct reading *r, const struct kg_options *options,
    struct kg_diags *diags, struct kg_ruleset **out)
{
	static const struct kg_options none;
	struct kg_source *sources;
	size_t count = r->pack_count;
	enum kg_status st;

	for (const struct file *f = r->files; f != NULL; f = f->next)
		count++;
	sources = calloc(count + 1, sizeof(*sources));
	if (sources == NULL)
		return KG_NOMEM;
	memcpy(sources, r->packs, r->pack_count * sizeof(*sources));
	count = r->pack_count;
	for (const struct file *f = r->files; f != NULL; f = f->next) {
		if (!is_sample(r, f->path))
			sources[count++] =
			    (struct kg_source){ slice_str(f->path),
				    { f->text, f->len } };
	}
	st = kg_ruleset_compile(
	    sources, count, options != NULL ? options : &none, diags, out);
	free(sources);
	return st;
}

static enum kg_status
read_path(struct reading *r, const char *path, struct kg_diags *diags)
{
	const struct embedded_file *pack = find_pack(path);

	if (pack == NULL)
		return file_read(path, diags, &r->files);
	r->packs[r->pack_count++] = (struct kg_source){ slice_str(pack->name),
		{ (const char *)pack->bytes, pack->len } };
	return KG_OK;
}

enum kg_status
policies_load(const char *const *paths, size_t count,
    const struct kg_options *options, struct kg_diags *diags,
    struct kg_ruleset **out)
{
	struct reading r = { .packs = calloc(count + 1, sizeof(*r.packs)) };
	enum kg_status st = KG_OK, compiled;
	bool any;

	*out = NULL;
	if (r.packs == NULL) {
		diag_add(diags, KG_ERROR, NULL, POS_NONE, "out of memory");
		return KG_NOMEM;
	}
	for (size_t i = 0; i < count; i++) {
		const enum kg_status one = read_path(&r, paths[i], diags);

		st = st == KG_OK ? one : st;
	}
	any = r.files != NULL || r.pack_count > 0;
	/* Compiled all the same, so that every error is reported at once. */
	compiled = compile_all(&r, options, diags, out);
	file_free(r.files);
	free(r.packs);
	if (st != KG_OK || compiled != KG_OK) {
		kg_ruleset_unref(*out);
		*out = NULL;
	}
	st = st != KG_OK ? st : compiled;
	if (st == KG_OK && count > 0 && !any)
		diag_add(diags, KG_NOTE, NULL, POS_NONE,
		    "no policy file found: enclave-strict is in force");
	if (st != KG_OK && kg_diags_errors(diags) == 0)
		diag_add(diags, KG_ERROR, NULL, POS_NONE, "out of memory");
	return st;
}
