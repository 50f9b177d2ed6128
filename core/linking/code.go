package linking

import "tandem/core"

// Code is a link code, made by the primary's open dialog for one device
// (multi-device.md §5).
type Code struct {
	Account  core.ID
	Secret   [16]byte
	ListHash [16]byte // the first half of SHA-256(list-key public)
}

// Encode writes the code as text, also for a QR picture.
func (c Code) Encode() string { panic("not yet") }

// ParseCode reads what Encode wrote; white space around it is accepted. Error:
// ErrCode.
func ParseCode(text string) (Code, error) { panic("not yet") }
