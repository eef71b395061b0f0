/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The YAML reader on any bytes. Every document it takes prints to JSON that
 * the strict decoder reads back as an equal value.
 */
#include "base/limits.h"
#include "value/json.h"
#include "value/writer.h"
#include "value/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(struct arena *arena, const struct keytab *keys, const struct value *v)
{
	const struct json_options options = { .positions = true };
	const struct value *back;
	struct json_error error;
	struct writer w;
	struct buf out;

	buf_init(&out, arena, 64 * MIB);
	writer_init(&w, &out);
	writer_value(&w, v);
	if (buf_failed(&out))
		return; /* aliases may print to more than there is room for */
	if (json_decode(arena, keys, buf_slice(&out), &options, &back,
		&error) != KG_OK ||
	    !value_equal(v, back))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct yaml_options options = { .lint = true };
	struct kg_diags *diags = kg_diags_new();
	struct yaml_reader *reader = NULL;
	struct arena arena, key_arena;
	struct document doc;
	struct keytab keys;
	bool more = true;

	arena_init(&key_arena, MIB);
	arena_init(&arena, 128 * MIB);
	if (diags != NULL && keytab_init(&keys, &key_arena) == KG_OK &&
	    yaml_reader_new(&arena, &keys, SLICE("fuzz"),
		slice_of((const char *)data, size), &options, diags,
		&reader) == KG_OK) {
		while (more) {
			const enum kg_status st =
			    yaml_read(reader, &doc, &more);

			if (st != KG_OK && kg_diags_errors(diags) == 0)
				abort(); /* refused without a word */
			if (st != KG_OK)
				break;
			if (more)
				check(&arena, &keys, doc.root);
			arena_reset(&arena);
		}
	}
	yaml_reader_free(reader);
	kg_diags_free(diags);
	arena_release(&arena);
	arena_release(&key_arena);
	return 0;
}
