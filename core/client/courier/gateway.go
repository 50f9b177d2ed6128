package courier

import (
	"context"

	"tandem/core/snode"
)

const onionRoute = "/onion_req/v2"

// post brings a packet to a guard: directly when the guard has a URL, else by
// the gateways in turn, the one that worked last first. A gateway that cannot be
// reached, or refuses for its own reasons, is followed by the next with the same
// packet.
func (c *Courier) post(ctx context.Context, guard snode.Node, packet []byte) (status int, answer []byte, err error) {
	if guard.URL != "" {
		return c.cfg.Transport.Post(ctx, guard.URL+onionRoute, packet)
	}
	c.mu.Lock()
	first := c.gateway
	c.mu.Unlock()
	gateways := c.cfg.Net.Gateways
	for i := range gateways {
		at := (first + i) % len(gateways)
		status, answer, err = c.cfg.Transport.Post(ctx, gateways[at]+"/"+guard.Ed.Hex()+onionRoute, packet)
		if ctx.Err() != nil {
			break
		}
		if err == nil && !(byGateway(answer) && status != 200) {
			c.mu.Lock()
			c.gateway = at
			c.mu.Unlock()
			break
		}
	}
	return status, answer, err
}

// nextGateway lets the next request try another gateway first: nobody can tell
// whether it was the gateway or a node that failed. c.mu is held.
func (c *Courier) nextGateway() {
	if n := len(c.cfg.Net.Gateways); n > 0 {
		c.gateway = (c.gateway + 1) % n
	}
}
