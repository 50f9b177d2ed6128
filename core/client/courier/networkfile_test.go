package courier

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"tandem/core"
)

func nodeEntry(i byte, more string) string {
	return fmt.Sprintf(`{"ed25519":"%s","ip":"10.0.%d.1","port":22021%s}`, core.EdKey{i}.Hex(), i, more)
}

func TestParseNetworkFile(t *testing.T) {
	f, err := ParseNetworkFile([]byte(`{"profile":"local","gateways":["/gateway/","https://gw.example/x"],"later":1,"bundled":7,
		"nodes":[` + nodeEntry(1, `,"url":"https://one.example/"`) + `,` + nodeEntry(2, "") + `]}`))
	if err != nil || f.Profile != "local" || len(f.Gateways) != 2 || f.Gateways[0] != "/gateway" || len(f.Nodes) != 2 || f.Bundled != "" {
		t.Fatalf("%v %+v", err, f)
	}
	if f.Nodes[0].URL != "https://one.example" || f.Nodes[1].IP != "10.0.2.1" || f.Nodes[1].Port != 22021 {
		t.Errorf("%+v", f.Nodes)
	}
	one := nodeEntry(1, "")
	for name, text := range map[string]string{
		"not JSON":           `hello`,
		"a list":             `[]`,
		"no profile":         `{"gateways":["/g"],"nodes":[` + one + `]}`,
		"other profile":      `{"profile":"main","gateways":["/g"],"nodes":[` + one + `]}`,
		"no nodes":           `{"profile":"demo","gateways":["/g"],"nodes":[]}`,
		"a node twice":       `{"profile":"demo","gateways":["/g"],"nodes":[` + one + `,` + one + `]}`,
		"no way in":          `{"profile":"demo","gateways":[],"nodes":[` + one + `]}`,
		"key too short":      `{"profile":"demo","gateways":["/g"],"nodes":[{"ed25519":"00","ip":"10.0.0.1","port":1}]}`,
		"key not hex":        `{"profile":"demo","gateways":["/g"],"nodes":[{"ed25519":"` + strings.Repeat("z", 64) + `","ip":"10.0.0.1","port":1}]}`,
		"no address":         `{"profile":"demo","gateways":["/g"],"nodes":[` + strings.Replace(one, "10.0.1.1", "0.0.0.0", 1) + `]}`,
		"a host name":        `{"profile":"demo","gateways":["/g"],"nodes":[` + strings.Replace(one, "10.0.1.1", "node.example", 1) + `]}`,
		"no port":            `{"profile":"demo","gateways":["/g"],"nodes":[` + strings.Replace(one, "22021", "0", 1) + `]}`,
		"too many gateways":  `{"profile":"demo","gateways":["/g"` + strings.Repeat(`,"/g"`, maxGateways) + `],"nodes":[` + one + `]}`,
		"node with a path":   `{"profile":"demo","gateways":["/g"],"nodes":[` + nodeEntry(1, `,"url":"/x"`) + `]}`,
		"longer than 2 MiB":  `{"profile":"demo","gateways":["/g"],"nodes":[` + one + `]}` + strings.Repeat(" ", maxFile),
		"bundled elsewhere":  `{"profile":"session","gateways":["/g"],"nodes":[` + one + `],"bundled":"../nodes.json"}`,
		"bundled no name":    `{"profile":"session","gateways":["/g"],"nodes":[` + one + `],"bundled":[]}`,
		"gateway javascript": `{"profile":"demo","gateways":["javascript:alert(1)"],"nodes":[` + one + `]}`,
	} {
		if _, err := ParseNetworkFile([]byte(text)); !errors.Is(err, ErrNetworkFile) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestBundledNodes(t *testing.T) {
	one, list := nodeEntry(1, ""), `{"height":1,"nodes":[`+nodeEntry(1, "")+`,`+nodeEntry(2, "")+`]}`
	for _, own := range []string{"", one} {
		f, err := ParseNetworkFile([]byte(`{"profile":"session","gateways":["/g"],"nodes":[` + own + `],"bundled":"nodes.json"}`))
		if err != nil || f.Bundled != "nodes.json" {
			t.Fatalf("%v %+v", err, f)
		}
		whole, err := f.Bundle([]byte(list))
		if err != nil || len(whole.Nodes) != 2 || whole.Bundled != "" {
			t.Errorf("%v %+v", err, whole)
		}
		if _, err := f.Bundle([]byte(`[]`)); !errors.Is(err, ErrNetworkFile) {
			t.Errorf("a list of another form: %v", err)
		}
		if _, err := f.Bundle([]byte(`{"nodes":[{"ip":"10.0.0.1"}]}`)); !errors.Is(err, ErrNetworkFile) {
			t.Errorf("a node without a key: %v", err)
		}
	}
	empty, err := ParseNetworkFile([]byte(`{"profile":"session","gateways":["/g"],"bundled":"nodes.json"}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := empty.Bundle([]byte(`{"nodes":[]}`)); !errors.Is(err, ErrNoNodes) {
		t.Errorf("an empty list: %v", err)
	}
	if _, err := ParseNetworkFile([]byte(`{"profile":"session","gateways":["/g"]}`)); !errors.Is(err, ErrNoNodes) {
		t.Errorf("no list: %v", err)
	}
	noWay, err := ParseNetworkFile([]byte(`{"profile":"session","bundled":"nodes.json"}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := noWay.Bundle([]byte(list)); !errors.Is(err, ErrNetworkFile) {
		t.Errorf("no gateway, no URL: %v", err)
	}
}

func TestNamesOfBundles(t *testing.T) {
	for name, good := range map[string]bool{
		"nodes.json": true, "nodes-2026_11.json": true, "": false, ".json": false, "a/b": false, `a\b`: false,
		"a..b": false, "a?b": false, "é": false, strings.Repeat("a", maxName+1): false, "//evil.example": false,
	} {
		if validName(name) != good {
			t.Errorf("%q: %v", name, !good)
		}
	}
}

func TestURLs(t *testing.T) {
	for _, good := range []string{"/gateway", "/", "https://gw.example", "http://localhost:8080/gateway"} {
		if !validURL(good, true) {
			t.Errorf("%s is refused", good)
		}
	}
	for _, bad := range []string{"", "gateway", "//evil.example", "ftp://x", "https://", "https:/x", "/a?b", "/a#b", `/\evil.example`, "/a b", "https://user@x", "/" + strings.Repeat("a", maxURL)} {
		if validURL(bad, true) {
			t.Errorf("%q is accepted", bad)
		}
	}
}

// FuzzNetworkFile: what is accepted can be worked with.
func FuzzNetworkFile(f *testing.F) {
	f.Add([]byte(`{"profile":"demo","gateways":["/g"],"nodes":[` + nodeEntry(1, "") + `]}`))
	f.Add([]byte(`{"profile":"session","nodes":[` + nodeEntry(1, `,"url":"https://x"`) + `],"bundled":"nodes.json"}`))
	f.Add([]byte(`{}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := ParseNetworkFile(b)
		if err == nil && file.Bundled != "" {
			file, err = file.Bundle(b) // it has nodes, too
		}
		if err != nil {
			if !errors.Is(err, ErrNetworkFile) && !errors.Is(err, ErrNoNodes) {
				t.Fatal(err)
			}
			return
		}
		c, err := New(Config{Transport: &bridge{}, Net: file, LocalNow: func() core.Millis { return 1 }})
		if err != nil {
			t.Fatal(err)
		}
		if known, usable := c.net.Size(); known != len(file.Nodes) || usable == 0 {
			t.Fatalf("%d of %d nodes", usable, known)
		}
		for _, g := range file.Gateways {
			if strings.HasSuffix(g, "/") {
				t.Fatalf("gateway %q", g)
			}
		}
	})
}

// Only a local network may do without the rule about subnets.
func TestOneHost(t *testing.T) {
	for profile, want := range map[string]bool{"local": true, "demo": false, "session": false} {
		f, err := ParseNetworkFile([]byte(`{"profile":"` + profile + `","one_host":true,"gateways":["/g"],"nodes":[` + nodeEntry(1, "") + `]}`))
		if err != nil || f.OneHost != want {
			t.Errorf("%s: %v %v", profile, f.OneHost, err)
		}
	}
}
