# SPDX-License-Identifier: GPL-2.0-or-later
#
# The tests and the demonstration; included by the Makefile.
#
#   check-unit     the library on synthetic machines, with check(3)
#   check-direction  no room includes or calls one to its right
#   check-era      recorded machines of 4.14 to 5.7
#   check-corpus   every bundled dump through the sanitized build/san/stackinfo
#   check-pack     a small dump of each bundled one answers as that does; check-corpus
#                  asks one of each kernel
#   check-types    each bundled dump without BTF, with its namelist; check-cli asks one of
#                  each kernel
#   check-evidence  what the call before each return address of those says
#   check-cli      shapes of dumps, files that are none, --batch, without crash
#   check-budget   how much of its budget each bundled dump takes: a tenth at most
#   check-install  what make install puts where, and that others can build on it
#   doc-check      is all of the public headers documented? with doxygen, if it is there
#   check-crash    the same questions, and misuse, in the real crash(8)
#   bench-start    from nothing to a printed report: stackinfo, crash and drgn;
#                  VMLINUX= for those that need the full one, START_DUMP=, TASKS=--tasks
#   check-crash-matrix  the same questions in each Debian release's crash
#   check-cross    built for each of MACHINES="arm64 riscv64", in a chroot that the rig
#                  makes: unit tests, recorded machines, CROSS_DUMPS, under qemu-user
#   check-cross-crash  the extension in the crash of each of these machines, in that chroot,
#                  with CROSS_CRASH_DUMPS
#   bench          how fast, on a machine with 2,000 tasks; DUMP=path NAMELIST=path
#   check-threads  sessions in threads of their own share nothing, and answer as they do
#                  alone
#   check-mutation  what share of small mistakes the quick tests notice, in each room
#   check-damage   no changed word of a dump may give a wrong chain that looks certain;
#                  some hundred tries of each kind
#   damage         the same without an end in sight: TRIES=, SEED=, ROWS=, SHOW=
#   check-abi      the library is what src/libstackinfo.abi says; abi writes that anew
#   check-spelling  words that codespell knows to be wrong
#   check-format   the C is formatted, and each file names its licence
#   lint           clang-tidy, cppcheck, gcc's -fanalyzer, shellcheck: minutes
#   format         format the C
#   check-all      check and what takes longer: before a release
#   fuzz           all commands on dumps damaged at random; SEED=, COUNT=
#   check-fuzz     the targets of fuzzers on their first inputs and on what they once found
#   fuzz-libfuzzer  each reader of raw bytes and whole commands, by clang's libFuzzer;
#                  FUZZ_SECONDS= each
#   fuzz-long      the same in turns for HOURS=, with the sanitizers of memory and of
#                  numbers, then with that of what was never set
#   fuzz-afl       the same targets by AFL++; FUZZ_SECONDS= each
#   coverage       which lines of src/ the tests run, by folder
#   compare        a table: how many chains each crash, drgn and we get right
#   compare-machines  the same of the dumps of arm64 and riscv64
#
# STACKINFO=path tests another build of the CLI; DUMPS_ONLY="NAME ..." fewer dumps,
# TESTS="shapes or torn" fewer of the tests in Python.

STACKINFO ?= $(if $(SANITIZE),$(B)/san/stackinfo,$(B)/stackinfo)

# Unpacked once; a stamp per archive, so a new archive is unpacked again. An archive
# holds one dump and has its name, or all those of a kernel: they share most pages.
DUMP_NAMES	:= $(patsubst testdata/dumps/%.expect,%,$(wildcard testdata/dumps/*.expect))
# Those of other machines are in a folder of their machine's name. Of each, one is asked
# what the others are that take long.
OTHER_NAMES	:= aarch64/a64-16k-multi riscv64/rv-6.12-multi
DUMP_STAMPS	:= $(patsubst testdata/dumps/%.tar.xz,$(B)/dumps/.%.stamp,\
		     $(wildcard testdata/dumps/*.tar.xz testdata/dumps/*/*.tar.xz))
