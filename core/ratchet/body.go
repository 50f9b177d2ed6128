package ratchet

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"

	"tandem/core/wire"
)

// messageKeys seal one message: AES-256-CBC with PKCS7, and an HMAC around it.
type messageKeys struct {
	block cipher.Block
	mac   []byte
	iv    []byte
}

func keysOf(seed [32]byte) messageKeys {
	out := wire.HKDF(seed[:], nil, "WhisperMessageKeys", 80)
	block, err := aes.NewCipher(out[:32])
	if err != nil {
		panic("ratchet: internal error: " + err.Error())
	}
	return messageKeys{block, out[32:64], out[64:]}
}

func (k messageKeys) seal(plain []byte) []byte {
	fill := aes.BlockSize - len(plain)%aes.BlockSize
	out := append(make([]byte, 0, len(plain)+fill), plain...)
	out = append(out, bytes.Repeat([]byte{byte(fill)}, fill)...)
	cipher.NewCBCEncrypter(k.block, k.iv).CryptBlocks(out, out)
	return out
}

// open is the inverse of seal, for a body of whole blocks whose MAC was found
// right before. Error: ErrForm.
func (k messageKeys) open(body []byte) ([]byte, error) {
	out := make([]byte, len(body))
	cipher.NewCBCDecrypter(k.block, k.iv).CryptBlocks(out, body)
	fill := int(out[len(out)-1])
	if fill == 0 || fill > aes.BlockSize {
		return nil, ErrForm
	}
	plain, tail := out[:len(out)-fill], out[len(out)-fill:]
	if !bytes.Equal(tail, bytes.Repeat([]byte{byte(fill)}, fill)) {
		return nil, ErrForm
	}
	return plain, nil
}
