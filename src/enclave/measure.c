/* SPDX-License-Identifier: Apache-2.0 */
/* MRENCLAVE is what runs, MRSIGNER who signed it. */
#include "enclave/measure.h"

#include "base/ascii.h"

bool
measurement_valid(struct kg_slice hex)
{
	for (size_t i = 0; i < hex.len; i++) {
		if (ascii_hex(hex.ptr[i]) < 0)
			return false;
	}
	return hex.len == 64;
}

bool
measurement_read(
    struct kg_slice text, enum measurement *kind, struct kg_slice *hex)
{
	const size_t colon = slice_find(text, ':');
	const struct kg_slice word = slice_upto(text, colon);

	*kind = MEASUREMENT_ANY;
	*hex = text;
	if (colon < text.len) {
		*hex = slice_from(text, colon + 1);
		if (slice_is(word, "mrenclave"))
			*kind = MEASUREMENT_ENCLAVE;
		else if (slice_is(word, "mrsigner"))
			*kind = MEASUREMENT_SIGNER;
		else if (slice_is(word, "policy"))
			*kind = MEASUREMENT_POLICY;
		else
			return false;
	}
	return measurement_valid(*hex);
}

struct kg_slice
measurement_annotation(enum measurement kind)
{
	return kind == MEASUREMENT_ENCLAVE ? SLICE("keepgate.dev/mrenclave")
					   : SLICE("keepgate.dev/mrsigner");
}
