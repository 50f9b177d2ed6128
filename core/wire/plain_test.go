package wire

import (
	"bytes"
	"encoding/hex"
	"reflect"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"tandem/core"
)

// fullPlain has everything of Session's that is written.
func fullPlain() Plain {
	return Plain{
		Reads:  []core.Millis{1_700_000_000_123, 0, maxMillis},
		Typing: TypingStopped, TypingAt: 4,
		Unsend:   &Unsend{Sent: 5, Author: "05" + strings.Repeat("a", 64)},
		Response: &Response{Approved: true, Name: "Bob"},
		Timer:    &Timer{Kind: TimerAfterRead, Seconds: 60},
	}
}

// onlyWritten is c without what is recognised and never written.
func onlyWritten(c *Content) *Content {
	out := *c
	out.Call, out.Extraction, out.Config = 0, 0, false
	if c.Data != nil {
		data := *c.Data
		data.SyncTarget, data.Parts = "", 0
		out.Data = &data
	}
	return &out
}

// plainContent is bytes as Session's clients write them (network.md §8.2), by
// hand, and what they mean.
type plainContent struct {
	name  string
	bytes []byte
	want  Content
	ours  bool // Marshal writes exactly these bytes
}

func plainContents() []plainContent {
	author := "05" + strings.Repeat("b", 64)
	text := func(s string) string { return hex.EncodeToString([]byte(s)) }
	data := func(d DataMessage) Content { return Content{Data: &d} }
	rows := []struct {
		name, hex string
		want      Content
		ours      bool
	}{
		{"a text with its profile", "0a0c" + "0a026869" + "aa0605" + "0a03416e6e", data(DataMessage{Body: "hi", Name: "Ann"}), true},
		{"a picture in the profile", "0a0d" + "0a00" + "aa0608" + "0a03416e6e" + "120168", data(DataMessage{Name: "Ann"}), false},
		{"a read receipt", "2a0b" + "0801" + "10fbd095ffbc31" + "1007", Content{Plain: Plain{Reads: []core.Millis{1_700_000_000_123, 7}}}, true},
		{"typing", "3204" + "0807" + "1000", Content{Plain: Plain{Typing: TypingStarted, TypingAt: 7}}, true},
		{"not typing any more", "3204" + "0807" + "1001", Content{Plain: Plain{Typing: TypingStopped, TypingAt: 7}}, true},
		{"a screenshot", "4202" + "0801", Content{Plain: Plain{Extraction: ExtractionScreenshot}}, false},
		{"an unsend", "4a46" + "0807" + "1242" + text(author), Content{Plain: Plain{Unsend: &Unsend{Sent: 7, Author: author}}}, true},
		{"yes", "5209" + "0801" + "1a05" + "0a03416e6e", Content{Plain: Plain{Response: &Response{Approved: true, Name: "Ann"}}}, true},
		{"no", "5202" + "0800", Content{Plain: Plain{Response: &Response{}}}, true},
		{"configuration", "5a00", Content{Plain: Plain{Config: true}}, false},
		{"a text that disappears", "0a040a026869" + "6002" + "683c", Content{
			Data: &DataMessage{Body: "hi"}, Plain: Plain{Timer: &Timer{Kind: TimerAfterSend, Seconds: 60}}}, true},
		{"a new timer", "0a04" + "0a00" + "2002" + "6001" + "680a", Content{
			Data: &DataMessage{TimerChanges: true}, Plain: Plain{Timer: &Timer{Kind: TimerAfterRead, Seconds: 10}}}, true},
		{"the first message of a call", "1a06" + "0806" + "2a02" + text("id"), Content{Plain: Plain{Call: CallPreOffer}}, false},
		{"a quote", "0a0a" + "0a026869" + "4204" + "0807" + "1200", data(DataMessage{Body: "hi", Parts: HasQuote}), false},
		{"a quote of somebody", "0a0b" + "0a026869" + "4205" + "0807" + "120141", data(DataMessage{Body: "hi", Quote: Quote{Sent: 7, Author: "A"}}), false},
		{"a preview", "0a04" + "5202" + "0a00", data(DataMessage{Parts: HasPreview}), false},
		{"a reaction", "0a08" + "5a06" + "0807" + "1200" + "2000", data(DataMessage{Parts: HasReaction}), false},
		{"a reaction taken back", "0a08" + "5a06" + "0807" + "1200" + "2001", data(DataMessage{Parts: HasWithdrawn}), false},
		{"an invitation", "0a07" + "b20604" + "0a00" + "1a00", data(DataMessage{Parts: HasInvitation}), false},
		{"an invitation to an open group", "0a0e" + "0a00" + "b20609" + "0a05" + text("http:") + "1a00", data(DataMessage{Invitation: "http:"}), true},
		{"by one's own account", "0a05" + "ca0602" + text("05"), data(DataMessage{SyncTarget: "05"}), false},
		{"a group", "0a05" + "c20702" + "2a00", data(DataMessage{Parts: HasGroup}), false},
		{"a voice message and a picture", "0a0f" + "120b" + "090000000000000000" + "4001" + "1200", data(DataMessage{Parts: HasFile | HasVoice}), false},
	}
	var out []plainContent
	for _, r := range rows {
		b, err := hex.DecodeString(strings.ReplaceAll(r.hex, " ", ""))
		if err != nil {
			panic(err)
		}
		out = append(out, plainContent{r.name, b, r.want, r.ours})
	}
	return out
}

