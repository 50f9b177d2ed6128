package mirror_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"tandem/core"
	"tandem/core/client"
	"tandem/core/client/mirror"
	"tandem/core/mnemonic"
)

// two is a writer with a reader, in simulated time.
func two(t *testing.T, f func(t *testing.T, r *room, writer, reader *tab)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &room{}
		writer := r.enter(t, client.Main)
		reader := r.enter(t, client.Elsewhere)
		synctest.Wait()
		f(t, r, writer, reader)
		for _, x := range r.tabs {
			x.stop()
		}
	})
}

// filled sets everything in v to something that is nowhere else.
func filled(t *testing.T, v reflect.Value, n *int) {
	t.Helper()
	*n++
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(true)
	case reflect.String:
		v.SetString(fmt.Sprintf("text %d <b>&\u2028\"", *n))
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(*n) << 40)
	case reflect.Uint8:
		v.SetUint(uint64(*n%200) + 1)
	case reflect.Uint64:
		v.SetUint(1<<64 - 1 - uint64(*n))
	case reflect.Array:
		for i := range v.Len() {
			filled(t, v.Index(i), n)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		filled(t, v.Index(0), n)
		filled(t, v.Index(1), n)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		filled(t, key, n)
		filled(t, value, n)
		v.SetMapIndex(key, value)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		filled(t, v.Elem(), n)
	case reflect.Struct:
		for i := range v.NumField() {
			if !v.Type().Field(i).IsExported() {
				t.Fatalf("%v.%s is not exported: it cannot cross", v.Type(), v.Type().Field(i).Name)
			}
			filled(t, v.Field(i), n)
		}
	default:
		t.Fatalf("a snapshot holds a %v: say how it crosses", v.Type())
	}
}

// Everything that a snapshot holds is on the pages of the other tab too, and what
// is there says that it is another's.
func TestSnapshotCrosses(t *testing.T) {
	two(t, func(t *testing.T, r *room, writer, reader *tab) {
		var s client.Snapshot
		n := 0
		filled(t, reflect.ValueOf(&s).Elem(), &n)
		s.Phase, s.OtherTab = client.Main, false
		for _, logs := range []map[core.ID][]core.Message{s.Logs, nil} {
			snap := s
			snap.Logs = logs
			var told atomic.Bool
			stop := reader.Watch(func() { told.Store(true) })
			writer.device.show(&snap)
			time.Sleep(time.Second)
			stop()
			want := snap
			want.OtherTab = true
			if got := reader.Snapshot(); !told.Load() || !reflect.DeepEqual(got, &want) {
				t.Errorf("told %v\n%+v\n%+v", told.Load(), got, &want)
			}
			if writer.Snapshot() != &snap {
				t.Error("the writer shows something else")
			}
		}
	})
}

// Of the conversations only those cross that changed, and what the reader shows
// is whole.
func TestOnlyWhatChangedCrosses(t *testing.T) {
	two(t, func(t *testing.T, r *room, writer, reader *tab) {
		a, b, gone := core.ID{5, 1}, core.ID{5, 2}, core.ID{5, 3}
		log := func(n int) (rows []core.Message) {
			for i := range n {
				rows = append(rows, core.Message{Body: fmt.Sprint("message ", i)})
			}
			return rows
		}
		first := &client.Snapshot{Phase: client.Main, Logs: map[core.ID][]core.Message{a: log(200), b: log(200), gone: log(3)}}
		writer.device.show(first)
		time.Sleep(time.Second)
		r.listen()
		second := &client.Snapshot{Phase: client.Main, Name: "Ada", Logs: map[core.ID][]core.Message{a: first.Logs[a], b: log(3)}, Chats: []client.ChatRow{{Name: "Ben"}}}
		writer.device.show(second)
		time.Sleep(pauseOver)
		want := *second
		want.OtherTab = true
		if got := reader.Snapshot(); !reflect.DeepEqual(got, &want) {
			t.Errorf("%+v", got)
		}
		if said := strings.Join(r.listen(), ""); !strings.Contains(said, "Ada") || strings.Contains(said, "message 100") {
			t.Errorf("%d bytes: %.300s", len(said), said)
		}
	})
}

