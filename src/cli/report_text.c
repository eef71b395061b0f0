/* SPDX-License-Identifier: Apache-2.0 */
/* For people: a headline an object, a block a finding, a tally at the end. */
#include <unistd.h>

#include "base/limits.h"
#include "cli/report.h"

static bool color, failed;

void
report_text_color(enum color_when when)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	if (when == COLOR_AUTO)
		color = isatty(STDOUT_FILENO) &&
		    (no == NULL || no[0] == '\0') &&
		    (term == NULL || strcmp(term, "dumb") != 0);
	else
		color = when == COLOR_ALWAYS;
}

enum result_verdict
result_verdict_of(enum kg_verdict verdict)
{
	switch (verdict) {
	case KG_ALLOW:
		return RESULT_ALLOW;
	case KG_WARN:
		return RESULT_WARN;
	case KG_DENY:
		return RESULT_DENY;
	case KG_VERDICT_ERROR:
		break;
	}
	return RESULT_ERROR;
}

const char *
result_verdict_name(enum result_verdict verdict)
{
	static const char *const names[RESULT_COUNT] = {
		[RESULT_ALLOW] = "allow",
		[RESULT_WARN] = "warn",
		[RESULT_DENY] = "deny",
		[RESULT_ERROR] = "error",
		[RESULT_SKIP] = "skip",
	};

	return names[verdict];
}

static const char *
paint(enum result_verdict verdict)
{
	static const char *const codes[RESULT_COUNT] = {
		[RESULT_ALLOW] = "\033[32m",
		[RESULT_WARN] = "\033[33m",
		[RESULT_DENY] = "\033[31m",
		[RESULT_ERROR] = "\033[35m",
		[RESULT_SKIP] = "\033[2m",
	};

	return color ? codes[verdict] : "";
}

static const char *
unpaint(void)
{
	return color ? "\033[0m" : "";
}

/* Writes a builder out, whatever bytes are in it. */
static void
flush(struct buf *b)
{
	if (b->len > 0)
		(void)fwrite(b->ptr, 1, b->len, stdout);
	b->len = 0;
}

static void
put_headline(struct buf *b, const struct result *r)
{
	buf_put_line(b, r->file);
	if (r->line > 0)
		buf_printf(b, ":%u", r->line);
	buf_puts(b, ": ");
	buf_put_line(b, r->kind);
	buf_putc(b, ' ');
	if (r->ns.len > 0) {
		buf_put_line(b, r->ns);
		buf_putc(b, '/');
	}
	buf_put_line(b, r->name.len > 0 ? r->name : SLICE("(no name)"));
	buf_printf(b, ": %s%s%s", paint(r->verdict),
	    result_verdict_name(r->verdict), unpaint());
	if (r->decision != NULL && r->decision->profile.len > 0) {
		buf_puts(b, " (profile ");
		buf_put_line(b, r->decision->profile);
		buf_putc(b, ')');
	}
	buf_putc(b, '\n');
}

static enum result_verdict
action_color(enum kg_action action)
{
	return action == KG_ACTION_DENY ? RESULT_DENY
	    : action == KG_ACTION_WARN  ? RESULT_WARN
					: RESULT_SKIP;
}

static void
put_finding(struct buf *b, const struct result *r, size_t i)
{
	const struct kg_finding *f = &r->decision->findings[i];
	const struct position at = r->positions[i];
	const struct {
		const char *name;
		struct kg_slice text;
	} rows[] = { { f->code == 0 ? "found:  " : "message:", f->found },
		{ "allowed:", f->allowed }, { "fix:    ", f->fix } };

	buf_printf(b, "  %s%.*s %s%s ", paint(action_color(f->action)),
	    SLICE_ARG(f->rule), kg_action_name(f->action), unpaint());
	buf_put_line(b, f->pointer.len > 0 ? f->pointer : SLICE("/"));
	if (at.line > 0)
		buf_printf(b, " (line %u, column %u)", at.line, at.column);
	buf_putc(b, '\n');
	for (size_t k = 0; k < (f->code == 0 ? 3 : 1); k++) {
		buf_printf(b, "    %s ", rows[k].name);
		buf_put_line(b, rows[k].text);
		buf_putc(b, '\n');
	}
}

static void
put_exceptions(struct buf *b, const struct kg_decision *d)
{
	for (size_t i = 0; d != NULL && i < d->exception_count; i++) {
		buf_puts(b, "  exception ");
		buf_put_line(b, d->exceptions[i].exception);
		buf_puts(b, " covers ");
		buf_put_line(b, d->exceptions[i].rule);
		buf_puts(b, " of policy ");
		buf_put_line(b, d->exceptions[i].policy);
		buf_puts(b, " at ");
		buf_put_line(b, d->exceptions[i].pointer);
		buf_putc(b, '\n');
	}
}

static void
text_result(const struct result *r)
{
	struct arena arena;
	struct buf b;

	arena_init(&arena, ARENA_DIAGS_MAX);
	buf_init(&b, &arena, ARENA_DIAGS_MAX);
	if (r->verdict != RESULT_SKIP)
		put_headline(&b, r);
	for (size_t i = 0;
	     r->decision != NULL && i < r->decision->finding_count; i++) {
		put_finding(&b, r, i);
		flush(&b);
	}
	for (size_t i = 0; r->decision != NULL && i < r->decision->error_count;
	     i++) {
		buf_puts(&b, "  error in policy ");
		buf_put_line(&b, r->decision->errors[i].policy);
		buf_puts(&b, ": ");
		buf_put_line(&b, r->decision->errors[i].message);
		buf_puts(&b,
		    r->decision->errors[i].ignored
			? " (ignored: failurePolicy)\n"
			: "\n");
	}
	put_exceptions(&b, r->decision);
	flush(&b);
	failed = failed || buf_failed(&b);
	arena_release(&arena);
}

static bool
text_end(const struct summary *s)
{
	for (unsigned v = 0; v < RESULT_COUNT; v++)
		printf("%s: %zu, ", result_verdict_name((enum result_verdict)v),
		    s->verdicts[v]);
	printf("input errors: %zu\n", s->input_errors);
	return !failed;
}

const struct report report_text = { text_result, text_end };

static void
review_result(const struct result *r)
{
	if (r->reply.len == 0)
		return;
	(void)fwrite(r->reply.ptr, 1, r->reply.len, stdout);
	putchar('\n');
}

static bool
review_end(const struct summary *s)
{
	(void)s;
	return true;
}

const struct report report_review = { review_result, review_end };
