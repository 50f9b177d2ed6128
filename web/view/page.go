// Package view turns snapshots of the client into what a page shows: which
// page, which sentences, rows and times. Its functions are pure: no engine, no
// browser, no clock of their own. It draws nothing; that is web and web/part.
//
// The words follow multi-device.md §1 and §5 and the design sheet.
package view

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"tandem/core"
	"tandem/core/client"
)

// Page is what the window shows.
type Page uint8

// Pages.
const (
	Opening Page = iota
	OtherTab
	CannotOpen
	Welcome
	Register
	Restore
	RestoreName // second step of Restore
	LinkHere    // asks for the primary's public key
	SeedWords
	AccountKey
	Joining
	Chats // the list, no chat open
	Chat
	Contact // details of one
	NewChat
	Requests
	Settings
	Devices
	Network
	Lock
	Program // About: which program this is
	Storage
	Export
	Import      // a file, on a device that has an account
	ImportFirst // and on one that has none
	Notices
	Locked
	Leaving
	Unlinked
)

// Places are the fragments of the address that mean something. What a fragment
// means depends on the phase, so a stale one is harmless.
const (
	AtStart       = ""
	AtRegister    = "register"
	AtRestore     = "restore"
	AtRestoreName = "restore/name"
	AtLink        = "link"
	AtSettings    = "settings"
	AtDevices     = "devices"
	AtNetwork     = "network"
	AtLock        = "lock"
	AtProgram     = "about"
	AtStorage     = "storage"
	AtExport      = "storage/export"
	AtImport      = "storage/import"
	AtNotices     = "notifications"
	AtNew         = "new"
	AtRequests    = "requests"
	AtNote        = "chat/note"
	atChat        = "chat/"
	atContact     = "/details" // behind the place of a chat
)

// OtherTabLine stands above a page of a tab that is not the writer.
const OtherTabLine = "Tandem is also open in another tab. You can read and write here, that tab does the sending."

// PageOf says which page a snapshot and a place make.
func PageOf(s *client.Snapshot, place string) Page {
	switch s.Phase {
	case client.Starting:
		return Opening
	case client.Elsewhere:
		return OtherTab
	case client.Broken:
		return CannotOpen
	case client.Welcome:
		return firstPage(place)
	case client.Words:
		return SeedWords
	case client.Key:
		return AccountKey
	case client.Joining:
		return Joining
	case client.Erased:
		return Unlinked
	case client.Locked:
		return Locked
	case client.Main:
		return mainPage(s, place)
	}
	return Opening
}

func firstPage(place string) Page {
	switch place {
	case AtRegister:
		return Register
	case AtRestore:
		return Restore
	case AtRestoreName:
		return RestoreName
	case AtLink:
		return LinkHere
	case AtImport:
		return ImportFirst
	}
	return Welcome
}

func mainPage(s *client.Snapshot, place string) Page {
	if s.Leaving {
		return Leaving
	}
	// Behind the dialog stands the page that opened it, whatever the address
	// says: Back does not close a dialog, and no control exists twice.
	if DialogOpen(s) {
		return Devices
	}
	switch place {
	case AtSettings:
		return Settings
	case AtDevices:
		return Devices
	case AtNetwork:
		return Network
	case AtLock:
		return Lock
	case AtStorage:
		return Storage
	case AtExport:
		return Export
	case AtImport:
		return Import
	case AtNotices:
		return Notices
	case AtProgram:
		return Program
	case AtNew:
		return NewChat
	case AtRequests:
		return Requests
	}
	if GroupOf(place) != "" {
		return NewChat
	}
	if row, ok := OpenChat(s, ChatOf(place)); ok {
		switch {
		case place == row.Place:
			return Chat
		case !row.Note:
			return Contact
		}
	}
	return Chats
}

// PlaceOf is the place of a conversation. The browser writes places into its
// history, in clear, so the ID itself is not in it.
func PlaceOf(s *client.Snapshot, conversation core.ID) string {
	if conversation == s.Account {
		return AtNote
	}
	sum := sha256.Sum256(append([]byte("tandem place v1\x00"), conversation[:]...))
	return atChat + hex.EncodeToString(sum[:8])
}

// ContactPlace is the place of the details of a chat's contact; ChatOf leads back.
func ContactPlace(chat string) string { return chat + atContact }

// ChatOf is the place of the chat that a place belongs to.
func ChatOf(place string) string { return strings.TrimSuffix(place, atContact) }

// Viewed is the conversation that a page shows; zero = none.
func Viewed(s *client.Snapshot, place string) core.ID {
	if PageOf(s, place) != Chat {
		return core.ID{}
	}
	row, _ := OpenChat(s, place)
	return row.Conversation
}

// OpenChat finds the chat of a place.
func OpenChat(s *client.Snapshot, place string) (ChatRow, bool) {
	if !strings.HasPrefix(place, atChat) {
		return ChatRow{}, false
	}
	for _, c := range ChatRows(s) {
		if c.Place == place {
			return c, true
		}
	}
	return ChatRow{}, false
}

// Title is the page's name in the browser's tab.
func (p Page) Title() string {
	name := map[Page]string{
		Register:    "Register a new account",
		Restore:     "Restore using seed",
		RestoreName: "Restore using seed",
		LinkHere:    "Link this device",
		Joining:     "Link this device",
		SeedWords:   "Your 13 words",
		AccountKey:  "Your public key",
		Chat:        "Chat",
		Contact:     "Details",
		NewChat:     "New chat",
		Requests:    "Friend requests",
		Settings:    "Settings",
		Devices:     "Devices",
		Network:     "Network",
		Lock:        "Lock",
		Storage:     "Storage",
		Export:      "Export",
		Import:      "Import",
		ImportFirst: "Import",
		Notices:     "Notifications",
		Program:     "About",
		Locked:      "Locked",
		Leaving:     "Unlinking",
	}[p]
	if name == "" {
		return "Tandem"
	}
	return name + " · Tandem"
}

// Step names what a person perceives as one page: when it changes, the focus
// moves to the new page's heading or first field.
func Step(s *client.Snapshot, place string) string {
	p := PageOf(s, place)
	switch p {
	case Joining:
		return p.Title() + "/" + JoinTitle(s.Join.Stage)
	case Chat, Contact:
		return place
	}
	return fmt.Sprintf("page %d", p)
}