// However many conversations there are, no message between tabs is long, what a
// reader looks at comes first, and in the end it has all.
func TestManyConversations(t *testing.T) {
	two(t, func(t *testing.T, r *room, writer, reader *tab) {
		s := &client.Snapshot{Phase: client.Main, Logs: map[core.ID][]core.Message{}}
		for i := range 250 {
			s.Logs[core.ID{5, byte(i)}] = make([]core.Message, 30)
		}
		for id, rows := range s.Logs {
			s.Chats = append(s.Chats, client.ChatRow{Conversation: id})
			for i := range rows {
				rows[i] = core.Message{ID: core.MessageID{Device: id, Counter: uint64(i)}, Conversation: id, Body: "an ordinary message"}
			}
		}
		last := s.Chats[249].Conversation
		reader.Viewing(last)
		synctest.Wait()
		time.Sleep(pauseOver)
		r.listen()
		writer.device.show(s)
		synctest.Wait()
		if got := reader.Snapshot().Logs; len(got[last]) != 30 || len(got) > 20 {
			t.Errorf("at first there are %d conversations, and %d messages in the one that is looked at", len(got), len(got[last]))
		}
		if err := reader.SendNote("x"); err != nil {
			t.Error(err)
		}
		time.Sleep(5 * time.Second)
		want := *writer.Snapshot()
		want.OtherTab = true
		if !reflect.DeepEqual(reader.Snapshot(), &want) {
			t.Errorf("in the end there are %d conversations", len(reader.Snapshot().Logs))
		}
		longest := 0
		for _, text := range r.listen() {
			longest = max(longest, len(text))
		}
		if longest > 200_000 {
			t.Errorf("one message has %d bytes", longest)
		}
	})
}

// pauseOver is longer than a writer waits with a snapshot.
const pauseOver = 100 * time.Millisecond

// Who looks gets few pictures of many changes, and the last one of them.
func TestManyChangesAreOnePicture(t *testing.T) {
	two(t, func(t *testing.T, r *room, writer, reader *tab) {
		r.listen()
		for i := range 1000 {
			writer.device.show(&client.Snapshot{Phase: client.Main, Name: fmt.Sprint("name ", i)})
			time.Sleep(time.Millisecond)
		}
		time.Sleep(pauseOver)
		if got := reader.Snapshot().Name; got != "name 999" {
			t.Error(got)
		}
		if said := strings.Count(strings.Join(r.listen(), ""), `"name `); said > 30 {
			t.Errorf("%d pictures in a second", said)
		}
	})
}

// calls calls each command of an engine that may have an effect, with arguments
// that are nowhere else.
func calls(t *testing.T, e client.Engine, each func(name, results string)) {
	t.Helper()
	n := 0
	contract := reflect.TypeOf((*client.Engine)(nil)).Elem()
	for i := range contract.NumMethod() {
		name := contract.Method(i).Name
		if slices.Contains([]string{"Snapshot", "Watch", "Active", "Viewing", "CheckSeed"}, name) {
			continue
		}
		method := reflect.ValueOf(e).MethodByName(name)
		var with []reflect.Value
		for j := range method.Type().NumIn() {
			v := reflect.New(method.Type().In(j)).Elem()
			filled(t, v, &n)
			with = append(with, v)
		}
		var results []any
		for _, v := range method.Call(with) {
			results = append(results, v.Interface())
		}
		each(name, fmt.Sprint(results...))
	}
}

// Every command of a page reaches the writer as it was given, and what comes back
// is what the writer's own page gets.
func TestEveryCommandCrosses(t *testing.T) {
	two(t, func(t *testing.T, r *room, writer, reader *tab) {
		writer.device.answer(client.ErrStore, nil)
		writer.device.took()
		own := map[string][]string{}
		calls(t, writer, func(name, results string) {
			own[name] = append(writer.device.took(), results)
		})
		calls(t, reader, func(name, results string) {
			got := append(writer.device.took(), results)
			if name == "Send" || name == "SendNote" {
				own[name][0] = strings.Replace(strings.Replace(own[name][0], "SendNote[", `Send["",`, 1), "Send[", "SendOnce[", 1)
				got[0] = strings.Replace(got[0], `,"false"]`, "]", 1)
			}
			if !slices.Equal(got, own[name]) || !strings.Contains(got[1], client.ErrStore.Error()) {
				t.Errorf("%s: %q, by the writer's page %q", name, got, own[name])
			}
			if reader.Snapshot().Name == "" || !strings.HasPrefix(got[0], reader.Snapshot().Name) {
				t.Errorf("%s: what it changed is not shown when it returns, but %q", name, reader.Snapshot().Name)
			}
		})
		if asked := reader.device.took(); len(asked) != 0 {
			t.Errorf("the reader's own client was asked: %q", asked)
		}
		if _, err := reader.Copies(core.MessageID{}); !errors.Is(err, client.ErrStore) {
			t.Error(err)
		}
	})
}

