#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# pages.sh KEEPGATE DIR: its manual pages and completions, as they are
# installed below PREFIX/share.
set -eu
keepgate=$1 share=$2
mkdir -p "$share/man/man1" "$share/bash-completion/completions" \
	"$share/zsh/site-functions" "$share/fish/vendor_completions.d"
rm -f "$share"/man/man1/*.1
"$keepgate" help -o man >"$share/man/man1/keepgate.1"
"$keepgate" help -o names | while read -r name; do
	# shellcheck disable=SC2086 # "audit list" is two words
	"$keepgate" help -o man $name \
		>"$share/man/man1/keepgate-$(echo "$name" | tr ' ' -).1"
done
"$keepgate" completion bash >"$share/bash-completion/completions/keepgate"
"$keepgate" completion zsh >"$share/zsh/site-functions/_keepgate"
"$keepgate" completion fish >"$share/fish/vendor_completions.d/keepgate.fish"
