// Command buildx is Docker's buildx without its Kubernetes driver, which nothing here builds with and which is a third
// of the work of compiling it.
package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/docker/buildx/commands"
	"github.com/docker/buildx/version"
	"github.com/docker/cli/cli"
	"github.com/docker/cli/cli-plugins/metadata"
	"github.com/docker/cli/cli-plugins/plugin"
	"github.com/docker/cli/cli/command"
	"github.com/docker/cli/cli/debug"
	"github.com/moby/buildkit/solver/errdefs"
	"go.opentelemetry.io/otel"

	_ "github.com/docker/buildx/driver/docker"
	_ "github.com/docker/buildx/driver/docker-container"
	_ "github.com/docker/buildx/driver/remote"

	// The messages of BuildKit's protocol are made for this codec.
	_ "github.com/moby/buildkit/util/grpcutil/encoding/proto"
)

func main() {
	// An older daemon takes no traces, which is nobody's concern.
	otel.SetErrorHandler(debug.OTELErrorHandler)
	client, err := command.NewDockerCli()
	if err == nil {
		about := metadata.Metadata{SchemaVersion: "0.1.0", Vendor: "Docker Inc.", Version: version.Version}
		err = plugin.RunPlugin(client, commands.NewRootCmd("buildx", true, client), about)
	}
	if err == nil {
		return
	}
	code := 1
	if status := (cli.StatusError{}); errors.As(err, &status) && status.StatusCode != 0 {
		code = status.StatusCode
	}
	// The lines of the Dockerfile that failed.
	for _, source := range errdefs.Sources(err) {
		_ = source.Print(os.Stderr)
	}
	fmt.Fprintf(os.Stderr, "ERROR: %v\n", err)
	os.Exit(code)
}
