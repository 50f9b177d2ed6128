//go:build !js

package gateway

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"tandem/core"
	"tandem/core/snode"
)

func TestBundledListIsPublished(t *testing.T) {
	list := FormatNodes([]snode.Node{{Ed: core.EdKey{1}, IP: "203.0.113.9", Port: 22021}})
	beside := fstest.MapFS{"nodes.json": {Data: list}, "broken.json": {Data: []byte("{}")}}
	const session = `{"profile":"session","gateways":["https://g.example"],"bundled":"nodes.json"}`

	dir := t.TempDir()
	if err := Publish(dir, exampleStatic(), []byte(session), beside, Quick, generator()); err != nil {
		t.Fatal(err)
	}
	if got := read(t, dir, "nodes.json"); got != string(list) {
		t.Errorf("nodes.json: %q", got)
	}
	// A tab that opens offline has it.
	if worker := read(t, dir, "app-worker.js"); !strings.Contains(worker, "/network.json /nodes.json ") {
		t.Errorf("worker %q", worker)
	}

	other := t.TempDir()
	if err := Publish(other, exampleStatic(), []byte(strings.Replace(session, "session", "local", 1)), beside, Quick, generator()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(other + "/nodes.json"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("another profile has the list, too: %v", err)
	}

	for name, c := range map[string]struct {
		network string
		beside  fs.FS
		want    error
	}{
		"missing":           {session, fstest.MapFS{}, ErrNoBundle},
		"nowhere":           {session, nil, ErrNoBundle},
		"broken":            {strings.Replace(session, "nodes.json", "broken.json", 1), beside, ErrNodeFile},
		"in another folder": {strings.Replace(session, "nodes.json", "../nodes.json", 1), beside, ErrNetworkFile},
		"no list":           {strings.Replace(session, "nodes.json", "index.html", 1), beside, ErrNetworkFile},
		"no name":           {strings.Replace(session, `"nodes.json"`, "[]", 1), beside, ErrNetworkFile},
	} {
		if err := Publish(t.TempDir(), exampleStatic(), []byte(c.network), c.beside, Quick, generator()); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}
