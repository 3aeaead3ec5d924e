# SPDX-License-Identifier: GPL-2.0-or-later
#
#   make            build/stackinfo.so and build/stackinfo
#   make demo       the three commands inside crash, on a bundled dump
#   make check      every test
#   make install    PREFIX=/usr/local DESTDIR=

PREFIX	?= /usr/local
# crash looks here whatever its own prefix is; see load_extension() in its sources.
EXTENSIONS ?= /usr/lib64/crash/extensions
MANDIR	?= $(PREFIX)/share/man
BINDIR	?= $(PREFIX)/bin

CC	?= gcc
CFLAGS	?= -O2 -g
WARN	:= -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	   -Wpointer-arith -Wno-unused-parameter
CSTD	:= -std=c11 -D_GNU_SOURCE
LIBS	:= -ljson-c
DUMPLIBS := -lkdumpfile -lbpf -lelf
B	:= build

# What the extension needs, and what only reading dumps without crash does.
CORE := $(sort $(wildcard src/*.c src/base/*.c src/kernel/*.c src/arch/*/*.c \
	src/stacks/*.c src/unwind/*.c src/report/*.c src/render/*.c src/commands/*.c)) \
	src/target/memory.c src/target/kallsyms.c src/target/notes.c
DUMP := src/target/dump.c src/target/btf.c
CLI  := $(wildcard src/cli/*.c)
EXT  := $(wildcard extensions/*.c)

objs = $(patsubst %.c,$(B)/$(1)/%.o,$(2))
DEFS = $(CSTD) $(WARN) -Iinclude -Isrc -fPIC -fvisibility=hidden -MMD -MP

.PHONY: all clean
all: $(B)/stackinfo.so $(B)/stackinfo

$(B)/o/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(DEFS) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

$(B)/stackinfo: $(call objs,o,$(CLI) $(DUMP) $(CORE))
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(DUMPLIBS) $(LIBS)

# crash's own symbols, and its gdb's, are global: nothing of ours may meet them.
$(B)/stackinfo.so: $(call objs,o,$(EXT) $(CORE))
	$(CC) $(CFLAGS) $(LDFLAGS) -shared -Wl,-Bsymbolic -Wl,--exclude-libs,ALL -o $@ $^ \
		-lelf $(LIBS)

clean:
	rm -rf $(B)

-include $(shell find $(B) -name '*.d' 2>/dev/null)
