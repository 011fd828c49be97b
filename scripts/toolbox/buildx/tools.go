//go:build tools

// Package buildx names the one program that this module is compiled for, so that `go mod tidy` keeps it.
package buildx

import _ "github.com/docker/buildx/cmd/buildx"
