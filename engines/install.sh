#!/usr/bin/env bash
# Builds the engines that the tests and the lab run against, at the versions locked in the go.mod beside this script.
#
#   engines/install.sh [temporal|minio|kubernetes|all]...     (nothing named: temporal and minio)
#
# Where they go: $LIFEBOAT_ENGINES, else ${XDG_CACHE_HOME:-~/.cache}/lifeboat/engines, shared by every checkout.
# An engine that is there at the locked version is left alone. Needs Go 1.26.4 or newer, no root, no C compiler.
set -euo pipefail

readonly here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly target=${LIFEBOAT_ENGINES:-${XDG_CACHE_HOME:-$HOME/.cache}/lifeboat/engines}
readonly go_needed=1.26.4

refuse() {
  echo "lifeboat: error: $1" >&2
  echo "lifeboat: hint: $2" >&2
  exit 2
}

# The version of a module as its lock file has it.
locked() { # FOLDER MODULE
  sed -nE "s#^(require )?[[:space:]]*$2 (v[^ ]+).*#\2#p" "$here/$1/go.mod" | head -n 1
}

# The build information of a binary is compared, not a note beside it: a half written or foreign file is built again.
is_current() { # BINARY FOLDER MODULE
  [ -x "$target/$1" ] || return 1
  GOTOOLCHAIN=local go version -m "$target/$1" 2>/dev/null | awk -v m="$3" -v v="$(locked "$2" "$3")" \
    '($1 == "mod" || $1 == "dep") && $2 == m && $3 == v { found = 1 } END { exit !found }'
}

build() { # FOLDER MODULE PACKAGE BINARY [LDFLAGS]
  local folder=$1 module=$2 package=$3 binary=$4 flags=${5:-}
  local version began=$SECONDS
  version=$(locked "$folder" "$module")
  if is_current "$binary" "$folder" "$module"; then
    printf '%-24s %-40s already there\n' "$binary" "$version"
    return
  fi
  (cd "$here/$folder" && CGO_ENABLED=0 GOTOOLCHAIN=local GOWORK=off GOFLAGS=-mod=readonly \
    go build -trimpath -buildvcs=false -p "$(nproc)" -ldflags "-s -w $flags" -o "$target/.$binary.$$" "$package")
  mv -f "$target/.$binary.$$" "$target/$binary"
  printf '%-24s %-40s %4ds\n' "$binary" "$version" $((SECONDS - began))
}

install_temporal() {
  local module=github.com/temporalio/cli
  build temporal $module $module/cmd/temporal temporal \
    "-X $module/internal/temporalcli.Version=$(locked temporal $module | tr -d v)"
}

install_minio() {
  # Without a release stamp MinIO takes itself for a development build and says so at every start.
  local module=github.com/minio/minio stamp
  stamp=$(locked minio $module | sed -E 's/.*-([0-9]{4})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})-.*/\1-\2-\3T\4-\5-\6Z/')
  build minio $module $module minio \
    "-X $module/cmd.Version=$(sed -E 's/T([0-9]+)-([0-9]+)-/T\1:\2:/' <<<"$stamp") -X $module/cmd.ReleaseTag=RELEASE.$stamp"
}

install_kubernetes() {
  build etcd go.etcd.io/etcd/server/v3 go.etcd.io/etcd/server/v3 etcd
  local module=k8s.io/kubernetes version binary
  version=$(locked kubernetes $module)
  for binary in kube-apiserver kube-controller-manager kube-scheduler; do
    build kubernetes $module $module/cmd/$binary $binary \
      "-X k8s.io/component-base/version.gitVersion=$version -X k8s.io/component-base/version.gitTreeState=clean"
  done
  build kwok sigs.k8s.io/kwok sigs.k8s.io/kwok/cmd/kwok kwok \
    "-X sigs.k8s.io/kwok/pkg/consts.Version=$(locked kwok sigs.k8s.io/kwok | tr -d v)"
}

command -v go >/dev/null || refuse "cannot build the engines: there is no go on the PATH" \
  "install Go $go_needed or newer, or put ready binaries into $target"
have=$(GOTOOLCHAIN=local go env GOVERSION | sed -E 's/^go([0-9.]+).*/\1/')
[ "$(printf '%s\n%s\n' "$go_needed" "$have" | sort -V | head -n 1)" = "$go_needed" ] \
  || refuse "cannot build the engines: Go on the PATH is $have, the locked Temporal needs $go_needed" "install a newer Go"

mkdir -p "$target"
exec 9>"$target/.lock"
flock 9
trap 'rm -f "$target"/.*."$$"' EXIT

[ $# -gt 0 ] || set -- temporal minio
for engine in "$@"; do
  case $engine in
    temporal) install_temporal ;;
    minio) install_minio ;;
    kubernetes) install_kubernetes ;;
    all) install_temporal; install_minio; install_kubernetes ;;
    -h | --help) sed -n '2,7p' "${BASH_SOURCE[0]}"; exit 0 ;;
    *) refuse "there is no engine '$engine'" "one of: temporal minio kubernetes all" ;;
  esac
done
