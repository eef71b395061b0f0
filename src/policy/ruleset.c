/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kg_ruleset_compile(): documents of all sources are collected and sorted,
 * profiles go into the catalog, policies are read against it, and the hash is
 * taken over what stands in the documents.
 */
#include "policy/ruleset.h"

#include "base/limits.h"
#include "policy/embedded.h"
#include "policy/enclave_policy.h"
#include "policy/podkind.h"
#include "value/writer.h"

#define API_VERSION "keepgate.dev/v1alpha1"

enum doc_kind {
	DOC_POLICY,
	DOC_PROFILE,
	DOC_EXCEPTION,
	DOC_NAMESPACE,
	DOC_POD_KIND,
	DOC_KINDS,
};

static const struct {
	const char *kind, *api_version;
} doc_kinds[DOC_KINDS] = {
	[DOC_POLICY] = { "EnclavePolicy", API_VERSION },
	[DOC_PROFILE] = { "EnclaveProfile", API_VERSION },
	[DOC_EXCEPTION] = { "EnclaveException", API_VERSION },
	[DOC_NAMESPACE] = { "Namespace", "v1" },
	[DOC_POD_KIND] = { "PodKind", API_VERSION },
};

struct entry {
	enum doc_kind kind;
	struct kg_slice name;
	struct document doc;
	bool shipped;
};

struct compiler {
	struct kg_ruleset *set;
	struct node_reader reader;
	const struct kg_options *options;
	struct entry *entries;
	size_t count, cap;
	bool shipped; /* the source being read is embedded */
	enum kg_status status;
};

/* --- Collecting documents --- */

static void
add_entry(struct compiler *c, enum doc_kind kind, struct kg_slice name,
    const struct document *doc)
{
	struct entry *entries = arena_more(
	    &c->set->arena, c->entries, c->count, &c->cap, sizeof(*entries));

	if (entries == NULL)
		return; /* the arena remembers */
	c->entries = entries;
	c->entries[c->count++] = (struct entry){ kind, name, *doc, c->shipped };
}

static bool
is_list(const struct value *root)
{
	const struct kg_slice kind = value_str(value_get(root, KEY_kind));

	return slice_is(kind, "List") &&
	    value_is(value_get(root, KEY_items), VALUE_LIST);
}

static void
unknown_kind(
    struct compiler *c, const struct document *doc, struct kg_slice kind)
{
	const struct node root = node_root(doc);
	const struct node at = node_get(&c->reader, root, "kind");

	if (kind.len == 0)
		node_error(&c->reader, root,
		    "no kind; a policy file holds EnclavePolicy, "
		    "EnclaveProfile, EnclaveException, PodKind and Namespace "
		    "objects");
	else
		node_error(&c->reader, at,
		    "kind \"%.*s\" is no policy; known are EnclavePolicy, "
		    "EnclaveProfile, EnclaveException, PodKind and Namespace",
		    SLICE_ARG(kind));
}

static void
take_document(struct compiler *c, const struct document *doc)
{
	const struct value *root = doc->root;
	const struct kg_slice kind = value_str(value_get(root, KEY_kind));
	const struct node node = node_root(doc);
	const struct node meta = node_get(&c->reader, node, "metadata");
	const struct node version = node_get(&c->reader, node, "apiVersion");
	struct kg_slice name = { NULL, 0 };
	unsigned k = 0;

	while (k < DOC_KINDS && !slice_is(kind, doc_kinds[k].kind))
		k++;
	if (k == DOC_KINDS) {
		unknown_kind(c, doc, kind);
		return;
	}
	if (!slice_is(value_str(version.v), doc_kinds[k].api_version))
		node_error(&c->reader, version.v != NULL ? version : node,
		    "apiVersion of %s is %s", doc_kinds[k].kind,
		    doc_kinds[k].api_version);
	node_string(&c->reader, node_get(&c->reader, meta, "name"), &name);
	if (name.len == 0)
		node_error(&c->reader, meta.v != NULL ? meta : node,
		    "metadata.name is required");
	add_entry(c, (enum doc_kind)k, name, doc);
}

/* Items of a List are documents of their own. Recursion: bounded by the
 * reader's DEPTH_MAX. */
static void
take_root(struct compiler *c, const struct document *doc)
{
	const struct value *items = value_get(doc->root, KEY_items);

	if (!is_list(doc->root)) {
		take_document(c, doc);
		return;
	}
	for (size_t i = 0; i < value_len(items); i++) {
		struct document item = *doc;

		item.root = value_at(items, i);
		item.pos = value_child_pos(items, i);
		take_root(c, &item);
	}
}

