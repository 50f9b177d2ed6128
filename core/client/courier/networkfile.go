package courier

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/netip"
	"net/url"
	"strings"

	"tandem/core"
	"tandem/core/snode"
)

// Bounds of network.json. It comes from the page's own origin, which could as
// well serve other code; they are against mistakes.
const (
	maxFile     = 2 << 20 // 4,000 nodes of 200 bytes, twice
	maxGateways = 16
	maxURL      = 256
)

// ErrNetworkFile says that network.json is not what it should be.
var ErrNetworkFile = errors.New("courier: network.json is not valid")

// NetworkFile is network.json: which network this is and how to reach it.
//
//	{"profile": "demo" | "local" | "session",
//	 "gateways": ["/gateway", "https://…"],
//	 "nodes": [{"ed25519": "<64 hex>", "ip": "…", "port": 22021, "url": "https://…"}, …],
//	 "bundled": [ … as nodes … ]}
//
// bundled is the public list as it was when the site was built; it is added to
// nodes. url is for a node that a browser can reach without a gateway. Without
// gateways, only such nodes can be guards.
type NetworkFile struct {
	Profile  string
	Gateways []string // without a slash at the end; may be relative to the page's origin
	Nodes    []snode.Node
}

// ParseNetworkFile reads network.json. Error: ErrNetworkFile.
func ParseNetworkFile(b []byte) (NetworkFile, error) {
	type entry struct {
		Ed   string `json:"ed25519"`
		IP   string `json:"ip"`
		Port int    `json:"port"`
		URL  string `json:"url"`
	}
	var raw struct {
		Profile  string   `json:"profile"`
		Gateways []string `json:"gateways"`
		Nodes    []entry  `json:"nodes"`
		Bundled  []entry  `json:"bundled"`
	}
	if len(b) > maxFile || json.Unmarshal(b, &raw) != nil || len(raw.Gateways) > maxGateways {
		return NetworkFile{}, ErrNetworkFile
	}
	f := NetworkFile{Profile: raw.Profile}
	switch f.Profile {
	case "demo", "local", "session":
	default:
		return NetworkFile{}, ErrNetworkFile
	}
	for _, g := range raw.Gateways {
		if !validURL(g, true) {
			return NetworkFile{}, ErrNetworkFile
		}
		f.Gateways = append(f.Gateways, strings.TrimRight(g, "/"))
	}
	reachable, seen := len(f.Gateways) > 0, map[core.EdKey]bool{}
	for i, e := range append(raw.Nodes, raw.Bundled...) {
		ed, ok := parseKey(e.Ed)
		ip, err := netip.ParseAddr(e.IP)
		n := snode.Node{Ed: ed, IP: ip.String(), Port: e.Port, URL: strings.TrimRight(e.URL, "/")}
		if !ok || err != nil || !n.Valid() || (e.URL != "" && !validURL(e.URL, false)) {
			return NetworkFile{}, ErrNetworkFile
		}
		if seen[ed] {
			if i < len(raw.Nodes) {
				return NetworkFile{}, ErrNetworkFile
			}
			continue // bundled may repeat nodes
		}
		seen[ed] = true
		reachable = reachable || n.URL != ""
		f.Nodes = append(f.Nodes, n)
	}
	if len(f.Nodes) == 0 || len(f.Nodes) > snode.MaxNodes || !reachable {
		return NetworkFile{}, ErrNetworkFile
	}
	return f, nil
}

// validURL accepts http and https, and a path of the page's own origin where
// that makes sense. Anything that a browser could read in another way is
// refused.
func validURL(s string, relative bool) bool {
	if s == "" || len(s) > maxURL || strings.ContainsAny(s, "\\?#\n\r\t ") {
		return false
	}
	u, err := url.Parse(s)
	if err != nil || u.User != nil {
		return false
	}
	if u.Scheme == "" {
		return relative && u.Host == "" && strings.HasPrefix(s, "/")
	}
	return (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}

func parseKey(s string) (ed core.EdKey, ok bool) {
	if len(s) != 64 {
		return ed, false
	}
	_, err := hex.Decode(ed[:], []byte(s))
	return ed, err == nil
}
