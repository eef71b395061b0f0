#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Replays each fuzz target's seeds.
. "$(dirname "$0")/../tap.sh"
for target in tests/fuzz/fuzz_*.c; do
	name=$(basename "$target" .c)
	name=${name#fuzz_}
	ls tests/fuzz/seeds/"$name"/* >/dev/null 2>&1
	ok $? "$name has seeds"
	run 0 "$name replays them" "$BUILD/replay/$name" tests/fuzz/seeds/"$name"/*
done
done_testing