NAMELISTS	:= $(patsubst testdata/namelists/%.xz,$(B)/dumps/namelist/%,\
		     $(wildcard testdata/namelists/*.xz))

$(B)/dumps/.%.stamp: testdata/dumps/%.tar.xz
	@mkdir -p $(@D) $(B)/dumps/$(dir $*)
	@# tar does not make holes by itself: zero pages are most of some dumps
	at=$(B)/dumps/$(dir $*); files=$$(xz -dc $< | tar -C $$at -xvf -) && \
		for f in $$files; do fallocate -d $$at/$$f 2>/dev/null || :; done
	@touch $@

$(B)/dumps/namelist/%: testdata/namelists/%.xz
	@mkdir -p $(@D)
	xz -dc $< > $@.tmp
	@mv $@.tmp $@

# Half an hour, and it tests the tests: not part of check. ONLY="ROOM ..." or the names of
# mutants, MUTANTS= of each room.
MUTANTS	?= 40
check-mutation: $(B)/machines/.stamp dumps
	@B=$(abspath $(B)) PYTHONDONTWRITEBYTECODE=1 PYTHON=$(PYTHON) $(PYTHON) tests/mutation/run.py -n $(MUTANTS) $(ONLY)

.PHONY: dumps check-unit check-era check-direction \
	check-corpus check-pack check-types check-evidence check-cli check-budget \
	check-install doc-check \
	check-crash check-crash-matrix check-cross check-cross-crash \
	build-cross run-cross run-cross-crash check-mutation check-fuzz fuzz fuzz-libfuzzer \
	fuzz-long fuzz-afl fuzz-ready coverage \
	run-coverage check-damage damage check-format check-threads lint format check-all bench bench-start compare \
	compare-machines \
	run-check run-demo
dumps: $(DUMP_STAMPS) $(NAMELISTS)

# Debian's pytest is that of its own Python. As many at once as there are CPUs; TESTS=
# takes pytest's -k.
PYTHON	?= $(firstword $(wildcard /usr/bin/python3) python3)
PYTEST	= $(PYTHON) -m pytest -n $$(nproc) --dist loadgroup $(if $(TESTS),-k '$(TESTS)')
TEST_ENV = B=$(abspath $(B)) PYTHONDONTWRITEBYTECODE=1 RUN='$(RUN)' \
	STACKINFO=$(abspath $(STACKINFO))

check-direction: all
	@$(TEST_ENV) python3 tests/direction/run.py --objects $(B)/o
	@# Mutants are named by functions: what is struck off must still be one.
	@python3 -B tests/mutation/run.py --list > $(B)/mutants.txt

# What packs a dump to ask it is the program without sanitizers.
check-corpus: $(STACKINFO) $(B)/kept/stackinfo dumps
	@$(TEST_ENV) $(PYTEST) tests/corpus

check-pack: $(STACKINFO) $(B)/kept/stackinfo dumps
	@$(TEST_ENV) PACK=all $(PYTEST) tests/corpus -k test_pack

KNOWN_LEAKS = LSAN_OPTIONS=suppressions=tests/lib/lsan.supp:print_suppressions=0
check-evidence: $(B)/san/evidence dumps
	@$(KNOWN_LEAKS) \
		$(B)/san/evidence -f $(patsubst %,$(B)/dumps/%/vmcore,$(or $(DUMPS_ONLY),$(DUMP_NAMES)))

$(B)/giving_up.so: $(B)/o/tests/crash/giving_up.o
	$(CC) $(CFLAGS) $(LDFLAGS) -shared -o $@ $^

# The extension has no sanitizers, and the CLI beside it needs none here: check-damage
# and fuzz try damaged memory with them, check-corpus all questions.
check-crash: $(B)/kept/stackinfo $(B)/stackinfo.so $(B)/giving_up.so dumps
	@$(TEST_ENV) STACKINFO=$(abspath $(B)/kept/stackinfo) EXTENSION=$(abspath $(B)/stackinfo.so) \
		$(PYTEST) tests/crash

# The same answers in the crash of each Debian release, built against its defs.h, in
# chroots that the rig makes (as root, some GB): not part of check.
SUITES	?= trixie sid
check-crash-matrix: $(B)/kept/stackinfo $(B)/stackinfo.so dumps
	@$(TEST_ENV) STACKINFO=$(abspath $(B)/kept/stackinfo) EXTENSION=$(abspath $(B)/stackinfo.so) \
		$(PYTEST) -m answers tests/crash
	@for suite in $(SUITES); do \
		testdata/make/chroot $$suite run $(MAKE) --no-print-directory \
			B=$(B)/$$suite all && \
		testdata/make/chroot $$suite run env B=$(abspath $(B)) PYTHONDONTWRITEBYTECODE=1 \
			STACKINFO=$(abspath $(B)/$$suite/stackinfo) \
			EXTENSION=$(abspath $(B)/$$suite/stackinfo.so) \
			/usr/bin/python3 -m pytest -n $$(nproc) -m answers tests/crash || exit 1; \
	done

# The same library and command on another machine's processor: char that is unsigned,
# another long double, arguments evaluated in another order. The compiler and its libraries
# are those of the chroot, and qemu-user runs what they made. There AddressSanitizer does not
# start (riscv64) or finds no leaks (arm64): the other sanitizer it is.
MACHINES ?= arm64 riscv64
CROSS_DUMPS ?= 6.1-nmi-panic a64-6.12-multi
CPU_arm64 := aarch64
CPU_riscv64 := riscv64
check-cross: dumps
	@for machine in $(MACHINES); do \
		testdata/make/chroot cross run $(MAKE) --no-print-directory \
			MACHINE=$$machine run-cross || exit 1; \
	done

CROSS = $(MAKE) --no-print-directory B=$(B)/$(MACHINE) CC=$(CPU_$(MACHINE))-linux-gnu-gcc \
	RUN=qemu-$(CPU_$(MACHINE)) SANITIZE='$(filter-out %=address$(comma)undefined,$(SANITIZE)) \
	-fsanitize=undefined'
build-cross:
	@$(CROSS) -j$$(nproc) $(B)/$(MACHINE)/stackinfo
run-cross:
	@$(CROSS) -j$$(nproc) all $(addprefix $(B)/$(MACHINE)/,san/unit san/replay kept/stackinfo)
	@$(CROSS) check-unit check-era
	@DUMPS_ONLY='$(CROSS_DUMPS)' $(TEST_ENV) RUN=qemu-$(CPU_$(MACHINE)) \
		STACKINFO=$(abspath $(B)/$(MACHINE)/kept/stackinfo) $(PYTEST) tests/corpus

# The other door of these: Debian's crash for the machine, which takes a minute to begin.
# crash 8.0.6 opens dumps of arm64 whose addresses have 48 bits.
CROSS_CRASH_DUMPS ?= a64-6.12-nopac rv-6.12-multi
check-cross-crash: dumps
	@for machine in $(MACHINES); do \
		testdata/make/chroot cross run $(MAKE) --no-print-directory \
			MACHINE=$$machine run-cross-crash || exit 1; \
	done

run-cross-crash:
	@$(CROSS) -j$$(nproc) $(addprefix $(B)/$(MACHINE)/,stackinfo.so kept/stackinfo)
	@DUMPS_ONLY='$(CROSS_CRASH_DUMPS)' $(TEST_ENV) RUN=qemu-$(CPU_$(MACHINE)) \
		CRASH='qemu-$(CPU_$(MACHINE)) /opt/crash-$(MACHINE)/usr/bin/crash' \
		CRASH_MACHINE=$(CPU_$(MACHINE)) EXTENSION=$(abspath $(B)/$(MACHINE)/stackinfo.so) \
		STACKINFO=$(abspath $(B)/$(MACHINE)/kept/stackinfo) \
		$(PYTEST) tests/crash/other_machine.py

# See tests/compare/README.md: as root, some GB. Without a kernel's vmlinux, which
# drgn wants, it goes on with what is there.
COMPARE_KERNELS = $(sort $(shell sed -n 's/^kernel //p' testdata/dumps/*.expect))
compare: $(B)/stackinfo dumps
	@for suite in $(SUITES); do testdata/make/chroot $$suite || exit 1; done
	@for kernel in $(COMPARE_KERNELS); do KREL=$$kernel testdata/make/fetch-kernel || :; done
	@mkdir -p $(B)/compare
	@STACKINFO=$(abspath $(B)/stackinfo) B=$(abspath $(B)) PYTHONDONTWRITEBYTECODE=1 \
		python3 tests/compare/run.py > $(B)/compare/report.md
	@cat $(B)/compare/report.md

# Of each, Debian's crash under qemu-user; a session takes minutes.
compare-machines: $(B)/stackinfo dumps
	@for suite in $(SUITES) cross; do testdata/make/chroot $$suite || exit 1; done
	@mkdir -p $(B)/compare
	@$(call compare_machine,arm64,$(CPU_arm64))
	@$(call compare_machine,riscv64,$(CPU_riscv64))

# $(call compare_machine,ITS NAME IN DEBIAN,ITS FOLDER)
compare_machine = for kernel in $$(sed -n 's/^kernel //p' testdata/dumps/$(2)/*.expect | sort -u); do \
		KREL=$$kernel testdata/make/fetch-kernel || :; \
	done; \
	STACKINFO=$(abspath $(B)/stackinfo) B=$(abspath $(B)) PYTHONDONTWRITEBYTECODE=1 \
		python3 tests/compare/machines.py $(2) > $(B)/compare/$(1).md && \
	cat $(B)/compare/$(1).md || exit 1;

# In one process: a fork for each test takes the sanitizers longer than the test.
check-unit: $(B)/san/unit
	@tests/unit/listed.sh
	CK_FORK=no $(KNOWN_LEAKS) $(RUN) $(B)/san/unit

# Every chain of the recorded machines of old kernels; see testdata/README.md.
$(B)/machines/.stamp: testdata/machines.tar.xz
	@rm -rf $(@D) && mkdir -p $(@D)
	xz -dc $< | tar -C $(@D) -xf -
	@touch $@

check-era: $(B)/san/replay $(B)/machines/.stamp
	@$(RUN) $(B)/san/replay $(B)/machines/*.txt

check-cli: $(STACKINFO) $(B)/stackinfo $(B)/stackinfo.1 $(B)/stackinfo-json.5 dumps
	@$(TEST_ENV) $(PYTEST) tests/cli

check-types: $(STACKINFO) dumps
	@$(TEST_ENV) TYPES=all $(PYTEST) tests/cli -k test_no_types

# Machines of each architecture at once.
THREAD_DUMPS := 6.1-nmi-panic 7.3-multi3 aarch64/a64-6.12-multi riscv64/rv-6.12-multi
check-threads: $(B)/tsan/threads dumps
	@$(B)/tsan/threads $(THREAD_DUMPS:%=$(B)/dumps/%/vmcore)

check-budget: $(B)/bench/shares dumps
	@$(B)/bench/shares $(foreach name,$(or $(DUMPS_ONLY),$(DUMP_NAMES)),\
		$(B)/dumps/$(name)/vmcore)

# Flags of one's own may be other ones.
HARDENED = $(if $(filter-out file,$(origin CFLAGS) $(origin LDFLAGS)),,hardened)
check-install: all dumps
	@tests/install/run.sh $(B)/dumps/$(DEMO)/vmcore $(HARDENED)

# The command for capture kernels answers as the other one. Not part of check: archives of
# libraries are not everywhere.
.PHONY: check-capture
check-capture: $(B)/stackinfo $(B)/stackinfo-capture dumps
	@for command in '' 'xbt -A -v' 'stackof -m' log; do \
		for name in stackinfo stackinfo-capture; do \
			$(B)/$$name $$command $(B)/dumps/$(DEMO)/vmcore >$(B)/capture.$$name || exit 1; \
		done; \
		cmp $(B)/capture.stackinfo $(B)/capture.stackinfo-capture || exit 1; \
	done; echo "capture: ok"

doc-check:
	@if command -v doxygen >/dev/null; then \
		mkdir -p $(B) && doxygen tests/install/Doxyfile && echo "doc-check: passed"; \
	else \
		echo "doc-check: skipped: there is no doxygen"; \
	fi

# Not bundled: the rig makes it, which takes some minutes the first time.
BENCH_KREL := 6.1.0-56-amd64
DUMP	 ?= $(B)/bench/6.1-tasks/vmcore
NAMELIST ?= $(B)/dumps/namelist/$(BENCH_KREL)
$(B)/bench/6.1-tasks/vmcore:
	@$(MAKE) -C testdata/make module KREL=$(BENCH_KREL)
	@STACKINFO_RIG_OUT=$(abspath $(B)/bench) testdata/make/make-dump 6.1-tasks
	@# Pages that nobody packed cost nothing to unpack.
	@makedumpfile -l -d 0 $@ $@.lzo >/dev/null && mv $@.lzo $@

bench: $(B)/bench/bench $(B)/bench/floor $(B)/stackinfo $(B)/stackinfo.so $(NAMELIST) $(DUMP)
	@python3 tests/bench/run.py $(B)/bench/bench $(B)/bench/floor $(B)/stackinfo \
		$(abspath $(B)/stackinfo.so) $(NAMELIST) $(DUMP)

START_DUMP ?= $(B)/dumps/$(DEMO)/vmcore
VMLINUX	?= $(wildcard $(or $(STACKINFO_RIG_CACHE),$(HOME)/.cache/stackinfo-rig)/$(DEMO_NAMELIST)/vmlinux)
bench-start: $(B)/stackinfo dumps
	@STACKINFO=$(abspath $(B)/stackinfo) python3 -B tests/bench/start.py $(TASKS) \
		$(abspath $(START_DUMP)) $(abspath $(B)/dumps/namelist/$(DEMO_NAMELIST)) $(VMLINUX)

# A short run on damaged dumps; "make fuzz SEED=1000 COUNT=5000" is a long one.
SEED	?= 1
COUNT	?= 6
fuzz: $(B)/san/fuzz dumps
	@for name in $(DUMP_NAMES) $(OTHER_NAMES); do \
		$(KNOWN_LEAKS) $(B)/san/fuzz $(B)/dumps/$$name/vmcore $(SEED) $(COUNT) \
			2>$(B)/fuzz.log || \
			{ tail -c 4000 $(B)/fuzz.log; exit 1; }; \
	done

# The targets of fuzzers without any: on the inputs that fuzzers begin with, but for those
# of whole commands, and on what they found (tests/fuzz/found/).
check-fuzz: $(B)/san/feed $(SMALL)/vmlinux dumps
	@python3 -B tests/fuzz/seeds.py $(B)/feed $(filter-out commands,$(FUZZ_TARGETS))
	@$(KNOWN_LEAKS) FUZZ_DUMPS=$(B)/dumps $(B)/san/feed $(B)/feed tests/fuzz/found \
		2>$(B)/feed.log || { tail -c 4000 $(B)/feed.log; exit 1; }

# The fuzzer that looks which inputs lead to new code: FUZZ_SECONDS for each of
# FUZZ_TARGETS. What it learns stays in build/fuzz/corpus/. Not part of check, since it wants
# clang.
FUZZ_SECONDS ?= 60
HOURS	?= 8
# Those that ask no library what the sanitizer of memory never set does not know.
MSAN_TARGETS := $(filter-out commands debuginfo dump header notes strings text,$(FUZZ_TARGETS))
FUZZ_RUN = FUZZ_DUMPS=$(B)/dumps $(KNOWN_LEAKS) $(PYTHON) -B tests/fuzz/run.py
fuzz-libfuzzer: fuzz-ready
	@$(MAKE) --no-print-directory $(FUZZ_TARGETS:%=$(B)/fuzz/%)
	@$(FUZZ_RUN) --seconds $(FUZZ_SECONDS) $(B)/fuzz $(FUZZ_TARGETS)

# A tenth of the time is for what MemorySanitizer can watch.
fuzz-long: fuzz-ready
	@$(MAKE) --no-print-directory $(FUZZ_TARGETS:%=$(B)/fuzz/%) $(MSAN_TARGETS:%=$(B)/msan/%)
	@$(FUZZ_RUN) --hours $$(echo $(HOURS) | awk '{ print $$1 * 0.9 }') $(B)/fuzz $(FUZZ_TARGETS)
	@$(FUZZ_RUN) --hours $$(echo $(HOURS) | awk '{ print $$1 * 0.1 }') $(B)/msan $(MSAN_TARGETS)

fuzz-ready: $(SMALL)/vmlinux $(SMALL)/old/vmlinux dumps
	@echo 'int LLVMFuzzerTestOneInput(void) { return 0; }' | \
		$(CLANG) -fsanitize=fuzzer -x c -o /dev/null - 2>/dev/null || \
		{ echo "this needs clang and its libFuzzer: apt-get install clang libclang-rt-dev"; \
		  exit 1; }
	@python3 -B tests/fuzz/seeds.py $(B)/fuzz/seeds

fuzz-afl: $(SMALL)/vmlinux dumps
	@command -v $(AFL_CLANG) >/dev/null || \
		{ echo "$@ needs AFL++: apt-get install afl++"; exit 1; }
	@python3 -B tests/fuzz/seeds.py $(B)/fuzz/seeds
	@$(MAKE) --no-print-directory $(FUZZ_TARGETS:%=$(B)/afl/%)
	@$(FUZZ_RUN) --afl --seconds $(FUZZ_SECONDS) $(B)/afl $(FUZZ_TARGETS)

# Which of our lines the tests run, in percent for each folder, and the functions that
# they never enter. Some dumps, few tries: a few minutes on an idle machine.
COVERAGE_DUMPS ?= $(or $(DUMPS_ONLY),6.1-nmi-panic 5.10-multi)
COVERAGE_ENV = DUMPS_ONLY="$(COVERAGE_DUMPS)" $(TEST_ENV) STACKINFO=$(abspath $(B)/cov/stackinfo)
COVERAGE_FILE = $(B)/dumps/$(firstword $(COVERAGE_DUMPS))/vmcore
coverage: dumps $(B)/machines/.stamp
	@$(MAKE) --no-print-directory run-coverage

run-coverage: $(COVERED) $(B)/stackinfo $(B)/stackinfo.1 $(B)/stackinfo-json.5
	@find $(B)/cov -name '*.gcda' -delete
	@CK_FORK=no $(B)/cov/unit
	@$(B)/cov/replay $(B)/machines/*.txt
	@$(COVERAGE_ENV) $(PYTEST) tests/corpus
	@$(COVERAGE_ENV) $(PYTEST) tests/cli
	@$(B)/cov/damage --tries 50 $(COVERAGE_FILE) >$(B)/cov/damage.log
	@$(B)/cov/fuzz $(COVERAGE_FILE) 1 3 2>$(B)/cov/fuzz.log
	@python3 -B tests/fuzz/seeds.py $(B)/feed
	@FUZZ_DUMPS=$(B)/dumps $(B)/cov/feed $(B)/feed tests/fuzz/found 2>$(B)/cov/feed.log
	@python3 -B tests/coverage/table.py $(B)/cov

# A short run with the sanitizers, and "make damage TRIES=100000 SEED=7 ROWS=word,bit
# SHOW=3" a long one; DUMPS_ONLY= for other dumps. In the short one the engine checks
# its own short cuts, too.
DAMAGE_DUMPS ?= $(or $(DUMPS_ONLY),6.1-nmi-panic 6.12-mc 5.10-multi2 $(OTHER_NAMES) \
		  aarch64/a64scs-multi riscv64/rv-6.1-multi)
TRIES	?= 100000
SHOW	?= 1
DAMAGE_FILES = $(DAMAGE_DUMPS:%=$(B)/dumps/%/vmcore)
check-damage: $(B)/san/damage dumps
	@$(KNOWN_LEAKS) python3 tests/damage/examples.py $< $(B)/dumps
	@$(KNOWN_LEAKS) $< --tries 150 --check 500 --show 1 $(DAMAGE_FILES)

damage: $(B)/damage dumps
	@$< --seed $(SEED) --tries $(TRIES) --show $(SHOW) $(if $(ROWS),--rows $(ROWS)) \
		$(DAMAGE_FILES)

# What programs are built with, as libabigail describes it on x86_64; what the rooms have is
# none of it. New functions are let through: check-install asks for them in the map.
ABI	:= src/libstackinfo.abi
.PHONY: check-abi abi check-spelling
check-abi: $(B)/libstackinfo.so.$(SOVERSION)
	@if [ "$$(uname -m)" != x86_64 ] || ! command -v abidiff >/dev/null; then \
		echo "abi: not checked, abidiff or x86_64 is missing"; \
	elif abidiff --no-added-syms $(ABI) $<; then \
		echo "abi: ok"; \
	else echo "FAILED abi: see HACKING.md, The library's interface"; exit 1; fi

abi: $(B)/libstackinfo.so.$(SOVERSION)
	abidw --drop-private-types --exported-interfaces-only \
		--headers-dir include/stackinfo --no-corpus-path --no-comp-dir-path \
		--no-show-locs --no-elf-needed --out-file $(ABI) $<

# Binary and recorded data have no words, nor have texts that were damaged. Nor has what git
# does not know.
check-spelling:
	@if command -v codespell >/dev/null; then \
		git ls-files -- ':!testdata/dumps' ':!*.xz' ':!*.abi' ':!tests/lint/spelling.txt' \
			':!tests/unit/golden' | \
			xargs codespell -I tests/lint/spelling.txt && echo "spelling: ok"; \
	else echo "spelling: not checked, codespell is missing"; fi

# Another version of clang-format formats otherwise.
CLANG_FORMAT ?= clang-format
CLANG_FORMAT_MAJOR := 14
C_FILES = $(shell find src include extensions tests man -name "*.[ch]")
check-format:
	@tests/lint/licences.sh
	@if $(CLANG_FORMAT) --version 2>/dev/null | grep -q 'version $(CLANG_FORMAT_MAJOR)\.'; then \
		$(CLANG_FORMAT) --dry-run -Werror $(C_FILES) && echo "format: ok"; \
	else echo "format: not checked, clang-format $(CLANG_FORMAT_MAJOR) is missing"; fi

format:
	$(CLANG_FORMAT) -i $(C_FILES)

lint:
	@B=$(abspath $(B)) DEFS='$(filter-out -MMD -MP,$(DEFS)) -DSTK_BUILD_ID=""' \
		tests/lint/run.sh $(filter-out tests/%,$(C_FILES))

# The other compiler has no warning either, but for what gcc is not asked: a name that one of
# crash's variables has, members of a row that are left out.
.PHONY: run-clang
run-clang:
	@$(MAKE) --no-print-directory -j$$(nproc) \
		WERROR='-Werror -Wno-shadow -Wno-missing-field-initializers' all

check-all: check
	@$(MAKE) --no-print-directory check-abi check-spelling check-capture
	@$(MAKE) --no-print-directory B=$(B)/clang CC=$(CLANG) run-clang
	@$(MAKE) --no-print-directory check-pack check-threads check-types lint check-mutation \
		coverage
	@$(MAKE) --no-print-directory check-cross check-cross-crash check-crash-matrix \
		fuzz COUNT=200

# Those that have one thread are run as many at once as there are CPUs; the longest first.
ASIDE	:= check-unit check-damage fuzz check-evidence check-format check-install check-direction \
	   check-budget check-era check-fuzz doc-check
.PHONY: $(ASIDE:%=aside-%)
$(ASIDE:%=aside-%): aside-%:
	@mkdir -p $(B)/aside
	@$(MAKE) --no-print-directory $* >$(B)/aside/$* 2>&1 || \
		{ mv $(B)/aside/$* $(B)/aside/$*.failed; exit 1; }
	@cat $(B)/aside/$*

# What they need at once, then the tests: each says what failed in its last lines, those
# that ran at once when all of them have ended.
run-check:
	@$(MAKE) --no-print-directory -j$$(nproc) all $(B)/san/unit $(B)/san/replay \
		$(B)/san/stackinfo $(B)/kept/stackinfo $(B)/san/fuzz $(B)/san/feed $(B)/san/evidence \
		$(B)/san/damage $(B)/bench/shares dumps
	@rm -rf $(B)/aside
	@$(MAKE) --no-print-directory -k -j$$(nproc) $(ASIDE:%=aside-%) || \
		{ tail -v -n 60 $(B)/aside/*.failed; exit 1; }
	@$(MAKE) --no-print-directory check-corpus
	@$(MAKE) --no-print-directory check-cli
	@$(MAKE) --no-print-directory check-crash

# The three commands on the dump of a machine that panicked in an NMI, in an
# interrupt, in a task.
DEMO	:= 6.1-nmi-panic
DEMO_NAMELIST := 6.1.0-56-amd64
# All is built, so that "sudo make install" compiles nothing.
run-demo: all $(B)/dumps/.$(DEMO).stamp $(B)/dumps/namelist/$(DEMO_NAMELIST)
	@printf '%s\n' 'extend $(abspath $(B)/stackinfo.so)' 'xbt -a' 'tss -c 1' \
		'stackof exception_stacks:1 entry_stack_storage:0 cpu_tss_rw:1 init_task' \
		quit > $(B)/demo.crash
	@cat $(B)/demo.crash | sed 's/^/crash> /'
	crash -s -i $(B)/demo.crash $(B)/dumps/namelist/$(DEMO_NAMELIST) \
		$(B)/dumps/$(DEMO)/vmcore
