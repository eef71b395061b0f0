/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The strict JSON decoder for everything that is not ours: request bodies,
 * manifests, audit logs. One pass, RFC 8259: UTF-8 validated, duplicate
 * member names refused, lone surrogates refused, nothing but white space
 * after the document, DEPTH_MAX and NODES_MAX held. A number without point
 * and exponent that fits int64 is an int, every other a double; beyond
 * double's range it is refused, as Kubernetes' decoder does.
 */
#ifndef KG_VALUE_JSON_H
#define KG_VALUE_JSON_H

#include "base/buf.h"
#include "value/value.h"

/* Why a document was refused. Static text, so it needs no memory. */
struct json_error {
	const char *message;  /* "duplicate member name" */
	size_t offset;        /* of the first byte that is wrong */
	struct kg_slice name; /* the duplicate name; else {NULL, 0} */
};

struct json_options {
	size_t nodes_max; /* 0: NODES_MAX */
	bool positions;   /* keep byte offsets: value_child_pos() */
	uint32_t base;    /* added to each: where the text stands in its file */
	/*
	 * The text is an AdmissionReview in whose objects nobody will look at
	 * metadata.managedFields, often most of the bytes: they are checked
	 * (but for duplicate names), not kept, and null stands there.
	 */
	bool drop_managed_fields;
};

/*
 * Decodes the whole text into the arena; strings may point into the text,
 * which must outlive the value and is never written. options may be NULL.
 * KG_SYNTAX, KG_LIMIT or KG_NOMEM with *error filled in otherwise.
 */
enum kg_status json_decode(struct arena *arena, const struct keytab *keys,
    struct kg_slice text, const struct json_options *options,
    const struct value **out, struct json_error *error) KG_MUST_CHECK;

/* The same for the first document of a text that may hold several, one after
 * another: *used is the offset behind it. */
enum kg_status json_decode_prefix(struct arena *arena,
    const struct keytab *keys, struct kg_slice text,
    const struct json_options *options, const struct value **out, size_t *used,
    struct json_error *error) KG_MUST_CHECK;

/* "invalid JSON at byte 17: duplicate member name \"spec\"" */
void json_error_put(struct buf *out, const struct json_error *error);

#endif
