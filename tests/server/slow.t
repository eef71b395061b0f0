#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Slow, silent, many and large: who means harm does not keep others from
# being served.
. "$(dirname "$0")/../tap.sh"
. tests/server/server.sh
make_certificate tls
start_server --request-timeout 1s --threads 2
hostile drip 1
post examples/reviews/1-ordinary-pod.json
[ "$status" = 200 ]
ok $? "others are served"
grep -q '^warn timeout what=request' "$work/server.log" && grep -q '^warn timeout what=handshake' "$work/server.log"
ok $? "the log says who was cut"
stop_server

start_server --max-connections 8 --threads 2
hostile evict 8
grep -q '^warn evict state=idle' "$work/server.log"
ok $? "the log says so"
stop_server

start_server
hostile wait "$pid"
hostile flood 1000
stop_server
start_server --audit-log "$work/large.log"
hostile large "$pid"
stop_server
[ "$code" -eq 0 ]
ok $? "it ends with 0"

# Descriptors: fewer connections where there are few, and none lost for good
# when they run out all the same.
cat >"$work/few" <<'SH'
#!/bin/sh
ulimit -n 100
exec "$@"
SH
chmod +x "$work/few"
wrap=$work/few
start_server --audit-log "$work/few.log"
wrap=
grep -q '^warn start message=.*open files is low.* maxConnections=50 ' "$work/server.log"
ok $? "a low limit of open files means fewer connections"
hostile flood 200
stop_server
start_server --audit-log "$work/fds.log" --max-connections 200
prlimit --pid "$pid" --nofile=60:60
hostile flood 200
grep -q '^warn accept error="Too many open files"' "$work/server.log"
ok $? "the log says that descriptors ran out"
post examples/reviews/1-ordinary-pod.json
[ "$status" = 200 ] && grep -q '"allowed":true' "$work/answer"
ok $? "afterwards everything is as before"
stop_server
run 0 "the chain verifies" "$keepgate" audit verify "$work/fds.log"
done_testing
