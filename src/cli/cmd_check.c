/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keepgate check: manifests, dumps and reviews through the very call that the
 * server makes. A bare object is wrapped into the AdmissionReview that its
 * creation would send.
 */
#include "base/limits.h"
#include "base/map.h"
#include "cli/cli.h"
#include "cli/file_namespaces.h"
#include "cli/progress.h"
#include "cli/report.h"
#include "cli/review_body.h"
#include "cel/env.h"
#include "io/log.h"
#include "io/policies.h"
#include "io/zones.h"
#include "policy/podkind.h"
#include "value/writer.h"
#include "value/yaml.h"

/* --- Options --- */

enum { CHECK_TEXT, CHECK_JSON, CHECK_REVIEW };

static struct {
	struct option_list files, policies, groups;
	const char *ns, *user;
	unsigned output, color, compat;
	int64_t warn_code;
} opt = { .ns = "default", .user = "" };

static const char *const outputs[] = { "text", "json", "review", NULL };
static const char *const colors[] = { "auto", "always", "never", NULL };

static const struct option options[] = {
	{ .name = "filename",
	    .letter = 'f',
	    .type = OPTION_LIST,
	    .takes = TAKES_FILE,
	    .value_name = "FILE|DIR|-",
	    .help = "what to judge",
	    .target = &opt.files },
	{ .name = "policy",
	    .letter = 'p',
	    .type = OPTION_LIST,
	    .takes = TAKES_FILE,
	    .value_name = "FILE|DIR",
	    .help = "policies to judge by",
	    .fallback = "enclave-strict",
	    .target = &opt.policies },
	{ .name = "namespace",
	    .letter = 'n',
	    .type = OPTION_STRING,
	    .value_name = "NAMESPACE",
	    .help = "for objects that name none",
	    .fallback = "default",
	    .target = &opt.ns },
	{ .name = "as",
	    .type = OPTION_STRING,
	    .value_name = "USER",
	    .help = "who creates the objects",
	    .target = &opt.user },
	{ .name = "as-group",
	    .type = OPTION_LIST,
	    .value_name = "GROUP",
	    .help = "a group of that user",
	    .target = &opt.groups },
	{ .name = "cel-compat",
	    .type = OPTION_WORD,
	    .help = "the release of Kubernetes whose language policies use",
	    .words = cel_compat_words,
	    .target = &opt.compat },
	{ .name = "output",
	    .letter = 'o',
	    .type = OPTION_WORD,
	    .help = "form of the output; review: the webhook's answers",
	    .words = outputs,
	    .target = &opt.output },
	{ .name = "warn-exit-code",
	    .type = OPTION_INT,
	    .value_name = "N",
	    .help = "exit code when there are only warnings",
	    .fallback = "0",
	    .min = 0,
	    .max = 255,
	    .target = &opt.warn_code },
	{ .name = "color",
	    .type = OPTION_WORD,
	    .help = "colors in text; auto: on a terminal, without NO_COLOR",
	    .words = colors,
	    .target = &opt.color },
	{ .name = NULL },
};

/* --- State --- */

struct check {
	struct kg_diags *diags;
	struct kg_ruleset *set; /* NULL: the policies are in error */
	struct kg_reviewer *reviewer;
	struct zones *zones;
	struct arena keep, doc, body; /* whole run, one document, one object */
	struct keytab keys;
	struct file_namespaces namespaces;
	const struct report *report;
	struct summary summary;
	uint64_t sequence;
	struct progress progress;
	uint64_t read_before; /* bytes of the files before this one */
	/* Where lines are counted from: the start of the current document,
	 * or of the current item of its List. */
	struct mark {
		size_t at;
		struct position where;
	} document, item;
};

static struct position
position_of(const struct check *c, struct kg_slice text, uint32_t pos)
{
	const struct mark *from = pos < c->item.at ? &c->document : &c->item;
	struct position p = { 0, 0 };

	if (pos == POS_NONE || pos < from->at)
		return p;
	line_column(
	    slice_from(text, from->at), pos - from->at, &p.line, &p.column);
	if (p.line == 1)
		p.column += from->where.column - 1;
	p.line += from->where.line - 1;
	return p;
}

/* Counts from here on: what stands before is not looked at again. */
static void
move_mark(const struct check *c, struct mark *mark, struct kg_slice text,
    uint32_t pos)
{
	const struct position p = position_of(c, text, pos);

	if (p.line != 0)
		*mark = (struct mark){ .at = pos, .where = p };
}

/* --- Bodies --- */

