# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # the worker's: dir, here, target, inject, command, boxed, after
# runtime.bash: the targets runtime-*, one operation of minibox-runtime each; the worker sources this.
#
# The bundle has what docker gives a container: capabilities, masked paths, a filter, namespaces, and for root a memory limit
# and a mount of cgroups; and a hook of each kind. Before each point ready() makes the container that the operation
# needs, by processes that no point is in. After it tests/sweep/after-runtime notes what is there, and deletes twice.

RUNTIME=("$BIN/minibox-runtime" --root "$dir/state/rt")

find_busybox() {
	local file
	for file in "${MINIBOX_BUSYBOX:-}" "$MB_BUILD/busybox" /bin/busybox /usr/bin/busybox; do
		[[ -x $file ]] && ldd "$file" 2>&1 | grep -qE 'statically|not a (valid )?dynamic' && echo "$file" && return
	done
	return 1
}

# Hooks are named "hook", so that inject does not take them for the container's command.
make_bundle() {
	local busybox kind seconds=100 kind_of=()
	busybox=$(find_busybox) && type -P jq >/dev/null || { echo "no static busybox, or no jq" >&2; return 77; }
	mkdir -p bundle/rootfs/{bin,etc,tmp,proc,dev,sys}
	cp "$busybox" bundle/rootfs/bin/busybox
	for kind in sh sleep cat; do ln -sf busybox "bundle/rootfs/bin/$kind"; done
	# shellcheck disable=SC2016 # the hook's own
	printf '#!/bin/sh\ncat >/dev/null\necho "$1" >>"$2"\n' | tee bundle/hook >bundle/rootfs/hook
	chmod 755 bundle/hook bundle/rootfs/hook
	rm -f bundle/config.json
	((!SWEEP_AS_USER)) || kind_of=(--rootless)
	[[ $target != runtime-run ]] || seconds=0
	[[ -z ${SWEEP_USER:-} ]] || chown -R "$SWEEP_USER:$SWEEP_USER" bundle
	(cd bundle && as_caller "${RUNTIME[@]}" spec "${kind_of[@]}") || return
	jq --arg dir "$dir" --argjson root "$((!SWEEP_AS_USER))" --arg seconds "$seconds" '
		def hook(name; path; log): {(name): [{path: path, args: ["hook", name, log], env: ["PATH=/bin:/usr/bin"]}]};
		.process.terminal = false | .process.args = ["sleep", $seconds] | .root.readonly = false
		| .process.capabilities |= map_values(["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FSETID", "CAP_FOWNER", "CAP_MKNOD", "CAP_NET_RAW",
			"CAP_SETGID", "CAP_SETUID", "CAP_SETFCAP", "CAP_SETPCAP", "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT", "CAP_KILL", "CAP_AUDIT_WRITE"])
		| .process.capabilities.ambient = []
		| .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [
			{names: ["keyctl", "add_key", "request_key", "kexec_load", "mount", "umount2", "unshare", "setns", "bpf", "ptrace"],
			 action: "SCMP_ACT_ERRNO", errnoRet: 1}]}
		| if $root == 1 then .linux.resources.memory = {limit: 67108864} else . end
		| .hooks = (reduce ("prestart", "createRuntime", "createContainer", "poststart", "poststop") as $kind
			({}; . + hook($kind; $dir + "/bundle/hook"; $dir + "/run/hooks")) + hook("startContainer"; "/hook"; "/tmp/hooks"))
	' bundle/config.json >config.new && cat config.new >bundle/config.json && rm config.new
}

# What the caller of the sweep would do: as the ordinary user, where there is one.
as_caller() {
	if [[ -n ${SWEEP_USER:-} ]]; then
		setpriv --reuid="$SWEEP_USER" --regid="$SWEEP_USER" --groups="$SWEEP_USER" -- "$@"
	else
		"$@"
	fi </dev/null
}

runtime_target() {
	ID=sweep$MINIBOX_TOKEN
	local bundle=$dir/bundle
	boxed=(-c sleep)
	# The process of a container that lives on is waited for by nobody.
	linger=0.1
	case $target in
	runtime-create) command=("${RUNTIME[@]}" create -b "$bundle" "$ID") ;;
	runtime-start) command=("${RUNTIME[@]}" start "$ID") ;;
	runtime-exec) command=("${RUNTIME[@]}" exec "$ID" sleep 0) ;;
	runtime-kill) command=("${RUNTIME[@]}" kill "$ID" KILL) ;;
	runtime-delete) command=("${RUNTIME[@]}" delete --force "$ID") ;;
	runtime-run) command=("${RUNTIME[@]}" run -b "$bundle" "$ID") ;;
	esac
	[[ $target != runtime-run && $target != runtime-exec ]] || boxed+=(-e "$here/evidence")
	gc=(-g "exec '$here/after-runtime' '$BIN/minibox-runtime' '$dir/state/rt' '$ID' '$target' '$dir/run' '$here/evidence' >'$dir/tmp/.gc' 2>&1")
}

# The container that the operation is about. Its first process is no tracee: its number is kept.
ready() {
	rm -f run/* bundle/rootfs/tmp/hooks pid
	case $target in
	runtime-create | runtime-run) return 0 ;;
	esac
	as_caller "${RUNTIME[@]}" create -b "$dir/bundle" --pid-file "$dir/run/pid" "$ID" >ready.said 2>&1 || { cat ready.said >&2; return 1; }
	pid=$(<run/pid)
	[[ $target == runtime-start ]] || as_caller "${RUNTIME[@]}" start "$ID" >ready.said 2>&1 || { cat ready.said >&2; return 1; }
}

# Everything that says whether an operation that ended with 0 is whole: run/* as after-runtime has left it, and the hooks.
gather() {
	{
		[[ ! -e bundle/rootfs/tmp/hooks ]] || sed 's/^/inside /' bundle/rootfs/tmp/hooks
		for file in hooks there evidence; do [[ ! -e run/$file ]] || sed "s/^/$file /" "run/$file"; done
		[[ ! -e evidence ]] || cat evidence
	} >gathered
	mv gathered evidence
	rm -f run/*
	[[ -z $pid || ! -d /proc/$pid || $(awk '{ print $3 }' "/proc/$pid/stat") == Z ]] || fault LEFT "the container's process $pid"
	pid=''
}
