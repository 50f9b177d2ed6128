package friends

import (
	"bytes"
	"reflect"
	"testing"

	"tandem/core"
	"tandem/core/identity"
	"tandem/core/wire"
)

const noon core.Millis = 1_700_000_000_000

var (
	ada, bob, eve = identity.NewDevice(), identity.NewDevice(), identity.NewDevice()
	phone         = identity.NewDevice()
)

func request() Request {
	return Request{
		ID: RequestID{1, 2, 3}, From: ada.ID(), Device: phone.ID(), Ed: phone.Ed(), To: bob.ID(), Created: noon, Counter: 7,
		List: []byte("list"), Bundle: []byte("bundle"), Name: "Ada",
	}
}

func acceptance() Accept {
	return Accept{
		ID: RequestID{1, 2, 3}, From: ada.ID(), Device: phone.ID(), Ed: phone.Ed(), To: bob.ID(), At: noon, List: [32]byte{9},
	}
}

func TestRequestIsReadAsItWasSigned(t *testing.T) {
	got, err := ParseRequest(request().Sign(phone), ada.ID(), bob.ID())
	if err != nil || !reflect.DeepEqual(got, request()) {
		t.Errorf("%+v, %v", got, err)
	}
	a, err := ParseAccept(acceptance().Sign(phone), ada.ID(), bob.ID())
	if err != nil || a != acceptance() {
		t.Errorf("%+v, %v", a, err)
	}
}

// Neither message can be used for another account, signed by another key, or
// bent.
func TestForgedMessagesAreRefused(t *testing.T) {
	signed, accepted := request().Sign(phone), acceptance().Sign(phone)
	for name, ids := range map[string][2]core.ID{
		"of another account": {eve.ID(), bob.ID()}, "for another account": {ada.ID(), eve.ID()}, "for its own": {ada.ID(), ada.ID()},
	} {
		if _, err := ParseRequest(signed, ids[0], ids[1]); err != ErrRequest {
			t.Errorf("a request %s: %v", name, err)
		}
		if _, err := ParseAccept(accepted, ids[0], ids[1]); err != ErrAccept {
			t.Errorf("an acceptance %s: %v", name, err)
		}
	}
	if _, err := ParseRequest(accepted, ada.ID(), bob.ID()); err != ErrRequest {
		t.Errorf("an acceptance taken for a request: %v", err)
	}
	if _, err := ParseAccept(signed, ada.ID(), bob.ID()); err != ErrAccept {
		t.Errorf("a request taken for an acceptance: %v", err)
	}
	for _, original := range [][]byte{signed, accepted} {
		for i := range original {
			bent := bytes.Clone(original)
			bent[i] ^= 1
			_, asked := ParseRequest(bent, ada.ID(), bob.ID())
			_, taken := ParseAccept(bent, ada.ID(), bob.ID())
			if asked == nil || taken == nil {
				t.Fatalf("byte %d is not authenticated", i)
			}
		}
	}
	// Signed by somebody else in the device's name.
	s, err := wire.ParseSigned(signed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ParseRequest(wire.SignBody(eve, domainRequest, s.Body).Marshal(), ada.ID(), bob.ID()); err != ErrRequest {
		t.Errorf("signed by somebody else: %v", err)
	}
	nameless := request()
	nameless.Counter = 0
	if _, err := ParseRequest(nameless.Sign(phone), ada.ID(), bob.ID()); err != ErrRequest {
		t.Errorf("without a number: %v", err)
	}
	// Each field must be there.
	for left := range 12 {
		var body []byte
		_ = wire.Fields(s.Body, func(f wire.Field) error {
			switch {
			case f.Number == left:
			case f.Bytes != nil:
				body = wire.AppendBytes(body, f.Number, f.Bytes)
			default:
				body = wire.AppendUint(body, f.Number, f.Varint)
			}
			return nil
		})
		_, err := ParseRequest(wire.SignBody(phone, domainRequest, body).Marshal(), ada.ID(), bob.ID())
		if (err == nil) != (left == 0) {
			t.Errorf("without field %d: %v", left, err)
		}
	}
}

func TestRequestsExpire(t *testing.T) {
	for _, c := range []struct {
		now   core.Millis
		fresh bool
	}{
		{noon, true}, {noon - 10*core.Minute, true}, {noon - 10*core.Minute - 1, false}, {noon + Expiry - 1, true}, {noon + Expiry, false},
	} {
		if request().Fresh(c.now) != c.fresh {
			t.Errorf("at noon %+d: fresh = %v", c.now-noon, !c.fresh)
		}
	}
	pending := Record{State: Pending, Account: ada.ID(), Created: noon}
	accepted := pending
	accepted.State = Accepted
	if pending.At(noon+Expiry-1) != Pending || pending.At(noon+Expiry) != Expired || accepted.At(noon+Expiry) != Accepted {
		t.Error("states do not follow the time")
	}
}

func TestRecordsComeBack(t *testing.T) {
	for _, r := range []Record{
		{State: Pending, Account: ada.ID(), Out: true, Created: noon}, {State: Accepted, Account: bob.ID()}, {State: Declined, Account: bob.ID(), Created: 1},
	} {
		if got, err := ParseRecord(r.Marshal()); err != nil || got != r {
			t.Errorf("%+v became %+v, %v", r, got, err)
		}
	}
	for _, c := range []Contact{
		{}, {Since: noon, Name: "Ada", List: []byte("list"), Trust: 2, Reading: []byte("key"), Second: []byte("other list"), Unsure: true, Plain: true, Named: noon}, {Name: "plain"},
	} {
		if got, err := ParseContact(c.Marshal()); err != nil || !reflect.DeepEqual(got, c) {
			t.Errorf("%+v became %+v, %v", c, got, err)
		}
	}
	for _, a := range []Ask{
		{}, {Signed: []byte("signed"), Text: "Hello", Name: "Ada", Sent: noon, IDs: []RequestID{{1}, {2}}},
		{List: []byte("list"), IDs: []RequestID{BeforeID(ada.ID())}},
	} {
		if got, err := ParseAsk(a.Marshal()); err != nil || !reflect.DeepEqual(got, a) {
			t.Errorf("%+v became %+v, %v", a, got, err)
		}
	}
}

func TestAnAskRemembersItsIDs(t *testing.T) {
	var a Ask
	for n := range byte(20) {
		a = a.With(RequestID{n}).With(RequestID{n})
	}
	if len(a.IDs) != maxIDs || a.Knows(RequestID{3}) || !a.Knows(RequestID{4}) || !a.Knows(RequestID{19}) {
		t.Errorf("it knows %v", a.IDs)
	}
	if one, other := NewRequestID(), NewRequestID(); one == other {
		t.Error("two requests have one id")
	}
}

func FuzzParseRequest(f *testing.F) {
	f.Add(request().Sign(phone))
	f.Add(acceptance().Sign(phone))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		if r, err := ParseRequest(b, ada.ID(), bob.ID()); err == nil {
			if _, err := ParseRequest(r.Sign(phone), ada.ID(), bob.ID()); err != nil {
				t.Errorf("signed again it is refused: %+v", r)
			}
		}
		// As if the device had signed it.
		if _, err := ParseRequest(wire.SignBody(phone, domainRequest, b).Marshal(), ada.ID(), bob.ID()); err != nil && err != ErrRequest {
			t.Error(err)
		}
	})
}

