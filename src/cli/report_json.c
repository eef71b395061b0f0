/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For programs: one document, built with cJSON. Text of ours goes in as raw
 * JSON from our own writer, because cJSON would end it at a NUL.
 */
#include "base/limits.h"
#include "cli/cjson.h"
#include "cli/report.h"
#include "value/writer.h"

static cJSON *results;
static struct arena arena;
static bool failed; /* a text could not be written */

static void
add_slice(cJSON *object, const char *name, struct kg_slice text)
{
	struct writer w;
	struct buf b;

	if (arena.cap == 0)
		arena_init(&arena, ARENA_DIAGS_MAX);
	arena_reset(&arena);
	buf_init(&b, &arena, ARENA_DIAGS_MAX);
	writer_init(&w, &b);
	writer_string(&w, text);
	buf_putc(&b, '\0');
	failed = failed || (buf_failed(&b) && arena.failure == KG_NOMEM);
	cjson_add(object, name,
	    cJSON_CreateRaw(buf_failed(&b) ? "\"(too long)\"" : b.ptr));
}

static void
add_position(cJSON *object, unsigned line, unsigned column)
{
	if (line == 0)
		return;
	cJSON_AddNumberToObject(object, "line", line);
	cJSON_AddNumberToObject(object, "column", column);
}

static cJSON *
finding_json(const struct kg_finding *f, struct position at)
{
	cJSON *o = cJSON_CreateObject();

	add_slice(o, "policy", f->policy);
	add_slice(o, "rule", f->rule);
	cJSON_AddStringToObject(o, "action", kg_action_name(f->action));
	add_slice(o, "pointer", f->pointer);
	add_position(o, at.line, at.column);
	add_slice(o, "found", f->found);
	add_slice(o, "allowed", f->allowed);
	add_slice(o, "fix", f->fix);
	return o;
}

static cJSON *
error_json(const struct kg_eval_error *e)
{
	cJSON *o = cJSON_CreateObject();

	add_slice(o, "policy", e->policy);
	add_slice(o, "message", e->message);
	cJSON_AddBoolToObject(o, "ignored", e->ignored);
	return o;
}

static void
add_exceptions(cJSON *o, const struct kg_decision *d)
{
	cJSON *list;

	if (d == NULL || d->exception_count == 0)
		return;
	list = cJSON_AddArrayToObject(o, "exceptions");
	for (size_t i = 0; i < d->exception_count; i++) {
		const struct kg_exception_use *use = &d->exceptions[i];
		cJSON *item = cJSON_CreateObject();

		add_slice(item, "name", use->exception);
		add_slice(item, "policy", use->policy);
		add_slice(item, "rule", use->rule);
		add_slice(item, "pointer", use->pointer);
		cjson_append(list, item);
	}
}

static void
add_object(cJSON *o, const struct result *r)
{
	cJSON *object = cJSON_AddObjectToObject(o, "object");

	add_slice(object, "apiVersion", r->api_version);
	add_slice(object, "kind", r->kind);
	add_slice(object, "namespace", r->ns);
	add_slice(object, "name", r->name);
}

static void
begin(void)
{
	if (results != NULL)
		return;
	cjson_watch();
	results = cJSON_CreateArray();
}

static void
json_result(const struct result *r)
{
	const struct kg_decision *d = r->decision;
	cJSON *o, *findings, *errors;

	begin();
	o = cJSON_CreateObject();
	add_slice(o, "file", r->file);
	cJSON_AddNumberToObject(o, "document", r->document);
	cJSON_AddNumberToObject(o, "line", r->line);
	add_object(o, r);
	add_slice(o, "operation", r->operation);
	add_slice(o, "profile", d != NULL ? d->profile : SLICE(""));
	cJSON_AddStringToObject(o, "verdict", result_verdict_name(r->verdict));
	findings = cJSON_AddArrayToObject(o, "findings");
	errors = cJSON_AddArrayToObject(o, "errors");
	for (size_t i = 0; d != NULL && i < d->finding_count; i++)
		cjson_append(
		    findings, finding_json(&d->findings[i], r->positions[i]));
	for (size_t i = 0; d != NULL && i < d->error_count; i++)
		cjson_append(errors, error_json(&d->errors[i]));
	add_exceptions(o, d);
	cjson_append(results, o);
}

static cJSON *
diags_json(const struct kg_diags *diags)
{
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i < kg_diags_count(diags); i++) {
		const struct kg_diag *d = kg_diags_get(diags, i);
		cJSON *o;

		if (d->severity != KG_ERROR)
			continue;
		o = cJSON_CreateObject();
		add_slice(o, "file", d->file);
		add_position(o, d->line, d->column);
		add_slice(o, "message", d->message);
		cjson_append(list, o);
	}
	return list;
}

static bool
json_end(const struct summary *s)
{
	cJSON *root, *summary;
	char *text;

	begin();
	root = cJSON_CreateObject();
	cJSON_AddStringToObject(root, "version", KEEPGATE_VERSION);
	add_slice(root, "ruleset", s->ruleset);
	cjson_add(root, "results", results);
	cjson_add(root, "errors", diags_json(s->diags));
	summary = cJSON_AddObjectToObject(root, "summary");
	for (unsigned v = 0; v < RESULT_COUNT; v++)
		cJSON_AddNumberToObject(summary,
		    result_verdict_name((enum result_verdict)v),
		    (double)s->verdicts[v]);
	cJSON_AddNumberToObject(
	    summary, "inputErrors", (double)s->input_errors);
	text = cJSON_Print(root);
	cJSON_Delete(root);
	results = NULL;
	arena_release(&arena);
	failed = failed || text == NULL || cjson_failed();
	if (!failed)
		puts(text);
	free(text);
	return !failed;
}

const struct report report_json = { json_result, json_end };
