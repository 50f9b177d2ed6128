package view

import (
	"strings"

	"tandem/core"
	"tandem/core/client"
)

// The box and the buttons of open groups.
const (
	GroupWord   = "Open group"
	GroupURL    = "Open group URL"
	GroupHint   = "It begins with http and has a public_key in it."
	GroupLead   = "Everybody in an open group reads what everybody writes. You have one ID there on all your devices: most servers make one of their own, older ones show your public key."
	GroupLeave  = "You leave on all your devices. What you wrote stays in the group."
	GroupAfter  = "The open group that you were invited to is kept: you can join it once you have an account here."
	GroupInvite = "They get the address as a message, with a button to join."
)

// GroupOf is the address of an open group in a place that leads to the page on
// which it is joined; "" = it is another place.
func GroupOf(place string) string {
	if address, ok := strings.CutPrefix(place, AtNew+"/"); ok {
		return address
	}
	return ""
}

// groupLine is what stands under a group's name.
func groupLine(g *client.GroupRow) string {
	if g.Members == 0 {
		return GroupWord
	}
	return GroupWord + " · " + plural(g.Members, "active member", "active members")
}

// GroupSelf says as whom one is known in a group.
func GroupSelf(g *client.GroupRow) string {
	switch {
	case g.Me == "":
		return ""
	case strings.HasPrefix(g.Me, "05"):
		return "This server has no IDs of its own: everybody in the group sees your public key."
	}
	return "You are known here as " + g.Me + "."
}

// groupStanding says why a group cannot be read or written to.
func groupStanding(g *client.GroupRow) Standing {
	switch {
	case g.Trouble != 0:
		return Standing{Line: Sentence(g.Trouble.Err()), Icon: "alert", Box: SendBox}
	case !g.Loaded:
		return Standing{Line: "Reading the group…", Icon: "clock", Box: SendBox}
	case !g.Write:
		return Standing{Line: "Only moderators write here.", Icon: "info"}
	}
	return Standing{Box: SendBox}
}

// Invited is where the address in a message leads; zero = it is no address of a
// group.
func Invited(m core.Message) core.ID {
	if !strings.Contains(m.Body, "public_key=") {
		return core.ID{}
	}
	id, _ := client.ReadGroupURL(m.Body)
	return id
}

// Friends are those who can be invited.
func Friends(s *client.Snapshot) []ChatRow {
	var out []ChatRow
	for _, row := range ChatRows(s) {
		if row.Contact.Friendship == client.Friends {
			out = append(out, row)
		}
	}
	return out
}

// Author is who wrote a post, as it is shown: the name is the author's word, the
// end of the ID tells two of one name apart.
type Author struct {
	Name string
	End  string
	Tint int
}

// AuthorOf is the author of a post.
func AuthorOf(p *core.Post) Author {
	id, _ := core.ParseID("05" + p.Author[min(2, len(p.Author)):]) // only for its colour and both ends
	name := NameOf(p.Name, id)
	if name == ShortKey(id) {
		return Author{Name: p.Author[:min(8, len(p.Author))] + "…", End: lastOf(p.Author), Tint: Tint(id)}
	}
	return Author{Name: name, End: lastOf(p.Author), Tint: Tint(id)}
}

func lastOf(id string) string { return id[max(0, len(id)-4):] }

// QuotedBy is who wrote what a post answers, and what: as it is here, never as the
// answer has it.
func QuotedBy(q *core.Quoted) (name, text string) {
	if q.Author == "" {
		return "", "A message that is not here"
	}
	return AuthorOf(&core.Post{Author: q.Author, Name: q.Name}).Name, Excerpt(q.Body)
}

// Excerpt is the beginning of a text, on one line.
func Excerpt(text string) string { return oneLine(text) }

// Emoji are those that are offered as reactions.
func Emoji() []string { return []string{"👍", "❤️", "😂", "😮", "😢", "🎉"} }

// aboutPost is what can be done to a post, and what Delete does to it.
func aboutPost(a *About, m core.Message, g *client.GroupRow) {
	out, here := m.Direction == core.Out, m.Status != core.Queued && m.Status != core.Failed
	a.Post, a.Edit, a.Ban = here, out && here, !out && g.Moderator
	a.Reply = here && (g.Write || !g.Loaded)
	a.Pin = here && g.Moderator && (g.Pinned == nil || g.Pinned.ID != m.ID)
	a.Everyone, a.Mine = out || g.Moderator, false
	if m.Post.Moderator {
		a.Facts = append(a.Facts, "The author moderates this group.")
	}
	a.Facts = append(a.Facts, "The group knows the author as "+m.Post.Author+".")
	if a.Everyone {
		a.Facts = append(a.Facts, "Delete for everyone removes it from the group.")
	}
}
