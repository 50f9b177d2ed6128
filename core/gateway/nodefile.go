//go:build !js

package gateway

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"

	"tandem/core"
	"tandem/core/snode"
)

// ErrNodeFile says that a file of nodes is not what FormatNodes writes.
var ErrNodeFile = errors.New("gateway: the file of nodes is not valid")

// FormatNodes writes a list of nodes as the file that network.json may name as
// "bundled", one node to a line, so that two lists can be compared:
//
//	{"nodes":[
//	{"ed25519":"<64 hex>","ip":"203.0.113.9","port":22021},
//	…
//	]}
func FormatNodes(nodes []snode.Node) []byte {
	var b bytes.Buffer
	b.WriteString(`{"nodes":[`)
	for i, n := range nodes {
		if i > 0 {
			b.WriteByte(',')
		}
		// An address as netip writes it needs no escapes.
		fmt.Fprintf(&b, "\n"+`{"ed25519":"%s","ip":"%s","port":%d}`, n.Ed.Hex(), n.IP, n.Port)
	}
	b.WriteString("\n]}\n")
	return b.Bytes()
}

// ParseNodes reads what FormatNodes wrote. Error: ErrNodeFile.
func ParseNodes(file []byte) ([]snode.Node, error) {
	var raw struct {
		Nodes []struct {
			Ed   string `json:"ed25519"`
			IP   string `json:"ip"`
			Port int    `json:"port"`
		} `json:"nodes"`
	}
	if len(file) > maxSeedAnswer || json.Unmarshal(file, &raw) != nil || len(raw.Nodes) == 0 || len(raw.Nodes) > snode.MaxNodes {
		return nil, ErrNodeFile
	}
	var nodes []snode.Node
	seen := map[core.EdKey]bool{}
	for _, e := range raw.Nodes {
		ed, err := hex.DecodeString(e.Ed)
		ip, notIP := netip.ParseAddr(e.IP)
		if err != nil || len(ed) != 32 || notIP != nil || seen[core.EdKey(ed)] {
			return nil, ErrNodeFile
		}
		n := snode.Node{Ed: core.EdKey(ed), IP: ip.String(), Port: e.Port}
		if !n.Valid() {
			return nil, ErrNodeFile
		}
		seen[n.Ed] = true
		nodes = append(nodes, n)
	}
	return nodes, nil
}

// writeFile replaces a file as a whole: a build that reads it meanwhile sees
// the old list or the new one.
func writeFile(name string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".nodes-*")
	if err != nil {
		return fmt.Errorf("gateway: write nodes: %w", err)
	}
	_, err = f.Write(content)
	err = errors.Join(err, f.Chmod(0o644), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		os.Remove(f.Name())
		return fmt.Errorf("gateway: write nodes: %w", err)
	}
	return nil
}

// upstreams are where nodes listen.
func upstreams(nodes []snode.Node) []Upstream {
	list := make([]Upstream, len(nodes))
	for i, n := range nodes {
		list[i] = Upstream{Ed: n.Ed, URL: "https://" + net.JoinHostPort(n.IP, strconv.Itoa(n.Port))}
	}
	return list
}
