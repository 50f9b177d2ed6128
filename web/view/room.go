package view

import (
	"tandem/core/client"
)

// Room is what this browser says about the storage of this site.
type Room struct {
	Known bool  // it says anything
	Used  int64 // bytes
	Quota int64 // bytes; 0 = it does not say
	Kept  bool  // it has promised not to throw it away by itself
	Asked bool  // it was asked for that promise in this tab
}

// RoomLine is how much is used.
func RoomLine(r Room) (used, of string) {
	if r.Quota > 0 {
		of = "of " + size(r.Quota)
	}
	return size(r.Used) + " used", of
}

// size is an amount of bytes for people.
func size(n int64) string {
	switch {
	case n < 1<<20:
		return "less than 1 MB"
	case n < 10<<30:
		return grouped(int(n>>20)) + " MB"
	}
	return grouped(int(n>>30)) + " GB"
}

// KeptLine says whether the data is safe from the browser, and if not, the cure.
func KeptLine(r Room) string {
	switch {
	case !r.Known:
		return "This browser does not say whether it keeps this data. Export it from time to time."
	case r.Kept:
		return "Protected: the browser has promised not to throw this data away by itself."
	case r.Asked:
		return "The browser said no: it may throw this data away when space is short. It may say yes once Tandem is installed, or used more often. Until then, export from time to time."
	}
	return "Not protected: the browser may throw this data away when space is short, or when Tandem was not used for weeks."
}

// What Export and Import are.
const (
	ExportLead = "One file with your history, contacts and settings, sealed under a passphrase. Whoever has both can read all of it; " +
		"without the passphrase nobody can, and nobody can replace it."
	ExportSeed   = "This is your primary device, so the file also holds your 13 words: it brings the whole account back."
	ExportNoSeed = "This is a secondary device, so the file has no recovery phrase: it can be imported on a device that was linked, and brings no account back."
	ExportNever  = "Keys of this device and sessions are never in it. What is said in open groups lies on their servers."
	ImportLead   = "Takes in a file that Export has made. It merges: nothing that is here is replaced by something older, and what was deleted stays deleted."
	ImportHere   = "A file of a primary device makes this a new device of its account, by the 13 words in it. One of a secondary device needs a device that is linked: link this one first."
	// Evicted is said where this browser held an account that is gone.
	Evicted = "There was an account here, and this browser has thrown its data away, as browsers do when space is short. " +
		"Your account itself is not lost: it lives on your other devices, in your 13 words, and in a file that you exported."
)

// WaysBack are the three cures, with what each gives.
func WaysBack() []string {
	return []string{
		"Link again: your primary device takes this one in, with the contacts and as much of the history as you choose.",
		"Restore using seed: your 13 words bring back the account and its contacts, and this becomes the primary device.",
		"Import: a file that you exported brings back history, contacts and settings; if a primary device made it, the account as well.",
	}
}

// Transfer is a file that is written or read.
type Transfer struct {
	Kind  TransferKind
	On    bool
	Done  int64 // of Total; 0 = not known
	Total int64
	Said  string // how it ended well
	Err   error
}

// TransferKind is which of the two.
type TransferKind uint8

// Kinds of transfers.
const (
	NoTransfer TransferKind = iota
	Exporting
	Importing
)

// Exported says how an export ended.
func Exported(r client.BackupReply) string {
	return "The file is with your downloads: " + plural(r.Messages, "message", "messages") + " and all contacts."
}

// Imported says how an import ended.
func Imported(r client.BackupReply) string {
	if r.Fresh == 0 {
		return "All of it was here already."
	}
	return plural(r.Fresh, "message", "messages") + " came out of the file, and what was missing of contacts and settings."
}
