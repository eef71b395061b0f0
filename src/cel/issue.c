/* SPDX-License-Identifier: Apache-2.0 */
/* Messages about an expression, and their layout with carets. */
#include "cel/issue.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/diag.h"
#include "base/limits.h"
#include "base/utf8.h"

void
cel_issues_init(struct cel_issues *issues, struct arena *arena)
{
	*issues = (struct cel_issues){ .arena = arena };
}

void
cel_issue_add(struct cel_issues *issues, uint32_t pos, const char *format, ...)
{
	const size_t size = sizeof(*issues->items);
	char text[DIAG_MESSAGE_MAX];
	struct cel_issue *items = issues->items;
	struct kg_slice message;
	va_list ap;
	int n;

	if (issues->count >= CEL_ISSUES_MAX)
		return;
	if (issues->count == issues->cap) {
		const size_t cap = issues->cap == 0 ? 4 : 2 * issues->cap;

		items = arena_grow(
		    issues->arena, items, issues->cap * size, cap * size);
		if (items == NULL)
			return;
		issues->items = items;
		issues->cap = cap;
	}
	va_start(ap, format);
	n = vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	if (n < 0)
		n = 0;
	if ((size_t)n >= sizeof(text))
		n = (int)sizeof(text) - 1;
	message = arena_copy(issues->arena, slice_of(text, (size_t)n));
	if (!arena_failed(issues->arena))
		items[issues->count++] = (struct cel_issue){ pos, message };
}

void
cel_issues_sort(struct cel_issues *issues)
{
	/* Insertion: stable, and nearly in order already. */
	for (size_t i = 1; i < issues->count; i++) {
		const struct cel_issue issue = issues->items[i];
		size_t j = i;

		for (; j > 0 && issues->items[j - 1].pos > issue.pos; j--)
			issues->items[j] = issues->items[j - 1];
		issues->items[j] = issue;
	}
}

/* The line that holds a place, without its break. */
static struct kg_slice
line_at(struct kg_slice text, size_t pos, size_t *at)
{
	size_t start = pos < text.len ? pos : text.len;
	size_t end = start;

	while (start > 0 && text.ptr[start - 1] != '\n')
		start--;
	while (end < text.len && text.ptr[end] != '\n')
		end++;
	*at = (pos < text.len ? pos : text.len) - start;
	return slice_of(text.ptr + start, end - start);
}

static size_t
step(struct kg_slice line, size_t at)
{
	size_t next = at;
	uint32_t code;

	return utf8_next(line, &next, &code) ? next : at + 1;
}

/* Wide characters get wide dots, so that the caret stands below its place. */
static void
put_caret(struct buf *out, struct kg_slice line, size_t at)
{
	size_t i = 0;

	buf_puts(out, "\n | ");
	while (i < at && i < line.len) {
		const size_t next = step(line, i);

		buf_puts(out, next - i > 1 ? "\xef\xbc\x8e" : ".");
		i = next;
	}
	buf_puts(
	    out, i < line.len && step(line, i) - i > 1 ? "\xef\xbc\xbe" : "^");
}

static void
render(struct buf *out, const struct cel_issue *issue, struct kg_slice text)
{
	struct kg_slice line;
	unsigned row, column;
	size_t at;

	line_column(text, issue->pos, &row, &column);
	line = line_at(text, issue->pos, &at);
	buf_printf(out, "ERROR: <input>:%u:%u: ", row, column);
	buf_put(out, issue->message);
	buf_puts(out, "\n | ");
	for (size_t i = 0; i < line.len; i++)
		buf_putc(out, line.ptr[i] == '\t' ? ' ' : line.ptr[i]);
	put_caret(out, line, at);
}

void
cel_issues_render(
    struct buf *out, const struct cel_issues *issues, struct kg_slice text)
{
	for (size_t i = 0; i < issues->count; i++) {
		if (i > 0)
			buf_putc(out, '\n');
		render(out, &issues->items[i], text);
	}
}
