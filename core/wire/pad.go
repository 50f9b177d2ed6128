// Package wire is about bytes: protobuf fields read strictly and bounded,
// padding, signed bodies, length prefixes, HKDF and AEAD as multi-device.md §2
// fixes them, and the Content that is inside every message. It knows no private
// key (core/identity) and no mailbox (core/envelope).
package wire

// padStep is the size step of padded plaintexts, in bytes (network.md §8.2).
const padStep = 160

// Pad appends 0x80 and zeros to the next multiple of 160, at least one byte.
func Pad(message []byte) []byte {
	out := make([]byte, (len(message)/padStep+1)*padStep)
	copy(out, message)
	out[len(message)] = 0x80
	return out
}

// Unpad strips trailing zeros and one 0x80. Bytes without padding are returned
// as they are: old clients send them (network.md §8.2).
func Unpad(padded []byte) []byte {
	end := len(padded)
	for end > 0 && padded[end-1] == 0 {
		end--
	}
	if end > 0 && padded[end-1] == 0x80 {
		return padded[:end-1]
	}
	return padded
}
