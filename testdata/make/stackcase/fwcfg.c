// SPDX-License-Identifier: GPL-2.0
/*
 * fwcfg - tell QEMU where the VMCOREINFO note is, as the kernel's qemu_fw_cfg does.
 *
 * For kernels without PCI: there ACPICA does not start (no handler for the default
 * address space PCI_Config), and with its global lock gone qemu_fw_cfg gives up.
 * Protocol: docs/specs/fw_cfg.rst in QEMU; the ports are those of its PCs.
 */
#include <linux/crash_core.h>
#include <linux/io.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <uapi/linux/qemu_fw_cfg.h>

#define CTRL_PORT 0x510
#define DATA_PORT 0x511
#define DMA_PORT  0x514

static void read_bytes(void *to, size_t len)
{
	insb(DATA_PORT, to, len);
}

static int find_file(const char *name)
{
	struct fw_cfg_file file;
	__be32 count;

	outw(FW_CFG_FILE_DIR, CTRL_PORT);
	read_bytes(&count, sizeof(count));
	for (u32 i = 0; i < be32_to_cpu(count); i++) {
		read_bytes(&file, sizeof(file));
		if (!strncmp(file.name, name, sizeof(file.name)))
			return be16_to_cpu(file.select);
	}
	return -ENOENT;
}

static int __init fwcfg_init(void)
{
	/* Both in one page, where virt_to_phys() holds. */
	struct {
		struct fw_cfg_dma_access dma;
		struct fw_cfg_vmcoreinfo info;
	} * x;
	int key = find_file(FW_CFG_VMCOREINFO_FILENAME);
	phys_addr_t at;

	if (key < 0)
		return key;
	x = (void *)get_zeroed_page(GFP_KERNEL);
	if (!x)
		return -ENOMEM;
	x->info.guest_format = cpu_to_le16(FW_CFG_VMCOREINFO_FORMAT_ELF);
	x->info.size = cpu_to_le32(VMCOREINFO_NOTE_SIZE);
	x->info.paddr = cpu_to_le64(paddr_vmcoreinfo_note());
	x->dma.address = cpu_to_be64(virt_to_phys(&x->info));
	x->dma.length = cpu_to_be32(sizeof(x->info));
	x->dma.control =
		cpu_to_be32(key << 16 | FW_CFG_DMA_CTL_SELECT | FW_CFG_DMA_CTL_WRITE);
	at = virt_to_phys(&x->dma);
	outl(cpu_to_be32(upper_32_bits(at)), DMA_PORT);
	mb();
	/* QEMU writes at once, before this returns. */
	outl(cpu_to_be32(lower_32_bits(at)), DMA_PORT + 4);
	key = READ_ONCE(x->dma.control) ? -EIO : 0;
	free_page((unsigned long)x);
	return key;
}

static void __exit fwcfg_exit(void)
{
}

module_init(fwcfg_init);
module_exit(fwcfg_exit);
MODULE_LICENSE("GPL");
