/* SPDX-License-Identifier: Apache-2.0 */
/* Base64 of text: YAML's !!binary. */
#ifndef KG_VALUE_BASE64_H
#define KG_VALUE_BASE64_H

#include "base/arena.h"

/* Decodes into the arena; false when it is no base64, or not of valid UTF-8
 * (JSON could not hold it), or the arena failed. */
bool base64_text(
    struct arena *arena, struct kg_slice text, struct kg_slice *out);

/* The same of any bytes. */
bool base64_bytes(
    struct arena *arena, struct kg_slice text, struct kg_slice *out);

#endif
