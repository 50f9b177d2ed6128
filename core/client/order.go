package client

import (
	"bytes"

	"tandem/core"
)

// order sorts what less and swap speak of, by a heap. A sort of package slices
// weighs 20 KB in the client for each type that it is used with.
func order(n int, less func(i, j int) bool, swap func(i, j int)) {
	for i := n/2 - 1; i >= 0; i-- {
		sink(i, n, less, swap)
	}
	for end := n - 1; end > 0; end-- {
		swap(0, end)
		sink(0, end, less, swap)
	}
}

// sink brings the greatest of a heap up to i.
func sink(i, n int, less func(i, j int) bool, swap func(i, j int)) {
	for {
		child := 2*i + 1
		if child >= n {
			return
		}
		if child+1 < n && less(child, child+1) {
			child++
		}
		if !less(i, child) {
			return
		}
		swap(i, child)
		i = child
	}
}

// newer orders the newest first, and by account what is equally new.
func newer(at, other core.Millis, account, otherAccount core.ID) bool {
	if at != other {
		return at > other
	}
	return bytes.Compare(account[:], otherAccount[:]) < 0
}
