//go:build !js

// Command slim builds the client: it is go build for the tab, with four
// differences that a download and a start see and a user does not.
//
//	slim FILE [flags of go build] PACKAGE
//
// go-app is linked without what it has for servers (goapp.go): 0.4 MB less of
// the client's 2.0, packed. The data segments of the module are joined
// (segments.go): 0.1 MB less. No line of the source is known any more (lines.go):
// another 0.1 MB. And the index of the functions is made when the program starts
// (index.go): 3 MB less of 13 for a browser to read, which are 0.04 s.
//
// Nothing else needs this command: the client runs the same when go build has
// built it, as vet, tests and the bare program of wasm/story do.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: slim FILE [flags of go build] PACKAGE")
		os.Exit(2)
	}
	if err := build(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "slim:", err)
		os.Exit(1)
	}
}

// build runs go build with args and leaves the client in file.
func build(file string, args []string) error {
	modfile, err := writeModule(workDir)
	if err != nil {
		return err
	}
	linked := filepath.Join(workDir, "client.wasm")
	cmd := exec.Command("go", append([]string{"build", "-modfile=" + modfile, "-o", linked}, args...)...)
	cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("go build: %w", err)
	}
	module, err := os.ReadFile(linked)
	if err != nil {
		return err
	}
	if module, err = joinSegments(module); err != nil {
		return fmt.Errorf("%s: %w", linked, err)
	}
	if module, err = dropLines(module); err != nil {
		return fmt.Errorf("%s: %w", linked, err)
	}
	if module, err = makeIndex(module); err != nil {
		return fmt.Errorf("%s: %w", linked, err)
	}
	// In one move, because a build beside this one may be embedding the file.
	whole := linked + ".whole"
	if err := os.WriteFile(whole, module, 0o644); err != nil {
		return err
	}
	return os.Rename(whole, file)
}
