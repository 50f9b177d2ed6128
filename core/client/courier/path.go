package courier

import (
	"slices"

	"tandem/core"
	"tandem/core/snode"
)

// Hop is a node of a path, for people's eyes: never for logs.
type Hop struct {
	snode.Node
	Since  core.Millis // local time of the first answer through it
	Worked core.Millis // and of the last one
}

// maxWalks is for how many nodes it is remembered since when they are hops: two
// paths, and as many nodes again that took somebody's place for one request.
const maxWalks = 12

// Rebuild drops the paths, guards included: the next request builds new ones.
func (c *Courier) Rebuild() {
	c.mu.Lock()
	c.net.Rebuild()
	c.path, c.walks = nil, nil
	c.rebuilt++
	c.mu.Unlock()
	c.save()
}

// walked notes an answer by the nodes of a path. c.mu is held.
func (c *Courier) walked(now core.Millis, nodes []snode.Node) {
	path := make([]Hop, 0, len(nodes)) // a new one: Status hands it out
	for _, n := range nodes {
		h := Hop{Node: n, Since: now, Worked: now}
		if i := slices.IndexFunc(c.walks, func(old Hop) bool { return old.Ed == n.Ed }); i >= 0 {
			h.Since = c.walks[i].Since
			c.walks = slices.Delete(c.walks, i, i+1)
		}
		path, c.walks = append(path, h), append(c.walks, h)
	}
	c.walks = c.walks[max(0, len(c.walks)-maxWalks):]
	c.path = path
}