// Refusals of the writer are those of the reader's page.
func TestErrorsComeBack(t *testing.T) {
	two(t, func(t *testing.T, r *room, writer, reader *tab) {
		for _, tt := range []struct {
			err  error
			want error
		}{
			{nil, nil},
			{client.ErrNotNow, client.ErrNotNow},
			{fmt.Errorf("more about it: %w", client.ErrAlready), client.ErrAlready},
			{errors.Join(client.ErrStore, errors.New("disk 7 at /home/ada")), client.ErrStore},
			{mnemonic.ErrChecksum, mnemonic.ErrChecksum},
			{errors.New("secret"), mirror.ErrOther},
		} {
			writer.device.answer(tt.err, nil)
			if err := reader.SendNote("x"); err != tt.want {
				t.Errorf("%v came as %v", tt.err, err)
			}
		}
		writer.device.answer(&mnemonic.WordError{Place: 3, Word: "zebra"}, nil)
		var word *mnemonic.WordError
		if err := reader.Restore("x", "y"); !errors.As(err, &word) || word.Place != 3 || word.Word != "zebra" {
			t.Error(err)
		}
		if err := reader.CheckSeed("one two"); !errors.Is(err, mnemonic.ErrCount) {
			t.Error(err)
		}
	})
}

// The writer dies while commands are under way. The reader's client becomes the
// writer and carries them out, in order; what the dead one may have done already
// is no failure, and a text keeps its token.
func TestTakeOver(t *testing.T) {
	two(t, func(t *testing.T, r *room, writer, reader *tab) {
		writer.device.show(&client.Snapshot{Phase: client.Main, Name: "before"})
		time.Sleep(pauseOver)
		hold := make(chan struct{})
		defer close(hold)
		writer.device.answer(nil, hold)
		done := make(chan string, 3)
		for _, f := range []struct {
			name string
			do   func() error
		}{
			{"text", func() error { return reader.Send(core.ID{5, 7}, "hello") }},
			{"accept", func() error { return reader.Accept(core.ID{5, 8}) }},
			{"draft", func() error { return reader.SetDraft(core.ID{5, 9}, "half") }},
		} {
			go func() { done <- fmt.Sprint(f.name, " ", f.do()) }()
			synctest.Wait()
		}
		if asked := writer.device.took(); len(asked) < 3 {
			t.Fatalf("under way: %q", asked)
		}
		writer.stop()
		time.Sleep(time.Minute)
		if len(done) != 0 {
			t.Fatal("a command ended without anybody who did it")
		}
		if s := reader.Snapshot(); s.Name != "before" || s.Fault == "" {
			t.Errorf("a writer that does not answer: %+v", s)
		}
		reader.device.answer(client.ErrNotNow, nil)
		reader.device.show(&client.Snapshot{Phase: client.Main, Name: "after"})
		got := []string{<-done, <-done, <-done}
		slices.Sort(got)
		if want := []string{"accept <nil>", "draft <nil>", "text " + client.ErrNotNow.Error()}; !slices.Equal(got, want) {
			t.Errorf("%q", got)
		}
		asked := slices.DeleteFunc(reader.device.took(), func(s string) bool { return strings.HasPrefix(s, "Viewing") })
		if len(asked) != 3 || !strings.HasPrefix(asked[0], "SendOnce") || !strings.Contains(asked[0], `"hello","false"`) ||
			!strings.HasPrefix(asked[1], "Accept") || !strings.HasPrefix(asked[2], "SetDraft") {
			t.Errorf("%q", asked)
		}
		if s := reader.Snapshot(); s.OtherTab || s != reader.device.Snapshot() {
			t.Errorf("it shows %+v", s)
		}
	})
}

// A third tab follows whoever writes, and its commands reach each writer once.
func TestThirdTabFollows(t *testing.T) {
	two(t, func(t *testing.T, r *room, writer, reader *tab) {
		third := r.enter(t, client.Elsewhere)
		time.Sleep(time.Second)
		hold := make(chan struct{})
		defer close(hold)
		writer.device.answer(nil, hold)
		done := make(chan error, 2)
		go func() { done <- third.SendNote("under way") }()
		synctest.Wait()
		writer.stop()
		go func() { done <- third.SendNote("to nobody") }()
		synctest.Wait()
		reader.device.show(&client.Snapshot{Phase: client.Main, Name: "heir"})
		if err := errors.Join(<-done, <-done); err != nil {
			t.Error(err)
		}
		time.Sleep(5 * time.Second)
		asked := strings.Join(reader.device.took(), " ")
		if strings.Count(asked, "SendOnce") != 2 || strings.Count(asked, "under way") != 1 || strings.Count(asked, "to nobody") != 1 {
			t.Errorf("%s", asked)
		}
		if s := third.Snapshot(); s.Phase != client.Main || !s.OtherTab || s.Fault != "" {
			t.Errorf("%+v", s)
		}
	})
}

