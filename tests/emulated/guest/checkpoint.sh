# runc writes a container to disk ahead of a checkpoint, with criu: where criu cannot even check what it can do
# (unchecked), where it can (healthy), and where it then fails nevertheless (failed).
. /guest/recorder.sh
bundle

# life NAME: what the test of runc does, up to the end of the container.
life() {
    echo "== $1"
    record "$1" runc:/run/runc
    asked criu check --feature mem_dirty_track
    asked runc run -d --bundle /bundle c1
    shows '"name":"c1".*exec.fifo'
    checkpoint "$1" c1 --pre-dump
    if [ "$code" = 0 ]; then
        checkpoint "$1-whole" c1
    fi
    # A checkpoint ends it.
    [ ! -e /run/runc/c1 ] || asked runc delete -f c1
    shows '"name":"c1".*"DELETE","what":"directory"'
    stop
}

# Without nf_tables, criu refuses every check: so it is where a kernel has no CONFIG_NF_TABLES_INET.
rmmod nf_tables
life unchecked
insmod /modules/nf_tables.ko
life healthy
# The images cannot be written.
touch /images/failed
life failed

echo '== restored'
record restored runc:/run/runc
asked runc run -d --bundle /bundle c1
shows '"name":"c1".*exec.fifo'
checkpoint whole c1
asked runc restore -d --bundle /bundle --image-path /images/whole --work-path /images/whole c1
asked runc kill c1 KILL
asked runc delete -f c1
stop
