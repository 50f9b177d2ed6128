package store

import (
	"encoding/binary"

	"tandem/core"
)

// recordKey joins the parts of a record's key.
func recordKey(kind Kind, parts ...[]byte) []byte {
	key := []byte{byte(kind)}
	for _, p := range parts {
		key = append(key, p...)
	}
	return key
}

// after is the first key behind all keys that begin with prefix; nil if there is
// none.
func after(prefix []byte) []byte {
	end := append([]byte(nil), prefix...)
	for i := len(end) - 1; i >= 0; i-- {
		end[i]++
		if end[i] != 0 {
			return end[:i+1]
		}
	}
	return nil
}

// number is n so that byte order is number order.
func number(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

// moment is t so that byte order is time order, before 1970 too: a peer may
// claim any time.
func moment(t core.Millis) []byte { return number(uint64(t) ^ 1<<63) }

// parseMoment reads the 8 bytes of moment.
func parseMoment(b []byte) core.Millis {
	return core.Millis(binary.BigEndian.Uint64(b) ^ 1<<63)
}
