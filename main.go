//go:build !js

// Command tandem is the native program beside the messenger: it serves the app
// to tabs, and gives them a network to talk to. The messenger itself is the
// WebAssembly client in wasm, which this program only hands out.
//
//	tandem [run] [-port N] [-data DIR]       the app and a local network, until Ctrl-C
//	tandem build -o DIR [-network FILE] [-quick]   write the static site; any web server can host it
//	tandem gateway -origins URL,…            the byte bridge to the public network, for tabs of these origins
//	tandem gateway -write-nodes FILE         ask the seeds for the list of service nodes, for a build to bundle
//
// Nothing of the client's pages is linked in here: what is on the page before
// the client starts is the small shell below.
package main

import (
	"context"
	"embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core/gateway"
	"tandem/core/testnet"
)

// assets is the folder static with the client that make built into it, so that
// the program is one file.
//
//go:embed static
var assets embed.FS

// The local network. Its seed is known to all, and so are its nodes' keys: it
// is for one machine, and keeps node identities the same from run to run.
const (
	localNodes   = 30
	localSwarms  = 6
	localSeed    = "tandem: the local network, v1"
	localGateway = "/gateway"
	localGroups  = "groups.tandem.test" // where the nodes of that network find its open groups
	localRoom    = "lobby"
	defaultPort  = 8080
)

// version is how people call what is here. A site's own version is this and a
// hash of its content.
const version = "0.9.0"

// exitUsage is the status after a command line that makes no sense.
const exitUsage = 2

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := command(ctx, os.Args[1:]); err != nil {
		stop()
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "tandem:", sentence(err))
		}
		os.Exit(exitUsage)
	}
}

// command reads the command line and does what it says.
func command(ctx context.Context, args []string) error {
	name := "run"
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		name, args = args[0], args[1:]
	}
	flags := flag.NewFlagSet("tandem "+name, flag.ContinueOnError)
	switch name {
	case "run":
		port, err := portFromEnvironment()
		if err != nil {
			return err
		}
		p := &program{out: os.Stdout}
		flags.IntVar(&p.port, "port", port, "port on this machine; the variable PORT sets it too")
		flags.StringVar(&p.data, "data", "", "directory in which the network keeps its messages; without it they end with the program")
		if err := parse(flags, args); err != nil {
			return err
		}
		return errors.Join(p.Run(ctx), p.Close())
	case "build":
		dir := flags.String("o", "", "directory for the site; it must be new or empty")
		network := flags.String("network", "", "the network.json to publish; without it, that of the local network")
		quick := flags.Bool("quick", false, "pack files fast instead of small")
		if err := parse(flags, args); err != nil {
			return err
		}
		return build(*dir, *network, *quick)
	case "gateway":
		o := gateway.PublicOptions{Say: os.Stdout}
		o.Flags(flags)
		if err := parse(flags, args); err != nil {
			return err
		}
		return o.Run(ctx)
	}
	return fmt.Errorf("there is no command %q; there are run, build and gateway", name)
}

func parse(flags *flag.FlagSet, args []string) error {
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("%q makes no sense after %s", flags.Arg(0), flags.Name())
	}
	return nil
}

func portFromEnvironment() (int, error) {
	text := os.Getenv("PORT")
	if text == "" {
		return defaultPort, nil
	}
	port, err := strconv.Atoi(text)
	if err != nil || port < 0 || port > 65535 {
		return 0, fmt.Errorf("PORT=%s is not a port", text)
	}
	return port, nil
}

// sentence is what a person can do about an error.
func sentence(err error) string {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return "this port is taken by another program. PORT=8081 make run takes another one."
	case errors.Is(err, gateway.ErrNoClient), errors.Is(err, gateway.ErrNoDemo):
		return "the client is not built yet. make run and make build build it first."
	}
	return err.Error()
}

// program is one run: a local network, and the app in front of it.
type program struct {
	port int
	data string
	out  io.Writer

	server  *gateway.Server
	network *testnet.Network
	groups  *testnet.Groups
	nodes   *testnet.Servers
	site    string // temporary directory
}

