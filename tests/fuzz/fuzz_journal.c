/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The auditor's readers on any lines: verify, filter, print. Nothing but a
 * chain of whole links verifies.
 */
#include "audit/verify.h"
#include "base/limits.h"
#include "value/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
print_line(struct arena *arena, const struct keytab *keys, struct kg_slice line)
{
	const struct record_filter filter = {
		.rule = SLICE("EPC-001"), .since_us = 0, .until_us = INT64_MAX
	};
	const struct value *record;
	struct json_error error;
	struct buf b;

	if (json_decode(arena, keys, line, NULL, &record, &error) != KG_OK)
		return;
	buf_init(&b, arena, 16 * MIB);
	record_put_text(&b, record);
	(void)record_fits(&filter, record);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kg_slice rest = slice_of((const char *)data, size);
	struct arena arena, key_arena;
	struct keytab keys;
	struct verifier v;
	bool broken = false;

	arena_init(&key_arena, MIB);
	arena_init(&arena, 64 * MIB);
	if (size > 0 && keytab_init(&keys, &key_arena) == KG_OK &&
	    verifier_init(&v) == KG_OK) {
		while (rest.ptr != NULL && !broken) {
			const struct kg_slice line = slice_cut(&rest, '\n');
			struct buf why;

			arena_reset(&arena);
			print_line(&arena, &keys, line);
			buf_init(&why, &arena, 4 * KIB);
			broken = verifier_line(&v, &arena, &keys, line, &why) !=
			    KG_OK;
			if (broken && why.len == 0)
				abort(); /* broken without a word */
		}
		verifier_release(&v);
	}
	arena_release(&arena);
	arena_release(&key_arena);
	return 0;
}
