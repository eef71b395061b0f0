# SPDX-License-Identifier: Apache-2.0
# What the shell tests share. Source it from a test that sits in tests/NAME/:
# it goes to the top of the repository and makes a work folder.
cd "$(dirname "$0")/../.." || exit 1
: "${BUILD:=build/release}"
keepgate=$BUILD/keepgate
work=$(mktemp -d)
tests=0
pids=
cleanup() {
	for p in $pids; do kill "$p" 2>/dev/null; done
	rm -rf "$work"
}
trap cleanup EXIT

# ok STATUS NAME
ok() {
	tests=$((tests + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $tests - $2"
	else
		echo "not ok $tests - $2"
		[ -f "$work/out" ] && head -n 20 "$work/out" | sed 's/^/# out: /'
		[ -f "$work/err" ] && head -n 20 "$work/err" | sed 's/^/# err: /'
	fi
}
skip() {
	tests=$((tests + 1))
	echo "ok $tests # SKIP $1"
}
# run CODE NAME COMMAND...: the command ends with this exit code.
run() {
	want=$1 name=$2
	shift 2
	"$@" >"$work/out" 2>"$work/err"
	got=$?
	[ $got -eq "$want" ] || echo "# exit $got, want $want"
	[ $got -eq "$want" ]
	ok $? "$name"
}
# says PATTERN NAME: the last run's output or talk has a line like this.
says() {
	cat "$work/out" "$work/err" | grep -q -e "$1"
	ok $? "$2"
}
# golden FILE NAME: the last run's output and talk are this file's.
# KEEPGATE_GOLDEN=write makes it so.
golden() {
	{ sed "s|$work|WORK|g" "$work/out"; echo "-- stderr"; sed "s|$work|WORK|g" "$work/err"; } >"$work/golden"
	if [ "${KEEPGATE_GOLDEN:-}" = write ]; then cp "$work/golden" "$1"; fi
	if diff -u "$1" "$work/golden" >"$work/diff" 2>&1; then
		ok 0 "$2"
	else
		sed 's/^/# /' "$work/diff"
		ok 1 "$2"
	fi
}
done_testing() { echo "1..$tests"; }
