/* SPDX-License-Identifier: Apache-2.0 */
/* The bodies of records, members in their fixed order. */
#include "audit/record.h"

#include "audit/redact.h"
#include "base/limits.h"
#include "value/writer.h"

/* As much as a body without objects mostly takes. */
#define BODY_FIRST 2048u

/* A body is the rest of an object whose head is written elsewhere. */
static void
begin_body(struct writer *w, struct buf *b, struct arena *arena)
{
	buf_init(b, arena, RECORD_MAX);
	writer_init(w, b);
	(void)buf_room(b, BODY_FIRST);
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
	writer_member(w, "time", slice_of(text, sizeof(text)));
	writer_member(w, "type", slice_str(type));
	writer_member(w, "engine", SLICE(KEEPGATE_VERSION));
}

static void
write_request(struct writer *w, const struct kg_request *q)
{
	writer_member(w, "uid", q->uid);
	writer_name(w, "dryRun");
	writer_bool(w, q->dry_run);
	writer_member(w, "operation", q->operation);
	writer_name(w, "kind");
	writer_object(w);
	writer_member(w, "group", q->kind.group);
	writer_member(w, "version", q->kind.version);
	writer_member(w, "kind", q->kind.kind);
	writer_end(w);
	writer_name(w, "resource");
	writer_object(w);
	writer_member(w, "group", q->resource.group);
	writer_member(w, "version", q->resource.version);
	writer_member(w, "resource", q->resource.resource);
	writer_end(w);
	writer_member(w, "subResource", q->subresource);
	writer_member(w, "namespace", q->ns);
	writer_member(w, "name", q->name);
	if (q->generate_name.len > 0)
		writer_member(w, "generateName", q->generate_name);
	writer_name(w, "user");
	writer_object(w);
	writer_member(w, "username", q->username);
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
		writer_member(w, "policy", f->policy);
		writer_member(w, "rule", f->rule);
		writer_member(
		    w, "action", slice_str(kg_action_name(f->action)));
		writer_member(w, "pointer", f->pointer);
		writer_member(w, "found", f->found);
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
		writer_member(w, "name", use->exception);
		writer_member(w, "policy", use->policy);
		writer_member(w, "rule", use->rule);
		writer_member(w, "pointer", use->pointer);
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
	const struct kg_request *q = &d->request;
	struct redaction r;

	redaction_init(&r, arena);
	redact_object(&r, policy, set, q, q->object, "/object");
	redact_object(&r, policy, set, q, q->old_object, "/oldObject");
	cuts_seal(&r.cuts);
	write_object(&r, w, d, "object", q->object);
	write_object(&r, w, d, "oldObject", q->old_object);
	if (r.pointers.len == 0)
		return;
	writer_name(w, "redacted");
	writer_list(w);
	writer_raw(w, buf_slice(&r.pointers));
	writer_end(w);
	w->out->failed |= buf_failed(&r.pointers);
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
	writer_member(w, "error", buf_slice(&b));
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
	writer_member(w, "error", d->error);
	writer_name(w, "bodyBytes");
	writer_uint(w, d->body.len);
	writer_member(w, "bodySha256", slice_of(hex, sizeof(hex)));
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
	writer_member(&w, "ruleset", d->ruleset);
	writer_member(&w, "phase",
	    d->phase == KG_MUTATE ? SLICE("mutate") : SLICE("validate"));
	if (!d->malformed)
		write_request(&w, &d->request);
	writer_member(&w, "verdict", slice_str(kg_verdict_name(d->verdict)));
	writer_name(&w, "code");
	writer_int(&w, d->code);
	if (!d->malformed) {
		writer_member(&w, "profile", d->profile);
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
	writer_member(&w, "ruleset", open->ruleset);
	writer_member(&w, "previous", open->previous);
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
	writer_member(&w, "ruleset", reload->ruleset);
	writer_member(&w, "what", reload->what);
	writer_member(&w, "result",
	    reload->error.len > 0 ? SLICE("failed") : SLICE("ok"));
	if (reload->error.len > 0)
		writer_member(&w, "error", reload->error);
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
