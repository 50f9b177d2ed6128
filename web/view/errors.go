package view

import (
	"errors"
	"fmt"
	"strings"

	"tandem/core"
	"tandem/core/client"
	"tandem/core/mnemonic"
)

// unexpected is for errors that no page foresees. It does not claim that
// nothing happened.
const unexpected = "Something went wrong that Tandem did not expect. Try again, or reload this page."

// What may go wrong in the pages themselves: mostly on the way of a code into
// its box.
var (
	ErrNoCode      = errors.New("view: no QR code in the picture")
	ErrOtherCode   = errors.New("view: a QR code that is no link code")
	ErrNoCamera    = errors.New("view: the camera is refused or absent")
	ErrNoClipboard = errors.New("view: the clipboard is refused")
	// ErrNoDrop: Keep was chosen in an account that has no place for this device.
	ErrNoDrop = errors.New("view: no device was chosen that makes room")
	// ErrNoFile: none was chosen, or the browser could not read or write it.
	ErrNoFile = errors.New("view: no file")
	// ErrDiffer: a new passphrase was typed in two ways.
	ErrDiffer = errors.New("view: two different passphrases")
)

// Sentence says what an error means and what to do, in one sentence. It is
// empty for nil.
func Sentence(err error) string {
	var word *mnemonic.WordError
	if errors.As(err, &word) {
		return fmt.Sprintf("Word %d, “%s”, is not one of the words that a seed is made of.", word.Place, word.Word)
	}
	if err == nil {
		return ""
	}
	for _, s := range sentences {
		if errors.Is(err, s.err) {
			return s.text
		}
	}
	if s := client.GroupSentence(err); s != "" {
		return s
	}
	return unexpected
}

// sentences is ordered: the first that matches counts.
var sentences = [...]struct {
	err  error
	text string
}{
	{client.ErrNameEmpty, "Type a name first, any name that your friends will recognise."},
	{client.ErrNameLong, "This name is too long: it may have up to 100 bytes, that is 100 Latin letters or 33 Chinese characters."},
	{client.ErrDeviceNameLong, "This name is too long: a device’s name may have up to 64 bytes, that is 64 Latin letters or 21 Chinese characters."},
	{client.ErrTextEmpty, "There is nothing to send yet: type a message first."},
	{client.ErrTextLong, "This message is too long: one message may have up to 2,000 characters."},
	{client.ErrCode, "This link code is not whole: copy it again, from tandem-link: to its last character."},
	{client.ErrOffline, "The network does not answer, so this could not be done: try again once you are online."},
	{client.ErrOwnKey, "This is this device’s own public key: paste the one that your primary device shows."},
	{client.ErrNotPrimary, "Do this on your primary device: a secondary device cannot link others."},
	{client.ErrNotNow, "This is not possible right now: look at the page again and wait a moment, then try once more."},
	{client.ErrStore, "The browser refused to store this, so nothing was changed: free some space or leave private browsing, then try again."},
	{client.ErrNoNetworkFile, "This site has no valid network.json, so Tandem cannot reach the network: whoever runs the site has to add it."},
	{client.ErrPassphrase, "This is not the passphrase: nothing was opened and nothing is lost."},
	{client.ErrPassphraseShort, "This passphrase is too short: it needs at least 8 characters, and several words are better."},
	{client.ErrPassphraseLong, "This passphrase is too long: it may have up to 1,024 bytes."},
	{client.ErrPassphraseWait, "Wait until the countdown is over, then try again."},
	{client.ErrOwnAccount, "This is your own public key: paste your friend’s. Notes to yourself go into Note to self."},
	{client.ErrAlready, "You asked this person already, or are friends: look for them in the list of chats."},
	{client.ErrBlocked, "You blocked this person: unblock them in Settings first."},
	{client.ErrNotFriends, "This can be sent as soon as your friend request is accepted. The text is kept here."},
	{client.ErrBackup, "This file is damaged or was cut off, so nothing of it was taken: copy it here again, or take another one."},
	{client.ErrBackupForeign, "This file is no backup of Tandem, or one of a newer version: choose another file, or update Tandem."},
	{client.ErrBackupAccount, "This backup is of another account: it can be imported on a device of that account."},
	{client.ErrBackupWords, "This backup was made on a secondary device and has no recovery phrase: link this device first, then import it in Settings > Storage."},
	{client.ErrClosed, "Tandem has stopped in this tab: reload the page."},

	{ErrNoCode, "No QR code was found in this picture: take another one, straight from the front and not too small."},
	{ErrOtherCode, "This QR code is no link code: scan the one in the dialog Waiting for Device."},
	{ErrNoCamera, "The camera cannot be used: allow it for this site, or paste the code instead."},
	{ErrNoDrop, "Choose the device that makes room first."},
	{ErrNoFile, "Choose a file first; if you did, the browser could not read it: choose it again."},
	{ErrDiffer, Differ},
	{ErrNoClipboard, "The browser did not let Tandem read what you copied: paste it into the box by hand."},

	{mnemonic.ErrCount, "A seed has 13 words."},
	{mnemonic.ErrChecksum, "The last word does not fit the others: one of the 13 words is wrong or two are swapped."},
	{mnemonic.ErrRange, "These words do not belong together: at least one of the 13 is wrong."},

	{core.ErrIDLength, "A public key has 66 characters."},
	{core.ErrIDHex, "A public key has only the digits 0 to 9 and the letters a to f."},
	{core.ErrIDPrefix, "A public key starts with 05, this one does not."},
}

