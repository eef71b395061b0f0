#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# keepgate sigstruct over structures that the test makes itself.
. "$(dirname "$0")/../tap.sh"

python3 tests/cli/sigstruct.py "$work"
ok $? "structures are made"
signer=$(cat "$work/mrsigner")
aa=$(printf 'aa%.0s' $(seq 32))
bb=$(printf 'bb%.0s' $(seq 32))

run 0 "a bare .sig file" "$keepgate" sigstruct "$work/good.sig"
says "^  mrenclave    $aa\$" "MRENCLAVE"
says "^  mrsigner     $signer\$" "MRSIGNER is the digest of the modulus"
says '^  product id   7$' "product id"
says '^  svn          3$' "SVN"
says '^  date         2026-11-25$' "date"
says '^  debug        refused$' "debug"
says '^  signature    valid$' "signature"
run 0 "an Open Enclave image" "$keepgate" sigstruct "$work/oe.signed"
says ', section .oeinfo$' "its section is named"
run 0 "an SDK image" "$keepgate" sigstruct -o json "$work/sdk.signed.so"
[ "$(jq -r '[.[] | [.section, .mrenclave, .productId, .vendor, .valid]] | tostring' "$work/out")" = \
	"[[\".note.sgxmeta\",\"$aa\",7,\"0x0000\",true],[\".note.sgxmeta\",\"$bb\",258,\"0x8086\",true]]" ]
ok $? "all its enclaves are listed"
run 0 "for a policy" "$keepgate" sigstruct -o policy "$work/good.sig" "$work/other.sig"
{
	printf 'apiVersion: keepgate.dev/v1alpha1\nkind: EnclavePolicy\n'
	printf 'metadata: {name: p}\nspec:\n'
	sed 's/^/  /' "$work/out"
} >"$work/policy.yaml"
grep -q "  - mrenclave:$bb" "$work/policy.yaml" &&
	grep -q "  - mrsigner:$signer" "$work/policy.yaml"
ok $? "both kinds of measurement"
printf 'apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: []}\n' >"$work/pod.yaml"
run 0 "and a policy takes it" "$keepgate" check -p "$work/policy.yaml" -f "$work/pod.yaml"

bad() { # FILE PATTERN
	run 1 "$1 is refused" "$keepgate" sigstruct "$work/$1"
	says "$2" "and why"
}
bad debug.sig '^  debug        allowed: the attributes set DEBUG$'
bad open.sig '^  debug        allowed: the mask leaves DEBUG open$'
bad hash.sig 'bad: the signature does not verify'
bad signature.sig 'bad: the signature does not verify'
bad q1.sig 'bad: q1 is not'
bad q2.sig 'bad: q2 is not'
bad reserved.sig 'bad: reserved bytes are not zero'
bad vendor.sig 'bad: the vendor is neither'
bad modulus.sig 'bad: the modulus is no RSA modulus'
bad short-key.sig 'bad: the modulus is no RSA modulus'
bad large-signature.sig 'bad: the signature is not below the modulus'
run 0 "a date that is none" "$keepgate" sigstruct "$work/nodate.sig"
says '0x20261340, which is no date$' "is shown as it stands"
run 1 "one over another" "$keepgate" sigstruct "$work/overlap.bin"
[ "$(grep -c '^  mrenclave' "$work/out")" -eq 2 ]
ok $? "hides none"
run 1 "for a policy, an unsound one" "$keepgate" sigstruct -o policy "$work/debug.sig" "$work/other.sig"
says 'left out: debug is allowed' "is left out"
[ "$(grep -c mrenclave: "$work/out")" -eq 1 ]
ok $? "and the sound one stays"

for f in short.sig exponent.sig; do
	run 2 "$f" "$keepgate" sigstruct "$work/$f"
	says 'no SIGSTRUCT in this file' "holds none"
done
run 2 "an unsigned image" "$keepgate" sigstruct "$work/unsigned.so"
says 'this image: it is not signed' "says so"
run 2 "more than the cap" "$keepgate" sigstruct "$work/many.bin"
says 'more than 64 SIGSTRUCTs' "is said"
run 2 "a missing file" "$keepgate" sigstruct "$work/missing"
run 2 "no file" "$keepgate" sigstruct
run 2 "a missing one beside a good one" "$keepgate" sigstruct "$work/missing" "$work/good.sig"
says "$aa" "which is still shown"
done_testing
