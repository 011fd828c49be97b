//go:build tools

// This file names the program that is compiled from this module beside its own, so that `go mod tidy` keeps it.
package main

import (
	_ "go.etcd.io/etcd/server/v3"
)
