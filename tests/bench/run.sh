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

# compare ECHO FULL CONNECTIONS: in turn, then medians and ratios.
compare() {
	c=$3
	round=0
	while [ $round -lt "$rounds" ]; do
		load "$1" "$c"
		load "$2" "$c"
		round=$((round + 1))
	done
	for name in "$1" "$2"; do
		put "server-$name-rps/c$c" "$(median "$work/$name.$c" 1)" 1/s
		put "server-$name-p50/c$c" "$(median "$work/$name.$c" 2)" us
		put "server-$name-p99/c$c" "$(median "$work/$name.$c" 3)" us
		put "server-$name-cpu/c$c" "$(median "$work/$name.$c" 4)" us
	done
	paste -d' ' "$work/$2.$c" "$work/$1.$c" | awk '{ print $1 / $5, $4 / $8 }' >"$work/ratio"
	put "server-rps-of-$1/c$c" "$(median "$work/ratio" 1)" x
	put "server-cpu-of-$1/c$c" "$(median "$work/ratio" 2)" x
}

start full -p policies/enclave-strict/policy.yaml --audit-log "$work/audit.log"
start echo --bench-echo
put "server-memory/ready" "$(rss "$pid_full")" KiB
for c in 1 8 32; do
	compare echo full $c
done
# With a thread a core, as by default.
start full_all -p policies/enclave-strict/policy.yaml --audit-log "$work/all.log" --threads "$(nproc)"
start echo_all --bench-echo --threads "$(nproc)"
compare echo_all full_all 8

# --- New connections ---

# One a request: what a handshake costs the server, less the request itself.
sed 's/wrk.method/wrk.headers["Connection"] = "close"\n&/' "$work/post.lua" >"$work/close.lua"
before=$(cpu_us "$pid_echo")
wrk -t1 -c1 -d"${seconds}s" -s "$work/close.lua" "https://$address_echo/v1/validate" >"$work/wrk"
awk -v cpu=$(($(cpu_us "$pid_echo") - before)) -v request="$(median "$work/echo.8" 4)" \
	'$2 == "requests" { printf "server-handshake-cpu\t%.0f\tus\n", cpu / $1 - request }' "$work/wrk"
# burst NAME N: N connections at once, a request on each.
burst() {
	eval "address=\$address_$1"
	h2load --h1 -t2 -n "$2" -c "$2" -d "$work/body" -H 'content-type: application/json' \
		"https://$address/v1/validate" >"$work/burst" 2>&1 || return 0
	grep -q "^requests: $2 total, .* $2 succeeded" "$work/burst" || { cat "$work/burst" >&2; exit 2; }
	sed -n 's/^finished in \([0-9.]*\)\([mu]*s\),.*/\1 \2/p' "$work/burst" |
		awk '{ print $2 == "us" ? $1 / 1000 : $2 == "s" ? $1 * 1000 : $1 }' >>"$work/burst.$1.$2"
}
if command -v h2load >/dev/null; then
	for n in 128 256; do
		round=0
		while [ $round -lt "$rounds" ]; do
			burst echo_all $n
			burst full_all $n
			round=$((round + 1))
		done
		put "server-burst-echo/new$n" "$(median "$work/burst.echo_all.$n" 1)" ms
		put "server-burst/new$n" "$(median "$work/burst.full_all.$n" 1)" ms
	done
fi
# On connections that are open already.
for n in 128 256; do
	python3 tests/server/client.py burst "$address_full" "$work/tls.crt" $n |
		awk -v n=$n '{ printf "server-burst/open%d\t%s\tms\n", n, $4 }'
done

# --- Beside slow clients; many policies; memory ---

python3 tests/server/hostile.py flood "$address_full" "$work/tls.crt" 1000 |
	awk '/^# a review took/ { printf "server-slow-clients-delay\t%s\tx\n", $(NF - 1) }'
mkdir "$work/policies"
n=0
while [ $n -lt 100 ]; do
	n=$((n + 1))
	sed "s/^metadata: .*/metadata: {name: policy-$n}/" tests/bench/policy.yaml >"$work/policies/$n.yaml"
done
start policies100 -p "$work/policies"
sleep 2 # what a crowd took is given back within a second
put "server-memory/after" "$(rss "$pid_full")" KiB
[ "${BENCH_SOAK:-0}" -gt 0 ] || exit 0

# BENCH_SOAK=1000000: so many requests, and what they left behind.
served=0
first=0
while [ $served -lt "$BENCH_SOAK" ]; do
	wrk -t1 -c8 -d10s -s "$work/post.lua" "https://$address_full/v1/validate" >"$work/wrk"
	served=$((served + $(awk '$2 == "requests" { print $1 }' "$work/wrk")))
	[ $first -gt 0 ] || first=$(rss "$pid_full")
	rm -f "$work"/audit.log.*
done
put "server-soak/requests" $served 1
put "server-soak/growth" $(($(rss "$pid_full") - first)) KiB