// Run starts everything, prints where it is, and returns after ctx has ended
// or something failed. Close must be called afterwards in any case.
func (p *program) Run(ctx context.Context) (err error) {
	// The port first: if it is taken, nothing else needs to start.
	if p.server, err = gateway.Listen(p.port); err != nil {
		return err
	}
	if p.network, err = localNetwork(p.data); err != nil {
		return err
	}
	if p.groups, err = localLobby(p.network); err != nil {
		return err
	}
	if p.nodes, err = p.network.Serve(ctx); err != nil {
		return err
	}
	if p.site, err = os.MkdirTemp("", "tandem-site-"); err != nil {
		return err
	}
	if err := writeSite(p.site, p.network.NetworkFile("local", localGateway), nil, gateway.Quick); err != nil {
		return err
	}
	handler, err := gateway.Compose(os.DirFS(p.site), nil, gateway.Options{Nodes: p.upstreams})
	if err != nil {
		return err
	}
	p.greet(p.server.Port())
	return p.server.Run(ctx, handler)
}

// Close ends the network and removes what Run wrote, but not the data.
func (p *program) Close() error {
	var errs []error
	if p.server != nil {
		p.server.Close()
	}
	if p.nodes != nil {
		errs = append(errs, p.nodes.Close())
	}
	if p.network != nil {
		errs = append(errs, p.network.Close())
	}
	if p.site != "" {
		errs = append(errs, os.RemoveAll(p.site))
	}
	return errors.Join(errs...)
}

func (p *program) upstreams() []gateway.Upstream {
	var list []gateway.Upstream
	for _, n := range p.network.Nodes() {
		list = append(list, gateway.Upstream{Ed: n.Ed, URL: n.URL})
	}
	return list
}

func (p *program) greet(port int) {
	kept := "Messages live in memory and end with it; DATA=<directory> make run keeps them."
	if p.data != "" {
		kept = "The network's messages are kept in " + p.data + "."
	}
	fmt.Fprintf(p.out, `
Tandem runs, with a local network of %d service nodes.

    http://localhost:%-5d   one device
    http://127.0.0.1:%-5d   another device

Both lead to the same app. To the browser they are two origins with two
storages, and so two devices that know nothing of each other yet.

%s

There is an open group, too. Paste this into Join open group on any device; who
posts first moderates it, and what is said there ends with the program:

    %s

Ctrl-C ends it.

`, localNodes, port, port, kept, p.groups.URL(localRoom))
}

// localLobby is the open-group server of the local network, with one room.
func localLobby(n *testnet.Network) (*testnet.Groups, error) {
	o := testnet.GroupOptions{Host: localGroups, FirstModerates: true}
	copy(o.Seed[:], localSeed)
	g, err := n.NewGroups(o)
	if err == nil {
		g.Open(localRoom, "Lobby", "Everybody on this machine")
	}
	return g, err
}

func localNetwork(data string) (*testnet.Network, error) {
	o := testnet.Options{Nodes: localNodes, Swarms: localSwarms, Dir: data}
	copy(o.Seed[:], localSeed)
	return testnet.New(o)
}

// build writes the site for others to host, and says what weighs how much.
func build(dir, networkFile string, quick bool) error {
	if dir == "" {
		return errors.New("build needs -o DIR")
	}
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return fmt.Errorf("%s is not empty", dir)
	}
	network, beside, err := publishedNetwork(networkFile)
	if err != nil {
		return err
	}
	effort := gateway.Best
	if quick {
		effort = gateway.Quick
	}
	if err := writeSite(dir, network, beside, effort); err != nil {
		return err
	}
	for _, name := range []string{"app.wasm", "app.wasm.gz", "app.wasm.br", "demo.wasm", "demo.wasm.gz", "demo.wasm.br"} {
		info, err := os.Stat(filepath.Join(dir, "web", name))
		if err != nil {
			return err
		}
		fmt.Printf("%10d bytes  %s\n", info.Size(), name)
	}
	return nil
}

// publishedNetwork is the network.json to publish, and the files beside it.
func publishedNetwork(file string) (network []byte, beside fs.FS, err error) {
	if file != "" {
		network, err = os.ReadFile(file)
		return network, os.DirFS(filepath.Dir(file)), err
	}
	local, err := localNetwork("")
	if err != nil {
		return nil, nil, err
	}
	return local.NetworkFile("local", localGateway), nil, local.Close()
}

// writeSite writes the whole static site into a directory.
func writeSite(dir string, network []byte, beside fs.FS, effort gateway.Effort) error {
	static, err := staticFiles()
	if err != nil {
		return err
	}
	app.Route("/", func() app.Composer { return &shell{} })
	return gateway.Publish(dir, static, network, beside, effort, writeShell)
}

