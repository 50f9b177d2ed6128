package identity

import "fmt"

// placeholder is all that fmt, log and JSON show of a secret.
const placeholder = "[secret]"

// secret is embedded in every type that holds key bytes. Its methods answer
// for all verbs of fmt and for JSON. They are not asked inside an unexported
// field of somebody's struct, nor when fmt complains about a verb; therefore
// key bytes are behind hide as well.
type secret struct{}

// hide puts v where fmt cannot follow: it prints a function as an address. A
// pointer is not enough, fmt follows one where the verb does not fit the type.
func hide[T any](v T) func() T { return func() T { return v } }

// String keeps the key out of logs.
func (secret) String() string { return placeholder }

// GoString keeps the key out of %#v for those who call it themselves.
func (secret) GoString() string { return placeholder }

// Format keeps the key out of every verb, %d and %x included.
func (secret) Format(to fmt.State, _ rune) { fmt.Fprint(to, placeholder) }

// MarshalJSON keeps the key out of JSON.
func (secret) MarshalJSON() ([]byte, error) { return []byte(`"` + placeholder + `"`), nil }
