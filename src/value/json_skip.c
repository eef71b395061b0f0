/* SPDX-License-Identifier: Apache-2.0 */
/* A value that nobody will look at: its grammar without its content. */
#include "base/limits.h"
#include "value/json_scan.h"

static inline const char *
skip_string(struct json_scan *s, const char *p)
{
	char text[4], *to;

	p = plain_end(p + 1, s->end);
	while (p != NULL && !json_at(s, p, '"')) {
		to = text;
		p = json_at(s, p, '\\') ? json_unescape(s, p, &to)
					: json_after_special(s, p);
		if (p != NULL)
			p = plain_end(p, s->end);
	}
	return p != NULL ? p + 1 : NULL;
}

static const char *
skip_scalar(struct json_scan *s, const char *p)
{
	struct value v;
	bool integral;

	if (json_at(s, p, '"'))
		return skip_string(s, p);
	if (json_at_number(s, p))
		return json_scan_number(s, p, &integral);
	return json_word(s, p, &v);
}

/* A name, its colon, and the space around that. */
static inline const char *
skip_name(struct json_scan *s, const char *p)
{
	if (!json_at(s, p, '"'))
		return json_wrong(s, p, "member name expected");
	p = skip_string(s, p);
	if (p != NULL)
		p = json_colon(s, p);
	return p != NULL ? json_space(p, s->end) : NULL;
}

/* Behind a value: what it completed, and *more when another one follows. */
static inline const char *
skip_closers(struct json_scan *s, const char *p, const char *closers,
    unsigned *depth, bool *more)
{
	while (*depth > 0) {
		p = json_space(p, s->end);
		if (json_at(s, p, ','))
			return json_space(p + 1, s->end);
		if (!json_at(s, p, closers[*depth - 1]))
			return json_not_closed(s, p, closers[*depth - 1]);
		--*depth;
		p++;
	}
	*more = false;
	return p;
}

const char *
json_skip(struct json_scan *s, const char *p, unsigned most)
{
	char closers[DEPTH_MAX];
	unsigned depth = 0;
	bool more = true;

	while (p != NULL && more) {
		if (depth > 0 && closers[depth - 1] == '}') {
			p = skip_name(s, p);
			if (p == NULL)
				return NULL;
		}
		if (json_at(s, p, '{') || json_at(s, p, '[')) {
			if (depth == most)
				return json_fail(s, p, KG_LIMIT, JSON_TOO_DEEP);
			closers[depth++] = *p == '{' ? '}' : ']';
			p = json_space(p + 1, s->end);
			if (!json_at(s, p, closers[depth - 1]))
				continue;
		} else {
			p = skip_scalar(s, p);
		}
		if (p != NULL)
			p = skip_closers(s, p, closers, &depth, &more);
	}
	return p;
}
