#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Prints the given files as C arrays (embedded.h).
set -eu
echo '#include "policy/embedded.h"'
n=0
for f in "$@"; do
	printf 'static const unsigned char file%d[] = {\n' "$n"
	od -An -v -tu1 "$f" | sed 's/ *\([0-9][0-9]*\)/\1,/g'
	echo '};'
	n=$((n + 1))
done
echo 'const struct embedded_file embedded_files[] = {'
n=0
for f in "$@"; do
	printf '\t{ "%s", file%d, sizeof(file%d) },\n' "$f" "$n" "$n"
	n=$((n + 1))
done
printf '\t{ 0, 0, 0 },\n};\n'
