package identity

import "sync"

// maxStanding bounds what a pair remembers: more than the devices that anybody
// talks to, and little memory for a flood of strangers.
const maxStanding = 256

// standing is what a pair has agreed on with other lasting keys. It is as secret
// as the pair, and lasts no longer.
type standing struct {
	mu   sync.Mutex // guards with
	with map[[32]byte]func() [32]byte
}

// Standing is Agree with a key that lasts, as a device's own: it is computed once,
// not for each message. The key of a single session has no place here.
func (p *pair) Standing(peer [32]byte) ([32]byte, error) {
	s := p.standing
	s.mu.Lock()
	defer s.mu.Unlock()
	if known := s.with[peer]; known != nil {
		return known(), nil
	}
	shared, err := p.Agree(peer)
	if err != nil {
		return shared, err
	}
	if len(s.with) >= maxStanding {
		clear(s.with)
	}
	s.with[peer] = hide(shared)
	return shared, nil
}
