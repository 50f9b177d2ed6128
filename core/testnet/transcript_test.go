package testnet

import (
	"bytes"
	"crypto/ed25519"
	"embed"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"tandem/core"
)

// The recordings: what a real storage server 2.8.0 answered. Their heads
// explain the markers; README.md beside them lists what surprised.
//
//go:embed testdata/storage-rpc.json testdata/onion.json
var recordings embed.FS

var transcriptDir = flag.String("transcripts", "", "a folder with other recordings to replay, *.json")

// transcript is one file of recordings.
type transcript struct {
	Network struct {
		Nodes map[string]recordedNode `json:"nodes"`
	} `json:"network"`
	Accounts map[string]recordedAccount `json:"accounts"`
	Cases    []recordedCase             `json:"cases"`
}

type recordedNode struct {
	Seed    string `json:"ed25519_seed"`
	Ed      string `json:"ed25519"`
	X       string `json:"x25519"`
	Legacy  string `json:"legacy"`
	Address string `json:"address"`
	Swarm   string `json:"swarm"`
	HTTPS   int    `json:"port_https"`
	OMQ     int    `json:"port_omq"`
	IP      string `json:"ip"`
}

type recordedAccount struct {
	Seed string `json:"seed"`
	ID05 string `json:"id05"`
	ID03 string `json:"id03"`
}

type recordedCase struct {
	Name    string          `json:"name"`
	Group   string          `json:"group"`
	Setup   []string        `json:"setup"`
	Request recordedRequest `json:"request"`
	State   struct {
		Freeze []string `json:"freeze"`
		Resume []string `json:"resume"`
		Stop   []string `json:"stop"`
	} `json:"state"`
	HTTP struct {
		Status      int               `json:"status"`
		ContentType *string           `json:"content_type"`
		Headers     map[string]string `json:"headers"`
		Repeated    []string          `json:"repeated_headers"`
	} `json:"http"`
	Body      json.RawMessage `json:"body"`
	Canonical bool            `json:"canonical"`

	Encoding         string          `json:"encoding"`
	Layer            int             `json:"encrypted_with_layer"`
	Plaintext        json.RawMessage `json:"plaintext"`
	PlainCanonical   bool            `json:"plaintext_canonical"`
	StringCanonical  bool            `json:"body_string_canonical"`
	UpstreamReceived []struct {
		Line   string      `json:"request_line"`
		Header [][2]string `json:"headers"`
		BodyIs string      `json:"body_is"`
		TLS    bool        `json:"tls_client_hello"`
	} `json:"upstream_received"`
	Seconds int `json:"seconds"`
}

type recordedRequest struct {
	Node     string            `json:"node"`
	Method   string            `json:"method"`
	Params   json.RawMessage   `json:"params"`
	HTTP     string            `json:"http_method"`
	Path     string            `json:"path"`
	BodyText *string           `json:"body_text"`
	BodyFill int               `json:"body_fill"`
	Framing  string            `json:"framing"`
	Headers  map[string]string `json:"headers"`

	Guard       string          `json:"guard"`
	Layers      []recordedLayer `json:"layers"`
	Outer       string          `json:"outer_json"`
	OuterLen    *uint32         `json:"outer_len_override"`
	PayloadJSON json.RawMessage `json:"payload_json"`
	PayloadText string          `json:"payload_text"`
	PayloadHex  string          `json:"payload_hex"`
	PayloadFill int             `json:"payload_fill"`
	BodyHex     *string         `json:"body_hex"`
	Upstream    *upstreamSpec   `json:"upstream"`
}

type recordedLayer struct {
	For          string  `json:"for"`
	Enc          string  `json:"enc"`
	JSON         string  `json:"json"`
	Tamper       string  `json:"tamper"`
	LenOverride  *uint32 `json:"len_override"`
	PlaintextHex *string `json:"plaintext_hex"`
}

type upstreamSpec struct {
	Status   int         `json:"status"`
	Headers  [][2]string `json:"headers"`
	BodyHex  string      `json:"body_hex"`
	BodyFill int         `json:"body_fill"`
	DelayS   int         `json:"delay_s"`
	Close    bool        `json:"close"`
}

// source is where the recordings are: in the package, or in the folder of the
// flag.
func source(t testing.TB) fs.FS {
	t.Helper()
	if *transcriptDir != "" {
		return os.DirFS(*transcriptDir)
	}
	sub, err := fs.Sub(recordings, "testdata")
	if err != nil {
		t.Fatal(err)
	}
	return sub
}

// transcripts are all files of recordings there, by name.
func transcripts(t testing.TB) map[string]*transcript {
	t.Helper()
	from := source(t)
	names, err := fs.Glob(from, "*.json")
	if err != nil || len(names) == 0 {
		t.Fatal("no recordings", err)
	}
	all := make(map[string]*transcript)
	for _, name := range names {
		all[strings.TrimSuffix(name, ".json")] = loadTranscript(t, from, name)
	}
	return all
}

// loadTranscript reads one file of recordings.
func loadTranscript(t testing.TB, from fs.FS, name string) *transcript {
	t.Helper()
	b, err := fs.ReadFile(from, name)
	if err != nil {
		t.Fatal(err)
	}
	var tr transcript
	if err := json.Unmarshal(b, &tr); err != nil {
		t.Fatal(name, err)
	}
	return &tr
}

