#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The README's sh blocks run as they stand; what it names exists.
. "$(dirname "$0")/../tap.sh"
top=$PWD
PATH=$(cd "$BUILD" && pwd):$PATH
export PATH
awk '/^```sh$/ { on = 1; next } /^```$/ { on = 0 } on' README.md >"$work/blocks.sh"
(cd "$work" && sh -eu blocks.sh) >"$work/out" 2>"$work/err"
ok $? "every command of the sh blocks runs"
says 'ATT-001' "the first one shows a violation"
says '^exit status 1$' "and its exit status"
for f in $(sed -n 's/.*](\([^)#]*\)).*/\1/p' README.md src/README.md | grep -v ://); do
	[ -e "$f" ] || [ -e "src/$f" ]
	ok $? "$f is there"
done
# The objects of docs/formats.md are valid.
awk '/^```yaml$/ { n++; on = 1; next } /^```$/ { on = 0 } on { print > ("'"$work"'/format." n ".yaml") }' docs/formats.md
printf 'apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: []}\n' >"$work/plain.yaml"
mkdir "$work/formats"
for f in "$work"/format.*.yaml; do
	if grep -q '^kind: KeepgateConfiguration' "$f"; then
		configuration=$f
	else
		cp "$f" "$work/formats/"
	fi
done
run 0 "the policies of docs/formats.md compile" "$keepgate" check -p "$work/formats" -f "$work/plain.yaml"
run 2 "its configuration is read as far as its files" "$keepgate" serve --config "$configuration"
says '/etc/keepgate/policies' "which are not there"
for word in 'make deps demo' 'make deps-test test'; do
	grep -q "$word" README.md
	ok $? "the README names: $word"
done
# Options, metrics and rules that the sources have are documented in --help.
"$keepgate" rules >"$work/out"
for id in $(sed -n 's/^RULE([A-Z_0-9]*, "\([A-Z0-9-]*\)".*/\1/p' src/enclave/rule*.def); do
	grep -q "^$id " "$work/out"
	ok $? "rule $id is listed"
done
for t in $(sed -n 's/^\([a-z-]*\):.*## .*/\1/p' Makefile); do
	make -s help | grep -q "^  $t "
	ok $? "make help lists $t"
done
make -s install DESTDIR="$work/root" PREFIX=/usr MODE="${MODE:-release}" >"$work/out" 2>"$work/err"
ok $? "make install"
"$work/root/usr/bin/kubectl-keepgate" version | grep -q keepgate
ok $? "kubectl finds it as kubectl-keepgate"
cd "$top" && KEEPGATE=$BUILD/keepgate sh examples/demo.sh >"$work/out" 2>"$work/err"
ok $? "the demo runs"
[ "$(tail -n 1 "$work/out")" = "3 allowed, 1 denied" ]
ok $? "and ends with its tally"
python3 - examples/webhook.yaml <<'PYTHON' 2>"$work/err"
import subprocess, sys
text = open(sys.argv[1]).read()
for word in ("failurePolicy: Fail", "matchPolicy: Equivalent", "sideEffects: None",
             "kube-system", "caBundle", "pods/ephemeralcontainers", "pods/resize"):
    assert word in text, word
PYTHON
ok $? "the webhook configurations have their guards"
done_testing
