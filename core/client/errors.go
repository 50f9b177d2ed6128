package client

import (
	"errors"

	"tandem/core/client/courier"
	"tandem/core/linking"
	"tandem/core/opengroup"
)

// Refusals of commands. Each has one sentence in web/view.
var (
	ErrNameEmpty       = errors.New("client: the display name is empty")
	ErrNameLong        = errors.New("client: the display name is longer than 100 bytes")
	ErrDeviceNameLong  = errors.New("client: the name of a device is longer than 64 bytes")
	ErrTextEmpty       = errors.New("client: the message is empty")
	ErrTextLong        = errors.New("client: the message is longer than 2,000 characters")
	ErrOffline         = errors.New("client: the network does not answer")
	ErrOwnKey          = errors.New("client: this is this device's own public key")
	ErrCode            = linking.ErrCode // a link code that is not whole, or of another version
	ErrNotPrimary      = errors.New("client: only the primary device can do this")
	ErrNotNow          = errors.New("client: not possible in this state")
	ErrStore           = errors.New("client: the browser's storage refused the change")
	ErrNoNetworkFile   = errors.New("client: network.json is missing or not valid")
	ErrPassphrase      = errors.New("client: the passphrase is wrong")
	ErrPassphraseShort = errors.New("client: the passphrase is shorter than 8 characters")
	ErrPassphraseLong  = errors.New("client: the passphrase is longer than 1,024 bytes")
	ErrPassphraseWait  = errors.New("client: no passphrase is tried before Snapshot.Lock.Wait")
	ErrOwnAccount      = errors.New("client: this is the account's own public key")
	ErrAlready         = errors.New("client: this account is a contact, or was asked already")
	ErrBlocked         = errors.New("client: this account is blocked")
	ErrNotFriends      = errors.New("client: the friend request was not accepted")
	ErrGroupURL        = opengroup.ErrURL
	ErrGroupDown       = courier.ErrServerDown
	ErrGroupKey        = courier.ErrServerKey
	ErrGroupReply      = courier.ErrServerReply
	ErrGroupSignature  = opengroup.ErrSignature
	ErrGroupForbidden  = opengroup.ErrForbidden
	ErrGroupMissing    = opengroup.ErrMissing
	ErrGroupClock      = opengroup.ErrClock
	ErrGroupBusy       = opengroup.ErrBusy
	ErrGroupServer     = opengroup.ErrServer
	ErrGroupGarbage    = opengroup.ErrGarbage
	ErrGroupRequest    = opengroup.ErrRequest
	ErrBackup          = errors.New("client: the backup is damaged, or cut off")
	ErrBackupForeign   = errors.New("client: this is no backup, or one of a newer version")
	ErrBackupAccount   = errors.New("client: the backup is of another account")
	ErrBackupWords     = errors.New("client: the backup has no recovery phrase, which a device without an account needs")
	ErrClosed          = errors.New("client: stopped")
)
