# An encrypted disk that is unmounted while a process sits in it (busy), while another mount namespace has a copy of it
# (held), and while nobody uses it (healthy). The marks are what a driver knows: it begins to unmount, and it has asked
# for the device to be closed.
. /guest/recorder.sh

opened() {
    asked cryptsetup luksOpen --key-file /tmp/key /tmp/disk.img secret
    asked mount -t ext4 /dev/mapper/secret /scratch/mnt
    shows '"name":"/scratch/mnt".*ATTACH'
    mark unmounting
}
is_closed() { cryptsetup luksClose secret 2> /dev/null; }

mkdir -p /run/cryptsetup /scratch/mnt
dd if=/dev/zero of=/tmp/disk.img bs=1M count=16 2> /dev/null
printf key > /tmp/key
asked cryptsetup luksFormat -q --type luks1 --pbkdf-force-iterations 1000 --key-file /tmp/key /tmp/disk.img
asked cryptsetup luksOpen --key-file /tmp/key /tmp/disk.img secret
# A journal has a thread, which would hold the device for a moment.
asked mkfs.ext4 -q -O ^has_journal /dev/mapper/secret
asked cryptsetup luksClose secret

echo '== busy'
record busy mounts: uevents:
opened
(cd /scratch/mnt && exec sleep 1000) &
sitting=$!
until_done 'it sits there' grep -q sleep /proc/$sitting/comm
asked umount -f /scratch/mnt
asked cryptsetup luksClose secret
mark asked
kill $sitting
wait $sitting || true
asked umount -f /scratch/mnt
shows '"name":"/scratch/mnt".*UNMOUNT'
asked cryptsetup luksClose secret
stop

echo '== held'
record held mounts: uevents:
opened
# It is held longer than the device may be, however fast the machine is.
unshare -m sleep 3 &
holding=$!
until_done 'it has a copy' grep -q sleep /proc/$holding/comm
asked umount /scratch/mnt
asked cryptsetup luksClose secret
mark asked
shows HOLDERS
asked cryptsetup luksClose secret
wait $holding
until_done 'the device is let go' is_closed
stop

echo '== healthy'
record healthy mounts: uevents:
opened
asked umount /scratch/mnt
asked cryptsetup luksClose secret
shows '"name":"dm-0".*REMOVE'
mark asked
stop
