//go:build !js

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// With the copy of go-app the client imports nothing of a server, by whatever
// way.
func TestClientHasNoServer(t *testing.T) {
	t.Chdir(filepath.Join("..", ".."))
	dir := filepath.Join(".out", "slim-test")
	t.Cleanup(func() { os.RemoveAll(dir) })
	modfile, err := writeModule(dir)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "list", "-modfile="+modfile, "-deps", "./wasm")
	cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	deps := strings.Fields(string(out))
	if !slices.Contains(deps, goApp+"/pkg/app") {
		t.Fatal("this is not the client's list")
	}
	for path, why := range map[string]string{
		"net/http":    "0.2 MB of download",
		"regexp":      "0.1 MB of download",
		"crypto/ecdh": "0.1 MB of download: the tables of the NIST curves",
	} {
		if slices.Contains(deps, path) {
			t.Errorf("the client contains %s: %s", path, why)
		}
	}
}

// A go-app that is not as it was read is not cut blindly.
func TestCopyModuleRefuses(t *testing.T) {
	files := map[string]string{"go.mod": "module x\n", "pkg/app/http.go": "", "pkg/app/wasm.go": ""}
	for _, c := range cuts {
		files[c.file] += c.old
	}
	write := func(t *testing.T, changed, text string) string {
		dir := t.TempDir()
		for name, content := range files {
			if name == changed {
				content = text
			}
			path := filepath.Join(dir, filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		return dir
	}
	if err := copyModule(write(t, "", ""), t.TempDir()); err != nil {
		t.Fatal(err)
	}
	for name, dir := range map[string]string{
		"a text is gone":       write(t, "pkg/app/app.go", "package app\n"),
		"a text comes twice":   write(t, "pkg/app/app.go", strings.Repeat(files["pkg/app/app.go"], 2)),
		"another file is gone": removed(t, write(t, "", ""), "pkg/app/http.go"),
		"a cut file is gone":   removed(t, write(t, "", ""), "pkg/app/route.go"),
	} {
		if err := copyModule(dir, t.TempDir()); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func removed(t *testing.T, dir, name string) string {
	t.Helper()
	if err := os.Remove(filepath.Join(dir, filepath.FromSlash(name))); err != nil {
		t.Fatal(err)
	}
	return dir
}
