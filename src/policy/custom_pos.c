/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a place in an expression to one in the file. The file spells the text
 * in one of YAML's or JSON's ways; both are read along together, white space
 * aside, until the place is reached.
 */
#include "policy/custom.h"

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Behind the quote of a quoted scalar, or the first line of a block. */
static size_t
content_start(struct kg_slice file, size_t pos, char *style)
{
	*style = pos < file.len ? file.ptr[pos] : '\0';
	if (*style == '\'' || *style == '"')
		return pos + 1;
	if (*style != '|' && *style != '>') {
		*style = '\0';
		return pos;
	}
	return pos + slice_find(slice_from(file, pos), '\n');
}

/* The bytes that stand for `c` at file[at]; 0 when something else does. */
static size_t
spelled(struct kg_slice file, size_t at, char c, char style)
{
	if (at >= file.len)
		return 0;
	if (style == '\'' && c == '\'')
		return file.ptr[at] == c && at + 1 < file.len &&
			file.ptr[at + 1] == c
		    ? 2
		    : 0;
	if (style == '"' && file.ptr[at] == '\\')
		return at + 1 < file.len && file.ptr[at + 1] == c ? 2 : 0;
	return file.ptr[at] == c ? 1 : 0;
}

static size_t
skip_space(struct kg_slice file, size_t at, char style)
{
	for (; at < file.len; at++) {
		if (is_space(file.ptr[at]))
			continue;
		/* Line breaks in double quotes: \n, and \ at a line's end. */
		if (style != '"' || file.ptr[at] != '\\' ||
		    at + 1 >= file.len ||
		    strchr("nrt\n", file.ptr[at + 1]) == NULL)
			break;
		at++;
	}
	return at;
}

uint32_t
custom_position(const struct node *n, struct kg_slice text, uint32_t at)
{
	const struct kg_slice file = n->place->text;
	char style;
	size_t f;

	if (n->pos == POS_NONE || n->pos >= file.len)
		return n->pos;
	f = content_start(file, n->pos, &style);
	for (size_t i = 0; i < text.len && i <= at; i++) {
		size_t length;

		if (is_space(text.ptr[i]))
			continue;
		f = skip_space(file, f, style);
		if (i == at)
			break;
		length = spelled(file, f, text.ptr[i], style);
		if (length == 0)
			return n->pos;
		f += length;
	}
	return f < file.len ? (uint32_t)f : n->pos;
}
