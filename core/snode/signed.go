package snode

import (
	"strconv"

	"tandem/core"
)

// Range is one namespace, or all of them where a method allows that.
type Range struct {
	all bool
	one int16
}

// Only is one namespace.
func Only(namespace int16) Range { return Range{one: namespace} }

// All is every namespace.
func All() Range { return Range{all: true} }

// signed is how a range stands in signed strings: nothing for 0.
func (r Range) signed() string {
	switch {
	case r.all:
		return "all"
	case r.one == 0:
		return ""
	}
	return strconv.Itoa(int(r.one))
}

// param is how a range stands in the parameters.
func (r Range) param() any {
	if r.all {
		return "all"
	}
	return r.one
}

// Change limits what expire may do to an expiry.
type Change string

// Changes.
const (
	Set     Change = ""
	Shorten Change = "shorten"
	Extend  Change = "extend"
)

// SignedStore is what the owner signs to store in a private namespace. at is
// sig_timestamp, or timestamp without one.
func SignedStore(namespace int16, at core.Millis) []byte {
	return signed("store", Only(namespace).signed(), decimal(at))
}

// SignedRetrieve is what the owner signs to read.
func SignedRetrieve(namespace int16, at core.Millis) []byte {
	return signed("retrieve", Only(namespace).signed(), decimal(at))
}

// SignedDelete is what the owner signs to delete messages, in request order.
func SignedDelete(hashes []string) []byte { return signed("delete", hashes...) }

// SignedDeleteAll is what the owner signs to empty a range.
func SignedDeleteAll(r Range, at core.Millis) []byte {
	return signed("delete_all", r.signed(), decimal(at))
}

// SignedDeleteBefore is what the owner signs to delete the old of a range.
func SignedDeleteBefore(r Range, before core.Millis) []byte {
	return signed("delete_before", r.signed(), decimal(before))
}

// SignedExpire is what the owner signs to change expiries: one for all
// messages, or one for each.
func SignedExpire(change Change, expiries []core.Millis, hashes []string) []byte {
	b := signed("expire", string(change))
	for _, e := range expiries {
		b = append(b, decimal(e)...)
	}
	return append(b, signed("", hashes...)...)
}

// SignedExpireAll is what the owner signs to shorten the expiry of a range.
func SignedExpireAll(r Range, expiry core.Millis) []byte {
	return signed("expire_all", r.signed(), decimal(expiry))
}

// SignedGetExpiries is what the owner signs to ask for expiries.
func SignedGetExpiries(at core.Millis, hashes []string) []byte {
	return append(signed("get_expiries", decimal(at)), signed("", hashes...)...)
}

func signed(method string, parts ...string) []byte {
	b := []byte(method)
	for _, p := range parts {
		b = append(b, p...)
	}
	return b
}

func decimal(t core.Millis) string { return strconv.FormatInt(int64(t), 10) }
