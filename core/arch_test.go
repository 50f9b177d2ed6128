//go:build !js

package core_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// The import law: downward only.
//
//	main, wasm → web → web/view, core/client → machines → snode, onion
//	  → envelope, identity, wire, mnemonic → core
//
// It is checked on the direct imports of our own packages, natively and for
// the tab. Every package has a row here, and every row a package.

// Floors of the house, each with all below it.
var (
	nouns   = []string{"core"}
	formats = slices.Concat(nouns, []string{"core/mnemonic", "core/wire", "core/identity", "core/envelope"})
	travel  = slices.Concat(formats, []string{"core/snode", "core/onion"})
)

// room is a package of ours and the packages of ours that it may import.
type room struct {
	path string
	may  []string
	why  string
}

const machine = "machines know neither each other nor the store; core/client composes them"

var rooms = []room{
	{"core", nil, "the nouns are below everything"},
	{"core/mnemonic", nouns, "words are bytes"},
	{"core/wire", nouns, "bytes know nothing of keys and nodes"},
	{"core/identity", []string{"core", "core/mnemonic", "core/wire"}, "the keeper of keys knows nobody who uses them"},
	{"core/envelope", []string{"core", "core/wire", "core/identity"}, "sealing needs bytes and keys, and no node"},
	{"core/snode", formats, "requests are built and read; how they travel is onion's and the courier's matter"},
	{"core/onion", formats, "layers do not know what they carry"},

	{"core/swarm", travel, machine},
	{"core/ratchet", travel, machine},
	{"core/devices", travel, machine},
	{"core/linking", travel, machine},
	{"core/opengroup", travel, machine},
	{"core/delivery", travel, machine},
	{"core/friends", formats, machine},
	{"core/snapshot", formats, "what the devices agree on is merged and sealed; who carries it, and when, is the client's matter"},

	{"core/backup", formats, "a file is bytes; what goes into it, and what becomes of it, is the client's matter"},

	{"core/store", formats, "records are bytes; machines do not know that they are kept"},
	{"core/store/memkv", []string{"core/store"}, "a twin implements the contract and knows nothing else"},
	{"core/store/storetest", []string{"core/store"}, "the suite knows the contract and nothing else"},

	{"core/client/courier", slices.Concat(travel, []string{"core/swarm"}), "the way to the network; what it carries is the client's matter"},
	{"core/client", slices.Concat(travel, []string{
		"core/backup", "core/client/courier", "core/delivery", "core/devices", "core/friends", "core/linking", "core/opengroup", "core/ratchet", "core/snapshot", "core/store", "core/swarm",
	}), "the client composes the machines; it never knows its network or its browser"},

	{"core/testnet", travel, "the network is the other side: it shares the wire with the client and no state"},
	{"core/testnet/plain", []string{"core", "core/identity", "core/snode", "core/testnet"},
		"a messenger of another kind: it shares keys and storage RPC with Tandem, and neither formats nor machines"},
	{"core/gateway", []string{"core", "core/snode"}, "the bridge carries bytes that it cannot read; it reads the list of nodes as a client does"},

	{"core/demo", []string{"core", "core/client", "core/store", "core/store/memkv", "core/testnet"},
		"the demo is clients and a network that know nothing of it; only its own program and page know it"},

	{"core/client/mirror", []string{"core", "core/client", "core/mnemonic"}, "tabs show one client to each other; how they speak is the browser's matter"},

	{"web/view", []string{"core", "core/client", "core/mnemonic"}, "views are pure functions of snapshots"},
	{"web/tag", nil, "elements know nothing of what they show"},
	{"web/part", []string{"core", "core/client", "web/tag", "web/view"}, "parts draw what a view says"},
	{"web", []string{"core", "core/client", "web/part", "web/tag", "web/view"}, "pages know the engine and nothing below it"},

	{"web/demo", []string{"core", "core/client", "core/demo", "web", "web/part", "web/tag", "web/view"},
		"the page of the demo draws its world, and the app's own pages in it; only its program links it"},

	{"wasm/octets", nil, "bytes across the border of Go and JavaScript"},
	{"wasm/promise", nil, "promises across the border of Go and JavaScript"},
	{"wasm/demo", []string{"core", "core/demo", "wasm/scan", "web/demo"}, "the demo's main wires; there is no storage in it, and no way out"},
	{"wasm/fetch", []string{"core", "wasm/octets", "wasm/promise"}, "an adapter knows its contract and the browser"},
	{"wasm/idb", []string{"core/store", "wasm/octets", "wasm/promise"}, "an adapter knows its contract and the browser"},
	{"wasm/scan", []string{"wasm/promise", "web/view"}, "an adapter knows its contract and the browser"},
	{"wasm/host", []string{"wasm/octets", "wasm/promise", "web", "web/view"}, "an adapter knows its contract and the browser"},
	{"wasm/tabs", []string{"core", "wasm/promise", "wasm/tabs/agent"}, "an adapter knows its contract and the browser"},
	{"wasm/tabs/agent", []string{"core"}, "reading a user agent needs no browser"},
	{"wasm", []string{
		"core", "core/client", "core/client/courier", "core/client/mirror", "core/store", "web", "web/view", "wasm/fetch", "wasm/host", "wasm/idb", "wasm/promise", "wasm/scan", "wasm/tabs",
		"wasm/tabs/agent",
	}, "the client's main wires"},
	{"wasm/slim", nil, "it builds the client and is no part of it"},
	{"wasm/story", nil, "nothing there but tests"},
	{"wasm/story/site", nil, "nothing there but tests"},
	{"wasm/story/hello", nil, "the bare program that cold starts are measured against"},

	{"", []string{"core/gateway", "core/testnet"}, "the native program hands the client out and does not link it"},
}

