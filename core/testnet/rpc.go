package testnet

import (
	"context"
	"strings"

	"tandem/core"
)

// What the network says of itself.
const (
	version   = "2.8.0"
	hardMajor = 19
	hardMinor = 4
	block     = 2 * core.Minute // between two heights
	height0   = 1_700_000       // when the network was made
)

// answer is a status and a body that is either text or JSON.
type answer struct {
	status int
	text   string
	json   any  // nil: text counts
	failed bool // the request died inside: an entry that does takes its whole batch along
}

func say(status int, text string) answer { return answer{status: status, text: text} }
func show(status int, json any) answer   { return answer{status: status, json: json} }
func (a answer) ok() bool                { return a.status >= 200 && a.status <= 299 }
func (a answer) entry() object {
	if a.json != nil {
		return object{"code": a.status, "body": a.json}
	}
	return object{"code": a.status, "body": a.text}
}

// bytes is the body as it leaves, and its content type.
func (a answer) bytes() ([]byte, string) {
	if a.json != nil {
		return appendJSON(nil, a.json), "application/json"
	}
	return []byte(a.text), "text/plain"
}

// diedInside is the answer to a request that threw an exception on the servers.
func diedInside() answer { return answer{status: 500, text: "request failed", failed: true} }

// pending is an answer that may still wait for other members of the swarm. It
// is called once, and waits.
type pending func() answer

func ready(a answer) pending { return func() answer { return a } }

// task is anything that a client can ask for.
type task interface {
	start(ctx context.Context, n *Node) pending
}

// method is a kind of request that may stand in a batch.
type method struct {
	name string
	load loader
	// A method that all members of a swarm carry out has these three; refuse
	// answers a request that must not be carried out here, and apply carries it
	// out and returns this member's record, or fails like an exception.
	refuse func(n *Node, r *request, now core.Millis, forwarded bool) (answer, bool)
	apply  func(n *Node, r *request) (object, error)
	finish func(r *request, own, result object) int // nil means 200, and nothing to add
	// A method that only the asked node carries out has this one.
	run func(n *Node, r *request) answer
}

// methodNamed finds a method by the name that a client gives it; nil if there
// is none.
func methodNamed(name string) *method {
	switch name {
	case "store":
		return &method{name: name, load: loadStore, refuse: refuseStore, apply: applyStore, finish: finishStore}
	case "retrieve":
		return &method{name: name, load: loadRetrieve, run: runRetrieve}
	case "info":
		return &method{name: name, load: loadNothing, run: runInfo}
	case "get_swarm", "get_snodes_for_pubkey":
		return &method{name: "get_swarm", load: loadGetSwarm, run: runGetSwarm}
	case "delete":
		return &method{name: name, load: loadDelete, refuse: refuseDelete, apply: applyDelete, finish: finishDelete}
	case "delete_all":
		return &method{name: name, load: loadDeleteAll, refuse: refuseDeleteAll, apply: applyDeleteAll}
	case "delete_before":
		return &method{name: name, load: loadDeleteBefore, refuse: refuseDeleteBefore, apply: applyDeleteBefore}
	case "expire":
		return &method{name: name, load: loadExpire, refuse: refuseExpire, apply: applyExpire}
	case "expire_all":
		return &method{name: name, load: loadExpireAll, refuse: refuseExpireAll, apply: applyExpireAll}
	case "get_expiries":
		return &method{name: name, load: loadGetExpiries, run: runGetExpiries}
	case "revoke_subaccount":
		return &method{name: name, load: loadRevoke, refuse: refuseRevoke, apply: applyRevoke}
	case "unrevoke_subaccount":
		return &method{name: name, load: loadUnrevoke, refuse: refuseRevoke, apply: applyUnrevoke}
	case "oxend_request":
		return &method{name: name, load: loadOxend, run: runOxend}
	}
	return nil
}

