# SPDX-License-Identifier: GPL-2.0-or-later
#
#   make            build/stackinfo.so, the extension; build/stackinfo, the command; and
#                   build/libstackinfo.so.1, the library for others
#   make demo       the three commands inside crash, on a bundled dump
#   make check      every test: unit, bundled dumps, real crash
#   make install    PREFIX=/usr DESTDIR=; uninstall takes it away again. The extension,
#                   the stackinfo command, and libstackinfo for other programs
#   make deps       install with apt-get what all of this needs
#   make capture    build/stackinfo-capture, the command with few shared libraries
#   make deb        Debian's packages; see packaging/README.md
#   make lint       the compiler's and others' static analysis; make format
#
# demo and check begin with deps, so a fresh Debian machine needs nothing else. Elsewhere
# deps says what is missing and does nothing; README names the packages.

PREFIX	?= /usr
# Of all places below a prefix, crash searches these in /usr only. With another
# PREFIX, name the folder in CRASH_EXTENSIONS.
EXTDIR	?= $(PREFIX)/lib/crash/extensions
MANDIR	?= $(PREFIX)/share/man
# Debian has a folder for each architecture, others lib64 for what is not 32 bits wide.
# Asked for once, and only by what needs it.
LIBNAME = $(eval LIBNAME := $(shell multi=$$($(CC) -print-multiarch 2>/dev/null); \
	if [ -n "$$multi" ]; then echo lib/$$multi; \
	elif [ -d /usr/lib64 ] && [ ! -L /usr/lib64 ]; then echo lib64; \
	else echo lib; fi))$(LIBNAME)
LIBDIR	?= $(PREFIX)/$(LIBNAME)
DOCDIR	?= $(PREFIX)/share/doc/stackinfo
SCHEMADIR ?= $(PREFIX)/share/stackinfo
BASHDIR	?= $(PREFIX)/share/bash-completion/completions
UNITDIR	?= $(PREFIX)/lib/systemd/system
SBINDIR	?= $(PREFIX)/sbin

CC	?= gcc
INSTALL	?= install
# What is read may be hostile: hardened as Debian's packages are with hardening=+all. Flags
# of one's own, as dpkg-buildflags exports them, take the place of these.
X86	= $(eval X86 := $(filter x86_64-% i%86-%,$(shell $(CC) -dumpmachine 2>/dev/null)))$(X86)
CFLAGS	?= -O2 -g -fstack-protector-strong -fstack-clash-protection \
	   $(if $(X86),-fcf-protection) -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 \
	   -Wformat -Werror=format-security
LDFLAGS	?= -Wl,-z,relro -Wl,-z,now
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=undefined \
	    -fno-omit-frame-pointer -O1 -g1

WARN	:= -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	   -Wpointer-arith -Wno-unused-parameter $(WERROR)
# Of headers, library and commands; it stands in one place.
VERSION	:= $(subst $() ,.,$(shell sed -n 's/^.define STK_VERSION_[MP][A-Z]* \([0-9]*\)$$/\1/p' \
	   include/stackinfo/version.h))
# No two trees say the same of themselves: a commit that no release has is named.
BUILD_ID := $(shell git describe --always --dirty --abbrev=10 --exclude='*' 2>/dev/null)
# Of the shared library; one more when a program built before cannot use it any more.
SOVERSION := 1

DEFS	:= -std=c11 -D_GNU_SOURCE $(WARN) -Iinclude -Isrc/include -Isrc -fPIC -fvisibility=hidden \
	   -MMD -MP
LIBS	:= -ljson-c -ldw -lelf
DUMPLIBS := -lkdumpfile -lz
B	:= build

