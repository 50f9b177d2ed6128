package wire

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"tandem/core"
)

func fullContent() *Content {
	return &Content{
		Data:         &DataMessage{Body: "Grüße, 世界 \x00\xff", Name: "Ann", TimerChanges: true},
		Plain:        fullPlain(),
		SigTimestamp: 1_700_000_000_123,
		Linking:      &Linking{Kind: 4, Signed: []byte("signed")},
		Header:       &Header{Counter: 1 << 40, LinkSeq: 2, OwnEpoch: 1_700_000_000_000, PeerEpoch: 4, Sent: 5, Messages: 6, Last: 7},
		Sent:         &Sent{Conversation: core.ID{5, 1, 2}, Body: "body", Sent: 6, Counter: 7, Ends: 8},
		DeviceList:   []byte("list"),
		Unlinked:     []byte("unlinked"),
		Ping:         true,
		Update:       &Update{Registers: [][]byte{[]byte("one"), []byte("two")}, Key: []byte("key"), Asks: 8},
		Farewell:     []byte("farewell"),
		Request:      &SessionRequest{Bundle: []byte("bundle"), List: []byte("list"), Created: 9, Reason: ReasonUnreadable},
		Receipt:      &Receipt{Kind: ReceiptRead, Messages: []core.MessageID{{Device: core.ID{5, 1}, Counter: 1}, {Device: core.ID{5, 2}, Counter: 1 << 62}}},
		Failed:       &Deletion{Message: core.MessageID{Device: core.ID{5, 1}, Counter: 4}, Conversation: core.ID{5, 3}},
		Queued:       &Deletion{Message: core.MessageID{Device: core.ID{5, 1}, Counter: 5}, Conversation: core.ID{5, 3}},
		Stored:       &Deletion{Message: core.MessageID{Device: core.ID{5, 1}, Counter: 6}, Conversation: core.ID{5, 3}},
		Deletion:     &Deletion{Message: core.MessageID{Device: core.ID{5, 1}, Counter: 3}, Conversation: core.ID{5, 3}},
		Ask:          &Ask{Have: 3, Author: core.ID{5, 4}, Low: 7, High: 7 + MaxAsked},
		History: &History{Author: core.ID{5, 4}, High: 9, Items: []Item{
			{Counter: 2, Conversation: core.ID{5, 3}, In: true, Sent: 8, Body: "body", Unable: "attachment", Ends: 9},
			{Counter: 9, Conversation: core.ID{5, 3}, Sent: 9, Deletes: core.MessageID{Device: core.ID{5, 1}, Counter: 3}},
		}},
		Past: &Past{Run: 1, Base: 2, Number: 3, Before: 4, Total: 5, State: PastDone, Got: 6, Items: []Item{
			{Counter: 2, Conversation: core.ID{5, 3}, In: true, Sent: 8, Body: "body", Author: core.ID{5, 4}, Status: core.Delivered, Lasts: 9, Unverified: true},
			{Counter: 1, Conversation: core.ID{5, 3}, Sent: 9, Author: core.ID{5, 4}, Deletes: core.MessageID{Device: core.ID{5, 1}, Counter: 3}},
		}},
	}
}

func TestContentRoundTrip(t *testing.T) {
	for name, c := range map[string]*Content{
		"everything": fullContent(),
		"nothing":    {},
		"a ping":     {Ping: true, Header: &Header{}},
		"only last":  {Header: &Header{Last: 7}},
		"a text":     {Data: &DataMessage{Body: strings.Repeat("x", MaxBody)}},
		"empty text": {Data: &DataMessage{}},
		"last times": {SigTimestamp: maxMillis, Header: &Header{Sent: maxMillis, Counter: 1 << 62}},
		"long name":  {Data: &DataMessage{Name: strings.Repeat("n", MaxName)}},
	} {
		got, err := ParseContent(c.Marshal())
		if err != nil || !reflect.DeepEqual(got, c) {
			t.Errorf("%s: ParseContent = %+v, %v", name, got, err)
		}
	}
}

// The Content of a plain Session client, with fields that are not ours.
func TestContentOfSession(t *testing.T) {
	var file struct {
		Case struct {
			Content string      `json:"content_protobuf_hex"`
			Padded  string      `json:"padded_hex"`
			Body    string      `json:"body"`
			At      core.Millis `json:"sig_timestamp"`
		}
	}
	if err := json.Unmarshal(sessionVectors, &file); err != nil {
		t.Fatal(err)
	}
	if got := Pad(unhex(t, file.Case.Content)); !bytes.Equal(got, unhex(t, file.Case.Padded)) {
		t.Error("padded, the published content is different")
	}
	want := &Content{Data: &DataMessage{Body: file.Case.Body}, Plain: Plain{Timer: &Timer{}}, SigTimestamp: file.Case.At}
	if !bytes.Equal(want.Marshal(), unhex(t, file.Case.Content)) {
		t.Errorf("Marshal = %x", want.Marshal())
	}
	got, err := ParseContent(Unpad(unhex(t, file.Case.Padded)))
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("ParseContent = %+v, %v, want %+v", got, err, want)
	}
}

