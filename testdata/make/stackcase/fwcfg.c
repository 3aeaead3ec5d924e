// SPDX-License-Identifier: GPL-2.0
/*
 * fwcfg - tell QEMU where the VMCOREINFO note is, as the kernel's qemu_fw_cfg does.
 *
 * For kernels without PCI: there ACPICA does not start (no handler for the default
 * address space PCI_Config), and with its global lock gone qemu_fw_cfg gives up; and for
 * those of riscv before 6.10, which have none.
 * Protocol: docs/specs/fw_cfg.rst in QEMU; the ports are those of its PCs, the registers
 * those of its riscv "virt".
 */
#include <linux/crash_core.h>
#include <linux/io.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <uapi/linux/qemu_fw_cfg.h>

#ifdef CONFIG_RISCV
#define REGISTERS 0x10100000
#define DATA	  0x0
#define CTRL	  0x8
#define DMA	  0x10

static void __iomem *registers;

static int begin(void)
{
	registers = ioremap(REGISTERS, 0x18);
	return registers ? 0 : -ENOMEM;
}

static void end(void)
{
	iounmap(registers);
}

static void select_file(u16 key)
{
	__raw_writew((__force u16)cpu_to_be16(key), registers + CTRL);
}

static void read_bytes(void *to, size_t len)
{
	u8 *p;

	for (p = to; len--; p++)
		*p = __raw_readb(registers + DATA);
}

static void start_dma(phys_addr_t at)
{
	__raw_writel((__force u32)cpu_to_be32(upper_32_bits(at)), registers + DMA);
	mb();
	__raw_writel((__force u32)cpu_to_be32(lower_32_bits(at)), registers + DMA + 4);
}
#else
#define CTRL_PORT 0x510
#define DATA_PORT 0x511
#define DMA_PORT  0x514

static int begin(void)
{
	return 0;
}

static void end(void)
{
}

static void select_file(u16 key)
{
	outw(key, CTRL_PORT);
}

static void read_bytes(void *to, size_t len)
{
	insb(DATA_PORT, to, len);
}

static void start_dma(phys_addr_t at)
{
	outl(cpu_to_be32(upper_32_bits(at)), DMA_PORT);
	mb();
	outl(cpu_to_be32(lower_32_bits(at)), DMA_PORT + 4);
}
#endif

static int find_file(const char *name)
{
	struct fw_cfg_file file;
	__be32 count;
	u32 i;

	select_file(FW_CFG_FILE_DIR);
	read_bytes(&count, sizeof(count));
	for (i = 0; i < be32_to_cpu(count); i++) {
		read_bytes(&file, sizeof(file));
		if (!strncmp(file.name, name, sizeof(file.name)))
			return be16_to_cpu(file.select);
	}
	return -ENOENT;
}

static int tell(void)
{
	/* Both in one page, where virt_to_phys() holds. */
	struct {
		struct fw_cfg_dma_access dma;
		struct fw_cfg_vmcoreinfo info;
	} * x;
	int key = find_file(FW_CFG_VMCOREINFO_FILENAME);

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
	/* QEMU writes at once, before this returns. */
	start_dma(virt_to_phys(&x->dma));
	key = READ_ONCE(x->dma.control) ? -EIO : 0;
	free_page((unsigned long)x);
	return key;
}

static int __init fwcfg_init(void)
{
	int err = begin();

	if (err)
		return err;
	err = tell();
	end();
	return err;
}

static void __exit fwcfg_exit(void)
{
}

module_init(fwcfg_init);
module_exit(fwcfg_exit);
MODULE_LICENSE("GPL");
