#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Exceptions from policy to check, answer, record, metric and list.
. "$(dirname "$0")/../tap.sh"
. tests/server/server.sh
input=tests/cli/input/exceptions
golden=tests/cli/golden
cat >"$work/pod.yaml" <<'POD'
apiVersion: v1
kind: Pod
metadata: {name: app-1, labels: {keepgate.dev/profile: sgx-intel}}
spec:
  containers:
  - name: app
    image: registry.example/app@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
    resources: {limits: {sgx.intel.com/epc: 10Mi, sgx.intel.com/enclave: 1}}
    env: [{name: SGX_AESM_ADDR, value: "1"}]
    securityContext: {allowPrivilegeEscalation: false, runAsNonRoot: true}
    volumeMounts: [{name: aesmd, mountPath: /var/run/aesmd}]
  volumes:
  - {name: aesmd, hostPath: {path: /var/run/aesmd, type: Directory}}
POD
run 0 "an excepted finding does not deny" "$keepgate" check -p $input/policy.yaml -f "$work/pod.yaml"
golden $golden/exceptions-check.txt "and is shown with its exception"
run 0 "in JSON" "$keepgate" check -p $input/policy.yaml -f "$work/pod.yaml" -o json
[ "$(jq -c '.results[0].exceptions' "$work/out")" = '[{"name":"placement","policy":"lab","rule":"NOD-001","pointer":"/spec"}]' ] &&
	[ "$(jq -r '.results[0].findings[0].action' "$work/out")" = excepted ]
ok $? "each use is listed"
run 2 "what is wrong with exceptions" "$keepgate" check -p $input/wrong.yaml -f "$work/pod.yaml"
golden $golden/exceptions-wrong.txt "is said with carets"

run 1 "exceptions lists them" "$keepgate" exceptions -p $input/policy.yaml
golden $golden/exceptions.txt "and one has expired"
run 1 "--stale" "$keepgate" exceptions -p $input/policy.yaml --stale
grep -q '^old: expired' "$work/out" && ! grep -q placement "$work/out"
ok $? "lists only the expired one"

make_certificate tls
start_server --audit-log "$work/audit.log" -p $input/policy.yaml
ok $ready "a server with exceptions"
cat >"$work/review.json" <<'REVIEW'
{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"u1","kind":{"group":"","version":"v1","kind":"Pod"},"resource":{"group":"","version":"v1","resource":"pods"},"name":"app-1","namespace":"default","operation":"CREATE","userInfo":{"username":"u"},"object":{"apiVersion":"v1","kind":"Pod","metadata":{"name":"app-1","labels":{"keepgate.dev/profile":"sgx-intel"}},"spec":{"containers":[{"name":"app","image":"registry.example/app@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef","resources":{"limits":{"sgx.intel.com/epc":"10Mi","sgx.intel.com/enclave":"1"}},"env":[{"name":"SGX_AESM_ADDR","value":"1"}],"securityContext":{"allowPrivilegeEscalation":false,"runAsNonRoot":true},"volumeMounts":[{"name":"aesmd","mountPath":"/var/run/aesmd"}]}],"volumes":[{"name":"aesmd","hostPath":{"path":"/var/run/aesmd","type":"Directory"}}]}}}}
REVIEW
post "$work/review.json"
post "$work/review.json"
[ "$(jq -c '[.response.allowed, .response.auditAnnotations.exceptions]' "$work/answer")" = '[true,"placement"]' ]
ok $? "the answer is allowed and names the exception"
curl -s "http://$admin/metrics" >"$work/metrics"
grep -qF 'keepgate_exceptions_total{policy="lab",rule="NOD-001"} 2' "$work/metrics" &&
	grep -qF 'keepgate_findings_total{rule="NOD-001",action="excepted"} 2' "$work/metrics"
ok $? "its uses are counted"
stop_server
[ "$(jq -c 'select(.type == "decision") | .exceptions' "$work/audit.log" | sort -u)" = '[{"name":"placement","policy":"lab","rule":"NOD-001","pointer":"/spec"}]' ]
ok $? "and recorded"
run 0 "the log verifies" "$keepgate" audit verify "$work/audit.log"
run 1 "exceptions with the log" "$keepgate" exceptions -p $input/policy.yaml "$work/audit.log" -o json
[ "$(jq -c '[.[] | [.name, .state, .uses]]' "$work/out")" = '[["old","expired",0],["placement","active",2],["spare","unused",0]]' ]
ok $? "knows what is used and what is not"
run 2 "a log that is none" "$keepgate" exceptions -p $input/policy.yaml $input/policy.yaml
run 2 "policies in error" "$keepgate" exceptions -p $input/wrong.yaml
done_testing
