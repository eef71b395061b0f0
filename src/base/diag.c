/* SPDX-License-Identifier: Apache-2.0 */
/* Keeps messages in an arena of their own and renders them with a caret. */
#include "base/diag.h"

#include <stdarg.h>

#include "base/limits.h"
#include "base/utf8.h"

struct kg_diags {
	struct arena arena;
	struct kg_diag *list;
	size_t count, cap, errors;
};

struct kg_diags *
kg_diags_new(void)
{
	struct kg_diags *diags = calloc(1, sizeof(*diags));

	if (diags != NULL)
		arena_init(&diags->arena, ARENA_DIAGS_MAX);
	return diags;
}

void
kg_diags_free(struct kg_diags *diags)
{
	if (diags == NULL)
		return;
	arena_release(&diags->arena);
	free(diags);
}

size_t
kg_diags_count(const struct kg_diags *diags)
{
	return diags->count;
}

size_t
kg_diags_errors(const struct kg_diags *diags)
{
	return diags->errors;
}

bool
diags_lost(const struct kg_diags *diags)
{
	return arena_failed(&diags->arena);
}

const struct kg_diag *
kg_diags_get(const struct kg_diags *diags, size_t index)
{
	return index < diags->count ? &diags->list[index] : NULL;
}

static bool
is_break(char c)
{
	return c == '\n' || c == '\r';
}

void
line_column(struct kg_slice text, size_t pos, unsigned *line, unsigned *column)
{
	size_t start = 0;

	if (pos > text.len)
		pos = text.len;
	*line = 1;
	for (size_t i = 0; i < pos; i++) {
		/* CR LF is one break: it ends at its LF. */
		if (!is_break(text.ptr[i]) ||
		    (text.ptr[i] == '\r' && i + 1 < text.len &&
			text.ptr[i + 1] == '\n'))
			continue;
		++*line;
		start = i + 1;
	}
	*column =
	    1 + (unsigned)utf8_length(slice_of(text.ptr + start, pos - start));
}

/*
 * The line around a byte offset; of a long line the part that fits
 * DIAG_SOURCE_MAX with the place in its middle. *at is the place within it.
 */
static struct kg_slice
source_line(struct kg_slice text, size_t pos, size_t *at)
{
	size_t start, end;

	if (pos > text.len)
		pos = text.len;
	start = end = pos;
	while (start > 0 && pos - start < DIAG_SOURCE_MAX / 2 &&
	    !is_break(text.ptr[start - 1]))
		start--;
	while (end < text.len && end - start < DIAG_SOURCE_MAX &&
	    !is_break(text.ptr[end]))
		end++;
	/* Do not begin inside a code point. */
	while (start < pos && ((unsigned char)text.ptr[start] & 0xc0) == 0x80)
		start++;
	*at = pos - start;
	return utf8_cut(
	    slice_of(text.ptr + start, text.len - start), end - start);
}

static struct kg_diag *
new_diag(struct kg_diags *diags)
{
	struct kg_diag *list;

	if (diags->count >= DIAGS_MAX)
		return NULL;
	list = arena_more(&diags->arena, diags->list, diags->count, &diags->cap,
	    sizeof(*list));
	if (list == NULL)
		return NULL;
	diags->list = list;
	return &diags->list[diags->count++];
}

void
diag_add_text(struct kg_diags *diags, enum kg_severity severity,
    const struct place *place, uint32_t pos, struct kg_slice message)
{
	struct kg_diag *d;

	if (severity == KG_ERROR)
		diags->errors++;
	d = new_diag(diags);
	if (d == NULL)
		return;
	*d = (struct kg_diag){
		.severity = severity,
		.message = arena_copy(
		    &diags->arena, utf8_cut(message, DIAG_MESSAGE_MAX)),
	};
	if (place == NULL)
		return;
	d->file = arena_copy(&diags->arena, place->file);
	d->document = place->document;
	if (pos != POS_NONE) {
		struct kg_slice line;
		size_t at;

		line_column(place->text, pos, &d->line, &d->column);
		line = source_line(place->text, pos, &at);
		d->source = arena_copy(&diags->arena, line);
		d->caret = 1 + (unsigned)utf8_length(slice_upto(line, at));
	}
}

void
diag_add(struct kg_diags *diags, enum kg_severity severity,
    const struct place *place, uint32_t pos, const char *format, ...)
{
	char text[DIAG_MESSAGE_MAX + 1];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (n < 0)
		n = 0;
	diag_add_text(diags, severity, place, pos,
	    utf8_cut(
		slice_of(text,
		    (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1),
		DIAG_MESSAGE_MAX));
}

/* The line and a caret below it; tabs stay tabs in both, what a terminal
 * could take amiss is replaced. */
static void
render_source(struct buf *out, const struct kg_diag *d)
{
	struct kg_slice line = d->source;
	size_t at = 0;
	unsigned column = 1;

	buf_puts(out, "    ");
	while (at < line.len) {
		const size_t start = at;
		uint32_t code;

		if (!utf8_next(line, &at, &code)) {
			buf_putc(out, '?');
			at++;
		} else if (code != '\t' &&
		    (code < 0x20 || (code >= 0x7f && code < 0xa0))) {
			buf_putc(out, ' ');
		} else {
			buf_put(out, slice_of(line.ptr + start, at - start));
		}
	}
	buf_puts(out, "\n    ");
	for (at = 0; column < d->caret && at < line.len; column++) {
		uint32_t code = ' ';

		if (!utf8_next(line, &at, &code))
			at++;
		buf_putc(out, code == '\t' ? '\t' : ' ');
	}
	buf_puts(out, "^\n");
}

void
diag_render(struct buf *out, const struct kg_diag *d)
{
	static const char *const names[] = {
		[KG_ERROR] = "error",
		[KG_WARNING] = "warning",
		[KG_NOTE] = "note",
	};

	if (d->file.len > 0) {
		buf_put_line(out, d->file);
		if (d->line > 0)
			buf_printf(out, ":%u:%u", d->line, d->column);
		buf_puts(out, ": ");
	}
	buf_puts(out, names[d->severity]);
	buf_puts(out, ": ");
	buf_put_line(out, d->message);
	buf_putc(out, '\n');
	if (d->line > 0)
		render_source(out, d);
}
