#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Policies and certificates that change while the server runs.
. "$(dirname "$0")/../tap.sh"
. tests/server/server.sh
make_certificate tls
mkdir "$work/policies"
# policy FILE ACTION: one that denies, or warns about, a wrong EPC amount
policy() {
	cat >"$1" <<POLICY
apiVersion: keepgate.dev/v1alpha1
kind: EnclavePolicy
metadata: {name: site}
spec: {rules: [{id: "EPC-*", action: $2}, {id: "NOD-*", action: $2}, {id: "ATT-*", action: $2}, {id: "ISO-*", action: $2}, {id: "CLS-*", action: $2}, {id: "IMG-*", action: $2}]}
POLICY
}
denied=examples/reviews/3-misbuilt-enclave-pod.json
verdict() { post "$denied" && grep -q "\"allowed\":$1" "$work/answer"; }
ready_says() { curl -s -o "$work/ready" -w '%{http_code}\n' "http://$admin/readyz" | grep -q 200 && grep -q "$1" "$work/ready"; }
metric() { curl -s "http://$admin/metrics" | grep -qF "$1"; }

policy "$work/policies/site.yaml" Deny
start_server -p "$work/policies" --audit-log "$work/audit.log"
ok $ready "it starts"
old=$(sed -n 's/^ready .*ruleset=//p' "$work/server.log")
verdict false
ok $? "the first policy denies"
policy "$work/policies/site.yaml" Warn
await 10 'verdict true'
ok $? "a changed file is acted on"
metric 'keepgate_reloads_total{what="policies",result="ok"} 1'
ok $? "counted"
metric "keepgate_ruleset_info{hash=\"$old\"}"
[ $? -ne 0 ]
ok $? "the metric names another rule set"
grep -q '^info reload what=policies result=ok ruleset=[0-9a-f]\{64\}$' "$work/server.log"
ok $? "logged"
grep '"type":"reload"' "$work/audit.log" | grep -q '"what":"policies","result":"ok"'
ok $? "and recorded in the audit log"

# What is wrong changes nothing but is not silent.
policy "$work/policies/site.yaml" Denny
await 10 'ready_says "reload of policies failed since 20.*site.yaml:4:"'
ok $? "a bad policy: /readyz is 200 and says what, since when and why"
verdict true
ok $? "the old rule set goes on"
metric 'keepgate_reloads_total{what="policies",result="failed"} 1' && metric 'keepgate_reload_failing{what="policies"} 1'
ok $? "the metrics say so"
grep -q '^error policy file=.*site.yaml line=4 column=.*Denny' "$work/server.log" &&
	grep -q '^error reload what=policies result=failed' "$work/server.log"
ok $? "the log has the diagnostics"
grep '"type":"reload"' "$work/audit.log" | grep -q '"result":"failed","error":"[^"]*site.yaml:4:'
ok $? "the audit log too"
mv "$work/policies" "$work/gone"
kill -HUP "$pid"
await 10 'ready_says "No such file"'
ok $? "a directory that is gone keeps the old rule set as well"
mv "$work/gone" "$work/policies"
policy "$work/policies/site.yaml" Deny
await 10 'verdict false' && await 10 'ready_says "^ok$"' && ! grep -q failed "$work/ready"
ok $? "put right, it is in force and the complaint is gone"

# As the kubelet does it: ..data is swapped for another directory.
rm "$work/policies/site.yaml"
mkdir "$work/policies/..1" "$work/policies/..2"
policy "$work/policies/..1/site.yaml" Warn
policy "$work/policies/..2/site.yaml" Deny
ln -s ..1 "$work/policies/..data"
ln -s ..data/site.yaml "$work/policies/site.yaml"
await 10 'verdict true'
ok $? "a ConfigMap's symbolic links are followed"
ln -s ..2 "$work/policies/..new"
mv -T "$work/policies/..new" "$work/policies/..data"
await 10 'verdict false'
ok $? "and their swap is seen"

# A file that is written slowly is not taken half.
failures=$(curl -s "http://$admin/metrics" | sed -n 's/^keepgate_reloads_total{what="policies",result="failed"} //p')
policy "$work/whole" Warn
rm "$work/policies/site.yaml"
{ n=0; while IFS= read -r line; do printf '%s\n' "$line"; sleep 0.1; done; } <"$work/whole" >"$work/policies/site.yaml"
await 10 'verdict true'
ok $? "a slow writer is waited for"
kill -HUP "$pid"
await 10 '[ "$(grep -c "reload what=policies result=ok" "$work/server.log")" -ge 6 ]'
ok $? "SIGHUP loads what did not change, too"
run 0 "the chain verifies" "$keepgate" audit verify "$work/audit.log"
stop_server

# Certificates: a new pair is shown; a wrong pair is not.
cp "$work/tls.crt" "$work/live.crt"; cp "$work/tls.key" "$work/live.key"
make_certificate other
start_server --tls-cert "$work/live.crt" --tls-key "$work/live.key" --audit-log "$work/cert.log"
shown() { echo | openssl s_client -connect "$address" 2>/dev/null | openssl x509 -noout -subject | grep -q "CN = $1\$"; }
shown tls
ok $? "the certificate is shown"
cp "$work/other.crt" "$work/live.crt"
await 10 'ready_says "reload of certificate failed since.*do not match"'
ok $? "a certificate without its key is refused"
shown tls
ok $? "the old one goes on"
cp "$work/other.key" "$work/live.key"
await 10 'shown other'
ok $? "with its key it is shown"
await 10 'ready_says "^ok$"' && ! grep -q failed "$work/ready"
ok $? "and nothing is complained of"
grep '"type":"reload"' "$work/cert.log" | grep -q '"what":"certificate","result":"ok"'
ok $? "recorded"
curl -s "http://$admin/metrics" | grep -q '^keepgate_certificate_expiry_seconds 1[0-9]\{5\}$'
ok $? "its expiry is a metric"
: >"$work/live.crt"
await 10 'ready_says "reload of certificate failed"'
ok $? "an empty file is refused"
shown other
ok $? "the old one goes on"
stop_server
[ "$code" -eq 0 ]
ok $? "and it ends with 0"
done_testing
