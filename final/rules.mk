# minibox: the pieces of the eight steps, a runtime over them, an engine over that.
# Included by the Makefile in the top folder. Needs json-c; without it the steps are built all the same.

HAVE_JSON := $(shell $(CC) -E -include json-c/json.h -x c /dev/null >/dev/null 2>&1 && echo yes)

ifeq ($(HAVE_JSON),yes)
RUNTIME_OBJECTS := $(call objects,$(wildcard final/runtime/*.c final/runtime/*/*.c))
ENGINE_OBJECTS  := $(call objects,$(wildcard final/engine/*.c))
UNIT_OBJECTS    := $(RUNTIME_OBJECTS) $(ENGINE_OBJECTS)
HAVE_SECCOMP    := $(shell $(CC) -E -include seccomp.h -x c /dev/null >/dev/null 2>&1 && echo yes)
# From their archives where those are installed: a runtime is started twice a container, and the loader takes 0.15 ms a
# library. The C library stays shared: its getpwuid(3) loads others.
library = $(or $(filter /%,$(shell $(CC) $(CFLAGS) -print-file-name=lib$(1).a)),-l$(1))
FINAL_LIBS      := $(call library,json-c) $(if $(HAVE_SECCOMP),$(call library,seccomp))

include final/inspector/rules.mk

all: $(BIN)/minibox $(BIN)/minibox-runtime

# One program under two names.
$(BIN)/minibox-runtime: $(BIN)/minibox
	$(Q)ln -sf minibox $@

# An archive, so that the linker takes the pieces that minibox calls and leaves the demos' scenes.
# q, not r: members of two folders may have the same name.
$(BUILD)/pieces.a: $(call objects,$(ALL_PIECES))
	@rm -f $@
	$(Q)$(AR) qcs $@ $^

# What it was linked of stands in linked.*: `make mine` links the same with a student's pieces.
$(BIN)/minibox: $(BUILD)/final/main.o $(ENGINE_OBJECTS) $(RUNTIME_OBJECTS) $(BUILD)/pieces.a
	@mkdir -p $(@D)
	$(call say,LD $@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(FINAL_LIBS)
	@printf '%s\n' $(abspath $(filter %.o,$^)) >$(BUILD)/final/linked.objects
	@printf '%s\n' $(FINAL_LIBS) >$(BUILD)/final/linked.libraries
else
all: no-minibox
.PHONY: no-minibox
no-minibox:
	@echo "minibox is not built: json-c's headers are missing (\`make deps\` says how to get them)"
endif
