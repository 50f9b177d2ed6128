# Tandem: how to run, build and check it. `make help` lists the targets.
#
# Needed: Go, make and a shell; for the tests also Chromium and a C compiler,
# which Debian's root gets by itself. Whatever is built lies in .out, except the
# client and the demo, static/app.wasm and static/demo.wasm, which main.go embeds.

GO := go

# Tools run at fixed versions and stay out of go.mod, which is the product's own.
STATICCHECK_VERSION     := v0.8.2# 2026.2.2
WASMBROWSERTEST_VERSION := v0.11.0

# PORT and DATA are of `make run`, FUZZTIME (a target) of `make fuzz`, PART of
# `make mutants`.
PORT     ?= 8080
DATA     ?=
FUZZTIME ?= 60s
PART     ?=

# The most that the client may weigh on its way, packed by brotli, in bytes: a
# slow mobile line (1.5 Mbit/s) carries it in nine seconds.
CLIENT_LIMIT := 1650000

# Likewise of the demo, which has a whole network in it.
DEMO_LIMIT := 1900000

# Packages of the client in which a call stays a call, because they are long and
# run seldom: 0.13 MB less, packed. None that counts in keys or in the runtime is
# among them.
CALLED := tandem/web/... tandem/core/client/... tandem/wasm/... github.com/... rsc.io/... \
	bufio context encoding/json errors fmt html io log net/netip net/url os path reflect strconv strings time \
	tandem/core $(addprefix tandem/core/,backup delivery devices envelope friends linking mnemonic opengroup snapshot snode store swarm wire)

SLIM := -trimpath '-ldflags=-s -w' $(foreach p,$(CALLED),-gcflags=$(p)=-l)

# Arithmetic that shares nothing. The race detector has nothing to find in it, and
# would make it twenty times slower.
ARITHMETIC := filippo.io/edwards25519/... \
	$(addprefix crypto/internal/fips140/,aes aes/gcm bigmod edwards25519/... mlkem nistec/... sha256 sha3 sha512) \
	$(addprefix golang.org/x/crypto/,argon2 blake2b chacha20 chacha20poly1305 internal/poly1305)

OUT             := $(CURDIR)/.out
TANDEM          := $(OUT)/bin/tandem
STATICCHECK     := $(OUT)/bin/staticcheck-$(STATICCHECK_VERSION)/staticcheck
WASMBROWSERTEST := $(OUT)/bin/wasmbrowsertest-$(WASMBROWSERTEST_VERSION)/wasmbrowsertest

# For the tab all is compiled as the client is: that is what is to be tested, and
# nothing of it is compiled twice.
WASM := GOOS=js GOARCH=wasm GOFLAGS="$$FOR_TAB"
# A second at the end of each program, in which a race might still be told, is too long.
RACE := CGO_ENABLED=1 GORACE=atexit_sleep_ms=50 $(GO) test -race $(foreach p,$(ARITHMETIC),-gcflags '$(p)=-race=false')

# What has tests that the race detector would make too long, and what it is not for.
UNRACED := . ./core/demo ./core/snapshot ./core/testnet ./core/client/courier ./web/... ./wasm/slim ./wasm/tabs/agent

# Without -buildvcs=false a clone that belongs to somebody else does not build. What
# make vet looks at, no test looks at again.
export GOFLAGS := -buildvcs=false -vet=off $(GOFLAGS)
export FOR_TAB := $(GOFLAGS) $(SLIM)
export PORT

.NOTPARALLEL:
.DEFAULT_GOAL := help

## run: the app and a local network, until Ctrl-C (PORT=8080, DATA=directory that keeps messages)
.PHONY: run
run: tandem
	@exec $(TANDEM) run $(if $(DATA),-data '$(DATA)')

## build: the static site in .out/site, for any web server
.PHONY: build
build: tandem
	@echo '== site'
	@rm -rf $(OUT)/site
	$(TANDEM) build -o $(OUT)/site

## test: everything below, as continuous integration does
.PHONY: test
test: check native browser story fuzz-short

## check: format, vet and lint for both targets, and the import law
.PHONY: check
check: format vet lint law

## format: no file that gofmt would change (make fmt changes it)
.PHONY: format
format:
	@echo '== format'
	@files=$$(gofmt -l core main.go wasm web) || exit 1; \
	if [ -n "$$files" ]; then echo "gofmt differs, make fmt mends it:"; echo "$$files"; exit 1; fi

## fmt: let gofmt change the files
.PHONY: fmt
fmt:
	gofmt -w core main.go wasm web

