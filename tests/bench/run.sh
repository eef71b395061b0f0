#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# run.sh BUILD: lines name<TAB>value<TAB>unit. First the engine alone, then
# the server over TLS beside its own echo, in turn, so that the machine's
# drift hits both: quote the ratios.
set -eu
BUILD=$1
seconds=${BENCH_SECONDS:-2}
rounds=${BENCH_ROUNDS:-3}
"$BUILD/bench-engine"
command -v wrk >/dev/null || { echo "bench: wrk is missing: make deps-test" >&2; exit 2; }
work=$(mktemp -d)
pids=
trap 'for p in $pids; do kill "$p" 2>/dev/null || true; done; rm -rf "$work"' EXIT
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
	-subj /CN=bench -addext subjectAltName=IP:127.0.0.1 \
	-keyout "$work/tls.key" -out "$work/tls.crt" 2>/dev/null
"$BUILD/bench-engine" --body pod8k >"$work/body"
cat >"$work/post.lua" <<LUA
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
local f = io.open("$work/body", "rb")
wrk.body = f:read("*a")
f:close()
LUA
put() { printf '%s\t%s\t%s\n' "$1" "$2" "$3"; }
now() { date +%s%N; }

# start NAME OPTION...: $pid_NAME and $address_NAME; reports start to ready.
start() {
	name=$1
	shift
	begun=$(now)
	"$BUILD/keepgate" serve --listen 127.0.0.1:0 --admin 127.0.0.1:0 --drain 0 \
		--threads 1 --tls-cert "$work/tls.crt" --tls-key "$work/tls.key" \
		"$@" 2>"$work/$name.log" &
	pids="$pids $!"
	eval "pid_$name=$!"
	until grep -q '^ready ' "$work/$name.log"; do sleep 0.002; done
	put "server-ready/$name" $((($(now) - begun) / 1000000)) ms
	eval "address_$name=$(sed -n 's/^ready listen=\([^ ]*\).*/\1/p' "$work/$name.log")"
}
cpu_us() { # PID: user and system time so far
	awk -v hz="$(getconf CLK_TCK)" '{ printf "%d", ($14 + $15) * 1000000 / hz }' "/proc/$1/stat"
}
rss() { awk '/^VmRSS/ { print $2 }' "/proc/$1/status"; }
# load NAME CONNECTIONS: appends "rps p50us p99us cpu-us" to $work/NAME.C
load() {
	eval "pid=\$pid_$1 address=\$address_$1"
	before=$(cpu_us "$pid")
	wrk -t1 -c"$2" -d"${seconds}s" --latency -s "$work/post.lua" \
		"https://$address/v1/validate" >"$work/wrk"
	after=$(cpu_us "$pid")
	awk -v cpu=$((after - before)) '
	function us(t) { return t ~ /us$/ ? t + 0 : t ~ /ms$/ ? t * 1000 : t * 1000000 }
	$1 == "50%" { p50 = us($2) } $1 == "99%" { p99 = us($2) }
	$2 == "requests" { n = $1 } $1 == "Requests/sec:" { rps = $2 }
	/Non-2xx/ { bad = 1 }
	END { if (bad || n == 0) exit 1; print rps, p50, p99, cpu / n }' \
		"$work/wrk" >>"$work/$1.$2" || { cat "$work/wrk" >&2; exit 2; }
}
median() { cut -d' ' -f"$2" "$1" | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

start full --audit-log "$work/audit.log"
start echo --bench-echo
put "server-memory/ready" "$(rss "$pid_full")" KiB
for c in 1 8 32; do
	round=0
	while [ $round -lt "$rounds" ]; do
		load echo $c
		load full $c
		round=$((round + 1))
	done
	for name in echo full; do
		put "server-$name-rps/c$c" "$(median "$work/$name.$c" 1)" 1/s
		put "server-$name-p50/c$c" "$(median "$work/$name.$c" 2)" us
		put "server-$name-p99/c$c" "$(median "$work/$name.$c" 3)" us
		put "server-$name-cpu/c$c" "$(median "$work/$name.$c" 4)" us
	done
	paste -d' ' "$work/full.$c" "$work/echo.$c" | awk '{ print $1 / $5, $4 / $8 }' >"$work/ratio"
	put "server-rps-of-echo/c$c" "$(median "$work/ratio" 1)" x
	put "server-cpu-of-echo/c$c" "$(median "$work/ratio" 2)" x
done
put "server-memory/after" "$(rss "$pid_full")" KiB
