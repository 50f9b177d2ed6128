package store

import (
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"errors"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/chacha20poly1305"
)

// What stands between a passphrase and the data key.
var (
	ErrLocked     = errors.New("store: a passphrase is needed")
	ErrPassphrase = errors.New("store: the passphrase is wrong")
)

// lock is the data key sealed under a key that Argon2id makes from a passphrase:
// version ‖ memory ‖ passes ‖ lanes ‖ salt ‖ nonce ‖ ciphertext. All before the
// nonce is additional data.
type lock struct {
	cost   cost
	salt   []byte
	sealed []byte // nonce ‖ ciphertext
}

// cost is what one guess costs.
type cost struct {
	memory uint32 // KiB
	passes uint8
	lanes  uint8
}

const (
	lockVersion = 1
	saltSize    = 16
	lockHeader  = 1 + 4 + 1 + 1 + saltSize
	// lockSize is the one length of a lock: it holds both keys.
	lockSize = lockHeader + chacha20poly1305.NonceSizeX + 2*keySize + chacha20poly1305.Overhead
)

// Costs. The present one is OWASP's for Argon2id, a tenth of a second in a tab.
// A stored one may be higher, as far as a tab can bear it, and never lower.
func costNow() cost { return cost{memory: 19 * 1024, passes: 2, lanes: 1} }
func costMax() cost { return cost{memory: 64 * 1024, passes: 8, lanes: 4} }

// within reports whether a stored cost is one that may be paid.
func (c cost) within(low, high cost) bool {
	return c.memory >= low.memory && c.memory <= high.memory &&
		c.passes >= low.passes && c.passes <= high.passes &&
		c.lanes >= low.lanes && c.lanes <= high.lanes
}

// newLock seals a secret of 2*keySize bytes under a passphrase, taken byte for
// byte: equal texts in different normal forms of Unicode are different.
func newLock(passphrase string, secret []byte) []byte {
	l := lock{cost: costNow(), salt: make([]byte, saltSize)}
	rand.Read(l.salt)
	nonce := make([]byte, chacha20poly1305.NonceSizeX)
	rand.Read(nonce)
	header := l.header()
	return append(header, l.aead(passphrase).Seal(nonce, nonce, secret, header)...)
}

// parseLock reads what newLock wrote. Error: ErrDamaged.
func parseLock(b []byte) (lock, error) {
	if len(b) != lockSize || b[0] != lockVersion {
		return lock{}, ErrDamaged
	}
	l := lock{
		cost:   cost{memory: binary.BigEndian.Uint32(b[1:]), passes: b[5], lanes: b[6]},
		salt:   b[7:lockHeader],
		sealed: b[lockHeader:],
	}
	if !l.cost.within(costNow(), costMax()) {
		return lock{}, ErrDamaged
	}
	return l, nil
}

// open gives the secret. Error: ErrPassphrase.
func (l lock) open(passphrase string) ([]byte, error) {
	const n = chacha20poly1305.NonceSizeX
	secret, err := l.aead(passphrase).Open(nil, l.sealed[:n], l.sealed[n:], l.header())
	if err != nil {
		return nil, ErrPassphrase
	}
	return secret, nil
}

func (l lock) header() []byte {
	h := binary.BigEndian.AppendUint32([]byte{lockVersion}, l.cost.memory)
	return append(append(h, l.cost.passes, l.cost.lanes), l.salt...)
}

// aead takes most of the time that a guess costs.
func (l lock) aead(passphrase string) cipher.AEAD {
	typed := []byte(passphrase)
	key := argon2.IDKey(typed, l.salt, uint32(l.cost.passes), l.cost.memory, l.cost.lanes, chacha20poly1305.KeySize)
	defer clear(typed)
	defer clear(key)
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		panic("store: key size") // it was asked for right above
	}
	return aead
}
