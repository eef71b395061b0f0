#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Properties over random pods; SEED and PODS choose others and more.
. "$(dirname "$0")/../tap.sh"
run 0 "labels, order and moved containers" python3 tests/enclave/property.py "$keepgate" "${SEED:-1}" "${PODS:-60}"
says '^properties: [0-9]* pods, 0 wrong, first seed' "nothing breaks them"
done_testing
