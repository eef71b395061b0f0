/* SPDX-License-Identifier: Apache-2.0 */
/* What the libraries of Kubernetes share: values of their own, messages. */
#ifndef KG_CEL_LIBRARY_H
#define KG_CEL_LIBRARY_H

#include "base/limits.h"
#include "cel/vm.h"

/*
 * A text out of somebody's escapes: what is no UTF-8 becomes U+FFFD, because
 * every text of the language is valid.
 */
struct value cel_string_repaired(struct cel_eval *e, struct kg_slice text);

/* A list of copies of these texts; borrowed. */
struct value cel_string_list(
    struct cel_eval *e, const struct kg_slice *texts, size_t count);

/* The pattern compiled, or NULL and *error. */
const struct regex *cel_find_pattern(
    struct cel_eval *e, struct kg_slice pattern, struct value *error);

/* What a check against a format costs as a pattern's length; 0: no format. */
unsigned cel_format_weight(const struct value *format);

#endif