func FuzzParseAccept(f *testing.F) {
	f.Add(acceptance().Sign(phone))
	f.Add(request().Sign(phone))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		_, _ = ParseAccept(b, ada.ID(), bob.ID())
		if _, err := ParseAccept(wire.SignBody(phone, domainAccept, b).Marshal(), ada.ID(), bob.ID()); err != nil && err != ErrAccept {
			t.Error(err)
		}
	})
}

func FuzzParseRecord(f *testing.F) {
	f.Add(Record{State: Accepted, Account: ada.ID(), Out: true, Created: noon}.Marshal())
	f.Add([]byte{9})
	f.Fuzz(func(t *testing.T, b []byte) {
		if r, err := ParseRecord(b); err == nil {
			if again, err := ParseRecord(r.Marshal()); err != nil || again != r {
				t.Errorf("%+v became %+v, %v", r, again, err)
			}
		}
	})
}

func FuzzParseContact(f *testing.F) {
	f.Add(Contact{Since: noon, Name: "Ada", List: []byte("list"), Trust: 2, Reading: []byte("key"), Unsure: true, Plain: true}.Marshal())
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		if c, err := ParseContact(b); err == nil {
			if again, err := ParseContact(c.Marshal()); err != nil || !reflect.DeepEqual(again, c) {
				t.Errorf("%+v became %+v, %v", c, again, err)
			}
		}
	})
}

func FuzzParseAsk(f *testing.F) {
	f.Add(Ask{Signed: []byte("signed"), Text: "Hello", Name: "Ada", Sent: noon, IDs: []RequestID{{1}, {2}}}.Marshal())
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		if a, err := ParseAsk(b); err == nil {
			if again, err := ParseAsk(a.Marshal()); err != nil || !reflect.DeepEqual(again, a) {
				t.Errorf("%+v became %+v, %v", a, again, err)
			}
		}
	})
}
