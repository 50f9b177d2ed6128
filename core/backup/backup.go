// Package backup is the form of an exported account: one file, sealed under a
// passphrase, that can be written and read piece by piece (PROTOCOL.md §18).
//
// It knows how a file is cut, sealed, signed and bounded. What goes into it and
// what becomes of it is the client's matter. Keys of devices and sessions have no
// place in it.
//
// A file is a header in clear and frames. The first frame is the Head, the last
// one the End, which is signed by the account over all that stands before it; a
// file without an End was cut off. Nothing of a file counts before it was read to
// its End once.
package backup

import (
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/chacha20poly1305"
)

// What is wrong with a file.
var (
	ErrForeign    = errors.New("backup: not a backup, or of a version that is not known here")
	ErrPassphrase = errors.New("backup: the passphrase is wrong")
	ErrDamaged    = errors.New("backup: damaged, or cut off")
)

const (
	magic   = "tandem backup\n"
	version = 1

	saltSize   = 16
	headerSize = len(magic) + 1 + 4 + 1 + 1 + saltSize

	// MaxPart bounds what one frame holds, in bytes.
	MaxPart  = 64 << 10
	frameLen = 4
	// maxFrames bounds a file to 64 GiB.
	maxFrames = 1 << 20
)

// cost is what one guess of a passphrase costs: that of the store's lock, and the
// same bounds for what is read (PROTOCOL.md §13).
type cost struct {
	memory        uint32 // KiB
	passes, lanes uint8
}

func costNow() cost { return cost{19 * 1024, 2, 1} }

func (c cost) fair() bool {
	return c.memory >= 19*1024 && c.memory <= 64*1024 && c.passes >= 2 && c.passes <= 8 && c.lanes >= 1 && c.lanes <= 4
}

// sealer seals the frames of one file, in their order.
type sealer struct {
	header []byte
	aead   cipher.AEAD
	number uint64    // of the next frame
	sum    hash.Hash // of all that stands before it
}

// newSealer takes most of the time that a guess costs.
func newSealer(header []byte, c cost, passphrase string) *sealer {
	typed := []byte(passphrase)
	key := argon2.IDKey(typed, header[headerSize-saltSize:], uint32(c.passes), c.memory, c.lanes, chacha20poly1305.KeySize)
	aead, err := chacha20poly1305.NewX(key)
	clear(typed)
	clear(key)
	if err != nil {
		panic("backup: key size") // it was asked for right above
	}
	s := &sealer{header: header, aead: aead}
	s.rewind()
	return s
}

func (s *sealer) rewind() {
	s.number, s.sum = 0, sha256.New()
	s.sum.Write(s.header)
}

// nonce is the number of the frame: a salt is used for one file, so a key is, too.
func (s *sealer) nonce() []byte {
	return binary.BigEndian.AppendUint64(make([]byte, chacha20poly1305.NonceSizeX-8), s.number)
}

// next ends a frame.
func (s *sealer) next(frame []byte) {
	s.sum.Write(frame)
	s.number++
}

// String hides the key.
func (s *sealer) String() string { return "[secret]" }

// GoString hides the key.
func (s *sealer) GoString() string { return "[secret]" }

// Writer writes a file.
type Writer struct{ *sealer }

// NewWriter begins a file. It takes about a tenth of a second in a tab.
func NewWriter(passphrase string) Writer {
	c := costNow()
	header := append([]byte(magic), version)
	header = binary.BigEndian.AppendUint32(header, c.memory)
	header = append(header, c.passes, c.lanes)
	salt := make([]byte, saltSize)
	rand.Read(salt)
	return Writer{newSealer(append(header, salt...), c, passphrase)}
}

// Header is the beginning of the file.
func (w Writer) Header() []byte { return append([]byte(nil), w.header...) }

// Sum is over all that was written so far: what End is about.
func (w Writer) Sum() (sum [sha256.Size]byte) {
	copy(sum[:], w.sum.Sum(nil))
	return sum
}

// Seal is the next frame; plain has at most MaxPart bytes.
func (w Writer) Seal(plain []byte) []byte {
	frame := binary.BigEndian.AppendUint32(nil, uint32(len(plain)+w.aead.Overhead()))
	frame = w.aead.Seal(frame, w.nonce(), plain, w.header)
	w.next(frame)
	return frame
}

// Reader reads a file that comes in pieces of any size.
type Reader struct {
	passphrase string
	buffer     []byte
	sealer     *sealer // nil until the header is here
	started    bool    // the header of this pass is behind
}

// NewReader waits for the beginning of a file.
func NewReader(passphrase string) *Reader { return &Reader{passphrase: passphrase} }

// Feed takes the next piece of the file.
func (r *Reader) Feed(piece []byte) { r.buffer = append(r.buffer, piece...) }

// Rewind waits for the beginning of the same file once more.
func (r *Reader) Rewind() {
	r.buffer, r.started = nil, false
	if r.sealer != nil {
		r.sealer.rewind()
	}
}

// Rest reports whether bytes were fed that no frame was made of.
func (r *Reader) Rest() bool { return !r.started || len(r.buffer) > 0 }

// Next opens the next frame. sum is that of all before it. plain nil: the piece
// that it needs is not here yet. Errors: ErrForeign, ErrPassphrase, ErrDamaged.
func (r *Reader) Next() (plain []byte, sum [sha256.Size]byte, err error) {
	if !r.started {
		if err := r.begin(); err != nil || !r.started {
			return nil, sum, err
		}
	}
	if len(r.buffer) < frameLen {
		return nil, sum, nil
	}
	s := r.sealer
	n := binary.BigEndian.Uint32(r.buffer)
	if n <= uint32(s.aead.Overhead()) || n > uint32(MaxPart+s.aead.Overhead()) || s.number == maxFrames {
		return nil, sum, ErrDamaged
	}
	if uint32(len(r.buffer)-frameLen) < n {
		return nil, sum, nil
	}
	frame := r.buffer[:frameLen+int(n)]
	plain, err = s.aead.Open(nil, s.nonce(), frame[frameLen:], s.header)
	switch {
	case err != nil && s.number == 0:
		return nil, sum, ErrPassphrase
	case err != nil:
		return nil, sum, ErrDamaged
	}
	copy(sum[:], s.sum.Sum(nil))
	s.next(frame)
	r.buffer = r.buffer[len(frame):]
	return plain, sum, nil
}

// begin reads the header, once it is here.
func (r *Reader) begin() error {
	if n := min(len(r.buffer), len(magic)); string(r.buffer[:n]) != magic[:n] {
		return ErrForeign
	}
	if len(r.buffer) < headerSize {
		return nil
	}
	header := append([]byte(nil), r.buffer[:headerSize]...)
	b := header[len(magic):]
	c := cost{binary.BigEndian.Uint32(b[1:]), b[5], b[6]}
	if b[0] != version || !c.fair() {
		return ErrForeign
	}
	switch {
	case r.sealer == nil:
		r.sealer = newSealer(header, c, r.passphrase)
		r.passphrase = ""
	case string(r.sealer.header) != string(header):
		return ErrDamaged // not the file of the first time
	}
	r.buffer, r.started = r.buffer[headerSize:], true
	return nil
}