// writeShell lets go-app generate what stands around the client.
func writeShell(s gateway.Shell) error {
	err := app.GenerateStaticWebsite(s.Dir, &app.Handler{
		Name:        "Tandem",
		Title:       "Tandem",
		Description: "A messenger in a browser tab: no phone number, no company in the middle, all your devices.",
		// All four: go-app would fetch the others from a foreign host.
		Icon: app.Icon{
			Default:  "/web/icon-192.png",
			Large:    "/web/icon-512.png",
			Maskable: "/web/icon-maskable-512.png",
			// A tab's icon too: the page shows this picture as it loads, and one more
			// would come in between the program and its first page.
			SVG: "/web/icon-192.png",
		},
		ThemeColor:            "#0b6b5b",
		BackgroundColor:       "#ffffff",
		LoadingLabel:          "Loading…",
		Styles:                []string{"/web/app.css"},
		CacheableResources:    s.Keep(),
		RawHeaders:            []string{gateway.Preloads(s.Files), s.Policy, gateway.EarlyScript(s.Files)},
		Resources:             s.Files,
		Version:               version + "-" + s.Version,
		WasmContentLength:     strconv.Itoa(s.Client),
		ServiceWorkerTemplate: s.Worker,
	})
	if err != nil {
		return err
	}
	if err := writeManifest(s); err != nil {
		return err
	}
	if err := gateway.Loader(s.Dir, s.Page); err != nil {
		return err
	}
	return gateway.Demo(s)
}

// shell is what the page shows before the client runs, and all that it shows
// where the client cannot run. It offers nothing to press.
type shell struct{ app.Compo }

// Render is called once, by build.
func (*shell) Render() app.UI {
	return app.Main().Class("shell-page").Body(
		app.H1().Text("Tandem"),
		app.P().Text("A messenger in a browser tab."),
		app.NoScript().Body(
			app.P().Text("It needs JavaScript and WebAssembly, which this browser has switched off."),
		),
	)
}

// programs are what make builds into the folder static: the client and the demo.
var programs = [...]string{"app.wasm", "demo.wasm"}

// whole reports whether a folder static has all programs in it.
func whole(static fs.FS) bool {
	for _, name := range programs {
		if _, err := fs.Stat(static, name); errors.Is(err, fs.ErrNotExist) {
			return false
		}
	}
	return true
}

// staticFiles is the folder static with the programs in it. Where this one was
// built without one of them, as go run does in a fresh clone, they are built here
// and read from the disk. Error: gateway.ErrNoClient, also where there is no source.
func staticFiles() (fs.FS, error) {
	static, err := fs.Sub(assets, "static")
	if err != nil {
		return nil, err
	}
	if whole(static) {
		return static, nil
	}
	if _, err := os.Stat("wasm/slim/slim.go"); err != nil {
		return nil, gateway.ErrNoClient
	}
	clients := exec.Command("make", "--no-print-directory", "client")
	clients.Stdout, clients.Stderr = os.Stderr, os.Stderr
	if err := clients.Run(); err != nil {
		return nil, fmt.Errorf("%w: make client: %w", gateway.ErrNoClient, err)
	}
	return os.DirFS("static"), nil
}

// installDir holds what only a browser that installs the app asks for: it is
// published at the root of the site, and no worker keeps it.
const installDir = "static/install"

// manifestFile says what is installed. go-app's own has no shortcuts and no
// pictures, and this one takes its place.
const manifestFile = "manifest.webmanifest"

// writeManifest writes the files of installDir into the site. The manifest names
// icons by the marks of their content, as the page does.
func writeManifest(s gateway.Shell) error {
	entries, err := assets.ReadDir(installDir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		content, err := assets.ReadFile(installDir + "/" + e.Name())
		if err != nil {
			return err
		}
		if e.Name() == manifestFile {
			text := string(content)
			for _, path := range s.Files.Paths() {
				text = strings.ReplaceAll(text, `"`+path+`"`, `"`+s.Files.Resolve(path)+`"`)
			}
			content = []byte(text)
		}
		if err := os.WriteFile(filepath.Join(s.Dir, e.Name()), content, 0o644); err != nil {
			return err
		}
	}
	return nil
}
