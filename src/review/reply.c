/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AdmissionReview out: the answer in the request's own version. The API
 * server shows status.message and warnings to people, and keeps
 * auditAnnotations in its own audit log.
 */
#include "base/limits.h"
#include "base/utf8.h"
#include "review/reviewer.h"
#include "value/writer.h"

#define REPLY_MAX (64u * KIB)
#define REPLY_FIRST 512u /* as much as one mostly takes */

void
finding_put_line(struct buf *out, const struct kg_finding *f)
{
	buf_put(out, f->rule);
	if (f->code != 0) { /* the message says it all */
		buf_puts(out, ": ");
		buf_put_line(out, f->found);
		return;
	}
	buf_putc(out, ' ');
	buf_put_line(out, f->pointer.len > 0 ? f->pointer : SLICE("/"));
	buf_puts(out, ": found ");
	buf_put_line(out, f->found);
	buf_puts(out, "; allowed ");
	buf_put_line(out, f->allowed);
	buf_puts(out, "; fix: ");
	buf_put_line(out, f->fix);
}

/* One finding's line, and how long it may be. */
static struct kg_slice
finding_line(struct arena *arena, const struct kg_finding *f)
{
	struct buf b;

	buf_init(&b, arena, REPLY_MAX);
	finding_put_line(&b, f);
	return buf_failed(&b) ? f->rule : buf_slice(&b);
}

/* Denied findings, a line each, cut at DENIAL_MAX with "and N more". */
static struct kg_slice
denial_message(struct arena *arena, const struct kg_decision *d)
{
	const size_t room = DENIAL_MAX - 32; /* for the last line */
	size_t left = 0;
	struct buf b;

	buf_init(&b, arena, REPLY_MAX);
	for (size_t i = 0; i < d->finding_count; i++) {
		struct kg_slice line;

		if (d->findings[i].action != KG_ACTION_DENY)
			continue;
		line = utf8_cut(finding_line(arena, &d->findings[i]), room);
		if (left > 0 || b.len + 1 + line.len > room + 1) {
			left++;
			continue;
		}
		if (b.len > 0)
			buf_putc(&b, '\n');
		buf_put(&b, line);
	}
	if (left > 0)
		buf_printf(&b, "\nand %zu more", left);
	return buf_slice(&b);
}

/* Evaluation errors that refuse the request, or the server's own reason. */
static struct kg_slice
error_message(struct arena *arena, const struct kg_decision *d)
{
	struct buf b;

	if (d->error.len > 0)
		return d->error;
	buf_init(&b, arena, DENIAL_MAX);
	for (size_t i = 0; i < d->error_count; i++) {
		if (d->errors[i].ignored)
			continue;
		if (b.len > 0)
			buf_putc(&b, '\n');
		buf_puts(&b, "policy ");
		buf_put_line(&b, d->errors[i].policy);
		buf_puts(&b, ": ");
		buf_put_line(&b, d->errors[i].message);
	}
	return buf_failed(&b) || b.len == 0
	    ? SLICE("a policy could not be evaluated")
	    : buf_slice(&b);
}

static const char *
denial_reason(int code)
{
	return code == 413 ? "RequestEntityTooLarge"
	    : code == 422  ? "Invalid"
			   : "Forbidden";
}

static void
write_status(struct writer *w, struct arena *arena, const struct kg_decision *d)
{
	const bool denied = d->verdict == KG_DENY;

	writer_name(w, "status");
	writer_object(w);
	writer_member(w, "status", SLICE("Failure"));
	writer_member(w, "message",
	    denied ? denial_message(arena, d) : error_message(arena, d));
	writer_member(w, "reason",
	    slice_str(denied ? denial_reason(d->code) : "InternalError"));
	writer_name(w, "code");
	writer_int(w, d->code);
	writer_end(w);
}

/* At most `max` code points, whole lines of text, cut with "...". */
static struct kg_slice
cut_warning(struct arena *arena, struct kg_slice line, size_t max)
{
	struct buf b;
	size_t at = 0, points = 0;
	uint32_t code;

	if (utf8_length(line) <= max)
		return line;
	while (points < max - 3 && utf8_next(line, &at, &code))
		points++;
	buf_init(&b, arena, REPLY_MAX);
	buf_put(&b, slice_upto(line, at));
	buf_puts(&b, "...");
	return buf_slice(&b);
}

