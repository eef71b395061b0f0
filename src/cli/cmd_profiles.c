/* SPDX-License-Identifier: Apache-2.0 */
/* keepgate profiles: the platforms that are known, or one of them shown. */
#include "base/limits.h"
#include "cli/cli.h"
#include "io/log.h"
#include "io/policies.h"
#include "policy/embedded.h"
#include "policy/ruleset.h"
#include "value/writer.h"

enum { FORM_TEXT, FORM_JSON, FORM_YAML };

static struct {
	struct option_list policies;
	unsigned form;
} opt;

static const char *const forms[] = { "text", "json", "yaml", NULL };

static const char *
tee_name(const struct profile *p)
{
	return p->tee == TEE_VM ? "VM" : "Process";
}

/* --- The list --- */

static void
print_table(const struct catalog *c)
{
	for (size_t i = 0; i < c->count; i++) {
		const struct profile *p = &c->profiles[i];

		printf("%-13.*s%-9s", SLICE_ARG(p->name), tee_name(p));
		for (size_t w = 0; w < p->wiring_count; w++)
			printf("%s%.*s", w > 0 ? ", " : "",
			    SLICE_ARG(p->wirings[w].name));
		puts(p->wiring_count == 0 ? "none" : "");
	}
	printf("\nkeepgate profiles NAME shows one.\n");
}

/* --- One, in words --- */

static void
print_names(const char *title, const struct string_list *list)
{
	if (list->count == 0)
		return;
	printf("%s:", title);
	for (size_t i = 0; i < list->count; i++)
		printf(" %.*s", SLICE_ARG(list->items[i]));
	putchar('\n');
}

static void
print_resources(const struct profile *p)
{
	static const char *const roles[] = { [ROLE_MEMORY] = "memory",
		[ROLE_DEVICE] = "device",
		[ROLE_QUOTE] = "the right to quote" };

	if (p->resource_count > 0)
		printf("\nResources:\n");
	for (size_t i = 0; i < p->resource_count; i++) {
		const struct profile_resource *r = &p->resources[i];

		printf("  %.*s: %s", SLICE_ARG(r->name), roles[r->role]);
		if (r->role == ROLE_MEMORY)
			printf(" in %s", r->unit == 1 ? "bytes" : "MiB");
		if (r->equals > 0)
			printf(", exactly %lld", (long long)r->equals);
		if (r->max > 0)
			printf(", at most %lld", (long long)r->max);
		if (r->with.len > 0)
			printf(", with %.*s", SLICE_ARG(r->with));
		putchar('\n');
	}
}

/* Says one part of a wiring; *any: something was said before. */
static void
part(bool *any, const char *what, struct kg_slice name)
{
	printf("%s%s%.*s", *any ? ", " : "", what, SLICE_ARG(name));
	*any = true;
}

static void
parts(bool *any, const char *what, const struct string_list *names)
{
	for (size_t i = 0; i < names->count; i++)
		part(any, what, names->items[i]);
}

static void
print_wiring(const struct wiring *w)
{
	bool any = false;

	printf("  %.*s: ", SLICE_ARG(w->name));
	parts(&any, "env ", &w->env_require);
	parts(&any, "no env ", &w->env_forbid);
	if (w->mount_paths.count > 0)
		part(&any, w->host_path ? "hostPath at " : "emptyDir at ",
		    w->mount_paths.items[0]);
	for (size_t i = 0; i < w->resource_count; i++)
		part(&any, "resource ", w->resources[i].name);
	parts(&any, "resource ", &w->devices);
	parts(&any, "annotation ", &w->annotations);
	for (size_t i = 0; i < w->labels.count; i++)
		part(&any, "label ", w->labels.items[i].name);
	if (w->attestor.name.len > 0)
		part(&any, "container ", w->attestor.name);
	printf("%s\n", any ? "" : "nothing in the pod");
}

