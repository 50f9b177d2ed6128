package friends

import (
	"tandem/core"
	"tandem/core/wire"
)

// State of a request. For one id the greater one is true, whatever the times:
// core/snapshot goes by the first byte of a record.
type State uint8

// States. Expired is never written: a pending request that is too old is it.
const (
	Pending  State = 1
	Expired  State = 2
	Declined State = 3
	Accepted State = 4
)

// Record is what the devices of an account agree on about a request.
type Record struct {
	State   State
	Account core.ID // the other one
	Out     bool    // it was asked; otherwise it asks
	Created core.Millis
}

// At is the state that the record has by now.
func (r Record) At(now core.Millis) State {
	if r.State == Pending && now >= r.Created+Expiry {
		return Expired
	}
	return r.State
}

// Marshal writes state (1 byte) ‖ {1 account, 2 out, 3 created}.
func (r Record) Marshal() []byte {
	out := wire.AppendBytes([]byte{byte(r.State)}, 1, r.Account[:])
	var way uint64
	if r.Out {
		way = 1
	}
	out = wire.AppendUint(out, 2, way)
	return wire.AppendUint(out, 3, uint64(r.Created))
}

// ParseRecord reads what Marshal wrote. Error: ErrRecord.
func ParseRecord(b []byte) (Record, error) {
	if len(b) == 0 || b[0] < byte(Pending) || b[0] > byte(Accepted) {
		return Record{}, ErrRecord
	}
	var (
		r            = Record{State: State(b[0])}
		m            wire.Message
		way, created uint64
	)
	err := wire.Fields(b[1:], func(f wire.Field) error {
		switch f.Number {
		case 1:
			return readID(&m, f, &r.Account)
		case 2:
			return m.Uint(f, &way, 1)
		case 3:
			return m.Uint(f, &created, maxTime)
		}
		return nil
	})
	if err != nil || !hasAll(&m, 3) {
		return Record{}, ErrRecord
	}
	r.Out, r.Created = way == 1, core.Millis(created)
	return r, nil
}
