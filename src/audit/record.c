/* SPDX-License-Identifier: Apache-2.0 */
/* The bodies of records, members in their fixed order. */
#include "audit/record.h"

#include "audit/redact.h"
#include "base/limits.h"
#include "value/writer.h"

static void
name_string(struct writer *w, const char *name, struct kg_slice s)
{
	writer_name(w, name);
	writer_string(w, s);
}

/* A body is the rest of an object whose head is written elsewhere. */
static void
begin_body(struct writer *w, struct buf *b, struct arena *arena)
{
	buf_init(b, arena, RECORD_MAX);
	writer_init(w, b);
	w->comma = true;
}

static enum kg_status
end_body(struct buf *b, struct kg_slice *body)
{
	buf_putc(b, '}');
	*body = buf_slice(b);
	if (!buf_failed(b))
		return KG_OK;
	return arena_failed(b->arena) ? b->arena->failure : KG_LIMIT;
}

static void
write_time(struct writer *w, int64_t time_us, const char *type)
{
	char text[TIME_TEXT_LEN];

	time_text(time_us, text);
	name_string(w, "time", slice_of(text, sizeof(text)));
	writer_name(w, "type");
	writer_str(w, type);
	writer_name(w, "engine");
	writer_str(w, KEEPGATE_VERSION);
}

static void
write_request(struct writer *w, const struct kg_request *q)
{
	name_string(w, "uid", q->uid);
	writer_name(w, "dryRun");
	writer_bool(w, q->dry_run);
	name_string(w, "operation", q->operation);
	writer_name(w, "kind");
	writer_object(w);
	name_string(w, "group", q->kind.group);
	name_string(w, "version", q->kind.version);
	name_string(w, "kind", q->kind.kind);
	writer_end(w);
	writer_name(w, "resource");
	writer_object(w);
	name_string(w, "group", q->resource.group);
	name_string(w, "version", q->resource.version);
	name_string(w, "resource", q->resource.resource);
	writer_end(w);
	name_string(w, "subResource", q->subresource);
	name_string(w, "namespace", q->ns);
	name_string(w, "name", q->name);
	if (q->generate_name.len > 0)
		name_string(w, "generateName", q->generate_name);
	writer_name(w, "user");
	writer_object(w);
	name_string(w, "username", q->username);
	writer_name(w, "groups");
	writer_list(w);
	for (size_t i = 0; i < q->group_count; i++)
		writer_string(w, q->groups[i]);
	writer_end(w);
	writer_end(w);
}

static void
write_findings(struct writer *w, const struct kg_decision *d)
{
	writer_name(w, "findings");
	writer_list(w);
	for (size_t i = 0; i < d->finding_count; i++) {
		const struct kg_finding *f = &d->findings[i];

		writer_object(w);
		name_string(w, "policy", f->policy);
		name_string(w, "rule", f->rule);
		writer_name(w, "action");
		writer_str(w, kg_action_name(f->action));
		name_string(w, "pointer", f->pointer);
		name_string(w, "found", f->found);
		writer_end(w);
	}
	writer_end(w);
}

/* Every use of an exception. */
static void
write_exceptions(struct writer *w, const struct kg_decision *d)
{
	if (d->exception_count == 0)
		return;
	writer_name(w, "exceptions");
	writer_list(w);
	for (size_t i = 0; i < d->exception_count; i++) {
		const struct kg_exception_use *use = &d->exceptions[i];

		writer_object(w);
		name_string(w, "name", use->exception);
		name_string(w, "policy", use->policy);
		name_string(w, "rule", use->rule);
		name_string(w, "pointer", use->pointer);
		writer_end(w);
	}
	writer_end(w);
}

/* What policies' auditAnnotations said: "policy.key": value. */
static void
write_annotations(struct writer *w, const struct kg_decision *d)
{
	if (d->annotation_count == 0)
		return;
	writer_name(w, "annotations");
	writer_object(w);
	for (size_t i = 0; i < d->annotation_count; i++) {
		const struct kg_annotation *a = &d->annotations[i];

		writer_name_slice(w, a->name);
		writer_string(w, a->value);
	}
	writer_end(w);
}

static void
write_object(const struct redaction *r, struct writer *w,
    const struct kg_decision *d, const char *name, const struct value *object)
{
	if (value_is_null(object))
		return;
	writer_name(w, name);
	cuts_put_object(&r->cuts, w->out, d->body, d->request.raw, object);
	w->comma = true;
}

