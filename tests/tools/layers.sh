#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A folder of src/ may include itself and those before it. Prints offenders.
set -eu
order='base value cel enclave policy review audit io kube server cli'
bad=$(grep -n '^#include "' src/*/*.[ch] src/*/*.def 2>/dev/null |
awk -v order="$order" '
BEGIN { n = split(order, o, " "); for (i = 1; i <= n; i++) rank[o[i]] = i }
{
	split($0, at, ":"); split(at[1], dir, "/")
	match($0, /"[^"]*"/); inc = substr($0, RSTART + 1, RLENGTH - 2)
	if (inc == "keepgate.h") next
	split(inc, to, "/")
	if (!(to[1] in rank)) print at[1] ":" at[2] ": unknown folder in " inc
	else if (rank[to[1]] > rank[dir[2]])
		print at[1] ":" at[2] ": " dir[2] "/ may not include " inc
}')
# Nothing else of ours is I/O: these headers stay above io/.
bad="$bad$(grep -nE '^#include <(unistd|fcntl|pthread|sys/(socket|file|stat)|dirent)\.h>' \
	src/base/*.[ch] src/value/*.[ch] src/cel/*.[ch] src/enclave/*.[ch] src/policy/*.[ch] \
	src/review/*.[ch] src/audit/*.[ch] || true)"
if [ -n "$bad" ]; then
	echo "layers:"; echo "$bad"
	exit 1
fi
echo "layers: ok"
