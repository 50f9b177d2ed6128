//go:build js && wasm

package tabs

import (
	"sync"
	"syscall/js"
)

// Channel carries short texts between the tabs of this origin. A tab does not
// hear itself. It is for hints ("changed"); what must not get lost belongs in the
// store.
type Channel struct {
	raw      js.Value
	listener js.Func
	close    func()
}

// NewChannel joins the channel of that name. heard is called for each text,
// within the event loop: it must not wait for anything. Error: ErrUnsupported.
func NewChannel(name string, heard func(text string)) (*Channel, error) {
	c := new(Channel)
	if err := try(func() { c.raw = js.Global().Get("BroadcastChannel").New(name) }); err != nil {
		return nil, err
	}
	c.listener = js.FuncOf(func(_ js.Value, args []js.Value) any {
		if data := args[0].Get("data"); data.Type() == js.TypeString {
			heard(data.String())
		}
		return nil
	})
	c.raw.Set("onmessage", c.listener)
	c.close = sync.OnceFunc(func() {
		c.raw.Set("onmessage", js.Null())
		c.raw.Call("close")
		c.listener.Release()
	})
	return c, nil
}

// Post tells all other tabs. After Close it does nothing.
func (c *Channel) Post(text string) {
	try(func() { c.raw.Call("postMessage", text) }) // throws only when closed
}

// Close leaves the channel. It may be called again.
func (c *Channel) Close() { c.close() }
