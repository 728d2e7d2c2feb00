#!/usr/bin/env bash
# A second S3 store for the suite: Ceph's RADOS gateway from Debian's packages, unpacked and not installed (docs/FILES.md).
# One monitor, one OSD with its objects in memory, one gateway on loopback; it serves until it is interrupted.
#   bash tests/storage/ceph.sh FOLDER [PORT]      # Debian 12; the folder's path is without spaces
set -euo pipefail
folder=$(realpath -m "${1:?a folder}") port=${2:-23380}
root=$folder/root data=$folder/data libraries=$folder/root/usr/lib/x86_64-linux-gnu conf=$folder/ceph.conf

mkdir -p "$folder/debs/partial" "$root"
if [ ! -x "$root/usr/bin/radosgw" ]; then
  apt-get -qq -y --no-install-recommends --download-only -o Dir::Cache::archives="$folder/debs" \
    install radosgw ceph-mon ceph-osd ceph-common
  for deb in "$folder"/debs/*.deb; do dpkg -x "$deb" "$root"; done
fi
export PATH=$root/usr/bin:$PATH PYTHONPATH=$root/usr/lib/python3/dist-packages CEPH_CONF=$conf
export LD_LIBRARY_PATH=$libraries:$libraries/ceph:$root/usr/lib/ceph:$root/lib/x86_64-linux-gnu

rm -rf "$data"
mkdir -p "$data"/{mon,osd,rgw,run,log}
cluster=$(cat /proc/sys/kernel/random/uuid) disk=$(cat /proc/sys/kernel/random/uuid)
cat > "$conf" <<C
[global]
fsid = $cluster
mon host = v2:127.0.0.1:$((port + 1))
public network = 127.0.0.0/8
ms bind ipv6 = false
auth cluster required = none
auth service required = none
auth client required = none
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 2
osd pool default pgp num = 2
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon max pg per osd = 1000
run dir = $data/run
admin socket = $data/run/\$name.asok
pid file = $data/run/\$name.pid
crash dir = $data/run
log file = $data/log/\$name.log
plugin dir = $libraries/ceph
osd class dir = $libraries/rados-classes
erasure code dir = $libraries/ceph/erasure-code
[mon]
mon data = $data/mon
mon data avail crit = 1
mon data avail warn = 2
[osd]
osd data = $data/osd
osd objectstore = memstore
memstore device bytes = 6442450944
osd memory target = 1073741824
osd class load list = *
osd class default list = *
[client.rgw]
rgw data = $data/rgw
rgw frontends = beast endpoint=127.0.0.1:$port
rgw thread pool size = 32
C

trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT
monmaptool --create --fsid "$cluster" --addv a "[v2:127.0.0.1:$((port + 1))]" "$data/monmap" > /dev/null
ceph-mon --mkfs -i a --monmap "$data/monmap"
ceph-mon -f -i a > "$data/log/mon.out" 2>&1 &
timeout 60 ceph osd new "$disk" > /dev/null
ceph-osd -i 0 --mkfs --osd-uuid "$disk" > /dev/null 2>&1 || true
ceph-osd -f -i 0 > "$data/log/osd.out" 2>&1 &
timeout 60 ceph osd crush add osd.0 1 root=default host=here > /dev/null 2>&1
radosgw -f -n client.rgw --no-mon-config --ms_mon_client_mode=crc > "$data/log/rgw.out" 2>&1 &
timeout 180 bash -c "until curl -s -o /dev/null http://127.0.0.1:$port; do sleep 0.5; done"
timeout 120 radosgw-admin -n client.rgw --no-mon-config --ms_mon_client_mode=crc user create --uid=dengbao --display-name=dengbao \
  --access-key=dengbao --secret-key=dengbao-secret --admin-socket= > /dev/null
echo "DENGBAO_S3_ENDPOINT=http://127.0.0.1:$port DENGBAO_S3_ACCESS_KEY=dengbao DENGBAO_S3_SECRET_KEY=dengbao-secret"
wait
