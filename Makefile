# SPDX-License-Identifier: Apache-2.0
# Keepgate. `make help` lists what there is to make.

.DEFAULT_GOAL := all
MODE ?= release
PREFIX ?= /usr/local
BUILD := build/$(MODE)
V ?= 0
Q := $(if $(filter 1,$(V)),,@)
say = $(if $(filter 1,$(V)),@:,@printf '  %-7s %s\n' $(1) $(2))

# Libraries, and the Debian packages that bring them. Tests need more.
PKGS := libmicrohttpd gnutls libcrypto libcjson yaml-0.1 libpcre2-8
DEB := gcc libc6-dev make pkg-config libmicrohttpd-dev libgnutls28-dev \
	libssl-dev libcjson-dev libyaml-dev libpcre2-dev curl openssl \
	ca-certificates tzdata
DEB_TEST := libcmocka-dev perl clang clang-format libclang-rt-14-dev wrk nghttp2-client faketime \
	jq python3 util-linux mandoc zsh fish
DEB_E2E := python3-yaml

SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
APT := $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get

.PHONY: deps
deps: ## Install what building needs (Debian 12)
	$(APT) install -y --no-install-recommends $(DEB)

.PHONY: deps-test
deps-test: deps ## Install what the tests need as well
	$(APT) install -y --no-install-recommends $(DEB_TEST)

.PHONY: deps-e2e
deps-e2e: deps-test ## Install what e2e needs as well: any Go will do
	$(APT) install -y --no-install-recommends $(DEB_E2E) \
		$$(command -v go >/dev/null || echo golang-go)

# `make deps demo`: the compiler and pkg-config come with the first goal, and
# what asks them below must be read after that. So the others get a make each.
DEPS := deps deps-test deps-e2e
AFTER_DEPS := $(filter-out $(DEPS),$(MAKECMDGOALS))
ifneq ($(filter $(DEPS),$(MAKECMDGOALS)),)
ifneq ($(AFTER_DEPS),)
.PHONY: $(AFTER_DEPS)
$(AFTER_DEPS): $(filter $(DEPS),$(MAKECMDGOALS))
	$(Q)$(MAKE) --no-print-directory $@
endif
else

PKG_CONFIG ?= pkg-config
PKG_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(PKGS) 2>/dev/null)
PKG_LIBS := $(shell $(PKG_CONFIG) --libs $(PKGS) 2>/dev/null) -lm

# --- Flags ------------------------------------------------------------------

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes \
	-Wmissing-prototypes -Wold-style-definition -Wwrite-strings \
	-Wcast-qual -Wpointer-arith -Wformat=2 -Wundef -Wvla -Wswitch-enum \
	-Wimplicit-fallthrough -Wnull-dereference -Wdouble-promotion
ifeq ($(WERROR),1)
WARN += -Werror
endif

HARDEN := -fstack-protector-strong -fno-common -fno-strict-overflow \
	-fno-delete-null-pointer-checks -fvisibility=hidden -fPIE
# Texts are cut on purpose where snprintf is used.
HARDEN_PROBE := -Wno-format-truncation -fstack-clash-protection \
	-fcf-protection=full -mbranch-protection=standard -ftrivial-auto-var-init=zero
HARDEN_LD := -pie -Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code

ifeq ($(MODE),fuzz)
CC := clang
endif
# Keep those of $(1) that this compiler takes.
probe = $(foreach f,$(1),$(shell $(CC) $(f) -Werror -x c -c /dev/null \
	-o /dev/null 2>/dev/null && echo $(f)))

SAN := -fsanitize=address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer
OPT_release := -O2 -g $(call probe,-D_FORTIFY_SOURCE=3)
OPT_bench := $(OPT_release) -DKG_BENCH
OPT_debug := -O0 -g3
OPT_asan := -O1 -g $(SAN)
OPT_tsan := -O1 -g -fsanitize=thread
OPT_cov := -O0 -g --coverage
OPT_fuzz := -O1 -g $(SAN) -fsanitize=fuzzer-no-link -DKG_FUZZ
LD_asan := $(SAN)
LD_tsan := -fsanitize=thread
LD_cov := --coverage
LD_fuzz := $(SAN)
ifeq ($(filter $(MODE),release bench debug asan tsan cov fuzz),)
$(error MODE=$(MODE) is unknown: release, bench, debug, asan, tsan, cov, fuzz)
endif

ALL_CFLAGS := -std=c11 -D_POSIX_C_SOURCE=200809L -D_DEFAULT_SOURCE -pthread \
	-Iinclude -Isrc -Itests $(PKG_CFLAGS) $(WARN) $(HARDEN) \
	$(call probe,$(HARDEN_PROBE)) $(OPT_$(MODE)) $(CFLAGS)
