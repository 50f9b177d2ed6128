package memkv

import (
	"slices"
	"strings"
)

// maxRun bounds how many keys are moved for one that is put or deleted.
const maxRun = 512

// keys is a sorted set: runs of keys, each behind the one before it, none empty.
type keys struct{ runs [][]string }

// place is where a key is, or would be put.
func (k *keys) place(key string) (run, at int, found bool) {
	run, found = slices.BinarySearchFunc(k.runs, key, func(r []string, key string) int { return strings.Compare(r[0], key) })
	if found {
		return run, 0, true
	}
	if run > 0 {
		run--
	}
	if run < len(k.runs) {
		at, found = slices.BinarySearch(k.runs[run], key)
	}
	return run, at, found
}

func (k *keys) put(key string) {
	run, at, found := k.place(key)
	switch {
	case found:
		return
	case len(k.runs) == 0:
		k.runs = [][]string{{key}}
		return
	}
	r := slices.Insert(k.runs[run], at, key)
	k.runs[run] = r
	if len(r) > maxRun {
		k.runs[run] = slices.Clone(r[:maxRun/2])
		k.runs = slices.Insert(k.runs, run+1, slices.Clone(r[maxRun/2:]))
	}
}

func (k *keys) delete(key string) {
	run, at, found := k.place(key)
	if !found {
		return
	}
	if k.runs[run] = slices.Delete(k.runs[run], at, at+1); len(k.runs[run]) == 0 {
		k.runs = slices.Delete(k.runs, run, run+1)
	}
}

// between are the keys from from (in) to to (out; empty is the end), at most
// limit of them (0: all), from the other end where reverse is set.
func (k *keys) between(from, to string, reverse bool, limit int) (out []string) {
	inside := func(key string) bool { return key >= from && (to == "" || key < to) }
	full := func() bool { return limit > 0 && len(out) == limit }
	if reverse {
		run, at := len(k.runs)-1, 0
		if to != "" {
			run, at, _ = k.place(to)
		} else if run >= 0 {
			at = len(k.runs[run])
		}
		for ; run >= 0 && run < len(k.runs); run-- {
			for at--; at >= 0; at-- {
				key := k.runs[run][at]
				if full() || !inside(key) {
					return out
				}
				out = append(out, key)
			}
			if run > 0 {
				at = len(k.runs[run-1])
			}
		}
		return out
	}
	run, at, _ := k.place(from)
	for ; run < len(k.runs); run, at = run+1, 0 {
		for ; at < len(k.runs[run]); at++ {
			key := k.runs[run][at]
			if full() || !inside(key) {
				return out
			}
			out = append(out, key)
		}
	}
	return out
}
