/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Set enclave: an object and a request, judged by a pack or policy of the
 * case; the verdict, and rules that must or must not fire.
 */
#include "base/limits.h"
#include "base/time.h"
#include "exam/exam.h"
#include "io/file.h"
#include "policy/podkind.h"
#include "value/writer.h"

/* --- The review of a case --- */

struct case_request {
	const struct value *object, *old_object, *request;
	struct kg_slice operation, kind, group, version;
};

static void
split_version(const struct value *object, struct case_request *c)
{
	struct kg_slice rest = value_str(value_get(object, KEY_apiVersion));

	c->group = slice_cut(&rest, '/');
	c->version = rest;
	if (rest.ptr == NULL) {
		c->version = c->group;
		c->group = slice_of(NULL, 0);
	}
	c->kind = value_str(value_get(object, KEY_kind));
}

/* Kinds that only subresources of pods take. */
static bool
is_about_pod(struct kg_slice kind)
{
	static const char *const kinds[] = { "PodExecOptions",
		"PodAttachOptions", "PodPortForwardOptions", "Binding",
		"Eviction" };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (slice_is(kind, kinds[i]))
			return true;
	}
	return false;
}

/* "pods" of Pod; for other kinds the usual plural. */
static void
write_resource(
    struct writer *w, struct arena *arena, const struct case_request *c)
{
	const struct pod_kind *known = pod_kind_find(c->group, c->kind);
	struct buf plural;

	buf_init(&plural, arena, 4 * KIB);
	for (size_t i = 0; i < c->kind.len; i++)
		buf_putc(&plural,
		    (char)(c->kind.ptr[i] |
			(c->kind.ptr[i] >= 'A' && c->kind.ptr[i] <= 'Z' ? 0x20
									: 0)));
	buf_puts(&plural, "s");
	writer_string(w,
	    is_about_pod(c->kind) ? SLICE("pods")
		: known != NULL   ? known->resource
				  : buf_slice(&plural));
}

static void
write_kind(struct writer *w, struct arena *arena, const struct case_request *c)
{
	writer_name(w, "kind");
	writer_object(w);
	writer_member(w, "group", c->group);
	writer_member(w, "version", c->version);
	writer_member(w, "kind", c->kind);
	writer_end(w);
	writer_name(w, "resource");
	writer_object(w);
	writer_member(w, "group", c->group);
	writer_member(w, "version", c->version);
	writer_name(w, "resource");
	write_resource(w, arena, c);
	writer_end(w);
}

static struct kg_slice
string_or(const struct value *object, const char *name, const char *fallback)
{
	const struct value *v = value_find(object, slice_str(name));

	return value_is(v, VALUE_STRING) ? value_str(v) : slice_str(fallback);
}

static void
write_request(
    struct writer *w, struct arena *arena, const struct case_request *c)
{
	const struct value *user = value_get(c->request, KEY_userInfo);

	writer_member(w, "uid", SLICE("00000000-0000-0000-0000-000000000001"));
	write_kind(w, arena, c);
	writer_member(
	    w, "subResource", string_or(c->request, "subResource", ""));
	writer_member(w, "name",
	    value_str(value_get(
		value_get(c->object != NULL ? c->object : c->old_object,
		    KEY_metadata),
		KEY_name)));
	writer_member(
	    w, "namespace", string_or(c->request, "namespace", "default"));
	writer_member(w, "operation", c->operation);
	writer_name(w, "userInfo");
	if (value_is(user, VALUE_OBJECT))
		writer_value(w, user);
	else
		writer_raw(w, SLICE("{}"));
	writer_name(w, "object");
	writer_value(w, c->object);
	writer_name(w, "oldObject");
	writer_value(w, c->old_object);
}

static struct kg_slice
make_review(struct arena *arena, const struct value *test)
{
	struct case_request c = { .object = value_get(test, KEY_object),
		.request = value_get(test, KEY_request) };
	struct writer w;
	struct buf b;

	c.old_object = value_get(c.request, KEY_oldObject);
	c.operation = string_or(c.request, "operation", "CREATE");
	if (slice_is(c.operation, "DELETE") && value_is_null(c.old_object)) {
		c.old_object = c.object;
		c.object = NULL;
	}
	split_version(value_is_null(c.object) ? c.old_object : c.object, &c);
	if (c.kind.len == 0 && slice_is(c.operation, "CONNECT")) {
		c.kind = SLICE("PodExecOptions");
		c.version = SLICE("v1");
	}
	buf_init(&b, arena, 64 * MIB);
	writer_init(&w, &b);
	writer_object(&w);
	writer_member(&w, "kind", SLICE("AdmissionReview"));
	writer_member(&w, "apiVersion", SLICE("admission.k8s.io/v1"));
	writer_name(&w, "request");
	writer_object(&w);
	write_request(&w, arena, &c);
	writer_end(&w);
	writer_end(&w);
	return buf_slice(&b);
}

/* --- The policy of a case --- */

static struct kg_slice
value_text(struct arena *arena, const struct value *v)
{
	struct writer w;
	struct buf b;

	buf_init(&b, arena, 64 * MIB);
	writer_init(&w, &b);
	writer_value(&w, v);
	return buf_slice(&b);
}

/* policies/NAME/policy.yaml, below the current folder. */
static struct kg_slice
pack_text(struct arena *arena, struct kg_slice name)
{
	char path[256], block[4096];
	struct buf b;
	FILE *file;
	size_t n;

	buf_init(&b, arena, MIB);
	(void)snprintf(
	    path, sizeof(path), "policies/%.*s/policy.yaml", SLICE_ARG(name));
	file = fopen(path, "r");
	if (file == NULL)
		return slice_of(NULL, 0);
	while ((n = fread(block, 1, sizeof(block), file)) > 0)
		buf_put(&b, slice_of(block, n));
	(void)fclose(file);
	return buf_slice(&b);
}

