package demo

import (
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core"
	world "tandem/core/demo"
	"tandem/web/tag"
)

const svg = "http://www.w3.org/2000/svg"

func shape(name, class string) app.HTMLElem { return app.Elem(name).XMLNS(svg).Class(class) }

// drawnTrips is how many requests are drawn at once, the newest: more is a ball of
// wool.
const drawnTrips = 6

// swarm is the picture of the network. It is drawn anew when something happened,
// never by a timer: what moves in between is the browser's transition from one
// event to the next.
type swarm struct {
	app.Compo

	State *world.State
}

func (p *swarm) Render() app.UI {
	s := p.State
	c := draw(s)
	trips := s.Trips[max(0, len(s.Trips)-drawnTrips):]
	fresh := fresh(trips)
	body := []app.UI{
		shape("g", "net-swarms").Body(p.swarms(c, fresh)...),
		shape("g", "net-lines").Body(p.lines(c, trips)...),
		shape("g", "net-nodes").Body(p.nodes(c, fresh)...),
		shape("text", "").Attr("x", middle).Attr("y", middle-4).Text(strconv.Itoa(len(s.Nodes)) + " nodes, " + strconv.Itoa(s.Swarms) + " swarms"),
		shape("text", "").Attr("x", middle).Attr("y", middle+12).Text("all inside this tab"),
	}
	for _, t := range trips {
		at := c.packet(t)
		body = append(body, &packet{Number: t.Number, X: number(at.x), Y: number(at.y), Fate: t.Fate.String(), Bent: t.Bent})
	}
	return tag.In("figure swarm",
		shape("svg", "").Attr("viewBox", "0 0 380 380").Attr("role", "img").Attr("aria-label", summary(s)).Body(body...),
		tag.Say("figcaption small swarm-say", newest(s)),
	)
}

// fresh are the requests under way, and the newest in any case: those whose nodes
// are marked.
func fresh(trips []world.Trip) []world.Trip {
	var list []world.Trip
	for i, t := range trips {
		if t.Ended == 0 || i == len(trips)-1 {
			list = append(list, t)
		}
	}
	return list
}

// swarms are the circles; one is marked while it carries out what is asked of it.
func (p *swarm) swarms(c chart, trips []world.Trip) []app.UI {
	busy := map[int]bool{}
	for _, n := range p.State.Nodes {
		for _, t := range trips {
			if t.What != "" && len(t.Hops) > 0 && t.Hops[len(t.Hops)-1].Node == n.Ed {
				busy[n.Swarm] = true
			}
		}
	}
	body := make([]app.UI, 0, 2*len(c.swarms))
	for i, m := range c.swarms {
		class := "net-swarm"
		if busy[i] {
			class += " on"
		}
		body = append(body, circle(class, m, swarmRadius))
	}
	for i := range c.swarms {
		var ring []point
		for j, n := range p.State.Nodes {
			if n.Swarm == i {
				ring = append(ring, c.nodes[j])
			}
		}
		body = append(body, shape("path", "net-link").Attr("fill", "none").Attr("d", path(ring)+"Z"))
	}
	return body
}

func (p *swarm) lines(c chart, trips []world.Trip) []app.UI {
	body := make([]app.UI, len(trips))
	for i, t := range trips {
		line := c.line(t)
		if next, ok := c.at[t.Next]; ok && t.Ended == 0 {
			line = append(line, next)
		}
		body[i] = shape("path", "net-hop").DataSet("fate", t.Fate.String()).DataSet("seat", t.Seat.String()).Attr("d", path(line))
	}
	return body
}

// nodes are the dots: those that a request reached are marked, and what members
// of a swarm tell each other marks them too.
func (p *swarm) nodes(c chart, trips []world.Trip) []app.UI {
	on := map[core.EdKey]bool{}
	for _, t := range trips {
		for _, h := range t.Hops {
			on[h.Node] = true
		}
		for _, m := range t.Members {
			on[m] = true
		}
	}
	body := make([]app.UI, len(p.State.Nodes))
	for i, n := range p.State.Nodes {
		class, radius := "net-node", 4.5
		switch {
		case n.Dead:
			class += " dead"
		case on[n.Ed]:
			class, radius = class+" on", 6
		}
		body[i] = circle(class, c.nodes[i], radius)
	}
	return body
}

func circle(class string, at point, radius float64) app.UI {
	return shape("circle", class).Attr("cx", number(at.x)).Attr("cy", number(at.y)).Attr("r", number(radius))
}

// packet is a request on its way. It is a component so that another request is
// another element: the browser moves an element, it must not move between two.
type packet struct {
	app.Compo

	Number uint64
	X, Y   string
	Fate   string
	Bent   bool
}

// CompoID is described at packet.
func (p *packet) CompoID() string { return strconv.FormatUint(p.Number, 10) }

func (p *packet) Render() app.UI {
	class := "net-packet"
	if p.Bent {
		class += " bent"
	}
	return shape("circle", class).DataSet("fate", p.Fate).Attr("cx", p.X).Attr("cy", p.Y).Attr("r", "7")
}

// summary is the picture in words.
func summary(s *world.State) string {
	travelling := 0
	for _, t := range s.Trips {
		if t.Fate == world.Travelling {
			travelling++
		}
	}
	text := strconv.Itoa(len(s.Nodes)) + " service nodes in " + strconv.Itoa(s.Swarms) + " swarms. " + strconv.Itoa(travelling) + " requests under way."
	if n := dead(s); n > 0 {
		text += " " + strconv.Itoa(n) + " nodes are dead."
	}
	return text
}

// newest is the newest request in words.
func newest(s *world.State) string {
	if len(s.Trips) == 0 {
		return "No request yet. Each line will be one that was really sent."
	}
	t := s.Trips[len(s.Trips)-1]
	text := s.Devices[t.Seat].Title + ": "
	switch {
	case t.What != "":
		text += whatWords(t.What)
	case len(t.Hops) == 0:
		text += "a request"
	case len(t.Hops) == 1:
		text += "at 1 node"
	default:
		text += "at " + strconv.Itoa(len(t.Hops)) + " nodes"
	}
	if t.Again {
		text += " · a duplicate"
	}
	if t.Bent {
		text += " · a bit flipped"
	}
	return text + " · " + fateWords(t.Fate)
}

// whatWords are the storage requests as people would call them.
func whatWords(request string) string {
	switch request {
	case "store":
		return "a message to keep"
	case "retrieve":
		return "are there messages?"
	case "info":
		return "what time is it?"
	case "get_swarm":
		return "which nodes are a mailbox’s swarm?"
	case "oxend_request":
		return "which nodes are there?"
	}
	return request
}

func fateWords(f world.Fate) string {
	switch f {
	case world.Answered:
		return "answered"
	case world.LostThere:
		return "lost on the way there"
	case world.LostBack:
		return "its answer was lost"
	case world.Refused:
		return "refused"
	}
	return "under way"
}
