#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Our own cases through the exam program; and that it can fail.
cd "$(dirname "$0")/../.." || exit 1
: "${BUILD:=build/release}"
echo 1..5
n=0
ok() { n=$((n + 1)); if [ "$1" -eq 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; fi; }

out=$("$BUILD/exam" enclave tests/enclave/*.jsonl)
code=$?
echo "$out" | grep '^FAIL' | sed 's/^/# /'
echo "# $(echo "$out" | tail -n 1)"
[ $code -eq 0 ] && echo "$out" | tail -n 1 | grep -q ' passed, 0 failed$'
ok $? "every case of tests/enclave has its verdict"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
pod='{"apiVersion":"v1","kind":"Pod","metadata":{"name":"x"},"spec":{"containers":[]}}'
cat >"$work/wrong" <<CASES
{"id":"right","object":$pod,"expect":"allow"}
{"id":"wrong-verdict","object":$pod,"expect":"deny"}
{"id":"rule-does-not-fire","object":$pod,"expect":"allow","rules":["EPC-001"]}
{"id":"no-such-pack","policy":"enclave-lax","object":$pod,"expect":"allow"}
{"id":"bad-policy","policy":{"kind":"Nonsense"},"object":$pod,"expect":"allow"}
CASES
out=$("$BUILD/exam" enclave "$work/wrong")
[ $? -eq 1 ] && [ "$(echo "$out" | tail -n 1)" = "1 passed, 4 failed" ] &&
	[ "$(echo "$out" | grep -c '^FAIL ')" -eq 4 ]
ok $? "a wrong expectation fails"
"$BUILD/exam" nosuchset "$work/wrong" 2>/dev/null
[ $? -eq 2 ]
ok $? "an unknown set is exit 2"
"$BUILD/exam" enclave "$work/missing" >/dev/null 2>&1
[ $? -eq 2 ]
ok $? "an unreadable file is exit 2"
echo '{"id":' >"$work/torn"
"$BUILD/exam" enclave "$work/torn" >/dev/null 2>&1
[ $? -eq 2 ]
ok $? "a line that is no JSON is exit 2"
