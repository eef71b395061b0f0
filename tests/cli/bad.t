#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What goes wrong around the program: files, outputs, names.
. "$(dirname "$0")/../tap.sh"
pod='{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"containers":[]}}'
echo "$pod" >"$work/pod.json"
{ echo 'apiVersion: v1'; echo 'kind: Pod'; } >"$work/pod.yaml"

# --- inputs ---
mkdir "$work/empty"
run 2 "a directory without manifests" "$keepgate" check -f "$work/empty"
says 'nothing was judged' "says so"
echo 'notes' >"$work/empty/README.md"
run 0 "a directory without policies leaves the default pack" "$keepgate" check -p "$work/empty" -f "$work/pod.json"
says 'enclave-strict' "with a note"
ln -s nowhere "$work/dangling.yaml"
run 2 "a dangling link" "$keepgate" check -f "$work/dangling.yaml" -f "$work/pod.json"
says 'No such file' "says so"
ln -s . "$work/empty/loop"
run 2 "a loop of links" "$keepgate" check -f "$work/empty"
: >"$work/nothing.yaml"
run 2 "an empty file" "$keepgate" check -f "$work/nothing.yaml"
head -c 4096 /dev/urandom >"$work/noise.yaml"
run 2 "random bytes" "$keepgate" check -f "$work/noise.yaml"
run 2 "random bytes as a policy" "$keepgate" check -p "$work/noise.yaml" -f "$work/pod.json"
run 2 "random bytes as an audit log" "$keepgate" audit list "$work/noise.yaml"
run 1 "random bytes do not verify" "$keepgate" audit verify "$work/noise.yaml"
run 2 "a directory as an audit log" "$keepgate" audit verify "$work/empty"
run 2 "a directory as a certificate" "$keepgate" certs show "$work/empty"
if [ "$(id -u)" -ne 0 ]; then
	chmod 0 "$work/pod.yaml"
	run 2 "a file that may not be read" "$keepgate" check -f "$work/pod.yaml"
	says 'Permission denied' "says so"
else
	skip "root may read all"
fi
if [ "${MODE:-release}" = release ]; then
	truncate -s 3G "$work/huge.yaml"
	run 2 "a file larger than what is read" sh -c "ulimit -v 3000000; exec $keepgate check -f $work/huge.yaml"
	says 'huge.yaml: ' "is named"
else
	skip "sanitizers need more address space"
fi

# --- names ---
odd=$work/$(printf 'odd\377\033[31m\nname.json')
cp "$work/pod.json" "$odd"
run 0 "a name that is no UTF-8" "$keepgate" check -f "$odd"
grep -q "$(printf '\033')" "$work/out"
[ $? -eq 1 ]
ok $? "does no harm to a terminal"
run 0 "the same as JSON" "$keepgate" check -f "$odd" -o json
python3 -c 'import json,sys; json.loads(open(sys.argv[1], "rb").read().decode("utf-8", "strict"))' "$work/out" 2>>"$work/err"
ok $? "is JSON in UTF-8"
run 2 "a wrong option of odd bytes" "$keepgate" check "$(printf -- '--\377')"

# --- outputs ---
"$keepgate" help -o names >"$work/names"
for cmd in "check -f $work/pod.json" "check -f $work/pod.json -o json" "check -f $work/pod.json -o review" \
    rules "rules -o json" profiles version help "help check" "help -o man" "completion zsh"; do
	run 2 "$cmd >/dev/full" sh -c "$keepgate $cmd >/dev/full"
	says 'standard output could not be written' "says so"
	run 2 "$cmd >&-" sh -c "$keepgate $cmd >&-"
done
# A reader that leaves ends the writer; it must not hang or crash.
(set +e; "$keepgate" rules -o json; echo $? >"$work/code") 2>"$work/err" | true
case $(cat "$work/code") in 0 | 2 | 141) true ;; *) false ;; esac
ok $? "a reader that leaves"
"$keepgate" serve </dev/null >/dev/null 2>"$work/err"
[ $? -eq 2 ] && grep -q 'needs --tls-cert' "$work/err"
ok $? "serve without a certificate says what it needs"
done_testing
