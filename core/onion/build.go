package onion

import (
	"encoding/hex"
	"encoding/json"

	"tandem/core/identity"
)

// control is what stands behind the blob of a frame. Which fields are present
// decides what a node does with the blob (network.md §6.2).
type control struct {
	Headers     map[string]string `json:"headers,omitempty"`
	Host        string            `json:"host,omitempty"`
	Target      string            `json:"target,omitempty"`
	Method      string            `json:"method,omitempty"`
	Protocol    string            `json:"protocol,omitempty"`
	Port        int               `json:"port,omitempty"`
	Destination string            `json:"destination,omitempty"`
	Ephemeral   string            `json:"ephemeral_key,omitempty"`
}

func (c control) bytes() []byte {
	b, err := json.Marshal(c)
	if err != nil {
		panic(err) // strings and numbers always encode
	}
	return b
}

// Build seals rpc, a JSON-RPC body, for dest behind the nodes of path, guard
// first. body is what to POST to the guard, or to dest itself when path is
// empty. reply opens the answer.
//
// Errors: ErrPath, ErrTooLarge, ErrKey.
func Build(path []Hop, dest Hop, rpc []byte) (body []byte, reply Reply, err error) {
	if len(path)+1 > MaxHops {
		return nil, Reply{}, ErrPath
	}
	if len(rpc) > MaxBody {
		return nil, Reply{}, ErrTooLarge
	}
	inner := frame(rpc, control{Headers: map[string]string{"Content-Type": "application/json"}}.bytes())
	s, ch, err := seal(dest.X, inner)
	if err != nil {
		return nil, Reply{}, err
	}
	last := control{Destination: dest.Ed.Hex(), Ephemeral: hex.EncodeToString(s.Ephemeral[:])}
	body, hops, err := wrap(path, s, last)
	if err != nil {
		return nil, Reply{}, err
	}
	return body, Reply{dest: ch, hops: hops}, nil
}

// BuildServer seals payload (EncodeV4) for a server behind the nodes of path.
//
// Errors: ErrPath, ErrTooLarge, ErrKey.
func BuildServer(path []Hop, to Server, payload []byte) (body []byte, reply ServerReply, err error) {
	if len(path) == 0 || len(path) > MaxHops {
		return nil, ServerReply{}, ErrPath
	}
	if len(payload) > MaxBody {
		return nil, ServerReply{}, ErrTooLarge
	}
	s, ch, err := seal(to.X, payload)
	if err != nil {
		return nil, ServerReply{}, err
	}
	last := control{
		Host: to.Host, Target: to.Target, Method: "POST", Protocol: to.Protocol, Port: to.Port,
		Ephemeral: hex.EncodeToString(s.Ephemeral[:]),
	}
	body, hops, err := wrap(path, s, last)
	if err != nil {
		return nil, ServerReply{}, err
	}
	return body, ServerReply{server: ch, hops: hops}, nil
}

// wrap puts the layers of path around s. last tells the last node of the path
// where s goes; the others send to the node behind them.
func wrap(path []Hop, s Sealed, last control) (body []byte, hops []Channel, err error) {
	hops = make([]Channel, len(path))
	to := last
	for i := len(path) - 1; i >= 0; i-- {
		plain := frame(s.Blob, to.bytes())
		if s, hops[i], err = seal(path[i].X, plain); err != nil {
			return nil, nil, err
		}
		to = control{Destination: path[i].Ed.Hex(), Ephemeral: hex.EncodeToString(s.Ephemeral[:])}
	}
	body = frame(s.Blob, control{Ephemeral: hex.EncodeToString(s.Ephemeral[:])}.bytes())
	if len(body) > MaxBody {
		return nil, nil, ErrTooLarge
	}
	return body, hops, nil
}

// ephemeral is the client's half of an agreement.
type ephemeral interface {
	Public() [32]byte
	Agree(peer [32]byte) ([32]byte, error)
}

// seal makes one layer for the holder of node under a fresh ephemeral key.
func seal(node [32]byte, plain []byte) (Sealed, Channel, error) {
	return sealWith(identity.NewEphemeral(), nil, node, plain)
}

// sealWith is seal under a given ephemeral key and nonce (nil: a fresh one).
func sealWith(eph ephemeral, nonce []byte, node [32]byte, plain []byte) (Sealed, Channel, error) {
	shared, err := eph.Agree(node)
	if err != nil {
		return Sealed{}, Channel{}, ErrKey
	}
	client := eph.Public()
	ch := derive(AESGCM, shared, client, node)
	if nonce == nil {
		return Sealed{Blob: ch.Seal(plain), Ephemeral: client}, ch, nil
	}
	return Sealed{Blob: ch.sealWith(nonce, plain), Ephemeral: client}, ch, nil
}