// load makes a task of a method's name and params. ok is false if there is no
// such method; err is what is wrong with the params.
func load(name string, params map[string]any) (t task, ok bool, err error) {
	switch name {
	case "batch":
		t, err := loadBatch(params)
		return &batch{t}, true, err
	case "sequence":
		t, err := loadBatch(params)
		return &sequence{t}, true, err
	case "ifelse":
		t, err := loadIfElse(params)
		return t, true, err
	}
	m := methodNamed(name)
	if m == nil {
		return nil, false, nil
	}
	f := &fields{m: params}
	r := &request{method: m}
	m.load(f, r)
	return r, true, f.err
}

// parseRPC reads the body of a storage request. The answer is the refusal if
// there is no task.
func parseRPC(body []byte) (task, string, answer) {
	doc, err := parseJSON(body)
	if err != nil {
		return nil, "", say(400, "invalid json")
	}
	m, _ := doc.(map[string]any)
	name, ok := m["method"].(string)
	if !ok {
		return nil, "", say(400, "invalid json: no `method` field")
	}
	params, ok := m["params"].(map[string]any)
	if !ok {
		return nil, "", say(400, "invalid json: no `params` field")
	}
	t, ok, err := load(name, params)
	switch {
	case !ok:
		return nil, "", say(400, "no method "+name)
	case err != nil:
		return nil, "", say(400, "invalid request: "+err.Error())
	}
	return t, name, answer{}
}

// execute carries out the body of a storage request and waits for its end.
func (n *Node) execute(ctx context.Context, body []byte) answer {
	n.saw(Executed, body)
	t, name, refusal := parseRPC(body)
	if t == nil {
		return refusal
	}
	a := t.start(ctx, n)()
	n.net.emit(ctx, Event{Kind: EventRPC, To: n.info.Ed, Method: name, Status: a.status, Size: len(body)})
	return a
}

// start begins the request here and, if it is theirs too, at the other members
// of the swarm.
func (r *request) start(ctx context.Context, n *Node) pending {
	if r.method.run != nil {
		return ready(r.method.run(n, r))
	}
	now := n.now()
	if a, no := r.method.refuse(n, r, now, false); no {
		return ready(a)
	}
	join := n.askMembers(ctx, r)
	own, err := r.method.apply(n, r)
	if err != nil {
		return func() answer { join(); return diedInside() }
	}
	return func() answer {
		members := join()
		members[n.info.Ed.Hex()] = own
		result := object{"swarm": members}
		n.stamp(result, now)
		status := 200
		if r.method.finish != nil {
			status = r.method.finish(r, own, result)
		}
		return show(status, result)
	}
}

// stamp adds what most answers carry.
func (n *Node) stamp(o object, now core.Millis) {
	o["t"] = now
	o["hf"] = []int{hardMajor, hardMinor}
}

// runInfo tells the version and the time.
func runInfo(n *Node, _ *request) answer {
	now := n.now()
	o := object{"version": versionNumbers(), "timestamp": now}
	n.stamp(o, now)
	return show(200, o)
}

func versionNumbers() []int { return []int{2, 8, 0} }

// runGetSwarm tells which nodes keep an account's messages.
func runGetSwarm(n *Node, r *request) answer { return show(200, n.swarmView(r.owner)) }

// swarmView is the answer of get_swarm and the body of a 421.
func (n *Node) swarmView(a core.ID) object {
	roll := n.net.list.Load()
	o := object{"snodes": []object{}, "swarm": swarmText(1<<64 - 1)}
	if id, ok := roll.swarmOf(a); ok {
		o = object{"snodes": roll.views[id], "swarm": swarmText(id)}
	}
	n.distort(o)
	n.stamp(o, n.now())
	return o
}

// elsewhere refuses what belongs to another swarm.
func (n *Node) elsewhere(a core.ID) (answer, bool) {
	id, ok := n.net.list.Load().swarmOf(a)
	if ok && id == n.info.Swarm && !n.lies(LieWrongSwarm) {
		return answer{}, false
	}
	return show(421, n.swarmView(a)), true
}

// lower is the method of an HTTP request as the 404 text names it.
func lower(method string) string { return strings.ToLower(method) }
