// What reads ignore files in BuildKit, at the versions that the toolbox's buildx has.
module slipway/toolbox/ignore

go 1.24.0

require (
	github.com/moby/patternmatcher v0.6.0
	github.com/tonistiigi/fsutil v0.0.0-20250605211040-586307ad452f
)

require (
	github.com/Microsoft/go-winio v0.5.2 // indirect
	github.com/containerd/continuity v0.4.1 // indirect
	github.com/opencontainers/go-digest v1.0.0 // indirect
	github.com/pkg/errors v0.9.1 // indirect
	github.com/planetscale/vtprotobuf v0.6.0 // indirect
	golang.org/x/sync v0.1.0 // indirect
	golang.org/x/sys v0.11.0 // indirect
	google.golang.org/protobuf v1.31.0 // indirect
)
