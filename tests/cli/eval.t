#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# keepgate eval and explain: expressions on objects.
. "$(dirname "$0")/../tap.sh"
input=tests/cli/input golden=tests/cli/golden
pod=$input/custom-pod.yaml

run 0 "an expression on an object" "$keepgate" eval 'object.spec.containers.map(c, c.image)' -f $pod
says '^\["registry.example/app:1"\]$' "its value as text"
run 0 "facts of enclave pods" "$keepgate" eval 'enclave.epc' -f $pod -o json
says '^{"int":"104857600"}$' "its value as JSON"
run 0 "the request that would be made" "$keepgate" eval 'request.operation + request.resource.resource' -f $pod
says '^"CREATEpods"$' "and what it asks for"
run 0 "no object is needed" "$keepgate" eval '[object == null, b"\xff" == b"", duration("1m") < timestamp("2020-01-01T00:00:00Z") - timestamp("2019-01-01T00:00:00Z")]' -o json
says '^{"list":\[{"bool":true},{"bool":false},{"bool":true}\]}$' "all kinds of values"
run 0 "what has no JSON" "$keepgate" eval '[{1: optional.of(2.0)}, {2: optional.none()}]' -o json
says '^{"list":\[{"map":\[\[{"int":"1"},{"optional":{"double":2.0}}\]\]},{"map":\[\[{"int":"2"},{"optional":null}\]\]}\]}$' "in the form of exams"
run 0 "time zones" "$keepgate" eval 'timestamp("2024-07-01T00:00:00Z").getHours("Europe/Berlin")' -o json
says '^{"int":"2"}$' "are those of the system"
run 1 "a zone that there is not" "$keepgate" eval 'timestamp("2024-07-01T00:00:00Z").getHours("Europe/Nowhere")'
run 1 "an error is exit 1" "$keepgate" eval 'object.spec.nope' -f $pod
says '^error: no such key: nope$' "and is printed"
run 2 "what does not compile is exit 2" "$keepgate" eval '1 + obejct' -f $pod
golden $golden/eval-errors.txt "with carets and the nearest name"
run 2 "1.36 knows no quoted fields" "$keepgate" eval '{"a-b": 1}.`a-b`'
run 0 "1.37 does" "$keepgate" eval '{"a-b": 1}.`a-b`' --cel-compat 1.37
run 0 "the compiled form" "$keepgate" eval 'object.a == 1 || true' --disasm
says 'RETURN' "as instructions"
run 2 "a file that is not there" "$keepgate" eval 'object' -f "$work/nosuch"

run 1 "explain: an error" "$keepgate" explain 'object.spec.containers.all(c, c.securityContext.privileged == false || c.name.startsWith("x"))' -f $pod
golden $golden/explain-error.txt "each part, where it failed, what guards it"
run 0 "a validation of a policy" "$keepgate" explain -p $input/custom.yaml -f $pod PAY-002
golden $golden/explain-validation.txt "with its variables"
run 1 "operands that do not fit" "$keepgate" explain '1 + dyn("a")'
says 'has operands of type int, string' "are told by their types"
run 2 "an id that no policy has" "$keepgate" explain -p $input/custom.yaml -f $pod PAY-999
says 'no policy has a validation "PAY-999"' "is said"
done_testing
