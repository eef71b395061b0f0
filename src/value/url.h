/* SPDX-License-Identifier: Apache-2.0 */
/*
 * URLs as Go's net/url takes them apart, for expressions: absolute URLs and
 * absolute paths, as ParseRequestURI accepts them. What was escaped in the
 * text may hold any bytes once it is not: unescaped parts need not be UTF-8.
 */
#ifndef KG_VALUE_URL_H
#define KG_VALUE_URL_H

#include "base/buf.h"

/* Slices of the text, or of the arena where escapes were undone. */
struct url {
	struct kg_slice scheme; /* in small letters */
	struct kg_slice opaque; /* what follows "mailto:" */
	bool has_user;
	struct kg_slice user;     /* escaped */
	struct kg_slice host;     /* unescaped, with its port */
	struct kg_slice path;     /* unescaped */
	struct kg_slice raw_path; /* as it was written */
	struct kg_slice raw_query;
	bool force_query; /* it ends in a bare ? */
	struct kg_slice fragment, raw_fragment;
	bool omit_host; /* scheme:/path */
};

/*
 * False: Go's message is appended to `error` (NULL: not wanted), or the arena
 * failed.
 */
bool url_parse(
    struct arena *a, struct kg_slice text, struct url *out, struct buf *error);

/* Would url_parse() take it? The first half of it. */
bool url_check_request(
    struct arena *a, struct kg_slice text, struct url *out, struct buf *error);

struct kg_slice url_hostname(const struct url *u);
struct kg_slice url_port(const struct url *u);
void url_put_escaped_path(struct buf *out, const struct url *u);

/* The whole, as Go prints it; two URLs are equal when these are. */
void url_put(struct buf *out, const struct url *u);

/*
 * The next name and value of the query, unescaped, in the order written; what
 * cannot be read is left out. False at the end. Start with rest = raw_query.
 */
bool url_next_param(struct arena *a, struct kg_slice *rest,
    struct kg_slice *name, struct kg_slice *value);

#endif
