/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file
 * How to read a dead machine.
 *
 * A target is five small providers: memory, symbols, types, the registers that the
 * dump's notes hold and, where there are files with debuginfo, DWARF's lines and call
 * frames. They know nothing of stacks and may come from different places:
 * inside crash all of them ask crash; elsewhere memory comes from libkdumpfile, symbols
 * from the kallsyms tables in the dump, types from the BTF in it.
 *
 * Ownership: the caller owns the target and its priv pointers and keeps them alive
 * as long as the session. Strings that a provider returns live as long as it does.
 * All callbacks may be called again and again with the same question; the session
 * caches what is worth it.
 */
#ifndef STACKINFO_TARGET_H
#define STACKINFO_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stackinfo/status.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/** Where a member of a C type lies. */
struct stk_member {
	uint32_t offset; /**< bytes from the start of the type */
	uint32_t size;	 /**< bytes; 0 for a flexible array */
};

/** How to read memory. Both callbacks get what the target says, as all below do. */
struct stk_memory_ops {
	/**
	 * Read @p len bytes at physical address @p addr.
	 * The range never crosses a page of the machine. When the dump lacks it:
	 * STK_ERR_EXCLUDED, it was left out; STK_ERR_CUT_OFF, the file ends before it;
	 * STK_ERR_IO; STK_ERR_CORRUPT and STK_ERR_UNSUPPORTED, it cannot be unpacked.
	 */
	enum stk_status (*read_phys)(void *priv, uint64_t addr, void *buf, size_t len);
	/**
	 * The same for a kernel virtual address, or NULL when the
	 * provider cannot translate: the session then walks the page tables itself.
	 */
	enum stk_status (*read_virt)(void *priv, uint64_t addr, void *buf, size_t len);
};

/** The kernel's symbols. */
struct stk_symbol_ops {
	/** The value of kernel symbol @p name; per-CPU ones as linked. */
	enum stk_status (*address)(void *priv, const char *name, uint64_t *addr);
	/**
	 * The nearest symbol at or below @p addr, and the distance to it.
	 * May be NULL. Only asked when the dump's own kallsyms cannot be read.
	 */
	enum stk_status (*lookup)(void *priv, uint64_t addr, const char **name,
				  uint64_t *offset);
};

/** The kernel's types. */
struct stk_type_ops {
	/** Sizeof(struct or union @p type), in bytes. */
	enum stk_status (*size)(void *priv, const char *type, uint32_t *size);
	/** member() - @p member of @p type; members of anonymous unions count as its own.
	 */
	enum stk_status (*member)(void *priv, const char *type, const char *member,
				  struct stk_member *out);
};

/** What a note is. */
enum stk_note_kind {
	/** NT_PRSTATUS: struct elf_prstatus, with the registers of one CPU. */
	STK_NOTE_PRSTATUS,
	/**
	 * What QEMU adds to the NT_PRSTATUS of the same index. Where that is, QEMU wrote
	 * both: the registers are those at the true stop point.
	 */
	STK_NOTE_QEMU,
};

/** A note of the dump file, as it is there: the architecture decodes it. */
struct stk_note {
	enum stk_note_kind kind; /**< what the bytes are */
	const void *desc;	 /**< its description; lives as long as the provider */
	size_t size;		 /**< bytes of it */
};

/** The notes of the dump file that tell of CPUs' registers. */
struct stk_note_ops {
	/**
	 * The @p index-th note of @p kind, in file order. Whose it is, its bytes tell.
	 * STK_ERR_NO_REGS past the last one.
	 */
	enum stk_status (*note)(void *priv, enum stk_note_kind kind, unsigned int index,
				struct stk_note *out);
};

/**
 * The registers of CPUs where no note has them: a program that can read a format that has
 * a way of its own to keep them, as the snapshot of a virtual machine has, hands them on.
 */
struct stk_monitor_ops {
	/** Who hands them on, and whose they are: "crash: VMware", for one. */
	const char *name;
	/**
	 * The value of register @p reg of @p cpu, when the machine was stopped. @p reg is
	 * a name of stk_reg_name(), another word for the same, or a control register
	 * ("cr3"). Any but those with which a chain begins may be unknown:
	 * STK_ERR_NO_REGS.
	 */
	enum stk_status (*reg)(void *priv, unsigned int cpu, const char *reg,
			       uint64_t *value);
};

/**
 * Reads one word of the dead machine's memory for a provider of call frames.
 * @param ctx as given with it
 * @param addr virtual address of the word
 * @param[out] value the word
 * @return STK_OK, or why it cannot be read
 */
typedef enum stk_status stk_cfi_read(void *ctx, uint64_t addr, uint64_t *value);

#define STK_CFI_REGS 64 /**< elements of a frame's array; bits of its masks */