ALL_LDFLAGS := -pthread $(HARDEN_LD) $(LD_$(MODE)) $(LDFLAGS)

# --- Sources ----------------------------------------------------------------

LIB_DIRS := base value cel enclave policy review audit
APP_DIRS := io server cli
LIB_SRC := $(wildcard $(LIB_DIRS:%=src/%/*.c))
APP_SRC := $(filter-out src/cli/main.c,$(wildcard $(APP_DIRS:%=src/%/*.c)))
EMBED_SRC := $(BUILD)/embed.c
EMBED_IN := $(sort $(wildcard policies/profiles/*.yaml)) \
	$(sort $(wildcard policies/*/policy.yaml))
UNIT_SRC := $(wildcard tests/unit/*_test.c)
FUZZ_SRC := $(wildcard tests/fuzz/fuzz_*.c)
BENCH_SRC := $(wildcard tests/bench/*.c) tests/exam/vap_policy.c
EXAM_SRC := $(wildcard tests/exam/*.c)
TORTURE_SRC := $(wildcard tests/torture/*.c)

objs = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))
LIB_OBJ := $(call objs,$(LIB_SRC)) $(BUILD)/obj/embed.o
APP_OBJ := $(call objs,$(APP_SRC))
LIB := $(BUILD)/libkeepgate.a
APP := $(BUILD)/libapp.a
UNIT := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(UNIT_SRC))
FUZZ := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(FUZZ_SRC))
REPLAY := $(patsubst tests/fuzz/fuzz_%.c,$(BUILD)/replay/%,$(FUZZ_SRC))

.DELETE_ON_ERROR:
.PHONY: all
all: $(BUILD)/keepgate $(BUILD)/exam ## Build keepgate and the exam program

$(BUILD)/keepgate: $(call objs,src/cli/main.c) $(APP) $(LIB)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(BUILD)/exam: $(call objs,$(EXAM_SRC)) $(APP) $(LIB)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(BUILD)/bench-engine: $(call objs,$(BENCH_SRC)) $(APP) $(LIB)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(LIB): $(LIB_OBJ)
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar rcs $@ $^

$(APP): $(APP_OBJ)
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar rcs $@ $^

$(BUILD)/obj/%.o: %.c $(BUILD)/flags
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/obj/embed.o: $(EMBED_SRC) $(BUILD)/flags
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# Shipped policies and profiles, as C arrays (src/policy/embedded.h).
$(EMBED_SRC): src/policy/embed.sh $(EMBED_IN) $(BUILD)/flags
	$(call say,EMBED,$@)
	$(Q)sh src/policy/embed.sh $(EMBED_IN) >$@

# Rewritten only when the command line changes: then everything is rebuilt.
FLAGS_NOW := $(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) $(PKG_LIBS) $(EMBED_IN)
$(BUILD)/flags: FORCE
	$(Q)mkdir -p $(@D)
	$(Q)printf '%s\n' '$(FLAGS_NOW)' >$@.new; \
	if cmp -s $@.new $@; then rm -f $@.new; else mv -f $@.new $@; fi
.PHONY: FORCE
FORCE:

-include $(wildcard $(BUILD)/obj/*.d $(BUILD)/obj/*/*/*.d)

# --- Tests ------------------------------------------------------------------

$(BUILD)/tests/%: $(BUILD)/obj/tests/unit/%.o $(APP) $(LIB)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ -lcmocka $(PKG_LIBS)

$(BUILD)/replay/%: $(BUILD)/obj/tests/fuzz/fuzz_%.o \
    $(BUILD)/obj/tests/fuzz/replay.o $(APP) $(LIB)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(BUILD)/fuzz/%: $(BUILD)/obj/tests/fuzz/%.o $(APP) $(LIB)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(PKG_LIBS)

# Allocations of our objects go through the program that fails them.
$(BUILD)/torture: $(call objs,$(TORTURE_SRC)) $(APP) $(LIB)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc \
		-o $@ $^ $(PKG_LIBS)

# Preloaded by tests/server/memory.t.
$(BUILD)/mallocs.so: tests/server/mallocs.c $(BUILD)/flags
	$(call say,LD,$@)
	$(Q)$(CC) -std=c11 -O2 -Wall -Wextra -fPIC -shared -o $@ $<

.PRECIOUS: $(BUILD)/obj/%.o

.PHONY: unit
unit: $(UNIT)

.PHONY: test-programs
test-programs: all $(UNIT) $(REPLAY) $(BUILD)/mallocs.so

.PHONY: test
test: test-programs ## Run all tests (MODE=asan: under sanitizers)
	$(Q)MODE=$(MODE) BUILD=$(BUILD) sh tests/run.sh

.PHONY: check
check: ## Layers, headers alone, style, exports, then all tests
	$(Q)sh tests/tools/layers.sh
	$(Q)CC='$(CC)' CFLAGS='$(filter-out -MMD -MP,$(ALL_CFLAGS))' \
		sh tests/tools/headers.sh
	$(Q)sh tests/tools/style.sh
	$(Q)$(MAKE) --no-print-directory test-programs $(BUILD)/bench-engine
	$(Q)sh tests/tools/exports.sh $(BUILD)
	$(Q)$(MAKE) --no-print-directory test

.PHONY: e2e-tools
e2e-tools: ## Build etcd, kube-apiserver and so on, once (about 7 minutes)
	$(Q)sh tests/e2e/tools/build.sh >&2

E2E ?= tests/e2e/scenarios/*.t tests/e2e/placement/placement.t
.PHONY: e2e
e2e: all e2e-tools ## A real API server and scheduler ask and judge
	$(Q)KEEPGATE=$(abspath $(BUILD))/keepgate prove --exec '' $(E2E)

.PHONY: bench-e2e
bench-e2e: e2e-tools ## The webhook's duration, as the API server states it
	$(Q)$(MAKE) --no-print-directory MODE=bench build/bench/keepgate
	$(Q)KEEPGATE=$(abspath build/bench/keepgate) tests/e2e/bench.py

.PHONY: tsan
tsan: ## The server under ThreadSanitizer, while everything changes
	$(Q)$(MAKE) --no-print-directory MODE=tsan tsan-run

.PHONY: tsan-run
tsan-run: $(BUILD)/keepgate
	$(Q)BUILD=$(BUILD) sh tests/server/tsan.sh

.PHONY: torture
torture: ## Fail every allocation in turn (MODE=asan: leaks show)
	$(Q)$(MAKE) --no-print-directory $(BUILD)/torture
	$(Q)$(BUILD)/torture $(if $(filter asan,$(MODE)),--alone)

.PHONY: format
format: ## Format all C files in place
	$(Q)clang-format -i $$(git ls-files '*.c' '*.h')

.PHONY: fuzz
fuzz: ## Build the fuzz targets (clang), FUZZ_SECONDS=60 of each
	$(Q)$(MAKE) --no-print-directory MODE=fuzz fuzz-run

.PHONY: fuzz-run fuzz-programs
fuzz-programs: $(FUZZ)
fuzz-run: fuzz-programs
	$(Q)sh tests/fuzz/run.sh $(BUILD) $(or $(FUZZ_SECONDS),60)

.PHONY: bench
bench: ## Measure; prints lines name<TAB>value<TAB>unit
	$(Q)$(MAKE) --no-print-directory MODE=bench bench-run

.PHONY: bench-run
bench-run: $(BUILD)/keepgate $(BUILD)/bench-engine
	$(Q)sh tests/bench/run.sh $(BUILD)

# --- Using it ----------------------------------------------------------------

.PHONY: demo
demo: all ## Start the server, send it reviews, show verdicts and audit log
	$(Q)KEEPGATE=$(BUILD)/keepgate sh examples/demo.sh

.PHONY: man
man: $(BUILD)/keepgate ## Write manual pages and completions to build/MODE/share
	$(Q)sh src/cli/pages.sh $(BUILD)/keepgate $(BUILD)/share

.PHONY: install
install: man ## Install to DESTDIR, PREFIX
	install -d $(DESTDIR)$(PREFIX)/bin
	install -m 755 $(BUILD)/keepgate $(DESTDIR)$(PREFIX)/bin/keepgate
	ln -sf keepgate $(DESTDIR)$(PREFIX)/bin/kubectl-keepgate
	install -d $(DESTDIR)$(PREFIX)/share/keepgate
	cp -R policies examples $(DESTDIR)$(PREFIX)/share/keepgate/
	cp -R $(BUILD)/share/. $(DESTDIR)$(PREFIX)/share/

.PHONY: clean
clean: ## Remove everything that was built
	rm -rf build

.PHONY: compile_commands.json
compile_commands.json: ## For editors and analysers
	$(Q)sh tests/tools/compile_commands.sh '$(CC) $(ALL_CFLAGS)' \
		$(LIB_SRC) $(APP_SRC) src/cli/main.c >$@

.PHONY: help
help: ## This list
	@echo 'MODE=release|bench|debug|asan|tsan|cov|fuzz builds into build/MODE'
	@sed -n 's/^\([a-z0-9_.-]*\):.*## \(.*\)/  \1\t\2/p' Makefile | expand -t 24

endif # deps among the goals
