/* SPDX-License-Identifier: Apache-2.0 */
/* The values of the variables `authorizer` and `authorizer.requestResource`. */
#ifndef KG_CEL_AUTHORIZER_H
#define KG_CEL_AUTHORIZER_H

#include "cel/eval.h"

/* They ask the host about the user of the request; without a host that
 * answers, everything is denied. */
extern const struct value cel_authorizer, cel_authorizer_resource;

#endif