# What only reading dumps without crash needs, and the library as the extension has it.
READER	:= $(filter-out $(addprefix src/file/,elf_heads.c notes.c machine.c vmcoreinfo.c),\
	     $(wildcard src/file/*.c)) \
	   src/machine/vmcoreinfo_find.c $(wildcard src/kernel/btf*.c src/session/dump*.c)
CORE	:= $(filter-out $(READER),$(wildcard src/arch/*/*.c src/report/findings/*.c \
	     $(patsubst %,src/%/*.c,\
	     base arch file debuginfo machine kernel stacks unwind report session)))
# What other programs see of it; how the commands answer is theirs alone.
API	:= $(wildcard src/api/*.c)
RENDER	:= $(wildcard src/render/*.c)
COMMANDS := $(wildcard src/commands/*.c) $(RENDER)
CLI	:= $(wildcard src/cli/*.c)
EXT	:= $(wildcard extensions/*.c)

# $(call objs,KIND,SOURCES): o is what is installed, san has the sanitizers, cov counts
# what is run.
objs	= $(patsubst %.c,$(B)/$(1)/%.o,$(2))

DEPS	:= crash gcc libc6-dev make libjson-c-dev libdw-dev libelf-dev libkdumpfile-dev \
	   libbpf-dev zlib1g-dev check pkg-config makedumpfile xz-utils python3 python3-fastjsonschema g++ \
	   python3-pytest python3-pytest-xdist
# Files of x86_64 are made for the unit tests on other machines, too: SMALL.
DEPS	+= $(if $(filter-out x86_64,$(shell uname -m)),gcc-x86-64-linux-gnu)
# The same, as pkg-config and the shell know it.
PKGS	:= json-c libdw libelf libkdumpfile libbpf zlib check
TOOLS	:= crash gcc g++ pkg-config makedumpfile xz python3

# What a failed command left is no result.
.DELETE_ON_ERROR:

# What is told of the commands comes from their rows.
DOCS	:= $(addprefix $(B)/,stackinfo.1 stackinfo.8 stackinfo-json.5 completion.bash)

.PHONY: FORCE all deps demo check install uninstall clean
all: $(B)/stackinfo.so $(B)/stackinfo $(B)/libstackinfo.so.$(SOVERSION) $(DOCS)

# The one object that knows the commit is made anew when that has changed.
$(B)/build-id: FORCE
	@mkdir -p $(@D)
	@echo '$(BUILD_ID)' | cmp -s - $@ || echo '$(BUILD_ID)' > $@
FORCE:
$(foreach kind,o san cov,$(eval $(B)/$(kind)/src/cli/main.o: $(B)/build-id)\
	$(eval $(B)/$(kind)/src/cli/main.o: DEFS += -DSTK_BUILD_ID='"$(BUILD_ID)"'))

# Anew when the flags may have changed.
$(B)/o/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(CC) $(DEFS) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

$(B)/san/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(DEFS) $(CPPFLAGS) $(SANITIZE) -c -o $@ $<

# What two threads share.
TSAN	:= -fsanitize=thread -fno-omit-frame-pointer -O1 -g1
$(B)/tsan/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(DEFS) $(CPPFLAGS) $(TSAN) -c -o $@ $<

# What gcov counts; as written, not as optimized.
$(B)/cov/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(DEFS) $(CPPFLAGS) --coverage -O0 -g -c -o $@ $<

# crash's own symbols, and its gdb's, are global: nothing of ours may meet them.
$(B)/stackinfo.so: $(call objs,o,$(EXT) $(COMMANDS) $(CORE)) extensions/stackinfo.map
	$(CC) $(CFLAGS) $(LDFLAGS) -shared -Wl,-Bsymbolic \
		-Wl,--version-script=extensions/stackinfo.map -o $@ $(filter %.o,$^) $(LIBS)

# What is not printed needs no json-c.
LIBRARYLIBS := $(DUMPLIBS) $(filter-out -ljson-c,$(LIBS))
$(B)/libstackinfo.so.$(SOVERSION): $(call objs,o,$(API) $(READER) $(CORE)) src/libstackinfo.map
	$(CC) $(CFLAGS) $(LDFLAGS) -shared -Wl,-Bsymbolic -Wl,-soname,$(@F) \
		-Wl,--version-script=src/libstackinfo.map -Wl,-z,defs -o $@ $(filter %.o,$^) \
		$(LIBRARYLIBS)

$(B)/stackinfo: $(call objs,o,$(CLI) $(COMMANDS) $(READER) $(CORE))
	$(CC) $(CFLAGS) -pie $(LDFLAGS) -o $@ $^ $(DUMPLIBS) $(LIBS)

# The command for a capture kernel, whose initramfs has few libraries. Inside are those of
# which Debian has archives, and what these need; not what libkdumpfile brings all the same.
SHARED	:= -lz -lzstd -lpthread -pthread -ldl
ARCHIVES = $(filter-out $(SHARED),$(shell pkg-config --static --libs json-c libdw libelf))
$(B)/stackinfo-capture: $(call objs,o,$(CLI) $(COMMANDS) $(READER) $(CORE))
	$(CC) $(CFLAGS) -pie $(LDFLAGS) -Wl,--gc-sections -s -o $@ $^ -lkdumpfile \
		-Wl,-Bstatic $(ARCHIVES) -Wl,-Bdynamic -Wl,--as-needed $(SHARED)

.PHONY: capture
capture: $(B)/stackinfo-capture

$(B)/generate: $(call objs,o,$(wildcard man/*.c) $(filter-out src/cli/main.c,$(CLI)) $(COMMANDS) \
		$(READER) $(CORE))
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(DUMPLIBS) $(LIBS)

# What runs programs built for another machine, if CC builds for one: see check-cross.
RUN	?=
SCHEMA	:= src/render/stackinfo.schema.json
$(B)/stackinfo-json.5: $(SCHEMA)
$(DOCS): $(B)/%: man/%.in $(B)/generate
	$(RUN) $(B)/generate $< > $@

comma	:= ,
# The command as the tests ask it many questions of one dump: tests/kept/kept.c.
KEPT	:= tests/kept/kept.c
KEEP	:= $(addprefix -Wl$(comma)--wrap=,main stk_dump_open_with stk_dump_close)
$(B)/san/stackinfo: $(call objs,san,$(KEPT) $(CLI) $(COMMANDS) $(READER) $(CORE))
	$(CC) $(SANITIZE) $(LDFLAGS) $(KEEP) -o $@ $^ $(DUMPLIBS) $(LIBS)

$(B)/kept/stackinfo: $(call objs,o,$(KEPT) $(CLI) $(COMMANDS) $(READER) $(CORE))
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) $(KEEP) -o $@ $^ $(DUMPLIBS) $(LIBS)

FLOOR = -Wl,--wrap=main -Wl,--wrap=stk_reader_read -Wl,--wrap=stk_files_open
$(B)/bench/floor: $(call objs,o,tests/bench/floor.c $(CLI) $(COMMANDS) $(READER) $(CORE))
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) $(FLOOR) -o $@ $^ $(DUMPLIBS) $(LIBS)

$(B)/tsan/threads: $(call objs,tsan,tests/threads/threads.c $(COMMANDS) $(READER) $(CORE))
	$(CC) $(TSAN) $(LDFLAGS) -o $@ $^ $(DUMPLIBS) $(LIBS) -pthread

$(B)/san/fuzz: $(call objs,san,tests/fuzz/fuzz.c $(COMMANDS) $(READER) $(CORE))
	$(CC) $(SANITIZE) $(LDFLAGS) -o $@ $^ $(DUMPLIBS) $(LIBS)

$(B)/bench/shares: $(call objs,o,tests/budget/shares.c $(COMMANDS) $(READER) $(CORE))
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(DUMPLIBS) $(LIBS)

$(B)/bench/bench: $(call objs,o,tests/bench/bench.c $(READER) $(CORE))
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(DUMPLIBS) $(LIBS)

$(B)/san/evidence: $(call objs,san,tests/evidence/evidence.c $(READER) $(CORE))
	$(CC) $(SANITIZE) $(LDFLAGS) -o $@ $^ $(DUMPLIBS) $(LIBS)

DAMAGE	:= $(wildcard tests/damage/*.c)
$(B)/damage: $(call objs,o,$(DAMAGE) $(RENDER) $(READER) $(CORE))
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(DUMPLIBS) $(LIBS)

$(B)/san/damage: $(call objs,san,$(DAMAGE) $(RENDER) $(READER) $(CORE))
	$(CC) $(SANITIZE) $(LDFLAGS) -o $@ $^ $(DUMPLIBS) $(LIBS)

# Small files with debuginfo for the unit tests: a kernel, and a module as it is, stripped
# in two, and named as distributions do. They are x86_64's, whatever reads them.
SMALL	:= $(B)/debuginfo
SMALL_CC = $(if $(X86),$(CC),x86_64-linux-gnu-gcc)
SMALL_OBJCOPY = $(if $(X86),objcopy,x86_64-linux-gnu-objcopy)
SMALL_CFLAGS := -g -O1 -ffreestanding -fno-pic -mcmodel=kernel -fcf-protection=none \
	   -fno-asynchronous-unwind-tables -fno-stack-protector -nostdlib -static
SMALL_VMLINUX := $(addprefix tests/unit/debuginfo/,kernel.c entry.S plain.S second.c)
SMALL_LDFLAGS := -no-pie -Wl,-Ttext=0xffffffff81000000 -Wl,-e,outer_fn
$(SMALL)/vmlinux: $(SMALL_VMLINUX)
	@mkdir -p $(@D)
	$(SMALL_CC) $(SMALL_CFLAGS) $(SMALL_LDFLAGS) -Wl,--build-id=sha1 -o $@ $^

# As old compilers write it, as clang does (no table of addresses), with a long build id.
$(SMALL)/old/vmlinux: $(SMALL_VMLINUX)
	@mkdir -p $(@D)
	$(SMALL_CC) $(SMALL_CFLAGS) -gdwarf-3 -gstrict-dwarf $(SMALL_LDFLAGS) \
		-Wl,--build-id=0x$(subst x,0123456789abcdef,xxxxxxxx) -o $@ $^
	$(SMALL_OBJCOPY) --remove-section .debug_aranges $@

$(SMALL)/tiny-mod.ko: tests/unit/debuginfo/module.c
	@mkdir -p $(@D)
	$(SMALL_CC) $(SMALL_CFLAGS) -r -Wl,--build-id=0x0102030405060708 -o $@ $<

$(SMALL)/stripped/tiny-mod.ko: $(SMALL)/tiny-mod.ko
	@mkdir -p $(@D)/.debug
	$(SMALL_OBJCOPY) --only-keep-debug $< $(@D)/.debug/rest
	$(SMALL_OBJCOPY) --strip-debug --add-gnu-debuglink=$(@D)/.debug/rest $< $@

$(B)/san/unit $(B)/cov/unit: | $(SMALL)/vmlinux $(SMALL)/old/vmlinux \
	$(SMALL)/stripped/tiny-mod.ko
$(foreach dir,san cov,$(patsubst %,$(B)/$(dir)/tests/unit/test_%.o,debuginfo dump find)): \
	DEFS += -DSMALL='"$(abspath $(SMALL))"'

UNIT	:= $(wildcard tests/unit/*.c tests/lib/*.c) tests/damage/judge.c $(COMMANDS) $(API) \
	   $(filter-out src/cli/main.c,$(CLI)) $(READER) $(CORE)
# Who asks for memory asks tests/unit/memory.c, and for pages of a dump test_dump.c.
ASKED	:= $(addprefix -Xlinker --wrap=,kdump_read malloc calloc realloc free strdup open_memstream \
	   $(addprefix stk_arena_,alloc room array strndup grow printf))
$(B)/san/unit: $(call objs,san,$(UNIT))
	$(CC) $(SANITIZE) $(LDFLAGS) $(ASKED) -o $@ $^ $(DUMPLIBS) $(LIBS) -lcheck -lbpf -lsubunit -lm -lrt \
		-lpthread

$(B)/san/replay: $(call objs,san,$(wildcard tests/era/*.c tests/lib/*.c) $(COMMANDS) $(CORE))
	$(CC) $(SANITIZE) $(LDFLAGS) -o $@ $^ $(LIBS)

# The targets of fuzzers, each a program, in builds of several kinds: by libFuzzer, which is
# clang's, with the sanitizers of memory and of numbers; the same with that of what was never
# set; and by AFL++. Where a number may wrap, tests/fuzz/wraps.txt says why.
CLANG	?= clang
AFL_CLANG ?= afl-clang-fast
FUZZ_NUMBERS := unsigned-integer-overflow,implicit-conversion
FUZZ_fuzz := -fsanitize=address,undefined,$(FUZZ_NUMBERS) -fno-sanitize-recover=all \
	   -fsanitize-ignorelist=tests/fuzz/wraps.txt
FUZZ_msan := -fsanitize=memory -fsanitize-memory-track-origins -fno-sanitize-recover=all
FUZZ_afl := -fsanitize=address,undefined -fno-sanitize-recover=undefined
FUZZ_TARGETS := $(patsubst tests/fuzz/targets/%.c,%,$(wildcard tests/fuzz/targets/*.c))
FUZZ_PARTS := $(wildcard tests/fuzz/*.c tests/lib/*.c) tests/unit/kernel.c tests/unit/tables.c \
	   $(COMMANDS) $(READER) $(CORE)
FUZZ_PARTS := $(filter-out tests/fuzz/fuzz.c tests/fuzz/feed.c,$(FUZZ_PARTS))

# $(call fuzzer,KIND,COMPILER,ITS OPTION FOR OBJECTS)
define fuzzer
$(B)/$(1)/%.o: %.c tests/fuzz/wraps.txt
	@mkdir -p $$(@D)
	$(2) $$(DEFS) -Wno-missing-field-initializers $$(CPPFLAGS) $(3) $$(FUZZ_$(1)) -O1 -g -c -o $$@ $$<

$(B)/$(1)/parts.a: $$(call objs,$(1),$(FUZZ_PARTS))
	@rm -f $$@
	$$(AR) rcs $$@ $$^

$(FUZZ_TARGETS:%=$(B)/$(1)/%): $(B)/$(1)/%: $(B)/$(1)/tests/fuzz/targets/%.o $(B)/$(1)/parts.a
	$(2) -fsanitize=fuzzer $$(FUZZ_$(1)) -o $$@ $$^ $$(DUMPLIBS) $$(LIBS) -lcheck -lbpf \
		-lsubunit -lm -lrt -lpthread
endef
$(eval $(call fuzzer,fuzz,$$(CLANG),-fsanitize=fuzzer-no-link))
$(eval $(call fuzzer,msan,$$(CLANG),-fsanitize=fuzzer-no-link))
$(eval $(call fuzzer,afl,$$(AFL_CLANG),))

# The same targets, without any fuzzer: what these once found is tried again.
FEED	:= tests/fuzz/feed.c $(FUZZ_TARGETS:%=tests/fuzz/targets/%.c) $(FUZZ_PARTS)
$(FUZZ_TARGETS:%=$(B)/san/tests/fuzz/targets/%.o) $(FUZZ_TARGETS:%=$(B)/cov/tests/fuzz/targets/%.o): \
	DEFS += -DLLVMFuzzerTestOneInput=fuzz_target_$(*F)
$(B)/san/tests/fuzz/feed.o $(B)/cov/tests/fuzz/feed.o: \
	DEFS += -DFUZZ_TARGETS='$(patsubst %,TARGET(%),$(FUZZ_TARGETS))'
$(B)/san/feed: $(call objs,san,$(FEED))
	$(CC) $(SANITIZE) $(LDFLAGS) -o $@ $^ $(DUMPLIBS) $(LIBS) -lcheck -lbpf -lsubunit -lm -lrt \
		-lpthread

$(B)/cov/stackinfo: $(call objs,cov,$(CLI) $(COMMANDS) $(READER) $(CORE))
$(B)/cov/fuzz: $(call objs,cov,tests/fuzz/fuzz.c $(COMMANDS) $(READER) $(CORE))
$(B)/cov/damage: $(call objs,cov,$(DAMAGE) $(RENDER) $(READER) $(CORE))
$(B)/cov/feed: LIBS += -lcheck -lbpf -lsubunit -lm -lrt -lpthread
$(B)/cov/unit: $(call objs,cov,$(UNIT))
$(B)/cov/unit: LIBS += $(ASKED) -lcheck -lbpf -lsubunit -lm -lrt -lpthread
$(B)/cov/replay: $(call objs,cov,$(wildcard tests/era/*.c tests/lib/*.c) $(COMMANDS) $(CORE))
$(B)/cov/feed: $(call objs,cov,$(FEED))
COVERED	:= $(addprefix $(B)/cov/,stackinfo fuzz feed damage unit replay)
$(COVERED):
	$(CC) --coverage -o $@ $^ $(DUMPLIBS) $(LIBS)

deps:
	@command -v dpkg-query >/dev/null && command -v apt-get >/dev/null || { \
		for p in $(PKGS); do pkg-config --exists $$p || echo "missing: $$p"; done; \
		for p in $(TOOLS); do command -v $$p >/dev/null || echo "missing: $$p"; done; \
		exit 0; }; \
	missing=$$(for p in $(DEPS); do \
		dpkg-query -W -f '$${Status}\n' $$p 2>/dev/null | \
			grep -q 'ok installed' || echo $$p; done); \
	if [ -n "$$missing" ]; then \
		echo "installing:" $$missing; \
		sudo=; [ $$(id -u) = 0 ] || sudo=sudo; \
		$$sudo apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
			$$sudo apt-get install -y -qq --no-install-recommends $$missing; \
	fi

include tests/tests.mk
include packaging/packages.mk

# Whatever they need must be there before anything is compiled.
demo check: deps
	@$(MAKE) --no-print-directory run-$@

# Everything with its place; a line's second word is the file's mode.
define INSTALLED
$(B)/stackinfo.so			644 $(EXTDIR)/stackinfo.so
$(B)/stackinfo				755 $(PREFIX)/bin/stackinfo
$(B)/libstackinfo.so.$(SOVERSION)	644 $(LIBDIR)/libstackinfo.so.$(SOVERSION)
$(B)/stackinfo.pc			644 $(LIBDIR)/pkgconfig/stackinfo.pc
$(B)/stackinfo.1				644 $(MANDIR)/man1/stackinfo.1
$(B)/stackinfo-json.5			644 $(MANDIR)/man5/stackinfo-json.5
$(B)/stackinfo.8				644 $(MANDIR)/man8/stackinfo.8
$(B)/completion.bash			644 $(BASHDIR)/stackinfo
hooks/stackinfo-kdump			755 $(SBINDIR)/stackinfo-kdump
hooks/stackinfo-report.service		644 $(UNITDIR)/stackinfo-report.service
hooks/kdump-tools.conf			644 $(UNITDIR)/kdump-tools-dump.service.d/stackinfo.conf
$(SCHEMA)	644 $(SCHEMADIR)/stackinfo.schema.json
tests/install/chains.c			644 $(DOCDIR)/examples/chains.c
tests/install/stacks.cc			644 $(DOCDIR)/examples/stacks.cc
endef
install uninstall: export LIST = $(INSTALLED)
HEADERS	:= $(notdir $(wildcard include/stackinfo/*.h))

install: all
	@# Made anew each time: it depends on where all this goes.
	sed -e 's,@PREFIX@,$(PREFIX),; s,@LIBDIR@,$(LIBDIR),; s,@VERSION@,$(VERSION),' \
		-e 's,@PRIVATE@,$(LIBRARYLIBS),' src/stackinfo.pc.in > $(B)/stackinfo.pc
	echo "$$LIST" | while read -r from mode to; do \
		$(INSTALL) -D -m $$mode $$from "$(DESTDIR)$$to" || exit 1; done
	$(INSTALL) -d "$(DESTDIR)$(PREFIX)/include/stackinfo"
	$(INSTALL) -m 644 include/stackinfo/*.h "$(DESTDIR)$(PREFIX)/include/stackinfo"
	ln -sf libstackinfo.so.$(SOVERSION) "$(DESTDIR)$(LIBDIR)/libstackinfo.so"

uninstall:
	echo "$$LIST" | while read -r from mode to; do rm -f "$(DESTDIR)$$to"; done
	for h in $(HEADERS); do rm -f "$(DESTDIR)$(PREFIX)/include/stackinfo/$$h"; done
	rm -f "$(DESTDIR)$(LIBDIR)/libstackinfo.so"
	-rmdir "$(DESTDIR)$(PREFIX)/include/stackinfo" "$(DESTDIR)$(DOCDIR)/examples" \
		"$(DESTDIR)$(DOCDIR)" "$(DESTDIR)$(SCHEMADIR)"

clean:
	rm -rf $(B)

-include $(shell find $(addprefix $(B)/,o san cov fuzz msan afl) -name '*.d' 2>/dev/null)
