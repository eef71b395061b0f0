/* SPDX-License-Identifier: Apache-2.0 */
/*
 * YAML and JSON files, document by document, to the same values that the JSON
 * decoder makes, with positions. Scalars are resolved as kubectl does (YAML
 * 1.1: yes, on, 0777, 0b1, 1_000 ...). A text whose first byte that is no
 * white space is '{' goes to the JSON decoder (several, one after another,
 * are several documents).
 */
#ifndef KG_VALUE_YAML_H
#define KG_VALUE_YAML_H

#include "base/diag.h"
#include "value/value.h"

/* A document of a file, in the reader's arena until the next one is read. */
struct document {
	struct place place;       /* file, whole text, number of the document */
	const struct value *root; /* never NULL; an empty document is skipped */
	uint32_t pos;             /* offset of the root */
	bool whole; /* the text is JSON and nothing but this document */
};

struct yaml_reader;

struct yaml_options {
	bool lint; /* warn of plain scalars that YAML 1.1 reads as no string */
};

/*
 * A reader over a text (borrowed until free). Values go into `arena`, which
 * the caller resets between documents if he wants to. KG_NOMEM or KG_OK.
 */
enum kg_status yaml_reader_new(struct arena *arena, const struct keytab *keys,
    struct kg_slice file, struct kg_slice text,
    const struct yaml_options *options, struct kg_diags *diags,
    struct yaml_reader **out) KG_MUST_CHECK;
void yaml_reader_free(struct yaml_reader *reader);

/*
 * The next document. KG_OK with *more false at the end. Any other status has
 * put an error into the diagnostics; nothing can be read after it. (A
 * duplicate key, a bad alias or a depth bomb is such an error, with its
 * position.)
 */
enum kg_status yaml_read(
    struct yaml_reader *reader, struct document *out, bool *more) KG_MUST_CHECK;

#endif
