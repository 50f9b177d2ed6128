//go:build race

package testnet

// every: the race detector makes arithmetic twenty times slower and looks for
// nothing in it, so that under it one case in sixteen is replayed.
const every = 16
