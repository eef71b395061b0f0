#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# keepgate check as people and pipelines use it.
. "$(dirname "$0")/../tap.sh"
input=tests/cli/input golden=tests/cli/golden
fine='{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"containers":[]}}'
epc='{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"containers":[{"name":"a","resources":{"limits":{"sgx.intel.com/epc":"10Mi"}}}]}}'

run 1 "violations are exit 1" "$keepgate" check -f $input/mixed.yaml
golden $golden/check-mixed.txt "text shows every violation with place and fix"
run 1 "the same as JSON" "$keepgate" check -f $input/mixed.yaml -o json
golden $golden/check-mixed.json "the JSON document"
run 1 "the same as reviews" "$keepgate" check -f $input/mixed.yaml -o review
golden $golden/check-mixed.review "one answer a line"
run 2 "a broken document is exit 2, the rest is judged" "$keepgate" check -f $input/broken.yaml
golden $golden/check-broken.txt "the duplicate key has its position"
run 2 "errors are in the JSON too" "$keepgate" check -f $input/broken.yaml -o json
says '"message":	"duplicate key \\"spec\\""' "with their message"
run 2 "a wrong policy is exit 2" "$keepgate" check -p $input/policy-errors.yaml -f $input/mixed.yaml
golden $golden/check-policy-errors.txt "all of its errors at once, with carets"

echo "$fine" >"$work/fine.json"
run 0 "an ordinary pod is exit 0" "$keepgate" check -f "$work/fine.json"
"$keepgate" check -f - <"$work/fine.json" >"$work/out" 2>"$work/err"
ok $? "standard input"
run 2 "nothing to judge is exit 2" "$keepgate" check -f tests/cli/input/policy-errors.yaml
says 'nothing was judged' "and says so"
run 2 "a missing file is exit 2" "$keepgate" check -f "$work/nosuch" -f "$work/fine.json"
says 'allow: 1, ' "and the rest is still judged"
run 2 "a missing policy is exit 2" "$keepgate" check -p "$work/nosuch" -f "$work/fine.json"

echo "$epc" >"$work/epc.json"
run 1 "an undeclared enclave pod is denied" "$keepgate" check -f "$work/epc.json"
# Limits as the API server sends them, copied to requests.
sed 's/"limits":{[^}]*}/"limits":{"sgx.intel.com\/a":"1","sgx.intel.com\/b":"1"},"requests":{"sgx.intel.com\/a":"1","sgx.intel.com\/b":"1"}/' "$work/epc.json" >"$work/names.json"
run 1 "names that no platform offers are denied" "$keepgate" check -f "$work/names.json"
says 'CLS-004 deny /spec/containers/0/resources/limits/sgx.intel.com~1a (' "each finding keeps its own pointer"
says 'CLS-004 deny /spec/containers/0/resources/limits/sgx.intel.com~1b (' "the next one too"
cat >"$work/warn.yaml" <<'POLICY'
apiVersion: keepgate.dev/v1alpha1
kind: EnclavePolicy
metadata: {name: soft}
spec:
  rules:
  - {id: "CLS-*", action: Warn}
  - {id: "ATT-*", action: Warn}
  - {id: "NOD-*", action: Warn}
POLICY
run 0 "warnings are exit 0" "$keepgate" check -p "$work/warn.yaml" -f "$work/epc.json"
run 7 "or what is asked for" "$keepgate" check -p "$work/warn.yaml" -f "$work/epc.json" --warn-exit-code 7
run 1 "-n and --as are part of the request" "$keepgate" check -f "$work/epc.json" -n lab --as alice --as-group dev -o json
says '"namespace":	"lab"' "the namespace shows"

# Namespace objects among the inputs give labels, wherever they stand.
cat >"$work/select.yaml" <<'POLICY'
apiVersion: keepgate.dev/v1alpha1
kind: EnclavePolicy
metadata: {name: prod-only}
spec:
  match: {namespaceSelector: {matchLabels: {env: prod}}}
