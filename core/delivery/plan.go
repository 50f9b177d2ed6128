package delivery

import "tandem/core"

// Recipients of one message: each device once, never the sender itself, the
// other person's devices first, then one's own siblings (their copy is the
// transcript).
func Recipients(self core.ID, peer, siblings []core.ID) (theirs, own []core.ID) {
	seen := map[core.ID]bool{self: true}
	pick := func(from []core.ID) []core.ID {
		var out []core.ID
		for _, id := range from {
			if !seen[id] {
				seen[id] = true
				out = append(out, id)
			}
		}
		return out
	}
	return pick(peer), pick(siblings)
}
