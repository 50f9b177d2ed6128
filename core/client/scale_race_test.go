//go:build race

package client_test

// With the race detector, one request of a client costs 20 ms of a core: its
// four layers and their opening. So some tests do less, and those that call
// unraced nothing.
const underRace = true
