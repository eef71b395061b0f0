/* SPDX-License-Identifier: Apache-2.0 */
/* Measurements as policies list them and pods declare them. */
#ifndef KG_ENCLAVE_MEASURE_H
#define KG_ENCLAVE_MEASURE_H

#include "base/slice.h"

enum measurement {
	MEASUREMENT_ANY, /* the list does not say which */
	MEASUREMENT_ENCLAVE,
	MEASUREMENT_SIGNER,
	MEASUREMENT_POLICY, /* SHA-256 of what a guest is measured with */
};

/* 64 hexadecimal digits of either case. */
bool measurement_valid(struct kg_slice hex);

/*
 * "mrenclave:<64 hex>", "mrsigner:<64 hex>", "policy:<64 hex>" or
 * "<64 hex>"; false when it is none of these.
 */
bool measurement_read(
    struct kg_slice text, enum measurement *kind, struct kg_slice *hex);

/* "keepgate.dev/mrenclave" or "keepgate.dev/mrsigner". */
struct kg_slice measurement_annotation(enum measurement kind);

#endif
