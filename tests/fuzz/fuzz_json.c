/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The JSON decoder on any bytes. What it takes must print to JSON that it
 * reads back as an equal value, with and without positions.
 */
#include "base/limits.h"
#include "value/json.h"
#include "value/writer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_round_trip(
    struct arena *arena, const struct keytab *keys, const struct value *v)
{
	const struct json_options options = { .positions = true };
	const struct value *back;
	struct json_error error;
	struct writer w;
	struct buf out;

	buf_init(&out, arena, 64 * MIB);
	writer_init(&w, &out);
	writer_value(&w, v);
	if (buf_failed(&out) ||
	    json_decode(arena, keys, buf_slice(&out), &options, &back,
		&error) != KG_OK ||
	    !value_equal(v, back))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena, key_arena;
	const struct value *v;
	struct json_error error;
	struct keytab keys;

	arena_init(&key_arena, MIB);
	arena_init(&arena, 64 * MIB);
	if (keytab_init(&keys, &key_arena) == KG_OK) {
		if (json_decode(&arena, &keys,
			slice_of((const char *)data, size), NULL, &v,
			&error) == KG_OK)
			check_round_trip(&arena, &keys, v);
		else if (error.message == NULL || error.offset > size)
			abort();
	}
	arena_release(&arena);
	arena_release(&key_arena);
	return 0;
}