/** Registers by DWARF number: of a frame, and then of its caller.
 */
struct stk_cfi_frame {
	uint64_t reg[STK_CFI_REGS]; /**< by DWARF number */
	uint64_t valid;		    /**< in and out: which of them are known */
	uint64_t wanted; /**< in: which of the caller's are, beside the return address */
	unsigned int ra; /**< out: the DWARF number of the return address */
	uint64_t cfa;	 /**< out: the canonical frame address */
};

/** A function, inlined or not, and where in its source. */
struct stk_line {
	const char *function; /**< NULL when unknown */
	const char *file;     /**< the same */
	int line;	      /**< 0 when unknown */
};

/** Which module's debuginfo is wanted, and where it is. */
struct stk_module_info {
	const char *name;	       /**< as the kernel has it: with "_" for "-" */
	const char *release;	       /**< of the kernel; "" when unknown */
	const char *file;	       /**< where it may be, or NULL */
	const unsigned char *build_id; /**< of @p build_id_size bytes; 0: it has none */
	size_t build_id_size;	       /**< bytes in @p build_id */
	uint64_t begin;		       /**< its addresses begin here */
	uint64_t end;		       /**< and end before here */
	/** Where section @p name was loaded; else an error. */
	enum stk_status (*section)(void *priv, const char *name, uint64_t *addr);
	void *priv; /**< is handed to section() */
};

/**
 * What files with debuginfo tell. Such a file is an image: the
 * kernel's is NULL. Addresses are as linked, that is without the KASLR offset, in the
 * kernel's, and as loaded in a module's. Any function may be NULL.
 */
struct stk_debuginfo_ops {
	/**
	 * The image of a module, which lives as long as the provider; NULL:
	 * no file with debuginfo is found that is of the same build. @p info is not used
	 * afterwards.
	 */
	void *(*module)(void *priv, const struct stk_module_info *info);
	/**
	 * The caller's registers by DWARF call frame information.
	 * @p frame: in and out
	 * @p read, @p ctx: how to read memory
	 * STK_ERR_NOT_FOUND when nothing covers @p pc; @p frame is as it was then.
	 */
	enum stk_status (*caller)(void *priv, void *image, uint64_t pc,
				  struct stk_cfi_frame *frame, stk_cfi_read *read,
				  void *ctx);
	/**
	 * The functions that the code at @p pc belongs to: inlined ones first,
	 * last the one that has the symbol; of assembly only a line. Returns how many, at
	 * most @p room; 0 when nothing is known.
	 */
	size_t (*lines)(void *priv, void *image, uint64_t pc, struct stk_line *out,
			size_t room);
	/** Why an image has no line of anything; NULL: it has some. */
	const char *(*no_lines)(void *priv, void *image);
};

/** How to read one machine. It grows at its end: see stk_open(). */
struct stk_target {
	const struct stk_memory_ops *memory;	   /**< provider of memory */
	void *memory_priv;			   /**< is handed to its callbacks */
	const struct stk_symbol_ops *symbols;	   /**< provider of symbols */
	void *symbols_priv;			   /**< is handed to its callbacks */
	const struct stk_type_ops *types;	   /**< provider of types */
	void *types_priv;			   /**< is handed to its callbacks */
	const struct stk_note_ops *notes;	   /**< may be NULL */
	void *notes_priv;			   /**< is handed to its callbacks */
	const struct stk_debuginfo_ops *debuginfo; /**< may be NULL */
	void *debuginfo_priv;			   /**< is handed to its callbacks */
	/** The value of a VMCOREINFO line, or NULL. May itself be NULL. */
	const char *(*vmcoreinfo)(void *priv, const char *key);
	void *vmcoreinfo_priv; /**< is handed to it */
	/**
	 * The machine is running while it is read. Its CPUs' registers cannot be
	 * had, and of a sleeping task only what did not change meanwhile is told.
	 */
	bool live;
	/**
	 * How many bytes of data the dump file holds, without holes; of a live
	 * machine, its memory. Time and memory are bounded by it: see stk_question(). 0:
	 * not known.
	 */
	uint64_t size;
	/** The dump says of itself that not all of it could be written. */
	bool incomplete;
	/** True when the user asked to stop. May be NULL. */
	bool (*interrupted)(void *priv);
	void *interrupted_priv; /**< is handed to it */
	/**
	 * Whose dump it is: e_machine of ELF, EM_X86_64 for one. stk_open()
	 * chooses the architecture by it. EM_NONE is taken for EM_X86_64.
	 * 64 bits wide, so that nothing unset follows it.
	 */
	uint64_t machine;
	/** Where no note has the CPUs' registers. May be NULL. */
	const struct stk_monitor_ops *monitor;
	void *monitor_priv; /**< is handed to it */
};

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
