//go:build !race

package client_test

const (
	notesBothWays = 100
	killSeeds     = 6
)