func TestContentOfSessionsClients(t *testing.T) {
	for _, c := range plainContents() {
		got, err := ParseContent(c.bytes)
		if err != nil || !reflect.DeepEqual(*got, c.want) {
			t.Errorf("%s: %+v, %v, want %+v", c.name, got, err, c.want)
		}
		if c.ours && !bytes.Equal(c.want.Marshal(), c.bytes) {
			t.Errorf("%s: Marshal = %x, want %x", c.name, c.want.Marshal(), c.bytes)
		}
	}
}

func TestContentOfSessionIsBounded(t *testing.T) {
	in := func(number int, b []byte) []byte { return AppendBytes(nil, number, b) }
	read := AppendUint(nil, 1, 1)
	packed := func(n int) []byte { return in(5, AppendBytes(read, 2, bytes.Repeat([]byte{7}, n))) }
	for name, b := range map[string][]byte{
		"a call of no type":            in(3, nil),
		"a receipt of no type":         in(5, AppendUint(nil, 2, 7)),
		"too many reads":               in(5, append(bytes.Clone(read), bytes.Repeat(AppendUint(nil, 2, 7), MaxReads+1)...)),
		"too many reads, packed":       packed(MaxReads + 1),
		"half a read":                  in(5, AppendBytes(read, 2, []byte{0x80})),
		"a read after the year 9999":   in(5, AppendUint(read, 2, maxMillis+1)),
		"reads of a fixed size":        in(5, protowire.AppendFixed64(protowire.AppendTag(read, 2, protowire.Fixed64Type), 7)),
		"typing without an action":     in(6, AppendUint(nil, 1, 7)),
		"typing without a time":        in(6, AppendUint(nil, 2, 0)),
		"typing of action 255":         in(6, AppendUint(AppendUint(nil, 1, 7), 2, 255)),
		"a notice of no type":          in(8, nil),
		"an unsend without an author":  in(9, AppendUint(nil, 1, 7)),
		"an unsend without a time":     in(9, AppendText(nil, 2, "05")),
		"an unsend by a long author":   in(9, AppendText(AppendUint(nil, 1, 7), 2, strings.Repeat("0", maxSessionID+1))),
		"a response that says nothing": in(10, nil),
		"a response of 2":              in(10, AppendUint(nil, 1, 2)),
		"a response by a long name":    in(10, AppendBytes(AppendUint(nil, 1, 1), 3, AppendText(nil, 1, strings.Repeat("n", MaxName+1)))),
		"two configurations":           append(in(11, nil), in(11, nil)...),
		"a kind of timer too high":     AppendUint(nil, 12, 256),
		"a timer too long":             AppendUint(nil, 13, 1<<32),
		"two timers":                   AppendUint(AppendUint(nil, 13, 1), 13, 1),
		"two quotes":                   in(1, append(in(8, nil), in(8, nil)...)),
		"a preview that is a number":   in(1, AppendUint(nil, 10, 1)),
		"an attachment of garbage":     in(1, in(2, []byte{0xff})),
		"a long target":                in(1, AppendText(nil, 105, strings.Repeat("0", maxSessionID+1))),
	} {
		if c, err := ParseContent(b); err != ErrMalformed || c != nil {
			t.Errorf("%s: %v, want ErrMalformed", name, err)
		}
	}
	if c, err := ParseContent(packed(MaxReads)); err != nil || len(c.Reads) != MaxReads {
		t.Errorf("as many reads as allowed: %v", err)
	}
	if c, err := ParseContent(in(5, AppendUint(AppendUint(nil, 1, 0), 2, 7))); err != nil || c.Reads != nil {
		t.Errorf("a receipt of another type = %+v, %v", c, err)
	}
}
