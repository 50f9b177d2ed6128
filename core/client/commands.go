package client

import "tandem/core"

// Engine is what the pages can ask of a device. Client is the only
// implementation; the interface is the contract between web and client.
//
// Every command blocks until it is durable (or refused) and may be called from
// any goroutine but the loop's own. Errors are sentinels below or wrap one;
// web/view turns them into sentences.
type Engine interface {
	// Snapshot is the newest state. It never blocks.
	Snapshot() *Snapshot
	// Watch calls f after each change, from the loop: f must not block and must
	// not call the Engine's commands. stop ends it.
	Watch(f func()) (stop func())

	Register(name string) error // Welcome → Words
	ConfirmWords() error        // Words → Key
	ConfirmKey() error          // Key → Main
	// CheckSeed reads the words without any effect (for the page's own checks).
	CheckSeed(seed string) error
	Restore(seed, name string) error // Welcome → Key

	Join(target string) error // Welcome → Joining; target: public key of the primary device
	CancelJoin() error        // before or after the words
	Finish() error            // the words match and the grant is here
	Differ() error            // the words differ
	Acknowledge() error       // the cause of a failed attempt was read: Joining → Welcome

	OpenDialog() error  // Link Device
	CloseDialog() error // Cancel
	Authorise(attempt [16]byte) error
	Reject(attempt [16]byte) error
	DismissSuccess() error

	SendNote(text string) error // durable on return
	Send(conversation core.ID, text string) error

	// RebuildPath drops the ways into the network; the next request, which is made
	// at once, takes another guard and other nodes.
	RebuildPath() error

	// ClearData erases everything on this device: Welcome.
	ClearData() error
}
