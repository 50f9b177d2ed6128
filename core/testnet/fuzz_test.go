package testnet

import (
	"bytes"
	"context"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"tandem/core/snode"
)

// hostile are texts that have broken JSON parsers.
func hostile() []string {
	return []string{
		``, ` `, `{}`, `[]`, `{"a":1,"a":2}`, `[1,-1,-0,0.5,1e9,18446744073709551615,18446744073709551616,-9223372036854775808]`,
		`"\u00e9\ud83d\ude00"`, `"\ud800"`, `"\udc00x"`, `"\ud800\u0041"`, "\"\xff\"", "\"a\nb\"", `tru`, `nulL`, `01`, `1.`, `1e`, `1e+`, `-`, `[1,]`, `{"a"}`, `{"a":}`, `{1:2}`,
		"\xef\xbb\xbf{}", "{}\x00x", strings.Repeat("[", 600), `{"method":"info","params":{}}`,
		`"` + "\x7f\u2028é" + `"`,
	}
}

func FuzzJSON(f *testing.F) {
	for _, s := range hostile() {
		f.Add([]byte(s))
	}
	f.Add([]byte("[1e700]"))
	f.Fuzz(func(t *testing.T, text []byte) {
		v, err := parseJSON(text)
		plain := !bytes.ContainsRune(text, 0) && !bytes.HasPrefix(text, []byte("\xef\xbb\xbf"))
		if err == nil && plain && !json.Valid(text) {
			t.Errorf("accepted %q", text)
		}
		readable := json.Unmarshal(text, new(any)) == nil // it also refuses numbers that no double holds
		if err != nil && plain && readable && utf8.Valid(text) && !bytes.Contains(text, []byte(`\u`)) && !strings.Contains(err.Error(), "nested") {
			t.Errorf("refused %q: %v", text, err)
		}
		if err != nil {
			return
		}
		again, err := parseJSON(appendJSON(nil, v))
		same := reflect.DeepEqual(v, again) || bytes.ContainsAny(text, ".eE") || bytes.Contains(text, []byte("-0"))
		if err != nil || !same { // 1.0 is written as 1, and -0 as 0
			t.Errorf("%q came back as %v: %v", text, again, err)
		}
	})
}

// FuzzRPC: whatever a client sends, a node answers with one of its statuses,
// canonical JSON or text, and stays consistent with the rest of its swarm.
func FuzzRPC(f *testing.F) {
	for _, s := range hostile() {
		f.Add([]byte(s))
	}
	tr := transcripts(f)["storage-rpc"]
	m := markers{t: f, tr: tr, now: realNow()}
	for i := range tr.Cases {
		if body, of := storageBody(m, &tr.Cases[i].Request); i%8 == 0 && of.method != "" && len(body) < 4096 {
			f.Add(body)
		}
	}
	n, err := build(Options{}, tr.specs(f))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		a := n.all[0].Serve(context.Background(), "POST", pathRPC, nil, body)
		switch a.Status {
		case 200, 400, 401, 403, 404, 406, 421, 500:
		default:
			t.Errorf("status %d for %q", a.Status, body)
		}
		if a.Get("content-type") == "application/json" && !isCanonical(t, a.Body) {
			t.Errorf("not canonical: %s", a.Body)
		}
	})
}

// FuzzOnion: whatever a stranger sends, a node answers.
func FuzzOnion(f *testing.F) {
	tr := transcripts(f)["onion"]
	m := markers{t: f, tr: tr, now: realNow()}
	for i := range tr.Cases {
		if body, _, _, _ := wrap(m, &tr.Cases[i]); i%4 == 0 && len(body) < 4096 {
			f.Add(body)
		}
	}
	f.Add([]byte("\x00\x00\x00\x00{\"ephemeral_key\":5}"))
	f.Add([]byte("\x00\x00\x00\x00{\"ephemeral_key\":\"" + strings.Repeat("00", 32) + "\",\"hop_no\":-9e99}"))
	n, err := build(Options{}, tr.specs(f))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		a := n.all[1].Serve(context.Background(), "POST", pathOnion, nil, body)
		switch a.Status {
		case 200, 400, 500, 502:
		default:
			t.Errorf("status %d", a.Status)
		}
	})
}

func FuzzSeed(f *testing.F) {
	f.Add([]byte(`{"jsonrpc":"2.0","id":[1.5],"method":"get_n_service_nodes","params":{"limit":2,"fields":{"height":true,"swarm":1}}}`))
	f.Add(snode.ServiceNodes().Body())
	for _, s := range hostile() {
		f.Add([]byte(s))
	}
	n, err := New(Options{Nodes: 3})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if a := n.Seed(context.Background(), "POST", pathSeed, body); a.Status != 200 || !json.Valid(a.Body) {
			t.Errorf("%d %s", a.Status, a.Body)
		}
	})
}
