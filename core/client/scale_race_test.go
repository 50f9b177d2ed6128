//go:build race

package client_test

// With the race detector, one request of a client costs 20 ms of a core: its
// four layers and their opening. So there are fewer of them; make soak has more.
const (
	underRace     = true
	notesBothWays = 12
)
