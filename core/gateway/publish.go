//go:build !js

package gateway

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// The files of static/ that are not published as they are: the page's generator fills
// in the worker, and puts the scripts of what stands around the client before its own.
const (
	WorkerTemplate = "app-worker.js"
	HostScript     = "host.js"
	PageScript     = "page.js"
)

// styles are published as one, under the name of styleFile, in the order in which they
// count: each file that a page waits for makes it wait some milliseconds longer.
var styles = []string{"tokens.css", styleFile, "shell.css"}

const styleFile = "app.css"

const clientFile = "app.wasm"

// ErrNoClient: the client is built into static/ by make; a compiler alone does
// not do it.
var ErrNoClient = errors.New("gateway: static/app.wasm is missing")

// Shell is what a generator needs to write the page around the client:
// index.html, its loader, the manifest and the service worker.
type Shell struct {
	Dir     string // where to write
	Version string // names the content of the whole site
	Files   Marks  // everything that is published below /web/, network.json, and the list of nodes
	Client  int    // bytes of app.wasm, unpacked: the loader counts these
	Worker  string // template of the service worker
	Page    []byte // the script for Loader
	Demo    []byte // the script that goes between Page and the demo's loader
	Policy  string // the Content-Security-Policy, as an element for <head>
}

// Publish writes a complete static site into dir: the files of static below
// web/, network.json and the list of nodes that it may name (from the files
// beside it, nil for none), what write generates, and all of it again in packed
// form; and for static hosts the headers to send. Folders of static are pictures
// for readers of the source and stay out.
//
// The version is a hash of the content. As the page names its version, write is
// called twice: for the content, then with its name.
func Publish(dir string, static fs.FS, network []byte, beside fs.FS, e Effort, write func(Shell) error) error {
	policy, err := Policy(network)
	if err != nil {
		return err
	}
	name, list, err := bundled(network, beside)
	if err != nil {
		return err
	}
	worker, err := fs.ReadFile(static, WorkerTemplate)
	if err != nil {
		return fmt.Errorf("gateway: publish: %w", err)
	}
	page, err := joined(static, HostScript, PageScript)
	if err != nil {
		return fmt.Errorf("gateway: publish: %w", err)
	}
	demo, err := fs.ReadFile(static, DemoScript)
	if err != nil {
		return fmt.Errorf("gateway: publish: %w", err)
	}
	shell := Shell{Dir: dir, Version: "0", Worker: string(worker), Page: page, Demo: demo, Policy: policyElement(policy)}
	if shell.Files, shell.Client, err = publishFiles(dir, static, network); err != nil {
		return fmt.Errorf("gateway: publish: %w", err)
	}
	if name != "" {
		shell.Files["/"+name] = Mark(list)
		if err := os.WriteFile(filepath.Join(dir, name), list, 0o644); err != nil {
			return fmt.Errorf("gateway: publish: %w", err)
		}
	}
	if err := writeShell(shell, write); err != nil {
		return err
	}
	if shell.Version, err = Digest(os.DirFS(dir)); err != nil {
		return err
	}
	if err := writeShell(shell, write); err != nil {
		return err
	}
	if err := writeSums(dir, []string{NetworkPath, "/" + name}); err != nil {
		return fmt.Errorf("gateway: publish: %w", err)
	}
	if err := Pack(dir, e); err != nil {
		return err
	}
	pages, err := readPages(dir)
	if err != nil {
		return fmt.Errorf("gateway: publish: %w", err)
	}
	return os.WriteFile(filepath.Join(dir, headersFile), staticHeaders(policy, pages), 0o644)
}

// readPages reads the pages that ask for something ahead, by their address.
func readPages(dir string) (map[string][]byte, error) {
	pages := map[string][]byte{}
	for address, name := range map[string]string{"/": "index.html", demoPath: demoDir + "/index.html"} {
		page, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		if ahead(page) != "" {
			pages[address] = page
		}
	}
	return pages, nil
}

// publishFiles copies the files and marks their content.
func publishFiles(dir string, static fs.FS, network []byte) (marks Marks, client int, err error) {
	entries, err := fs.ReadDir(static, ".")
	if err != nil {
		return nil, 0, err
	}
	if err := os.MkdirAll(filepath.Join(dir, "web"), 0o755); err != nil {
		return nil, 0, err
	}
	marks = Marks{NetworkPath: Mark(network)}
	if err := os.WriteFile(filepath.Join(dir, NetworkPath), network, 0o644); err != nil {
		return nil, 0, err
	}
	for _, e := range entries {
		parts := []string{e.Name()}
		switch name := e.Name(); {
		case name == styleFile:
			parts = styles
		case e.IsDir() || slices.Contains(styles, name) || slices.Contains([]string{WorkerTemplate, HostScript, PageScript, DemoScript}, name):
			continue
		}
		content, err := joined(static, parts...)
		if err != nil {
			return nil, 0, err
		}
		if e.Name() == clientFile {
			client = len(content)
		}
		marks["/web/"+e.Name()] = Mark(content)
		if err := os.WriteFile(filepath.Join(dir, "web", e.Name()), content, 0o644); err != nil {
			return nil, 0, err
		}
	}
	if client == 0 {
		return nil, 0, ErrNoClient
	}
	return marks, client, nil
}

// joined are some files as one.
func joined(static fs.FS, names ...string) ([]byte, error) {
	var all []byte
	for _, name := range names {
		content, err := fs.ReadFile(static, name)
		if err != nil {
			return nil, err
		}
		all = append(all, content...)
	}
	return all, nil
}

// writeShell calls the generator and puts the page in order.
func writeShell(s Shell, write func(Shell) error) error {
	if err := write(s); err != nil {
		return fmt.Errorf("gateway: publish: %w", err)
	}
	name := filepath.Join(s.Dir, "index.html")
	page, err := os.ReadFile(name)
	if err != nil {
		return fmt.Errorf("gateway: publish: %w", err)
	}
	return os.WriteFile(name, sortAttributes(page), 0o644)
}

var (
	openTag   = regexp.MustCompile(`<[a-z][a-z0-9]*( [a-z-]+(="[^"]*")?)+>`)
	attribute = regexp.MustCompile(` [a-z-]+(="[^"]*")?`)
)

// sortAttributes gives each element's attributes in one order. go-app writes
// them in the order of a map, which is another one each time; then the same
// source would be a new version at each start.
func sortAttributes(page []byte) []byte {
	return openTag.ReplaceAllFunc(page, func(tag []byte) []byte {
		list := attribute.FindAll(tag, -1)
		name := tag[:bytes.IndexByte(tag, ' ')]
		slices.SortFunc(list, bytes.Compare)
		return append(append(bytes.Clone(name), bytes.Join(list, nil)...), '>')
	})
}

// policyElement puts the policy into the page too, for hosts that send no
// headers. Browsers take frame-ancestors for a mistake there.
func policyElement(policy string) string {
	policy = strings.ReplaceAll(policy, "; frame-ancestors 'none'", "")
	return `<meta http-equiv="Content-Security-Policy" content="` + policy + `">`
}

// Marks are paths of the site and the marks of their content.
type Marks map[string]string

// Resolve is the address that a page uses for a path: /web/x?v=<mark>, which
// may be kept for ever, or the path itself if it has no mark.
func (m Marks) Resolve(path string) string {
	if mark, ok := m[path]; ok {
		return path + "?v=" + mark
	}
	return path
}

// Paths are all paths with a mark, sorted.
func (m Marks) Paths() []string {
	var paths []string
	for path := range m {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	return paths
}