// known is one well-formed field of each number, at both levels.
func known() map[string]struct {
	field []byte
	wrap  func([]byte) []byte // puts it where it belongs
} {
	type place = func([]byte) []byte
	type row = struct {
		field []byte
		wrap  place
	}
	top := func(b []byte) []byte { return b }
	in := func(number int) place { return func(b []byte) []byte { return AppendBytes(nil, number, b) } }
	conversation := AppendBytes(nil, 1, fullContent().Sent.Conversation[:])
	inSent := func(b []byte) []byte { return AppendBytes(nil, 122, append(bytes.Clone(conversation), b...)) }
	kind, signed := AppendUint(nil, 1, 1), AppendBytes(nil, 2, []byte("x"))
	with := func(other []byte) place {
		return func(b []byte) []byte { return AppendBytes(nil, 120, append(bytes.Clone(other), b...)) }
	}
	bundle, created := AppendBytes(nil, 1, []byte("x")), AppendUint(nil, 3, 1)
	asks := func(other ...[]byte) place {
		return func(b []byte) []byte { return AppendBytes(nil, 128, append(bytes.Join(other, nil), b...)) }
	}
	inProfile := func(b []byte) []byte { return AppendBytes(nil, 1, AppendBytes(nil, 101, b)) }
	return map[string]row{
		"1 data":             {AppendBytes(nil, 1, nil), top},
		"1.1 body":           {AppendText(nil, 1, "x"), in(1)},
		"1.101 profile":      {AppendBytes(nil, 101, nil), in(1)},
		"1.101.1 name":       {AppendText(nil, 1, "x"), inProfile},
		"15 sigTimestamp":    {AppendUint(nil, 15, 1), top},
		"120 linking":        {AppendBytes(nil, 120, append(bytes.Clone(kind), signed...)), top},
		"120.1 kind":         {kind, with(signed)},
		"120.2 signed":       {signed, with(kind)},
		"1.4 flags":          {AppendUint(nil, 4, 2), in(1)},
		"1.8 quote":          {AppendBytes(nil, 8, nil), in(1)},
		"1.11 reaction":      {AppendBytes(nil, 11, nil), in(1)},
		"1.102 invitation":   {AppendBytes(nil, 102, nil), in(1)},
		"1.105 target":       {AppendText(nil, 105, "x"), in(1)},
		"1.120 group":        {AppendBytes(nil, 120, nil), in(1)},
		"3 call":             {AppendBytes(nil, 3, kind), top},
		"5 reads":            {AppendBytes(nil, 5, kind), top},
		"6 typing":           {AppendBytes(nil, 6, AppendUint(kind, 2, 1)), top},
		"8 extraction":       {AppendBytes(nil, 8, kind), top},
		"9 unsend":           {AppendBytes(nil, 9, append(bytes.Clone(kind), signed...)), top},
		"10 response":        {AppendBytes(nil, 10, kind), top},
		"11 configuration":   {AppendBytes(nil, 11, nil), top},
		"12 kind of timer":   {AppendUint(nil, 12, 1), top},
		"13 timer":           {AppendUint(nil, 13, 1), top},
		"121 header":         {AppendBytes(nil, 121, nil), top},
		"121.1 counter":      {AppendUint(nil, 1, 1), in(121)},
		"121.2 link_seq":     {AppendUint(nil, 2, 1), in(121)},
		"121.3 own epoch":    {AppendUint(nil, 3, 1), in(121)},
		"121.4 peer epoch":   {AppendUint(nil, 4, 1), in(121)},
		"121.5 sent":         {AppendUint(nil, 5, 1), in(121)},
		"122 sent":           {AppendBytes(nil, 122, conversation), top},
		"122.1 conversation": {conversation, in(122)},
		"122.2 body":         {AppendText(nil, 2, "x"), inSent},
		"122.3 sent":         {AppendUint(nil, 3, 1), inSent},
		"122.4 counter":      {AppendUint(nil, 4, 1), inSent},
		"123 device list":    {AppendBytes(nil, 123, []byte("x")), top},
		"124 unlinked":       {AppendBytes(nil, 124, []byte("x")), top},
		"125 ping":           {AppendUint(nil, 125, 1), top},
		"126 update":         {AppendBytes(nil, 126, nil), top},
		"126.2 key":          {AppendBytes(nil, 2, []byte("x")), in(126)},
		"126.3 asks":         {AppendUint(nil, 3, 1), in(126)},
		"127 farewell":       {AppendBytes(nil, 127, []byte("x")), top},
		"128 request":        {AppendBytes(nil, 128, append(bytes.Clone(bundle), created...)), top},
		"128.1 bundle":       {bundle, asks(created)},
		"128.2 list":         {AppendBytes(nil, 2, []byte("x")), asks(bundle, created)},
		"128.3 created":      {created, asks(bundle)},
		"128.4 reason":       {AppendUint(nil, 4, 1), asks(bundle, created)},
	}
}

