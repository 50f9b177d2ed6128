package testnet

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/crypto/blake2b"

	"tandem/core"
	"tandem/core/identity"
	"tandem/core/onion"
)

// jsonMap is a JSON object in a group server's answer.
type jsonMap map[string]any

// groupAnswer is what a group server says.
type groupAnswer struct {
	code  int
	value any // a string is plain text
}

func refuseGroup(code int, why string) groupAnswer { return groupAnswer{code, why} }

func (a groupAnswer) v4() onion.V4Response {
	if s, text := a.value.(string); text {
		return onion.V4Response{Code: a.code, Headers: map[string]string{"content-type": "text/plain"}, Body: []byte(s)}
	}
	body, err := json.Marshal(a.value)
	if err != nil {
		panic("testnet: internal error: " + err.Error()) // strings, numbers and maps of them always encode
	}
	return onion.V4Response{Code: a.code, Headers: map[string]string{"content-type": "application/json"}, Body: body}
}

// visit is a request by somebody who has shown who they are; who "" = nobody.
type visit struct {
	who, method, path string
	body              []byte
}

// authenticate checks the four headers of network.md §12. None at all is a
// visitor without a name, who may read.
func (g *Groups) authenticate(r onion.V4Request, header map[string]string) (who string, refusal groupAnswer) {
	key, stamp := header["x-sogs-pubkey"], header["x-sogs-timestamp"]
	if key == "" && stamp == "" && header["x-sogs-nonce"] == "" && header["x-sogs-signature"] == "" {
		return "", groupAnswer{}
	}
	prefix, err := hex.DecodeString(key)
	nonce, err2 := base64.StdEncoding.DecodeString(header["x-sogs-nonce"])
	sig, err3 := base64.StdEncoding.DecodeString(header["x-sogs-signature"])
	seconds, err4 := strconv.ParseInt(stamp, 10, 64)
	if err != nil || err2 != nil || err3 != nil || err4 != nil || len(prefix) != 33 || len(nonce) != 16 || len(sig) != 64 {
		return "", refuseGroup(400, "Invalid authentication: malformed headers")
	}
	switch {
	case prefix[0] == 0x15 && !g.o.Plain:
		who = key
	case prefix[0] == 0x00 && !g.o.Plain:
		return "", refuseGroup(400, "Invalid authentication: this server requires the use of blinded ids")
	case prefix[0] == 0x00:
		id, err := identity.IDFromEd(core.EdKey(prefix[1:]))
		if err != nil {
			return "", refuseGroup(400, "Invalid authentication: given X-SOGS-Pubkey is not a valid Ed25519 pubkey")
		}
		who = id.Hex()
	default:
		return "", refuseGroup(400, "Invalid authentication: given X-SOGS-Pubkey has an unsupported prefix")
	}
	now := g.now()
	if at := core.Millis(seconds) * core.Second; at > now+signedWithin || at < now-signedWithin {
		return "", refuseGroup(425, "Invalid authentication: Request timestamp is invalid")
	}
	if !ed25519.Verify(prefix[1:], g.toSign(r, nonce, stamp), sig) {
		return "", refuseGroup(401, "Invalid authentication: X-SOGS-Signature verification failed")
	}
	if g.used(key+string(nonce), now) {
		return "", refuseGroup(425, "Invalid authentication: X-SOGS-Nonce cannot be reused")
	}
	return who, groupAnswer{}
}

// toSign is what a request's signature covers.
func (g *Groups) toSign(r onion.V4Request, nonce []byte, stamp string) []byte {
	server := g.key.PublicKey()
	path, err := url.PathUnescape(r.Endpoint)
	if err != nil {
		path = r.Endpoint
	}
	message := slices.Concat(server[:], nonce, []byte(stamp+r.Method+path))
	if len(r.Body) > 0 {
		sum := blake2b.Sum512(r.Body)
		message = append(message, sum[:]...)
	}
	return message
}

func (g *Groups) used(nonce string, now core.Millis) bool {
	for n, until := range g.nonces {
		if until < now {
			delete(g.nonces, n)
		}
	}
	if _, used := g.nonces[nonce]; used {
		return true
	}
	g.nonces[nonce] = now + 2*signedWithin
	return false
}

