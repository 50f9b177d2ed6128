package snode

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/netip"
	"slices"

	"tandem/core"
	"tandem/core/identity"
)

// Message is one row of a mailbox.
type Message struct {
	Hash    string // checked: it is the hash of Data in this mailbox
	Data    []byte
	At      core.Millis // when the sender says that it was stored
	Expires core.Millis
}

// flag reads true, and the 1 that members of a swarm write for it (recordings,
// number 10).
type flag bool

func (f *flag) UnmarshalJSON(b []byte) error {
	*f = string(b) != "false" && string(b) != "0" && string(b) != "null"
	return nil
}

func decode(body []byte, into any) error {
	if len(body) > MaxAnswer || json.Unmarshal(body, into) != nil {
		return ErrGarbage
	}
	return nil
}

// ParseTime reads the node's clock, which most answers carry as t.
func ParseTime(body []byte) (core.Millis, bool) {
	var a struct{ T core.Millis }
	if decode(body, &a) != nil || a.T <= 0 {
		return 0, false
	}
	return a.T, true
}

// ParseInfo reads the answer to Info: the node's clock. Error: ErrGarbage.
func ParseInfo(body []byte) (core.Millis, error) {
	var a struct{ Timestamp core.Millis }
	if decode(body, &a) != nil || a.Timestamp <= 0 {
		return 0, ErrGarbage
	}
	return a.Timestamp, nil
}

// ParseStored reads the answer to Store and names the members that proved by
// signature that they have hash. The asked node speaks for the others, so what
// it says about them counts only with their proof.
//
// Errors: ErrGarbage; ErrNotStored, also when the status was 200: without a
// hash at the top nothing was stored (recordings, number 17).
func ParseStored(body []byte, hash string) ([]core.EdKey, error) {
	var a struct {
		Hash  string
		Swarm map[string]struct {
			Hash      string
			Signature string
			Failed    flag
		}
	}
	if decode(body, &a) != nil || len(a.Swarm) > MaxSwarm {
		return nil, ErrGarbage
	}
	if a.Hash != hash {
		return nil, ErrNotStored
	}
	var stored []core.EdKey
	for name, member := range a.Swarm {
		ed, ok := parseKey(name)
		if !ok {
			return nil, ErrGarbage
		}
		if !bool(member.Failed) && member.Hash == hash && proves(ed, ProofStore(hash), member.Signature) {
			stored = append(stored, ed)
		}
	}
	if len(stored) == 0 {
		return nil, ErrNotStored
	}
	return stored, nil
}

// ParseDeleted reads the answer to Delete: the hashes that at least one member
// proved to have deleted, sorted. Error: ErrGarbage.
func ParseDeleted(body []byte, owner core.ID, requested []string) ([]string, error) {
	var a struct {
		Swarm map[string]struct {
			Deleted   []string
			Signature string
			Failed    flag
		}
	}
	if decode(body, &a) != nil || len(a.Swarm) > MaxSwarm {
		return nil, ErrGarbage
	}
	var deleted []string
	for name, member := range a.Swarm {
		ed, ok := parseKey(name)
		if !ok || len(member.Deleted) > len(requested) {
			return nil, ErrGarbage
		}
		if !bool(member.Failed) && proves(ed, ProofDelete(owner, requested, member.Deleted), member.Signature) {
			deleted = append(deleted, member.Deleted...)
		}
	}
	slices.Sort(deleted)
	return slices.Compact(deleted), nil
}

func proves(ed core.EdKey, text []byte, signature string) bool {
	sig, err := base64.StdEncoding.DecodeString(signature)
	return err == nil && identity.Verify(ed, text, sig)
}

// ParseRetrieved reads the answer to Retrieve, in the node's order. more says
// that the node has further messages.
//
// Error: ErrGarbage, also when a hash is not the hash of its data, so that no
// node can pass one message off as another.
func ParseRetrieved(body []byte, from core.Mailbox) (messages []Message, more bool, err error) {
	var a struct {
		Messages *[]struct {
			Hash       string
			Timestamp  core.Millis
			Expiration core.Millis
			Data       string
		}
		More flag
	}
	if decode(body, &a) != nil || a.Messages == nil || len(*a.Messages) > MaxMessages {
		return nil, false, ErrGarbage
	}
	seen := make(map[string]bool, len(*a.Messages))
	for _, m := range *a.Messages {
		// One byte more than base64 of MaxData is refused before decoding.
		if len(m.Data) > base64.StdEncoding.EncodedLen(MaxData) || seen[m.Hash] || m.Timestamp < 0 || m.Expiration < 0 {
			return nil, false, ErrGarbage
		}
		seen[m.Hash] = true
		data, err := base64.StdEncoding.DecodeString(m.Data)
		if err != nil || len(data) > MaxData || MessageHash(from.Owner, from.Namespace, data) != m.Hash {
			return nil, false, ErrGarbage
		}
		messages = append(messages, Message{Hash: m.Hash, Data: data, At: m.Timestamp, Expires: m.Expiration})
	}
	return messages, bool(a.More), nil
}