// Nobody who answers, or only one that cannot be shown: the page says so, and
// what is asked waits.
func TestNobodyAnswers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &room{}
		x := r.enter(t, client.Elsewhere)
		if s := x.Snapshot(); s.Phase != client.Starting {
			t.Errorf("at first: %+v", s)
		}
		time.Sleep(5 * time.Second)
		if s := x.Snapshot(); s.Phase != client.Elsewhere {
			t.Errorf("after a while: %+v", s)
		}
		writer := r.enter(t, client.Main)
		time.Sleep(5 * time.Second)
		if s := x.Snapshot(); s.Phase != client.Main || !s.OtherTab {
			t.Errorf("with a writer: %+v", s)
		}
		writer.deaf.Store(true)
		time.Sleep(20 * time.Second)
		if s := x.Snapshot(); s.Phase != client.Main || s.Fault == "" {
			t.Errorf("with one that is stuck: %+v", s)
		}
		writer.device.show(&client.Snapshot{Phase: client.Main, Name: "awake"})
		writer.deaf.Store(false)
		time.Sleep(5 * time.Second)
		if s := x.Snapshot(); s.Name != "awake" || s.Fault != "" {
			t.Errorf("when it is awake again: %+v", s)
		}
		writer.device.show(&client.Snapshot{Phase: client.Broken, Fault: "disk"})
		time.Sleep(5 * time.Second)
		if s := x.Snapshot(); s.Phase != client.Elsewhere {
			t.Errorf("with one that is broken: %+v", s)
		}
		ended := make(chan error, 1)
		go func() { ended <- x.SendNote("x") }()
		time.Sleep(time.Minute)
		if asked := strings.Join(writer.device.took(), ""); strings.Contains(asked, "Send") || len(ended) != 0 {
			t.Errorf("a broken writer was asked: %s", asked)
		}
		x.stop()
		if err := <-ended; !errors.Is(err, client.ErrClosed) {
			t.Error(err)
		}
		writer.stop()
	})
}

// Where nothing is kept, the first page is there at once, what is pressed on it is
// done once the storage has answered, and a storage that knows better is believed.
func TestFresh(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &room{}
		x := r.come(t, client.Starting, true)
		if s := x.Snapshot(); s.Phase != client.Welcome {
			t.Errorf("at first: %+v", s)
		}
		ended := make(chan error, 1)
		go func() { ended <- x.Register("Ada") }()
		time.Sleep(time.Hour)
		if asked := x.device.took(); len(asked)+len(ended) != 0 {
			t.Errorf("before the storage answered: %q", asked)
		}
		x.device.show(&client.Snapshot{Phase: client.Welcome})
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if asked := x.device.took(); !slices.Contains(asked, `Register["Ada"]`) {
			t.Errorf("asked: %q", asked)
		}

		second := r.come(t, client.Elsewhere, true)
		x.device.show(&client.Snapshot{Phase: client.Words})
		time.Sleep(5 * time.Second)
		if s := second.Snapshot(); s.Phase != client.Words || !s.OtherTab {
			t.Errorf("beside a writer: %+v", s)
		}

		wrong := (&room{}).come(t, client.Starting, true)
		wrong.device.show(&client.Snapshot{Phase: client.Main})
		if s := wrong.Snapshot(); s.Phase != client.Main {
			t.Errorf("with an account: %+v", s)
		}
		for _, tab := range []*tab{x, second, wrong} {
			tab.stop()
		}
	})
}

