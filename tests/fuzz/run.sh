#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# run.sh BUILD SECONDS: each target for so long, from its seeds. A crash is
# left as crash-* in BUILD and is an error.
set -eu
build=$1
status=0
for target in "$build"/fuzz/fuzz_*; do
	name=$(basename "$target")
	corpus=$(mktemp -d)
	cp tests/fuzz/seeds/"${name#fuzz_}"/* "$corpus"
	echo "== $name"
	"$target" -max_len=65536 -max_total_time="$2" -timeout=10 \
		-rss_limit_mb=2048 -print_final_stats=0 -verbosity=0 \
		-artifact_prefix="$build/$name-" "$corpus" || status=1
	rm -rf "$corpus"
done
exit $status