// ban is a package that only some rooms may import, "/..." meaning all below.
type ban struct {
	path   string
	except string   // a package below path that everyone may import
	rooms  []string // who may
	native bool     // they too only natively
	why    string
}

var bans = []ban{
	{path: "net/http/...", rooms: []string{"core/gateway", "core/testnet"}, native: true,
		why: "one use of it in the client costs 0.85 MB of download"},
	{path: "syscall/js", rooms: []string{"wasm/..."},
		why: "the browser appears in one room"},
	{path: "github.com/maxence-charriere/go-app/v10/...", rooms: []string{"", "web/...", "wasm/..."},
		why: "the core has no user interface"},
	{path: "google.golang.org/protobuf/...", except: "google.golang.org/protobuf/encoding/protowire",
		why: "reflection on messages costs 0.49 MB of download; protowire costs 6 KB"},
	{path: "github.com/hack-pad/go-indexeddb/...", rooms: []string{"wasm/idb"},
		why: "a foreign library enters by one door"},
	{path: "github.com/andybalholm/brotli/...", rooms: []string{"core/gateway"},
		why: "a foreign library enters by one door; browsers unpack by themselves"},
	{path: "github.com/chromedp/...",
		why: "it drives the tests' browser"},
	{path: "rsc.io/qr/...", rooms: []string{"web/view"},
		why: "a foreign library enters by one door"},
	{path: "github.com/makiuchi-d/gozxing/...",
		why: "it reads QR codes for the tests"},
	{path: "crypto/ecdh", rooms: []string{"core/testnet"},
		why: "its NIST curves cost 100 KB of download; core/identity has X25519"},
	{path: "golang.org/x/crypto/curve25519",
		why: "it is crypto/ecdh"},
	{path: "golang.org/x/crypto/nacl/box",
		why: "it is crypto/ecdh; core/identity has crypto_box_seal"},
	{path: "time", rooms: []string{"core/client/...", "core/demo", "core/gateway", "core/testnet", "web/...", "wasm/..."},
		why: "in core time is an argument; whoever needs a clock is hard to test"},
	{path: "math/rand/...", rooms: []string{"core/client/courier", "core/demo", "core/swarm", "core/testnet", "core/store/storetest"},
		why: "randomness is crypto/rand's; the courier only spreads its retries, the demo rolls dice, and swarm seeds from it, so that a simulation can repeat its choices"},
	{path: "log/...", rooms: []string{"core/gateway", "core/testnet"},
		why: "a log is where secrets and addresses end up; these two only silence net/http"},
	{path: "unsafe",
		why: "all input is hostile"},
}