// What is looked at in any tab is looked at; a writer that nobody sees is awake
// as long as somebody sees a reader, and rests when nobody does.
func TestLooking(t *testing.T) {
	two(t, func(t *testing.T, r *room, writer, reader *tab) {
		a, b := core.ID{5, 1}, core.ID{5, 2}
		viewed := func() string {
			all := slices.DeleteFunc(writer.device.took(), func(s string) bool { return !strings.HasPrefix(s, "Viewing") })
			if len(all) == 0 {
				return ""
			}
			return strings.NewReplacer(a.Hex(), "a", b.Hex(), "b").Replace(all[len(all)-1])
		}
		time.Sleep(2 * time.Second)
		writer.Viewing(a)
		reader.Viewing(b)
		synctest.Wait()
		if got := viewed(); got != `Viewing["a","b"]` || !writer.Looked() {
			t.Errorf("both are looked at: %s", got)
		}
		reader.Active()
		time.Sleep(2 * time.Second)
		if asked := writer.device.took(); !slices.Contains(asked, "Active") {
			t.Errorf("used by the reader: %q", asked)
		}
		reader.hidden.Store(true)
		reader.Shown()
		synctest.Wait()
		if got := viewed(); got != `Viewing["a"]` || writer.Looked() {
			t.Errorf("the reader is hidden: %s", got)
		}
		r.listen()
		time.Sleep(10 * time.Minute)
		if n := len(r.listen()); n > 30 {
			t.Errorf("a hidden reader makes %d messages in 10 minutes", n)
		}
		reader.hidden.Store(false)
		reader.Shown()
		synctest.Wait()
		if got := viewed(); got != `Viewing["a","b"]` || !writer.Looked() {
			t.Errorf("it is seen again: %s", got)
		}
		reader.stop()
		time.Sleep(10 * time.Second)
		if got := viewed(); got != `Viewing["a"]` || writer.Looked() {
			t.Errorf("it closed without a word: %s", got)
		}
		time.Sleep(5 * time.Minute)
		r.listen()
		writer.device.show(&client.Snapshot{Phase: client.Main})
		time.Sleep(time.Minute)
		if said := r.listen(); len(said) != 0 {
			t.Errorf("it still speaks to nobody: %q", said)
		}
	})
}

// A tab that is alone costs nothing.
func TestAloneIsQuiet(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &room{}
		r.listen()
		x := r.enter(t, client.Starting)
		for i := range 100 {
			x.device.show(&client.Snapshot{Phase: client.Main, Name: fmt.Sprint(i)})
			time.Sleep(time.Second)
		}
		if said := r.listen(); len(said) > 1 || len(strings.Join(said, "")) > 200 {
			t.Errorf("it said %q", said)
		}
		x.stop()
	})
}

// More commands than a writer takes are refused; none waits for ever.
func TestManyCommands(t *testing.T) {
	two(t, func(t *testing.T, r *room, writer, reader *tab) {
		hold := make(chan struct{})
		writer.device.answer(nil, hold)
		done := make(chan error, 300)
		for range 300 {
			go func() { done <- reader.RebuildPath() }()
		}
		synctest.Wait()
		if n := len(done); n != 300-256 {
			t.Errorf("%d are refused", n)
		}
		close(hold)
		refusals := 0
		for range 300 {
			if err := <-done; errors.Is(err, client.ErrNotNow) {
				refusals++
			}
		}
		if refusals != 300-256 {
			t.Errorf("%d were refused", refusals)
		}
	})
}

// Whatever a page of this origin says, a tab lives, and what it shows stays whole.
func FuzzHear(f *testing.F) {
	id := core.ID{5, 1}.Hex()
	for _, seed := range []string{
		`{"Kind":1,"From":"x","Epoch":3,"Number":9,"Viewed":"` + id + `"}`,
		`{"Kind":2,"From":"x","Epoch":5}`,
		`{"Kind":3,"From":"x","Epoch":5,"Number":1,"Snapshot":{"Phase":7,"Logs":{"` + id + `":[{"Body":"x"}]}}}`,
		`{"Kind":3,"From":"x","Epoch":5,"Number":2,"Base":1,"SameChats":true,"Logs":{"` + id + `":[]},"Gone":["` + id + `",""]}`,
		`{"Kind":4,"From":"x","Epoch":5,"Number":1,"Command":{"Name":"Send","Token":[1,2]}}`,
		`{"Kind":5,"From":"x","To":"y","Epoch":5,"Number":1,"Refusal":{"Number":-1}}`,
		`{"Kind":3,"Snapshot":null}`, `[]`, `{"Kind":300}`, "\xff",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, phase := range []client.Phase{client.Main, client.Elsewhere} {
			r := &room{}
			x := r.enter(t, phase)
			x.Hear(text)
			x.Hear(`{"Kind":3,"From":"x","Epoch":5,"Number":1,"Snapshot":{"Phase":7,"Logs":{"` + id + `":[{"Body":"x"}]}}}`)
			x.Hear(text)
			x.Hear(`{"Kind":3,"From":"x","Epoch":7,"Number":1,"Snapshot":{"Phase":7,"Name":"last"}}`)
			want := ""
			if phase == client.Elsewhere {
				want = "last"
			}
			changed := make(chan struct{}, 1)
			stop := x.Watch(func() {
				select {
				case changed <- struct{}{}:
				default:
				}
			})
			for x.Snapshot().Name != want {
				<-changed
			}
			stop()
			if _, err := json.Marshal(x.Snapshot()); err != nil {
				t.Fatal(err)
			}
			x.stop()
		}
	})
}
