//go:build !race

package testnet

// every case is replayed.
const every = 1
