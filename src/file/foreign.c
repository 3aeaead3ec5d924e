/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "foreign.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define HEAD_SIZE 512u

#define UNPACK	      "unpack it first "
#define DUMP_BY_QEMU  "dump-guest-memory"
#define DUMP_BY_VIRSH "virsh dump --memory-only"
#define VMSS_ADVICE                                                                      \
	"vmss2core makes a core of it and its .vmem, crash opens it, and --raw takes "   \
	"the .vmem alone"
#define SADUMP_ADVICE "makedumpfile makes a kdump of it (-x VMLINUX), and crash opens it"
#define DISK_ADVICE   "a dump may be among the files on it"

/* The first row that fits has it. */
static const struct {
	const char *magic;
	size_t size;
	size_t offset;
	const char *name, *advice;
} rows[] = {
#define AT(offset, magic) magic, sizeof(magic) - 1, offset
	/* Packed, or with others in it */
	{ AT(0, "\x1f\x8b"), "compressed with gzip", UNPACK "(gunzip -k)" },
	{ AT(0, "\xfd"
		"7zXZ\0"),
	  "compressed with xz", UNPACK "(unxz -k)" },
	{ AT(0, "\x5d\0\0"), "compressed with lzma", UNPACK "(unlzma -k)" },
	{ AT(0, "\x28\xb5\x2f\xfd"), "compressed with zstd", UNPACK "(unzstd -k)" },
	{ AT(0, "BZh"), "compressed with bzip2", UNPACK "(bunzip2 -k)" },
	{ AT(0, "\x04\x22\x4d\x18"), "compressed with lz4", UNPACK "(unlz4 -k)" },
	{ AT(0, "\x89LZO\0\r\n\x1a\n"), "compressed with lzop", UNPACK "(lzop -d)" },
	{ AT(0, "\xff\x06\0\0sNaPpY"), "compressed with snappy", UNPACK "(snzip -dk)" },
	{ AT(0, "PK\3\4"), "a zip archive", UNPACK "(unzip)" },
	{ AT(0, "7z\xbc\xaf\x27\x1c"), "a 7z archive", UNPACK "(7z x)" },
	{ AT(0, "Rar!\x1a\x07"), "a rar archive", UNPACK "(unrar x)" },
	{ AT(257, "ustar"), "a tar archive", UNPACK "(tar -xf)" },
	{ AT(0, "07070"), "a cpio archive", UNPACK "(cpio -id)" },
	{ AT(0, "!<arch>\n"), "an ar archive (a .deb package?)", UNPACK "(ar x)" },
	{ AT(0, "\xed\xab\xee\xdb"), "an rpm package", UNPACK "(rpm2cpio)" },
	/* Machines that were saved */
	{ AT(0, "LibvirtQemudSave"), "a saved virtual machine (virsh save)",
	  "restore it (virsh restore --paused), then " DUMP_BY_VIRSH
	  " makes one that can be read" },
	{ AT(0, "LibvirtQemudPart"), "a virtual machine that was saved in part",
	  DUMP_BY_VIRSH " makes one that can be read" },
	{ AT(0, "QEVM"),
	  "a migration stream of QEMU (virsh dump without --memory-only, virsh save, "
	  "migrate)",
	  "QEMU alone can read it (-incoming), and makes a dump of it (" DUMP_BY_QEMU
	  "); of a machine that still runs, " DUMP_BY_VIRSH },
	{ AT(0, "QFI\xfb"), "a disk of QEMU (qcow2)",
	  "a snapshot of memory in it (savevm) is for QEMU to load (-loadvm), which makes "
	  "a dump of it (" DUMP_BY_QEMU ")" },
	{ AT(0, "\xd0\xbe\xd0\xbe"), "a saved VMware machine (.vmss, .vmsn)",
	  VMSS_ADVICE },
	{ AT(0, "\xd1\xba\xd1\xba"), "a saved VMware machine (.vmss, .vmsn)",
	  VMSS_ADVICE },
	{ AT(0, "\xd2\xba\xd2\xba"), "a saved VMware machine (.vmss, .vmsn)",
	  VMSS_ADVICE },
	{ AT(0, "\xd2\xbe\xd2\xbe"), "a saved VMware machine (.vmss, .vmsn)",
	  VMSS_ADVICE },
	{ AT(0, "\xd3\xbe\xd3\xbe"), "a saved VMware machine (.vmss, .vmsn)",
	  VMSS_ADVICE },
	{ AT(0, "\x7fVirtualBox SavedState"), "a saved VirtualBox machine",
	  "start it, then VBoxManage debugvm NAME dumpvmcore --filename FILE makes a core "
	  "of it" },
	{ AT(0, "LinuxGuestRecord"), "a saved Xen machine (xm save)",
	  "restore it, then xl dump-core and crash" },
	{ AT(0, "\xff\xff\xff\xff\xff\xff\xff\xffXENF"), "a saved Xen machine (xl save)",
	  "restore it, then xl dump-core and crash" },
	{ AT(0, "\xed\xeb\x0f\xf0"), "an old dump of a Xen guest (xm dump-core)",
	  "crash opens it" },
	{ AT(0, "\xee\xeb\x0f\xf0"), "an old dump of a Xen guest (xm dump-core)",
	  "crash opens it" },
	/* Dumps of others */
	{ AT(0, "AVML\2\0\0\0"), "memory that AVML compressed",
	  "avml-convert FILE OUT unpacks it" },
	{ AT(0, "PAGEDU64"), "a dump for Windows' debuggers",
	  "is the machine a Linux? " DUMP_BY_VIRSH
	  " (without --format=win-dmp) makes one" },
	{ AT(0, "PAGEDUMP"), "a dump for Windows' debuggers",
	  "is the machine a Linux? " DUMP_BY_VIRSH
	  " (without --format=win-dmp) makes one" },
	{ AT(0, "MDMP"), "a Windows program's minidump", "it holds no kernel" },
	{ AT(0, "HIBR"), "a Windows machine that hibernated", "it holds no Linux" },
	{ AT(0, "hibr"), "a Windows machine that hibernated", "it holds no Linux" },
	{ AT(0, "\xa8\x19\x01\x73\x61\x8f\x23\xfd"), "a stand-alone dump of an s390",
	  "that architecture is not supported; crash opens it" },
	/* libkdumpfile does not tell which pages it has. */
	{ AT(0, "sadump\0\0"), "a dump of Fujitsu's SADUMP", SADUMP_ADVICE },
	{ AT(4096, "sadump\0\0"), "a dump of Fujitsu's SADUMP", SADUMP_ADVICE },
	/* Disks, and files beside a dump */
	{ AT(0, "KDMV"), "a disk of VMware (.vmdk)", DISK_ADVICE },
	{ AT(0, "vhdxfile"), "a disk of Hyper-V (.vhdx)", DISK_ADVICE },
	{ AT(0, "conectix"), "a disk of Hyper-V (.vhd)", DISK_ADVICE },
	{ AT(64, "\x7f\x10\xda\xbe"), "a disk of VirtualBox (.vdi)", DISK_ADVICE },
	{ AT(0x202, "HdrS"), "a kernel to boot (vmlinuz)",
	  "the dump is another file, and its namelist (-n) is the vmlinux with debuginfo" },
#undef AT
};

