#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What serving takes: resident memory, allocations a request, growth.
. "$(dirname "$0")/../tap.sh"
. tests/server/server.sh
make_certificate tls
if [ "${MODE:-release}" != release ]; then
	skip "sanitizers and debuggers need memory of their own"
	done_testing
	exit 0
fi
rss() { awk '/^VmRSS/ { print $2 }' "/proc/$pid/status"; }
cat >"$work/many.py" <<'PY'
"""many.py ADDRESS CA CONNECTIONS ROUNDS FILE...: reviews on all of them, round by round."""
import sys
sys.path.insert(0, "tests/server")
from client import connect, head, reply
bodies = [open(name, "rb").read() for name in sys.argv[5:]]
held = [connect(sys.argv[1], sys.argv[2]) for _ in range(int(sys.argv[3]))]
print("connected", flush=True)
for i in range(int(sys.argv[4])):
    if i == 100:
        print("warm", flush=True)
        sys.stdin.readline()
    body = bodies[i % len(bodies)]
    for connection in held:
        connection.sendall(head(body) + body)
    for connection in held:
        assert b" 200 " in reply(connection)[0]
print("served", flush=True)
sys.stdin.read()
PY
reviews=$(ls examples/reviews/*.json)
mkfifo "$work/hold"
# many CONNECTIONS ROUNDS: leaves the connections open until done_many
many() {
	exec 9<>"$work/hold" # does not wait for a reader
	: >"$work/many"
	# shellcheck disable=SC2086
	timeout 300 python3 "$work/many.py" "$address" "$work/tls.crt" "$1" "$2" $reviews \
		<"$work/hold" >"$work/many" 2>&1 9>&- &
	pids="$pids $!"
	await 60 'grep -q "served\|warm" "$work/many"'
}
# The rest of them, after the first hundred rounds.
go_on() {
	echo >&9
	await 120 'grep -q served "$work/many"'
}
done_many() { exec 9>&-; }

start_server --audit-log "$work/audit.log" -p policies/enclave-strict/policy.yaml
echo "# $(rss) KiB when ready"
many 64 10
ok $? "64 connections are served"
kib=$(rss)
echo "# $kib KiB with them"
[ "$kib" -le 12288 ]
ok $? "in at most 12 MiB ($kib KiB)"
done_many
many 300 2
echo "# $(rss) KiB with 300 connections"
done_many
await 10 '[ "$(rss)" -le 12288 ]'
ok $? "what a crowd has taken is given back ($(rss) KiB)"

# The same requests again: not one more allocation of ours.
export MALLOCS_FILE="$work/count"
wrap="env LD_PRELOAD=$PWD/$BUILD/mallocs.so"
stop_server
start_server --audit-log "$work/audit.log" -p policies/enclave-strict/policy.yaml
wrap=
unset MALLOCS_FILE
mallocs() { od -An -t u8 -N 8 "$work/count" | tr -d ' '; }
[ "$(mallocs)" -gt 0 ]
ok $? "allocations are counted"
many 8 600
first=$(mallocs)
go_on
second=$(mallocs)
done_many
echo "# $first after 800 requests, $second after 4,800"
[ "$first" = "$second" ]
ok $? "steady requests allocate nothing"
stop_server

# Growth; BENCH_SOAK of make bench does a million.
start_server --audit-log "$work/soak.log" --audit-rotate 1Mi --audit-objects none
many 8 2000
before=$(rss)
go_on
after=$(rss)
done_many
echo "# $before KiB after 800 requests, $after KiB after 16,000"
[ "$after" -le $((before + 256)) ]
ok $? "and nothing grows"
stop_server
done_testing
