# SPDX-License-Identifier: GPL-2.0-or-later
#
#   make            build/stackinfo.so, the extension, and build/stackinfo
#   make demo       the three commands inside crash, on a bundled dump
#   make check      every test: unit, bundled dumps, real crash
#   make install    PREFIX=/usr DESTDIR=; uninstall takes it away again
#   make deps       install with apt-get what all of this needs
#
# demo and check begin with deps, so a fresh Debian machine needs nothing else.

PREFIX	?= /usr
# Of all places below a prefix, crash searches these in /usr only. With another
# PREFIX, name the folder in CRASH_EXTENSIONS.
EXTDIR	?= $(PREFIX)/lib/crash/extensions
MANDIR	?= $(PREFIX)/share/man

CC	?= gcc
INSTALL	?= install
CFLAGS	?= -O2 -g
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=undefined \
	    -fno-omit-frame-pointer -O1 -g

WARN	:= -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	   -Wpointer-arith -Wno-unused-parameter
DEFS	:= -std=c11 -D_GNU_SOURCE $(WARN) -Iinclude -Isrc -fPIC -fvisibility=hidden \
	   -MMD -MP
LIBS	:= -ljson-c -ldw -lelf
DUMPLIBS := -lkdumpfile -lbpf
B	:= build

# The library as the extension needs it, and what only reading dumps without crash does.
CORE	:= $(wildcard src/*.c src/base/*.c src/kernel/*.c src/arch/*/*.c src/stacks/*.c \
	     src/unwind/*.c src/report/*.c src/render/*.c src/commands/*.c) \
	   $(addprefix src/target/,memory.c kallsyms.c notes.c cfi.c lines.c)
READER	:= $(addprefix src/target/,dump.c btf.c symtab.c)
CLI	:= $(wildcard src/cli/*.c)
EXT	:= $(wildcard extensions/*.c)

# $(call objs,KIND,SOURCES): o is what is installed, san has the sanitizers.
objs	= $(patsubst %.c,$(B)/$(1)/%.o,$(2))

DEPS	:= crash gcc libc6-dev make libjson-c-dev libdw-dev libelf-dev libkdumpfile-dev \
	   libbpf-dev check xz-utils python3

.PHONY: all deps demo check install uninstall clean
all: $(B)/stackinfo.so $(B)/stackinfo

$(B)/o/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(DEFS) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

$(B)/san/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(DEFS) $(CPPFLAGS) $(SANITIZE) -c -o $@ $<

# crash's own symbols, and its gdb's, are global: nothing of ours may meet them.
$(B)/stackinfo.so: $(call objs,o,$(EXT) $(CORE))
	$(CC) $(CFLAGS) $(LDFLAGS) -shared -Wl,-Bsymbolic -o $@ $^ $(LIBS)

$(B)/stackinfo: $(call objs,o,$(CLI) $(READER) $(CORE))
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(DUMPLIBS) $(LIBS)

$(B)/san/stackinfo: $(call objs,san,$(CLI) $(READER) $(CORE))
	$(CC) $(SANITIZE) $(LDFLAGS) -o $@ $^ $(DUMPLIBS) $(LIBS)

$(B)/san/fuzz: $(call objs,san,tests/fuzz/fuzz.c $(READER) $(CORE))
	$(CC) $(SANITIZE) $(LDFLAGS) -o $@ $^ $(DUMPLIBS) $(LIBS)

$(B)/bench/bench: $(call objs,o,tests/bench/bench.c $(READER) $(CORE))
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(DUMPLIBS) $(LIBS)

$(B)/san/unit: $(call objs,san,$(wildcard tests/unit/*.c) $(CORE))
	$(CC) $(SANITIZE) $(LDFLAGS) -o $@ $^ $(LIBS) -lcheck -lsubunit -lm -lrt -lpthread

$(B)/san/replay: $(call objs,san,$(wildcard tests/era/*.c) $(CORE))
	$(CC) $(SANITIZE) $(LDFLAGS) -o $@ $^ $(LIBS)

deps:
	@missing=$$(for p in $(DEPS); do \
		dpkg-query -W -f '$${Status}\n' $$p 2>/dev/null | \
			grep -q 'ok installed' || echo $$p; done); \
	if [ -n "$$missing" ]; then \
		echo "installing:" $$missing; \
		sudo=; [ $$(id -u) = 0 ] || sudo=sudo; \
		$$sudo apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
			$$sudo apt-get install -y -qq --no-install-recommends $$missing; \
	fi

include tests/tests.mk

# Whatever they need must be there before anything is compiled.
demo check: deps
	@$(MAKE) --no-print-directory run-$@

install: $(B)/stackinfo.so
	$(INSTALL) -d $(DESTDIR)$(EXTDIR) $(DESTDIR)$(MANDIR)/man8
	$(INSTALL) -m 644 $(B)/stackinfo.so $(DESTDIR)$(EXTDIR)/stackinfo.so
	$(INSTALL) -m 644 man/stackinfo.8 $(DESTDIR)$(MANDIR)/man8/stackinfo.8

uninstall:
	rm -f $(DESTDIR)$(EXTDIR)/stackinfo.so $(DESTDIR)$(MANDIR)/man8/stackinfo.8

clean:
	rm -rf $(B)

-include $(shell find $(B)/o $(B)/san -name '*.d' 2>/dev/null)
