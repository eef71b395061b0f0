/* SPDX-License-Identifier: Apache-2.0 */
/* Percent escapes of the parts of URLs, as Go has them. */
#ifndef KG_VALUE_URL_ESCAPE_H
#define KG_VALUE_URL_ESCAPE_H

#include "base/buf.h"

enum url_part {
	URL_PATH,
	URL_USER,
	URL_HOST,
	URL_ZONE,
	URL_QUERY, /* a name or value; + is a space */
	URL_FRAGMENT,
};

/* What was wrong with an escaped text. */
struct url_fault {
	const char *before; /* NULL: nothing, or no memory */
	struct kg_slice text;
	const char *after;
};

bool url_should_escape(unsigned char c, enum url_part part);

/* Undoes escapes; the text itself when there are none. */
bool url_unescape(struct arena *a, struct kg_slice text, enum url_part part,
    struct kg_slice *out, struct url_fault *fault);

void url_escape(struct buf *out, struct kg_slice text, enum url_part part);

#endif