// Each field that is known comes at most once and in its own type.
func TestContentIsStrictAboutKnownFields(t *testing.T) {
	for name, c := range known() {
		if _, err := ParseContent(c.wrap(c.field)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := ParseContent(c.wrap(append(bytes.Clone(c.field), c.field...))); err != ErrMalformed {
			t.Errorf("%s twice: %v, want ErrMalformed", name, err)
		}
		number, typ, _ := protowire.ConsumeTag(c.field)
		for wrong, value := range map[protowire.Type][]byte{
			protowire.VarintType:  {1},
			protowire.BytesType:   {1, 1},
			protowire.Fixed32Type: {1, 0, 0, 0},
			protowire.Fixed64Type: {1, 0, 0, 0, 0, 0, 0, 0},
		} {
			if wrong == typ {
				continue
			}
			b := append(protowire.AppendTag(nil, number, wrong), value...)
			if _, err := ParseContent(c.wrap(b)); err != ErrMalformed {
				t.Errorf("%s as wire type %d: %v, want ErrMalformed", name, wrong, err)
			}
		}
	}
}

// What a later version adds is ignored at every level.
func TestContentIsLenientAboutUnknownFields(t *testing.T) {
	var later []byte
	for _, number := range []int{50, 50, 200, 1 << 20} {
		later = AppendUint(later, number, 1<<63)
		later = AppendBytes(later, number, []byte("later"))
		later = protowire.AppendFixed32(protowire.AppendTag(later, protowire.Number(number), protowire.Fixed32Type), 7)
		later = protowire.AppendFixed64(protowire.AppendTag(later, protowire.Number(number), protowire.Fixed64Type), 7)
	}
	for name, c := range known() {
		want, err := ParseContent(c.wrap(c.field))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for where, b := range map[string][]byte{
			"before": append(bytes.Clone(later), c.field...), "after": append(bytes.Clone(c.field), later...),
		} {
			if got, err := ParseContent(c.wrap(b)); err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("unknown fields %s %s: %+v, %v", where, name, got, err)
			}
		}
	}
}

