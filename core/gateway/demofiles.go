//go:build !js

package gateway

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// Files of the demo. It is another program on the same site: its page is the
// shell with another script, and its script the app's with another clock and
// another program.
const (
	DemoScript = "demo.js" // in static/: its clock
	demoClient = "demo.wasm"
	demoDir    = "demo"
)

// Paths of the demo beside its program.
const (
	demoPath   = "/" + demoDir + "/"
	demoLoader = demoPath + loaderFile
)

// ErrNoDemo: like the client, make builds it.
var ErrNoDemo = errors.New("gateway: static/demo.wasm is missing")

// ErrDemo: the page or its loader are not as the demo's were made from them.
var ErrDemo = errors.New("gateway: the shell has no place for the demo")

// Keep are all paths that the worker may keep, sorted but for the demo's, which it
// keeps only where the demo was opened.
func (s Shell) Keep() []string { return append(s.Files.Paths(), demoPath, demoLoader) }

// Demo writes the demo's page and script after the app's, which are there and have
// their Loader. Errors: ErrNoDemo, ErrDemo, those of files.
func Demo(s Shell) error {
	if s.Files["/web/"+demoClient] == "" {
		return ErrNoDemo
	}
	err := os.MkdirAll(filepath.Join(s.Dir, demoDir), 0o755)
	if err == nil {
		err = rewrite(s.Dir, "index.html",
			swap{s.Files.Resolve("/web/" + clientFile), s.Files.Resolve("/web/" + demoClient)},
			swap{`src="/` + loaderFile + `"`, `src="` + demoLoader + `"`},
			swap{`href="/` + loaderFile + `"`, `href="` + demoLoader + `"`})
	}
	if err == nil {
		err = rewrite(s.Dir, loaderFile, swap{string(s.Page), string(slices.Concat(s.Page, s.Demo))})
	}
	if err != nil {
		return fmt.Errorf("gateway: demo: %w", err)
	}
	return nil
}

// swap is a text that comes once in a file, and what stands there in the demo's.
type swap struct{ old, new string }

// rewrite copies a file of the site to the demo's folder with some texts changed.
func rewrite(dir, name string, swaps ...swap) error {
	text, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return err
	}
	for _, s := range swaps {
		if bytes.Count(text, []byte(s.old)) != 1 {
			return fmt.Errorf("%w: %s", ErrDemo, name)
		}
		text = bytes.Replace(text, []byte(s.old), []byte(s.new), 1)
	}
	if filepath.Ext(name) == ".html" {
		text = sortAttributes(text)
	}
	return os.WriteFile(filepath.Join(dir, demoDir, name), text, 0o644)
}