// notInTheTab are packages that must not even be imported by an import of the
// client: they are another side's, or too heavy.
var notInTheTab = map[string]string{
	"tandem/core/testnet":                             "a network is no part of a messenger; the demo has a client of its own",
	"tandem/core/demo":                                "the demo has a client of its own",
	"tandem/core/gateway":                             "the gateway is the other side",
	"google.golang.org/protobuf/reflect/protoreflect": "0.49 MB of download",
	"github.com/andybalholm/brotli":                   "browsers unpack by themselves",
}

// topLevel is all there is beside dot-files; the user of this project fixed it.
var topLevel = []string{"LICENSE", "Makefile", "README.md", "core", "go.mod", "go.sum", "main.go", "static", "wasm", "web"}

const module = "tandem"

// target is one of the two worlds that our packages are built for.
type target struct {
	name string
	env  []string
}

var (
	native = target{name: "native"}
	tab    = target{name: "js/wasm", env: []string{"GOOS=js", "GOARCH=wasm", "CGO_ENABLED=0"}}
)

// pkg is what go list knows of a package.
type pkg struct {
	ImportPath                         string
	Imports, TestImports, XTestImports []string
}

// room is the row's path of a package of ours, and whether it is ours.
func (p pkg) room() string { return roomOf(p.ImportPath) }

func roomOf(path string) string {
	return strings.TrimPrefix(strings.TrimPrefix(path, module), "/")
}

func ours(path string) bool { return path == module || strings.HasPrefix(path, module+"/") }

// golist runs go list at the top of the module.
func golist(in target, args ...string) ([]byte, error) {
	cmd := exec.Command("go", append([]string{"list"}, args...)...)
	cmd.Dir = ".."
	cmd.Env = append(os.Environ(), in.env...)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list %s: %w\n%s", strings.Join(args, " "), err, &said)
	}
	return out, nil
}

func list(t *testing.T, in target, args ...string) []string {
	t.Helper()
	out, err := golist(in, args...)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(string(out))
}

// all are our packages for each target, asked for once.
var all = map[string]func() ([]pkg, error){
	native.name: sync.OnceValues(func() ([]pkg, error) { return readAll(native) }),
	tab.name:    sync.OnceValues(func() ([]pkg, error) { return readAll(tab) }),
}

