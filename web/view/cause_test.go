package view

import (
	"go/ast"
	"go/parser"
	"go/token"
	"testing"

	"tandem/core"
	"tandem/core/client"
)

func TestEveryCauseHasASentenceOnBothSides(t *testing.T) {
	n := declaredCauses(t)
	if n < 11 {
		t.Fatalf("only %d causes found", n)
	}
	unknown := CauseSentence(client.Cause(200), core.Secondary)
	sentence(t, "a cause of a later version", unknown)
	for c := client.Cause(1); int(c) <= n; c++ {
		for _, me := range []core.Role{core.Primary, core.Secondary} {
			s := CauseSentence(c, me)
			if s == unknown {
				t.Errorf("cause %d has no sentence for the %s", c, me)
			}
			sentence(t, me.String(), s)
		}
	}
	if CauseSentence(client.CauseNone, core.Primary) != "" {
		t.Error("no cause is not silent")
	}
}

// declaredCauses counts the causes of core/client, CauseNone apart.
func declaredCauses(t *testing.T) int {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../../core/client/snapshot.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	n := -1
	ast.Inspect(file, func(node ast.Node) bool {
		if v, ok := node.(*ast.ValueSpec); ok {
			if typ, ok := v.Type.(*ast.Ident); ok && typ.Name == "Cause" {
				n++
			}
		}
		return true
	})
	return n
}
