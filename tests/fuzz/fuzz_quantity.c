/* SPDX-License-Identifier: Apache-2.0 */
/* Quantities: what is read prints to text that reads as the same number. */
#include "base/limits.h"
#include "value/quantity.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct quantity q, back;
	struct arena arena;
	struct buf b;

	if (quantity_parse(slice_of((const char *)data, size), &q, NULL) !=
	    QUANTITY_OK)
		return 0;
	arena_init(&arena, MIB);
	buf_init(&b, &arena, KIB);
	quantity_put(&b, &q);
	if (quantity_parse(buf_slice(&b), &back, NULL) != QUANTITY_OK ||
	    quantity_cmp(&q, &back) != 0)
		abort();
	arena_release(&arena);
	return 0;
}
