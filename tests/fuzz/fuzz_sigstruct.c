/* SPDX-License-Identifier: Apache-2.0 */
/* Signed images: any bytes; and what is found lies in them, within the cap. */
#include "base/limits.h"
#include "enclave/sigstruct.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sigstructs found;
	struct arena arena;
	char date[11];

	arena_init(&arena, MIB);
	if (sigstruct_find(
		&arena, slice_of((const char *)data, size), &found) == KG_OK) {
		if (found.count > SIGSTRUCTS_MAX)
			abort();
		for (size_t i = 0; i < found.count; i++) {
			const struct sigstruct *s = &found.list[i];

			sigstruct_date(s, date);
			if (s->offset + SIGSTRUCT_SIZE > size)
				abort();
		}
	}
	arena_release(&arena);
	return 0;
}
