#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Finds or builds etcd, kube-apiserver, kube-controller-manager,
# kube-scheduler and kubectl, and prints the folder that holds them.
#
# KUBEBUILDER_ASSETS is taken when all five are there. Else they are built once
# (about seven minutes on two cores) by module name, checked against go.sum,
# and kept in ${XDG_CACHE_HOME:-~/.cache}/keepgate/e2e/VERSION.
set -eu
cd "$(dirname "$0")"
PATH=$PATH:/usr/local/go/bin

programs="etcd kube-apiserver kube-controller-manager kube-scheduler kubectl"

complete() {
	for p in $programs; do
		[ -x "$1/$p" ] || return 1
	done
}

# The version that MODULE is required at in FILE.
version_of() {
	awk -v m="$1" '$1 == m && $2 ~ /^v/ { print $2; exit }
		$1 == "require" && $2 == m { print $3; exit }' "$2"
}

kubernetes=$(version_of k8s.io/kubernetes kubernetes/go.mod)
etcd=$(version_of go.etcd.io/etcd/server/v3 etcd/go.mod)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/keepgate/e2e
bin=$cache/kubernetes-$kubernetes-etcd-$etcd

if [ -n "${KUBEBUILDER_ASSETS:-}" ] && complete "$KUBEBUILDER_ASSETS"; then
	echo "$KUBEBUILDER_ASSETS"
	exit
fi
if complete "$bin"; then
	echo "$bin"
	exit
fi

# Both modules ask for this Go. An older one (Debian 12 has 1.19) can still
# fetch a newer toolchain as a module, checked against the checksum database.
need=$(awk '$1 == "go" { print $2; exit }' kubernetes/go.mod)
newest() {
	printf '%s\n' "$@" | sort -V | tail -n 1
}
find_go() {
	have=$(go env GOVERSION)
	if [ "$(newest "${have#go}" "$need")" = "${have#go}" ]; then
		command -v go
		return
	fi
	tool=golang.org/toolchain@v0.0.1-go$need.$(go env GOOS)-$(go env GOARCH)
	(cd / && GOFLAGS=-modcacherw go mod download "$tool") >&2
	dir=$(go env GOMODCACHE)/$tool
	chmod +x "$dir"/bin/* "$dir"/pkg/tool/*/*
	echo "$dir/bin/go"
}

mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9 # one builder at a time; the others find what it made
if complete "$bin"; then
	echo "$bin"
	exit
fi
go=$(find_go)
export CGO_ENABLED=0 GOTOOLCHAIN=local GOFLAGS=-buildvcs=false
unset GOROOT
new=$bin.new
rm -rf "$new"
mkdir -p "$new"

# make_in FOLDER LDFLAGS PACKAGE...: into $new.
make_in() {
	folder=$1 flags=$2
	shift 2
	echo "building $*" >&2
	(cd "$folder" && "$go" build -trimpath -ldflags "-s -w $flags" \
		-o "$new/" "$@") >&2
}

minor=${kubernetes#v*.}
at=k8s.io/component-base/version # without it the server says v0.0.0
make_in etcd "" go.etcd.io/etcd/server/v3
mv "$new"/v3 "$new"/etcd 2>/dev/null || mv "$new"/server "$new"/etcd
make_in kubernetes "-X $at.gitVersion=$kubernetes -X $at.gitMajor=1 \
	-X $at.gitMinor=${minor%%.*}" \
	k8s.io/kubernetes/cmd/kube-apiserver \
	k8s.io/kubernetes/cmd/kube-controller-manager \
	k8s.io/kubernetes/cmd/kube-scheduler k8s.io/kubernetes/cmd/kubectl
complete "$new"
rm -rf "$bin"
mv "$new" "$bin"
echo "$bin"