## vet: go vet, natively and for the tab, there of the packages that have files for it alone
.PHONY: vet
vet: client
	@echo '== vet'
	$(GO) vet -tags soak,mutants,hosts ./...
	@tab="$$($(GO) list -tags soak,mutants,hosts -f '{{if .IgnoredGoFiles}}{{.ImportPath}}{{end}}' . ./core/... ./web/...)" || exit 1; \
	echo '$(WASM) $(GO) vet ./wasm/...' $$tab; \
	$(WASM) $(GO) vet ./wasm/... $$tab
	cd core/ratchet/interop && $(GO) vet ./...

## lint: staticcheck, natively and for the tab, which adds files in wasm alone
.PHONY: lint
lint: $(STATICCHECK)
	@echo '== lint'
	$(STATICCHECK) -tags soak,mutants,hosts ./...
	$(WASM) $(STATICCHECK) ./wasm/... ./web/...

## law: who may import whom
.PHONY: law
law:
	@echo '== law'
	$(GO) test -count=1 ./core

## native: native tests and interop; all of core with the race detector, but for what is long, which runs without it, beside, and waits most of its time
.PHONY: native
native: compiler
	@echo '== native, and beside it what waits and what is long of core/client'
	@mkdir -p $(OUT); beside=; \
	for kind in waits long; do \
	names="$$(grep -h -B 1 "^	$$kind(t)\$$" core/client/*_test.go | sed -nE 's/^func (Test[^(]*).*/\1/p')"; \
	if [ "$$(echo "$$names" | wc -l)" != "$$(grep -h "	$$kind(t)\$$" core/client/*_test.go | wc -l)" ]; then \
	echo "$$kind(t) is not the first line of each test that calls it: it would run nowhere"; exit 1; fi; \
	$(GO) test -timeout 20m -parallel 8 -run "^($$(echo "$$names" | paste -sd '|'))\$$" ./core/client > $(OUT)/$$kind 2>&1 & beside="$$beside $$!"; \
	done; \
	$(GO) test -timeout 20m $(UNRACED); plain=$$?; \
	echo '== race'; echo '$(RACE) -short -timeout 20m ./core/...'; \
	$(RACE) -short -timeout 20m ./core/...; race=$$?; \
	$(MAKE) --no-print-directory interop $(WASMBROWSERTEST); interop=$$?; \
	echo '== what ran beside'; \
	status=0; for one in $$beside; do wait $$one || status=$$?; done; cat $(OUT)/waits $(OUT)/long; \
	[ "$$plain $$race $$interop $$status" = '0 0 0 0' ]

## interop: the ratchet against libsignal (a module of its own, for its licence)
.PHONY: interop
interop:
	@echo '== interop'
	cd core/ratchet/interop && $(GO) test ./...

## browser: the tests of the tab's side, in Chromium
.PHONY: browser
browser: chromium $(WASMBROWSERTEST)
	@echo '== browser'
	$(WASM) $(GO) test -p 1 -exec=$(WASMBROWSERTEST) ./wasm/...
	@echo '== the vectors, in the browser too'
	$(WASM) $(GO) test -p 1 -exec=$(WASMBROWSERTEST) -run 'Vector|Published|Recorded|Claim13' \
		./core/mnemonic ./core/identity ./core/wire ./core/envelope ./core/snode ./core/onion ./core/ratchet

## story: whole devices in Chromium against a local network; two more at a time than there are processors, because each waits now and then
.PHONY: story
story: chromium tandem
	@echo '== story'
	$(GO) test -count=1 -p 1 -parallel $$(($$(getconf _NPROCESSORS_ONLN) + 2)) -timeout 40m ./wasm/story/...

## fuzz: each fuzz target for FUZZTIME (60s) as soon as its room is built; two for each processor, for the time in which one starts and ends
.PHONY: fuzz
fuzz:
	@echo '== fuzz, $(FUZZTIME) a target'
	@mkdir -p $(OUT)/fuzz
	@grep -rE --include='*_test.go' '^func Fuzz' core web | \
	sed -E 's|^(.*)/[^/]*\.go:func (Fuzz[A-Za-z0-9_]+).*|\1 \2|' | sort > $(OUT)/fuzz/targets
	@export GOCACHE="$$($(GO) env GOCACHE)"; \
	cut -d ' ' -f 1 $(OUT)/fuzz/targets | uniq | while read -r room; do \
	bin="$(OUT)/fuzz/$$(echo "$$room" | tr / -).test"; rm -f "$$bin"; \
	$(GO) test -c $(COVERED) -ldflags '-s -w' -o "$$bin" "./$$room" >&2; \
	grep "^$$room " $(OUT)/fuzz/targets; done | \
	xargs -n 2 -P "$$(($$(getconf _NPROCESSORS_ONLN) * 2))" sh -c "$$FUZZ_ONE"

