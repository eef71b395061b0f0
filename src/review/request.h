/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AdmissionReview in: k8s.io/api/admission v1 and v1beta1. Only what is read
 * is checked; members that are not known are left alone.
 */
#ifndef KG_REVIEW_REQUEST_H
#define KG_REVIEW_REQUEST_H

#include "base/arena.h"
#include "value/value.h"

/*
 * Takes a decoded body apart. KG_INVALID with *error (arena) naming the
 * place when it is no review.
 */
enum kg_status request_read(struct arena *arena, const struct value *root,
    struct kg_request *out, struct kg_slice *error) KG_MUST_CHECK;

#endif
