# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034
# Sourced by every script of the rig: where things are, and which kernel.
# KREL picks the kernel; a scenario file may set it, the environment wins.

RIG=$(cd "$(dirname "$0")" && pwd)
KREL=${KREL:-6.1.0-56-amd64}
CACHE_ROOT=${STACKINFO_RIG_CACHE:-$HOME/.cache/stackinfo-rig}
CACHE=$CACHE_ROOT/$KREL
OUT=${STACKINFO_RIG_OUT:-$CACHE_ROOT/out}
ROOT=$CACHE/root                                # unpacked kernel and headers
VMLINUX=$CACHE/vmlinux
VMLINUZ=$ROOT/boot/vmlinuz-$KREL
HEADERS=$ROOT/usr/src/linux-headers-$KREL
case $KREL in *-fp|*-lean|*-rv64|*scs) HEADERS=$CACHE/build ;; esac  # built here: the build tree

# What differs by architecture: its name in package names and in kernel's makefiles, its
# QEMU with machine and processor, its first serial port, its compiler's prefix, the
# folder of its dumps in the tree; and what runs its programs in the chroot "cross".
case $KREL in
*-arm64*|*-a64scs)
	ARCH=arm64 KARCH=arm64 FOLDER=/aarch64 CROSS=aarch64-linux-gnu- CONSOLE=ttyAMA0
	QEMU="qemu-system-aarch64 -M virt,gic-version=3" QEMU_CPU=max,pauth-impdef=on
	RUN_CROSS=qemu-aarch64
	BUSYBOX=$ROOT/bin/busybox BUSYBOX_SUITE=bookworm
	;;
*-riscv64*|*-rv64*)
	# Debian 12's QEMU has no vmcoreinfo device for it.
	ARCH=riscv64 KARCH=riscv FOLDER=/riscv64 CROSS=riscv64-linux-gnu- CONSOLE=ttyS0
	QEMU="$RIG/chroot trixie run qemu-system-riscv64 -M virt" QEMU_CPU=rv64
	RUN_CROSS=qemu-riscv64
	BUSYBOX=$ROOT/usr/bin/busybox BUSYBOX_SUITE=trixie
	;;
*)
	ARCH=amd64 KARCH=x86_64 FOLDER='' CROSS='' CONSOLE=ttyS0
	QEMU=qemu-system-x86_64 QEMU_CPU=max
	BUSYBOX=/bin/busybox
	;;
esac

KDUMP=$CACHE_ROOT/kdump-$ARCH                   # of machines other than x86_64
SMALL=$OUT/small                                # small dumps
BUNDLE=$RIG/../dumps$FOLDER                     # those in the tree

die() { echo "$(basename "$0"): $*" >&2; exit 1; }
say() { echo "$(basename "$0"): $*" >&2; }

# Pages that are not compressed: xz does better.
make_small() { # NAME
	mkdir -p "$SMALL/$1"
	"$RIG/../../build/stackinfo" pack --plain --force "$OUT/$1/vmcore" \
		-o "$SMALL/$1/vmcore" >&2
}

# What differs by generation: the suites whose tools belong to it ("host" is
# Debian 12 itself): whose gcc builds the module, whose makedumpfile writes the
# dump, whose crash opens it. DUMP_LEVEL is makedumpfile's -d, CRASH_OPTIONS
# what crash needs to open it, GUEST_OPTIONS kernel parameters.
BUILD_SUITE=trixie DUMP_SUITE=trixie CRASH_SUITE=trixie
CRASH_OPTIONS='' GUEST_OPTIONS=''
case $KREL in
5.*|6.1.*) BUILD_SUITE=host DUMP_SUITE=host CRASH_SUITE=host ;;
# makedumpfile 1.7.6 does not leave out this kernel's free memory, but zeros.
6.*)       GUEST_OPTIONS=init_on_free=1 ;;
# None up to 1.7.8 knows what of this kernel's memory is in use: keep all of it.
*)         DUMP_LEVEL=${DUMP_LEVEL:-1} GUEST_OPTIONS=init_on_free=1
           CRASH_SUITE=sid CRASH_OPTIONS=--no_modules ;;
esac
case $KREL in
*+deb14-*) BUILD_SUITE=sid ;;
# The log is told by its lines' times. Built in, in some versions the driver of the second
# serial port comes before that of the first.
*-rv64*)
	BUILD_SUITE=host GUEST_OPTIONS="$GUEST_OPTIONS printk.time=1"
	case $KREL in 6.1.*) CONSOLE=ttyS1 ;; esac
	;;
