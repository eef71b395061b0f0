#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Policies' own expressions, from the command line.
. "$(dirname "$0")/../tap.sh"
input=tests/cli/input golden=tests/cli/golden
pod=$input/custom-pod.yaml

run 1 "a validation that is false denies" "$keepgate" check -p $input/custom.yaml -f $pod
golden $golden/custom.txt "with made messages, given ones and expressions"
run 1 "the same as JSON" "$keepgate" check -p $input/custom.yaml -f $pod -o json
golden $golden/custom.json "findings of a policy's own"
run 1 "the same as the webhook's answer" "$keepgate" check -p $input/custom.yaml -f $pod -o review
golden $golden/custom.review "with audit annotations"
run 0 "a false match condition silences the policy" "$keepgate" check -p $input/custom.yaml -f $pod --as ci
run 2 "expressions that do not compile refuse the policy" "$keepgate" check -p $input/custom-errors.yaml -f $pod
golden $golden/custom-errors.txt "all of them at once, each at its place"
done_testing
