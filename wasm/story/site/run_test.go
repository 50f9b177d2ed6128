//go:build !js

package site

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"tandem/core"
	"tandem/core/client/courier"
	"tandem/core/opengroup"
)

// bridge is the way into the network by an origin's gateway.
type bridge string

func (b bridge) Post(ctx context.Context, url string, body []byte) (int, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, string(b)+url, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	return res.StatusCode, answer, err
}

// What make run prints leads to the app, and into an open group of its network.
func TestRunPrintsWhereItIs(t *testing.T) {
	t.Parallel()
	dir, err := scratch()
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "tandem")
	compile := exec.Command("go", "build", "-o", program, ".")
	compile.Dir = filepath.Join("..", "..", "..")
	if said, err := compile.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	run := exec.CommandContext(ctx, program, "-port", "0")
	run.Dir = compile.Dir
	run.Cancel, run.WaitDelay = func() error { return run.Process.Signal(os.Interrupt) }, 10*time.Second
	out, err := run.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { cancel(); _ = run.Wait() }()
	origin, address := "", ""
	for lines := bufio.NewScanner(out); address == "" && lines.Scan(); {
		address = regexp.MustCompile(`http://\S+public_key=\S+`).FindString(lines.Text())
		if at := regexp.MustCompile(`http://localhost:\d+`).FindString(lines.Text()); at != "" {
			origin = at
		}
	}
	room, err := opengroup.ParseURL(address)
	if err != nil || room.Token != "lobby" || origin == "" {
		t.Fatalf("%v: the group is at %q, the app at %q", err, address, origin)
	}
	res, err := http.Get(origin + "/network.json")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	file, err := courier.ParseNetworkFile(text)
	if err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	c, err := courier.New(courier.Config{Transport: bridge(origin), Net: file, Save: func([]byte) {},
		LocalNow: func() core.Millis { return core.Millis(time.Now().UnixMilli()) }})
	if err != nil {
		t.Fatal(err)
	}
	poll := opengroup.NewServer(room.Host, nil).Poll() // by nobody: what it can do, it says to all
	r, err := c.Ask(ctx, courier.ServerOrder{To: room.Host.Server(), Request: poll.Request})
	if err != nil || r.Code != 200 || !bytes.Contains(r.Body, []byte(`"blind"`)) {
		t.Errorf("%v: %d %s", err, r.Code, r.Body)
	}
}
