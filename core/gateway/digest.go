//go:build !js

package gateway

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
)

// Digest names the content of a whole site, whatever the machine, the time and
// the place it was built at: the first 128 bits of a hash over all names and
// contents, in hex. It serves as the version that tells a tab of an update.
func Digest(dir fs.FS) (string, error) {
	all := sha256.New()
	// WalkDir goes in lexical order.
	err := fs.WalkDir(dir, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := fs.ReadFile(dir, name)
		if err != nil {
			return err
		}
		fmt.Fprintf(all, "%x %q\n", sha256.Sum256(content), name)
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("gateway: digest: %w", err)
	}
	return hex.EncodeToString(all.Sum(nil)[:16]), nil
}
