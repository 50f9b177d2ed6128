package opengroup

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Info is what a server says about a room.
type Info struct {
	Name        string // for people; never empty
	Description string
	Members     int // active ones
	Read, Write bool
	Moderator   bool    // one may delete others' messages, and ban
	Pinned      []int64 // messages, the newest last

	moderators []string // 66 hex characters each
	updates    int64    // info_updates
}

// details is a room as GET /room/R gives it.
type details struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	Updates     int64  `json:"info_updates"`
	Pinned      []struct {
		ID int64 `json:"id"`
	} `json:"pinned_messages"`
	Admins     []string `json:"admins"`
	Moderators []string `json:"moderators"`
}

// pollInfo is a room as GET /room/R/pollInfo/N gives it; Details only if they
// changed since N.
type pollInfo struct {
	Members   int      `json:"active_users"`
	Read      bool     `json:"read"`
	Write     bool     `json:"write"`
	Moderator bool     `json:"moderator"`
	Admin     bool     `json:"admin"`
	Details   *details `json:"details"`
}

// follow takes an answer to pollInfo, and reports whether there is news in it.
// Error: ErrGarbage.
func (i *Info) follow(token string, body []byte) (news bool, err error) {
	var p pollInfo
	if !read(body, &p) {
		return false, ErrGarbage
	}
	members, moderator := max(0, min(p.Members, 1e9)), p.Moderator || p.Admin
	news = i.Members != members || i.Read != p.Read || i.Write != p.Write || i.Moderator != moderator
	i.Members, i.Read, i.Write, i.Moderator = members, p.Read, p.Write, moderator
	d := p.Details
	if d == nil {
		return news, nil
	}
	if d.Updates < 0 || d.Updates >= maxNumber {
		return news, ErrGarbage
	}
	i.updates = d.Updates
	if i.Name = clean(d.Name, MaxName); i.Name == "" {
		i.Name = token
	}
	i.Description = clean(d.Description, maxDescription)
	i.Pinned = nil
	for _, p := range d.Pinned[max(0, len(d.Pinned)-maxPinned):] {
		i.Pinned = append(i.Pinned, p.ID)
	}
	i.moderators = append(bounded(d.Admins), bounded(d.Moderators)...)
	return true, nil
}

func bounded(ids []string) []string {
	return ids[:min(len(ids), maxModerators):min(len(ids), maxModerators)]
}

// moderates reports whether an author is a moderator whom the server shows.
func (i *Info) moderates(author string) bool {
	for _, id := range i.moderators {
		if strings.EqualFold(id, author) {
			return true
		}
	}
	return false
}

// clean makes one line of a server's words: without what would turn or hide
// other text on the page, and at most so many bytes.
func clean(text string, limit int) string {
	var out []byte
	space := true
	for _, r := range text {
		if unicode.IsSpace(r) {
			r = ' '
		}
		if r == ' ' && space || r == utf8.RuneError || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			continue
		}
		if len(out)+utf8.RuneLen(r) > limit {
			break
		}
		out, space = utf8.AppendRune(out, r), r == ' '
	}
	return strings.TrimSpace(string(out))
}
