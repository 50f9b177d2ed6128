package view

import (
	"strings"
	"unicode"

	"tandem/core"
	"tandem/core/client"
)

// nameLimit is how much of another person's name is shown, in bytes; it is that
// of our own names.
const nameLimit = 100

// NameOf is what a person is called. A name comes from outside: characters that
// nobody sees, or that turn the text around them, are left out of it. Without
// any, the key stands for it.
func NameOf(name string, account core.ID) string {
	if len(name) > nameLimit {
		name = strings.ToValidUTF8(name[:nameLimit], "")
	}
	name = strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) && r != '\u200c' && r != '\u200d' || unicode.Is(unicode.Cc, r) && !unicode.IsSpace(r) {
			return -1
		}
		return r
	}, name)), " ")
	if strings.Trim(name, "\u200c\u200d") == "" {
		return ShortKey(account)
	}
	return name
}

// isolated keeps the direction of a name to itself within a sentence.
func isolated(name string) string { return "\u2068" + name + "\u2069" }

// ShortKey is both ends of a public key.
func ShortKey(account core.ID) string {
	key := account.Hex()
	return key[:8] + "…" + key[len(key)-5:]
}

// InitialOf is Initial for a person who may have no name: all keys begin alike.
func InitialOf(name string, account core.ID) string {
	if name == ShortKey(account) {
		return "05"
	}
	return Initial(name)
}

// Tint is the colour of somebody's avatar.
func Tint(account core.ID) int { return int(account[1]) % 6 }

// ContactLine is how one stands with somebody, in a few words.
func ContactLine(c client.ChatRow) string {
	if c.Group != nil {
		return groupLine(c.Group)
	}
	word := "Not a friend yet"
	switch c.Friendship {
	case client.Asked:
		word = "Friend request sent"
	case client.AskedTooOld:
		word = "No answer to your friend request"
	case client.Friends:
		word = "Friend"
	case client.ToConfirm:
		word = "Was your contact before"
	case client.Blocked:
		return "Blocked"
	case client.NotAsked:
	}
	switch {
	case c.Plain:
		return word + " · " + plainClient
	case c.Devices > 0:
		return word + " · " + plural(c.Devices, "device", "devices")
	}
	return word
}

// plainClient is a client that knows nothing of several devices.
const plainClient = "a plain Session client"

// Box is what stands under a conversation.
type Box uint8

// Boxes.
const (
	NoBox   Box = iota // nothing can be written now
	SendBox            // messages
	AskBox             // the next text is a friend request
)

// Standing is what a conversation says about itself above its box.
type Standing struct {
	Line    string // "" = nothing to say
	Icon    string
	Box     Box
	Unblock bool // offer it
}

// StandingOf is how a conversation stands.
func StandingOf(r ChatRow) Standing {
	name := isolated(r.Name)
	switch c := r.Contact; {
	case r.Note:
	case c.Group != nil:
		return groupStanding(c.Group)
	case c.Friendship == client.NotAsked:
		return Standing{Line: "You and " + name + " are not friends. What you write now is a friend request.", Icon: "user-add", Box: AskBox}
	case c.Friendship == client.Asked:
		return Standing{Line: "Your friend request is sent. You can write on as soon as " + name + " accepts it.", Icon: "clock"}
	case c.Friendship == client.AskedTooOld:
		return Standing{Line: name + " has not answered for 14 days, so the friend request is over. What you write now is a new one.", Icon: "clock", Box: AskBox}
	case c.Friendship == client.Blocked:
		return Standing{Line: "You blocked " + name + ". Nothing they write is shown, and they are not told.", Icon: "block", Unblock: true}
	case c.Friendship == client.ToConfirm:
		return Standing{Line: name + " was your contact before this account was restored, and has not been heard from since.", Icon: "info", Box: SendBox}
	case c.Plain:
		return Standing{Line: name + " uses " + plainClient + ": what you write goes to the account, not to one device after another.", Icon: "info", Box: SendBox}
	}
	return Standing{Box: SendBox}
}

// AnswersAsTwo is the warning about a second list key.
const AnswersAsTwo = "This account answers as two"

// TwoKeys says what that means, and what to do.
const TwoKeys = "Somebody else may hold its words, or it was set up anew. Nothing has changed here: the first safety number still counts. " +
	"Compare both with your friend, in person or on the phone, before you trust the second."

// Safety writes a safety number as 6 groups of 5 digits.
func Safety(digits string) []string {
	var groups []string
	for len(digits) > 5 {
		groups = append(groups, digits[:5])
		digits = digits[5:]
	}
	if digits == "" {
		return nil
	}
	return append(groups, digits)
}

// SafetyTruth is what a safety number is for.
const SafetyTruth = "Compare these 30 digits with the ones in your friend’s Settings, in person or on the phone. If they are equal, nobody sits between you."

// OwnSafety is what one's own is for.
const OwnSafety = "Friends see these 30 digits in the details of the chat with you. If theirs are equal, nobody sits between you."

// BlockTruth is what Block does.
const BlockTruth = "Nothing they write is shown any more, on any of your devices. They are not told. You can unblock them at any time."

// MaySwitch reports whether there is a choice where messages go.
func MaySwitch(c client.ChatRow) bool {
	return c.Devices > 0 && (c.Friendship == client.Friends || c.Friendship == client.ToConfirm)
}

// The two choices.
const (
	ToAccount = "Send to the account"
	ToDevices = "Send to the devices"
)

// SwitchTruth is when somebody may want the other one.
func SwitchTruth(c client.ChatRow) string {
	if c.Plain {
		return "You have your messages sent to the account. This contact has shown devices of its own as well, which are safer."
	}
	return "If your friend has given up these devices and now uses " + plainClient + ", your messages can go to the account."
}

// PlainWarning is what it means.
func PlainWarning() []string {
	return []string{
		"Do this only if your friend told you so in person or on the phone.",
		"Whoever holds the key of the account then reads what you write, even a device that your friend has removed.",
		"The safety number says nothing about these messages.",
	}
}

// DeviceCount is how many devices somebody has.
func DeviceCount(c client.ChatRow) string {
	switch {
	case c.Plain:
		return "One or more, behind " + plainClient
	case c.Devices == 0:
		return "Not known yet"
	}
	return plural(c.Devices, "device", "devices")
}