// ParseExpiries reads the answer to GetExpiries: those of the messages that the
// node has. Error: ErrGarbage.
func ParseExpiries(body []byte) (map[string]core.Millis, error) {
	var a struct{ Expiries map[string]core.Millis }
	if decode(body, &a) != nil || a.Expiries == nil {
		return nil, ErrGarbage
	}
	for h := range a.Expiries {
		if !validHash(h) {
			return nil, ErrGarbage
		}
	}
	return a.Expiries, nil
}

// Part is one result of a batch: a status and body for Check and the parsers.
type Part struct {
	Code int
	Body []byte
}

// ParseBatch reads the answer to Batch or Sequence of n calls; a sequence may
// have fewer results. Error: ErrGarbage.
func ParseBatch(body []byte, n int) ([]Part, error) {
	var a struct {
		Results []struct {
			Code int
			Body json.RawMessage
		}
	}
	if decode(body, &a) != nil || len(a.Results) == 0 || len(a.Results) > n {
		return nil, ErrGarbage
	}
	parts := make([]Part, len(a.Results))
	for i, r := range a.Results {
		parts[i] = Part{Code: r.Code, Body: r.Body}
		var text string
		if json.Unmarshal(r.Body, &text) == nil { // errors are texts
			parts[i].Body = []byte(text)
		}
	}
	return parts, nil
}

// ParseSwarm reads the answer to GetSwarm: the members with a usable address,
// possibly none. Error: ErrGarbage.
func ParseSwarm(body []byte) ([]Node, error) {
	nodes, _, err := parseSwarm(body)
	return nodes, err
}

func parseSwarm(body []byte) ([]Node, core.Millis, error) {
	var a struct {
		Snodes *[]struct {
			Ed   string      `json:"pubkey_ed25519"`
			IP   string      `json:"ip"`
			Port json.Number `json:"port_https"`
		}
		T core.Millis
	}
	if decode(body, &a) != nil || a.Snodes == nil || len(*a.Snodes) > MaxSwarm {
		return nil, 0, ErrGarbage
	}
	list := newNodeList(len(*a.Snodes))
	for _, s := range *a.Snodes {
		if err := list.add(s.Ed, s.IP, s.Port); err != nil {
			return nil, 0, err
		}
	}
	return list.nodes, a.T, nil
}

// ParseServiceNodes reads the answer to ServiceNodes: the nodes with a usable
// address and key. Error: ErrGarbage.
func ParseServiceNodes(body []byte) ([]Node, error) {
	var a struct {
		Result struct {
			States *[]struct {
				Ed   string      `json:"pubkey_ed25519"`
				IP   string      `json:"public_ip"`
				Port json.Number `json:"storage_port"`
			} `json:"service_node_states"`
		}
	}
	if decode(body, &a) != nil || a.Result.States == nil || len(*a.Result.States) > MaxNodes {
		return nil, ErrGarbage
	}
	list := newNodeList(len(*a.Result.States))
	for _, s := range *a.Result.States {
		if s.Ed == "" { // registered, never seen yet
			continue
		}
		if err := list.add(s.Ed, s.IP, s.Port); err != nil {
			return nil, err
		}
	}
	return list.nodes, nil
}

// nodeList collects nodes, each once.
type nodeList struct {
	nodes []Node
	seen  map[core.EdKey]bool
}

func newNodeList(n int) *nodeList { return &nodeList{seen: make(map[core.EdKey]bool, n)} }

// add leaves out a node without a usable address, and refuses what is no node.
func (l *nodeList) add(key, ip string, port json.Number) error {
	ed, ok := parseKey(key)
	if !ok || l.seen[ed] {
		return ErrGarbage
	}
	l.seen[ed] = true
	addr, err := netip.ParseAddr(ip)
	if err != nil {
		return nil
	}
	n, err := port.Int64()
	if err != nil || n < 0 || n >= 1<<16 {
		return nil
	}
	node := Node{Ed: ed, IP: addr.String(), Port: int(n)}
	if node.Valid() {
		l.nodes = append(l.nodes, node)
	}
	return nil
}

func parseKey(s string) (ed core.EdKey, ok bool) {
	if len(s) != 64 {
		return ed, false
	}
	_, err := hex.Decode(ed[:], []byte(s))
	return ed, err == nil
}
