package snapshot

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"tandem/core"
	"tandem/core/identity"
	"tandem/core/wire"
)

// The numbers of PROTOCOL.md §12, which python-cryptography computed too.
func TestVectorPart(t *testing.T) {
	seed := make([]byte, 32)
	for i := range seed {
		seed[i] = 1
	}
	deviceA, err := identity.ParseDevice(seed)
	if err != nil {
		t.Fatal(err)
	}
	id, root := deviceA.ID(), account(t)
	p := Part{Device: id, Epoch: 0x0102030405060708, Written: now, Registers: []Register{
		{Kind: Profile, Value: []byte("Ada"), Time: now, Device: id},
		{Kind: Device, Name: string(id[:]), Value: MarshalFacts(core.Facts{Name: "phone", Platform: "Firefox on Linux"}), Time: now, Device: id},
		{Kind: 9, Name: "x", Time: now, Device: id, Deleted: true},
	}}
	body := p.marshal(root.Account().ID(), deviceA.Ed())
	hash := sha256.Sum256(body)
	for name, c := range map[string][2]string{
		"first register":   {hex.EncodeToString(p.Registers[0].Marshal()), "080112001a034164612080d095ffbc312a21051b1b58dd50ea14b60da17b790cd02754d970c9bab864ebb3c0f3016fe51d3f57"},
		"tombstone":        {hex.EncodeToString(p.Registers[2].Marshal()), "08091201782080d095ffbc312a21051b1b58dd50ea14b60da17b790cd02754d970c9bab864ebb3c0f3016fe51d3f57"},
		"SHA-256 of body":  {hex.EncodeToString(hash[:]), "fbf9c4e54b6c6f263efd74dd15f787cacbc356991900ab61e84e3b29b3cc7112"},
		"signature":        {hex.EncodeToString(wire.SignBody(deviceA, domainPart, body).Signature), "3deb12b16a9a842813cab2074af2eefc6522154e80b428d2fcd2adb3df407a3620b349a239f478fc6ff869b595b6dc1adecc959168fb11c5ae3cd7cb46e94f09"},
		"buckets, depth 8": {hex.EncodeToString([]byte{bucketOf(p.Registers[0].key(), 8), bucketOf(p.Registers[1].key(), 8), bucketOf(p.Registers[2].key(), 8)}), "4bb123"},
		"buckets, depth 1": {hex.EncodeToString([]byte{bucketOf(p.Registers[0].key(), 1), bucketOf(p.Registers[1].key(), 1), bucketOf(p.Registers[2].key(), 1)}), "000100"},
	} {
		if c[0] != c[1] {
			t.Errorf("%s: %s, want %s", name, c[0], c[1])
		}
	}
	if n := len(p.Seal(root.SnapshotKey(p.Epoch), root.Account().ID(), deviceA)); n != 4144 {
		t.Errorf("sealed: %d bytes", n)
	}
}
