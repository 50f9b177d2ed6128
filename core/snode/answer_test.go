package snode

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"tandem/core"
	"tandem/core/identity"
)

func sign(key *identity.Device, text []byte) string {
	return base64.StdEncoding.EncodeToString(key.Sign(text))
}

func TestParseStored(t *testing.T) {
	a, b, c := identity.NewDevice(), identity.NewDevice(), identity.NewDevice()
	box := core.Mailbox{Owner: a.ID()}
	hash := MessageHash(box.Owner, 0, []byte("x"))
	good := func(k *identity.Device, extra string) string {
		return fmt.Sprintf(`"%s":{"hash":"%s","signature":"%s","expiry":1%s}`, k.Ed().Hex(), hash, sign(k, ProofStore(hash)), extra)
	}
	failed := func(k *identity.Device, how string) string {
		return fmt.Sprintf(`"%s":{"failed":%s}`, k.Ed().Hex(), how)
	}
	answer := func(hash string, members ...string) string {
		return fmt.Sprintf(`{"hash":"%s","swarm":{%s},"t":1,"hf":[19,4]}`, hash, strings.Join(members, ","))
	}
	forged := strings.Replace(good(b, ""), sign(b, ProofStore(hash)), sign(c, ProofStore(hash)), 1)
	for name, tc := range map[string]struct {
		body string
		want []core.EdKey
		err  error
	}{
		"all":                       {answer(hash, good(a, `,"t":1`), good(b, "")), []core.EdKey{a.Ed(), b.Ed()}, nil},
		"already, in both writings": {answer(hash, good(a, `,"already":true`), good(b, `,"already":1`)), []core.EdKey{a.Ed(), b.Ed()}, nil},
		"one member silent":         {answer(hash, good(a, ""), failed(b, "true")), []core.EdKey{a.Ed()}, nil},
		"a claim without its proof": {answer(hash, good(a, ""), forged), []core.EdKey{a.Ed()}, nil},
		"only forged claims":        {answer(hash, forged), nil, ErrNotStored},
		"failed everywhere, 200":    {fmt.Sprintf(`{"swarm":{%s,%s},"t":1}`, failed(a, "true"), failed(b, "1")), nil, ErrNotStored},
		"another message":           {answer("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", good(a, "")), nil, ErrNotStored},
		"no member":                 {answer(hash), nil, ErrNotStored},
		"member without a key":      {answer(hash, `"zz":{}`), nil, ErrGarbage},
		"text":                      {"nope", nil, ErrGarbage},
		"array":                     {"[]", nil, ErrGarbage},
	} {
		got, err := ParseStored([]byte(tc.body), hash)
		slices.SortFunc(got, func(x, y core.EdKey) int { return slices.Compare(x[:], y[:]) })
		slices.SortFunc(tc.want, func(x, y core.EdKey) int { return slices.Compare(x[:], y[:]) })
		if !errors.Is(err, tc.err) || !slices.Equal(got, tc.want) {
			t.Errorf("%s: %v %v", name, got, err)
		}
	}
}

func TestParseDeleted(t *testing.T) {
	owner, a, b := identity.NewDevice().ID(), identity.NewDevice(), identity.NewDevice()
	asked := []string{"h2", "h1"}
	entry := func(k *identity.Device, proof []byte, deleted string) string {
		return fmt.Sprintf(`"%s":{"deleted":[%s],"signature":"%s"}`, k.Ed().Hex(), deleted, sign(k, proof))
	}
	body := `{"swarm":{` + entry(a, ProofDelete(owner, asked, []string{"h1", "h2"}), `"h1","h2"`) + `,` + entry(b, []byte("lie"), `"h1"`) + `}}`
	if got, err := ParseDeleted([]byte(body), owner, asked); err != nil || !slices.Equal(got, []string{"h1", "h2"}) {
		t.Errorf("%v %v", got, err)
	}
	body = `{"swarm":{` + entry(b, []byte("lie"), `"h1"`) + `}}`
	if got, err := ParseDeleted([]byte(body), owner, asked); err != nil || len(got) != 0 {
		t.Errorf("a lie counts: %v %v", got, err)
	}
	body = `{"swarm":{` + entry(b, nil, `"1","2","3"`) + `}}`
	if _, err := ParseDeleted([]byte(body), owner, asked); !errors.Is(err, ErrGarbage) {
		t.Errorf("more deleted than asked: %v", err)
	}
}