// visit carries out one request.
func (g *Groups) visit(v visit) groupAnswer {
	path, query, _ := strings.Cut(v.path, "?")
	parts := strings.Split(strings.Trim(path, "/"), "/")
	for i := range parts {
		if p, err := url.PathUnescape(parts[i]); err == nil {
			parts[i] = p
		}
	}
	fields, err := url.ParseQuery(query)
	if err != nil {
		return refuseGroup(400, "Bad query")
	}
	switch parts[0] {
	case "capabilities":
		return groupAnswer{200, jsonMap{"capabilities": g.capabilities()}}
	case "rooms":
		list := []any{}
		for _, r := range g.rooms {
			list = append(list, r.details(v.who))
		}
		return groupAnswer{200, list}
	case "batch", "sequence":
		if v.method == "POST" && len(parts) == 1 {
			return g.several(v, parts[0] == "sequence")
		}
	case "user":
		if v.method == "POST" && len(parts) == 3 {
			return g.user(v, parts[1], parts[2])
		}
	case "room":
		if len(parts) < 2 {
			break
		}
		room := g.rooms[parts[1]]
		if room == nil {
			return refuseGroup(404, "No such room")
		}
		if room.banned[v.who] {
			return refuseGroup(403, "Permission denied: banned")
		}
		if v.who != "" {
			room.seen[v.who] = g.now()
		}
		return g.room(room, v, parts[2:], fields)
	}
	return refuseGroup(404, "Not Found")
}

func (g *Groups) capabilities() []string {
	if g.o.Plain {
		return []string{"sogs", "reactions"}
	}
	return []string{"sogs", "reactions", "blind"}
}

// several carries out a list of requests, of which a sequence ends at the first
// that fails.
func (g *Groups) several(v visit, sequence bool) groupAnswer {
	var list []struct {
		Method, Path string
		JSON         json.RawMessage `json:"json"`
		B64          []byte          `json:"b64"`
	}
	if json.Unmarshal(v.body, &list) != nil || len(list) > maxBatchGroup {
		return refuseGroup(400, "Bad request")
	}
	out := []any{}
	for _, one := range list {
		if one.Path == "/batch" || one.Path == "/sequence" {
			return refuseGroup(400, "Bad request")
		}
		a := g.visit(visit{who: v.who, method: one.Method, path: one.Path, body: append([]byte(one.JSON), one.B64...)})
		out = append(out, jsonMap{"code": a.code, "headers": jsonMap{}, "body": a.value})
		if sequence && (a.code < 200 || a.code > 299) {
			break
		}
	}
	return groupAnswer{200, out}
}

// user carries out what moderators do to somebody.
func (g *Groups) user(v visit, whom, verb string) groupAnswer {
	var body struct{ Rooms []string }
	if json.Unmarshal(v.body, &body) != nil || len(body.Rooms) == 0 {
		return refuseGroup(400, "Bad request")
	}
	for _, token := range body.Rooms {
		if r := g.rooms[token]; r == nil || !slices.Contains(r.moderators, v.who) {
			return refuseGroup(403, "Permission denied")
		}
	}
	for _, token := range body.Rooms {
		switch r := g.rooms[token]; verb {
		case "ban":
			r.banned[whom] = true
		case "unban":
			delete(r.banned, whom)
		case "moderator":
			r.moderators = append(r.moderators, whom)
			r.updates++
		default:
			return refuseGroup(404, "Not Found")
		}
	}
	return groupAnswer{200, jsonMap{}}
}

// details is a room as GET /room/R says it.
func (r *groupRoom) details(who string) jsonMap {
	pinned := []any{}
	for _, id := range r.pinned {
		pinned = append(pinned, jsonMap{"id": id})
	}
	moderates := slices.Contains(r.moderators, who)
	return jsonMap{
		"token": r.token, "name": r.name, "description": r.description, "created": float64(r.created) / 1000,
		"info_updates": r.updates, "message_sequence": r.seqno, "active_users": len(r.seen), "pinned_messages": pinned,
		"moderators": append([]string{}, r.moderators...), "admins": []string{},
		"read": true, "write": !r.readOnly || moderates, "upload": false, "moderator": moderates, "admin": false,
	}
}

func (r *groupRoom) pollInfo(who string, since int64) jsonMap {
	d := r.details(who)
	out := jsonMap{
		"token": r.token, "active_users": d["active_users"], "read": true, "write": d["write"], "upload": false,
		"moderator": d["moderator"], "admin": false,
	}
	if since != r.updates {
		out["details"] = d
	}
	return out
}
