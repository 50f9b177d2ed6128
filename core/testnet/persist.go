//go:build !js

package testnet

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"tandem/core"
)

// ErrDamaged: a node's file is not one, or was cut in the middle.
var ErrDamaged = errors.New("testnet: damaged file")

// A file is written anew when it has more than slackLines lines that say
// nothing any more, and they are more than those that do.
const slackLines = 1024

// entry is one line of a node's file: a change of its shelf.
type entry struct {
	Op        string       `json:"op"` // put, drop, expire, revoke, unrevoke
	Owner     []byte       `json:"owner,omitempty"`
	Namespace int16        `json:"namespace,omitempty"`
	Hash      string       `json:"hash,omitempty"` // drop, expire
	Timestamp core.Millis  `json:"timestamp,omitempty"`
	Expiry    core.Millis  `json:"expiry,omitempty"`
	Data      []byte       `json:"data,omitempty"`
	Tokens    []tokenBytes `json:"tokens,omitempty"`
}

// diary is a journal in a file of lines, appended to at each change. It is not
// synced at each: a killed program loses nothing, a computer without power may.
type diary struct {
	shelf *shelf
	path  string
	file  *os.File
	lines int
	err   error // the first, told by close
}

var _ journal = (*diary)(nil)

// open reads the nodes' files and goes on writing them. Errors: of the file
// system; ErrDamaged.
func (n *Network) open(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	for _, node := range n.all {
		d := &diary{shelf: node.shelf, path: filepath.Join(dir, node.info.Ed.Hex()+".jsonl")}
		if err := d.read(); err != nil {
			return err
		}
		if err := d.rewrite(); err != nil {
			return err
		}
		node.shelf.log = d
	}
	return nil
}

// read replays the file into the shelf. A last line without its end was being
// written when the program ended; it is ignored.
func (d *diary) read() error {
	f, err := os.Open(d.path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	in := bufio.NewReader(f)
	for number := 1; ; number++ {
		line, err := in.ReadBytes('\n')
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		var e entry
		if json.Unmarshal(line, &e) != nil || !d.shelf.replay(e) {
			return fmt.Errorf("%w: %s, line %d", ErrDamaged, d.path, number)
		}
	}
}

// replay makes a change that was written down.
func (s *shelf) replay(e entry) bool {
	var owner core.ID
	hash, hasHash := parseDigest(e.Hash)
	if len(e.Owner) == len(owner) {
		owner = core.ID(e.Owner)
	}
	switch e.Op {
	case "put":
		r := request{auth: auth{owner: owner}, space: space{id: e.Namespace}, timestamp: e.Timestamp}
		s.add(&slot{message: r.message(e.Data), expiry: e.Expiry})
		return len(e.Owner) == len(owner)
	case "drop":
		if m := s.byHash[hash]; m != nil {
			s.removeIf(m.owner, s.tenants[m.owner], func(o *slot) bool { return o == m })
		}
		return hasHash
	case "expire":
		if m := s.byHash[hash]; m != nil {
			s.setExpiry(m, e.Expiry)
		}
		return hasHash
	case "revoke", "unrevoke":
		if t := s.tenants[owner]; t != nil && e.Op == "revoke" {
			t.revoke(e.Tokens)
		} else if t != nil {
			t.unrevoke(e.Tokens)
		}
		return len(e.Owner) == len(owner)
	}
	return false
}

// rewrite replaces the file by one that says only what is on the shelf.
func (d *diary) rewrite() error {
	next, err := os.OpenFile(d.path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(next)
	d.lines = 0
	for owner, t := range d.shelf.tenants {
		for _, m := range t.slots {
			out.Write(lineOf(putEntry(m)))
			d.lines++
		}
		if len(t.revoked) > 0 {
			out.Write(lineOf(entry{Op: "revoke", Owner: owner[:], Tokens: t.revoked}))
			d.lines++
		}
	}
	err = errors.Join(out.Flush(), os.Rename(next.Name(), d.path))
	if d.file != nil {
		err = errors.Join(err, d.file.Close())
	}
	d.file = next
	return err
}

func lineOf(e entry) []byte {
	var b bytes.Buffer
	if err := json.NewEncoder(&b).Encode(e); err != nil {
		panic("testnet: internal error: " + err.Error()) // bytes and numbers always encode
	}
	return b.Bytes()
}

func putEntry(m *slot) entry {
	return entry{Op: "put", Owner: m.owner[:], Namespace: m.namespace, Timestamp: m.timestamp, Expiry: m.expiry, Data: m.data}
}

// write appends a line, or the whole file anew if it has grown stale. The shelf
// is locked.
func (d *diary) write(e entry) {
	if d.err != nil {
		return
	}
	if d.lines > 2*len(d.shelf.byHash)+slackLines {
		d.err = d.rewrite() // the shelf has the change already
		return
	}
	_, d.err = d.file.Write(lineOf(e))
	d.lines++
}

func (d *diary) put(m *slot)    { d.write(putEntry(m)) }
func (d *diary) drop(h digest)  { d.write(entry{Op: "drop", Hash: h.String()}) }
func (d *diary) expire(m *slot) { d.write(entry{Op: "expire", Hash: m.text, Expiry: m.expiry}) }
func (d *diary) revoke(o core.ID, t []tokenBytes) {
	d.write(entry{Op: "revoke", Owner: o[:], Tokens: t})
}
func (d *diary) unrevoke(o core.ID, t []tokenBytes) {
	d.write(entry{Op: "unrevoke", Owner: o[:], Tokens: t})
}

func (d *diary) close() error {
	return errors.Join(d.err, d.file.Sync(), d.file.Close())
}