struct object {
	const struct document *doc;
	const struct value *root;   /* as the user wrote it */
	const struct value *target; /* what pointers of findings lead into */
	uint32_t pos;
	bool whole_file; /* the document is all of its file */
	struct result result;
};

/* --- One object --- */

static void
input_error(struct check *c, const struct object *o, struct kg_slice message)
{
	diag_add_text(c->diags, KG_ERROR, &o->doc->place, o->pos, message);
}

static void
no_memory(struct check *c)
{
	diag_add(c->diags, KG_ERROR, NULL, POS_NONE, "out of memory");
}

static void
report(struct check *c, struct object *o)
{
	c->summary.verdicts[o->result.verdict]++;
	c->report->result(&o->result);
}

static bool
find_positions(struct check *c, struct object *o, const struct kg_decision *d)
{
	struct position *positions =
	    arena_array(&c->body, d->finding_count, sizeof(*positions));

	if (positions == NULL)
		return false;
	for (size_t i = 0; i < d->finding_count; i++) {
		uint32_t pos = o->pos;

		(void)value_pointer(o->target, d->findings[i].pointer, &pos);
		positions[i] = position_of(c, o->doc->place.text, pos);
	}
	o->result.positions = positions;
	return true;
}

static void
judge(struct check *c, struct object *o, struct kg_slice body, bool manifest)
{
	const struct kg_call call = { .phase = KG_VALIDATE,
		.manifest = manifest,
		.namespace_labels =
		    file_namespaces_labels(&c->namespaces, o->result.ns),
		.now_us = clock_wall_us() };
	const struct kg_decision *d;
	enum kg_status st;

	if (c->set == NULL)
		return; /* the policies' errors are reported already */
	st = kg_review(c->reviewer, c->set, &call, body, &d);
	if (d->malformed) {
		input_error(c, o, d->error);
		return;
	}
	if (st == KG_OK)
		st = kg_decision_reply(c->reviewer, d, &o->result.reply);
	if (st != KG_OK || !find_positions(c, o, d)) {
		input_error(c, o, SLICE("out of memory for this object"));
		return;
	}
	o->result.operation = d->request.operation;
	o->result.decision = d;
	o->result.verdict = result_verdict_of(d->verdict);
	report(c, o);
}

/* Without a rule set only what is built in is known. */
static const struct pod_kind *
find_kind(
    const struct check *c, struct kg_slice api_version, struct kg_slice kind)
{
	const size_t slash = slice_find(api_version, '/');
	const struct kg_slice group = slash == api_version.len
	    ? SLICE("")
	    : slice_upto(api_version, slash);

	return c->set != NULL ? ruleset_pod_kind(c->set, group, kind)
			      : pod_kind_find(group, kind);
}

static void
check_manifest(struct check *c, struct object *o)
{
	const struct pod_kind *kind;
	struct writer w;
	struct buf b;

	if (o->result.kind.len == 0 || o->result.api_version.len == 0) {
		input_error(c, o,
		    SLICE("no Kubernetes object: apiVersion and kind are "
			  "required"));
		return;
	}
	kind = find_kind(c, o->result.api_version, o->result.kind);
	if (kind == NULL) {
		o->result.verdict = RESULT_SKIP;
		report(c, o);
		return;
	}
	if (o->result.ns.len == 0)
		o->result.ns = slice_str(opt.ns);
	c->sequence++;
	buf_init(&b, &c->body, BODY_MAX_CEILING);
	writer_init(&w, &b);
	review_body_write(&w,
	    &(const struct review_subject){
		.api_version = o->result.api_version,
		.kind = o->result.kind,
		.resource = kind->resource,
		.name = o->result.name,
		.ns = o->result.ns,
		.user = opt.user,
		.groups = &opt.groups,
		.object = o->root,
		.sequence = c->sequence });
	if (buf_failed(&b))
		input_error(c, o, SLICE("object too large"));
	else
		judge(c, o, buf_slice(&b), true);
}

/* The file's own bytes, where they are nothing but the review: so they are
 * what the server would get. */
static void
check_review(struct check *c, struct object *o)
{
	const struct value *request = value_get(o->root, KEY_request);
	const struct value *object = value_get(request, KEY_object);
	const struct value *kind = value_get(request, KEY_kind);
	struct kg_slice body = o->doc->place.text;
	struct writer w;
	struct buf b;

	o->target = object;
	if (value_is_null(object))
		object = value_get(request, KEY_oldObject);
	o->result.kind = value_str(value_get(kind, KEY_kind));
	o->result.api_version = value_str(value_get(object, KEY_apiVersion));
	o->result.ns = value_str(value_get(request, KEY_ns));
	o->result.name = value_str(value_get(request, KEY_name));
	if (!o->whole_file) {
		buf_init(&b, &c->body, BODY_MAX_CEILING);
		writer_init(&w, &b);
		writer_value(&w, o->root);
		body = buf_slice(&b);
	}
	judge(c, o, body, false);
}

