#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Client certificates: none, a stranger's, the wrong name, the right one.
. "$(dirname "$0")/../tap.sh"
. tests/server/server.sh
make_certificate tls
make_ca() { # NAME
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
		-subj "/CN=$1" -keyout "$work/$1.key" -out "$work/$1.crt" 2>/dev/null
}
# make_client CA NAME SUBJECT [EXTENSION]
make_client() {
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "$3" \
		-keyout "$work/$2.key" -out "$work/$2.csr" 2>/dev/null
	printf 'basicConstraints=CA:FALSE\n%s\n' "${4:-extendedKeyUsage=clientAuth}" >"$work/ext"
	openssl x509 -req -in "$work/$2.csr" -CA "$work/$1.crt" -CAkey "$work/$1.key" \
		-CAcreateserial -days "${days:-2}" -extfile "$work/ext" -out "$work/$2.crt" 2>/dev/null
}
good=examples/reviews/1-ordinary-pod.json
# as NAME STATUS TEXT: a review with this certificate
as() {
	post $good /v1/validate --cert "$work/$1.crt" --key "$work/$1.key"
	[ "$status" = "$2" ] || echo "# got $status"
	[ "$status" = "$2" ]
	ok $? "$3"
}
make_ca ours
make_ca theirs
make_client ours api '/CN=kube-apiserver'
make_client ours dns '/CN=x' 'subjectAltName=DNS:api.example'
make_client ours uri '/CN=x' 'subjectAltName=URI:spiffe://c/api'
make_client ours other '/CN=other' 'subjectAltName=DNS:other.example'
make_client ours longer '/CN=kube-apiserver-2' 'subjectAltName=DNS:api.example.evil,DNS:x.api.example'
make_client ours server '/CN=kube-apiserver' 'extendedKeyUsage=serverAuth'
make_client theirs stranger '/CN=kube-apiserver' 'subjectAltName=DNS:api.example'
days=-1 make_client ours expired '/CN=kube-apiserver' 2>/dev/null
cp "$work/ours.crt" "$work/ca.crt"

start_server --client-ca "$work/ca.crt" --client-name kube-apiserver --client-name api.example \
	--client-name spiffe://c/api --audit-log "$work/audit.log"
ok $ready "it tests itself and starts"
post $good
[ "$status" = 403 ] && grep -q '^a client certificate is required$' "$work/answer"
ok $? "no certificate: 403"
post $good /v1/nothing
[ "$status" = 403 ]
ok $? "whatever the path"
as stranger 403 "a stranger's: 403"
grep -q 'not trusted' "$work/answer"
ok $? "and says why"
as other 403 "another name: 403"
grep -q 'name' "$work/answer"
ok $? "and says why"
as longer 403 "names are compared whole"
as server 403 "a certificate that is not for clients: 403"
[ -s "$work/expired.crt" ] && as expired 403 "an expired one: 403"
as api 200 "the right common name"
as dns 200 "the right DNS name"
as uri 200 "the right URI"
curl -s "http://$admin/metrics" | grep -q '^keepgate_certificate_expiry_seconds{certificate="client-ca"} 1[0-9]\{5\}$'
ok $? "the CA's expiry is a metric"
grep -c '"type":"decision"' "$work/audit.log" | grep -qx 3
ok $? "what was refused was not judged"

# The CA is rotated: both, then the new one alone; connections that are open too.
python3 tests/server/client.py keep "$address" "$work/tls.crt" "$work/api" >"$work/kept" 2>&1 &
keeper=$!
pids="$pids $keeper"
await 20 'grep -qs "^200$" "$work/kept"'
ok $? "a kept connection is served"
cat "$work/ours.crt" "$work/theirs.crt" >"$work/ca.crt"
retry() { post $good /v1/validate --cert "$work/$1.crt" --key "$work/$1.key"; [ "$status" = "$2" ]; }
await 10 'retry stranger 200'
ok $? "a CA that is added is taken"
retry api 200
ok $? "beside the one that was there"
cp "$work/theirs.crt" "$work/ca.crt"
await 10 'retry api 403'
ok $? "a CA that is taken away is no longer trusted"
await 10 'grep -q "^403$" "$work/kept"'
ok $? "also on a connection that was open"
wait $keeper
grep -cv '^200$\|^403$' "$work/kept" | grep -qx 0
ok $? "which lost no call meanwhile"
echo nonsense >"$work/ca.crt"
await 10 'curl -s "http://$admin/readyz" | grep -q "reload of client-ca failed"'
ok $? "a CA file that is none is refused"
retry stranger 200
ok $? "and the old one goes on"
stop_server
start_server --client-ca "$work/ours.crt"
as other 200 "without --client-name any name of the CA does"
as stranger 403 "but not a stranger's"
stop_server
run 2 "--client-name needs --client-ca" "$keepgate" serve --tls-cert x --tls-key y --client-name z
cat >"$work/config.yaml" <<CONFIG
apiVersion: keepgate.dev/v1alpha1
kind: KeepgateConfiguration
tls: {clientCA: $work/ours.crt, clientNames: [kube-apiserver]}
log: {format: json, level: info}
CONFIG
start_server --config "$work/config.yaml" 
await 10 'grep -q "\"event\":\"ready\"" "$work/server.log"'
address=$(sed -n 's/.*"event":"ready","listen":"\([^"]*\)".*/\1/p' "$work/server.log")
as api 200 "the configuration file says the same"
as other 403 "names too"
python3 -c 'import json, sys
for line in sys.stdin: json.loads(line)' <"$work/server.log"
ok $? "and the log is JSON"
stop_server
done_testing