static void
write_objects(struct writer *w, struct arena *arena,
    const struct audit_policy *policy, const struct kg_ruleset *set,
    const struct kg_decision *d)
{
	struct redaction r = { .arena = arena, .cuts.arena = arena };
	const struct kg_request *q = &d->request;

	redact_object(&r, policy, set, q, q->object, "/object");
	redact_object(&r, policy, set, q, q->old_object, "/oldObject");
	cuts_seal(&r.cuts);
	write_object(&r, w, d, "object", q->object);
	write_object(&r, w, d, "oldObject", q->old_object);
	if (r.count == 0)
		return;
	writer_name(w, "redacted");
	writer_list(w);
	for (size_t i = 0; i < r.count; i++)
		writer_string(w, r.pointers[i]);
	writer_end(w);
}

/* Why a request erred: the server's reason, or each policy's. */
static void
write_error(struct writer *w, struct arena *arena, const struct kg_decision *d)
{
	struct buf b;

	if (d->error.len == 0 && d->error_count == 0)
		return;
	buf_init(&b, arena, RECORD_MAX);
	buf_put(&b, d->error);
	for (size_t i = 0; i < d->error_count; i++) {
		if (b.len > 0)
			buf_puts(&b, "; ");
		buf_put(&b, d->errors[i].policy);
		buf_puts(&b, ": ");
		buf_put(&b, d->errors[i].message);
		if (d->errors[i].ignored)
			buf_puts(&b, " (ignored)");
	}
	name_string(w, "error", buf_slice(&b));
}

static enum kg_status
write_malformed(struct writer *w, const struct kg_decision *d)
{
	struct sha256 *h = sha256_new();
	char hex[SHA256_HEX];
	enum kg_status st = h != NULL ? sha256_begin(h) : KG_NOMEM;

	if (st == KG_OK)
		st = sha256_update(h, d->body);
	if (st == KG_OK)
		st = sha256_end(h, hex);
	sha256_free(h);
	if (st != KG_OK)
		return st;
	name_string(w, "error", d->error);
	writer_name(w, "bodyBytes");
	writer_uint(w, d->body.len);
	name_string(w, "bodySha256", slice_of(hex, sizeof(hex)));
	return KG_OK;
}

enum kg_status
record_decision(struct arena *arena, const struct audit_policy *policy,
    const struct kg_ruleset *set, const struct kg_decision *d,
    const struct record_context *context, struct kg_slice *body)
{
	enum kg_status st = KG_OK;
	const bool objects = !d->malformed && policy->objects != AUDIT_NONE;
	struct writer w;
	struct buf b;

	if (objects && value_child_pos(d->request.raw, 0) == POS_NONE)
		return KG_INVALID;
	begin_body(&w, &b, arena);
	write_time(&w, context->time_us, "decision");
	name_string(&w, "ruleset", d->ruleset);
	writer_name(&w, "phase");
	writer_str(&w, d->phase == KG_MUTATE ? "mutate" : "validate");
	if (!d->malformed)
		write_request(&w, &d->request);
	writer_name(&w, "verdict");
	writer_str(&w, kg_verdict_name(d->verdict));
	writer_name(&w, "code");
	writer_int(&w, d->code);
	if (!d->malformed) {
		name_string(&w, "profile", d->profile);
		write_findings(&w, d);
		write_exceptions(&w, d);
		write_annotations(&w, d);
	}
	writer_name(&w, "latencyUs");
	writer_int(&w, context->latency_us);
	if (d->malformed)
		st = write_malformed(&w, d);
	else
		write_error(&w, arena, d);
	if (objects)
		write_objects(&w, arena, policy, set, d);
	if (arena_failed(arena))
		return arena->failure;
	return st == KG_OK ? end_body(&b, body) : st;
}

enum kg_status
record_open_body(
    struct arena *arena, const struct record_open *open, struct kg_slice *body)
{
	struct writer w;
	struct buf b;

	begin_body(&w, &b, arena);
	write_time(&w, open->time_us, "open");
	name_string(&w, "ruleset", open->ruleset);
	name_string(&w, "previous", open->previous);
	writer_name(&w, "recoveredBytes");
	writer_uint(&w, open->recovered_bytes);
	return end_body(&b, body);
}

enum kg_status
record_reload_body(struct arena *arena, const struct record_reload *reload,
    struct kg_slice *body)
{
	struct writer w;
	struct buf b;

	begin_body(&w, &b, arena);
	write_time(&w, reload->time_us, "reload");
	name_string(&w, "ruleset", reload->ruleset);
	name_string(&w, "what", reload->what);
	name_string(&w, "result",
	    reload->error.len > 0 ? SLICE("failed") : SLICE("ok"));
	if (reload->error.len > 0)
		name_string(&w, "error", reload->error);
	return end_body(&b, body);
}

enum kg_status
record_close_body(struct arena *arena, int64_t time_us, struct kg_slice *body)
{
	struct writer w;
	struct buf b;

	begin_body(&w, &b, arena);
	write_time(&w, time_us, "close");
	return end_body(&b, body);
}
