# minibox: containers, built step by step.
#
#   make demo    installs what is missing, builds, and gives the tour
#   make test    installs, builds, runs every test
#   make help    the rest
#
# Step N is linked from its own main.c and run.c and the pieces of steps 1 to N: stairs go down only.

CC       ?= gcc
PREFIX   ?= /usr/local
BUILD    ?= build
BIN      ?= bin

STEPS  := step01_clone_pid step02_mount_ns step03_uts_ipc step04_net_user \
          step05_cgroup_cpu step06_overlay_rootfs step07_volumes step08_init_reaper

CFLAGS ?= -O2 -g
comma  := ,

# Another compiler, or other flags, find other things to warn of: that is no reason not to build. .ci/run sets WERROR.
WARN   := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wno-format-nonliteral $(if $(WERROR),-Werror)
# Instrumented code makes gcc guess wrong about lengths and NULL (its manual says so): no -Werror there.
WARN_SAN := $(filter-out -Werror,$(WARN)) -Wno-format-truncation
# _FORTIFY_SOURCE is the user's where CPPFLAGS or CFLAGS name it; without optimization the C library's headers warn of it.
# Some compilers define it themselves, hence -U.
OPTIMIZE := $(filter-out -O0,$(lastword $(filter -O%,$(CFLAGS))))
FORTIFY  := $(if $(OPTIMIZE),$(if $(findstring _FORTIFY_SOURCE,$(CPPFLAGS) $(CFLAGS)),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2))
HARDEN   := -fPIE -fstack-protector-strong $(FORTIFY)
SANITIZE := -fsanitize=address$(comma)undefined -fno-omit-frame-pointer
ALL_CFLAGS  := -std=gnu17 $(if $(SAN),$(WARN_SAN) $(SANITIZE),$(WARN) $(HARDEN)) -MMD -MP -I. $(CPPFLAGS) $(CFLAGS)
# CFLAGS once more: -flto, -m32, -fsanitize=... and --coverage are for the linker as well.
PIE         := $(if $(filter -static -static-pie -no-pie,$(CFLAGS) $(LDFLAGS)),,-pie)
ALL_LDFLAGS := $(CFLAGS) $(PIE) -Wl,-z,relro,-z,now -Wl,--as-needed $(if $(SAN),$(SANITIZE)) $(LDFLAGS)
# An archive of -flto objects needs an ar that reads them.
ifneq ($(filter -flto%,$(CFLAGS)),)
ifeq ($(origin AR),default)
AR := $(if $(findstring clang,$(CC)),llvm-ar,gcc-ar)
endif
endif

# ---- what is made of what ----

