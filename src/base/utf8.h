/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strict UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above
 * U+10FFFF.
 */
#ifndef KG_BASE_UTF8_H
#define KG_BASE_UTF8_H

#include "base/slice.h"

/*
 * Decodes the code point at *at and moves past it. False, with *at in place,
 * when the bytes there are not UTF-8 or the text has ended.
 */
bool utf8_next(struct kg_slice text, size_t *at, uint32_t *code);

/* Length of the valid multi-byte sequence at p, 2 to 4; 0 when invalid. */
size_t utf8_sequence(const char *p, const char *end);

/* Writes one scalar value as 1 to 4 bytes; gives their number. */
size_t utf8_encode(uint32_t code, char out[4]);

/* True when all of the text is valid. */
bool utf8_valid(struct kg_slice text);

/* Code points of valid text (invalid bytes count as one each). */
size_t utf8_length(struct kg_slice text);

/* At most `max` bytes of it, never splitting a code point of valid text. */
struct kg_slice utf8_cut(struct kg_slice text, size_t max);

/* Without the white space around it, as Unicode's property has that. */
struct kg_slice utf8_trim(struct kg_slice text);

#endif
