package testnet

import (
	"context"
	"slices"
)

// batch runs its requests side by side.
type batch struct{ subs []*request }

func (b *batch) start(ctx context.Context, n *Node) pending {
	waits := make([]pending, len(b.subs))
	for i, r := range b.subs {
		waits[i] = r.start(ctx, n)
	}
	return func() answer {
		results := make([]object, len(waits))
		failed := false
		for i, wait := range waits {
			a := wait()
			failed = failed || a.failed
			results[i] = a.entry()
		}
		if failed {
			return diedInside()
		}
		return show(200, object{"results": results})
	}
}

// sequence runs its requests one after the other and stops behind the first
// that fails.
type sequence struct{ subs []*request }

func (s *sequence) start(ctx context.Context, n *Node) pending {
	return func() answer {
		var results []object
		for _, r := range s.subs {
			a := r.start(ctx, n)()
			if a.failed {
				return diedInside()
			}
			results = append(results, a.entry())
			if !a.ok() {
				break
			}
		}
		return show(200, object{"results": results})
	}
}

// loadBatch reads the entries of batch and sequence. One that is malformed
// spoils them all.
func loadBatch(params map[string]any) ([]*request, error) {
	list, _ := params["requests"].([]any)
	if len(list) == 0 {
		return nil, refuse(`Invalid batch request: no valid "requests" field`)
	}
	if len(list) > maxBatch {
		return nil, refuse("Invalid batch request: subrequest limit exceeded")
	}
	subs := make([]*request, 0, len(list))
	for _, e := range list {
		m, ok := e.(map[string]any)
		if !ok {
			return nil, refuse("Invalid batch request: requests must be objects")
		}
		name, okName := m["method"].(string)
		inner, okParams := m["params"].(map[string]any)
		if !okName || !okParams {
			return nil, refuse("Invalid batch request: subrequests must have method/params keys")
		}
		t, ok, err := load(name, inner)
		if !ok {
			return nil, refuse(`Invalid batch subrequest: invalid method "%s"`, name)
		}
		if err != nil {
			return nil, err
		}
		r, ok := t.(*request)
		if !ok {
			return nil, refuse("Invalid batch subrequest: subrequests may not contain meta-requests")
		}
		subs = append(subs, r)
	}
	return subs, nil
}

// ifElse runs one of two tasks.
type ifElse struct {
	when  func(height int) bool
	then  task // nil if absent
	other task
}

func (c *ifElse) start(ctx context.Context, n *Node) pending {
	height := n.net.height()
	o := object{"hf": []int{hardMajor, hardMinor}, "v": versionNumbers(), "height": height}
	chosen := c.other
	met := c.when(height)
	o["condition"] = met
	if met {
		chosen = c.then
	}
	if chosen == nil {
		return ready(show(200, o))
	}
	wait := chosen.start(ctx, n)
	return func() answer {
		a := wait()
		if a.failed {
			return a
		}
		o["result"] = a.entry()
		return show(200, o)
	}
}

// height counts blocks since the network was made.
func (n *Network) height() int { return height0 + int((n.now()-n.born)/block) }

func loadIfElse(params map[string]any) (*ifElse, error) {
	cond, ok := params["if"].(map[string]any)
	if !ok {
		return nil, refuse(`Invalid ifelse request: no valid "if" field`)
	}
	when, err := loadCondition(cond)
	if err != nil {
		return nil, err
	}
	c := &ifElse{when: when}
	if c.then, err = loadBranch(params, "then"); err != nil {
		return nil, err
	}
	if c.other, err = loadBranch(params, "else"); err != nil {
		return nil, err
	}
	if c.then == nil && c.other == nil {
		return nil, refuse(`Invalid ifelse request: at least one of "then"/"else" required`)
	}
	return c, nil
}

// loadCondition reads the conditions, all of which must hold.
func loadCondition(m map[string]any) (func(height int) bool, error) {
	f := &fields{m: m}
	atLeast, hasAtLeast := f.int("height_at_least")
	before, hasBefore := f.int("height_before")
	hfAtLeast, hfBefore := f.ints("hf_at_least"), f.ints("hf_before")
	vAtLeast, vBefore := f.ints("v_at_least"), f.ints("v_before")
	if f.err != nil {
		return nil, f.err
	}
	if !hasAtLeast && !hasBefore && len(hfAtLeast)+len(hfBefore)+len(vAtLeast)+len(vBefore) == 0 {
		return nil, refuse(`Invalid ifelse request: must specify at least one "if" condition`)
	}
	hf, v := []int{hardMajor, hardMinor}, versionNumbers()
	fixed := (len(hfAtLeast) == 0 || slices.Compare(hf, resize(hfAtLeast, 2)) >= 0) &&
		(len(hfBefore) == 0 || slices.Compare(hf, resize(hfBefore, 2)) < 0) &&
		(len(vAtLeast) == 0 || slices.Compare(v, resize(vAtLeast, 3)) >= 0) &&
		(len(vBefore) == 0 || slices.Compare(v, resize(vBefore, 3)) < 0)
	return func(height int) bool {
		return fixed && (!hasAtLeast || height >= atLeast) && (!hasBefore || height < before)
	}, nil
}

// resize cuts or pads with zeros.
func resize(v []int, n int) []int {
	out := make([]int, n)
	copy(out, v)
	return out
}

func loadBranch(params map[string]any, key string) (task, error) {
	v, present := params[key]
	if !present {
		return nil, nil
	}
	m, ok := v.(map[string]any)
	if !ok {
		return nil, refuse("Invalid ifelse request: %s must be an object", key)
	}
	name, okName := m["method"].(string)
	inner, okParams := m["params"]
	if !okName || !okParams {
		return nil, refuse("Invalid ifelse request: %s must have method/params keys", key)
	}
	object, _ := inner.(map[string]any)
	t, ok, err := load(name, object)
	if !ok {
		return nil, refuse(`Invalid ifelse request method "%s"`, key)
	}
	return t, err
}
