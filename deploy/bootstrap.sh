#!/usr/bin/env bash
# Builds .venv from a pinned, hashed list: `deploy/bootstrap.sh run` or `deploy/bootstrap.sh dev`.
# Does nothing when it is already right, and begins again after an interrupted installation.
set -euo pipefail
cd "$(dirname "$0")/.."

what=${1:-run}
list=requirements/$what.txt
oldest=3.11

refuse() {
    printf '\n%s\n' "$@" >&2
    exit 1
}

fingerprint() { "$1" -c 'import hashlib, sys
print(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest())' "$2"; }

right() {
    [ ! -e .venv/.unfinished ] && [ -x .venv/bin/python ] && [ -f ".venv/.installed-$what" ] &&
        [ "$(cat ".venv/.installed-$what")" = "$(fingerprint .venv/bin/python "$list" 2>/dev/null)" ]
}

new_enough() {
    command -v "$1" >/dev/null 2>&1 &&
        "$1" -c "import sys; sys.exit(sys.version_info < (${oldest/./, }))" 2>/dev/null
}

find_python() {
    local name
    for name in "${PYTHON:-python3}" python3.14 python3.13 python3.12 python3.11; do
        if new_enough "$name"; then
            echo "$name"
            return
        fi
    done
    refuse "Python $oldest or newer is missing / 缺少 Python $oldest 或更新版本：" \
        "    apt-get install python3 python3-venv"
}

make_environment() {
    local python said
    python=$(find_python)
    rm -rf .venv
    # Debian ships venv without what it needs to work: only trying tells.
    if ! said=$("$python" -m venv .venv 2>&1) || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
        rm -rf .venv
        refuse "$(tail -n 3 <<<"$said")" \
            "Python's venv module is missing / 缺少 Python 的 venv 模块：" "    apt-get install python3-venv"
    fi
}

install() {
    local python=.venv/bin/python
    if [ -e .venv/.unfinished ] || ! $python -m pip --version >/dev/null 2>&1; then
        make_environment
    fi
    # A package cut off half way may look installed: while this mark stands, nothing is believed.
    touch .venv/.unfinished
    echo "Installing $list (the first time takes a minute) / 正在安装依赖，首次约需一分钟 …"
    PIP_USER=0 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore \
        $python -m pip install --quiet --no-input --no-deps --require-hashes -r "$list" ||
        refuse "Installing failed; see above, then run it again. A package index (PyPI or your mirror, set as usual" \
            "for pip) must be in reach. / 安装失败：请确认能访问 PyPI 或已为 pip 配置的镜像，然后重试。"
    fingerprint $python "$list" >".venv/.installed-$what"
    # dev.txt holds everything that run.txt holds, locked together.
    if [ "$what" = dev ]; then
        fingerprint $python requirements/run.txt >.venv/.installed-run
    fi
    rm .venv/.unfinished
}

unset PYTHONPATH PYTHONHOME
[ -f "$list" ] || refuse "There is no $list: say 'run' or 'dev'."
right && exit 0
command -v git >/dev/null 2>&1 || refuse "git is missing / 缺少 git：" "    apt-get install git"
[ -w . ] || refuse "$(pwd) is not writable for user $(id -un): run as its owner, or clone it yourself." \
    "当前用户不能写入此目录：请用目录所有者的账号运行，或另行克隆。"
mkdir -p var
if command -v flock >/dev/null 2>&1; then
    exec 9>var/bootstrap.lock
    flock 9 # two at once: the second finds the work done
fi
right || install
