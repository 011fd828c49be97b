package main

import (
	"errors"
	"time"

	"github.com/spf13/cobra"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apiserver/pkg/endpoints/openapi"
	apiserver "k8s.io/apiserver/pkg/server"
	"k8s.io/apiserver/pkg/server/options"
	"k8s.io/apiserver/pkg/util/compatibility"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/metrics-server/pkg/api"
	definitions "sigs.k8s.io/metrics-server/pkg/api/generated/openapi"
	"sigs.k8s.io/metrics-server/pkg/scraper/client"
	"sigs.k8s.io/metrics-server/pkg/server"
)

// The time that a kubelet is given to answer, as metrics-server's own command has it.
const kubeletTimeout = 10 * time.Second

// newMetricsServerCommand serves metrics-server under the flags of its own command that a node needs. That command's
// package does not compile with this Kubernetes; the server itself does.
func newMetricsServerCommand() *cobra.Command {
	serving := options.NewSecureServingOptions().WithLoopback()
	authentication := options.NewDelegatingAuthenticationOptions()
	authorization := options.NewDelegatingAuthorizationOptions()
	var kubeconfig string
	var resolution time.Duration
	command := &cobra.Command{
		Use:  "metrics-server",
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			invalid := errors.Join(errors.Join(serving.Validate()...), errors.Join(authentication.Validate()...), errors.Join(authorization.Validate()...))
			if invalid == nil && resolution <= kubeletTimeout {
				invalid = errors.New("--metric-resolution must be longer than 10s, the time that a kubelet is given to answer")
			}
			if invalid != nil {
				return invalid
			}
			access, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
			if err != nil {
				return err
			}
			config := apiserver.NewConfig(api.Codecs)
			config.EffectiveVersion = compatibility.DefaultBuildEffectiveVersion()
			config.OpenAPIConfig = apiserver.DefaultOpenAPIConfig(definitions.GetOpenAPIDefinitions, openapi.NewDefinitionNamer(api.Scheme))
			config.OpenAPIV3Config = apiserver.DefaultOpenAPIV3Config(definitions.GetOpenAPIDefinitions, openapi.NewDefinitionNamer(api.Scheme))
			if err := serving.MaybeDefaultWithSelfSignedCerts("localhost", nil, nil); err != nil {
				return err
			}
			if err := serving.ApplyTo(&config.SecureServing, &config.LoopbackClientConfig); err != nil {
				return err
			}
			if err := authentication.ApplyTo(&config.Authentication, config.SecureServing, config.OpenAPIConfig); err != nil {
				return err
			}
			if err := authorization.ApplyTo(&config.Authorization); err != nil {
				return err
			}
			metrics, err := server.Config{
				Apiserver: config,
				Rest:      access,
				Kubelet: &client.KubeletClientConfig{
					Client:              *rest.CopyConfig(access),
					AddressTypePriority: []corev1.NodeAddressType{corev1.NodeInternalIP},
					Scheme:              "https",
					UseNodeStatusPort:   true,
				},
				MetricResolution: resolution,
				ScrapeTimeout:    kubeletTimeout,
			}.Complete()
			if err != nil {
				return err
			}
			return metrics.RunUntil(apiserver.SetupSignalHandler())
		},
	}
	flags := command.Flags()
	flags.StringVar(&kubeconfig, "kubeconfig", "", "how to reach the Kubernetes API and the kubelets; the Pod's own way when empty")
	flags.DurationVar(&resolution, "metric-resolution", 15*time.Second, "the time between two measurements")
	serving.AddFlags(flags)
	authentication.AddFlags(flags)
	authorization.AddFlags(flags)
	return command
}
