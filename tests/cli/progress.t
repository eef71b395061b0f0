#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Progress: on a terminal, after a second, erased at the end; else nothing.
. "$(dirname "$0")/../tap.sh"
# on_terminal SECONDS COMMAND...: its standard error is a terminal; a pod
# comes on standard input after so many seconds.
on_terminal() {
	python3 - "$@" <<'PYTHON' >"$work/out" 2>"$work/err"
import os, pty, subprocess, sys, time
main, side = pty.openpty()
p = subprocess.Popen(sys.argv[2:], stdin=subprocess.PIPE, stderr=side,
                     stdout=subprocess.DEVNULL)
os.close(side)
time.sleep(float(sys.argv[1]))
p.stdin.write(b"kind: Pod\napiVersion: v1\nspec: {containers: []}\n")
p.stdin.close()
seen = b""
try:
    while True:
        more = os.read(main, 4096)
        if not more:
            break
        seen += more
except OSError:
    pass
print(repr(seen))
sys.exit(p.wait())
PYTHON
}
on_terminal 1.3 "$keepgate" check -f -
ok $? "check on slow input"
says 'check: 0 % of 0.0 MiB' "shows how far it is"
says '\\r\\x1b\[K' "and erases it"
on_terminal 0 "$keepgate" check -f -
says "^b''$" "quick work shows nothing"
(sleep 1.3; echo '{"apiVersion":"v1","kind":"Pod","spec":{"containers":[]}}') |
	"$keepgate" check -f - >"$work/out" 2>"$work/err"
[ ! -s "$work/err" ]
ok $? "nor does work whose talk goes to a file"
done_testing
