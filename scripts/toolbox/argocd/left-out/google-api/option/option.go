// Package option has the names by which Argo CD's notifications configure Google's clients, which are left out.
package option

// ClientOption would set something of a client.
type ClientOption interface{}

// WithCredentialsFile sets nothing.
func WithCredentialsFile(string) ClientOption { return nil }
