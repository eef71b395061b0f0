#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The main job, end to end: a server with a certificate of its own, reviews as
# the API server sends them, verdicts, the audit log. `make demo` runs it.
set -eu
keepgate=${KEEPGATE:-keepgate}
here=$(dirname "$0")
work=$(mktemp -d)
pid=
trap 'if [ -n "$pid" ]; then kill "$pid" 2>/dev/null || true; fi; rm -rf "$work"' EXIT

echo "-- a certificate for 127.0.0.1"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 \
	-subj /CN=keepgate-demo -addext subjectAltName=IP:127.0.0.1 \
	-keyout "$work/tls.key" -out "$work/tls.crt" 2>"$work/openssl.log" ||
	{ cat "$work/openssl.log" >&2; exit 1; }

echo "-- the server"
"$keepgate" serve --listen 127.0.0.1:0 --admin 127.0.0.1:0 --drain 0 \
	--tls-cert "$work/tls.crt" --tls-key "$work/tls.key" \
	--audit-log "$work/audit.log" 2>"$work/server.log" &
pid=$!
n=0
until grep -q '^ready ' "$work/server.log"; do
	n=$((n + 1))
	if [ $n -gt 100 ] || ! kill -0 "$pid" 2>/dev/null; then
		cat "$work/server.log" >&2
		exit 1
	fi
	sleep 0.1
done
cat "$work/server.log"
address=$(sed -n 's/^ready listen=\([^ ]*\).*/\1/p' "$work/server.log")

allowed=0
denied=0
for review in "$here"/reviews/*.json; do
	echo
	echo "-- POST $(basename "$review")"
	curl -sS --fail --cacert "$work/tls.crt" \
		-H 'Content-Type: application/json' --data-binary "@$review" \
		"https://$address/v1/validate?timeout=5s" >"$work/answer"
	if grep -q '"allowed":true' "$work/answer"; then
		allowed=$((allowed + 1))
		echo allowed
	else
		denied=$((denied + 1))
		echo denied
	fi
	# The message of a denial is a line a finding; warnings are strings.
	sed -n 's/.*"message":"\(.*\)","reason".*/\1/p' "$work/answer" |
		sed 's/\\n/\n/g; s/\\"/"/g; s/\\\\/\\/g' | sed 's/^/  /'
	sed -n 's/.*"warnings":\["\([^]]*\)"\].*/\1/p' "$work/answer" |
		sed 's/","/\n/g; s/\\"/"/g; s/\\\\/\\/g' | sed 's/^/  warning: /'
done

echo
echo "-- the audit log"
"$keepgate" audit list "$work/audit.log"
kill "$pid"
wait "$pid"
pid=
echo
echo "-- its chain, now that the server has stopped"
"$keepgate" audit verify "$work/audit.log"
echo
echo "$allowed allowed, $denied denied"
