package courier

// Doubt forgets when the nodes said what time it is: the local clock was set, or
// this machine has slept. Synced is false until three nodes have said it again;
// Now goes on as before meanwhile.
func (c *Courier) Doubt() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.net.Clock.Forget()
}
