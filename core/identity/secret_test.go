package identity

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

// canaries are the key bytes of k and what they come from, as looks of them.
func canaries(k *Keyring, list *ListKey, e *Ephemeral) map[string][]string {
	out := map[string][]string{}
	for name, secret := range map[string][]byte{
		"entropy":          k.Root.raw(),
		"account scalar":   k.Shared.Account.raw()[:32],
		"account prefix":   k.Shared.Account.raw()[32:],
		"list key":         list.raw(),
		"reading key":      k.Shared.Reading.raw(),
		"snapshot key":     k.Shared.Snapshot.raw(),
		"device seed":      k.Device.rawSeed(),
		"device scalar":    k.Device.raw()[:32],
		"ephemeral":        e.MarshalSecret(),
		"words (first 3)":  []byte(strings.Join(k.Root.Words()[:3], " ")),
		"account, reduced": k.Shared.Account.scalar().Bytes(),
	} {
		out[name] = looks(secret)
	}
	return out
}

// looks are the ways in which eight bytes of a secret could show in a text.
func looks(b []byte) []string {
	b = b[:8]
	out := []string{string(b), base64.StdEncoding.EncodeToString(b[:6]), base64.StdEncoding.EncodeToString(b[1:7])}
	for _, verb := range verbs() {
		for _, form := range []string{fmt.Sprintf("%"+verb, b), fmt.Sprintf("%"+verb, [8]byte(b))} {
			_, form, _ = strings.Cut(form, "{")
			out = append(out, strings.Trim(form, "{}[]"))
		}
		out = append(out, strings.Trim(fmt.Sprintf("%"+verb, b), `[]"`))
	}
	list, err := json.Marshal([8]byte(b))
	if err != nil {
		panic(err)
	}
	return append(out, strings.Trim(string(list), "[]"))
}

func verbs() []string {
	return []string{"v", "8v", "+v", "#v", "s", "q", "d", "x", "X", "#x", "o", "b", "c", "U", "t", "e", "w", "z"}
}

// shows lists which secrets can be read in text.
func shows(text string, secrets map[string][]string) (out []string) {
	for name, looks := range secrets {
		for _, look := range looks {
			if len(look) >= 6 && strings.Contains(text, look) {
				out = append(out, name)
				break
			}
		}
	}
	return out
}

// printed is what v looks like in everything that people print with.
func printed(v any) map[string]string {
	out := map[string]string{}
	for _, verb := range append(verbs(), "p", "T", "-20x") {
		out["%"+verb] = fmt.Sprintf("%"+verb, v)
	}
	if b, err := json.Marshal(v); err == nil {
		out["JSON"] = string(b)
	}
	var b strings.Builder
	slog.New(slog.NewTextHandler(&b, nil)).Info("x", "v", v)
	slog.New(slog.NewJSONHandler(&b, nil)).Info("x", "v", v)
	out["slog"] = b.String()
	return out
}

// No secret is printed, by value or by pointer, in a slice, a map or another
// struct, exported or not.
func TestSecretsNeverPrint(t *testing.T) {
	k, e := primary(t), NewEphemeral()
	list := k.Root.ListKey()
	secrets := canaries(k, list, e)
	type open struct{ V any }
	for name, v := range map[string]any{
		"Keyring": *k, "*Keyring": k,
		"Shared": k.Shared, "*Shared": &k.Shared,
		"Root": *k.Root, "*Root": k.Root,
		"Account": *k.Shared.Account, "*Account": k.Shared.Account,
		"Device": *k.Device, "*Device": k.Device,
		"ListKey": *list, "*ListKey": list,
		"ReadingKey": k.Shared.Reading, "*ReadingKey": &k.Shared.Reading,
		"SnapshotKey": k.Shared.Snapshot, "*SnapshotKey": &k.Shared.Snapshot,
		"Ephemeral": *e, "*Ephemeral": e,
		"pair": *list.pair, "*pair": list.pair,
		"hidden Keyring":     struct{ k Keyring }{*k},
		"hidden Shared":      &struct{ s Shared }{k.Shared},
		"hidden Reading":     struct{ k ReadingKey }{k.Shared.Reading},
		"hidden Snapshot":    struct{ k SnapshotKey }{k.Shared.Snapshot},
		"hidden Root":        struct{ r Root }{*k.Root},
		"hidden Device":      &struct{ d Device }{*k.Device},
		"hidden Ephemeral":   struct{ e Ephemeral }{*e},
		"embedded Shared":    struct{ Shared }{k.Shared},
		"embedded *Root":     struct{ *Root }{k.Root},
		"hidden list":        struct{ l []Shared }{[]Shared{k.Shared}},
		"hidden map":         struct{ m map[string]ReadingKey }{map[string]ReadingKey{"a": k.Shared.Reading}},
		"list of Device":     []Device{*k.Device},
		"list of *Device":    []*Device{k.Device},
		"array of Root":      [1]Root{*k.Root},
		"map of SnapshotKey": map[int]SnapshotKey{1: k.Shared.Snapshot},
		"inside any":         open{k.Shared},
		"in an error":        fmt.Errorf("with %v", k.Shared),
	} {
		for how, text := range printed(v) {
			for _, secret := range shows(text, secrets) {
				t.Errorf("%s by %s shows the %s", name, how, secret)
			}
		}
	}
}

// The secrets themselves are a placeholder, so that a log says what was there.
func TestSecretsAreAPlaceholder(t *testing.T) {
	k := primary(t)
	for name, v := range map[string]any{
		"Root": *k.Root, "*Root": k.Root, "*Account": k.Shared.Account, "Device": *k.Device, "*Device": k.Device,
		"*ListKey": k.Root.ListKey(), "ReadingKey": k.Shared.Reading, "SnapshotKey": k.Shared.Snapshot,
		"*SnapshotKey": &k.Shared.Snapshot, "Ephemeral": *NewEphemeral(), "*Ephemeral": NewEphemeral(),
	} {
		for _, verb := range []string{"v", "+v", "#v", "s", "d", "x", "q"} {
			if got := fmt.Sprintf("%"+verb, v); got != placeholder {
				t.Errorf("%s by %%%s = %q", name, verb, got)
			}
		}
		if got := v.(fmt.Stringer).String(); got != placeholder {
			t.Errorf("%s.String() = %q", name, got)
		}
		if got := v.(fmt.GoStringer).GoString(); got != placeholder {
			t.Errorf("%s.GoString() = %q", name, got)
		}
		if got, err := json.Marshal(v); err != nil || string(got) != `"`+placeholder+`"` {
			t.Errorf("%s as JSON = %s, %v", name, got, err)
		}
	}
	var none *Root
	if got := fmt.Sprint(none); got != "<nil>" {
		t.Errorf("a nil *Root prints %q", got)
	}
}

// The test above would see a leak.
func TestCanariesAreSeen(t *testing.T) {
	k, e := primary(t), NewEphemeral()
	k.Device = deviceOf(t, 0xa7)
	secrets := canaries(k, k.Root.ListKey(), e)
	type careless struct{ Key [32]byte }
	for how, text := range printed(careless{k.Device.seed()}) {
		if strings.ContainsAny(how, "pTtez") || how == "%w" || how == "slog" {
			continue // these show an address, a type or a complaint
		}
		if len(shows(text, secrets)) == 0 {
			t.Errorf("a careless struct by %s shows nothing: %s", how, text)
		}
	}
	if got := shows(fmt.Sprint(k.Root.Words()), secrets); len(got) != 1 {
		t.Errorf("the words show %v", got)
	}
}
