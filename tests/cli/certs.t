#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# keepgate certs init and show, judged by openssl and by a real handshake.
. "$(dirname "$0")/../tap.sh"
. tests/server/server.sh
dir=$work/certs
certs() { "$keepgate" certs "$@"; }
init() { certs init --dir "$dir" "$@"; }
run 2 "a directory is asked for" certs init
run 0 "a CA and a certificate" init --dns gate.example --ip 127.0.0.1 --ip ::1
says '^names: .*keepgate.keepgate-system.svc, .*gate.example, IP Address:127.0.0.1' "its names are told"
says '^caBundle: LS0t' "and the caBundle"
[ "$(stat -c %a "$dir"/ca.key "$dir"/tls.key "$dir"/tls.crt | tr '\n' ' ')" = "600 600 644 " ]
ok $? "keys are their owner's alone"
run 0 "openssl verifies the chain strictly" openssl verify -x509_strict \
	-purpose sslserver -verify_hostname keepgate.keepgate-system.svc \
	-CAfile "$dir/ca.crt" "$dir/tls.crt"
for f in ca tls; do openssl x509 -in "$dir/$f.crt" -noout -text >"$work/$f.txt"; done
cat "$work/ca.txt" >"$work/out"
says 'CA:TRUE, pathlen:0' "the CA is one, and no more"
says 'Certificate Sign, CRL Sign' "it may sign"
cat "$work/tls.txt" >"$work/out"
for word in 'NIST CURVE: P-256' 'CA:FALSE' '^ *Digital Signature$' 'TLS Web Server Authentication' \
    'X509v3 Authority Key Identifier' 'X509v3 Subject Key Identifier' 'DNS:keepgate.keepgate-system.svc.cluster.local'; do
	says "$word" "the certificate has: $word"
done
[ "$(openssl x509 -in "$dir/tls.crt" -noout -serial)" != "$(openssl x509 -in "$dir/ca.crt" -noout -serial)" ]
ok $? "serials differ"

run 2 "what is there is not overwritten" init
says 'tls.crt is there; --force' "and that is said"
cp "$dir/ca.crt" "$work/ca.before"
cp "$dir/tls.crt" "$work/tls.before"
run 0 "--force renews" init --force -o ca-bundle
base64 -d "$work/out" | cmp - "$dir/ca.crt"
ok $? "-o ca-bundle is the CA alone"
cmp -s "$dir/ca.crt" "$work/ca.before"
ok $? "by the same CA"
! cmp -s "$dir/tls.crt" "$work/tls.before"
ok $? "with a new certificate"
[ "$(find "$dir" -type f | wc -l)" -eq 4 ]
ok $? "no temporary file is left"
run 0 "-o json" init --force -o json --ip 127.0.0.1
python3 -c 'import json,sys; d=json.load(open(sys.argv[1])); assert d["newCa"] is False and len(d["names"]) == 5 and d["caBundle"]' "$work/out"
ok $? "is JSON with what was made"
for bad in '--dns a_b' '--dns a,b' '--ip 300.1.1.1' '--service A.b' '--namespace .' '--days 0' '--days 4000'; do
	# shellcheck disable=SC2086
	run 2 "refused: $bad" init --force $bad
done
run 2 "a directory that cannot be made" certs init --dir "$work/no/such/dir"
says 'No such file' "is told"
mkdir "$work/half" && cp "$dir/ca.crt" "$work/half"
run 2 "half a CA" certs init --dir "$work/half"
says 'a CA needs both' "is told"
cp "$dir/tls.key" "$work/half/ca.key"
run 2 "a CA with another's key" certs init --dir "$work/half"
says 'is not the key of' "is told"

run 0 "show: all is fine" certs show --key "$dir/tls.key" --ca "$dir/ca.crt" --service keepgate "$dir/tls.crt"
says '^ fine$' "says so"
says '36[45] days left' "and how long"
run 0 "a CA is looked at too" certs show "$dir/ca.crt"
run 1 "soon to expire" certs show --warn-days 366 "$dir/tls.crt"
says 'problem: certificate 1 expires in 36[45] days' "says when"
run 1 "another's key" certs show --key "$dir/ca.key" "$dir/tls.crt"
says "problem: the key is another certificate's" "is told"
run 1 "another Service" certs show --service other "$dir/tls.crt"
says 'no name among its names is other.keepgate-system.svc' "is told"
certs init --dir "$work/other" >/dev/null
run 1 "another CA" certs show --ca "$work/other/ca.crt" "$dir/tls.crt"
says 'problem: the chain does not verify' "is told"
run 1 "as JSON" certs show --ca "$work/other/ca.crt" -o json "$dir/tls.crt"
python3 -c 'import json,sys; d=json.load(open(sys.argv[1])); assert d["chainVerifies"] is False and "keyMatches" not in d and d["certificates"][0]["daysLeft"] >= 364' "$work/out"
ok $? "is JSON"
# Names in the subject count for nothing, as for the API server.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 90 \
	-subj "/CN=keepgate.keepgate-system.svc" -addext basicConstraints=CA:FALSE -keyout "$work/cn.key" -out "$work/cn.crt" 2>/dev/null
run 1 "a name in the subject alone" certs show --service keepgate "$work/cn.crt"
run 2 "a missing file" certs show "$work/nosuch"
run 2 "no PEM" certs show Makefile
{ cat "$dir/tls.crt"; sed 's/[A-Z]/x/' "$dir/ca.crt"; } >"$work/torn.crt"
sed -n '1,5p' "$dir/ca.crt" >>"$work/torn.crt"
run 2 "a torn chain" certs show "$work/torn.crt"
run 2 "a key that is none" certs show --key Makefile "$dir/tls.crt"
openssl ec -in "$dir/tls.key" -aes256 -passout pass:x -out "$work/locked.key" 2>/dev/null
"$keepgate" certs show --key "$work/locked.key" "$dir/tls.crt" </dev/null >"$work/out" 2>"$work/err"
[ $? -eq 2 ]
ok $? "a locked key is refused, and nobody is asked"

# The pair serves, and a client that trusts the CA alone takes it by name.
cp "$dir/tls.crt" "$dir/tls.key" "$work"
start_server
ok $? "the server starts on it"
code=$(curl -s -o "$work/answer" -w '%{http_code}' --max-time 20 --cacert "$dir/ca.crt" \
	--connect-to "keepgate.keepgate-system.svc:443:$address" \
	-H 'Content-Type: application/json' --data-binary @examples/reviews/1-ordinary-pod.json \
	https://keepgate.keepgate-system.svc/v1/validate)
[ "$code" = 200 ]
ok $? "a client that trusts the CA takes it for the Service"
stop_server
done_testing