static void
print_predicate(const struct node_predicate *n)
{
	printf(
	    "  %.*s%s", SLICE_ARG(n->key), n->exclusive ? " (any value)" : ":");
	for (size_t i = 0; i < n->values.count && !n->exclusive; i++)
		printf("%s%.*s", i > 0 ? " or " : " ",
		    SLICE_ARG(n->values.items[i]));
	putchar('\n');
}

static void
print_nodes(const struct profile *p)
{
	printf("\nLabels that prove a node:\n");
	for (size_t i = 0; i < p->predicate_count; i++)
		print_predicate(&p->predicates[i]);
	for (size_t i = 0; i < p->type_count; i++) {
		if (i == 0)
			printf("  %.*s:\n", SLICE_ARG(p->type_labels.items[0]));
		printf("    %.*s", SLICE_ARG(p->types[i].name));
		if (p->types[i].epc > 0)
			printf(" (%lld MiB of EPC)",
			    (long long)(p->types[i].epc / MIB));
		putchar('\n');
	}
}

/* What the guest is measured with, and what may stand beside it. */
static void
print_annotations(const struct profile *p)
{
	if (p->measured_count > 0)
		printf("\nMeasured with one of these annotations:\n");
	for (size_t i = 0; i < p->measured_count; i++)
		printf("  %.*s%s\n", SLICE_ARG(p->measured[i].annotation),
		    p->measured[i].encoding == ENCODING_GZIP_BASE64
			? ", gzip in base64"
			: p->measured[i].encoding == ENCODING_BASE64
			? ", base64"
			: "");
	for (size_t i = 0; i < p->family_count; i++) {
		printf("\nAnnotations under %.*s, no others:\n",
		    SLICE_ARG(p->families[i].prefix));
		for (size_t k = 0; k < p->families[i].allow.count; k++)
			printf("  %.*s\n",
			    SLICE_ARG(p->families[i].allow.items[k]));
	}
}

static void
print_text(const struct profile *p)
{
	printf("%.*s: %s TEE\n%.*s\n\n", SLICE_ARG(p->name), tee_name(p),
	    SLICE_ARG(p->source));
	printf("Declared by: label keepgate.dev/profile: %.*s\n",
	    SLICE_ARG(p->name));
	print_names("Also called", &p->aliases);
	print_resources(p);
	printf(
	    "\nWirings of attestation, one of them complete in every enclave "
	    "container:\n");
	for (size_t i = 0; i < p->wiring_count; i++)
		print_wiring(&p->wirings[i]);
	if (p->wiring_count == 0)
		printf("  none is known\n");
	print_nodes(p);
	if (p->runtime_allow.count > 0)
		putchar('\n');
	print_names("Runtime classes", &p->runtime_allow);
	print_names("Insecure ones", &p->runtime_insecure);
	print_annotations(p);
}

/* --- As it was written --- */

/* The shipped file of that name; {NULL, 0}: there is none. */
static struct kg_slice
shipped_text(struct kg_slice name)
{
	const struct kg_slice prefix = SLICE("policies/profiles/");

	for (const struct embedded_file *f = embedded_files; f->name != NULL;
	     f++) {
		const struct kg_slice path = slice_str(f->name);
		const struct kg_slice file = slice_from(path, prefix.len);

		if (slice_starts(path, prefix) && slice_starts(file, name) &&
		    slice_is(slice_from(file, name.len), ".yaml"))
			return slice_of((const char *)f->bytes, f->len);
	}
	return slice_of(NULL, 0);
}

static struct kg_slice
as_json(struct arena *arena, const struct value *v)
{
	struct writer w;
	struct buf b;

	buf_init(&b, arena, 64 * MIB);
	writer_init(&w, &b);
	writer_value(&w, v);
	return buf_slice(&b);
}

