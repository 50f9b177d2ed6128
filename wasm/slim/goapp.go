//go:build !js

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// workDir holds the copy of go-app and the go.mod that names it, relative to
// the top of the module, which is where slim runs.
const workDir = ".out/slim"

// goApp is the module that is copied, and its checksum in go.sum: the cuts below
// were read against exactly this one. Whoever takes another go-app reads them
// again, and writes its checksum here.
const (
	goApp    = "github.com/maxence-charriere/go-app/v10"
	goAppSum = "h1:4JUSlVQ8zVIeL3acFJEpuerP6FLoEQWg6CUTtHcz7Ro="
)

// packages of go-app that the client links.
var packages = []string{"pkg/app", "pkg/errors"}

// leftOut are the files of a server: the handler that serves a site, and for
// the tab the panic that stands for the generator of static sites. They are all
// that needs net/http, but for the cuts.
var leftOut = []string{"pkg/app/http.go", "pkg/app/wasm.go"}

// cut replaces a text that comes exactly once in a file.
type cut struct{ file, old, new string }

// cuts take net/http and regexp out of what is left. No line that the client
// runs is changed: LocalDir is a server's, and without RouteWithRegexp there is
// no route with a pattern. Both are renamed, so that a client which calls them
// does not build.
var cuts = []cut{
	{"pkg/app/resource.go", "\t\"net/http\"\n", ""},
	{"pkg/app/resource.go", "\t\tHandler:   http.FileServer(http.Dir(directory)),\n", ""},
	{"pkg/app/resource.go", "\thttp.Handler\n", ""},
	{"pkg/app/resource.go", "func LocalDir(", "func localDir("},
	{"pkg/app/route.go", "\t\"regexp\"\n", ""},
	{"pkg/app/route.go", "regexp.MustCompile(pattern)", "nil"},
	{"pkg/app/route.go", "*regexp.Regexp", "interface{ MatchString(string) bool }"},
	{"pkg/app/app.go", "func RouteWithRegexp(", "func routeWithRegexp("},
}

// writeModule writes the copy of go-app into dir, and beside it the go.mod that
// has it in the module's place; it returns the name of that file.
func writeModule(dir string) (string, error) {
	source, err := findGoApp()
	if err != nil {
		return "", err
	}
	copied := filepath.Join(dir, "go-app")
	if err := os.RemoveAll(copied); err != nil {
		return "", err
	}
	if err := copyModule(source, copied); err != nil {
		return "", fmt.Errorf("go-app: %w", err)
	}
	mod, err := os.ReadFile("go.mod")
	if err != nil {
		return "", err
	}
	sum, err := os.ReadFile("go.sum")
	if err != nil {
		return "", err
	}
	mod = fmt.Appendf(mod, "\nreplace %s => ./%s\n", goApp, filepath.ToSlash(copied))
	modfile := filepath.Join(dir, "client.mod")
	if err := os.WriteFile(modfile, mod, 0o644); err != nil {
		return "", err
	}
	return modfile, os.WriteFile(filepath.Join(dir, "client.sum"), sum, 0o644)
}

// findGoApp is where the module lies on this machine, if it is the known one. A
// fresh clone downloads it here.
func findGoApp() (string, error) {
	cmd := exec.Command("go", "mod", "download", "-json", goApp)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("go mod download: %w", err)
	}
	var m struct{ Version, Sum, Dir string }
	if err := json.Unmarshal(out, &m); err != nil {
		return "", fmt.Errorf("go mod download: %w", err)
	}
	if m.Sum != goAppSum {
		return "", fmt.Errorf("go-app %s is not the one that wasm/slim/goapp.go was written for: read the cuts there again", m.Version)
	}
	return m.Dir, nil
}

// copyModule copies the packages and their go.mod, less leftOut and tests, and
// makes the cuts. Error: also where a file to leave out or to cut is not there.
func copyModule(from, to string) error {
	files := []string{"go.mod"}
	for _, p := range packages {
		found, err := filepath.Glob(filepath.Join(from, filepath.FromSlash(p), "*.go"))
		if err != nil {
			return err
		}
		for _, f := range found {
			files = append(files, p+"/"+filepath.Base(f))
		}
	}
	for _, name := range leftOut {
		if !slices.Contains(files, name) {
			return fmt.Errorf("there is no %s to leave out", name)
		}
	}
	for _, c := range cuts {
		if !slices.Contains(files, c.file) {
			return fmt.Errorf("there is no %s to cut", c.file)
		}
	}
	for _, name := range files {
		if slices.Contains(leftOut, name) || strings.HasSuffix(name, "_test.go") {
			continue
		}
		if err := copyFile(from, to, name); err != nil {
			return err
		}
	}
	return nil
}

func copyFile(from, to, name string) error {
	b, err := os.ReadFile(filepath.Join(from, filepath.FromSlash(name)))
	if err != nil {
		return err
	}
	text := string(b)
	for _, c := range cuts {
		if c.file != name {
			continue
		}
		if n := strings.Count(text, c.old); n != 1 {
			return fmt.Errorf("%q comes %d times in %s, want 1", c.old, n, name)
		}
		text = strings.Replace(text, c.old, c.new, 1)
	}
	path := filepath.Join(to, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(text), 0o644)
}
