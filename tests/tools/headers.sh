#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Each header compiles alone; CC and CFLAGS are set by the Makefile.
set -eu
status=0
for h in include/*.h src/*/*.h tests/*/*.h; do
	case $h in
	include/*) inc=${h#include/} ;;
	src/*) inc=${h#src/} ;;
	*) inc=${h#tests/} ;;
	esac
	# An empty unit is no C: one declaration keeps -Wpedantic quiet.
	printf '#include "%s"\ntypedef int alone;\n' "$inc" |
		${CC:-cc} ${CFLAGS:-} -x c -fsyntax-only - || {
		echo "headers: $h does not compile alone"
		status=1
	}
done
[ $status -eq 0 ] && echo "headers: ok"
exit $status
