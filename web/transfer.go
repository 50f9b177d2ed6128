package web

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core/client"
	"tandem/web/view"
)

// filePiece is how much of a file is read at once, in bytes.
const filePiece = 256 << 10

// transfer is the file that this tab writes or reads, one at a time. It belongs
// to the root, because it goes on while people look at other pages.
type transfer struct {
	view.Transfer

	first bool         // the device had no account when it began
	run   uint64       // the engine's name for it; 0 = it has none yet
	stop  *atomic.Bool // somebody has pressed Stop
}

// moves carries transfers out for the pages.
type moves struct {
	ctx    app.Context
	engine client.Engine
	host   Host
	now    transfer
}

// begin shows a transfer, and works it off beside the UI.
func (m *moves) begin(kind view.TransferKind, work func(stop *atomic.Bool) (client.BackupReply, error), said func(client.BackupReply) string) {
	if m.now.On {
		return
	}
	m.now = transfer{first: m.engine.Snapshot().Phase == client.Welcome, stop: new(atomic.Bool)}
	m.now.Kind, m.now.On = kind, true
	ctx, stop := m.ctx, m.now.stop
	ctx.Async(func() {
		<-time.After(painted)
		reply, err := work(stop)
		ctx.Dispatch(func(app.Context) {
			m.now = transfer{}
			m.now.Kind, m.now.Err = kind, err
			switch {
			case stop.Load():
				m.now.Kind, m.now.Err = view.NoTransfer, nil
			case err == nil:
				m.now.Said = said(reply)
			}
		})
	})
}

// named keeps how the engine calls it. Stop may have been pressed before.
func (m *moves) named(run uint64) {
	m.ctx.Dispatch(func(app.Context) {
		if m.now.run = run; m.now.stop.Load() {
			m.halt()
		}
	})
}

// at shows how far it is.
func (m *moves) at(done, total int64) {
	m.ctx.Dispatch(func(app.Context) { m.now.Done, m.now.Total = done, total })
}

// export writes a file and gives it to the browser.
func (m *moves) export(passphrase string) {
	sink := m.host.Sink()
	m.begin(view.Exporting, func(stop *atomic.Bool) (client.BackupReply, error) {
		r, err := m.engine.Backup(client.BackupOrder{Verb: client.ExportBegin, Passphrase: passphrase})
		for m.named(r.Run); err == nil && !r.Done && !stop.Load(); {
			if r, err = m.engine.Backup(client.BackupOrder{Verb: client.ExportNext, Run: r.Run}); err == nil {
				sink.Write(r.Piece)
				m.at(int64(r.Messages), int64(r.Total))
			}
		}
		if err == nil && !stop.Load() {
			sink.Save("tandem.backup")
		}
		return r, err
	}, view.Exported)
}

// take reads a file twice: to its end, and then into the account.
func (m *moves) take(box, passphrase string) {
	source, err := m.host.Source(box)
	if err != nil {
		m.now = transfer{}
		m.now.Kind, m.now.Err = view.Importing, err
		return
	}
	m.begin(view.Importing, func(stop *atomic.Bool) (r client.BackupReply, err error) {
		r, err = m.engine.Backup(client.BackupOrder{Verb: client.ImportBegin, Passphrase: passphrase})
		run := r.Run
		m.named(run)
		for pass := int64(0); pass < 2 && err == nil; pass++ {
			for at := int64(0); err == nil && !stop.Load(); at += filePiece {
				var piece []byte
				if at < source.Size() {
					if piece, err = source.Read(context.Background(), at, filePiece); err != nil {
						_, _ = m.engine.Backup(client.BackupOrder{Verb: client.BackupStop, Run: run}) // the file cannot be read on
						return r, err
					}
				}
				r, err = m.engine.Backup(client.BackupOrder{Verb: client.ImportPiece, Run: run, Piece: piece})
				m.at(pass*source.Size()+at, 2*source.Size())
				if len(piece) == 0 {
					break
				}
			}
		}
		return r, err
	}, view.Imported)
}

// cancel ends what is under way; what an import has brought stays.
func (m *moves) cancel() {
	if !m.now.On {
		return
	}
	m.now.stop.Store(true)
	m.halt()
}

// halt tells the engine, if it has begun: until then it is told later (named).
func (m *moves) halt() {
	if m.now.run == 0 {
		return
	}
	order := client.BackupOrder{Verb: client.BackupStop, Run: m.now.run}
	m.ctx.Async(func() { _, _ = m.engine.Backup(order) }) // or it has ended by itself
}