# What the fuzzer follows: ours, and the reading of protobuf. With all of Go's
# library, which -fuzz takes, that library would be compiled once more.
COVERED := $(foreach p,tandem/... google.golang.org/protobuf/...,-gcflags=$(p)=-d=libfuzzer)

# One target: $$0 is its folder, $$1 its name. Without its program, which was not
# built, it fails. It makes way for the building of the next ones. An input that
# reaches something new is made smaller by a hundred tries, not for a minute, which
# would be all the time that there is. A bare "context deadline exceeded", with no
# input and no line of ours, is Go 1.26 stumbling over its own clock
# (go.dev/issue/75804): it says nothing about the target, which runs again.
define FUZZ_ONE
bin="$(OUT)/fuzz/$$(echo "$$0" | tr / -)"
log="$$bin-$$1"
cd "$$0" || exit 1
for try in 1 2 3; do
	nice "$$bin.test" -test.run '^$$' -test.fuzz "^$$1\$$" -test.fuzztime $(FUZZTIME) -test.parallel 1 \
		-test.fuzzminimizetime 100x -test.fuzzcachedir "$$GOCACHE/fuzz/tandem/$$0" > "$$log" 2>&1
	status=$$?
	echo "$$0 $$1"
	cat "$$log"
	[ $$status = 0 ] && exit 0
	grep -A1 '^--- FAIL' "$$log" | grep -q '^    context deadline exceeded$$' || exit 1
done
exit 1
endef
export FUZZ_ONE

.PHONY: fuzz-short
fuzz-short:
	@$(MAKE) --no-print-directory fuzz FUZZTIME=2s

## soak: the long tests (files with the build tag soak), then make mutants
.PHONY: soak
soak: compiler chromium tandem
	@echo '== soak'
	$(RACE) -tags soak -run '^TestSoak' -timeout 2h ./core/...
	$(GO) test -count=1 -v -tags soak -run '^TestSoak' -timeout 1h ./wasm/story
	@echo '== storms: 5,000, 50,000 and 1,000,000 messages'
	$(GO) test -count=1 -v -tags soak -run '^TestStorm' -timeout 24h ./core/client
	@$(MAKE) --no-print-directory mutants

## mutants: each check of linking and of the device list broken once: tests must notice (PART=linking/finish.go)
.PHONY: mutants
mutants:
	@echo '== mutants'
	$(GO) test -count=1 -tags mutants -run 'TestMutants$(if $(PART),/$(PART))' -timeout 1h ./core

## bench: the figures: size of the client, speed natively and in Chromium
.PHONY: bench
bench: build chromium $(WASMBROWSERTEST)
	@echo '== size'
	@size=$$(wc -c < $(OUT)/site/web/app.wasm.br); \
	echo "client, brotli 11: $$size bytes, limit $(CLIENT_LIMIT)"; \
	[ $$size -le $(CLIENT_LIMIT) ]
	@size=$$(wc -c < $(OUT)/site/web/demo.wasm.br); \
	echo "demo, brotli 11: $$size bytes, limit $(DEMO_LIMIT)"; \
	[ $$size -le $(DEMO_LIMIT) ]
	@echo '== in Chromium: cold and warm start (at most 1.25 times a bare go-app page), linking'
	@$(GO) test -run '^$$' -bench . -benchtime 1x ./wasm/story
	@echo '== native'
	@$(GO) test -run '^$$' -bench . ./core/... > $(OUT)/bench-native; status=$$?; cat $(OUT)/bench-native; exit $$status
	@echo '== a message to 1, 2, 4 and 8 devices at 100 ms a hop'
	@$(GO) test -count=1 -v -tags soak -run '^TestFigure' ./core/client
	@echo '== Chromium'
	@$(WASM) $(GO) test -exec=$(WASMBROWSERTEST) -run '^$$' -bench 'Onion1KB|PingPong' ./core/onion ./core/ratchet \
		> $(OUT)/bench-wasm; status=$$?; cat $(OUT)/bench-wasm; exit $$status
	@$(WASM) $(GO) test -exec=$(WASMBROWSERTEST) -run '^$$' -bench 'CatchUp|LongChat' -benchtime 1x ./core/client
	@echo '== Chromium : native'
	@awk '/^Benchmark/ { sub(/-[0-9]+$$/, "", $$1) } \
		/^Benchmark/ && NR == FNR { native[$$1] = $$3 } \
		/^Benchmark/ && NR != FNR && native[$$1] { printf "%-32s %12.0f ns %12.0f ns  %.1f\n", $$1, $$3, native[$$1], $$3 / native[$$1] }' \
		$(OUT)/bench-native $(OUT)/bench-wasm

