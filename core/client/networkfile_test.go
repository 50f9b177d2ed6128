package client

import (
	"context"
	"errors"
	"strings"
	"testing"

	"tandem/core/client/courier"
	"tandem/core/testnet"
)

// The bundled list is read in the profile session only, and said to be missing
// in words.
func TestNetworkFiles(t *testing.T) {
	net, err := testnet.New(testnet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer net.Close()
	local := string(net.NetworkFile("local", "/gateway"))
	public := `{"profile":"session","gateways":["/gateway"],"bundled":"nodes.json"}`
	away := errors.New("away")
	for _, tt := range []struct {
		name, file, list string
		err, want        error
		asked            string
	}{
		{"local", local, local, nil, nil, ""},
		{"local with a bundle", strings.Replace(local, "{", `{"bundled":"nodes.json",`, 1), local, nil, nil, ""},
		{"session", public, local, nil, nil, "nodes.json"},
		{"session without a list", public, "", away, courier.ErrNoNodes, "nodes.json"},
		{"session, nothing bundled", `{"profile":"session","gateways":["/gateway"]}`, local, nil, courier.ErrNoNodes, ""},
		{"session, broken list", public, "<html>", nil, courier.ErrNetworkFile, "nodes.json"},
	} {
		asked := ""
		c := New(Config{
			NetworkFile: func(context.Context) ([]byte, error) { return []byte(tt.file), nil },
			NodesFile: func(_ context.Context, name string) ([]byte, error) {
				asked = name
				return []byte(tt.list), tt.err
			},
		})
		file, err := c.readNetworkFile(t.Context())
		if !errors.Is(err, tt.want) || asked != tt.asked {
			t.Errorf("%s: %v, asked for %q", tt.name, err, asked)
		}
		if tt.want == nil && len(file.Nodes) != testnet.DefaultNodes {
			t.Errorf("%s: %d nodes", tt.name, len(file.Nodes))
		}
		if says := strings.Contains(fileSentence(err), "-write-nodes"); says != (tt.want == courier.ErrNoNodes) {
			t.Errorf("%s: %s", tt.name, fileSentence(err))
		}
	}
	c := New(Config{NetworkFile: func(context.Context) ([]byte, error) { return []byte(public), nil }})
	if _, err := c.readNetworkFile(t.Context()); !errors.Is(err, courier.ErrNoNodes) {
		t.Errorf("nobody brings lists: %v", err)
	}
}
