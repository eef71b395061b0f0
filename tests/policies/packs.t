#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Each shipped pack with its suite and samples; the walk-through as it stands.
. "$(dirname "$0")/../tap.sh"
for pack in policies/*/policy.yaml; do
	dir=$(dirname "$pack")
	shipped=$(basename "$dir")
	run 0 "$shipped: its suite" "$BUILD/exam" enclave "$dir/suite.jsonl"
	[ "$(wc -l <"$dir/suite.jsonl")" -ge 15 ]
	ok $? "$shipped: the suite has cases"
	for sample in "$dir"/samples/*/*.yaml; do
		case $sample in
		*/allowed/*) code=0 ;;
		*/warned/*) code=3 ;;
		*) code=1 ;;
		esac
		run $code "$sample" "$keepgate" check -p "$pack" -f "$sample" --warn-exit-code 3
	done
	# The name alone stands for what is built in.
	"$keepgate" check -p "$pack" -f examples/reviews -o json >"$work/file"
	"$keepgate" check -p "$shipped" -f examples/reviews -o json >"$work/name"
	cmp -s "$work/file" "$work/name"
	ok $? "$shipped: by name"
	"$keepgate" check -p "$dir" -f examples/reviews -o json >"$work/folder"
	cmp -s "$work/file" "$work/folder"
	ok $? "$shipped: by its folder, whose samples are no policies"
done
run 2 "a name that no pack has" "$keepgate" check -p enclave-lax -f examples/reviews
mkdir "$work/here"
cp policies/vm-tee/policy.yaml "$work/here/enclave-strict"
(cd "$work/here" && "$OLDPWD/$keepgate" check -p enclave-strict -f "$OLDPWD/policies/vm-tee/samples/denied/sgx.yaml") >"$work/out" 2>&1
grep -q 'CLS-001' "$work/out" && ! grep -q 'EPC-' "$work/out"
ok $? "a file of that name comes first"

bin=$(cd "$BUILD" && pwd)
awk '/^```sh$/ { on = 1; next } /^```$/ { on = 0 } on' examples/enclaves/README.md >"$work/walk.sh"
(cd examples/enclaves && PATH=$bin:$PATH && export PATH && sh -eu "$work/walk.sh") >"$work/out" 2>"$work/err"
ok $? "the walk-through runs"
says '^allow: 3, warn: 0, deny: 0, error: 0, skip: 0, input errors: 0$' "three pass"
[ "$(grep -c '^exit status 1$' "$work/out")" -eq 4 ]
ok $? "and the broken ones fail"
for id in $(grep -o '[A-Z][A-Z][A-Z]-[0-9][0-9][0-9]' examples/enclaves/README.md | sort -u); do
	case $id in IMG-004) continue ;; esac
	says "^  $id \(deny\|warn\)" "$id, of which it tells, is found"
done
done_testing