/* Texts are copied: strings of the rule set point into them. */
static void
read_source(struct compiler *c, const struct kg_source *source)
{
	struct arena *arena = &c->set->arena;
	const struct kg_slice name = arena_copy(arena, source->name);
	const struct kg_slice text = arena_copy(arena, source->text);
	struct yaml_reader *reader = NULL;
	struct document doc;
	enum kg_status st;
	bool more = true;

	st = yaml_reader_new(
	    arena, &c->set->keys, name, text, NULL, c->reader.diags, &reader);
	while (st == KG_OK && more) {
		st = yaml_read(reader, &doc, &more);
		if (st == KG_OK && more)
			take_root(c, &doc);
	}
	yaml_reader_free(reader);
	if (st != KG_OK && c->status == KG_OK)
		c->status = st;
}

static void
read_embedded(struct compiler *c, const char *prefix)
{
	c->shipped = true;
	for (const struct embedded_file *f = embedded_files; f->name != NULL;
	     f++) {
		const struct kg_source source = { slice_str(f->name),
			{ (const char *)f->bytes, f->len } };

		if (slice_starts(source.name, slice_str(prefix)))
			read_source(c, &source);
	}
	c->shipped = false;
}

/* --- Order and duplicates --- */

/* By kind and name; what is shipped comes after the user's own. */
static int
entry_order(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;
	int order;

	if (a->kind != b->kind)
		return strcmp(doc_kinds[a->kind].kind, doc_kinds[b->kind].kind);
	order = slice_cmp(a->name, b->name);
	if (order != 0)
		return order;
	if (a->shipped != b->shipped)
		return a->shipped ? 1 : -1;
	return a->doc.root < b->doc.root ? -1 : 1;
}

static void
drop_duplicates(struct compiler *c)
{
	size_t kept = 0;

	for (size_t i = 0; i < c->count; i++) {
		const struct entry *e = &c->entries[i];
		const struct entry *last =
		    kept > 0 ? &c->entries[kept - 1] : NULL;

		if (last != NULL && last->kind == e->kind &&
		    slice_eq(last->name, e->name)) {
			if (!e->shipped)
				node_error(&c->reader, node_root(&e->doc),
				    "a second %s of name \"%.*s\"",
				    doc_kinds[e->kind].kind,
				    SLICE_ARG(e->name));
			continue;
		}
		c->entries[kept++] = *e;
	}
	c->count = kept;
}

static size_t
count_kind(const struct compiler *c, enum doc_kind kind)
{
	size_t n = 0;

	for (size_t i = 0; i < c->count; i++)
		n += c->entries[i].kind == kind;
	return n;
}

/* --- Compiling --- */

/* sgx-aks, sgx-intel, then by name: the order of precedence. */
static unsigned
precedence(struct kg_slice name)
{
	return slice_is(name, "sgx-aks")  ? 0
	    : slice_is(name, "sgx-intel") ? 1
					  : 2;
}

static int
profile_order(const void *left, const void *right)
{
	const struct profile *a = left, *b = right;
	const unsigned x = precedence(a->name), y = precedence(b->name);

	return x != y ? (x < y ? -1 : 1) : slice_cmp(a->name, b->name);
}

static void
compile_profiles(struct compiler *c)
{
	const size_t count = count_kind(c, DOC_PROFILE);
	struct profile *profiles;
	enum kg_status st;
	size_t n = 0;

	if (count > PROFILES_MAX) {
		diag_add(c->reader.diags, KG_ERROR, NULL, POS_NONE,
		    "%zu profiles; at most %u are possible", count,
		    PROFILES_MAX);
		c->reader.failed = true;
		return;
	}
	profiles = arena_array(&c->set->arena, count, sizeof(*profiles));
	if (profiles == NULL)
		return;
	for (size_t i = 0; i < c->count; i++) {
		if (c->entries[i].kind != DOC_PROFILE)
			continue;
		profile_read(&c->reader, &c->entries[i].doc, &profiles[n]);
		profiles[n++].shipped = c->entries[i].shipped;
	}
	qsort(profiles, count, sizeof(*profiles), profile_order);
	st = catalog_build(&c->set->arena, profiles, count, &c->set->catalog);
	if (st != KG_OK && c->status == KG_OK)
		c->status = st;
}

