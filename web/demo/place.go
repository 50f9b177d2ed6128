package demo

import (
	"math"
	"strconv"

	"tandem/core"
	world "tandem/core/demo"
)

// The picture of the network, in units of its viewBox: as the design sheet has it.
const (
	pictureSize = 380
	middle      = pictureSize / 2
	ringRadius  = 122 // of the swarms around the middle
	swarmRadius = 46
	nodeRadius  = 26 // of the nodes around the middle of their swarm
	edge        = 6  // how far outside the picture a device stands
)

// point is a place in the picture.
type point struct{ x, y float64 }

// chart is where everything stands.
type chart struct {
	swarms []point
	nodes  []point // as State.Nodes
	at     map[core.EdKey]point
}

// draw finds a place for every node: swarms in a ring, and in each its nodes.
func draw(s *world.State) chart {
	c := chart{nodes: make([]point, len(s.Nodes)), at: map[core.EdKey]point{}}
	for i := range s.Swarms {
		c.swarms = append(c.swarms, onRing(point{middle, middle}, ringRadius, i, s.Swarms, 0))
	}
	size, seen := make([]int, s.Swarms), make([]int, s.Swarms)
	for _, n := range s.Nodes {
		if n.Swarm >= 0 && n.Swarm < s.Swarms {
			size[n.Swarm]++
		}
	}
	for i, n := range s.Nodes {
		c.nodes[i] = point{middle, middle} // of no swarm
		if n.Swarm >= 0 && n.Swarm < s.Swarms {
			// Each swarm is turned a little, so that lines rarely cover each other.
			c.nodes[i] = onRing(c.swarms[n.Swarm], nodeRadius, seen[n.Swarm], size[n.Swarm], float64(n.Swarm)*0.6)
			seen[n.Swarm]++
		}
		c.at[n.Ed] = c.nodes[i]
	}
	return c
}

// onRing is the place i of n around a middle, from the top, clockwise.
func onRing(m point, radius float64, i, n int, turn float64) point {
	angle := 2*math.Pi*float64(i)/float64(n) - math.Pi/2 + turn
	return point{m.x + radius*math.Cos(angle), m.y + radius*math.Sin(angle)}
}

// door is where a device's requests come in and go out.
func door(s world.Seat) point {
	switch s {
	case world.Phone:
		return point{-edge, middle}
	case world.Laptop:
		return point{pictureSize + edge, middle}
	default:
		return point{pictureSize + edge, middle + 2*swarmRadius}
	}
}

// line is the way of a trip as far as it came: its device, then the nodes.
func (c chart) line(t world.Trip) []point {
	line := []point{door(t.Seat)}
	for _, h := range t.Hops {
		if p, ok := c.at[h.Node]; ok {
			line = append(line, p)
		}
	}
	return line
}

// packet is where a trip is: at what it reached last, or half way to what it is on
// the way to.
func (c chart) packet(t world.Trip) point {
	line := c.line(t)
	last := len(line) - 1
	if t.Fate == world.Answered {
		return line[0]
	}
	// Answers leave the last node first.
	for i, h := range t.Hops {
		if h.Back != 0 && i+1 <= last {
			return between(line[i+1], line[i])
		}
	}
	if next, ok := c.at[t.Next]; ok {
		return between(line[last], next)
	}
	return line[last]
}

func between(a, b point) point { return point{(a.x + b.x) / 2, (a.y + b.y) / 2} }

// path is a line as SVG writes it.
func path(line []point) string {
	d := make([]byte, 0, 16*len(line))
	for i, p := range line {
		letter := byte('L')
		if i == 0 {
			letter = 'M'
		}
		d = append(append(append(append(d, letter), number(p.x)...), ' '), number(p.y)...)
	}
	return string(d)
}

// number has no more digits than a screen can show.
func number(f float64) string { return strconv.FormatFloat(math.Round(f*10)/10, 'f', -1, 64) }
