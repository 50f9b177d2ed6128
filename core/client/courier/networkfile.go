package courier

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/netip"
	"net/url"
	"slices"
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
	maxName     = 64 // bytes of a file's name
)

// Why a network file cannot be used.
var (
	// ErrNetworkFile: it is not what it should be.
	ErrNetworkFile = errors.New("courier: network.json is not valid")
	// ErrNoNodes: it is for the Session network, and there is no list of nodes.
	ErrNoNodes = errors.New("courier: there is no list of nodes")
)

// Profiles of network.json.
const (
	profileDemo    = "demo"
	profileLocal   = "local"
	profileSession = "session"
)

// NetworkFile is network.json: which network this is and how to reach it.
//
//	{"profile": "demo" | "local" | "session",
//	 "gateways": ["/gateway", "https://…"],
//	 "nodes": [{"ed25519": "<64 hex>", "ip": "…", "port": 22021, "url": "https://…"}, …],
//	 "bundled": "nodes.json", "one_host": false}
//
// bundled is for the profile session only: the name of a file beside
// network.json, {"nodes": [ … the same … ]}, with the public list as it was when
// the site was built (network.md §2). url is for a node that a browser can reach
// without a gateway. Without gateways, only such nodes can be guards.
// one_host is for the profile local only: the nodes run on one host, and a path
// may have several of one subnet.
type NetworkFile struct {
	Profile  string
	Gateways []string // without a slash at the end; may be relative to the page's origin
	Nodes    []snode.Node
	Bundled  string // a file to read and give to Bundle; "" = none, Nodes is the whole list
	OneHost  bool   // paths need not keep to one node of a subnet
}

// node is a node in network.json and in the bundled list.
type node struct {
	Ed   string `json:"ed25519"`
	IP   string `json:"ip"`
	Port int    `json:"port"`
	URL  string `json:"url"`
}

// ParseNetworkFile reads network.json. Errors: ErrNetworkFile, ErrNoNodes.
func ParseNetworkFile(b []byte) (NetworkFile, error) {
	var raw struct {
		Profile  string          `json:"profile"`
		Gateways []string        `json:"gateways"`
		Nodes    []node          `json:"nodes"`
		Bundled  json.RawMessage `json:"bundled"`
		OneHost  bool            `json:"one_host"`
	}
	if len(b) > maxFile || json.Unmarshal(b, &raw) != nil || len(raw.Gateways) > maxGateways {
		return NetworkFile{}, ErrNetworkFile
	}
	f := NetworkFile{Profile: raw.Profile}
	switch f.Profile {
	case profileDemo:
	case profileLocal:
		f.OneHost = raw.OneHost
	case profileSession:
		if raw.Bundled != nil && (json.Unmarshal(raw.Bundled, &f.Bundled) != nil || !validName(f.Bundled)) {
			return NetworkFile{}, ErrNetworkFile
		}
	default:
		return NetworkFile{}, ErrNetworkFile
	}
	for _, g := range raw.Gateways {
		if !validURL(g, true) {
			return NetworkFile{}, ErrNetworkFile
		}
		f.Gateways = append(f.Gateways, strings.TrimRight(g, "/"))
	}
	if err := f.add(raw.Nodes, false); err != nil {
		return NetworkFile{}, err
	}
	if f.Bundled != "" {
		return f, nil // Bundle says whether the whole will do
	}
	return f, f.check()
}

// Bundle adds the bundled list, which may repeat nodes of network.json. Errors:
// ErrNetworkFile, ErrNoNodes; f then stays as it is.
func (f NetworkFile) Bundle(b []byte) (NetworkFile, error) {
	var raw struct {
		Nodes []node `json:"nodes"`
	}
	if len(b) > maxFile || json.Unmarshal(b, &raw) != nil {
		return NetworkFile{}, ErrNetworkFile
	}
	f.Bundled, f.Nodes = "", slices.Clip(f.Nodes)
	if err := f.add(raw.Nodes, true); err != nil {
		return NetworkFile{}, err
	}
	return f, f.check()
}

// add appends nodes. A node that is there already is an error unless repeats are
// to be passed over.
func (f *NetworkFile) add(list []node, repeats bool) error {
	seen := make(map[core.EdKey]bool, len(f.Nodes)+len(list))
	for _, n := range f.Nodes {
		seen[n.Ed] = true
	}
	for _, e := range list {
		ed, ok := parseKey(e.Ed)
		ip, err := netip.ParseAddr(e.IP)
		n := snode.Node{Ed: ed, IP: ip.String(), Port: e.Port, URL: strings.TrimRight(e.URL, "/")}
		if !ok || err != nil || !n.Valid() || (e.URL != "" && !validURL(e.URL, false)) {
			return ErrNetworkFile
		}
		if seen[ed] {
			if repeats {
				continue
			}
			return ErrNetworkFile
		}
		seen[ed] = true
		f.Nodes = append(f.Nodes, n)
	}
	return nil
}

// check refuses a network that cannot be entered.
func (f *NetworkFile) check() error {
	switch {
	case len(f.Nodes) == 0 && f.Profile == profileSession:
		return ErrNoNodes
	case len(f.Nodes) == 0, len(f.Nodes) > snode.MaxNodes:
		return ErrNetworkFile
	case len(f.Gateways) == 0 && !slices.ContainsFunc(f.Nodes, func(n snode.Node) bool { return n.URL != "" }):
		return ErrNetworkFile
	}
	return nil
}

// validName accepts the name of a file in the folder of network.json: letters,
// digits, '-', '_' and single dots.
func validName(s string) bool {
	if s == "" || len(s) > maxName || s[0] == '.' || strings.Contains(s, "..") {
		return false
	}
	return !strings.ContainsFunc(s, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && !strings.ContainsRune("-_.", c)
	})
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
