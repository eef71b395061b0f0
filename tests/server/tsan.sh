#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The server under ThreadSanitizer, with load, reloads, scrapes, evictions and
# drains. BUILD is that of MODE=tsan. Any report is an error.
set -u
cd "$(dirname "$0")/../.." || exit 1
: "${BUILD:=build/tsan}"
export BUILD
reports=$(mktemp -d)
trap 'rm -rf "$reports"' EXIT
export TSAN_OPTIONS="log_path=$reports/report second_deadlock_stack=1"
status=0
# Address space randomisation of newer kernels leaves no room for its shadow.
for t in change reload slow; do
	MODE=tsan setarch -R prove --exec '' "tests/server/$t.t" || status=1
done
for f in "$reports"/*; do
	[ -f "$f" ] || continue
	cat "$f"
	status=1
done
exit $status
