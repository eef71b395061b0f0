#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The real server over real TLS: verdicts, status codes, versions, ports.
. "$(dirname "$0")/../tap.sh"
. tests/server/server.sh
make_certificate tls
start_server --audit-log "$work/audit.log" --max-body 100000
ok $ready "the server gets ready"
grep -Eq '^ready listen=127.0.0.1:[0-9]+ admin=127.0.0.1:[0-9]+ ruleset=[0-9a-f]{64}$' "$work/server.log"
ok $? "and says so in one line"

# The same bytes as the dry run.
same() { # FILE NAME
	"$keepgate" check -f "$1" -o review >"$work/dry" 2>"$work/err"
	post "$1"
	printf '\n' >>"$work/answer"
	[ "$status" = 200 ] && cmp -s "$work/dry" "$work/answer"
	ok $? "$2"
}
for f in examples/reviews/*.json; do
	same "$f" "check -o review and the server agree on $(basename "$f")"
done
if [ -d ../shared/exams/wire ]; then
	for f in ../shared/exams/wire/*.json; do
		same "$f" "and on $(basename "$f")"
	done
else
	skip "no recorded bodies here"
fi
post examples/reviews/3-misbuilt-enclave-pod.json /v1/mutate
[ "$status" = 200 ] && grep -q '"allowed":true' "$work/answer" && ! grep -q patch "$work/answer"
ok $? "mutation allows without a patch"
post examples/reviews/1-ordinary-pod.json '/v1/validate?timeout=5s'
[ "$status" = 200 ]
ok $? "the query does not matter"

# is STATUS NAME: the last post got this status.
is() { [ "$status" = "$1" ] || echo "# got $status"; [ "$status" = "$1" ]; ok $? "$2"; }
good=examples/reviews/1-ordinary-pod.json
post $good /v1/nothing; is 404 "unknown path: 404"
post $good /v1/validate/; is 404 "paths are exact"
post $good /v1/validate -H 'Content-Type: text/plain'; is 415 "wrong content type: 415"
post $good /v1/validate -H 'Content-Type: application/json; charset=utf-8'; is 200 "a charset is fine"
post $good /v1/validate -H 'Transfer-Encoding: chunked'; is 400 "chunked: 400"
post $good /v1/validate -X PUT; is 405 "wrong method: 405"
status=$(curl -s -o "$work/answer" -w '%{http_code}' --cacert "$work/tls.crt" "https://$address/v1/validate"); is 405 "GET: 405"
post $good /v1/validate -X post; is 405 "methods are exact"
head -c 100001 /dev/zero >"$work/big"; post "$work/big"; is 413 "too large: 413"
echo '{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","kind":"x"}' >"$work/bad"
post "$work/bad"; is 400 "malformed: 400"
grep -q '^invalid JSON at byte 61: duplicate member name$' "$work/answer"
ok $? "with the reason in one line"
echo '{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v2","request":{}}' >"$work/bad"
post "$work/bad"; is 400 "an unknown version: 400"
: >"$work/empty"; post "$work/empty"; is 400 "an empty body: 400"
"$keepgate" audit list --verdict error "$work/audit.log" >"$work/out"
[ "$(grep -c 'error: ' "$work/out")" -ge 3 ]
ok $? "malformed bodies are recorded"
"$keepgate" audit list --verdict error -o json "$work/audit.log" | grep -q '"code":400,.*"error":"invalid JSON.*"bodyBytes":[0-9]*,"bodySha256":"[0-9a-f]\{64\}"'
ok $? "with their size and digest"

# TLS 1.3 and 1.2 and nothing older.
for v in 1.2 1.3; do
	curl -s -o /dev/null --tlsv$v --tls-max $v --cacert "$work/tls.crt" "https://$address/"
	ok $? "TLS $v is spoken"
done
echo | openssl s_client -connect "$address" -tls1_1 -cipher 'DEFAULT@SECLEVEL=0' >"$work/out" 2>&1
grep -q 'Cipher is (NONE)' "$work/out"
ok $? "TLS 1.1 is refused"
echo | openssl s_client -connect "$address" 2>/dev/null | grep -q 'Server Temp Key: X25519'
ok $? "X25519 comes first"

# Several requests on one connection; two Content-Lengths.
printf 'POST /v1/validate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}}' |
	timeout 5 openssl s_client -quiet -connect "$address" 2>/dev/null | head -n 1 | grep -q ' 400 '
ok $? "two Content-Lengths: 400"
printf 'POST /v1/validate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\r\n' |
	timeout 5 openssl s_client -quiet -connect "$address" 2>/dev/null | head -n 1 | grep -q ' 411 '
ok $? "no Content-Length: 411"

# The admin port.
for p in healthz readyz metrics; do
	[ "$(curl -s -o "$work/$p" -w '%{http_code}' "http://$admin/$p")" = 200 ]
	ok $? "/$p answers on the admin port"
	post $good "/$p"
	is 404 "/$p is not on the webhook's port"
done
[ "$(curl -s -o /dev/null -w '%{http_code}' "http://$admin/v1/validate")" = 404 ]
ok $? "the webhook is not on the admin port"
[ "$(curl -s -o /dev/null -w '%{http_code}' -d x "http://$admin/metrics")" = 405 ]
ok $? "POST to the admin port: 405"
for m in 'keepgate_admission_requests_total{phase="validate",verdict="deny",operation="CREATE",resource="pods"}' \
    'keepgate_admission_duration_seconds_bucket{le="+Inf"}' keepgate_admission_duration_seconds_count \
    'keepgate_findings_total{rule="EPC-004",action="deny"}' 'keepgate_ruleset_info{hash="' \
    'keepgate_journal_failures_total 0' keepgate_certificate_expiry_seconds; do
	grep -qF "$m" "$work/metrics"
	ok $? "metric $m"
done
grep -q 'self-test' "$work/audit.log"
[ $? -eq 1 ]
ok $? "the self-test is not recorded"
"$keepgate" audit verify "$work/audit.log" >"$work/out"
ok $? "the chain verifies while the server runs"
stop_server
[ $code -eq 0 ]
ok $? "SIGTERM ends it with 0"
"$keepgate" audit verify "$work/audit.log" >"$work/out"
ok $? "the chain verifies after it"
tail -n 1 "$work/audit.log" | grep -q '"type":"close"'
ok $? "the log ends with a close record"

# It refuses to start on what is wrong, and says what.
refused() { # PATTERN NAME OPTION...
	pattern=$1 name=$2
	shift 2
	start_server "$@"
	[ $? -ne 0 ] && { wait "$pid"; [ $? -eq 2 ]; } && grep -q -e "$pattern" "$work/server.log"
	s=$?
	[ $s -eq 0 ] || sed 's/^/# /' "$work/server.log"
	ok $s "$name"
}
make_certificate other
refused 'other.key' "a key of another certificate" --tls-key "$work/other.key"
refused 'nosuch.crt' "a missing certificate" --tls-cert "$work/nosuch.crt"
refused 'unknown field' "a wrong policy" -p tests/cli/input/policy-errors.yaml
refused 'No such file' "a missing policy" -p "$work/nosuch"
cat >"$work/select.yaml" <<'POLICY'
apiVersion: keepgate.dev/v1alpha1
kind: EnclavePolicy
metadata: {name: prod-only}
spec: {match: {namespaceSelector: {matchLabels: {env: prod}}}}
POLICY
refused 'does not know the namespace label' "a selector over labels it cannot know" -p "$work/select.yaml"
refused 'want ADDRESS:PORT' "a bad address" --listen nonsense
start_server
refused 'in use' "a port that is taken" --listen "$address"
cat >"$work/config.yaml" <<CONFIG
apiVersion: keepgate.dev/v1alpha1
kind: KeepgateConfiguration
audit: {log: $work/configured.log, objects: none, onFailure: allow}
maxBody: 4Ki
CONFIG
start_server --config "$work/config.yaml"
ok $ready "a configuration file"
head -c 5000 /dev/zero >"$work/big"; post "$work/big"; is 413 "its members hold"
stop_server
start_server --config "$work/config.yaml" --max-body 1Mi
post "$work/big"; is 400 "flags win over it"
grep -q '"object":' "$work/configured.log"
[ $? -eq 1 ]
ok $? "audit.objects: none leaves objects out"
refused 'unknown field "audits"' "a wrong member" --config "$(sed 's/^audit:/audits:/' "$work/config.yaml" >"$work/wrong.yaml"; echo "$work/wrong.yaml")"
done_testing
