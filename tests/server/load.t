#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Bursts, drain, and what a crash leaves behind.
. "$(dirname "$0")/../tap.sh"
. tests/server/server.sh
make_certificate tls
client="python3 tests/server/client.py"

# libmicrohttpd's own epoll thread answers none of exactly 128 at once.
start_server --threads 1
for n in 127 128 129 256; do
	run 0 "a burst of $n requests on one worker" timeout 30 $client burst "$address" "$work/tls.crt" $n
done

# Answers are held to the end of a turn of the loop, and not any longer.
run 0 "one request after the other" timeout 30 $client turns "$address" "$work/tls.crt" 30
run 0 "requests without waiting for answers" timeout 30 $client pipe "$address" "$work/tls.crt" 40
run 0 "a client that reads late misses no answer" timeout 60 $client unread "$address" "$work/tls.crt" 1500
stop_server

# All of an API server's connections may come at once.
start_server --threads 2
$client spread "$address" "$work/tls.crt" "$pid" >"$work/spread"
awk 'NF != 2 || $1 < 5 { bad = 1 } END { exit bad }' "$work/spread"
ok $? "each thread has its share of the connections: $(cat "$work/spread")"
stop_server

# A request under way when SIGTERM comes is answered.
start_server --audit-log "$work/drain.log" --drain 5s
: >"$work/slow"
$client slow "$address" "$work/tls.crt" 2 >"$work/slow" 2>&1 &
slow=$!
await 20 'grep -q begun "$work/slow"'
kill "$pid"
sleep 0.3
[ "$(curl -s -o /dev/null -w '%{http_code}' "http://$admin/readyz")" = 503 ]
ok $? "unready as soon as SIGTERM came"
curl -si --cacert "$work/tls.crt" -H 'Content-Type: application/json' \
	--data-binary @examples/reviews/1-ordinary-pod.json "https://$address/v1/validate" |
	grep -qi '^connection: close'
ok $? "answers say Connection: close while draining"
wait $slow
ok $? "the request under way was answered"
wait "$pid"
ok $? "and the server ended with 0"
grep -q '"uid":"slow"' "$work/drain.log"
ok $? "its decision is recorded"

enough() { [ -f "$1" ] && [ "$(wc -l <"$1")" -gt 50 ]; }
# kill -9 under load: what was answered is in the log, and the chain goes on.
round=0
while [ $round -lt 3 ]; do
	round=$((round + 1))
	start_server --audit-log "$work/crash.log"
	ok $ready "round $round: it starts on what the crash left"
	$client load "$address" "$work/tls.crt" "$work/answered.$round" &
	loader=$!
	await 20 'enough "$work/answered.$round"'
	stop_server KILL
	wait $loader
	[ "$(wc -l <"$work/answered.$round")" -gt 10 ]
	ok $? "round $round: $(wc -l <"$work/answered.$round") answers before kill -9"
	lost=$(tr -d '"' <"$work/answered.$round" | sort >"$work/a"
		sed -n 's/.*"uid":"\(load-[0-9-]*\)".*/\1/p' "$work/crash.log" | sort -u >"$work/r"
		comm -23 "$work/a" "$work/r" | wc -l)
	[ "$lost" -eq 0 ]
	ok $? "round $round: no answered decision is lost"
done
# The last kill may have torn a line of its own.
start_server --audit-log "$work/crash.log"
stop_server
printf '{"v":1,"seq":99999,"torn' >>"$work/crash.log"
start_server --audit-log "$work/crash.log"
ok $ready "it starts on a torn last line"
grep -q 'what=recovered .*bytes=24' "$work/server.log"
ok $? "and says what it cut off"
grep -q '"type":"open".*"recoveredBytes":24' "$work/crash.log"
ok $? "in the log too"
stop_server
run 0 "the whole chain verifies" "$keepgate" audit verify "$work/crash.log"

# A second writer, a log that is none.
start_server --audit-log "$work/crash.log"
first=$pid
start_server --audit-log "$work/crash.log"
grep -q 'another process writes this log' "$work/server.log"
ok $? "a second writer is refused"
kill "$first"; wait "$first"
echo 'hello' >"$work/other.log"
start_server --audit-log "$work/other.log"
grep -q 'is no audit record; move the file away' "$work/server.log"
ok $? "a file that is no log is refused"
[ "$(cat "$work/other.log")" = hello ]
ok $? "and left as it was"

# Disk full, as a limit on the file's size (512-byte blocks).
wrap="sh -c 'ulimit -f 16; exec \"\$@\"' sh"
cat >"$work/limited" <<'SH'
#!/bin/sh
ulimit -f 16
exec "$@"
SH
chmod +x "$work/limited"
wrap=$work/limited
start_server --audit-log "$work/full.log"
n=0; while [ $n -lt 30 ]; do post examples/reviews/1-ordinary-pod.json; n=$((n + 1)); done
grep -q '"allowed":false.*the audit log cannot be written.*"code":500' "$work/answer"
ok $? "a full disk refuses, by default"
curl -s "http://$admin/metrics" | grep -q 'keepgate_journal_failures_total [1-9]'
ok $? "the metric says so"
grep -q '^error journal what=write' "$work/server.log"
ok $? "the log says so"
wrap=
stop_server
run 0 "what is there verifies" "$keepgate" audit verify "$work/full.log"
wrap=$work/limited
start_server --audit-log "$work/open.log" --audit-on-failure allow
n=0; while [ $n -lt 30 ]; do post examples/reviews/1-ordinary-pod.json; n=$((n + 1)); done
grep -q '"allowed":true' "$work/answer"
ok $? "or allows, when told so"
post examples/reviews/3-misbuilt-enclave-pod.json
grep -q '"allowed":false' "$work/answer"
ok $? "what is denied stays denied"
stop_server
wrap=

# A disk that fails under records that wait for the end of their turn.
failing() { # what the log's file may grow to: SIZE or unlimited
	prlimit --pid "$pid" --fsize="$1"
}
start_failing() { # LOG OPTION...: it can record one of two decisions
	log=$1
	shift
	start_server --audit-log "$log" "$@"
	post examples/reviews/1-ordinary-pod.json
	failing "$(stat -c %s "$log")":
	post examples/reviews/1-ordinary-pod.json
}
start_failing "$work/fails.log"
[ "$status" = 000 ]
ok $? "a decision that could not be recorded after all is not answered"
post examples/reviews/1-ordinary-pod.json
grep -q '"allowed":false.*the audit log cannot be written.*"code":500' "$work/answer"
ok $? "the next one is refused"
failing unlimited
post examples/reviews/1-ordinary-pod.json
grep -q '"allowed":true' "$work/answer"
ok $? "and once it can be written, things go on"
stop_server
run 0 "the log verifies" "$keepgate" audit verify "$work/fails.log"
says '^4 records' "and holds what was answered"
start_failing "$work/fails2.log" --audit-on-failure allow
grep -q '"allowed":true' "$work/answer"
ok $? "under onFailure: allow it is answered"
failing unlimited
post examples/reviews/1-ordinary-pod.json
grep -q '"seq":3,.*"lost":1' "$work/fails2.log"
ok $? "and counted"
stop_server

# Rotation by size; the chain goes over the files.
start_server --audit-log "$work/rot.log" --audit-rotate 8Ki
n=0; while [ $n -lt 40 ]; do post examples/reviews/2-enclave-pod.json; n=$((n + 1)); done
stop_server
[ "$(ls "$work"/rot.log.* | wc -l)" -ge 3 ]
ok $? "the log is rotated by size"
run 0 "the chain verifies over all files, in any order" "$keepgate" audit verify $(ls -r "$work"/rot.log*)
says '^4[3-9] records, 1 to\|^5[0-9] records, 1 to' "nothing is lost"
run 0 "later files alone start late" "$keepgate" audit verify "$work/rot.log"
says 'starts late' "and it says so"
start_server --audit-log "$work/rot.log"
stop_server
run 0 "restart continues the chain" "$keepgate" audit verify "$work"/rot.log*

for mode in always never interval; do
	start_server --audit-log "$work/$mode.log" --audit-sync $mode
	post examples/reviews/1-ordinary-pod.json
	stop_server
	run 0 "sync mode $mode" "$keepgate" audit verify "$work/$mode.log"
done
start_server --audit-log -
post examples/reviews/1-ordinary-pod.json
stop_server
grep -q '"type":"decision"' "$work/server.out"
ok $? "- is standard output"
done_testing
