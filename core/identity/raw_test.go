package identity

// The bytes behind each secret, for tests of this package only.

func (p *pair) raw() []byte       { b := p.expanded(); return b[:] }
func (r *Root) raw() []byte       { b := r.entropy(); return b[:] }
func (d *Device) rawSeed() []byte { b := d.seed(); return b[:] }
func (k ReadingKey) raw() []byte  { b := k.key(); return b[:] }
func (k SnapshotKey) raw() []byte { b := k.key(); return b[:] }
