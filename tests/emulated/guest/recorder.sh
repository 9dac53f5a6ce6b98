# What the scripts that run inside share: the recorder, a container, and what is asked and noted.

# until_done WHAT COMMAND...: repeats a command until it succeeds, for a minute or two at most.
until_done() {
    what=$1 left=600
    shift
    until "$@"; do
        left=$((left - 1))
        [ $left -gt 0 ] || { echo "waited in vain: $what"; exit 1; }
        sleep 0.05
    done
}

# record NAME SOURCES...: records into /out/NAME.jsonl, and returns when everything is attached.
record() {
    name=$1
    shift
    mkfifo /tmp/marks
    env HOME=/nonexistent statetrail record "$@" -o "/out/$name.jsonl" --ready-file /tmp/ready --marks-from /tmp/marks \
        2> "/out/$name.said" &
    recorder=$!
    until_done 'the recorder attaches' test -e /tmp/ready
    rm /tmp/ready
}

# shows WORDS: waits until the recording has a line with these words.
shows() { until_done "$1 is recorded" grep -q "$1" "/out/$name.jsonl"; }

# mark NAME: sets a mark, and returns when it is recorded.
mark() {
    echo "$1" > /tmp/marks
    shows "\"MARK\".*$1"
}

# stop: ends the recorder, and keeps its exit code in /out/NAME.code.
stop() {
    kill -TERM $recorder
    code=0
    wait $recorder || code=$?
    echo $code > "/out/$name.code"
    rm /tmp/marks
}

# asked COMMAND...: runs a command, and notes when that was, how it ended and what it said last.
asked() {
    code=0
    begun=$(cut -d' ' -f1 /proc/uptime)
    : > /tmp/said
    case $1 in
    runc) logged "$@" ;;
    *) "$@" > /tmp/said 2>&1 ;;
    esac < /dev/null || code=$?
    echo "$begun $code $* | $(tail -n1 /tmp/said)"
}
# A container keeps the output of the runc that starts it: in a file, it could not be written to disk.
logged() {
    shift
    runc --log /tmp/said "$@" > /dev/null 2>&1
}

# bundle: makes /bundle, a container that sleeps.
bundle() {
    for each in bin proc sys dev; do mkdir -p /bundle/rootfs/$each; done
    cp /bin/busybox /bundle/rootfs/bin/sleep
    cp /guest/config.json /bundle
    mkdir -p /images /run/runc
}

# checkpoint NAME CONTAINER FLAGS...: writes a container to disk.
checkpoint() {
    name_of=$1 container=$2
    shift 2
    asked runc checkpoint "$@" --image-path "/images/$name_of" --work-path "/images/$name_of" "$container"
    grep -h Error "/images/$name_of"/*.log 2> /dev/null || true
}
