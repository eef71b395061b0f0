#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What is no request of one meaning only is refused, and nothing that comes
# over the wire stops the server.
. "$(dirname "$0")/../tap.sh"
. tests/server/server.sh
make_certificate tls
start_server --audit-log "$work/audit.log"
hostile strict
hostile fuzz 1 150
post examples/reviews/1-ordinary-pod.json
[ "$status" = 200 ]
ok $? "it serves on"
n=$(wc -l <"$work/server.log")
[ "$n" -lt 250 ]
ok $? "and its log stays short ($n lines)"

grep -c strict "$work/server.log" | grep -qx 0
ok $? "no body is in the log"
stop_server
run 0 "the chain verifies" "$keepgate" audit verify "$work/audit.log"
done_testing
