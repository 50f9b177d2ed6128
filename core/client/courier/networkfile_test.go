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
	f, err := ParseNetworkFile([]byte(`{"profile":"session","gateways":["/gateway/","https://gw.example/x"],"later":1,
		"nodes":[` + nodeEntry(1, `,"url":"https://one.example/"`) + `],"bundled":[` + nodeEntry(1, "") + `,` + nodeEntry(2, "") + `]}`))
	if err != nil || f.Profile != "session" || len(f.Gateways) != 2 || f.Gateways[0] != "/gateway" || len(f.Nodes) != 2 {
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
		"gateway javascript": `{"profile":"demo","gateways":["javascript:alert(1)"],"nodes":[` + one + `]}`,
	} {
		if _, err := ParseNetworkFile([]byte(text)); !errors.Is(err, ErrNetworkFile) {
			t.Errorf("%s: %v", name, err)
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
	f.Add([]byte(`{"profile":"session","nodes":[` + nodeEntry(1, `,"url":"https://x"`) + `],"bundled":[` + nodeEntry(2, "") + `]}`))
	f.Add([]byte(`{}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := ParseNetworkFile(b)
		if err != nil {
			if !errors.Is(err, ErrNetworkFile) {
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
