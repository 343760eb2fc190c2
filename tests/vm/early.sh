#!/bin/busybox sh
# The initramfs of the test machine: find the root image by its serial, mount it
# under a RAM overlay (nothing a test does is kept), hand over to guest-init.sh.
/bin/busybox --install -s /bin 2>/dev/null
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
for module in $(cat /modules/order); do
    insmod "/modules/$module" || echo "early: cannot load $module"
done
tries=0
while [ "$tries" -lt 100 ]; do
    for disk in /sys/block/vd*; do
        [ -e "$disk/serial" ] || continue
        [ "$(cat "$disk/serial")" = "etabli-root" ] && root="/dev/${disk##*/}"
    done
    [ -n "$root" ] && break
    tries=$((tries + 1))
    sleep 0.1
done
[ -n "$root" ] || { echo "early: no root image"; poweroff -f; }
mount -t ext4 -o ro,noload "$root" /lower || { echo "early: cannot mount root"; poweroff -f; }
mount -t tmpfs -o size=60% tmpfs /rw
mkdir -p /rw/upper /rw/work
mount -t overlay -o lowerdir=/lower,upperdir=/rw/upper,workdir=/rw/work overlay /new
cp /etabli-init.sh /new/etabli-init.sh
umount /proc
umount /sys
mount --move /dev /new/dev
exec switch_root /new /bin/sh /etabli-init.sh