static bool
kind_is_new(const struct pod_kind *kinds, size_t at)
{
	for (size_t i = 0; i < at; i++) {
		if (slice_eq(kinds[i].group, kinds[at].group) &&
		    slice_eq(kinds[i].kind, kinds[at].kind))
			return false;
	}
	return true;
}

static void
compile_kinds(struct compiler *c)
{
	const size_t count = count_kind(c, DOC_POD_KIND);
	struct pod_kind *kinds;
	size_t n = 0;

	if (count > POD_KINDS_MAX) {
		diag_add(c->reader.diags, KG_ERROR, NULL, POS_NONE,
		    "%zu PodKind objects; at most %u are possible", count,
		    POD_KINDS_MAX);
		c->reader.failed = true;
		return;
	}
	kinds = arena_array(&c->set->arena, count, sizeof(*kinds));
	if (kinds == NULL)
		return;
	for (size_t i = 0; i < c->count; i++) {
		const struct document *doc = &c->entries[i].doc;

		if (c->entries[i].kind != DOC_POD_KIND)
			continue;
		pod_kind_read(&c->reader, doc, &kinds[n]);
		if (!kind_is_new(kinds, n))
			node_error(&c->reader, node_root(doc),
			    "a second PodKind of \"%.*s\"",
			    SLICE_ARG(kinds[n].kind));
		n++;
	}
	c->set->kinds = kinds;
	c->set->kind_count = count;
}

/* A policy that does not say what it looks at looks at all that carries a
 * pod. */
static void
read_policy(struct compiler *c, const struct document *doc, struct policy *out)
{
	enclave_policy_read(
	    &c->reader, doc, &c->set->catalog, c->options->live, out);
	if (out->match.by_default)
		match_add_kinds(&c->set->arena, &out->match, c->set->kinds,
		    c->set->kind_count);
}

static void
compile_policies(struct compiler *c)
{
	const size_t count = count_kind(c, DOC_POLICY);
	struct custom_compiler custom;
	struct policy *policies;
	enum kg_status st;
	size_t n = 0;

	if (count > POLICIES_MAX) {
		diag_add(c->reader.diags, KG_ERROR, NULL, POS_NONE,
		    "%zu policies; at most %u are possible", count,
		    POLICIES_MAX);
		c->reader.failed = true;
		return;
	}
	policies = arena_array(&c->set->arena, count, sizeof(*policies));
	if (policies == NULL)
		return;
	custom_begin(&custom, &c->reader, &c->set->keys, &c->set->patterns,
	    c->options->cel_compat != 0 ? c->options->cel_compat
					: CEL_COMPAT_136);
	for (size_t i = 0; i < c->count; i++) {
		const struct document *doc = &c->entries[i].doc;

		if (c->entries[i].kind != DOC_POLICY)
			continue;
		read_policy(c, doc, &policies[n]);
		custom_read(&custom, node_root(doc), &policies[n++].custom);
	}
	c->set->policies = policies;
	c->set->policy_count = count;
	st =
	    custom_end(&custom, &c->set->program, &c->set->sees_managed_fields);
	if (st != KG_OK && c->status == KG_OK)
		c->status = st;
}

static void
compile_exceptions(struct compiler *c)
{
	const size_t count = count_kind(c, DOC_EXCEPTION);
	struct exception *exceptions;
	size_t n = 0;

	if (count > EXCEPTIONS_MAX) {
		diag_add(c->reader.diags, KG_ERROR, NULL, POS_NONE,
		    "%zu exceptions; at most %u are possible", count,
		    EXCEPTIONS_MAX);
		c->reader.failed = true;
		return;
	}
	exceptions = arena_array(&c->set->arena, count, sizeof(*exceptions));
	if (exceptions == NULL)
		return;
	for (size_t i = 0; i < c->count; i++) {
		if (c->entries[i].kind == DOC_EXCEPTION)
			exception_read(&c->reader, &c->entries[i].doc,
			    c->set->policies, c->set->policy_count,
			    &exceptions[n++]);
	}
	c->set->exceptions = exceptions;
	c->set->exception_count = count;
}

