// Package interop holds conversations between core/ratchet and go.mau.fi/libsignal,
// an implementation by strangers of the same protocol, and nothing else: it has
// only tests.
//
// It is a module of its own because that library is under the GPL. The
// product's module does not depend on it and must not; `make test` runs it.
package interop
