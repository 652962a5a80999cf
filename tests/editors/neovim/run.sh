#!/usr/bin/env bash
# Drives a real Neovim with editors/neovim and the real server, as a user would.
# Usage: run.sh NVIM SERVER      (two executables). Prints `ok NAME` lines and, last, `N passed, N failed`.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
nvim=$(realpath "${1:?path to nvim}")
server=$(realpath "${2:?path to dstack-lsp}")
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
export HOME=$home XDG_CONFIG_HOME=$home/config XDG_DATA_HOME=$home/data XDG_STATE_HOME=$home/state XDG_CACHE_HOME=$home/cache
export NVIM=$nvim DSTACK_LSP=$server DSTACK_LSP_EDITOR=$here/../../../editors/neovim
mkdir -p "$home/bin" "$home/project" && ln -s "$server" "$home/bin/dstack-lsp"
export PATH=$home/bin:$PATH
cd "$home/project"
timeout 120 "$nvim" --headless --clean -l "$here/drive.lua" < /dev/null
