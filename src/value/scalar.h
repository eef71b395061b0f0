/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a plain YAML scalar means to kubectl: YAML 1.1 as go-yaml v2 reads it,
 * and then through JSON, so that 1e3 is the integer 1000.
 */
#ifndef KG_VALUE_SCALAR_H
#define KG_VALUE_SCALAR_H

#include "value/value.h"

/* Resolves a plain, untagged scalar; a string is borrowed from the text.
 * False: .inf or .nan, which JSON cannot hold. */
bool scalar_resolve(struct kg_slice text, struct value *out);

/*
 * True when a plain scalar that is no string looks like what it is: true,
 * false, null, ~, nothing, or a decimal number as JSON writes it.
 */
bool scalar_is_obvious(struct kg_slice text);

#endif
