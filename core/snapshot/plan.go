package snapshot

import (
	"slices"

	"tandem/core"
)

// Found is a part that lies in the network and was merged.
type Found struct {
	Hash string // of the message
	Part Part
}

// Parts cuts the state into as few parts as can hold it. The same state gives
// the same parts on every device. Error: ErrFull.
func (s *State) Parts() ([]Part, error) {
	all := s.All()
	for depth := 0; depth <= maxDepth; depth++ {
		if parts, ok := cut(all, depth); ok {
			return parts, nil
		}
	}
	return nil, ErrFull
}

func cut(all []Register, depth int) ([]Part, bool) {
	parts := make([]Part, 1<<depth)
	sizes := make([]int, len(parts))
	for _, r := range all {
		b := bucketOf(r.key(), depth)
		parts[b].Depth, parts[b].Bucket = uint8(depth), b
		parts[b].Registers = append(parts[b].Registers, r)
		if sizes[b] += len(r.Marshal()) + rowHead; sizes[b] > budget {
			return nil, false
		}
	}
	filled := parts[:0]
	for _, p := range parts {
		if len(p.Registers) > 0 {
			filled = append(filled, p)
		}
	}
	return filled, true
}

// Plan compares the state with what lies in the network: which parts are to be
// stored, and which messages deleted once that is done. Deleted is only what
// the state has whole, so nothing is lost that another device wrote meanwhile.
// e is that of the key which the parts will be sealed with. Error: ErrFull.
func (s *State) Plan(now core.Millis, e uint64, found []Found) (store []Part, drop []string, err error) {
	parts, err := s.Parts()
	if err != nil {
		return nil, nil, err
	}
	kept := map[string]bool{}
	for _, p := range parts {
		if hash, ok := p.lies(now, e, found); ok {
			kept[hash] = true
			continue
		}
		p.Written = now
		store = append(store, p)
	}
	for _, f := range found {
		if !kept[f.Hash] && s.covers(f.Part.Registers) {
			drop = append(drop, f.Hash)
		}
	}
	return store, drop, nil
}

// lies finds the message that holds just this part and is not too old. Of
// several every device keeps the same one: the newest, then the least hash.
func (p Part) lies(now core.Millis, e uint64, found []Found) (hash string, ok bool) {
	var best Found
	for _, f := range found {
		if f.Part.Epoch != e || f.Part.Written < now-Refresh || !p.same(f.Part) {
			continue
		}
		if !ok || f.Part.Written > best.Part.Written || f.Part.Written == best.Part.Written && f.Hash < best.Hash {
			best, ok = f, true
		}
	}
	return best.Hash, ok
}

func (p Part) same(other Part) bool {
	return p.Depth == other.Depth && p.Bucket == other.Bucket &&
		slices.EqualFunc(p.Registers, other.Registers, func(a, b Register) bool {
			return a.key() == b.key() && !a.beats(b) && !b.beats(a)
		})
}
