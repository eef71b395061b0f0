/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Request heads: pieces of any size read as the whole does, and what was
 * refused stays refused.
 */
#include <stdlib.h>

#include "server/head.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
same(const struct head *a, const struct head *b)
{
	return a->state == b->state && a->why == b->why &&
	    a->begun == b->begun && a->ended == b->ended &&
	    a->length == b->length;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct head whole = { .why = NULL }, pieces = { .why = NULL };
	size_t at = 0;

	head_feed(&whole, text, size);
	while (at < size) {
		size_t n = 1 + data[at] % 7;

		n = n < size - at ? n : size - at;
		head_feed(&pieces, text + at, n);
		at += n;
	}
	if (!same(&whole, &pieces) || whole.ended > whole.begun)
		abort();
	head_feed(&pieces, "POST / HTTP/1.1\r\n", 17);
	if (whole.why != NULL && pieces.why != whole.why)
		abort();
	return 0;
}