// find is the case of that name.
func (tr *transcript) find(t testing.TB, name string) *recordedCase {
	t.Helper()
	for i := range tr.Cases {
		if tr.Cases[i].Name == name {
			return &tr.Cases[i]
		}
	}
	t.Fatalf("no case %q", name)
	return nil
}

// specs are the recorded nodes, n0 first.
func (tr *transcript) specs(t testing.TB) []spec {
	t.Helper()
	specs := make([]spec, len(tr.Network.Nodes))
	for i := range specs {
		r, ok := tr.Network.Nodes[fmt.Sprintf("n%d", i)]
		if !ok {
			t.Fatalf("no node n%d", i)
		}
		legacy := core.EdKey(unhex(t, r.Legacy))
		swarm, err := strconv.ParseUint(r.Swarm, 16, 64)
		if err != nil {
			t.Fatal(err)
		}
		specs[i] = spec{seed: [32]byte(unhex(t, r.Seed)), legacy: &legacy, swarm: swarm, ip: r.IP, https: r.HTTPS, omq: r.OMQ}
	}
	return specs
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// markers expands the markers of requests at one time.
type markers struct {
	t    testing.TB
	tr   *transcript
	now  core.Millis
	port int // of the upstream
}

var (
	nowNumber = regexp.MustCompile(`"\{\{now([+-]\d+)?\}\}"`)
	nowSecond = regexp.MustCompile(`"\{\{nowsec([+-]\d+)?\}\}"`)
	nowText   = regexp.MustCompile(`\{\{nowstr([+-]\d+)?\}\}`)
	sigMarker = regexp.MustCompile(`\{\{(sig|sig86):([^:}]+):(.*?)\}\}`)
	fill      = regexp.MustCompile(`\{\{b64fill:(\d+):([^}]*)\}\}`)
	nodeMark  = regexp.MustCompile(`\{\{(n\d+)\.(ed25519|x25519|legacy|address)\}\}`)
	timeMark  = regexp.MustCompile(`\[now([+-]\d+)?\]`)
	hexMark   = regexp.MustCompile(`\[hex:([0-9a-f]*)\]`)
)

func (m markers) offset(s string) int64 {
	n, _ := strconv.ParseInt(s, 10, 64)
	return n
}

// expand replaces all request markers in JSON text.
func (m markers) expand(text string) string {
	group := func(re *regexp.Regexp, f func(g []string) string) {
		text = re.ReplaceAllStringFunc(text, func(s string) string { return f(re.FindStringSubmatch(s)) })
	}
	group(nowNumber, func(g []string) string { return fmt.Sprint(int64(m.now) + m.offset(g[1])) })
	group(nowSecond, func(g []string) string { return fmt.Sprint(int64(m.now)/1000 + m.offset(g[1])) })
	group(nowText, func(g []string) string { return fmt.Sprint(int64(m.now) + m.offset(g[1])) })
	group(sigMarker, func(g []string) string {
		enc := base64.StdEncoding
		if g[1] == "sig86" {
			enc = base64.RawStdEncoding
		}
		return enc.EncodeToString(m.sign(g[2], g[3]))
	})
	group(nodeMark, func(g []string) string {
		n := m.tr.Network.Nodes[g[1]]
		return map[string]string{"ed25519": n.Ed, "x25519": n.X, "legacy": n.Legacy, "address": n.Address}[g[2]]
	})
	text = strings.ReplaceAll(text, "{{upstream_port}}", strconv.Itoa(m.port))
	// Last, because it makes the text long.
	group(fill, func(g []string) string {
		n, _ := strconv.Atoi(g[1])
		return base64.StdEncoding.EncodeToString([]byte((g[2] + strings.Repeat("x", n))[:n]))
	})
	return text
}

// sign is the signature of an account over a format.
func (m markers) sign(key, format string) []byte {
	format = timeMark.ReplaceAllStringFunc(format, func(s string) string {
		return fmt.Sprint(int64(m.now) + m.offset(timeMark.FindStringSubmatch(s)[1]))
	})
	format = hexMark.ReplaceAllStringFunc(format, func(s string) string {
		return string(unhex(m.t, hexMark.FindStringSubmatch(s)[1]))
	})
	a, ok := m.tr.Accounts[key]
	if !ok {
		m.t.Fatalf("no account %q", key)
	}
	return ed25519.Sign(ed25519.NewKeyFromSeed(unhex(m.t, a.Seed)), []byte(format))
}

// compact is JSON without white space, keys as listed.
func compact(t testing.TB, raw json.RawMessage) string {
	t.Helper()
	var b bytes.Buffer
	if err := json.Compact(&b, raw); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// latin1 is text of which each character is a byte.
func latin1(s string) []byte {
	b := make([]byte, 0, len(s))
	for _, r := range s {
		b = append(b, byte(r))
	}
	return b
}

// decode reads JSON, numbers as written.
func decode(t testing.TB, b []byte) any {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Errorf("not JSON: %v: %.200s", err, b)
	}
	return v
}

// isCanonical reports whether text is compact JSON with sorted keys.
func isCanonical(t testing.TB, text []byte) bool {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(decode(t, text)); err != nil {
		t.Fatal(err)
	}
	return bytes.Equal(bytes.TrimSuffix(b.Bytes(), []byte("\n")), text)
}
