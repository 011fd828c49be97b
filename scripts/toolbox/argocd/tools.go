//go:build tools

// This file names the programs that are compiled from this module, so that `go mod tidy` keeps them.
package main

import (
	_ "github.com/argoproj/argo-cd/v3/cmd"
	_ "sigs.k8s.io/kustomize/kustomize/v5"
)