func TestContentBounds(t *testing.T) {
	sent := func(b []byte) []byte { return AppendBytes(nil, 122, b) }
	update := func(b []byte) []byte { return AppendBytes(nil, 126, b) }
	request := func(b []byte) []byte { return AppendBytes(nil, 128, b) }
	header := func(number int, v uint64) []byte { return AppendBytes(nil, 121, AppendUint(nil, number, v)) }
	for name, b := range map[string][]byte{
		"longer than a message":        AppendBytes(nil, 50, make([]byte, MaxContent)),
		"body too long":                (&Content{Data: &DataMessage{Body: strings.Repeat("x", MaxBody+1)}}).Marshal(),
		"name too long":                (&Content{Data: &DataMessage{Name: strings.Repeat("x", MaxName+1)}}).Marshal(),
		"list too long":                AppendBytes(nil, 123, make([]byte, MaxSigned+1)),
		"empty list":                   AppendBytes(nil, 123, nil),
		"empty unlinked":               AppendBytes(nil, 124, nil),
		"linking too long":             AppendBytes(nil, 120, AppendBytes(AppendUint(nil, 1, 1), 2, make([]byte, MaxSigned+1))),
		"kind too high":                AppendBytes(nil, 120, AppendBytes(AppendUint(nil, 1, 256), 2, []byte("x"))),
		"linking without a kind":       AppendBytes(nil, 120, AppendBytes(nil, 2, []byte("x"))),
		"linking of kind 0":            AppendBytes(nil, 120, AppendBytes(AppendUint(nil, 1, 0), 2, []byte("x"))),
		"linking without content":      AppendBytes(nil, 120, AppendUint(nil, 1, 1)),
		"time after the year 9999":     AppendUint(nil, 15, maxMillis+1),
		"time beyond int64":            header(5, 1<<63),
		"counter too high":             header(1, 1<<62+1),
		"epoch too high":               header(3, 1<<63),
		"ping of 2":                    AppendUint(nil, 125, 2),
		"a register too long":          update(AppendBytes(nil, 1, make([]byte, MaxRegister+1))),
		"an empty register":            update(AppendBytes(nil, 1, nil)),
		"too many registers":           update(bytes.Repeat(AppendBytes(nil, 1, []byte("x")), MaxRegisters+1)),
		"a register that is a number":  update(AppendUint(nil, 1, 1)),
		"a key too long":               update(AppendBytes(nil, 2, make([]byte, maxKey+1))),
		"an empty key":                 update(AppendBytes(nil, 2, nil)),
		"asks for an epoch too high":   update(AppendUint(nil, 3, maxEpoch+1)),
		"farewell too long":            AppendBytes(nil, 127, make([]byte, MaxSigned+1)),
		"empty farewell":               AppendBytes(nil, 127, nil),
		"request without a bundle":     request(AppendUint(nil, 3, 1)),
		"request without a time":       request(AppendBytes(nil, 1, []byte("x"))),
		"request of time 0":            request(AppendUint(AppendBytes(nil, 1, []byte("x")), 3, 0)),
		"request with a long bundle":   request(AppendUint(AppendBytes(nil, 1, make([]byte, MaxBundle+1)), 3, 1)),
		"request with an empty list":   request(AppendBytes(AppendUint(AppendBytes(nil, 1, []byte("x")), 3, 1), 2, nil)),
		"request with a long list":     request(AppendBytes(AppendUint(AppendBytes(nil, 1, []byte("x")), 3, 1), 2, make([]byte, MaxSigned+1))),
		"request of a reason too high": request(AppendUint(AppendUint(AppendBytes(nil, 1, []byte("x")), 3, 1), 4, 256)),
		"transcript without place":     sent(nil),
		"transcript of a short id":     sent(AppendBytes(nil, 1, make([]byte, 32))),
		"transcript of a zero id":      sent(AppendBytes(nil, 1, make([]byte, 33))),
		"transcript of a group":        sent(AppendBytes(nil, 1, append([]byte{3}, make([]byte, 32)...))),
		"more fields than allowed":     bytes.Repeat(AppendUint(nil, 50, 1), maxFields+1),
		"varint that never ends":       {0x78, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1},
		"length beyond the end":        {0x0a, 0x7f, 'x'},
		"length beyond int":            {0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
		"field number 0":               {0x00, 0x01},
		"group":                        {0x0b, 0x0c},
		"wire type 7":                  {0x0f},
		"a tag and nothing":            {0x78},
		"nested garbage":               AppendBytes(nil, 121, []byte{0xff}),
		"garbage after a good message": append(fullContent().Marshal(), 0xff),
	} {
		if c, err := ParseContent(b); err != ErrMalformed || c != nil {
			t.Errorf("%s: %v, want ErrMalformed", name, err)
		}
	}
	if _, err := ParseContent(bytes.Repeat(AppendUint(nil, 50, 1), maxFields)); err != nil {
		t.Errorf("as many fields as allowed: %v", err)
	}
	if c, err := ParseContent(AppendUint(nil, 125, 0)); err != nil || c.Ping {
		t.Errorf("ping of 0 = %+v, %v", c, err)
	}
}

func TestContentOwnsItsBytes(t *testing.T) {
	b := fullContent().Marshal()
	c, err := ParseContent(b)
	if err != nil {
		t.Fatal(err)
	}
	clear(b)
	if !reflect.DeepEqual(c, fullContent()) {
		t.Error("the content is a part of the input")
	}
}

func FuzzParseContent(f *testing.F) {
	f.Add(fullContent().Marshal())
	f.Add((&Content{}).Marshal())
	f.Add([]byte{0x0a, 0x07, 0x0a, 0x05, 'h', 'e', 'l', 'l', 'o', 0x60, 0, 0x68, 0})
	for _, c := range known() {
		f.Add(c.wrap(c.field))
	}
	for _, c := range plainContents() {
		f.Add(c.bytes)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := ParseContent(b)
		if err != nil {
			if c != nil || err != ErrMalformed {
				t.Fatalf("%+v with %v", c, err)
			}
			return
		}
		c = onlyWritten(c)
		encoded := c.Marshal()
		again, err := ParseContent(encoded)
		if err != nil || !reflect.DeepEqual(again, c) {
			t.Fatalf("read again it is different: %v\n%+v\n%+v", err, c, again)
		}
		if !bytes.Equal(Unpad(Pad(encoded)), encoded) {
			t.Fatal("padding changes it")
		}
	})
}