/* JSON is YAML: so is a profile shown that is none of ours. */
static void
print_document(struct arena *arena, const struct profile *p)
{
	const struct kg_slice text = shipped_text(p->name);
	const struct kg_slice json = as_json(arena, p->document);

	if (opt.form == FORM_YAML && p->shipped)
		printf("%.*s", SLICE_ARG(text));
	else
		printf("%.*s\n", SLICE_ARG(json));
}

static void
print_documents(struct arena *arena, const struct catalog *c)
{
	if (opt.form == FORM_JSON)
		putchar('[');
	for (size_t i = 0; i < c->count; i++) {
		if (i > 0)
			fputs(opt.form == FORM_JSON ? "," : "---\n", stdout);
		print_document(arena, &c->profiles[i]);
	}
	if (opt.form == FORM_JSON)
		puts("]");
}

static int
unknown(const struct catalog *c, struct kg_slice name)
{
	struct kg_slice best = { NULL, 0 };
	size_t least = 4;

	for (size_t i = 0; i < c->count; i++) {
		const size_t d = slice_distance(name, c->profiles[i].name, 4);

		if (d < least) {
			least = d;
			best = c->profiles[i].name;
		}
	}
	if (best.ptr != NULL)
		return cli_error("unknown profile \"%.*s\"; did you mean %.*s?",
		    SLICE_ARG(name), SLICE_ARG(best));
	return cli_error(
	    "unknown profile \"%.*s\"; see keepgate profiles", SLICE_ARG(name));
}

static int
print(const struct catalog *c, const char *name)
{
	struct arena arena;
	int code = EXIT_OK;
	size_t at = 0;

	if (name != NULL) {
		at = catalog_find(c, slice_str(name));
		if (at == SIZE_MAX)
			return unknown(c, slice_str(name));
	}
	arena_init(&arena, 256 * MIB);
	if (opt.form == FORM_TEXT && name == NULL)
		print_table(c);
	else if (opt.form == FORM_TEXT)
		print_text(&c->profiles[at]);
	else if (name == NULL)
		print_documents(&arena, c);
	else
		print_document(&arena, &c->profiles[at]);
	if (arena_failed(&arena))
		code = cli_error("out of memory");
	arena_release(&arena);
	return code;
}

static int
run_profiles(size_t count, const char *const *arguments)
{
	struct kg_diags *diags = kg_diags_new();
	struct kg_ruleset *set = NULL;
	int code = EXIT_ERROR;

	if (diags == NULL)
		return cli_error("out of memory");
	if (policies_load(opt.policies.items, opt.policies.count, NULL, diags,
		&set) == KG_OK)
		code = print(&set->catalog, count > 0 ? arguments[0] : NULL);
	else
		print_diags(diags);
	kg_ruleset_unref(set);
	kg_diags_free(diags);
	free(opt.policies.items);
	return code;
}

static const struct option options[] = {
	{ .name = "policy",
	    .letter = 'p',
	    .type = OPTION_LIST,
	    .takes = TAKES_FILE,
	    .value_name = "FILE|DIR",
	    .help = "profiles of your own, beside the shipped ones; may be "
		    "repeated",
	    .target = &opt.policies },
	{ .name = "output",
	    .letter = 'o',
	    .type = OPTION_WORD,
	    .help = "form of the output; yaml: as the file has it",
	    .words = forms,
	    .target = &opt.form },
	{ .name = NULL },
};

const struct command cmd_profiles = {
	.name = "profiles",
	.summary = "list the platform profiles, or show one",
	.arguments = "[NAME]",
	.most = 1,
	.text = "A profile says what an enclave pod looks like on one "
		"platform: its resources, how attestation is wired, which "
		"labels prove a node.",
	.options = options,
	.examples =
	    (const struct term[]){
		{ "keepgate profiles sgx-intel", "show one" },
		{ "keepgate profiles sgx-intel -o yaml > mine.yaml",
		    "begin one of your own" },
		{ NULL, NULL },
	    },
	.see_also = (const char *const[]){ "rules", "check", NULL },
	.run = run_profiles,
};
