# What criu and runc say on a processor whose kernel does not track which pages were written: in /out/said, each with
# what went to standard output, what went to standard error, and the exit code.
. /guest/recorder.sh
bundle

mkdir /out/said
# says NAME COMMAND...
says() {
    said=/out/said/$1
    shift
    code=0
    "$@" < /dev/null > "$said.stdout" 2> "$said.stderr" || code=$?
    echo $code > "$said.code"
}
says uname uname -rm
says runc runc --version
says criu criu --version
for feature in mem_dirty_track uffd-noncoop tcp_half_closed fdinfo_lock loginuid cgroupns nsid; do
    says "criu.$feature" criu check --feature "$feature"
done

asked runc run -d --bundle /bundle c1
checkpoint ahead c1 --pre-dump
checkpoint whole c1
asked runc restore -d --bundle /bundle --image-path /images/whole --work-path /images/whole c1
asked runc kill c1 KILL
asked runc delete -f c1