static struct kg_ruleset *
make_ruleset(struct exam *e, const struct value *policy, struct buf *why)
{
	const struct kg_options options = { 0 };
	struct kg_diags *diags = kg_diags_new();
	struct kg_ruleset *set = NULL;
	size_t count = value_is(policy, VALUE_LIST) ? policy->count : 1;
	struct kg_source *sources =
	    arena_alloc(&e->arena, (count + 1) * sizeof(*sources));

	if (diags == NULL || sources == NULL) {
		kg_diags_free(diags);
		return NULL;
	}
	if (value_is_null(policy) ||
	    slice_is(value_str(policy), "enclave-strict"))
		count = 0;
	for (size_t i = 0; i < count; i++) {
		sources[i].name = SLICE("policy of the case");
		if (policy->kind == VALUE_STRING)
			sources[i].text =
			    pack_text(&e->arena, value_str(policy));
		else
			sources[i].text = value_text(&e->arena,
			    policy->kind == VALUE_LIST ? value_at(policy, i)
						       : policy);
	}
	if (count == 1 && policy->kind == VALUE_STRING &&
	    sources[0].text.ptr == NULL) {
		buf_printf(
		    why, "no pack \"%.*s\"", SLICE_ARG(value_str(policy)));
		kg_diags_free(diags);
		return NULL;
	}
	if (kg_ruleset_compile(sources, count, &options, diags, &set) !=
		KG_OK &&
	    kg_diags_count(diags) > 0)
		buf_printf(why, "policy: %.*s",
		    SLICE_ARG(kg_diags_get(diags, 0)->message));
	kg_diags_free(diags);
	return set;
}

/* --- The verdict --- */

static bool
fires(const struct kg_decision *d, struct kg_slice rule, const char *strength)
{
	for (size_t i = 0; i < d->finding_count; i++) {
		if (slice_eq(d->findings[i].rule, rule) &&
		    (strength == NULL ||
			strcmp(kg_action_name(d->findings[i].action),
			    strength) == 0))
			return true;
	}
	return false;
}

static void
put_findings(struct buf *why, const struct kg_decision *d)
{
	buf_printf(why, "got %s", kg_verdict_name(d->verdict));
	for (size_t i = 0; i < d->finding_count; i++)
		buf_printf(why, ", %.*s at %.*s",
		    SLICE_ARG(d->findings[i].rule),
		    SLICE_ARG(d->findings[i].pointer));
	for (size_t i = 0; i < d->error_count; i++)
		buf_printf(
		    why, ", error %.*s", SLICE_ARG(d->errors[i].message));
	if (d->malformed)
		buf_printf(why, ", %.*s", SLICE_ARG(d->error));
	buf_puts(why, "; ");
}

static bool
compare(const struct value *test, const struct kg_decision *d, struct buf *why)
{
	const struct value *rules = value_find(test, SLICE("rules"));
	const struct value *not = value_find(test, SLICE("not"));
	const struct kg_slice expect =
	    value_str(value_find(test, SLICE("expect")));
	const char *got = kg_verdict_name(d->verdict);
	bool ok = slice_is(expect, got);

	put_findings(why, d);
	if (!ok)
		buf_printf(why, "want %.*s; ", SLICE_ARG(expect));
	for (size_t i = 0; i < value_len(rules); i++) {
		const struct kg_slice id = value_str(value_at(rules, i));

		if (!fires(d, id,
			slice_is(expect, "deny") || slice_is(expect, "warn")
			    ? (slice_is(expect, "deny") ? "deny" : "warn")
			    : NULL)) {
			buf_printf(why, "%.*s did not fire; ", SLICE_ARG(id));
			ok = false;
		}
	}
	for (size_t i = 0; i < value_len(not ); i++) {
		const struct kg_slice id = value_str(value_at(not, i));

		if (fires(d, id, NULL)) {
			buf_printf(why, "%.*s fired; ", SLICE_ARG(id));
			ok = false;
		}
	}
	return ok;
}

enum exam_result
exam_enclave(struct exam *e, const struct value *test, struct buf *why)
{
	const struct value *labels =
	    value_find(value_get(test, KEY_request), SLICE("namespaceLabels"));
	const struct kg_decision *d;
	struct kg_call call = { .phase = KG_VALIDATE,
		.namespace_labels = SLICE("{}"),
		.now_us = clock_wall_us() };
	struct kg_ruleset *set;
	bool ok;

	set = make_ruleset(e, value_find(test, SLICE("policy")), why);
	if (set == NULL) {
		buf_puts(why, " (no rule set)");
		return EXAM_FAIL;
	}
	/* Beside the members of interfaces.md: when the request is made. */
	(void)time_parse(
	    value_str(value_find(value_get(test, KEY_request), SLICE("now"))),
	    &call.now_us);
	if (value_is(labels, VALUE_OBJECT))
		call.namespace_labels = value_text(&e->arena, labels);
	/* The decision says why, also when the review did not succeed. */
	if (kg_review(e->reviewer, set, &call, make_review(&e->arena, test),
		&d) != KG_OK)
		buf_puts(why, "review failed: ");
	ok = compare(test, d, why);
	kg_ruleset_unref(set);
	return ok ? EXAM_PASS : EXAM_FAIL;
}
