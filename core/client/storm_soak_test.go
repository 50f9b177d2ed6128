//go:build soak

package client_test

import (
	"cmp"
	"testing"
	"time"
)

func seed() uint64 { return cmp.Or(*stormSeed, uint64(time.Now().UnixNano())) }

// 50,000 messages in half a year.
func TestStormOf50000(t *testing.T) { stormOfFour(t, 50_000, 280, seed()) }

// A million in four years: an hour or two, and some gigabytes.
func TestStormOfAMillion(t *testing.T) { stormOfFour(t, 1_000_000, 2_800, seed()) }
