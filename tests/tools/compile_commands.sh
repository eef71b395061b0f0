#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# compile_commands.sh COMMAND FILE...: the JSON that editors read.
set -eu
command=$(printf %s "$1" | sed 's/["\\]/\\&/g')
shift
comma=
echo '['
for f in "$@"; do
	printf '%s{"directory":"%s","file":"%s","command":"%s -c %s"}\n' \
		"$comma" "$PWD" "$f" "$command" "$f"
	comma=,
done
echo ']'
