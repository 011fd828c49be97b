// Package jsonnet has the names by which Argo CD calls Jsonnet, and refuses to evaluate anything. No application here is
// written in Jsonnet, and its standard library alone takes the compiler longer than all of Argo CD's own API.
package jsonnet

import "errors"

var errLeftOut = errors.New("this Argo CD is compiled without Jsonnet: see scripts/toolbox/argocd/left-out")

// Contents is what an import gives.
type Contents struct{}

// Importer finds what is imported.
type Importer interface {
	Import(importedFrom, importedPath string) (Contents, string, error)
}

// FileImporter would look for imports in JPaths.
type FileImporter struct{ JPaths []string }

// Import refuses.
func (*FileImporter) Import(_, _ string) (Contents, string, error) { return Contents{}, "", errLeftOut }

// VM would evaluate files.
type VM struct{}

// MakeVM returns a VM that refuses to evaluate anything.
func MakeVM() *VM { return &VM{} }

// Importer sets nothing.
func (*VM) Importer(Importer) {}

// TLACode sets nothing.
func (*VM) TLACode(_, _ string) {}

// TLAVar sets nothing.
func (*VM) TLAVar(_, _ string) {}

// ExtCode sets nothing.
func (*VM) ExtCode(_, _ string) {}

// ExtVar sets nothing.
func (*VM) ExtVar(_, _ string) {}

// EvaluateFile refuses.
func (*VM) EvaluateFile(string) (string, error) { return "", errLeftOut }

// Version is what Argo CD's API shows for Jsonnet.
func Version() string { return "left out" }
