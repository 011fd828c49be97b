// Package pubsub has the names by which Argo CD's notifications call Google Pub/Sub, and refuses to connect. Nobody here
// is notified by Argo CD, and Google's client takes a hundred packages to compile.
package pubsub

import (
	"context"
	"errors"

	"google.golang.org/api/option"
	// Google's client brings it along, and Argo CD does not start without it (util/grpc/srvworkaround.go).
	_ "google.golang.org/grpc/balancer/grpclb"
)

var errLeftOut = errors.New("this Argo CD is compiled without Google Pub/Sub: see scripts/toolbox/argocd/left-out")

// Message would be published.
type Message struct {
	Data       []byte
	Attributes map[string]string
}

// Client would be connected.
type Client struct{}

// NewClient refuses.
func NewClient(context.Context, string, ...option.ClientOption) (*Client, error) {
	return nil, errLeftOut
}

// Close does nothing.
func (*Client) Close() error { return nil }

// Topic names where to publish.
func (*Client) Topic(string) *Topic { return &Topic{} }

// Topic would be published to.
type Topic struct{}

// Stop does nothing.
func (*Topic) Stop() {}

// Publish refuses, in its result.
func (*Topic) Publish(context.Context, *Message) *PublishResult { return &PublishResult{} }

// PublishResult says how it went.
type PublishResult struct{}

// Get refuses.
func (*PublishResult) Get(context.Context) (string, error) { return "", errLeftOut }