# A step's folder: main.c, run.c and the piece; given/ and scenes/ below, in step 1 floor/ with its rooms too.
# In a student's kit (make handout) the piece and run.c are objects, below ref/.
here    = $(wildcard $(1)) $(patsubst ref/%.o,%.c,$(wildcard $(1:%.c=ref/%.o)))
pieces  = $(filter-out %/main.c %/run.c,$(call here,$(1)/*.c)) $(wildcard $(1)/given/*.c $(1)/scenes/*.c $(1)/floor/*/*.c)
objects = $(patsubst %.c,$(BUILD)/%.o,$(1))
# What a step cannot be without: a file that is away must not leave an old program in bin/ that still works.
piece   = $(foreach n,1 2 3 4 5 6 7 8,$(patsubst step0$(n)_%,%,$(filter step0$(n)_%,$(1))))
needed  = $(1)/main.c $(1)/run.c $(1)/$(strip $(call piece,$(1))).c
MISSING := $(strip $(foreach s,$(STEPS),$(foreach f,$(call needed,$(s)),$(if $(strip $(call here,$(f))),,$(f)))))
ifneq ($(MISSING),)
ifeq ($(filter clean help,$(MAKECMDGOALS)),)
$(error $(firstword $(MISSING)) is missing: `git checkout $(firstword $(MISSING))` brings it back)
endif
endif
# The steps from 1 up to the given one.
upto    = $(if $(1),$(wordlist 1,$(words $(call before,$(1),$(STEPS))),$(STEPS)))
before  = $(if $(filter $(1),$(firstword $(2))),x,x $(call before,$(1),$(wordlist 2,99,$(2))))

ALL_PIECES := $(foreach s,$(STEPS),$(call pieces,$(s)))

# ---- a student's kit ----
# Objects are for one machine and one C library. What tests this project is not in it.
ifneq ($(wildcard ref/machine),)
KIT_FOR  := $(shell cat ref/machine)
KIT_HERE := $(shell uname -m) $(if $(findstring musl,$(shell $(CC) -dumpmachine)),musl,gnu)
ifneq ($(KIT_FOR),$(KIT_HERE))
$(error the objects of this kit (ref/) are for $(KIT_FOR), and this machine is $(KIT_HERE): ask for a kit that was made on one like it)
endif
NOT_HERE := $(filter test test-guest test-labs references unit asan bench sweep test-faults lint handout,$(MAKECMDGOALS))
ifneq ($(NOT_HERE),)
$(error what `make $(firstword $(NOT_HERE))` needs is not in a student's kit (README.md says what is))
endif
endif

# One short line a file; `make V=1` shows the commands.
Q   := $(if $(V),,@)
say  = @$(if $(V),:,printf '  %-4s %s\n' $(1))

.PHONY: all steps demo test unit deps install clean lint asan grow help bench sweep test-guest test-faults fuzz FORCE
all: steps

steps: $(STEPS:%=$(BIN)/%)

define step_rule
$(BIN)/$(1): $(call objects,$(1)/main.c $(call here,$(1)/run.c) $(foreach s,$(call upto,$(1)),$(call pieces,$(s))))
	@mkdir -p $$(@D)
	$$(call say,LD $$@)
	$$(Q)$$(CC) $$(ALL_LDFLAGS) -o $$@ $$^
endef
$(foreach s,$(STEPS),$(eval $(call step_rule,$(s))))

FLAGS_QUOTED = $(subst ','\'',$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS))
# Flags that change rebuild everything; flags that do not, nothing.
$(BUILD)/flags: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' '$(FLAGS_QUOTED)' | cmp -s - $@ || printf '%s\n' '$(FLAGS_QUOTED)' > $@

$(BUILD)/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC $<)
	$(Q)$(CC) $(ALL_CFLAGS) -c -o $@ $<

# Where there is no source.
$(BUILD)/%.o: ref/%.o
	@mkdir -p $(@D)
	$(Q)cp $< $@

# ---- minibox and the inspector: final/ ----
-include final/rules.mk

# ---- tests ----
UNIT := $(patsubst tests/unit/%.c,$(BUILD)/tests/unit/%,$(wildcard tests/unit/test_*.c))
# Without cmocka the rest is built and tested all the same; tests/run then counts each of these as a failure.
HAVE_CMOCKA := $(shell $(CC) -E -include stdarg.h -include stddef.h -include stdint.h -include setjmp.h -include cmocka.h \
	-x c /dev/null >/dev/null 2>&1 && echo yes)
ifeq ($(HAVE_CMOCKA),yes)
unit: $(UNIT) $(BUILD)/tests/within $(BUILD)/tests/sweep/inject attackers
else
unit: $(BUILD)/tests/within $(BUILD)/tests/sweep/inject attackers
	@echo "the unit tests are not built: cmocka's headers are missing (\`make deps\` says how to get them)"
endif
.SECONDARY: # objects are kept, to rebuild only what must be

