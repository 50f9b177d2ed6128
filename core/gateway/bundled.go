//go:build !js

package gateway

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
)

// ErrNoBundle: network.json names a list of nodes that is not beside it.
var ErrNoBundle = errors.New("gateway: the list of nodes that network.json names is not beside it; tandem gateway -write-nodes FILE writes one")

// bundled reads the list of nodes that network.json names, from the files beside
// it. Only the profile session has one: for the others, and where there is none,
// name is "". A list that the client would refuse is refused here.
//
// Errors: ErrNetworkFile, ErrNoBundle, ErrNodeFile.
func bundled(network []byte, beside fs.FS) (name string, list []byte, err error) {
	var file struct {
		Profile string          `json:"profile"`
		Bundled json.RawMessage `json:"bundled"`
	}
	if json.Unmarshal(network, &file) != nil {
		return "", nil, ErrNetworkFile
	}
	if file.Profile != "session" || file.Bundled == nil {
		return "", nil, nil
	}
	if json.Unmarshal(file.Bundled, &name) != nil || path.Base(name) != name || path.Ext(name) != ".json" {
		return "", nil, ErrNetworkFile
	}
	if beside == nil {
		return "", nil, ErrNoBundle
	}
	if list, err = fs.ReadFile(beside, name); err != nil {
		return "", nil, fmt.Errorf("%w: %w", ErrNoBundle, err)
	}
	if _, err = ParseNodes(list); err != nil {
		return "", nil, err
	}
	return name, list, nil
}
