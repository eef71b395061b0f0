#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Everything changes while calls come in, and none of them is lost: policies,
# certificate, the server itself.
. "$(dirname "$0")/../tap.sh"
. tests/server/server.sh
make_certificate tls
make_certificate next
cat "$work/tls.crt" "$work/next.crt" >"$work/both.crt"
cp "$work/tls.crt" "$work/live.crt"; cp "$work/tls.key" "$work/live.key"
policy() {
	cat >"$work/policy.new" <<POLICY
apiVersion: keepgate.dev/v1alpha1
kind: EnclavePolicy
metadata: {name: site-$1}
spec: {rules: [{id: "EPC-*", action: Warn}]}
POLICY
	mv "$work/policy.new" "$work/policy.yaml"
}
# pool THREADS ADDRESS...: calls in the background, see pool.py
pool() {
	rm -f "$work/stop"
	python3 tests/server/pool.py "$work/both.crt" "$work/stop" "$@" >"$work/calls" 2>&1 &
	caller=$!
	pids="$pids $caller"
}
# lost_none NAME: the calls have ended, and all were answered.
lost_none() {
	sleep 1 # some more by what came last
	: >"$work/stop"
	wait $caller
	s=$?
	sed 's/^/# /' "$work/calls"
	ok $s "$1"
}
live() { start_server --tls-cert "$work/live.crt" --tls-key "$work/live.key" -p "$work/policy.yaml" "$@"; }
reloads() { curl -s "http://$admin/metrics" | grep -q "^keepgate_reloads_total{what=\"$1\",result=\"ok\"} [$2-9]"; }

policy 0
live --audit-log "$work/audit.log" --max-connections 12
pool 4 "$address"
await 20 'grep -q "\"type\":\"decision\"" "$work/audit.log"'
policy 1
await 20 'reloads policies 1'
ok $? "policies were replaced under load"
cp "$work/next.crt" "$work/live.crt"; cp "$work/next.key" "$work/live.key"
await 20 'reloads certificate 1'
ok $? "and the certificate"
policy 2
kill -HUP "$pid"
await 20 'reloads policies 2'
ok $? "and policies again"
lost_none "no call was lost by a reload"
[ "$(sed -n 's/.*"type":"decision".*"ruleset":"\([0-9a-f]*\)".*/\1/p' "$work/audit.log" | sort -u | wc -l)" -ge 2 ]
ok $? "decisions were made by one rule set and by another"
# A decision names a rule set only after the record that brought it.
sed -n 's/.*"type":"\([a-z]*\)".*"ruleset":"\([0-9a-f]*\)".*/\1 \2/p' "$work/audit.log" |
	awk '$1 == "decision" { if (!($2 in known)) exit 1; next } { known[$2] = 1 }'
ok $? "and by none that was not recorded before"
stop_server
run 0 "the chain verifies" "$keepgate" audit verify "$work/audit.log"

# Two servers, each drained in turn and started again on its address.
live --drain 1s --audit-log "$work/a.log"
a=$pid a_address=$address
live --drain 1s --audit-log "$work/b.log"
b=$pid b_address=$address
pool 4 "$a_address" "$b_address"
sleep 1
kill "$a"; wait "$a"
ok $? "the first is drained and ends with 0"
live --drain 1s --audit-log "$work/a.log" --listen "$a_address"
ok $ready "and starts again"
a=$pid
kill "$b"; wait "$b"
ok $? "the second is drained and ends with 0"
live --drain 1s --audit-log "$work/b.log" --listen "$b_address"
ok $ready "and starts again"
b=$pid
lost_none "no call was lost by a drain"
kill "$a" "$b"
wait "$a" && wait "$b"
ok $? "they end with 0"
run 0 "their chains verify" "$keepgate" audit verify "$work/a.log"
run 0 "both of them" "$keepgate" audit verify "$work/b.log"

# Idle connections do not hold up the end.
live --drain 0
python3 - "$address" "$work/both.crt" <<'PY' &
import sys, time
sys.path.insert(0, "tests/server")
from client import connect, head, answer, review
held = []
for i in range(8):
    held.append(connect(sys.argv[1], sys.argv[2]))
    if i % 2:
        held[-1].sendall(head(review("x")) + review("x"))
        answer(held[-1])
time.sleep(60)
PY
holder=$!
pids="$pids $holder"
await 20 'curl -s "http://$admin/metrics" | grep -q "^keepgate_admission_duration_seconds_count 4"'
kill "$pid"
await 20 '! kill -0 "$pid" 2>/dev/null'
ok $? "idle connections are closed and it ends"
wait "$pid"
ok $? "with 0"
kill $holder 2>/dev/null
done_testing
