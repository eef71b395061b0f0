/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tokens of JSON. A reader takes where to begin and gives where it has
 * ended; NULL when it failed, and then status and error say why. The common
 * cases (plain strings, no space) are inline.
 */
#ifndef KG_VALUE_JSON_SCAN_H
#define KG_VALUE_JSON_SCAN_H

#include "base/ascii.h"
#include "value/json.h"
#include "value/plain.h"

#define JSON_TOO_DEEP "nested deeper than 250 levels"
#define JSON_NO_MEMORY "out of memory for this document"

struct json_scan {
	const char *start, *end;
	struct arena *arena; /* for strings that hold an escape */
	enum kg_status status;
	struct json_error *error;
};

const char *json_fail(struct json_scan *s, const char *at,
    enum kg_status status, const char *message);
/* The same with KG_SYNTAX. */
const char *json_wrong(
    struct json_scan *s, const char *at, const char *message);
/* Neither a comma nor this bracket. */
const char *json_not_closed(struct json_scan *s, const char *p, char closer);

static inline const char *
json_space(const char *p, const char *end)
{
	while (p < end && (unsigned char)*p <= ' ' &&
	    (*p == ' ' || *p == '\n' || *p == '\t' || *p == '\r'))
		p++;
	return p;
}

static inline bool
json_at(const struct json_scan *s, const char *p, char c)
{
	return p < s->end && *p == c;
}

static inline bool
json_at_number(const struct json_scan *s, const char *p)
{
	return p < s->end && (*p == '-' || ascii_digit(*p));
}

/* Past the colon behind a name, and the space before it. */
static inline const char *
json_colon(struct json_scan *s, const char *p)
{
	p = json_space(p, s->end);
	return json_at(s, p, ':') ? p + 1 : json_wrong(s, p, "':' expected");
}

/* The rest of a string, from the first byte that is not plain. */
const char *json_string_rest(struct json_scan *s, const char *first,
    const char *p, struct kg_slice *out);

/* At the opening quote. */
static inline const char *
json_string(struct json_scan *s, const char *p, struct kg_slice *out)
{
	const char *first = p + 1;

	p = plain_end(first, s->end);
	if (!json_at(s, p, '"'))
		return json_string_rest(s, first, p, out);
	*out = slice_of(first, (size_t)(p - first));
	return p + 1;
}

/* The escape whose backslash is at p, to *out. It never gets longer. */
const char *json_unescape(struct json_scan *s, const char *p, char **out);

/* Behind what stopped a run of plain bytes and is neither quote nor
 * backslash: a UTF-8 sequence, or an error. */
const char *json_after_special(struct json_scan *s, const char *p);

const char *json_number(struct json_scan *s, const char *p, struct value *out);
/* Only its end. */
const char *json_scan_number(
    struct json_scan *s, const char *p, bool *integral);

/* true, false or null. */
const char *json_word(struct json_scan *s, const char *p, struct value *out);

/* Checks the grammar of a value that is at most that many levels deep
 * (DEPTH_MAX at most), and keeps nothing. */
const char *json_skip(struct json_scan *s, const char *p, unsigned most);

#endif
