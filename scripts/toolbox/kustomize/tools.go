//go:build tools

// Package kustomize names the one program that this module is compiled for, so that `go mod tidy` keeps it.
package kustomize

import _ "sigs.k8s.io/kustomize/kustomize/v5"