static void
take_namespaces(struct compiler *c)
{
	static const struct value none = { .kind = VALUE_OBJECT };

	map_init(&c->set->namespaces, &c->set->arena);
	for (size_t i = 0; i < c->count; i++) {
		const struct entry *e = &c->entries[i];
		const struct value *labels =
		    value_get(value_get(e->doc.root, KEY_metadata), KEY_labels);
		const struct value **place;

		if (e->kind != DOC_NAMESPACE)
			continue;
		place = (const struct value **)(void *)map_put(
		    &c->set->namespaces, e->name);
		if (place != NULL)
			*place = labels != NULL ? labels : &none;
	}
}

/* Embedded profiles are part of the engine, whose version is recorded. */
static enum kg_status
take_hash(struct compiler *c)
{
	struct sha256 *h = sha256_new();
	enum kg_status st = h != NULL ? sha256_begin(h) : KG_NOMEM;

	for (size_t i = 0; i < c->count && st == KG_OK; i++) {
		struct writer w;
		struct buf b;

		if (c->entries[i].shipped && c->entries[i].kind == DOC_PROFILE)
			continue;
		buf_init(&b, &c->set->arena, ARENA_RULESET_MAX);
		writer_init(&w, &b);
		writer_canonical(&w, c->entries[i].doc.root);
		buf_putc(&b, '\n');
		st =
		    buf_failed(&b) ? KG_LIMIT : sha256_update(h, buf_slice(&b));
	}
	if (st == KG_OK)
		st = sha256_end(h, c->set->hash);
	sha256_free(h);
	return st;
}

static void
take_sources(struct compiler *c, const struct kg_source *sources, size_t count)
{
	read_embedded(c, "policies/profiles/");
	for (size_t i = 0; i < count; i++)
		read_source(c, &sources[i]);
	if (count_kind(c, DOC_POLICY) > 0)
		return;
	read_embedded(c, "policies/enclave-strict/");
	if (count > 0 && !c->reader.failed && c->status == KG_OK)
		diag_add(c->reader.diags, KG_NOTE, NULL, POS_NONE,
		    "no policy given: enclave-strict is in force");
}

static enum kg_status
compile(struct compiler *c, const struct kg_source *sources, size_t count)
{
	struct arena *arena = &c->set->arena;
	const size_t errors = kg_diags_errors(c->reader.diags);

	c->status = keytab_init(&c->set->keys, arena);
	if (c->status != KG_OK)
		return c->status;
	take_sources(c, sources, count);
	if (c->count > 0)
		qsort(c->entries, c->count, sizeof(*c->entries), entry_order);
	drop_duplicates(c);
	compile_profiles(c);
	compile_kinds(c);
	compile_policies(c);
	compile_exceptions(c);
	take_namespaces(c);
	if (arena_failed(arena)) {
		if (kg_diags_errors(c->reader.diags) == errors)
			diag_add(c->reader.diags, KG_ERROR, NULL, POS_NONE,
			    "the rule set does not fit its memory");
		return arena->failure;
	}
	if (c->status == KG_OK && c->reader.failed)
		c->status = KG_INVALID;
	return c->status == KG_OK ? take_hash(c) : c->status;
}

enum kg_status
kg_ruleset_compile(const struct kg_source *sources, size_t count,
    const struct kg_options *options, struct kg_diags *diags,
    struct kg_ruleset **out)
{
	struct compiler c = { .options = options };
	enum kg_status st;

	*out = NULL;
	c.set = calloc(1, sizeof(*c.set));
	if (c.set == NULL)
		return KG_NOMEM;
	arena_init(&c.set->arena, ARENA_RULESET_MAX);
	regex_set_init(&c.set->patterns, &c.set->arena);
	c.set->references = 1;
	c.reader =
	    (struct node_reader){ .arena = &c.set->arena, .diags = diags };
	st = compile(&c, sources, count);
	if (st != KG_OK) {
		kg_ruleset_unref(c.set);
		return st;
	}
	*out = c.set;
	return KG_OK;
}

struct kg_ruleset *
kg_ruleset_ref(struct kg_ruleset *set)
{
	atomic_fetch_add_explicit(&set->references, 1, memory_order_relaxed);
	return set;
}

void
kg_ruleset_unref(struct kg_ruleset *set)
{
	if (set == NULL ||
	    atomic_fetch_sub_explicit(
		&set->references, 1, memory_order_acq_rel) != 1)
		return;
	regex_set_release(&set->patterns);
	arena_release(&set->arena);
	free(set);
}

struct kg_slice
kg_ruleset_hash(const struct kg_ruleset *set)
{
	return slice_of(set->hash, sizeof(set->hash));
}