*-a64scs) BUILD_SUITE=host ;;
esac
# What builds modules, and kernels that are built here, outside of chroots.
case $KREL in
*scs) COMPILER=LLVM=-19 ;;
*)    COMPILER=CC=${CROSS}gcc-12 ;;
esac
DUMP_LEVEL=${DUMP_LEVEL:-31}

chroot_of() {
	case $1 in
	host)  ;;
	kdump) echo "$KDUMP" ;;
	*)     echo "$CACHE_ROOT/chroot/$1" ;;
	esac
}
in_suite() { # SUITE COMMAND...
	suite=$1
	shift
	case $suite in
	host) "$@" ;;
	*)    "$RIG/chroot" "$suite" run "$@" ;;
	esac
}

# The shared objects that a program names; what runs in the chroot "cross" is of $KREL's
# machine. RUN_CROSS has them loaded by hand: ldd there knows only its own. "kdump" is what
# ./kdump-tools has made.
objects_of() { # SUITE PROGRAM
	case $1 in
	kdump) in_suite cross "$RUN_CROSS" -L "$KDUMP" -E LD_TRACE_LOADED_OBJECTS=1 "$KDUMP$2" ;;
	cross) in_suite cross "$RUN_CROSS" -E LD_TRACE_LOADED_OBJECTS=1 "$2" ;;
	*)     in_suite "$1" ldd "$2" ;;
	esac | grep -o '/[^ ]*'
}

# Those at the same paths below ROOT, and a suite's program with them.
add_objects() ( # ROOT SUITE PROGRAM
	root=$1
	from=$(chroot_of "$2")
	objects_of "$2" "$3" | while read -r file; do
		mkdir -p "$root$(dirname "$file")"
		cp -L "$from$file" "$root$file"
	done
)
add_program() { # ROOT SUITE PROGRAM
	mkdir -p "$1$(dirname "$3")"
	cp -L "$(chroot_of "$2")$3" "$1$3"
	add_objects "$@"
}

# The mirror that this machine's own apt uses, without the "/debian" at its end.
mirror() {
	env -u APT_CONFIG apt-get indextargets --format '$(REPO_URI)' \
		'Created-By: Packages' | sed -n 's,/debian/$,,p' | sort -u | head -n 1
}

# Makes apt, in this process and its children, know all suites with kernels,
# from a configuration of its own: the machine's is not touched.
private_apt() {
	apt=$CACHE_ROOT/apt
	export APT_CONFIG="$apt/apt.conf"
	[ -z "$(find "$apt/updated" -mmin -1440 -newer "$RIG/lib.sh" 2>/dev/null)" ] || return 0
	mkdir -p "$apt/etc/apt.conf.d" "$apt/etc/preferences.d" \
		"$apt/state/lists/partial" "$apt/cache/archives/partial"
	key=/usr/share/keyrings/debian-archive-keyring.gpg
	mirror=$(mirror)
	echo "deb [signed-by=$key arch=amd64] $mirror/debian bullseye main" \
		> "$apt/etc/sources.list"
	# riscv64 begins with trixie.
	of="[signed-by=$key arch=amd64,arm64"
	echo "deb $of] $mirror/debian bookworm main" >> "$apt/etc/sources.list"
	for suite in trixie trixie-backports; do
		echo "deb $of,riscv64] $mirror/debian $suite main"
	done >> "$apt/etc/sources.list"
	# sid's mirror may lag: signed all the same, but no longer "valid".
	echo "deb $of,riscv64 check-valid-until=no] $mirror/debian sid main" \
		>> "$apt/etc/sources.list"
	for suite in bullseye bookworm; do
		echo "deb $of] $mirror/debian-security $suite-security main"
	done >> "$apt/etc/sources.list"
	echo "deb $of,riscv64] $mirror/debian-security trixie-security main" \
		>> "$apt/etc/sources.list"
	cat > "$APT_CONFIG" <<-END
		Dir::Etc "$apt/etc";
		Dir::Etc::sourcelist "sources.list";
		Dir::Etc::sourceparts "-";
		Dir::State "$apt/state";
		Dir::State::status "/var/lib/dpkg/status";
		Dir::Cache "$apt/cache";
		Acquire::Languages "none";
		APT::Architectures { "amd64"; "arm64"; "riscv64"; };
		APT::Sandbox::User "root";
	END
	# A mirror that is just being renewed lacks some lists; others may do.
	if apt-get update >&2; then
		touch "$apt/updated"
	else
		say "not all lists of packages could be had"
	fi
}