/* How dumps begin: what stands further on in them is memory. */
static const struct {
	const char *magic;
	size_t size;
} dumps[] = {
#define BEGINS(magic)                                                                    \
	{                                                                                \
		magic, sizeof(magic) - 1                                                 \
	}
	BEGINS("\177ELF"),	BEGINS("KDUMP   "),	BEGINS("DISKDUMP"),
	BEGINS("makedumpfile"), BEGINS("EMiL\1\0\0\0"),
#undef BEGINS
};

bool stk_begins_as_dump(int fd)
{
	char head[16];

	for (size_t i = 0; i < sizeof(dumps) / sizeof(dumps[0]); i++)
		if (pread(fd, head, dumps[i].size, 0) == (ssize_t)dumps[i].size &&
		    !memcmp(head, dumps[i].magic, dumps[i].size))
			return true;
	return false;
}

/* Nothing but printable text, in any language. */
static bool is_text(const unsigned char *p, size_t size)
{
	static const char harmless[] = { '\t', '\n', '\r', '\f', '\033' };

	for (size_t i = 0; i < size; i++)
		if (p[i] == 0x7f ||
		    (p[i] < ' ' && !memchr(harmless, p[i], sizeof(harmless))))
			return false;
	return true;
}

bool stk_is_foreign(int fd, char *text, size_t size)
{
	unsigned char head[HEAD_SIZE];
	ssize_t got;

	if (stk_begins_as_dump(fd))
		return stk_is_process_core(fd, text, size);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (pread(fd, head, rows[i].size, (off_t)rows[i].offset) !=
			    (ssize_t)rows[i].size ||
		    memcmp(head, rows[i].magic, rows[i].size))
			continue;
		snprintf(text, size, "%s: %s", rows[i].name, rows[i].advice);
		return true;
	}
	got = pread(fd, head, sizeof(head), 0);
	if (got <= 0 || !is_text(head, (size_t)got))
		return false;
	snprintf(
		text, size,
		"a text, not a dump: \"stackof -f FILE VMCORE\" answers the addresses in "
		"one");
	return true;
}
