//go:build mutants && !js

package core_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// A mutant is one verification of linking or of the device list, broken. If
// the tests of its package still pass, nobody would notice its absence.
type mutant struct {
	file     string // in its package
	old, new string // old is found in the file exactly once
	breaks   string // what does not hold any more
}

// How long a mutant may take: one that makes a machine run for ever is found
// out too.
const mutantTime = 3 * time.Minute

var failedTest = regexp.MustCompile(`(?m)^\s*--- FAIL: (\S+)`)

// TestMutants breaks the verifications one at a time, each in an overlay of
// its own: the tree is not touched. With -v it says which test noticed. One
// part alone: -run 'TestMutants/devices', -run 'TestMutants/linking/finish.go'.
func TestMutants(t *testing.T) {
	for _, house := range []struct {
		name   string
		tables [][]mutant
		args   []string
	}{
		{"devices", [][]mutant{deviceMutants}, nil},
		{"linking", [][]mutant{messageMutants, primaryMutants, secondaryMutants}, []string{"-runs", "40"}},
	} {
		t.Run(house.name, func(t *testing.T) {
			dir, err := filepath.Abs(house.name)
			if err != nil {
				t.Fatal(err)
			}
			if out, err := testMutant(t, dir, "{}", house.args); err != nil {
				t.Fatalf("the tests fail before anything is broken: %v\n%s", err, out)
			}
			for _, table := range house.tables {
				for _, m := range table {
					t.Run(m.file+": "+m.breaks, func(t *testing.T) {
						t.Parallel()
						m.mustBeNoticed(t, dir, house.args)
					})
				}
			}
		})
	}
}

func (m mutant) mustBeNoticed(t *testing.T, dir string, args []string) {
	t.Helper()
	path := filepath.Join(dir, m.file)
	source, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(source, []byte(m.old)); n != 1 {
		t.Fatalf("%q is in %s %d times: the table of mutants is out of date", m.old, m.file, n)
	}
	broken := filepath.Join(t.TempDir(), m.file)
	if err := os.WriteFile(broken, bytes.Replace(source, []byte(m.old), []byte(m.new), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {path: broken}})
	if err != nil {
		t.Fatal(err)
	}
	out, err := testMutant(t, dir, string(overlay), args)
	if err == nil {
		t.Fatal("no test notices")
	}
	who := failedTest.FindStringSubmatch(out)
	switch {
	case who != nil:
		t.Log("noticed by", who[1])
	case strings.Contains(out, "panic:"):
		t.Log("noticed by a panic")
	default:
		t.Fatalf("it ended without a test that fails: %v\n%s", err, out)
	}
}

// testMutant compiles the package's tests with an overlay and runs them. An
// overlay that does not compile fails the test of the table.
func testMutant(t *testing.T, dir, overlay string, args []string) (string, error) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), mutantTime)
	defer stop()
	room := t.TempDir()
	file, binary := filepath.Join(room, "overlay.json"), filepath.Join(room, "tests")
	if err := os.WriteFile(file, []byte(overlay), 0o600); err != nil {
		t.Fatal(err)
	}
	build := exec.CommandContext(ctx, "go", "test", "-c", "-vet=off", "-overlay", file, "-o", binary, ".")
	build.Dir = dir
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("does not compile: %v\n%s", err, out)
	}
	run := exec.CommandContext(ctx, binary, append([]string{"-test.failfast", "-test.timeout", fmt.Sprint(mutantTime)}, args...)...)
	run.Dir = dir
	out, err := run.CombinedOutput()
	return string(out), err
}