func TestParseRetrieved(t *testing.T) {
	box := core.Mailbox{Owner: identity.NewDevice().ID(), Namespace: 421}
	row := func(data []byte) string {
		return fmt.Sprintf(`{"hash":"%s","timestamp":5,"expiration":9,"data":"%s"}`,
			MessageHash(box.Owner, box.Namespace, data), base64.StdEncoding.EncodeToString(data))
	}
	answer := func(rows ...string) string {
		return `{"messages":[` + strings.Join(rows, ",") + `],"more":true,"t":1,"hf":[19,4]}`
	}
	other := fmt.Sprintf(`{"hash":"%s","timestamp":5,"expiration":9,"data":"aGk="}`, MessageHash(box.Owner, 0, []byte("hi")))
	for name, tc := range map[string]struct {
		body string
		n    int
		err  error
	}{
		"two":                       {answer(row([]byte("a")), row([]byte("b"))), 2, nil},
		"none":                      {answer(), 0, nil},
		"empty message":             {answer(row(nil)), 1, nil},
		"longest message":           {answer(row(make([]byte, MaxData))), 1, nil},
		"one byte too long":         {answer(row(make([]byte, MaxData+1))), 0, ErrGarbage},
		"the same twice":            {answer(row([]byte("a")), row([]byte("a"))), 0, ErrGarbage},
		"hash of other namespace":   {answer(other), 0, ErrGarbage},
		"hash of other data":        {answer(strings.Replace(row([]byte("a")), "YQ==", "Yg==", 1)), 0, ErrGarbage},
		"one bad row spoils all":    {answer(row([]byte("a")), other), 0, ErrGarbage},
		"not base64":                {answer(strings.Replace(row([]byte("a")), "YQ==", "Y!==", 1)), 0, ErrGarbage},
		"negative time":             {answer(strings.Replace(row([]byte("a")), ":5", ":-5", 1)), 0, ErrGarbage},
		"time as fraction":          {answer(strings.Replace(row([]byte("a")), ":5", ":5.5", 1)), 0, ErrGarbage},
		"time beyond 64 bits":       {answer(strings.Replace(row([]byte("a")), ":5", ":99999999999999999999", 1)), 0, ErrGarbage},
		"no list":                   {`{"more":false}`, 0, ErrGarbage},
		"list is null":              {`{"messages":null}`, 0, ErrGarbage},
		"html":                      {`<html>`, 0, ErrGarbage},
		"cut in the middle":         {answer(row([]byte("a")))[:40], 0, ErrGarbage},
		"something behind the JSON": {answer() + "{}", 0, ErrGarbage},
	} {
		got, more, err := ParseRetrieved([]byte(tc.body), box)
		if !errors.Is(err, tc.err) || len(got) != tc.n || more != (tc.err == nil) {
			t.Errorf("%s: %d messages, more %v, %v", name, len(got), more, err)
		}
	}
	got, _, err := ParseRetrieved([]byte(answer(row([]byte("a")))), box)
	if err != nil || string(got[0].Data) != "a" || got[0].At != 5 || got[0].Expires != 9 {
		t.Errorf("%+v %v", got, err)
	}
	if _, _, err = ParseRetrieved(make([]byte, MaxAnswer+1), box); !errors.Is(err, ErrGarbage) {
		t.Errorf("too long: %v", err)
	}
}

const swarmAnswer = `{"hf":[19,4],"snodes":[
 {"address":"x.snode","ip":"10.0.1.1","port":"22021","port_https":22021,"pubkey_ed25519":"%s","pubkey_x25519":"ff"},
 {"ip":"0.0.0.0","port_https":22021,"pubkey_ed25519":"%s"},
 {"ip":"10.0.3.1","port_https":0,"pubkey_ed25519":"%s"}],"swarm":"4000","t":1763750000123}`

