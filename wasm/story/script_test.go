//go:build !js

package story

import (
	"context"
	"encoding/json"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// awaited runs a script that gives a promise, and reads what it holds.
func awaited(script string, into any) chromedp.Action {
	return chromedp.ActionFunc(func(ctx context.Context) error {
		v, fault, err := runtime.Evaluate(script).WithAwaitPromise(true).WithReturnByValue(true).Do(ctx)
		if err != nil {
			return err
		}
		if fault != nil {
			return fault
		}
		return json.Unmarshal(v.Value, into)
	})
}

// jsonOf writes a value as JavaScript.
func jsonOf(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}
