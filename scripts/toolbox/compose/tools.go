//go:build tools

// Package compose names the one program that this module is compiled for, so that `go mod tidy` keeps it.
package compose

import _ "github.com/docker/compose/v2/cmd"
