# Makes .venv and installs the given requirement files into it; every file that arrives must have a hash they name.
set -eu

folder=$(dirname "$0")
supported='import platform, sys
sys.exit(not (platform.python_implementation() == "CPython" and (3, 11) <= sys.version_info[:2] <= (3, 13)
              and sys.platform == "linux" and platform.machine() == "x86_64" and platform.libc_ver()[0] == "glibc"))'

refuse() {
    echo "make needs $1; on this machine, use docker-compose.yml instead: docker compose up" >&2
    exit 1
}

[ "$(uname -s) $(uname -m)" = 'Linux x86_64' ] || refuse 'Linux on x86-64'

if ! .venv/bin/python -c "$supported" 2>/dev/null; then
    for python in python3 python3.13 python3.12 python3.11 none; do
        "$python" -c "$supported" 2>/dev/null && break
    done
    [ "$python" != none ] || refuse 'CPython 3.11, 3.12 or 3.13, and glibc'
    "$python" -m venv --clear .venv
fi

echo "Installing into .venv, for $(.venv/bin/python --version)"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement "$folder/uv.txt"

# uv does not read pip's configuration, where a private index may be named.
index=$(.venv/bin/python -m pip config get global.index-url 2>/dev/null || true)
index=${PIP_INDEX_URL:-$index}
[ -z "$index" ] || export UV_DEFAULT_INDEX="${UV_DEFAULT_INDEX:-$index}"

# Where Python may not keep what it compiles, every process would compile everything again at its start.
bytecode=
[ -z "${PYTHONDONTWRITEBYTECODE:-}" ] || bytecode=--compile-bytecode

for file; do set -- "$@" --requirement "$file"; shift; done
.venv/bin/python -m uv pip install $bytecode --require-hashes --python .venv/bin/python "$@" || {
    echo 'uv could not install the packages; trying pip' >&2
    .venv/bin/python -m pip install --disable-pip-version-check --require-hashes "$@"
}
