#!/bin/sh
# Makes the data folder ours, drops root, then becomes serve.py.
# Older volumes (and those of dairoot/grok-gateway) belong to root; only what is not ours yet is
# handed over, and links are not followed.
set -eu

umask 077
app=${MIRROR_APP:-/app}
data=${DATA_DIR:-$app/.cache_data}
export HOME="$data" # nothing of ours belongs in /root
owner=${MIRROR_UID:-10001}

fail() {
    echo "grok-mirror: $1" >&2
    exit 78 # EX_CONFIG
}

# `docker run IMAGE sh` and the like: what is a program is run as it is, but never as root.
case "${1:-serve}" in
/* | sh | bash | python | python3) ;;
*) set -- "$app/.venv/bin/python" "$app/serve.py" "${@:-serve}" ;;
esac

if [ "$(id -u)" = 0 ]; then
    mkdir -p "$data" || fail "cannot make $data (read-only file system?)"
    find "$data" -xdev \( ! -uid "$owner" -o ! -gid "$owner" \) \
        -exec chown -h "$owner:$owner" {} + ||
        fail "cannot hand $data to uid $owner; on the host: chown -R $owner:$owner <the folder>"
    exec setpriv --reuid "$owner" --regid "$owner" --clear-groups --no-new-privs -- "$@"
fi

[ -d "$data" ] || mkdir -p "$data" || fail "cannot make $data"
[ -w "$data" ] || fail "uid $(id -u) may not write to $data; on the host: chown -R $(id -u) <the folder>"
exec "$@"
