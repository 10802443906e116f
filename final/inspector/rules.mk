# The inspector: linked with ncursesw. Without its headers everything else is built all the same.
# Included by final/rules.mk.

HAVE_CURSES := $(shell $(CC) -E -DNCURSES_WIDECHAR=1 -include curses.h -x c /dev/null 2>/dev/null | grep -q add_wch && echo yes)

INSPECTOR_SCREEN  := $(call objects,$(addprefix final/inspector/,main.c live_view.c) $(wildcard final/inspector/term/*.c))
INSPECTOR_OBJECTS := $(filter-out $(INSPECTOR_SCREEN),$(call objects,$(wildcard final/inspector/*.c final/inspector/*/*.c)))
UNIT_OBJECTS      += $(INSPECTOR_OBJECTS)

ifeq ($(HAVE_CURSES),yes)
all: $(BIN)/inspector

$(BIN)/inspector: $(INSPECTOR_SCREEN) $(INSPECTOR_OBJECTS) $(BUILD)/pieces.a
	@mkdir -p $(@D)
	$(call say,LD $@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ -lncursesw -ltinfo -ljson-c
else
all: no-inspector
.PHONY: no-inspector
no-inspector:
	@echo "inspector is not built: ncursesw's headers are missing (\`make deps\` says how to get them)"
endif