static void
check_object(struct check *c, const struct document *doc,
    const struct value *root, uint32_t pos, bool whole_file)
{
	const struct value *metadata = value_get(root, KEY_metadata);
	struct object o = { .doc = doc,
		.root = root,
		.target = root,
		.pos = pos,
		.whole_file = whole_file,
		.result = {
		    .file = doc->place.file,
		    .document = doc->place.document,
		    .line = position_of(c, doc->place.text, pos).line,
		    .api_version = value_str(value_get(root, KEY_apiVersion)),
		    .kind = value_str(value_get(root, KEY_kind)),
		    .ns = value_str(value_get(metadata, KEY_ns)),
		    .name = value_str(value_get(metadata, KEY_name)),
		    .operation = SLICE("CREATE"),
		} };

	arena_reset(&c->body);
	if (o.result.name.len == 0)
		o.result.name =
		    value_str(value_get(metadata, KEY_generateName));
	if (slice_is(o.result.kind, "AdmissionReview"))
		check_review(c, &o);
	else
		check_manifest(c, &o);
}

/* --- Files --- */

/* What is called for each object of a file: a document, or an item of a List.
 */
typedef void visit_object(struct check *c, const struct document *doc,
    const struct value *root, uint32_t pos, bool whole_file);

static bool
is_list(const struct value *root)
{
	return slice_ends(
		   value_str(value_get(root, KEY_kind)), SLICE("List")) &&
	    value_is(value_get(root, KEY_items), VALUE_LIST);
}

/* A List may hold Lists. Recursion: bounded by the reader's DEPTH_MAX. */
static void
visit_value(struct check *c, const struct document *doc,
    const struct value *root, uint32_t pos, visit_object *visit)
{
	const struct value *items = value_get(root, KEY_items);

	if (!is_list(root)) {
		visit(c, doc, root, pos, root == doc->root && doc->whole);
		return;
	}
	for (size_t i = 0; i < value_len(items); i++) {
		const uint32_t at = value_child_pos(items, i);

		move_mark(c, &c->item, doc->place.text, at);
		visit_value(c, doc, value_at(items, i), at, visit);
	}
}

static void
visit_file(
    struct check *c, const struct file *f, bool quiet, visit_object *visit)
{
	const struct kg_slice text = slice_of(f->text, f->len);
	const struct yaml_options yaml = { .lint = !quiet };
	struct kg_diags *own = quiet ? kg_diags_new() : NULL;
	struct yaml_reader *reader = NULL;
	struct document doc;
	enum kg_status st;
	bool more = true;

	c->document = c->item = (struct mark){ .where = { 1, 1 } };
	st = yaml_reader_new(&c->doc, &c->keys, slice_str(f->path), text, &yaml,
	    own != NULL ? own : c->diags, &reader);
	while (st == KG_OK && more) {
		arena_reset(&c->doc);
		st = yaml_read(reader, &doc, &more);
		if (st != KG_OK || !more)
			break;
		move_mark(c, &c->document, text, doc.pos);
		c->item = c->document;
		if (!quiet)
			progress_set(&c->progress, c->read_before + doc.pos);
		visit_value(c, &doc, doc.root, doc.pos, visit);
	}
	/* What was not read must not look as if it had not been there. */
	if (st == KG_NOMEM)
		no_memory(c);
	yaml_reader_free(reader);
	kg_diags_free(own);
}

static void
note_namespace(struct check *c, const struct document *doc,
    const struct value *root, uint32_t pos, bool whole_file)
{
	(void)doc;
	(void)pos;
	(void)whole_file;
	if (!file_namespaces_note(&c->namespaces, root))
		no_memory(c);
}

static int
exit_code(const struct check *c)
{
	const size_t *n = c->summary.verdicts;
	const size_t judged =
	    n[RESULT_ALLOW] + n[RESULT_WARN] + n[RESULT_DENY] + n[RESULT_ERROR];

	if (c->set == NULL || c->summary.input_errors > 0)
		return EXIT_ERROR;
	if (judged == 0)
		return cli_error("nothing was judged: no object in the input "
				 "carries a pod");
	if (n[RESULT_DENY] + n[RESULT_ERROR] > 0)
		return EXIT_DENIED;
	return n[RESULT_WARN] > 0 ? (int)opt.warn_code : EXIT_OK;
}

