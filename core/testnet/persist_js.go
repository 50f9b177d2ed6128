package testnet

// open: there are no files in a tab.
func (n *Network) open(string) error { return ErrNoDir }
