#!/usr/bin/env bash
# Installs or updates the mirror with Docker Compose: ./deploy.sh [--warp] [--no-pull]
set -euo pipefail
cd "$(dirname "$0")"

compose_file=docker-compose.yml
pull=yes

say() { printf '\n%s\n' "$*"; }
fail() {
    printf '\n错误 / error: %s\n' "$*" >&2
    exit 1
}

for option in "$@"; do
    case "$option" in
    --warp) compose_file=docker-compose-warp.yml ;;
    --no-pull) pull=no ;;
    -h | --help)
        echo "用法 / usage: ./deploy.sh [--warp] [--no-pull]"
        echo "  --warp      以 Cloudflare WARP 作出口 / with Cloudflare WARP as egress"
        echo "  --no-pull   不更新代码 / do not fetch newer code"
        exit 0
        ;;
    *) fail "不认识的选项 / unknown option: $option" ;;
    esac
done

command -v docker >/dev/null || fail "没有 docker / docker is missing: https://docs.docker.com/engine/install/"
docker compose version >/dev/null 2>&1 ||
    fail "没有 docker compose 插件 / the docker compose plugin is missing: https://docs.docker.com/compose/install/"
docker info >/dev/null 2>&1 ||
    fail "连不上 docker（未启动，或需要 sudo）/ cannot reach docker (not running, or sudo is needed)"

if [ "$pull" = yes ] && [ -d .git ] && git rev-parse --abbrev-ref '@{upstream}' >/dev/null 2>&1; then
    say "更新代码 / fetching newer code"
    git pull --ff-only || fail "代码有本地修改，请先处理，或用 --no-pull / local changes are in the way; or use --no-pull"
fi

if [ ! -e .env ]; then
    (umask 077 && cp .env.example .env)
    say "已建立 .env，可稍后修改 / made .env, edit it at any time"
fi

say "构建镜像 / building the image"
docker compose -f "$compose_file" build gateway || fail "构建失败，见上 / the build failed, see above"

say "启动 / starting"
if ! docker compose -f "$compose_file" up -d --wait; then
    docker compose -f "$compose_file" logs --tail 30 gateway >&2 || true
    fail "没有正常启动，见上面的日志 / it did not come up, see the log above"
fi

port=$(docker compose -f "$compose_file" port gateway 8080 | sed 's/.*://')
say "已就绪 / ready"
cat <<DONE
  用户 / users:   http://127.0.0.1:$port
  后台 / admin:   http://127.0.0.1:8081   (仅本机；远程用 / this host only; from afar:
                  ssh -L 8081:127.0.0.1:8081 <server>)
  未设 ADMIN_PASSWORD 时，首次启动的密码在日志里 / without ADMIN_PASSWORD the first start logs one:
                  docker compose -f $compose_file logs gateway
DONE
