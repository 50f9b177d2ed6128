package client

// Carrier is the way to the network, for models of one.
type Carrier = carrier

// Carry sets the way to the network before Run.
func (c *Client) Carry(net Carrier) { c.testOnlyCarrier = net }