func TestParseSwarm(t *testing.T) {
	a, b, c := core.EdKey{1}, core.EdKey{2}, core.EdKey{3}
	body := fmt.Appendf(nil, swarmAnswer, a.Hex(), b.Hex(), c.Hex())
	got, err := ParseSwarm(body)
	want := Node{Ed: a, IP: "10.0.1.1", Port: 22021}
	if err != nil || len(got) != 1 || got[0] != want {
		t.Errorf("%+v %v", got, err)
	}
	if at, ok := ParseTime(body); !ok || at != 1763750000123 {
		t.Errorf("t = %d", at)
	}
	var wrong *WrongSwarm
	if err = Check(421, body); !errors.As(err, &wrong) || !errors.Is(err, ErrWrongSwarm) || len(wrong.Swarm) != 1 || wrong.T != 1763750000123 {
		t.Errorf("421: %v %+v", err, wrong)
	}
	if err = Check(421, []byte("not mine")); !errors.As(err, &wrong) || len(wrong.Swarm) != 0 {
		t.Errorf("421 without a swarm: %v", err)
	}
	for name, body := range map[string]string{
		"a node twice": fmt.Sprintf(swarmAnswer, a.Hex(), a.Hex(), c.Hex()),
		"no key":       fmt.Sprintf(swarmAnswer, "zz", b.Hex(), c.Hex()),
		"no list":      `{}`,
		"too many":     `{"snodes":[` + strings.Repeat(`{},`, MaxSwarm) + `{}]}`,
	} {
		if _, err := ParseSwarm([]byte(body)); !errors.Is(err, ErrGarbage) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestParseServiceNodes(t *testing.T) {
	a, b := core.EdKey{1}, core.EdKey{2}
	body := `{"result":{"height":1,"service_node_states":[
	 {"public_ip":"10.0.1.1","storage_port":22021,"pubkey_ed25519":"` + a.Hex() + `","pubkey_x25519":""},
	 {"public_ip":"","storage_port":0,"pubkey_ed25519":""},{"public_ip":"","storage_port":0,"pubkey_ed25519":""},
	 {"public_ip":"2001:DB8::1","storage_port":1,"pubkey_ed25519":"` + b.Hex() + `"}]},"t":1}`
	got, err := ParseServiceNodes([]byte(body))
	if err != nil || len(got) != 2 || got[1].IP != "2001:db8::1" {
		t.Errorf("%+v %v", got, err)
	}
	for _, body := range []string{`{}`, `{"result":{}}`, `{"result":{"service_node_states":null}}`, `x`} {
		if _, err := ParseServiceNodes([]byte(body)); !errors.Is(err, ErrGarbage) {
			t.Errorf("%s: %v", body, err)
		}
	}
}

func TestParseBatch(t *testing.T) {
	body := []byte(`{"results":[{"body":{"t":1},"code":200},{"body":"retrieve: request signature required","code":401}]}`)
	got, err := ParseBatch(body, 3)
	if err != nil || len(got) != 2 || got[0].Code != 200 || string(got[0].Body) != `{"t":1}` || !strings.HasPrefix(string(got[1].Body), "retrieve") {
		t.Errorf("%+v %v", got, err)
	}
	for _, body := range []string{`{}`, `{"results":[]}`, string(body)} {
		if _, err := ParseBatch([]byte(body), 1); !errors.Is(err, ErrGarbage) {
			t.Errorf("%s: %v", body, err)
		}
	}
}

func TestParseInfoAndExpiries(t *testing.T) {
	if at, err := ParseInfo([]byte(`{"version":[2,8,0],"timestamp":17,"t":18}`)); err != nil || at != 17 {
		t.Errorf("%d %v", at, err)
	}
	for _, body := range []string{`{}`, `{"timestamp":-1}`, `{"timestamp":"1"}`, `[]`} {
		if _, err := ParseInfo([]byte(body)); !errors.Is(err, ErrGarbage) {
			t.Errorf("%s: %v", body, err)
		}
	}
	h := MessageHash(core.ID{5}, 0, nil)
	if got, err := ParseExpiries([]byte(`{"expiries":{"` + h + `":7}}`)); err != nil || got[h] != 7 {
		t.Errorf("%v %v", got, err)
	}
	for _, body := range []string{`{}`, `{"expiries":{"x":1}}`, `{"expiries":[]}`} {
		if _, err := ParseExpiries([]byte(body)); !errors.Is(err, ErrGarbage) {
			t.Errorf("%s: %v", body, err)
		}
	}
}

func TestCheck(t *testing.T) {
	for status, want := range map[int]error{
		200: nil, 400: ErrRequest, 401: ErrAuth, 403: ErrTTL, 404: ErrRequest, 406: ErrClock, 425: ErrClock,
		421: ErrWrongSwarm, 429: ErrRateLimit, 500: ErrServer, 502: ErrServer, 503: ErrNotReady, 504: ErrTimeout,
	} {
		if err := Check(status, []byte("text of the node")); !errors.Is(err, want) {
			t.Errorf("%d: %v", status, err)
		} else if err != nil && strings.Contains(err.Error(), "text of") {
			t.Errorf("%d: the error quotes the node", status)
		}
	}
}

func TestCheckPath(t *testing.T) {
	ed := core.EdKey{7, 31: 9}
	for _, c := range []struct {
		status int
		body   string
		want   error
	}{
		{200, "", nil},
		{400, "Invalid ciphertext", ErrUnreadable},
		{400, "Error parsing onion request: x", ErrRequest},
		{502, "Next node not found: " + ed.Hex(), ErrNodeUnknown},
		{502, "Next node not found: abc", ErrServer},
		{502, "Bad Gateway", ErrServer},
		{503, "Snode not ready: " + ed.Hex(), ErrNotReady},
		{503, "Service node is not ready: no block", ErrFirstRefused},
		{503, "Server busy, try again later", ErrFirstRefused},
		{504, "Request time out", ErrTimeout},
		{413, "Request body too large", ErrFirstRefused},
		{429, "Too Many Requests\n", ErrFirstRefused},
		{500, "Invalid response from snode", ErrServer},
		{404, "post /x Not Found", ErrRequest},
	} {
		err := CheckPath(c.status, []byte(c.body))
		if !errors.Is(err, c.want) {
			t.Errorf("%d %s: %v", c.status, c.body, err)
		}
		var unknown *NodeUnknown
		if errors.As(err, &unknown) && unknown.Ed != ed {
			t.Errorf("%d: another node", c.status)
		}
		var busy *NotReady
		if errors.As(err, &busy) && busy.Ed != ed {
			t.Errorf("%d: another node", c.status)
		}
	}
}

func TestNode(t *testing.T) {
	for ip, subnet := range map[string]string{
		"10.0.1.1": "10.0.1.0/24", "::ffff:10.0.1.9": "10.0.1.0/24", "2001:db8:1:2::3": "2001:db8:1::/48", "x": "invalid Prefix",
	} {
		if got := (Node{IP: ip}).Subnet().String(); got != subnet {
			t.Errorf("%s: %s", ip, got)
		}
	}
	for _, n := range []Node{{IP: "10.0.0.1"}, {IP: "0.0.0.0", Port: 1}, {IP: "x", Port: 1}, {IP: "fe80::1%a", Port: 1}, {IP: "10.0.0.1", Port: 65536}} {
		if n.Valid() {
			t.Errorf("%v is accepted", n)
		}
	}
}

// FuzzAnswers: whatever a node answers, every parser returns a value within its
// bounds or ErrGarbage.
func FuzzAnswers(f *testing.F) {
	box := core.Mailbox{Owner: core.ID{5, 1}}
	hash := MessageHash(box.Owner, 0, []byte("hi"))
	f.Add([]byte(`{"messages":[{"hash":"` + hash + `","timestamp":5,"expiration":9,"data":"aGk="}],"more":true,"t":1}`))
	f.Add(fmt.Appendf(nil, swarmAnswer, core.EdKey{1}.Hex(), core.EdKey{2}.Hex(), core.EdKey{3}.Hex()))
	f.Add([]byte(`{"result":{"service_node_states":[{"public_ip":"1.2.3.4","storage_port":1,"pubkey_ed25519":"` + core.EdKey{1}.Hex() + `"}]}}`))
	f.Add([]byte(`{"hash":"` + hash + `","swarm":{"` + core.EdKey{1}.Hex() + `":{"hash":"` + hash + `","failed":1}}}`))
	f.Add([]byte(`{"results":[{"code":200,"body":"x"}],"expiries":{},"timestamp":1}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		messages, _, err := ParseRetrieved(b, box)
		for _, m := range messages {
			if len(m.Data) > MaxData || m.Hash != MessageHash(box.Owner, 0, m.Data) {
				t.Fatal("an unchecked message")
			}
		}
		garbage(t, err)
		for _, parse := range []func([]byte) ([]Node, error){ParseSwarm, ParseServiceNodes} {
			nodes, err := parse(b)
			garbage(t, err)
			for _, n := range nodes {
				if !n.Valid() {
					t.Fatalf("unusable node %+v", n)
				}
			}
		}
		if stored, err := ParseStored(b, hash); err == nil && len(stored) == 0 {
			t.Fatal("stored nowhere")
		}
		_, err = ParseDeleted(b, box.Owner, []string{hash})
		garbage(t, err)
		_, err = ParseExpiries(b)
		garbage(t, err)
		_, err = ParseInfo(b)
		garbage(t, err)
		_, err = ParseBatch(b, MaxCalls)
		garbage(t, err)
		ParseTime(b)
		for _, status := range []int{200, 400, 421, 502, 503} {
			if Check(status, b) == nil != (status == 200) || CheckPath(status, b) == nil != (status == 200) {
				t.Fatal("a refusal without an error")
			}
		}
	})
}

func garbage(t *testing.T, err error) {
	t.Helper()
	if err != nil && !errors.Is(err, ErrGarbage) {
		t.Fatal(err)
	}
}
