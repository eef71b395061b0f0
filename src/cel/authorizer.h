/* SPDX-License-Identifier: Apache-2.0 */
/* The value of the variable `authorizer`. */
#ifndef KG_CEL_AUTHORIZER_H
#define KG_CEL_AUTHORIZER_H

#include "cel/eval.h"

/* Asks about the user of the request; in the arena. */
struct value cel_authorizer(struct arena *a);

/* authorizer.requestResource: the texts of the check are borrowed. */
struct value cel_authorizer_resource(
    struct arena *a, const struct cel_check *check);

#endif
