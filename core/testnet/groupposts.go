package testnet

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
)

// room carries out a request about one room; rest is the path behind its name.
func (g *Groups) room(r *groupRoom, v visit, rest []string, fields url.Values) groupAnswer {
	at := func(i int) string {
		if i < len(rest) {
			return rest[i]
		}
		return ""
	}
	id, _ := strconv.ParseInt(at(1), 10, 64)
	if at(0) == "messages" {
		id, _ = strconv.ParseInt(at(2), 10, 64)
	}
	if v.method == "GET" {
		switch {
		case len(rest) == 0:
			return groupAnswer{200, r.details(v.who)}
		case at(0) == "pollInfo" && len(rest) == 2:
			return groupAnswer{200, r.pollInfo(v.who, id)}
		case at(0) == "messages" && len(rest) >= 2:
			return r.list(v.who, at(1), id, fields)
		case at(0) == "message" && len(rest) == 2:
			if p := r.find(id); p != nil {
				return groupAnswer{200, p.shown(v.who, 0)}
			}
		}
		return refuseGroup(404, "Not Found")
	}
	if v.who == "" {
		return refuseGroup(401, "Authentication required")
	}
	switch at(0) {
	case "message":
		return g.words(r, v, id, len(rest))
	case "reaction", "reactions":
		return r.react(v, id, at(0), at(2))
	case "pin", "unpin":
		return r.pins(v, id, at(0) == "pin", at(1) == "all")
	case "all":
		if v.method == "DELETE" && len(rest) == 2 && r.moderates(v.who) {
			for _, p := range r.posts {
				if p.author == at(1) && !p.deleted {
					r.delete(p)
				}
			}
			return groupAnswer{200, jsonMap{}}
		}
		return refuseGroup(403, "Permission denied")
	}
	return refuseGroup(404, "Not Found")
}

func (r *groupRoom) moderates(who string) bool { return slices.Contains(r.moderators, who) }

// list is what GET /room/R/messages/… says: the newest first, or all changes
// after a sequence number in their order.
func (r *groupRoom) list(who, kind string, from int64, fields url.Values) groupAnswer {
	limit := postsPerPage
	if n, err := strconv.Atoi(fields.Get("limit")); err == nil && n > 0 {
		limit = min(n, maxPosts)
	}
	out := []any{}
	if kind == "since" {
		var changed []*groupPost
		for _, p := range r.posts {
			if p.seqno > from && (p.said > from || fields.Get("t") == "r") {
				changed = append(changed, p)
			}
		}
		slices.SortFunc(changed, func(a, b *groupPost) int { return int(a.seqno - b.seqno) })
		for _, p := range changed[:min(limit, len(changed))] {
			out = append(out, p.shown(who, from))
		}
		return groupAnswer{200, out}
	}
	if kind != "recent" && kind != "before" {
		return refuseGroup(404, "Not Found")
	}
	for i := len(r.posts) - 1; i >= 0 && len(out) < limit; i-- {
		if p := r.posts[i]; !p.deleted && (kind == "recent" || p.id < from) {
			out = append(out, p.shown(who, 0))
		}
	}
	return groupAnswer{200, out}
}

// words is posting, editing and deleting.
func (g *Groups) words(r *groupRoom, v visit, id int64, depth int) groupAnswer {
	p := r.find(id)
	switch {
	case v.method == "POST" && depth == 1:
	case depth != 2:
		return refuseGroup(404, "Not Found")
	case p == nil:
		return refuseGroup(404, "No such message")
	case v.method == "DELETE":
		if p.author != v.who && !r.moderates(v.who) {
			return refuseGroup(403, "Permission denied")
		}
		r.delete(p)
		return groupAnswer{200, jsonMap{}}
	case v.method != "PUT":
		return refuseGroup(405, "Method Not Allowed")
	case p.author != v.who:
		return refuseGroup(403, "Permission denied")
	}
	if r.readOnly && !r.moderates(v.who) {
		return refuseGroup(403, "Permission denied")
	}
	var said struct{ Data, Signature []byte }
	if json.Unmarshal(v.body, &said) != nil || len(said.Data) == 0 || len(said.Data) > maxPost || len(said.Signature) != 64 {
		return refuseGroup(400, "Bad request")
	}
	if p != nil && v.method == "PUT" {
		p.data, p.signature, p.edited = said.Data, said.Signature, g.now()
		r.touch(p, true)
		return groupAnswer{200, p.shown(v.who, 0)}
	}
	if g.o.FirstModerates && len(r.moderators) == 0 {
		r.moderators = append(r.moderators, v.who)
		r.updates++
	}
	return groupAnswer{201, r.add(v.who, said.Data, said.Signature, g.now()).shown(v.who, 0)}
}

func (r *groupRoom) delete(p *groupPost) {
	p.deleted, p.data, p.signature, p.reactions = true, nil, nil, nil
	r.touch(p, true)
	if i := slices.Index(r.pinned, p.id); i >= 0 {
		r.pinned = slices.Delete(r.pinned, i, i+1)
		r.updates++
	}
}

func (r *groupRoom) react(v visit, id int64, kind, emoji string) groupAnswer {
	p := r.find(id)
	if p == nil || emoji == "" && kind == "reaction" {
		return refuseGroup(404, "No such message")
	}
	if kind == "reactions" {
		if v.method != "DELETE" || !r.moderates(v.who) {
			return refuseGroup(403, "Permission denied")
		}
		p.reactions = nil
		r.touch(p, false)
		return groupAnswer{200, jsonMap{}}
	}
	at := slices.IndexFunc(p.reactions, func(x *reaction) bool { return x.emoji == emoji })
	switch v.method {
	case "PUT":
		if at < 0 {
			at, p.reactions = len(p.reactions), append(p.reactions, &reaction{emoji: emoji})
		}
		if x := p.reactions[at]; !slices.Contains(x.by, v.who) {
			x.by = append(x.by, v.who)
		}
	case "DELETE":
		if at >= 0 {
			x := p.reactions[at]
			x.by = slices.DeleteFunc(x.by, func(who string) bool { return who == v.who })
			if len(x.by) == 0 {
				p.reactions = slices.Delete(p.reactions, at, at+1)
			}
		}
	default:
		return refuseGroup(405, "Method Not Allowed")
	}
	r.touch(p, false)
	return groupAnswer{200, jsonMap{"added": v.method == "PUT", "seqno": r.seqno}}
}

func (r *groupRoom) pins(v visit, id int64, on, all bool) groupAnswer {
	if v.method != "POST" || !r.moderates(v.who) {
		return refuseGroup(403, "Permission denied")
	}
	switch {
	case on && r.find(id) == nil:
		return refuseGroup(404, "No such message")
	case on:
		r.pin(id)
	default:
		r.pinned = slices.DeleteFunc(r.pinned, func(p int64) bool { return all || p == id })
		r.updates++
	}
	return groupAnswer{200, jsonMap{}}
}
