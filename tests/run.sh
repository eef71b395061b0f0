#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs every test program and script under prove; MODE and BUILD are set by
# the Makefile. Names given as arguments run alone.
set -eu
unset MAKEFLAGS MAKELEVEL # tests that call make are no part of this one
: "${MODE:=release}" "${BUILD:=build/$MODE}"
export MODE BUILD CMOCKA_MESSAGE_OUTPUT=TAP
export ASAN_OPTIONS="${ASAN_OPTIONS:-detect_leaks=1:abort_on_error=0}"
export UBSAN_OPTIONS="${UBSAN_OPTIONS:-print_stacktrace=1}"
if [ $# -eq 0 ]; then
	set -- "$BUILD"/tests/*_test tests/*/*.t
fi
exec prove --exec '' -j "${JOBS:-2}" "$@"
