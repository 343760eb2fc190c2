#!/bin/sh
# PID 1 of the test machine: the least a job needs, then the agent, then power off.
# Words of the kernel command line that begin with "etabli." are options:
#   etabli.udev=0   do not start udevd (no by-id links, quicker)
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 HOME=/root
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t tmpfs -o mode=755 run /run
mount -t tmpfs tmp /tmp
mkdir -p /dev/pts /dev/shm /run/lock
mount -t devpts devpts /dev/pts
mount -t tmpfs shm /dev/shm
ip link set lo up
echo "init: $(cut -d' ' -f1 /proc/uptime) s"

if ! grep -q etabli.udev=0 /proc/cmdline; then
    /lib/systemd/systemd-udevd --daemon
    udevadm trigger --type=subsystems --action=add
    udevadm trigger --type=devices --action=add
    udevadm settle --timeout=60
fi
for module in virtio_console virtio_blk ext4; do modprobe "$module"; done

attach() { # serial, mount point
    tries=0
    while [ "$tries" -lt 100 ]; do
        for disk in /sys/block/vd*; do
            if [ "$(cat "$disk/serial")" = "$1" ]; then
                mkdir -p "$2"
                mount -t ext4 -o ro,noload "/dev/${disk##*/}" "$2"
                return
            fi
        done
        tries=$((tries + 1))
        sleep 0.1
    done
    echo "init: no image $1"
}
attach etabli-site /opt/site
attach etabli-source /opt/etabli
export PYTHONPATH=/opt/etabli:/opt/site PYTHONDONTWRITEBYTECODE=1
echo "init: agent starts at $(cut -d' ' -f1 /proc/uptime) s"
cd /
python3 -P /opt/etabli/tests/vm/agent.py || echo "init: the agent ended badly"
sync
echo o > /proc/sysrq-trigger
sleep 60