## hosts: the site behind Debian's nginx and Caddy, configured as the README shows
.PHONY: hosts
hosts: chromium servers tandem
	@echo '== hosts'
	$(GO) test -count=1 -tags hosts -run '^TestHosts' ./wasm/story/site

## repro: the site, built twice in two folders and with empty caches, by make and by go: not a byte may differ
.PHONY: repro
repro:
	@rm -rf $(OUT)/repro
	@for place in one another/and/deeper; do \
		mkdir -p $(OUT)/repro/$$place/source && \
		tar -cf - --exclude=./.git --exclude=./.out --exclude='./static/*.wasm' . | tar -xf - -C $(OUT)/repro/$$place/source || exit 1; \
	done
	@export GOFLAGS="-modcacherw $$GOFLAGS"; dir=$(OUT)/repro/one; cd $$dir/source && \
		GOCACHE=$$dir/cache GOMODCACHE=$$dir/modules $(MAKE) --no-print-directory build
	@export GOFLAGS="-modcacherw $$GOFLAGS"; dir=$(OUT)/repro/another/and/deeper; cd $$dir/source && \
		GOCACHE=$$dir/cache GOMODCACHE=$$dir/modules $(GO) run . build -o .out/site
	@echo '== compared'
	@cd $(OUT)/repro && diff -r one/source/.out/site another/and/deeper/source/.out/site
	@cd $(OUT)/repro/one/source/.out/site && echo "all $$(find . -type f | wc -l) files are the same, byte by byte; SHA-256 of the demo and of the app:" && \
		sha256sum web/demo.wasm web/app.wasm
	@rm -rf $(OUT)/repro

## shots: the README's picture, taken in Chromium while two devices link
.PHONY: shots
shots: chromium tandem
	$(GO) test -count=1 -run '^TestStory$$' ./wasm/story
	@mkdir -p static/shots
	cp $(OUT)/story/TestStory-words-phone.png static/shots/linking.png

## clean: remove what was built
.PHONY: clean
clean:
	rm -rf $(OUT) static/app.wasm static/demo.wasm

## help: this list
.PHONY: help
help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST)

# The parts.

.PHONY: client
client:
	@echo '== client'
	$(GO) run ./wasm/slim static/app.wasm $(SLIM) ./wasm
	$(GO) run ./wasm/slim static/demo.wasm $(SLIM) ./wasm/demo

.PHONY: tandem
tandem: client
	@echo '== program'
	$(GO) build -o $(TANDEM) .

$(STATICCHECK):
	GOBIN=$(@D) $(GO) install honnef.co/go/tools/cmd/staticcheck@$(STATICCHECK_VERSION)

$(WASMBROWSERTEST):
	GOBIN=$(@D) $(GO) install github.com/agnivade/wasmbrowsertest@$(WASMBROWSERTEST_VERSION)

# The tests are never skipped for want of a tool: it is installed where that is
# possible, and asked for where it is not.

.PHONY: chromium
chromium:
	@for name in chromium chromium-browser google-chrome google-chrome-stable; do \
		command -v $$name > /dev/null && exit 0; \
	done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; then \
		echo '== Chromium is missing: installing it'; \
		apt-get update && apt-get install -y --no-install-recommends chromium; \
	else \
		echo 'Chromium is missing: install it (on Debian: apt-get install chromium) and run this again.' >&2; exit 1; \
	fi

.PHONY: servers
servers:
	@command -v nginx > /dev/null && command -v caddy > /dev/null && exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; then \
		echo '== nginx or Caddy is missing: installing both'; \
		apt-get update && apt-get install -y --no-install-recommends nginx libnginx-mod-http-brotli-static caddy; \
	else \
		echo 'nginx or Caddy is missing: install both (on Debian: apt-get install nginx libnginx-mod-http-brotli-static caddy) and run this again.' >&2; exit 1; \
	fi

.PHONY: compiler
compiler:
	@command -v "$$($(GO) env CC)" > /dev/null && exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; then \
		echo '== a C compiler is missing (the race detector needs it): installing gcc'; \
		apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev; \
	else \
		echo 'A C compiler is missing, which the race detector needs: install gcc and run this again.' >&2; exit 1; \
	fi