POLICY
run 1 "unknown namespace labels are an error" "$keepgate" check -p "$work/select.yaml" -f "$work/epc.json"
says 'is not known here; give its Namespace object' "that says what to give"
printf 'apiVersion: v1\nkind: Namespace\nmetadata: {name: default, labels: {env: dev}}\n' >"$work/ns.yaml"
run 0 "a Namespace among -f answers" "$keepgate" check -p "$work/select.yaml" -f "$work/epc.json" -f "$work/ns.yaml"
run 0 "a Namespace among -p answers" "$keepgate" check -p "$work/select.yaml" -p "$work/ns.yaml" -f "$work/epc.json"

# Directories: recursive, by suffix, without names that begin with "..".
mkdir -p "$work/dir/sub" "$work/dir/..data"
cp "$work/fine.json" "$work/dir/sub/a.json"
cp "$work/epc.json" "$work/dir/notes.txt"
cp "$work/epc.json" "$work/dir/..data/b.json"
run 0 "a directory is read recursively, by suffix" "$keepgate" check -f "$work/dir"
says 'allow: 1, ' "and only once"
run 1 "a file named outright is always read" "$keepgate" check -f "$work/dir/notes.txt"
printf '%s\n%s' "$fine" "$fine" >"$work/two.json"
run 0 "two JSON documents in one file" "$keepgate" check -f "$work/two.json"
says 'allow: 2, ' "are two results"

printf '{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"List","items":[%s,%s]}]}' "$fine" "$epc" >"$work/nested.json"
run 1 "a List within a List is judged too" "$keepgate" check -f "$work/nested.json"
says 'allow: 1, warn: 0, deny: 1, ' "item by item"

# A dump of a running pod is spared NOD-003; a review never is.
printf '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","uid":"u","labels":{"keepgate.dev/profile":"sgx-intel"}},"spec":{"nodeName":"n","nodeSelector":{"sgx.intel.com/capable":"true"},"containers":[{"name":"a","resources":{"limits":{"sgx.intel.com/epc":"1Mi","sgx.intel.com/provision":"1"}}}]}}' >"$work/dump.json"
run 0 "a dump is spared NOD-003" "$keepgate" check -f "$work/dump.json"
sed 's/"uid":"u",//' "$work/dump.json" >"$work/manifest.json"
run 1 "a manifest is not" "$keepgate" check -f "$work/manifest.json"
says 'NOD-003' "and says which rule"
"$keepgate" check -f "$work/dump.json" -o review >/dev/null
for body in examples/reviews/*.json; do
	"$keepgate" check -f "$body" -o review >>"$work/reviews" 2>>"$work/err"
done
[ "$(wc -l <"$work/reviews")" -eq 4 ]
ok $? "a review file gives one answer"

if [ -d ../shared/exams/wire ]; then
	bad=0
	for body in ../shared/exams/wire/*.json; do
		"$keepgate" check -f "$body" -o review >"$work/out" 2>"$work/err"
		[ $? -le 1 ] && [ "$(wc -l <"$work/out")" -eq 1 ] || { bad=1; echo "# $body"; }
	done
	ok $bad "every recorded body is reviewed, none is malformed"
else
	skip "no recorded bodies here"
fi
NO_COLOR=1 "$keepgate" check -f "$work/epc.json" --color always | grep -q "$(printf '\033')"
ok $? "--color always wins"
"$keepgate" check -f "$work/epc.json" | grep -q "$(printf '\033')"
[ $? -eq 1 ]
ok $? "no color into a pipe"
# 10,000 objects in one file.
awk 'BEGIN { for (i = 0; i < 10000; i++) printf "---\napiVersion: v1\nkind: Pod\nmetadata: {name: p%d}\nspec: {containers: [{name: a, image: \"registry.example/a:1\"}]}\n", i }' >"$work/many.yaml"
run 0 "10,000 objects in one file" "$keepgate" check -f "$work/many.yaml"
says 'allow: 10000, ' "all of them judged"
# Quadratic, this takes minutes; and the last line must still be right.
{
	printf '{"apiVersion":"v1","kind":"List","items":[\n%s' "$epc"
	yes ",$epc" | head -n 4999
	echo ']}'
} >"$work/list.json"
run 1 "5,000 items of a List" timeout 60 "$keepgate" check -f "$work/list.json"
says 'CLS-001 deny /metadata (line 5000, column 45)$' "each with its place"
done_testing
