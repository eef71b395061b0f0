/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A value that nobody will look at: its grammar without its content. Nearly
 * always that is managedFields, objects in objects with `{}` for leaves:
 *
 *	{"f:spec":{"k:{\"name\":\"app\"}":{".":{},"f:image":{}}}}
 *
 * skip_fields() takes what has this form in great steps and knows nothing
 * else: it stops before anything that it does not expect, and the careful
 * code goes on there. So errors are told in one place.
 */
#include "base/limits.h"
#include "value/json_scan.h"

/* The containers around a place: what closes the one at each depth, none at
 * 0, and how many there may be. */
struct nest {
	char closers[1 + DEPTH_MAX];
	unsigned depth, most;
};

static inline char
closer(const struct nest *n)
{
	return n->closers[n->depth];
}

/* --- With care --- */

/* An escape or a UTF-8 sequence, and what is wrong with it. */
static const char *
skip_special(struct json_scan *s, const char *p)
{
	char text[4], *to = text;

	return json_at(s, p, '\\') ? json_unescape(s, p, &to)
				   : json_after_special(s, p);
}

/* The rest of a string, from somewhere in it. */
static const char *
skip_string_rest(struct json_scan *s, const char *p)
{
	p = plain_end(p, s->end);
	while (p != NULL && !json_at(s, p, '"')) {
		p = skip_special(s, p);
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
		return skip_string_rest(s, p + 1);
	if (json_at_number(s, p))
		return json_scan_number(s, p, &integral);
	return json_word(s, p, &v);
}

/* Behind a value: closes what it completed, and takes the comma when another
 * one follows. */
static const char *
skip_closers(struct json_scan *s, const char *p, struct nest *n)
{
	for (; n->depth > 0; n->depth--) {
		p = json_space(p, s->end);
		if (json_at(s, p, ','))
			return json_space(p + 1, s->end);
		if (!json_at(s, p, closer(n)))
			return json_not_closed(s, p, closer(n));
		p++;
	}
	return p;
}

/* --- In great steps --- */

/* The longest step: from a name's end `":{}`, all closers, `,"`. */
#define STEP_MAX (4 + DEPTH_MAX + 2)

/* Behind an empty object: closes what it completed. Gives the name that
 * follows; NULL, with nothing done, when none does. */
static inline const char *
next_name(const char *p, struct nest *n)
{
	unsigned depth = n->depth;

	for (; *p == '}'; p++) {
		if (n->closers[--depth] != '}')
			return NULL;
	}
	if (memcmp(p, ",\"", 2) != 0)
		return NULL;
	n->depth = depth;
	return p + 2;
}

/* From what ends a run of plain bytes in a name to the next run in this or
 * another name; NULL, with nothing done, when that is not one step away. */
static inline const char *
step(const char *p, struct nest *n)
{
	if (memcmp(p, "\\\"", 2) == 0)
		return p + 2;
	if (n->depth == n->most)
		return NULL;
	if (memcmp(p, "\":{\"", 4) == 0) {
		n->closers[++n->depth] = '}';
		return p + 4;
	}
	return memcmp(p, "\":{}", 4) == 0 ? next_name(p + 4, n) : NULL;
}

/* From somewhere in a name to somewhere in the last one that is reached by
 * such steps. The ends of runs in a block of bytes are found at once, so that
 * none has to wait for the step before it. */
static inline const char *
skip_fields(const struct json_scan *s, const char *p, struct nest *n)
{
	while (s->end - p >= PLAIN_BLOCK + STEP_MAX) {
		const char *const block = p;
		const uint64_t hits = plain_hits(block);
		uint64_t rest = hits;

		while (rest != 0) {
			const char *at = p + __builtin_ctzll(rest);

			p = step(at, n);
			if (p == NULL)
				return at;
			if (p - block >= PLAIN_BLOCK)
				break;
			rest = hits >> (p - block);
		}
		if (rest == 0)
			p = block + PLAIN_BLOCK;
	}
	return p;
}

/* A name, its colon, and the space around that; before it all fields that
 * can be taken in steps. */
static inline const char *
skip_name(struct json_scan *s, const char *p, struct nest *n)
{
	if (!json_at(s, p, '"'))
		return json_wrong(s, p, "member name expected");
	p = skip_string_rest(s, skip_fields(s, p + 1, n));
	if (p != NULL)
		p = json_colon(s, p);
	return p != NULL ? json_space(p, s->end) : NULL;
}

const char *
json_skip(struct json_scan *s, const char *p, unsigned most)
{
	struct nest n = { .most = most };

	do {
		if (closer(&n) == '}') {
			p = skip_name(s, p, &n);
			if (p == NULL)
				return NULL;
		}
		if (json_at(s, p, '{') || json_at(s, p, '[')) {
			if (n.depth == n.most)
				return json_fail(s, p, KG_LIMIT, JSON_TOO_DEEP);
			n.closers[++n.depth] = *p == '{' ? '}' : ']';
			p = json_space(p + 1, s->end);
			if (!json_at(s, p, closer(&n)))
				continue;
		} else {
			p = skip_scalar(s, p);
		}
		if (p != NULL)
			p = skip_closers(s, p, &n);
	} while (p != NULL && n.depth > 0);
	return p;
}