static void
write_warnings(
    struct writer *w, struct arena *arena, const struct kg_decision *d)
{
	size_t total = 0;
	bool any = false;

	for (size_t i = 0; i < d->finding_count; i++) {
		struct kg_slice line;

		if (d->findings[i].action != KG_ACTION_WARN)
			continue;
		line = cut_warning(
		    arena, finding_line(arena, &d->findings[i]), WARNING_MAX);
		total += utf8_length(line);
		if (total > WARNINGS_MAX)
			break;
		if (!any) {
			writer_name(w, "warnings");
			writer_list(w);
		}
		any = true;
		writer_string(w, line);
	}
	if (any)
		writer_end(w);
}

/* True when an earlier finding has the same rule. */
static bool
named_before(const struct kg_decision *d, size_t i)
{
	for (size_t k = 0; k < i; k++) {
		if (slice_eq(d->findings[k].rule, d->findings[i].rule))
			return true;
	}
	return false;
}

static void
put_id(struct buf *b, struct kg_slice id)
{
	if (b->len > 0)
		buf_putc(b, ',');
	buf_put(b, id);
}

/* Ids of all findings, each once: the built-in ones in their order, then
 * those of policies' own. */
static struct kg_slice
rule_ids(struct arena *arena, const struct kg_decision *d)
{
	struct buf b;

	buf_init(&b, arena, REPLY_MAX);
	for (size_t r = 0; r < kg_rule_count(); r++) {
		const struct kg_slice id = slice_str(kg_rule_get(r)->id);
		size_t i = 0;

		while (
		    i < d->finding_count && !slice_eq(d->findings[i].rule, id))
			i++;
		if (i < d->finding_count)
			put_id(&b, id);
	}
	for (size_t i = 0; i < d->finding_count; i++) {
		if (d->findings[i].code != 0 && !named_before(d, i))
			put_id(&b, d->findings[i].rule);
	}
	return buf_slice(&b);
}

/* Names of the exceptions that were used, each once, in order of use. */
static struct kg_slice
exception_names(struct arena *arena, const struct kg_decision *d)
{
	struct buf b;

	buf_init(&b, arena, REPLY_MAX);
	for (size_t i = 0; i < d->exception_count; i++) {
		const struct kg_slice name = d->exceptions[i].exception;
		size_t k = 0;

		while (k < i && !slice_eq(d->exceptions[k].exception, name))
			k++;
		if (k < i)
			continue;
		if (b.len > 0)
			buf_putc(&b, ',');
		buf_put(&b, name);
	}
	return buf_slice(&b);
}

static void
write_annotations(
    struct writer *w, struct arena *arena, const struct kg_decision *d)
{
	writer_name(w, "auditAnnotations");
	writer_object(w);
	writer_member(w, "verdict", slice_str(kg_verdict_name(d->verdict)));
	if (d->finding_count > 0)
		writer_member(w, "rules", rule_ids(arena, d));
	if (d->exception_count > 0)
		writer_member(w, "exceptions", exception_names(arena, d));
	writer_member(w, "ruleset", d->ruleset);
	for (size_t i = 0; i < d->annotation_count; i++) {
		const struct kg_annotation *a = &d->annotations[i];

		writer_name_slice(w, a->name);
		writer_string(w, a->value);
	}
	writer_end(w);
}

enum kg_status
kg_decision_reply(
    struct kg_reviewer *r, const struct kg_decision *d, struct kg_slice *out)
{
	struct arena *arena = &r->out;
	struct writer w;
	struct buf b;

	*out = d->error;
	if (d->malformed)
		return KG_OK;
	arena_reset(arena);
	buf_init(&b, arena, REPLY_MAX);
	(void)buf_room(&b, REPLY_FIRST);
	writer_init(&w, &b);
	writer_object(&w);
	writer_member(&w, "kind", SLICE("AdmissionReview"));
	writer_member(&w, "apiVersion", d->request.api_version);
	writer_name(&w, "response");
	writer_object(&w);
	writer_member(&w, "uid", d->request.uid);
	writer_name(&w, "allowed");
	writer_bool(&w, d->allowed);
	if (!d->allowed)
		write_status(&w, arena, d);
	write_warnings(&w, arena, d);
	write_annotations(&w, arena, d);
	writer_end(&w);
	writer_end(&w);
	*out = buf_slice(&b);
	return buf_failed(&b) ? KG_LIMIT : KG_OK;
}
