#!/usr/bin/env bash
# setup.sh: Gradescope starts it once, as root, to make the autograder's image: what the graders need, and the kit built.
# lessons/ci/README.md says how to set it up.
set -eu

base=${AUTOGRADER:-/autograder}
export DEBIAN_FRONTEND=noninteractive
apt-get update -q
apt-get install -y -q --no-install-recommends gcc libc6-dev make binutils bats busybox-static iproute2 procps util-linux

make -C "$base/source/kit" labs

# Containers refuse the namespaces that the graders need, so they run in an emulated guest. Its kernel is a package of Debian's,
# which is unpacked and not installed. Without it results.json says INCOMPLETE.
apt-get install -y -q --no-install-recommends qemu-system-x86 qemu-system-common kmod cpio e2fsprogs xz-utils ||
	echo "setup: no emulated guest" >&2
apt-get install -y -q --no-install-recommends virtiofsd || : # a package of its own since Debian 13
if ! apt-cache search --names-only '^linux-image-6\.1\..*-cloud-amd64$' | grep -q .; then
	apt-get install -y -q --no-install-recommends debian-archive-keyring
	echo 'deb [arch=amd64 signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian bookworm main' \
		>/etc/apt/sources.list.d/minibox-guest.list
	# For what this system does not have itself, and for nothing else.
	printf 'Package: *\nPin: release n=bookworm\nPin-Priority: 1\n' >/etc/apt/preferences.d/minibox-guest
	apt-get update -q
fi
MINIBOX_GUEST_CACHE=$base/source/guest "$base/source/kit/tests/guest/kernel" 6.1 || echo "setup: no kernel for a guest" >&2