$(BUILD)/tests/unit/test_%: $(BUILD)/tests/unit/test_%.o $(call objects,$(ALL_PIECES)) $(UNIT_OBJECTS)
	$(call say,LD $@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ -lcmocka $(FINAL_LIBS)

# The tracer of tests/sweep: it needs libc only. The machine's system calls by name are in the compiler's headers.
SWEEP := $(call objects,$(wildcard tests/sweep/*.c))
$(BUILD)/tests/sweep/inject: $(SWEEP)
	$(call say,LD $@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^
$(BUILD)/tests/sweep/calls.o: ALL_CFLAGS += -I$(BUILD)/tests/sweep
$(BUILD)/tests/sweep/calls.o: $(BUILD)/tests/sweep/calls.inc
$(BUILD)/tests/sweep/calls.inc:
	@mkdir -p $(@D)
	@echo '#include <sys/syscall.h>' | $(CC) -E -dM - | sed -n 's/^#define __NR_\([a-z0-9_]*\) .*/CALL(\1)/p' >$@

sweep: all unit
	@MB_BIN="$(abspath $(BIN))" MB_BUILD="$(abspath $(BUILD))" tests/sweep/run $(SWEEP_ARGS)

# Every operation of minibox-runtime, all points: tests/runtime/faults.bats has a sample.
test-faults: all unit
	@MB_BIN="$(abspath $(BIN))" MB_BUILD="$(abspath $(BUILD))" tests/sweep/run --full $(SWEEP_ARGS) runtime

# Readers of what strangers write, fed with what no test has thought of. FUZZ: spec, inspector; T: seconds.
FUZZ ?= spec
T ?= 60
fuzz:
	@tests/fuzz/run $(FUZZ) $(T)

# Programs that attack from inside a container (tests/runtime/attack.bats), one that is the other end of sockets, and one library. Static: an image has no libraries.
# Where the C library has no static half they are left out, and their tests say so.
ATTACKERS := $(patsubst tests/%.c,$(BUILD)/tests/%,$(filter-out %/preload.c,$(wildcard tests/attack/*.c)))
attackers: $(ATTACKERS) $(BUILD)/tests/attack/preload.so
.PHONY: attackers
$(BUILD)/tests/attack/%: tests/attack/%.c
	@mkdir -p $(@D)
	$(call say,CC $@)
	$(Q)$(CC) -std=gnu17 -O1 -Wall -Wextra $(if $(WERROR),-Werror) -static -o $@ $< || { rm -f $@; echo "$@ is not built: no static C library"; }
$(BUILD)/tests/attack/preload.so: tests/attack/preload.c
	@mkdir -p $(@D)
	$(call say,CC $@)
	$(Q)$(CC) -std=gnu17 -O1 -Wall -Wextra $(if $(WERROR),-Werror) -shared -fPIC -o $@ $<

# Kills a test that hangs, with all its processes.
$(BUILD)/tests/within: $(BUILD)/tests/lib/within.o
	$(call say,LD $@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^

# ---- the labs: what a student's two files are linked with ----
# An archive a lab: the pieces of steps 1 to N without that of step N, which is the student's.
LABS := $(patsubst tests/labs/drivers/%.c,%,$(wildcard tests/labs/drivers/*.c))
lab_step = $(filter step$(firstword $(subst _, ,$(1)))_%,$(STEPS))
lab_piece = $(call lab_step,$(1))/$(patsubst step0%,%,$(subst step$(firstword $(subst _, ,$(1)))_,,$(call lab_step,$(1)))).c
define lab_rule
$(BUILD)/labs/$(firstword $(subst _, ,$(1)))/ours.a: $(call objects,$(filter-out $(call lab_piece,$(1)),$(foreach s,$(call upto,$(call lab_step,$(1))),$(call pieces,$(s)))))
	@mkdir -p $$(@D)
	$$(call say,AR $$@)
	$$(Q)rm -f $$@ && $$(AR) qcs $$@ $$^
$(BUILD)/labs/$(firstword $(subst _, ,$(1)))/driver.o: $(BUILD)/tests/labs/drivers/$(1).o
	@mkdir -p $$(@D)
	$$(Q)cp $$< $$@
LAB_FILES += $(BUILD)/labs/$(firstword $(subst _, ,$(1)))/ours.a $(BUILD)/labs/$(firstword $(subst _, ,$(1)))/driver.o \
	$(call objects,$(call lab_step,$(1))/main.c $(call lab_piece,$(1)))
endef
$(foreach l,$(LABS),$(eval $(call lab_rule,$(l))))
$(BUILD)/labs/driver.o: $(BUILD)/tests/labs/lib/driver.o
	@mkdir -p $(@D)
	$(Q)cp $< $@
$(BUILD)/labs/late.o: $(BUILD)/tests/labs/lib/late.o
	@mkdir -p $(@D)
	$(Q)cp $< $@
$(BUILD)/labs/late_join.o: $(BUILD)/tests/labs/lib/late_join.o
	@mkdir -p $(@D)
	$(Q)cp $< $@
$(BUILD)/labs/cage: $(BUILD)/tests/labs/lib/cage.o
	@mkdir -p $(@D)
	$(call say,LD $@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^
# With the reference's piece of step 5, whatever is graded.
$(BUILD)/labs/group: $(BUILD)/tests/labs/lib/group.o $(call objects,$(foreach s,$(call upto,step05_cgroup_cpu),$(call pieces,$(s))))
	@mkdir -p $(@D)
	$(call say,LD $@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^
$(BUILD)/labs/similar: $(BUILD)/tests/labs/lib/similar.o
	@mkdir -p $(@D)
	$(call say,LD $@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^
.PHONY: labs references start grade hint watch progress reset catch-up submit mine handout test-labs \
	grade-all regrade similar
labs: $(LAB_FILES) $(BUILD)/labs/driver.o $(BUILD)/labs/late.o $(BUILD)/labs/late_join.o $(BUILD)/labs/cage $(BUILD)/labs/group $(BUILD)/labs/similar $(BUILD)/tests/within
# The references as a student's files, linked: what a guest grades, where a compiler would take too long.
REFERENCES := $(foreach l,$(LABS),$(BUILD)/labs/$(firstword $(subst _, ,$(l)))/reference/driver)
$(BUILD)/labs/%/reference/driver: $(BUILD)/labs/%/ours.a $(BUILD)/labs/%/driver.o $(BUILD)/labs/driver.o $(wildcard step*/*.c)
	$(Q)MB_BUILD="$(abspath $(BUILD))" tests/labs/build $* step$*_* $(@D)
references: labs $(REFERENCES)

# N=03; SRC=DIR, PART=k, SEED=hex, FORMAT=text|json|tap|junit.
GRADE_ARGS = $(if $(PART),-p '$(PART)') $(if $(SEED),-e '$(SEED)') $(if $(FORMAT),-f '$(FORMAT)')
start hint watch reset catch-up submit: labs
	@MB_BUILD="$(abspath $(BUILD))" PART='$(PART)' lessons/lab $@ '$(N)'
progress:
	@lessons/lab progress
# The exit status of make is 2 for every failure. A program that needs the grader's own, 1 or 77, calls tests/labs/grade.
grade: labs
	@MB_BUILD="$(abspath $(BUILD))" $(if $(SRC),tests/labs/grade $(GRADE_ARGS) -s '$(SRC)' '$(N)',lessons/lab grade '$(N)' $(GRADE_ARGS))
# For instructors. The names of students are nothing to write into a shell's line: make hands N, DIR, OUT, STUDENT, ... on in
# the environment.
grade-all regrade similar: labs
	@MB_BUILD="$(abspath $(BUILD))" tests/labs/all $(@:grade-all=grade)
mine: all labs
	@MB_BUILD="$(abspath $(BUILD))" lessons/lab mine
handout:
	@CC='$(CC)' tests/labs/handout $(OUT)
test-labs: labs
	@MB_BUILD="$(abspath $(BUILD))" tests/labs/mutants/run

test:
	@.ci/deps guest steps
	@$(MAKE) --no-print-directory all unit references
	@MB_BIN="$(abspath $(BIN))" MB_BUILD="$(abspath $(BUILD))" tests/run $(TESTS)

test-guest:
	@.ci/deps guest
	@$(MAKE) --no-print-directory all $(BUILD)/tests/within $(BUILD)/tests/sweep/inject references
	@MB_BIN="$(abspath $(BIN))" MB_BUILD="$(abspath $(BUILD))" tests/guest/run

# AddressSanitizer and UndefinedBehaviorSanitizer over the same suite, in a build of its own.
# Leaks: LeakSanitizer cannot follow unshare(CLONE_NEWPID); memory of a short demo is the kernel's to take back.
asan: deps
	@$(MAKE) --no-print-directory SAN=1 BUILD=build/asan BIN=build/asan/bin CFLAGS='-O1 -g' all unit
	@ASAN_OPTIONS=detect_leaks=0:abort_on_error=1 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 \
	 MB_SANITIZED=1 MB_BIN="$(abspath build/asan/bin)" MB_BUILD="$(abspath build/asan)" tests/run --unit --bats --user $(TESTS)

bench:
	@.ci/deps bench
	@$(MAKE) --no-print-directory all labs
	@tests/bench/run

# ---- for people ----
demo: deps
	@$(MAKE) --no-print-directory all
	@lessons/tour

deps:
	@.ci/deps

# `make grow 2` would print all eight and then say that there is no rule to make 2.
ifneq ($(filter 1 2 3 4 5 6 7 8 9,$(MAKECMDGOALS)),)
$(error one step is shown by: make grow STEP=$(firstword $(filter 1 2 3 4 5 6 7 8 9,$(MAKECMDGOALS))))
endif
grow:
	@lessons/grow $(STEP)

lint:
	@.ci/lint

install: all
	install -d "$(DESTDIR)$(PREFIX)/bin"
	install -m 755 $(BIN)/* "$(DESTDIR)$(PREFIX)/bin"

clean:
	rm -rf $(BIN) $(BUILD) build

# A line with two points is not for a student: a kit (make handout) does not show it.
help:
	@sed -n '$(if $(wildcard ref/machine),,s/^##[.][.] //p;)s/^## //p' Makefile

## make demo        installs what is missing, builds, gives the tour: what this
##                  host can do, every step's core scenes
##.. make test        installs, builds, tests for ten minutes; "N passed, ..."
## make             builds everything into bin/
## make steps       builds the eight steps only: needs gcc, the C library's
##                  headers and make, nothing else
## make deps        installs what is missing; without rights it says what that is
##.. make grow        the eight stepNN_run() functions, each with the lines that it
##..                  adds, and minibox as the ninth; STEP=2: one of them
## make start N=03  begins lab 3 in work/; then grade, watch, hint, progress,
##                  reset, catch-up, submit, each with N=03. grade takes SRC=DIR
##                  PART=k SEED=hex FORMAT=json|tap|junit
## make mine        minibox from your pieces
##.. make handout OUT=DIR   the students' kit, without the solutions (lessons/ci:
##..                  GitHub, Gradescope)
##.. make test-labs   grades solutions that are known to be right and wrong
##.. make lint        clang-format, clang-tidy, cppcheck, shellcheck
##.. make asan        the tests under Address- and UndefinedBehaviorSanitizer
##.. make test-guest  the tests on other kernels and cgroup layouts, emulated
##.. make sweep       a failing system call, or a kill, at more than 800 places in
##..                  turn: nothing may be left (SWEEP_ARGS=--help)
##.. make test-faults the same in every operation of minibox-runtime: an hour
##.. make fuzz T=60   feeds the reader of config.json; FUZZ=inspector: of /proc
##.. make bench       measures, as ratios, against other programs
##                  CC, CPPFLAGS, CFLAGS, LDFLAGS, BUILD, BIN are yours; WERROR=1:
##                  a warning is an error
##.. make grade-all   for instructors: N=02 DIR=submissions/ OUT=grades.csv grades a
##..                  class; regrade, similar: lessons/INSTRUCTORS.md
## make install     into PREFIX (/usr/local), below DESTDIR
## make clean       removes bin/ and build/

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