static int
check_files(struct check *c, const struct file *files)
{
	const struct report *const reports[] = { &report_text, &report_json,
		&report_review };

	c->report = reports[opt.output];
	report_text_color((enum color_when)opt.color);
	for (const struct file *f = files; f != NULL; f = f->next) {
		if (file_namespaces_in(f))
			visit_file(c, f, true, note_namespace);
	}
	for (const struct file *f = files; f != NULL; f = f->next)
		c->progress.total += f->len;
	for (const struct file *f = files; f != NULL; f = f->next) {
		visit_file(c, f, false, check_object);
		c->read_before += f->len;
	}
	progress_erase(&c->progress);
	c->summary.input_errors = kg_diags_errors(c->diags);
	c->summary.diags = c->diags;
	if (c->set != NULL)
		c->summary.ruleset = kg_ruleset_hash(c->set);
	/* What was said while judging stands behind the results. */
	(void)fflush(stdout);
	print_diags(c->diags);
	if (!c->report->end(&c->summary))
		return cli_error("out of memory");
	return exit_code(c);
}

static bool
prepare(struct check *c)
{
	c->diags = kg_diags_new();
	progress_begin(&c->progress, "check", opt.output != CHECK_JSON);
	arena_init(&c->keep, ARENA_COMPILE_MAX);
	arena_init(&c->doc, ARENA_DOCUMENT_MAX);
	arena_init(&c->body, ARENA_DOCUMENT_MAX);
	file_namespaces_init(&c->namespaces, &c->keep);
	return c->diags != NULL && keytab_init(&c->keys, &c->keep) == KG_OK &&
	    kg_reviewer_new(&c->reviewer) == KG_OK &&
	    (c->zones = zones_for(c->reviewer)) != NULL;
}

static void
release(struct check *c)
{
	kg_ruleset_unref(c->set);
	kg_reviewer_free(c->reviewer);
	zones_close(c->zones);
	kg_diags_free(c->diags);
	arena_release(&c->body);
	arena_release(&c->doc);
	arena_release(&c->keep);
	free(opt.files.items);
	free(opt.policies.items);
	free(opt.groups.items);
}

static int
check_all(struct check *c)
{
	const struct kg_options how = { .cel_compat =
					    cel_compat_level(opt.compat) };
	struct file *files = NULL;
	int code;

	/* Errors are in the diagnostics; the rest is still looked at. */
	if (policies_load(opt.policies.items, opt.policies.count, &how,
		c->diags, &c->set) != KG_OK)
		c->set = NULL;
	for (size_t i = 0; i < opt.files.count; i++) {
		if (file_read(opt.files.items[i], c->diags, &files) != KG_OK)
			continue;
	}
	code = check_files(c, files);
	file_free(files);
	return code;
}

static int
run_check(size_t count, const char *const *arguments)
{
	struct check c = { .set = NULL };
	int code;

	(void)count;
	(void)arguments;
	if (opt.files.count == 0)
		return cli_error("check needs -f FILE|DIR|-");
	code = prepare(&c) ? check_all(&c) : cli_error("out of memory");
	release(&c);
	return code;
}

static const struct term exits[] = {
	{ "0", "all is allowed, or only warned of" },
	{ "1", "something is denied, or errs" },
	{ "2",
	    "an input or policy is in error (the rest is still judged), or "
	    "nothing was judged" },
	{ "N", "what --warn-exit-code says, when there are only warnings" },
	{ NULL, NULL },
};

static const struct term variables[] = {
	{ "NO_COLOR", "when it is set and not empty: no colors" },
	{ "TERM", "\"dumb\": no colors" },
	{ NULL, NULL },
};

static const struct section sections[] = {
	{ "environment", variables },
	{ NULL, NULL },
};

static const struct term examples[] = {
	{ "keepgate check -f manifests/ -p policies/",
	    "judge a folder by policies of your own" },
	{ "kubectl get pods -A -o yaml | keepgate check -f -",
	    "what would become of the pods that run now" },
	{ "keepgate check -f review.json -o review",
	    "the answer that the webhook would give" },
	{ NULL, NULL },
};

const struct command cmd_check = {
	.name = "check",
	.summary = "judge manifests, dumps and AdmissionReviews",
	.arguments = "",
	.text = "Objects that carry a pod template are judged as the webhook "
		"would judge their pods; others are skipped. A List is judged "
		"item by item. Directories are read recursively, .yaml, .yml "
		"and .json only; a file named outright is always read.\n\n"
		"Namespace objects among the files tell the labels of "
		"namespaces.",
	.options = options,
	.exits = exits,
	.examples = examples,
	.sections = sections,
	.see_also = (const char *const[]){ "rules", "serve", NULL },
	.run = run_check,
};
