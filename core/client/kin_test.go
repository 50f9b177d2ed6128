package client

import (
	"reflect"
	"testing"

	"tandem/core"
)

// What is pending with a device is the same after a reload.
func TestPeerRecord(t *testing.T) {
	for _, p := range []peer{
		{}, {tries: 1, first: 2, next: 3, entry: 4}, {handled: 5}, {held: []byte("x"), heldAt: 6, account: core.ID{5, 1}}, {left: true},
		{tries: 7, first: 8, next: 9, entry: 10, handled: 11, held: []byte("y"), heldAt: 12, left: true},
	} {
		got, err := parsePeer(p.marshal())
		if err != nil || !reflect.DeepEqual(got, p) {
			t.Errorf("%+v became %+v, %v", p, got, err)
		}
	}
}

func FuzzParsePeer(f *testing.F) {
	f.Add(peer{tries: 7, first: 8, next: 9, entry: 10, handled: 11, held: []byte("y"), heldAt: 12, left: true}.marshal())
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := parsePeer(b)
		if err != nil {
			return
		}
		if again, err := parsePeer(p.marshal()); err != nil || (p.held != nil || p.heldAt == 0) && !reflect.DeepEqual(again, p) {
			t.Fatalf("read again it is different: %+v, %+v", p, again)
		}
	})
}
