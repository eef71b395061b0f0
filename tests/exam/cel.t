#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The exams of the language, where they lie beside the project; and that it can fail.
cd "$(dirname "$0")/../.." || exit 1
: "${BUILD:=build/release}"
exams=../shared/exams
echo 1..7
n=0
ok() { n=$((n + 1)); if [ "$1" -eq 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; fi; }

# exam SET FILE: one set, all of whose cases must pass.
exam() {
	if [ ! -r "$exams/$2" ]; then
		n=$((n + 1))
		echo "ok $n - $1 # SKIP no $exams/$2 here"
		return
	fi
	out=$("$BUILD/exam" "$1" "$exams/$2")
	code=$?
	echo "$out" | grep '^FAIL' | sed 's/^/# /'
	echo "# $1: $(echo "$out" | tail -n 1)"
	ok $code "every judged case of $2 has its result"
}
exam cel cel/cases.jsonl
exam cellib cel/k8slib.jsonl
exam celcost cel/k8scost.jsonl
exam celvap vap/cases.jsonl

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/wrong" <<'CASES'
{"id":"right","expr":"1 + x","k8s":"same","needs_proto":false,"type_env":[{"name":"x","ident":"int"}],"bindings":{"x":{"int":"2"}},"expect":{"value":{"int":"3"}}}
{"id":"wrong-value","expr":"1 + 1","k8s":"same","needs_proto":false,"expect":{"value":{"int":"3"}}}
{"id":"wrong-type","expr":"1 + 1","k8s":"same","needs_proto":false,"expect":{"value":{"uint":"2"}}}
{"id":"no-error","expr":"1 + 1","k8s":"same","needs_proto":false,"expect":{"eval_error":true}}
{"id":"error","expr":"1 / 0","k8s":"same","needs_proto":false,"expect":{"value":{"int":"3"}}}
{"id":"accepted","expr":"1 + 1","k8s":"rejected","needs_proto":false,"expect":{"value":{"int":"2"}}}
{"id":"not-judged","expr":"1 + 1","k8s":"differs","needs_proto":false,"expect":{"value":{"int":"9"}}}
{"id":"not-ours","expr":"1 + 1","k8s":"same","needs_proto":true,"expect":{"value":{"int":"9"}}}
CASES
out=$("$BUILD/exam" cel "$work/wrong")
[ $? -eq 1 ] && [ "$(echo "$out" | tail -n 1)" = "1 passed, 5 failed" ]
ok $? "a wrong expectation fails, what is not judged is not counted"

cat >"$work/wronglib" <<'CASES'
{"id":"right","expr":"quantity('1Ki')","expect":{"value":{"any":"opaque"}}}
{"id":"equal","expr":"quantity('1Ki').asInteger()","expect":{"equals":"1024"}}
{"id":"wrong-equal","expr":"quantity('1Ki').asInteger()","expect":{"equals":"1000"}}
{"id":"wrong-value","expr":"isIP('::1')","expect":{"value":{"bool":false}}}
{"id":"wrong-optional","expr":"format.date().validate('2024-01-01')","expect":{"value":{"optional":{"list":[]}}}}
{"id":"no-error","expr":"semver('1.0.0')","expect":{"error":"runtime"}}
{"id":"message","expr":"semver('1')","expect":{"error":"runtime","message":"^other"}}
CASES
out=$("$BUILD/exam" cellib "$work/wronglib")
[ $? -eq 1 ] && [ "$(echo "$out" | tail -n 1)" = "2 passed, 5 failed" ]
ok $? "a wrong expectation of the libraries fails"
out=$(echo '{"id":"cost","expr":"1 + 1","runtime_cost":2}' | "$BUILD/exam" celcost /dev/stdin)
[ $? -eq 1 ] && [ "$(echo "$out" | tail -n 1)" = "0 passed, 1 failed" ]
ok $? "a wrong cost fails"
