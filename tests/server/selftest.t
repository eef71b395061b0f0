#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The self-test asks for an answer, whatever the policies say of its pod.
. "$(dirname "$0")/../tap.sh"
. tests/server/server.sh
make_certificate tls
cat >"$work/deny.yaml" <<'POLICY'
apiVersion: keepgate.dev/v1alpha1
kind: EnclavePolicy
metadata: {name: nobody}
spec:
  matchConditions:
  - {name: somebody, expression: "request.userInfo.username != 'nobody'"}
  validations:
  - {id: TRY-001, action: Deny, expression: "has(object.metadata.labels)", message: labels are missing}
POLICY
start_server -p "$work/deny.yaml"
ok $? "a server whose policies deny every plain pod starts"
post examples/reviews/1-ordinary-pod.json
[ "$status" = 200 ]
ok $? "and answers"
stop_server
[ "$code" -eq 0 ]
ok $? "and ends with 0"
done_testing