// Refusals are all errors that have a sentence, in the order in which Sentence
// looks for them: another tab that gets one of them says the same.
func Refusals() []error {
	out := make([]error, len(sentences))
	for i, s := range sentences {
		out[i] = s.err
	}
	return append(out, client.GroupErrors()...)
}

// SeedSentence is Sentence for words typed into the box Seed.
func SeedSentence(err error, typed string) string {
	if !errors.Is(err, mnemonic.ErrCount) {
		return Sentence(err)
	}
	switch n := len(strings.Fields(typed)); n {
	case 0:
		return "Type or paste your 13 words first."
	case 1:
		return "A seed has 13 words, this is one."
	default:
		return fmt.Sprintf("A seed has 13 words, these are %d.", n)
	}
}

// codePrefix begins every link code.
const codePrefix = "tandem-link:"

// ReadTarget takes a public key or a link code out of what was pasted: both may
// be shown in several lines, so white space inside is nobody's mistake. Whether
// a link code is whole, the engine says.
func ReadTarget(typed string) (string, error) {
	whole := strings.Join(strings.Fields(typed), "")
	if isCode(whole) {
		return codePrefix + whole[len(codePrefix):], nil
	}
	key := strings.ToLower(whole)
	if _, err := core.ParseID(key); err != nil {
		return "", err
	}
	return key, nil
}

// isCode: the part before the colon is no secret, so its case does not matter.
func isCode(whole string) bool {
	return len(whole) >= len(codePrefix) && strings.EqualFold(whole[:len(codePrefix)], codePrefix)
}

// TargetSentence is Sentence for what was typed into the box for a public key.
func TargetSentence(err error, typed string) string {
	if !errors.Is(err, core.ErrIDLength) {
		return Sentence(err)
	}
	n := len([]rune(strings.Join(strings.Fields(typed), "")))
	if n == 0 {
		return "Paste the public key or the link code that your primary device shows."
	}
	return fmt.Sprintf("A public key has 66 characters, this has %d.", n)
}

// Mistyped reports whether an error is about what stands in the box, rather
// than about the device or the network.
func Mistyped(err error) bool {
	var word *mnemonic.WordError
	if errors.As(err, &word) {
		return true
	}
	for _, typed := range [...]error{
		client.ErrNameEmpty, client.ErrNameLong, client.ErrDeviceNameLong, client.ErrTextEmpty, client.ErrTextLong, client.ErrOwnKey, client.ErrCode, client.ErrOwnAccount,
		client.ErrPassphrase, client.ErrPassphraseShort, client.ErrPassphraseLong,
		mnemonic.ErrCount, mnemonic.ErrChecksum, mnemonic.ErrRange,
		core.ErrIDLength, core.ErrIDHex, core.ErrIDPrefix,
	} {
		if errors.Is(err, typed) {
			return true
		}
	}
	return false
}
