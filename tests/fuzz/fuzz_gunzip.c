/* SPDX-License-Identifier: Apache-2.0 */
/* Gzip: any bytes; what comes out is as long as the trailer said. */
#include "base/limits.h"
#include "value/gunzip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kg_slice out;
	struct arena arena;

	arena_init(&arena, 2 * MIB);
	if (gunzip(&arena, slice_of((const char *)data, size), &out) &&
	    out.len > GUNZIP_MAX)
		abort();
	arena_release(&arena);
	return 0;
}
