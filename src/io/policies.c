/* SPDX-License-Identifier: Apache-2.0 */
/* The rule set of what lies in files. */
#include "io/policies.h"

static enum kg_status
compile_files(const struct file *files, bool live, struct kg_diags *diags,
    struct kg_ruleset **out)
{
	const struct kg_options options = { .live = live };
	struct kg_source *sources;
	size_t count = 0;
	enum kg_status st;

	for (const struct file *f = files; f != NULL; f = f->next)
		count++;
	sources = calloc(count + 1, sizeof(*sources));
	if (sources == NULL)
		return KG_NOMEM;
	count = 0;
	for (const struct file *f = files; f != NULL; f = f->next)
		sources[count++] = (struct kg_source){ slice_str(f->path),
			{ f->text, f->len } };
	st = kg_ruleset_compile(sources, count, &options, diags, out);
	free(sources);
	return st;
}

enum kg_status
policies_load(const char *const *paths, size_t count, bool live,
    struct kg_diags *diags, struct kg_ruleset **out)
{
	enum kg_status st = KG_OK, compiled;
	struct file *files = NULL;

	*out = NULL;
	for (size_t i = 0; i < count; i++) {
		const enum kg_status one = file_read(paths[i], diags, &files);

		st = st == KG_OK ? one : st;
	}
	/* Compiled all the same, so that every error is reported at once. */
	compiled = compile_files(files, live, diags, out);
	file_free(files);
	if (st != KG_OK || compiled != KG_OK) {
		kg_ruleset_unref(*out);
		*out = NULL;
	}
	return st != KG_OK ? st : compiled;
}
