/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of the evaluation that folding at compile shares with the VM. */
#ifndef KG_CEL_VM_H
#define KG_CEL_VM_H

#include "cel/program.h"

/* The value of a call, its arguments at hand; adds its cost unless that is
 * always 1, which the instruction adds. */
struct value cel_call_run(
    struct cel_eval *e, const struct cel_call *call, const struct value *args);

/*
 * A map of key, value, key ...; count is that of both. optional: NULL, or by
 * entry whether it was written with a ?.
 */
struct value cel_make_map(struct cel_eval *e, const struct value *pairs,
    uint32_t count, const char *optional);
struct value cel_make_list(struct cel_eval *e, const struct value *items,
    uint32_t count, const char *optional);

/* An optional that holds a copy of the value. */
struct value cel_optional_of(struct cel_eval *e, const struct value *v);

/* a == b, or the error of a comparison that is too long. */
struct value cel_equal_value(
    struct cel_eval *e, const struct value *a, const struct value *b);

/* a[key]: the value, or an error; a == NULL is not allowed. */
struct value cel_index(
    struct cel_eval *e, const struct value *a, const struct value *key);

/* The same where *absent tells of what is not there. */
struct value cel_index_present(struct cel_eval *e, const struct value *a,
    const struct value *key, bool *absent);

/* What a map or list can be indexed with, and the error of the rest. */
bool cel_is_qualifier(const struct value *v);
struct value cel_bad_qualifier(struct arena *a, const struct value *key);

/* a ordered by the keys. */
struct value cel_sort_by(
    struct cel_eval *e, const struct value *list, const struct value *keys);

#endif
