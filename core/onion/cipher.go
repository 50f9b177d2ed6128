package onion

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"

	"golang.org/x/crypto/blake2b"
	"golang.org/x/crypto/chacha20poly1305"
)

// Enc is the cipher of a layer (network.md §6.1).
type Enc uint8

// Ciphers.
const (
	AESGCM Enc = iota
	XChaCha20
	AESCBC // legacy
)

// ParseEnc reads an enc_type. Only an absent enc_type means aes-gcm: the empty
// string is refused, as the real server does (recordings, number 29).
func ParseEnc(name string) (Enc, bool) {
	switch name {
	case "aes-gcm", "gcm":
		return AESGCM, true
	case "xchacha20", "xchacha20-poly1305":
		return XChaCha20, true
	case "aes-cbc", "cbc":
		return AESCBC, true
	}
	return 0, false
}

// String is the name on the wire.
func (e Enc) String() string {
	switch e {
	case AESGCM:
		return "aes-gcm"
	case XChaCha20:
		return "xchacha20"
	case AESCBC:
		return "aes-cbc"
	}
	return "unknown"
}

// Channel is the symmetric key that one layer and its answer share. It prints
// as [secret].
type Channel struct {
	enc Enc
	key [32]byte
}

// String hides the key.
func (Channel) String() string { return "[secret]" }

// GoString hides the key.
func (Channel) GoString() string { return "[secret]" }

// derive makes the key of a layer from the raw X25519 agreement. The order of
// the public keys is client, node in both directions.
func derive(enc Enc, shared, client, node [32]byte) Channel {
	c := Channel{enc: enc, key: shared}
	switch enc {
	case AESGCM:
		mac := hmac.New(sha256.New, []byte("LOKI"))
		mac.Write(shared[:])
		mac.Sum(c.key[:0])
	case XChaCha20:
		c.key = blake2b.Sum256(append(append(shared[:], client[:]...), node[:]...))
	case AESCBC:
	}
	return c
}

// nonceSize in bytes.
func (c Channel) nonceSize() int {
	switch c.enc {
	case AESGCM:
		return 12
	case XChaCha20:
		return chacha20poly1305.NonceSizeX
	case AESCBC:
	}
	return aes.BlockSize
}

// Seal encrypts under a fresh nonce, which goes in front.
func (c Channel) Seal(plain []byte) []byte {
	nonce := make([]byte, c.nonceSize())
	rand.Read(nonce) // never fails: crypto/rand ends the program instead
	return c.sealWith(nonce, plain)
}

// sealWith is Seal under a given nonce, which it takes over.
func (c Channel) sealWith(nonce, plain []byte) []byte {
	if c.enc == AESCBC {
		pad := aes.BlockSize - len(plain)%aes.BlockSize
		out := append(nonce, plain...)
		for range pad {
			out = append(out, byte(pad))
		}
		body := out[aes.BlockSize:]
		cipher.NewCBCEncrypter(c.block(), out[:aes.BlockSize]).CryptBlocks(body, body)
		return out
	}
	return c.aead().Seal(nonce, nonce, plain, nil)
}

// Open decrypts what Seal of the other side made. Error: ErrCiphertext.
func (c Channel) Open(sealed []byte) ([]byte, error) {
	n := c.nonceSize()
	if len(sealed) < n {
		return nil, ErrCiphertext
	}
	if c.enc == AESCBC {
		return c.openCBC(sealed[:n], sealed[n:])
	}
	plain, err := c.aead().Open(nil, sealed[:n], sealed[n:], nil)
	if err != nil {
		return nil, ErrCiphertext
	}
	return plain, nil
}

func (c Channel) openCBC(iv, body []byte) ([]byte, error) {
	if len(body) == 0 || len(body)%aes.BlockSize != 0 {
		return nil, ErrCiphertext
	}
	plain := make([]byte, len(body))
	cipher.NewCBCDecrypter(c.block(), iv).CryptBlocks(plain, body)
	pad := int(plain[len(plain)-1])
	if pad == 0 || pad > aes.BlockSize {
		return nil, ErrCiphertext
	}
	for _, b := range plain[len(plain)-pad:] {
		if int(b) != pad {
			return nil, ErrCiphertext
		}
	}
	return plain[:len(plain)-pad], nil
}

func (c Channel) block() cipher.Block {
	b, err := aes.NewCipher(c.key[:])
	if err != nil {
		panic(err) // 32 bytes are always a key
	}
	return b
}

func (c Channel) aead() cipher.AEAD {
	var a cipher.AEAD
	var err error
	if c.enc == XChaCha20 {
		a, err = chacha20poly1305.NewX(c.key[:])
	} else {
		a, err = cipher.NewGCM(c.block())
	}
	if err != nil {
		panic(err) // 32 bytes are always a key
	}
	return a
}
