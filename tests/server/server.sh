# SPDX-License-Identifier: Apache-2.0
# Starting and stopping real servers. Source it after tests/tap.sh.
make_certificate() { # NAME: $work/NAME.crt and .key
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-days 2 -subj "/CN=$1" -addext subjectAltName=IP:127.0.0.1 \
		-keyout "$work/$1.key" -out "$work/$1.crt" 2>/dev/null
}

# start_server OPTION...: sets $pid, $address, $admin, $ready (0 or 1);
# talk goes to $work/server.log. With $wrap set, runs under that command.
start_server() {
	: >"$work/server.log"
	# shellcheck disable=SC2086
	${wrap:-} "$keepgate" serve --listen 127.0.0.1:0 --admin 127.0.0.1:0 --drain 0 \
		--tls-cert "$work/tls.crt" --tls-key "$work/tls.key" "$@" \
		2>"$work/server.log" >"$work/server.out" &
	pid=$!
	pids="$pids $pid"
	ready=1
	i=0
	while [ $i -lt 200 ]; do
		if grep -q "^ready \|\"event\":\"ready\"" "$work/server.log"; then ready=0; break; fi
		kill -0 "$pid" 2>/dev/null || break
		sleep 0.05
		i=$((i + 1))
	done
	address=$(sed -n 's/^ready listen=\([^ ]*\).*/\1/p' "$work/server.log")
	admin=$(sed -n 's/.* admin=\([^ ]*\).*/\1/p' "$work/server.log")
	return $ready
}

# await SECONDS COMMAND: until the command holds; false when it never does.
await() {
	tries=$(($1 * 20))
	until eval "$2"; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return 1
		sleep 0.05
	done
}

# stop_server [SIGNAL]: sets $code to its exit status.
stop_server() {
	kill "-${1:-TERM}" "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
	code=$?
}

# post FILE [PATH] [CURL OPTION...]: answer to $work/answer, status to $status
post() {
	body=$1
	path=${2:-/v1/validate}
	[ $# -ge 2 ] && shift 2 || shift 1
	status=$(curl -s -o "$work/answer" -w '%{http_code}' --max-time 20 \
		--cacert "$work/tls.crt" -H 'Content-Type: application/json' \
		--data-binary "@$body" "$@" "https://$address$path")
}

# hostile WHAT ARGUMENT...: each line that hostile.py prints is a test.
hostile() {
	what=$1
	shift
	python3 tests/server/hostile.py "$what" "$address" "$work/tls.crt" "$@" >"$work/said" 2>"$work/err"
	hostile_code=$?
	while IFS= read -r line; do
		case $line in
		ok\ *) ok 0 "${line#ok }" ;;
		\#*) echo "$line" ;;
		*) echo "# $line"; ok 1 "${line#not ok }" ;;
		esac
	done <"$work/said"
	ok $hostile_code "hostile.py $what ended"
}