func readAll(in target) ([]pkg, error) {
	out, err := golist(in, "-json=ImportPath,Imports,TestImports,XTestImports", "./...")
	if err != nil {
		return nil, err
	}
	var all []pkg
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := d.Decode(&p); err == io.EOF {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
}

func packages(t *testing.T, in target) []pkg {
	t.Helper()
	all, err := all[in.name]()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// matches reports whether path is pattern or, with "/...", below it.
func matches(path, pattern string) bool {
	dir, all := strings.CutSuffix(pattern, "/...")
	return path == dir || all && strings.HasPrefix(path, dir+"/")
}

func TestLawOfRooms(t *testing.T) {
	law := map[string]room{}
	for _, r := range rooms {
		law[r.path] = r
	}
	exists := map[string]bool{}
	for _, in := range []target{native, tab} {
		for _, p := range packages(t, in) {
			exists[p.room()] = true
			r, ok := law[p.room()]
			if !ok {
				t.Errorf("%s has no row in the law: say what it may import, and why", p.ImportPath)
				continue
			}
			for _, path := range p.Imports {
				if ours(path) && !slices.Contains(r.may, roomOf(path)) {
					t.Errorf("%s: %s imports %s: %s", in.name, p.ImportPath, path, r.why)
				}
			}
		}
	}
	for _, r := range rooms {
		if !exists[r.path] {
			t.Errorf("the law has a row for %s/%s, which does not exist", module, r.path)
		}
		for _, other := range r.may {
			if _, ok := law[other]; !ok {
				t.Errorf("the row of %s/%s names %s, which has no row", module, r.path, other)
			}
		}
	}
}

func TestLawOfBans(t *testing.T) {
	used := map[string]bool{} // "ban room" pairs that stand for an import
	for _, in := range []target{native, tab} {
		for _, p := range packages(t, in) {
			for _, b := range bans {
				for _, path := range p.Imports {
					if !matches(path, b.path) || path == b.except {
						continue
					}
					i := slices.IndexFunc(b.rooms, func(room string) bool { return matches(p.room(), room) })
					if i < 0 || b.native && in.name != native.name {
						t.Errorf("%s: %s imports %s: %s", in.name, p.ImportPath, path, b.why)
						continue
					}
					used[b.path+" "+b.rooms[i]] = true
				}
			}
		}
	}
	for _, b := range bans {
		for _, room := range b.rooms {
			if !used[b.path+" "+room] {
				t.Errorf("the ban on %s excepts %q, which does not use it", b.path, room)
			}
		}
	}
}

// Tests may import more, but the core's run natively and in wasm, so they need
// no user interface either.
func TestLawOfTests(t *testing.T) {
	for _, p := range packages(t, tab) {
		for _, path := range slices.Concat(p.TestImports, p.XTestImports) {
			if matches(path, "net/http/...") && strings.HasPrefix(p.room(), "core") {
				t.Errorf("a test of %s imports %s without the build tag !js", p.ImportPath, path)
			}
		}
	}
	for _, p := range packages(t, native) {
		for _, path := range slices.Concat(p.TestImports, p.XTestImports) {
			if matches(path, "github.com/chromedp/...") && !matches(p.room(), "wasm/story/...") {
				t.Errorf("a test of %s imports %s: browsers are driven from wasm/story", p.ImportPath, path)
			}
			if strings.Contains(path, "/go-app/") && strings.HasPrefix(p.room(), "core") {
				t.Errorf("a test of %s imports %s: the core has no user interface", p.ImportPath, path)
			}
		}
	}
}

func TestLawOfTheClient(t *testing.T) {
	deps := list(t, tab, "-deps", "./wasm")
	if !slices.Contains(deps, "syscall/js") {
		t.Fatal("this is not the client's list")
	}
	for path, why := range notInTheTab {
		if slices.Contains(deps, path) {
			t.Errorf("the client contains %s: %s", path, why)
		}
		// A ban on something that no longer exists protects nothing.
		list(t, native, path)
	}
}

func TestLawOfTheTop(t *testing.T) {
	entries, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	var have []string
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") {
			have = append(have, e.Name())
		}
	}
	if !slices.Equal(have, topLevel) {
		t.Errorf("at the top are %v, want exactly %v", have, topLevel)
	}
}

// go-app carries a copy of the script that starts Go in a browser. It must be
// the one of the compiler that builds the client.
func TestLawOfTheLoader(t *testing.T) {
	want, err := os.ReadFile(filepath.Join(goroot(t), "lib", "wasm", "wasm_exec.js"))
	if err != nil {
		t.Fatal(err)
	}
	out, err := golist(native, "-f", "{{.Dir}}", "github.com/maxence-charriere/go-app/v10/pkg/app")
	if err != nil {
		t.Fatal(err)
	}
	dir := strings.TrimSpace(string(out))
	if got := constant(t, filepath.Join(dir, "scripts.go"), "wasmExecJSGoCurrent"); got != string(want) {
		t.Error("go-app's wasm_exec.js is not the compiler's: take the go-app that goes with this Go, or the other way round")
	}
}

func goroot(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// constant reads a string constant out of a Go file.
func constant(t *testing.T, file, name string) string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var text string
	ast.Inspect(parsed, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || spec.Names[0].Name != name {
			return true
		}
		if lit, ok := spec.Values[0].(*ast.BasicLit); ok {
			text, err = strconv.Unquote(lit.Value)
		}
		return false
	})
	if text == "" || err != nil {
		t.Fatalf("%s has no constant %s: %v", file, name, err)
	}
	return text
}
