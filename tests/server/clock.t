#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The clock on the wall is set back and forth while the server runs: nothing
# times out, nothing is lost, and the chain does not mind.
. "$(dirname "$0")/../tap.sh"
. tests/server/server.sh
make_certificate tls
faketime=$(ls /usr/lib/*/faketime/libfaketimeMT.so.1 2>/dev/null | head -n 1)
if [ -z "$faketime" ] || [ "${MODE:-release}" != release ]; then
	skip "no libfaketime here, or a sanitizer in its place"
	done_testing
	exit 0
fi
echo '+0' >"$work/clock"
export FAKETIME_TIMESTAMP_FILE="$work/clock" FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1
wrap="env LD_PRELOAD=$faketime"
start_server --audit-log "$work/audit.log" --request-timeout 3s -p policies/enclave-strict/policy.yaml
wrap=
unset FAKETIME_TIMESTAMP_FILE FAKETIME_NO_CACHE FAKETIME_DONT_FAKE_MONOTONIC
ok $ready "it starts"
python3 - "$address" "$work/tls.crt" "$work/stop" >"$work/calls" 2>&1 <<'PY' &
import os, sys, time
sys.path.insert(0, "tests/server")
from client import answer, connect, head, review
kept, n = connect(sys.argv[1], sys.argv[2]), 0
while not os.path.exists(sys.argv[3]):
    body = review("c%d" % n)
    kept.sendall(head(body) + body)
    assert answer(kept) == "c%d" % n
    n += 1
    time.sleep(0.01)
print("answered", n)
PY
caller=$!
pids="$pids $caller"
for step in +3600 -7200 +86400 -31536000 +0; do
	before=$(grep -c decision "$work/audit.log")
	echo "$step" >"$work/clock"
	await 20 '[ "$(grep -c decision "$work/audit.log")" -gt $((before + 10)) ]'
	ok $? "the clock is set by $step s, and decisions go on"
	kill -HUP "$pid"
done
await 10 'curl -s "http://$admin/metrics" | grep -q "reloads_total{what=\"policies\",result=\"ok\"} [1-9]"'
ok $? "reloads too"
: >"$work/stop"
wait $caller
ok $? "one connection lived through all of it"
sed -n 's/.*"time":"\(20..\).*/\1/p' "$work/audit.log" | sort -u | wc -l | grep -qx '[2-9]'
ok $? "the records tell the time as the clock had it"
grep -c timeout "$work/server.log" | grep -qx 0
ok $? "nothing timed out"
stop_server
[ $code -eq 0 ]
ok $? "it ends with 0"
run 0 "the chain verifies" "$keepgate" audit verify "$work/audit.log"
done_testing
